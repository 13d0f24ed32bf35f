// The operations of the adapter protocol on an implementation; one of two sources of reference/ that know JSON.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/adapter_serve.hpp"

#include "reference/amps/uri.hpp"
#include "reference/peer/adapter_frame.hpp"
#include "reference/peer/bulk_transfer.hpp"
#include "reference/peer/escaped.hpp"
#include "reference/peer/implementation.hpp"
#include "reference/peer/tcp_link.hpp"
#include "reference/peer/value_json.hpp"
#include "reference/wire/hex.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ampspec::peer {

namespace asio = boost::asio;
using asio::ip::tcp;
using behaviour::plain_box;
using boost::system::error_code;
using nlohmann::json;

namespace {

/// Octets up to this size are told as hexadecimal text, others in the blob.
constexpr std::size_t largest_hex = 1024;

/// A request for something that we do not have.
struct lacking {
  std::string what;
};

/// A request that does not keep to the protocol: answered by `fault`.
struct bad_request : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a frame in the making refers to.
class writer {
 public:
  json octets(std::string_view bytes) {
    if (bytes.size() <= largest_hex) return wire::to_hex(bytes);
    const auto at = blob_.size();
    blob_ += bytes;
    return {{"at", at}, {"len", bytes.size()}};
  }
  json box(const plain_box& pairs) {
    auto out = json::array();
    for (const auto& [key, value] : pairs) out.push_back(json::array({octets(key), octets(value)}));
    return out;
  }
  const std::string& blob() const { return blob_; }

 private:
  std::string blob_;
};

class reader {
 public:
  explicit reader(const adapter_frame& frame) : request_(json::parse(frame.json, nullptr, false)), blob_(frame.blob) {}

  /// False if the frame holds no request at all.
  bool is_request() const {
    return request_.is_object() && request_.contains("n") && request_["n"].is_number_unsigned() &&
           request_.contains("op") && request_["op"].is_string();
  }
  const json& at(const char* name) const {
    const auto found = request_.find(name);
    if (found == request_.end()) throw bad_request(std::string("the request has no '") + name + "'");
    return *found;
  }
  bool has(const char* name) const { return request_.contains(name); }

  std::string text(const char* name) const {
    const auto& value = at(name);
    if (!value.is_string()) throw bad_request(std::string("'") + name + "' is no text");
    return value.get<std::string>();
  }
  std::uint64_t number(const char* name) const { return number(at(name), name); }
  static std::uint64_t number(const json& value, const char* name) {
    if (!value.is_number_unsigned()) throw bad_request(std::string("'") + name + "' is no number");
    return value.get<std::uint64_t>();
  }
  std::string octets(const json& value) const {
    if (value.is_string()) {
      auto bytes = wire::from_hex(value.get_ref<const std::string&>());
      if (!bytes) throw bad_request("octets are no hexadecimal text");
      return std::move(*bytes);
    }
    if (!value.is_object() || !value.contains("at") || !value.contains("len")) {
      throw bad_request("octets are neither text nor a part of the blob");
    }
    const auto offset = number(value["at"], "at"), size = number(value["len"], "len");
    if (offset > blob_.size() || size > blob_.size() - offset) throw bad_request("octets lie outside the blob");
    return blob_.substr(offset, size);
  }
  plain_box box(const json& value) const {
    if (!value.is_array()) throw bad_request("a box is no array");
    plain_box box;
    for (const auto& pair : value) {
      if (!pair.is_array() || pair.size() != 2) throw bad_request("a pair of a box is no array of two");
      box.emplace_back(octets(pair[0]), octets(pair[1]));
    }
    return box;
  }

