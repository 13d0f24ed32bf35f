// Names of fields and words of events on the one side, the clients' own types on the other.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/amps_client.hpp"

#include "reference/amps/client.hpp"
#include "reference/amps/plain_message.hpp"
#include "reference/naive/amps_client.hpp"
#include "reference/peer/ws_client_side.hpp"

#include <openssl/evp.h>

#include <charconv>
#include <deque>
#include <optional>
#include <utility>

namespace ampspec::peer {

using behaviour::asking_conversation;
using behaviour::call_end;
using behaviour::plain_box;

namespace {

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t n = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (bad != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return n;
}

// What both have: the rest of the interface is AMP's.
class amps_conversation : public asking_conversation, public impatient {
 public:
  explicit amps_conversation(bool secure) : secure_(secure) {}

  void peer_finished() override { peer_finished_ = true; }  // a server that sends no more has ended the connection
  void send_box(std::uint64_t number, const plain_box&) override { refuse(number); }
  void start_tls(std::uint64_t number) override { refuse(number); }
  void call_switch(std::uint64_t number, std::string_view, const plain_box&) override { refuse(number); }
  std::uint64_t heard() const override { return heard_; }
  bool wants_tls() const override { return secure_ && !inside_tls_; }
  std::string begin_tls() override {
    inside_tls_ = true;
    return {};
  }
  std::optional<call_end> next_end() override {
    take_events();
    if (ended_.empty()) return std::nullopt;
    auto end = std::move(ended_.front());
    ended_.pop_front();
    return end;
  }

 protected:
  virtual void take_events() = 0;
  void refuse(std::uint64_t number, std::string why = "AMPS has no such thing") {
    call_end end;
    end.number = number;
    end.how = "refused";
    end.text = std::move(why);
    ended_.push_back(std::move(end));
  }

  const bool secure_;
  bool inside_tls_ = false, peer_finished_ = false;
  std::uint64_t heard_ = 0;
  std::deque<call_end> ended_;
};

std::string_view word_of(amps::client_event::kind what) {
  using kind = amps::client_event::kind;
  switch (what) {
    case kind::answered:
      return "answer";
    case kind::failed:
      return "error";
    case kind::lost:
      return "lost";
    case kind::refused:
      return "refused";
    case kind::sent:
      return "sent";
    case kind::message:
      return "message";
    case kind::unwritten:
      break;
  }
  return "unwritten";
}

// `Basic` credentials of the request; empty without a user.
std::string authorization_of(const client_setup& setup) {
  if (setup.user.empty()) return {};
  const std::string both = setup.user + ":" + setup.password;
  std::string text((both.size() + 2) / 3 * 4 + 1, '\0');  // with the NUL that is written behind it
  const auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                    reinterpret_cast<const unsigned char*>(both.data()), static_cast<int>(both.size()));
  text.resize(static_cast<std::size_t>(size));
  return "Basic " + text;
}

class reference_client : public amps_conversation {
 public:
  reference_client(std::shared_ptr<amps::client> client, bool secure)
      : amps_conversation(secure), client_(std::move(client)) {
    client_->connected();
  }

  void receive(std::string_view bytes) override {
    ++heard_;
    client_->receive(bytes);
  }
  std::optional<std::chrono::seconds> patience() const override {
    const auto n = client_->patience();
    return n ? std::optional(std::chrono::seconds(*n)) : std::nullopt;
  }
  void ran_out() override { client_->ran_out(); }
  void lost() override { client_->lost(); }
  std::string_view output() const override { return wants_tls() ? std::string_view() : client_->output(); }
  void sent(std::size_t count) override { client_->sent(count); }
  bool wants_input() const override { return !wants_tls(); }
  bool wants_close() const override { return client_->wants_close() || peer_finished_; }
  std::shared_ptr<asking_conversation> again() override {
    if (!client_->wants_connection()) return nullptr;
    return std::make_shared<reference_client>(client_, secure_);
  }

  void call(std::uint64_t number, std::string_view command, const plain_box& arguments, bool) override {
    amps::client_call call;
    call.number = number;
    call.what = amps::command_named(command);
    if (call.what == amps::command::unknown) return refuse(number, "no command is called " + std::string(command));
    for (const auto& [name, text] : arguments) {
      if (name == "body") {
        call.body = text;
      } else if (name == "of") {
        call.of = number_of(text);
      } else if (name == "auto_ack") {
        call.acknowledges = true;
      } else if (const auto field = amps::field_named(name)) {
        call.fields.set(*field, text);
      } else {
        return refuse(number, "no field is called " + name);
      }
    }
    client_->call(std::move(call));
  }

 protected:
  amps::client& client() { return *client_; }
  const std::shared_ptr<amps::client>& shared() { return client_; }

 private:
  void take_events() override {
    using kind = amps::client_event::kind;
    while (auto event = client_->next_event()) {
      call_end end;
      end.number = event->number;
      end.how = word_of(event->what);
      if (event->what == kind::failed || event->what == kind::unwritten) {
        end.code = event->reason;
      } else {
        end.text = event->reason;
      }
      if (!event->header.view().empty()) end.box = amps::plain_message(event->header, event->body);
      ended_.push_back(std::move(end));
    }
  }

