// The server's side of Beast's WebSocket, which takes what `receive` and `output` lend for its connection.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/ws_conversation.hpp"

#include "reference/amp/utf8.hpp"
#include "reference/amps/header_scanner.hpp"
#include "reference/amps/ws_grouping.hpp"
#include "reference/peer/escaped.hpp"
#include "reference/peer/lent_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::peer {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {

constexpr std::size_t largest_head = 16 * 1024;
constexpr std::size_t read_at_once = 65536;
/// The message type that a path ending in `/amps/TYPE` names (AMPS-WS-002); nothing if it ends otherwise.
std::optional<std::string_view> message_type_of(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  const auto last = path.rfind('/');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const auto before = path.rfind('/', last - 1);
  if (before == std::string_view::npos) return std::nullopt;
  if (!beast::iequals(path.substr(before + 1, last - before - 1), "amps")) return std::nullopt;
  return path.substr(last + 1);
}

}  // namespace

class ws_conversation::engine : public std::enable_shared_from_this<engine> {
 public:
  engine(asio::io_context& io, surroundings around)
      : around_(std::move(around)),
        socket_(io.get_executor(),
                [this] {
                  if (inside_ == 0 && around_.wake) around_.wake();
                }),
        commands_({.max_message = around_.max_message}),
        piece_(read_at_once) {
    socket_.auto_fragment(false);  // AMPS-WS-016
    // Nobody is hurried: the broker has timers of its own.
    socket_.set_option(
        websocket::stream_base::timeout{websocket::stream_base::none(), websocket::stream_base::none(), false});
    socket_.set_option(websocket::stream_base::decorator(
        [](websocket::response_type& answer) { answer.set(http::field::server, "ampspec"); }));
    say('-', "connected");
  }

  void receive(std::string_view bytes) {
    const within here(inside_);
    if (!has_request_) return read_request(bytes);
    socket_.next_layer().lend(bytes);
    go_on();
  }

  void finish() {
    say('<', "end of stream");
    leave();
  }
  void lost() {
    say('-', "closed");
    leave();
  }

  std::string_view output() const {
    if (!refusal_.empty()) return refusal_;
    return is_over() ? std::string_view() : socket_.next_layer().output();
  }
  void sent(std::size_t count) {
    const within here(inside_);
    if (!refusal_.empty()) {
      refusal_.erase(0, count);
      return;
    }
    if (is_over()) return;
    if (endpoint_) endpoint_->progressed();
    socket_.next_layer().sent(count);
    go_on();
  }

  bool wants_input() const { return !is_over() && (!has_request_ || socket_.next_layer().reads()); }
  bool wants_close() const {
    return is_refused_ || is_over() || socket_.next_layer().torn_down() || (is_closing_ && !socket_.is_open());
  }

  void resume() {
    const within here(inside_);
    go_on();
  }

 private:
  void say(char sign, std::string_view text) {
    if (around_.narrator) around_.narrator->say(sign, text);
  }

  /// Nothing can be said or heard any more. A message of which a part is written and whose rest the broker has dropped
  /// cannot be ended.
  bool is_over() const { return is_gone_ || (in_flight_ != nullptr && endpoint_->front() != in_flight_); }

  // --- the upgrade ---
  void read_request(std::string_view bytes) {
    if (is_refused_) return;
    head_ += bytes;
    if (head_.find("\r\n\r\n") == std::string::npos) {
      if (head_.size() > largest_head) refuse(http::status::bad_request);
      return;
    }
    http::request_parser<http::empty_body> parser;
    parser.skip(true);
    parser.header_limit(largest_head);
    error_code failed;
    const auto used = parser.put(asio::buffer(head_), failed);
    if (failed || !parser.is_header_done()) return refuse(http::status::bad_request);
    request_ = parser.release();
    say('<', escaped(request_.method_string()) + " " + escaped(request_.target()));
    const auto type = message_type_of(request_.target());
    if (!type || !around_.knows(*type)) return refuse(http::status::not_found);  // AMPS-WS-028
    type_ = *type;
    if (!websocket::is_upgrade(request_) || request_[http::field::sec_websocket_version] != "13") {
      return refuse(http::status::bad_request);
    }
    has_request_ = true;
    socket_.next_layer().lend(std::string_view(head_).substr(used));
    // AMPS-WS-001: neither subprotocol nor extension; what else is wrong Beast answers 400.
    socket_.async_accept(request_, [weak = weak_from_this()](const error_code& wrong) {
      if (const auto self = weak.lock()) self->accepted(wrong);
    });
  }