 private:
  json request_;
  const std::string& blob_;
};

/// The pieces in which `feed` hands octets over.
std::vector<std::string_view> pieces_of(std::string_view bytes, const reader& request) {
  std::vector<std::string_view> pieces;
  const auto cut = [&](std::uint64_t size) {
    if (size > bytes.size()) throw bad_request("the chunks are longer than the octets");
    pieces.push_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  };
  if (request.has("every")) {
    const auto every = request.number("every");
    if (every == 0) throw bad_request("'every' is zero");
    while (!bytes.empty()) cut(std::min<std::uint64_t>(every, bytes.size()));
    return pieces;
  }
  const auto& chunks = request.at("chunks");
  if (!chunks.is_array()) throw bad_request("'chunks' is no array");
  for (const auto& size : chunks) cut(reader::number(size, "chunks"));
  if (!bytes.empty()) pieces.push_back(bytes);
  return pieces;
}

class adapter {
 public:
  adapter(implementation& shown, int in, int out) : shown_(shown), in_(io_, in), out_(io_, out) {}

  int run() {
    read_more();
    io_.run();
    return exit_code_;
  }

 private:
  // --- frames ---

  void read_more() {
    in_.async_read_some(asio::buffer(bytes_), [this](const error_code& failed, std::size_t count) {
      if (failed) {
        if (frames_.pending()) complain("the input ended inside a frame");
        return finish();
      }
      frames_.feed({bytes_.data(), count});
      while (!finishing_) {
        const auto frame = frames_.next();
        if (!frame) break;
        take(*frame);
      }
      if (frames_.status() != adapter_frame_reader::state::reading) {
        complain(frames_.error());
        return finish();
      }
      if (!finishing_) read_more();
    });
  }

  void write(const json& object, const writer& with) {
    const auto text = object.dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() + with.blob().size() > max_frame_) {
      if (!object.contains("n")) return complain("an event is above max_frame");
      append_frame(waiting_, json{{"n", object["n"]}, {"fault", "the answer is above max_frame"}}.dump());
    } else {
      append_frame(waiting_, text, with.blob());
    }
    flush();
  }

  void flush() {
    if (writing_ || waiting_.empty()) return;
    writing_ = true;
    written_.swap(waiting_);
    waiting_.clear();
    asio::async_write(out_, asio::buffer(written_), [this](const error_code& failed, std::size_t) {
      writing_ = false;
      if (failed) return io_.stop();
      flush();
      if (finishing_ && !writing_) io_.stop();
    });
  }

  void complain(const std::string& text) {
    std::cerr << "ampspec adapter: " << text << '\n';
    exit_code_ = 3;
  }

  /// Stops once everything is written.
  void finish() {
    finishing_ = true;
    drop_connection();
    if (!writing_) io_.stop();
  }

  // --- requests ---

  void take(const adapter_frame& frame) {
    const reader request(frame);
    if (!request.is_request()) {
      complain("not a request: " + escaped(std::string_view(frame.json).substr(0, 80)));
      return finish();
    }
    const auto number = request.number("n");
    writer with;
    json answer;
    try {
      answer = perform(request.text("op"), request, with);
    } catch (const lacking& it) {
      answer = {{"unsupported", it.what}};
    } catch (const bad_request& why) {
      answer = {{"fault", why.what()}};
    }
    answer["n"] = number;
    write(answer, with);
    if (const auto then = std::exchange(afterwards_, {})) then();
  }

  json perform(const std::string& op, const reader& request, writer& with) {
    if (op == "hello") return hello(request);
    if (op == "decode" || op == "feed") {
      const auto as = protocol_of(request);
      const auto bytes = request.octets(request.at("bytes"));
      return decode(as, op == "feed" ? pieces_of(bytes, request) : std::vector<std::string_view>{bytes}, with);
    }
    if (op == "encode") {
      return encode(protocol_of(request), request.box(request.at("box")), with);
    }
    if (op == "parse_value" || op == "print_value" || op == "parse_arguments" || op == "print_arguments") {
      protocol_of(request);
      try {
        return typed(op, request, with);
      } catch (const std::invalid_argument& wrong) {
        throw bad_request(wrong.what());
      } catch (const json::exception& wrong) {
        throw bad_request(wrong.what());
      }
    }
    if (op == "connect") {
      const auto as = protocol_of(request);
      return is_amps(as) ? connect_amps(request) : connect(as, request.text("uri"));
    }
    if (op == "call") {
      prepare_call(request);
      return {{"ok", true}};
    }
    if (op == "send_box") {
      prepare_send(request);
      return {{"ok", true}};
    }
    if (op == "start_tls" || op == "switch") {
      prepare_change(op, request);
      return {{"ok", true}};
    }
    if (op == "stream_write") {
      prepare_stream(request);
      return {{"ok", true}};
    }
    if (op == "transfer") {
      prepare_transfer(request);
      return {{"ok", true}};
    }
    if (op == "disconnect") {
      disconnect();
      return {{"ok", true}};
    }
    if (op == "reset") {
      drop_connection();
      return {{"ok", true}};
    }
    if (op == "bye") {
      afterwards_ = [this] { finish(); };
      return {{"ok", true}};
    }
    return {{"unsupported", op}};
  }

