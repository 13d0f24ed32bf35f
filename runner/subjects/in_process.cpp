// Feeds our own implementations as a stranger's would be fed.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/in_process.hpp"

#include "reference/peer/http_conversation.hpp"
#include "reference/peer/tls_engine.hpp"
#include "runner/subjects/memory_http.hpp"
#include "runner/subjects/tls.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <ctime>
#include <deque>
#include <utility>
#include <vector>

namespace ampspec::runner {

namespace {

using conformance::arrival;
using conformance::client_event;
using conformance::millis;
using conformance::plain_box;
using implementation = std::shared_ptr<peer::implementation>;

double thread_cpu_seconds() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

std::vector<std::string_view> pieces_of(std::string_view all, const conformance::cutting& cuts) {
  std::vector<std::string_view> pieces;
  auto cut = cuts.before.begin();
  for (std::uint64_t at = 0; at < all.size();) {
    std::uint64_t end = all.size();
    if (cuts.every != 0) end = std::min(end, at + cuts.every);
    while (cut != cuts.before.end() && *cut <= at) ++cut;
    if (cut != cuts.before.end()) end = std::min(end, *cut);
    pieces.push_back(all.substr(at, end - at));
    at = end;
  }
  return pieces;
}

peer::wire_protocol protocol_of(const std::string& name) {
  if (const auto named = peer::wire_protocol_named(name)) return *named;
  throw conformance::unsupported(name);
}

std::optional<conformance::refusal> refusal_of(const std::optional<peer::rejection>& refused) {
  if (!refused) return std::nullopt;
  return conformance::refusal{refused->word, refused->offset, refused->text};
}

class own_codec : public conformance::codec_subject {
 public:
  explicit own_codec(implementation own) : own_(std::move(own)) {}

  conformance::decode_outcome decode(const vectors::octets& bytes, const conformance::cutting& cuts) override {
    const auto all = bytes.str();
    const auto pieces = pieces_of(all, cuts);
    const double began = thread_cpu_seconds();
    auto made = own_->decode(protocol_of(protocol()), pieces);
    used_ += thread_cpu_seconds() - began;
    return {std::move(made.boxes), made.incomplete, refusal_of(made.refused)};
  }

  conformance::encode_outcome encode(const std::vector<std::pair<vectors::octets, vectors::octets>>& box) override {
    constexpr std::uint64_t most = 256u << 20;  // a message of AMPS above its limit, which must be refused
    plain_box pairs;
    for (const auto& [key, value] : box) pairs.emplace_back(key.str(), value.str(most));
    const double began = thread_cpu_seconds();
    auto made = own_->encode(protocol_of(protocol()), pairs);
    used_ += thread_cpu_seconds() - began;
    return {std::move(made.bytes), refusal_of(made.refused)};
  }

  conformance::typed_outcome<wire::value> parse(const wire::value_type& type, const vectors::octets& bytes) override {
    return told(own_->parse(type, bytes.str()));
  }
  conformance::typed_outcome<std::string> print(const wire::value_type& type, const wire::value& given) override {
    return told(own_->print(protocol_of(protocol()), type, given));
  }
  conformance::typed_outcome<wire::record_value> parse(const wire::value_schema& schema,
                                                       const plain_box& box) override {
    return told(own_->parse(schema, box));
  }
  conformance::typed_outcome<plain_box> print(const wire::value_schema& schema,
                                              const wire::record_value& given) override {
    return told(own_->print(protocol_of(protocol()), schema, given));
  }

  double cpu_seconds() override { return used_; }

 private:
  template <class T>
  static conformance::typed_outcome<T> told(peer::typed<T> done) {
    if (!done.lacks.empty()) throw conformance::unsupported(done.lacks);
    return {std::move(done.is), refusal_of(done.refused)};
  }

  implementation own_;
  double used_ = 0;
};

/// The implementation's side of a connection and the octets between it and us.
class memory_link {
 public:
  memory_link(std::shared_ptr<behaviour::asking_conversation> side, peer::tls_side tls,
              std::shared_ptr<boost::asio::io_context> io = nullptr)
      : io_(std::move(io)), side_(std::move(side)), tls_side_(tls) {}
  ~memory_link() { end(); }
  memory_link(const memory_link&) = delete;
  memory_link& operator=(const memory_link&) = delete;

  behaviour::asking_conversation& side() { return *side_; }
  bool ended() const { return ended_; }