  void refuse(http::status status) {
    is_refused_ = true;
    refusal_ = "HTTP/1.1 " + std::to_string(static_cast<unsigned>(status)) + " " +
               std::string(http::obsolete_reason(status)) + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    say('>', "no upgrade: " + std::to_string(static_cast<unsigned>(status)));
  }

  void accepted(const error_code& wrong) {
    if (wrong) {
      say('-', "no upgrade: " + wrong.message());
      is_refused_ = true;
      return;
    }
    endpoint_ = around_.connect(type_);
    go_on();
  }

  // --- reading ---
  void go_on() {
    if (endpoint_ && !is_over()) {
      if (waiting_ && !endpoint_->must_wait(waiting_->header)) {
        const auto command = *std::exchange(waiting_, std::nullopt);
        endpoint_->receive(command.header, command.body);
      }
      write_more();
      read_more();
    }
    if (has_request_) socket_.next_layer().feed();
  }

  void read_more() {
    if (is_reading_ || waiting_ || is_closing_ || !endpoint_->wants_input()) return;
    // AMPS-WS-020, AMPS-LIMIT-010: from the length alone; 0 would be no limit. A wrong count is no matter of size.
    if (begins_message_)
      socket_.read_message_max(commands_.in_group() ? std::max<std::uint64_t>(commands_.room(), 1) : 0);
    is_reading_ = true;
    socket_.async_read_some(asio::buffer(piece_),
                            [weak = weak_from_this()](const error_code& failed, std::size_t size) {
                              if (const auto self = weak.lock()) self->have_read(failed, size);
                            });
  }

  void have_read(const error_code& failed, std::size_t size) {
    is_reading_ = false;
    if (failed) {
      // Beast has answered the close (AMPS-WS-021), or told the client what was wrong.
      say('<', failed == websocket::error::closed ? "close " + std::to_string(socket_.reason().code)
                                                  : "no message: " + failed.message());
      is_closing_ = true;
      return endpoint_->lost();
    }
    begins_message_ = socket_.is_message_done();
    const auto kind = socket_.got_text() ? amps::ws_kind::text : amps::ws_kind::binary;
    const auto command = commands_.receive(kind, {piece_.data(), size}, begins_message_);
    if (const auto& wrong = commands_.error()) {
      say('<', "no message: " + wrong->code.message() + " at octet " + std::to_string(wrong->offset));
      close_code_ = amps::ws_close_code(wrong->code);
      endpoint_->refuse();
    } else if (command) {
      take(*command);
    }
    write_more();
    read_more();
  }

  void take(const amps::frame_view& command) {
    if (around_.narrator) around_.narrator->tell('<', command.header, command.body, command.body_size);
    auto held = commands_.take_body();
    auto payload = held.empty() ? amps::make_payload(command.body) : amps::make_payload(std::move(held));
    if (endpoint_->must_wait(command.header)) {
      waiting_.emplace(held_command{amps::header(command.header), std::move(payload)});
    } else {
      endpoint_->receive(command.header, std::move(payload));
    }
  }

  // --- writing ---
  void write_more() {
    if (is_writing_ || is_closing_ || is_over()) return;
    const auto* front = endpoint_->front();
    if (front == nullptr) {
      if (endpoint_->wants_close()) close();
      return;
    }
    if (in_flight_ == nullptr) tell(*front);
    in_flight_ = front;
    is_writing_ = true;
    const auto part = part_of(*front);
    socket_.text(part.kind == amps::ws_kind::text);
    socket_.async_write(asio::buffer(part.octets), [weak = weak_from_this()](const error_code& failed, std::size_t) {
      if (const auto self = weak.lock()) self->have_written(failed);
    });
  }

  struct message_part {
    amps::ws_kind kind;
    std::string_view octets;
  };