  static wire_protocol protocol_of(const reader& request) {
    const auto named = wire_protocol_named(request.text("protocol"));
    if (!named) throw lacking{request.text("protocol")};
    return *named;
  }

  json hello(const reader& request) {
    if (request.has("max_frame")) {
      max_frame_ = request.number("max_frame");
      frames_.limit(max_frame_);
    }
    return {{"ok", "ready"},
            {"name", shown_.name()},
            {"version", AMPSPEC_VERSION},
            {"ops",
             {"hello", "decode", "feed", "encode", "parse_value", "print_value", "parse_arguments", "print_arguments",
              "connect", "call", "send_box", "start_tls", "switch", "stream_write", "transfer", "disconnect", "reset",
              "bye"}},
            {"supports", shown_.supports()},
            {"api", 1}};
  }

  // --- codec ---

  static json refusal(const rejection& why) {
    json out = {{"class", why.word}};
    if (why.offset) out["offset"] = *why.offset;
    if (!why.text.empty()) out["text"] = why.text;
    return out;
  }

  json decode(wire_protocol as, const std::vector<std::string_view>& pieces, writer& with) {
    const auto done = shown_.decode(as, pieces);
    auto boxes = json::array();
    for (const auto& box : done.boxes) boxes.push_back(with.box(box));
    if (done.refused) return {{"reject", refusal(*done.refused)}, {"boxes", std::move(boxes)}};
    return {{"ok", true}, {"boxes", std::move(boxes)}, {"end", done.incomplete ? "incomplete" : "clean"}};
  }

  json encode(wire_protocol as, const plain_box& box, writer& with) {
    const auto done = shown_.encode(as, box);
    if (done.refused) return {{"reject", refusal(*done.refused)}};
    return {{"ok", true}, {"bytes", with.octets(done.bytes)}};
  }

  // --- typed values ---

  json typed(const std::string& op, const reader& request, writer& with) {
    const auto take = [&](const json& octets) { return request.octets(octets); };
    const auto put = [&](std::string_view octets) { return with.octets(octets); };
    const auto told = [](const auto& done, const char* name, auto tell) -> json {
      if (!done.lacks.empty()) return {{"unsupported", done.lacks}};
      if (done.refused) return {{"reject", refusal(*done.refused)}};
      return {{"ok", true}, {name, tell(done.is)}};
    };
    if (op == "parse_value" || op == "print_value") {
      const auto type = type_from_json(request.at("type"), take);
      if (op == "parse_value") {
        return told(shown_.parse(type, take(request.at("bytes"))), "value",
                    [&](const auto& v) { return to_json(type, v, put); });
      }
      return told(shown_.print(protocol_of(request), type, value_from_json(type, request.at("value"), take)), "bytes",
                  put);
    }
    const auto schema = schema_from_json(request.at("schema"), take);
    if (op == "parse_arguments") {
      return told(shown_.parse(schema, request.box(request.at("box"))), "value",
                  [&](const auto& v) { return to_json(schema, v, put); });
    }
    const auto record = record_from_json(schema, request.at("value"), take);
    return told(shown_.print(protocol_of(request), schema, record), "box",
                [&](const auto& box) { return with.box(box); });
  }

  // --- client ---