  void feed(std::string_view bytes) {
    if (ended_) return;
    if (tls_) {
      tls_->receive(bytes);
    } else {
      lent_ = bytes;  // the side may keep it until its output is taken
      side_->receive(lent_);
    }
    collect();
  }
  void finish() {
    if (tls_) tls_->finish();
    if (!ended_ && !tls_) side_->peer_finished();
    collect();
  }
  /// Takes what the side has to say, which may be more than it said at once; ends the connection if it wants that.
  void collect() {
    bool again = true;
    while (!ended_ && again) {
      go_on();
      again = move_output();
      if (tls_) {
        again = deliver_plain() || again;
      } else if (!again && side_->wants_tls()) {
        const auto client = side_->is_tls_client();  // by a fault
        if (client) tls_side_ = *client ? peer::tls_side::client : peer::tls_side::server;
        tls_ = std::make_unique<peer::tls_engine>(tls_side_);
        tls_->receive(side_->begin_tls());
        again = true;
      }
    }
    if (ended_) return;
    const bool failed = tls_ && tls_->failed();
    const bool closing = side_->wants_close() && (tls_ || side_->output().empty());
    if (!failed && !closing) return;
    if (tls_ && !failed) {
      tls_->close();
      if (!tls_->said_farewell()) return;  // the handshake is still going on
      take_protected();
    }
    end();
  }
  void end() {
    if (!std::exchange(ended_, true)) side_->lost();
  }
  /// Time that we wait in vain for what the side says; by it a client may run out of patience.
  void wait(millis how_long) {
    auto* const who = dynamic_cast<peer::impatient*>(side_.get());
    const auto bears = who != nullptr && !ended_ ? who->patience() : std::nullopt;
    if (!bears) return;
    if (who->heard() != heard_) silent_for_ = millis(0);
    heard_ = who->heard();
    silent_for_ += how_long;
    if (silent_for_ < *bears) return;
    who->ran_out();
    collect();
  }
  std::string take() { return std::exchange(out_, {}); }

 private:
  /// What the side has put off.
  void go_on() {
    if (!io_) return;
    io_->restart();
    io_->poll();
  }
  /// True if there was any.
  bool move_output() {
    constexpr std::size_t most_at_once = 1u << 20;
    if (out_.size() >= most_at_once) return false;  // what follows may be made only when this has been taken
    const std::string piece(!tls_ || tls_->established() ? side_->output() : std::string_view());
    side_->sent(piece.size());
    if (tls_) {
      if (!piece.empty()) tls_->send(piece);
      take_protected();
    } else {
      out_ += piece;
    }
    return !piece.empty();
  }
  void take_protected() {
    out_ += tls_->output();
    tls_->sent(tls_->output().size());
  }
  /// Record by record. True if there was any.
  bool deliver_plain() {
    bool any = false;
    while (side_->wants_input()) {
      auto piece = tls_->next_plain();
      if (!piece) break;
      lent_ = *std::move(piece);
      side_->receive(lent_);
      any = true;
    }
    if (tls_->peer_closed() && !std::exchange(told_finished_, true)) {
      side_->peer_finished();
      any = true;
    }
    return any;
  }

  std::shared_ptr<boost::asio::io_context> io_;
  std::shared_ptr<behaviour::asking_conversation> side_;
  peer::tls_side tls_side_;
  std::unique_ptr<peer::tls_engine> tls_;
  std::string lent_, out_;
  bool ended_ = false, told_finished_ = false;
  std::uint64_t heard_ = 0;
  millis silent_for_{0};
};

class memory_connection : public conformance::connection {
 public:
  explicit memory_connection(std::shared_ptr<memory_link> link) : link_(std::move(link)) {}
  ~memory_connection() override { link_->end(); }

  void send(std::string_view bytes, millis) override {
    if (!finished_) link_->feed(bytes);
  }
  void settle() override {}
  arrival receive(millis deadline) override {
    link_->collect();
    if (auto bytes = link_->take(); !bytes.empty()) return {arrival::kind::octets, std::move(bytes), false};
    if (!link_->ended()) link_->wait(deadline);
    if (auto bytes = link_->take(); !bytes.empty()) return {arrival::kind::octets, std::move(bytes), false};
    return {link_->ended() ? arrival::kind::closed : arrival::kind::nothing, {}, false};
  }
  void half_close() override {
    if (!std::exchange(finished_, true)) link_->finish();
  }
  void close() override { link_->end(); }
  void reset() override { link_->end(); }

 private:
  std::shared_ptr<memory_link> link_;
  bool finished_ = false;
};

class memory_server : public conformance::server_subject {
 public:
  explicit memory_server(implementation own) : own_(std::move(own)) {}
  std::unique_ptr<conformance::connection> connect(millis) override {
    auto link = std::make_shared<memory_link>(own_->converse(protocol_of(protocol())), peer::tls_side::server);
    return with_tls(std::make_unique<memory_connection>(std::move(link)));
  }
  /// Whether there is TLS is told, not seen, since there is nothing between us that could be read.
  std::unique_ptr<conformance::connection> connect_http(const conformance::http_place& place, millis) override {
    return connection_with(std::make_shared<peer::http_conversation>(own_->serve_http(), place.secure));
  }

 private:
  implementation own_;
};

class memory_client : public conformance::client_subject {
 public:
  explicit memory_client(implementation own) : own_(std::move(own)), transfers_(own_) {}