  std::shared_ptr<amps::client> client_;
};

class reference_ws_client final : public reference_client {
 public:
  reference_ws_client(std::shared_ptr<amps::client> made, const client_setup& setup)
      : reference_client(std::move(made), setup.secure),
        setup_(setup),
        ws_(*setup.websocket->io,
            {setup.websocket->host, setup.websocket->path, authorization_of(setup), amps::default_limit,
             [this](amps::ws_kind kind, std::string_view message) {
               client().receive(kind, message);
               hand_over();
             },
             setup.websocket->wake}) {
    hand_over();
  }

  void receive(std::string_view bytes) override {
    ++heard_;
    ws_.receive(bytes);
    hand_over();
  }
  void ran_out() override {
    reference_client::ran_out();
    hand_over();
  }
  std::string_view output() const override { return wants_tls() ? std::string_view() : ws_.output(); }
  void sent(std::size_t count) override {
    ws_.sent(count);
    hand_over();
  }
  bool wants_input() const override { return !wants_tls() && ws_.wants_input(); }
  bool wants_close() const override { return peer_finished_ || ws_.over(); }
  std::shared_ptr<asking_conversation> again() override {
    if (!client().wants_connection()) return nullptr;
    return std::make_shared<reference_ws_client>(shared(), setup_);
  }
  void call(std::uint64_t number, std::string_view command, const plain_box& arguments, bool ask) override {
    reference_client::call(number, command, arguments, ask);
    hand_over();
  }

 private:
  void hand_over() {
    for (auto& message : client().take_messages()) ws_.send(std::move(message));
    if (client().wants_close()) ws_.close(client().close_code());
  }

  const client_setup setup_;
  ws_client_side ws_;
};

class naive_client final : public amps_conversation {
 public:
  naive_client(std::shared_ptr<naive::amps_client> client, bool secure)
      : amps_conversation(secure), client_(std::move(client)) {
    client_->connected();
  }

  void receive(std::string_view bytes) override {
    ++heard_;
    client_->receive(bytes);
  }
  std::optional<std::chrono::seconds> patience() const override {
    const auto n = client_->patience();
    return n > 0 ? std::optional(std::chrono::seconds(n)) : std::nullopt;
  }
  void ran_out() override { client_->ran_out(); }
  void lost() override { client_->lost(); }
  std::string_view output() const override {
    if (wants_tls()) return {};
    out_.erase(0, std::exchange(done_, 0));
    out_ += client_->output();
    return out_;
  }
  void sent(std::size_t count) override { done_ += count; }
  bool wants_input() const override { return !wants_tls(); }
  bool wants_close() const override { return client_->wants_close() || peer_finished_; }
  std::shared_ptr<asking_conversation> again() override {
    if (!client_->wants_connection()) return nullptr;
    return std::make_shared<naive_client>(client_, secure_);
  }

  void call(std::uint64_t number, std::string_view command, const plain_box& arguments, bool) override {
    client_->call(number, std::string(command), arguments);
  }

 private:
  void take_events() override {
    for (auto& told : client_->events()) {
      call_end end;
      end.number = told.call;
      end.how = told.how;
      if (told.how == "error" || told.how == "unwritten") {
        end.code = told.reason;
      } else {
        end.text = told.reason;
      }
      end.box = std::move(told.values);
      ended_.push_back(std::move(end));
    }
  }

  std::shared_ptr<naive::amps_client> client_;
  mutable std::string out_;
  mutable std::size_t done_ = 0;
};

}  // namespace

std::shared_ptr<asking_conversation> reference_amps_client(const client_setup& setup) {
  amps::client_options options;
  options.name = setup.name;
  options.user = setup.user;
  options.password = setup.password;
  options.store = setup.store;
  options.reconnects = setup.reconnects;
  options.authenticate = [](std::string_view challenge) { return std::string(challenge) + "-answered"; };
  if (setup.websocket) {
    options.websocket = true;
    options.message_type = message_type_of_path(setup.websocket->path);
    return std::make_shared<reference_ws_client>(std::make_shared<amps::client>(std::move(options)), setup);
  }
  return std::make_shared<reference_client>(std::make_shared<amps::client>(std::move(options)), setup.secure);
}

std::shared_ptr<asking_conversation> naive_amps_client(const client_setup& setup, const naive::faults& broken) {
  return std::make_shared<naive_client>(
      std::make_shared<naive::amps_client>(naive::amps_client_options{
          broken, setup.name, setup.user, setup.password, setup.store, setup.reconnects,
          setup.websocket ? setup.websocket->host : "", setup.websocket ? setup.websocket->path : ""}),
      setup.secure);
}

std::string message_type_of_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  const auto slash = path.rfind('/');
  return slash == path.npos || slash + 1 == path.size() ? "json" : std::string(path.substr(slash + 1));
}

}  // namespace ampspec::peer