  json connect(wire_protocol as, const std::string& uri) {
    std::string why;
    const auto where = endpoint_of(uri, why);
    if (!where) throw bad_request(why);
    drop_connection();
    talk_ = shown_.converse(as);
    dial(*where);
    return {{"ok", true}};
  }

  json connect_amps(const reader& request) {
    const auto uri = amps::parse_uri(request.text("uri"));
    if (!uri) throw bad_request("'uri' is no AMPS URI");
    const bool websocket = uri->transport == "ws" || uri->transport == "wss";
    if (!websocket && uri->transport != "tcp" && uri->transport != "tcps") throw lacking{uri->transport};
    std::string why;
    const auto where = endpoint_of("tcp://" + uri->host + ":" + std::to_string(uri->port), why);
    if (!where) throw bad_request(why);
    const auto flag = [&](const char* name) {
      if (!request.has(name)) return false;
      if (!request.at(name).is_boolean()) throw bad_request(std::string("'") + name + "' is neither true nor false");
      return request.at(name).get<bool>();
    };
    client_setup setup;
    setup.name = request.text("client_name");
    setup.user = uri->user.value_or("");
    setup.password = uri->password.value_or("");
    setup.store = flag("store");
    setup.reconnects = flag("reconnect");
    setup.secure = uri->transport == "tcps" || uri->transport == "wss";
    drop_connection();
    if (websocket) {
      setup.websocket = {uri->host + ":" + std::to_string(uri->port), path_of(request.text("uri")), &io_, [this] {
                           asio::post(io_, [this] {
                             if (link_) link_->flush();
                             if (talk_) tell_ends();
                           });
                         }};
    }
    talk_ = shown_.amps_client(setup);
    dial(*where);
    return {{"ok", true}};
  }

  /// What stands behind the authority.
  static std::string path_of(const std::string& uri) {
    const auto authority = uri.find("://") + 3;
    const auto slash = uri.find('/', std::min(uri.size(), authority));
    return slash == uri.npos ? "/" : uri.substr(slash);
  }

  void dial(const tcp::endpoint& where) {
    place_ = where;
    connecting_ = true;
    const auto socket = std::make_shared<tcp::socket>(io_);
    // By number, so that a connection that was dropped meanwhile tells nothing any more.
    socket->async_connect(where, [this, socket, mine = connection_](const error_code& failed) {
      if (mine != connection_) return;
      if (!failed) {
        write({{"event", "connected"}}, {});
        link_ = std::make_shared<tcp_link>(std::move(*socket), talk_, tls_side::client, [this, mine] {
          if (mine == connection_) tell_ends();
        });
        link_->start();
      }
      end_connecting();
    });
  }

  /// With a link, or without: then there is no connection and never will be.
  void end_connecting() {
    connecting_ = false;
    if (!link_) talk_->lost();
    for (const auto& begin : std::exchange(waiting_calls_, {})) begin();
    tell_ends();
  }

  void disconnect() {
    if (link_) {
      link_->close();
    } else if (connecting_) {
      ++connection_;
      end_connecting();
    }
  }

  void prepare_call(const reader& request) {
    if (!talk_) throw bad_request("not connected");
    const auto& ask = request.at("ask");
    if (!ask.is_boolean()) throw bad_request("'ask' is neither true nor false");
    begin([this, number = request.number("n"), command = request.octets(request.at("command")),
           box = request.box(request.at("box")), asks = ask.get<bool>()] { talk_->call(number, command, box, asks); });
  }

  void prepare_send(const reader& request) {
    if (!talk_) throw bad_request("not connected");
    begin([this, number = request.number("n"), box = request.box(request.at("box"))] { talk_->send_box(number, box); });
  }

  void prepare_change(const std::string& op, const reader& request) {
    if (!talk_) throw bad_request("not connected");
    const auto number = request.number("n");
    if (op == "start_tls") return begin([this, number] { talk_->start_tls(number); });
    begin([this, number, command = request.octets(request.at("command")), box = request.box(request.at("box"))] {
      talk_->call_switch(number, command, box);
    });
  }