  std::unique_ptr<conformance::connection> attach(millis) override {
    return attach(protocol() == "amps" ? own_->amps_client(setup_) : own_->converse(protocol_of(protocol())));
  }
  void prepare(const conformance::client_setup& setup) override {
    setup_ = {setup.name, setup.user, setup.password, setup.store, setup.reconnects, setup.secure, {}};
    if (setup.websocket) setup_.websocket = {"127.0.0.1", setup.path, io_.get(), [] {}};  // whoever waits looks again
  }
  std::unique_ptr<conformance::connection> reattach(millis) override {
    take_ends();
    auto next = link_ ? link_->side().again() : nullptr;
    if (!next) {
      throw conformance::mishap(conformance::mishap::kind::timeout, "connect", "the client has not connected again");
    }
    return attach(std::move(next));
  }
  std::uint64_t call(std::string_view command, const plain_box& arguments, bool ask, millis) override {
    if (!link_) throw conformance::mishap(conformance::mishap::kind::harness, "call", "a call without a connection");
    link_->side().call(++calls_, command, arguments, ask);
    link_->collect();
    return calls_;
  }
  std::uint64_t send_box(const plain_box& box, millis) override {
    if (!link_) throw conformance::mishap(conformance::mishap::kind::harness, "call", "a box without a connection");
    link_->side().send_box(++calls_, box);
    link_->collect();
    return calls_;
  }
  std::uint64_t start_tls(millis) override {
    if (!link_) throw conformance::mishap(conformance::mishap::kind::harness, "call", "a call without a connection");
    link_->side().start_tls(++calls_);
    link_->collect();
    return calls_;
  }
  std::uint64_t call_switch(std::string_view command, const plain_box& arguments, millis) override {
    if (!link_) throw conformance::mishap(conformance::mishap::kind::harness, "call", "a call without a connection");
    link_->side().call_switch(++calls_, command, arguments);
    link_->collect();
    return calls_;
  }
  std::uint64_t write_stream(const conformance::stream_order& order, millis) override {
    if (!link_) throw conformance::mishap(conformance::mishap::kind::harness, "call", "a stream without a connection");
    if (!link_->side().write_stream(++calls_, {order.pattern, order.size, order.window, order.end})) {
      throw conformance::unsupported("stream.writer");
    }
    link_->collect();
    return calls_;
  }
  std::uint64_t transfer(bool upload, const std::string& resource, const vectors::octets& body, millis) override {
    if (!link_)
      throw conformance::mishap(conformance::mishap::kind::harness, "call", "a transfer without a connection");
    const auto number = ++calls_;
    link_->side().call(number, "BulkOpen", transfers_.start(number, upload, resource, body), true);
    link_->collect();
    return number;
  }
  std::vector<std::pair<std::string, std::string>> http_origins() override { return transfers_.origins(); }
  accepted_http accept_http(millis) override {
    take_ends();
    return transfers_.accept();
  }
  std::optional<client_event> next_event(millis) override {
    if (!link_) return std::nullopt;
    client_event event;
    if (told_ == nothing) {
      told_ = connected;
      event.what = client_event::kind::connected;
      return event;
    }
    take_ends();
    if (auto end = transfers_.next_end()) ended_.push_back(std::move(*end));
    if (!ended_.empty()) {
      const auto end = std::exchange(ended_.front(), {});
      ended_.pop_front();
      const auto what = end.how == "message"     ? client_event::kind::message
                        : end.how == "unwritten" ? client_event::kind::unwritten
                                                 : client_event::kind::ended;
      return client_event{what, end.number, end.how, end.kind, end.box, end.code, end.description, end.text};
    }
    if (!link_->ended() || told_ == closed) return std::nullopt;
    told_ = closed;
    event.what = client_event::kind::closed;
    return event;
  }
  void reset(millis) override {
    link_.reset();
    transfers_.clear();
    ended_.clear();
  }

 private:
  std::unique_ptr<conformance::connection> attach(std::shared_ptr<behaviour::asking_conversation> side) {
    link_ = std::make_shared<memory_link>(std::move(side), peer::tls_side::client, io_);
    told_ = nothing;
    return with_tls(std::make_unique<memory_connection>(link_));
  }

  // The ends of calls; that of a BulkOpen which a transfer waits for goes there.
  void take_ends() {
    if (!link_) return;
    link_->collect();
    while (auto end = link_->side().next_end()) {
      if (!transfers_.take(*end)) ended_.push_back(std::move(*end));
    }
  }

  enum { nothing, connected, closed } told_ = nothing;  ///< the last of them that was told
  std::shared_ptr<boost::asio::io_context> io_ = std::make_shared<boost::asio::io_context>(1);
  implementation own_;
  memory_transfers transfers_;
  peer::client_setup setup_;
  std::deque<behaviour::call_end> ended_;
  std::shared_ptr<memory_link> link_;
  std::uint64_t calls_ = 0;
};

}  // namespace

std::unique_ptr<conformance::codec_subject> in_process_codec(implementation own) {
  return std::make_unique<own_codec>(std::move(own));
}
std::unique_ptr<conformance::server_subject> in_memory_server(implementation own) {
  return std::make_unique<memory_server>(std::move(own));
}
std::unique_ptr<conformance::client_subject> in_memory_client(implementation own) {
  return std::make_unique<memory_client>(std::move(own));
}

}  // namespace ampspec::runner