  /// What `next_part_` counts: the header, then a body or pairs of a record's header and body. No count goes before
  /// them (AMPS-WS-008), and nothing else between them (AMPS-WS-018).
  message_part part_of(const amps::outgoing_message& m) const {
    if (next_part_ == 0) return {amps::ws_kind::text, m.header()};  // AMPS-WS-009
    if (m.what == amps::outgoing_message::form::with_body) return body_part(m.body);
    const auto& record = m.records[(next_part_ - 1) / 2];
    if (next_part_ % 2 == 1) return {amps::ws_kind::text, record.header};
    return body_part(record.body);  // AMPS-WS-012, AMPS-WS-030
  }

  message_part body_part(const amps::payload& body) const {
    const auto octets = octets_of(body);
    const bool may_be_text = commands_.mode() == amps::ws_kind::text;
    if (may_be_text && body && !body->is_utf8) body->is_utf8 = amp::valid_utf8_prefix(octets) == octets.size();
    const bool is_text = may_be_text && (!body || *body->is_utf8);
    return {is_text ? amps::ws_kind::text : amps::ws_kind::binary, octets};  // AMPS-WS-013, AMPS-WS-014
  }

  static std::size_t parts_in(const amps::outgoing_message& m) {
    if (m.what == amps::outgoing_message::form::with_body) return octets_of(m.body).empty() ? 1 : 2;  // AMPS-WS-011
    return 1 + 2 * m.records.size();
  }

  void have_written(const error_code& failed) {
    is_writing_ = false;
    if (failed || is_over()) {
      is_gone_ = true;
      return;
    }
    if (++next_part_ == parts_in(*in_flight_)) {
      next_part_ = 0;
      in_flight_ = nullptr;
      endpoint_->pop_front();
    }
    write_more();
    read_more();
  }

  void tell(const amps::outgoing_message& m) {
    if (!around_.narrator) return;
    const auto one = [&](std::string_view header, std::string_view body) {
      amps::header_view fields;
      std::string unescaped;
      amps::scan_header(header, fields, unescaped);
      around_.narrator->tell('>', fields, body, body.size());
    };
    one(m.header(), octets_of(m.body));
    for (const auto& record : m.records) one(record.header, octets_of(record.body));
  }

  // --- the end ---
  void close() {
    is_closing_ = true;
    using ending = amps::broker_session::ending;
    if (close_code_ == 0) close_code_ = endpoint_->why_closed() == ending::protocol ? 1002 : 1000;
    say('>', "close " + std::to_string(close_code_));
    socket_.async_close(websocket::close_reason(close_code_), [](const error_code&) {});
  }

  void leave() {
    is_gone_ = true;
    in_flight_ = nullptr;
    waiting_.reset();
    if (endpoint_) endpoint_->lost();
  }

  struct held_command {
    amps::header header;
    amps::payload body;
  };

  surroundings around_;
  int inside_ = 0;
  std::string head_, refusal_, type_;
  http::request<http::empty_body> request_;
  websocket::stream<lent_stream, false> socket_;
  std::shared_ptr<behaviour::amps_endpoint> endpoint_;
  amps::ws_command_reader commands_;
  std::vector<char> piece_;
  std::optional<held_command> waiting_;  ///< read while the broker was congested
  const amps::outgoing_message* in_flight_ = nullptr;
  std::size_t next_part_ = 0;
  std::uint16_t close_code_ = 0;
  bool has_request_ = false, is_refused_ = false, is_reading_ = false, begins_message_ = true, is_writing_ = false,
       is_closing_ = false, is_gone_ = false;
};

ws_conversation::ws_conversation(asio::io_context& io, surroundings around)
    : engine_(std::make_shared<engine>(io, std::move(around))) {}
ws_conversation::~ws_conversation() = default;

void ws_conversation::receive(std::string_view bytes) { engine_->receive(bytes); }
void ws_conversation::peer_finished() { engine_->finish(); }
void ws_conversation::lost() { engine_->lost(); }
std::string_view ws_conversation::output() const { return engine_->output(); }
void ws_conversation::sent(std::size_t count) { engine_->sent(count); }
bool ws_conversation::wants_input() const { return engine_->wants_input(); }
bool ws_conversation::wants_close() const { return engine_->wants_close(); }
void ws_conversation::resume() { engine_->resume(); }

}  // namespace ampspec::peer