  void prepare_stream(const reader& request) {
    if (!talk_) throw bad_request("not connected");
    behaviour::stream_order order{request.octets(request.at("pattern")), request.number("size"),
                                  request.has("window") ? request.number("window") : 1, request.text("end")};
    if (order.size > 0 && order.pattern.empty()) throw bad_request("'pattern' is empty");
    if (order.end != "leave" && order.end != "close" && order.end != "abort") {
      throw bad_request("'end' is neither leave nor close nor abort");
    }
    begin([this, number = request.number("n"), order = std::move(order)] { talk_->write_stream(number, order); });
  }

  void prepare_transfer(const reader& request) {
    if (!talk_) throw bad_request("not connected");
    const auto direction = request.text("direction");
    if (direction != "upload" && direction != "download") throw bad_request("unknown direction " + direction);
    const auto way = direction == "upload" ? bulk::direction::upload : bulk::direction::download;
    bulk::octet_source body;
    if (request.has("body")) {
      const auto octets = std::make_shared<const std::string>(request.octets(request.at("body")));
      body = {octets->size(), [octets](std::uint64_t at, std::span<char> out) {
                std::copy_n(octets->data() + at, out.size(), out.data());
              }};
    }
    const auto number = request.number("n");
    transfers_.insert_or_assign(
        number, std::make_shared<bulk_transfer>(number, shown_.transfer(way), way,
                                                request.octets(request.at("resource")), std::move(body)));
    trusted_ = request.has("trust") ? request.text("trust") : std::string();
    begin([this, number] { talk_->call(number, "BulkOpen", transfers_.at(number)->arguments(), true); });
  }

  // Makes the connections that a transfer asks for, and tells its end.
  void advance(const std::shared_ptr<bulk_transfer>& transfer) {
    transfer->look();
    if (const auto request = transfer->next_request()) {
      request->trust(trusted_);
      std::string why;
      const auto& where = request->wanted().where;
      const auto place = endpoint_of("tcp://" + where.authority(), why);
      if (!place) {
        transfer->not_connected(why);
      } else {
        dial(transfer, request, *place);
      }
    }
    if (const auto end = transfer->next_end()) tell_end(*end);
  }

  void dial(const std::shared_ptr<bulk_transfer>& transfer, const std::shared_ptr<http_request>& request,
            const tcp::endpoint& place) {
    const auto socket = std::make_shared<tcp::socket>(io_);
    socket->async_connect(place, [=, this, mine = connection_](const error_code& failed) {
      if (mine != connection_) return;
      if (failed) {
        transfer->not_connected(failed.message());
        return advance(transfer);
      }
      std::make_shared<tcp_link>(std::move(*socket), request, tls_side::client, [=, this] {
        if (mine == connection_) advance(transfer);
      })->start();
    });
  }

  // Once the op has been answered and the connection is made.
  void begin(std::function<void()> call) {
    auto begin = [this, call = std::move(call)] {
      call();
      if (link_) link_->flush();
      tell_ends();
    };
    if (connecting_) {
      waiting_calls_.push_back(std::move(begin));
    } else {
      afterwards_ = std::move(begin);
    }
  }

  /// A server that is silent for longer than the client bears it (AMPS-HB-007).
  void watch_silence() {
    auto* const who = dynamic_cast<impatient*>(talk_.get());
    const auto bears = who != nullptr && link_ ? who->patience() : std::nullopt;
    if (!bears) {
      if (std::exchange(watching_, false)) silence_.cancel();
      return;
    }
    if (watching_ && who->heard() == heard_) return;
    watching_ = true;
    heard_ = who->heard();
    silence_.expires_after(*bears);
    silence_.async_wait([this, mine = connection_](const error_code& cancelled) {
      if (cancelled || mine != connection_ || !link_) return;
      watching_ = false;
      dynamic_cast<impatient&>(*talk_).ran_out();
      link_->flush();
      tell_ends();
    });
  }

  void tell_ends() {
    watch_silence();
    while (const auto end = talk_->next_end()) {
      const auto opens = transfers_.find(end->number);
      if (opens == transfers_.end()) {
        tell_end(*end);
        continue;
      }
      opens->second->opened(*end);
      advance(opens->second);
    }
    const bool is_over = !connecting_ && (!link_ || link_->over());
    // A client that reconnects does so where it was connected, as long as somebody listens there.
    if (is_over && link_ && !told_closed_) {
      if (const auto next = talk_->again()) {
        ++connection_;
        link_.reset();
        talk_ = next;
        return dial(place_);
      }
    }
    if (is_over && !std::exchange(told_closed_, true)) write({{"event", "closed"}}, {});
  }

  void tell_end(const behaviour::call_end& end) {
    writer with;
    if (end.how == "message") {
      return write({{"event", "message"}, {"call", end.number}, {"box", with.box(end.box)}}, with);
    }
    if (end.how == "unwritten") {
      const auto reason = with.octets(end.code.value_or(""));
      return write({{"event", "unwritten"}, {"sequence", end.number}, {"reason", reason}, {"box", with.box(end.box)}},
                   with);
    }
    json event = {{"event", "ended"}, {"call", end.number}, {"how", end.how}};
    if (!end.kind.empty()) event["kind"] = end.kind;
    if (end.how == "answer") event["box"] = with.box(end.box);
    if (end.code) event["code"] = with.octets(*end.code);
    if (end.description) event["description"] = with.octets(*end.description);
    if (!end.text.empty()) event["text"] = end.text;
    write(event, with);
  }

  void drop_connection() {
    ++connection_;
    watching_ = false;
    silence_.cancel();
    if (link_) link_->close();
    link_.reset();
    talk_.reset();
    transfers_.clear();
    waiting_calls_.clear();
    connecting_ = told_closed_ = false;
  }

  implementation& shown_;
  asio::io_context io_{1};
  asio::posix::stream_descriptor in_, out_;
  std::vector<char> bytes_ = std::vector<char>(65536);
  adapter_frame_reader frames_;
  std::uint64_t max_frame_ = default_max_frame;
  std::string waiting_, written_;
  bool writing_ = false, finishing_ = false;
  std::function<void()> afterwards_;  ///< to be done behind the answer in hand
  int exit_code_ = 0;

  std::shared_ptr<behaviour::asking_conversation> talk_;  ///< null: never connected, or forgotten
  std::shared_ptr<tcp_link> link_;
  std::uint64_t connection_ = 0;  ///< number of the one whose events count
  bool connecting_ = false, told_closed_ = false;
  asio::steady_timer silence_{io_};  ///< runs while the server is silent and that has an end
  bool watching_ = false;
  std::uint64_t heard_ = 0;
  tcp::endpoint place_;                                                ///< where it is, or was
  std::map<std::uint64_t, std::shared_ptr<bulk_transfer>> transfers_;  ///< by the number of the op
  std::string trusted_;                                                ///< certificates (PEM) for their connections
  std::vector<std::function<void()>> waiting_calls_;
};

}  // namespace

int run_adapter_serve(const adapter_options& options, int in, int out) {
  std::string why;
  const auto shown = make_implementation(options.naive, options.fault, why, options.max_box);
  if (!shown) {
    std::cerr << "ampspec adapter: " << why << '\n';
    ::close(in);
    ::close(out);
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  return adapter(*shown, in, out).run();
}

int run_adapter_serve(const adapter_options& options) {
  const char* uri = std::getenv("AMPSPEC_ADAPTER");
  if (uri == nullptr || *uri == '\0') return run_adapter_serve(options, STDIN_FILENO, STDOUT_FILENO);
  std::string why;
  const auto where = endpoint_of(uri, why);
  asio::io_context io;
  tcp::socket socket(io);
  error_code failed;
  if (where) {
    socket.connect(*where, failed);
    if (failed) why = "cannot connect to " + std::string(uri) + ": " + failed.message();
  }
  if (!why.empty()) {
    std::cerr << "ampspec adapter: AMPSPEC_ADAPTER: " << why << '\n';
    return 3;
  }
  socket.set_option(tcp::no_delay(true), failed);
  const int in = socket.release();
  return run_adapter_serve(options, in, ::dup(in));
}

}  // namespace ampspec::peer
