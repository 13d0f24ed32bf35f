// Connections with one broker in the same thread: each looks after all, since one makes others speak.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/memory_broker.hpp"

#include "reference/amps/broker.hpp"
#include "reference/behaviour/amps_conversation.hpp"
#include "reference/behaviour/amps_faults.hpp"
#include "reference/behaviour/faulty_amps_conversation.hpp"
#include "reference/peer/ws_conversation.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <utility>

namespace ampspec::runner {

namespace {

using conformance::arrival;
using conformance::millis;

/// The broker's side of a connection and the octets between it and us.
class broker_link {
 public:
  template <class Conversation>
  explicit broker_link(std::shared_ptr<Conversation> talk)
      : talk_(talk), session_(talk->session()), resume_([talk = talk.get()] { talk->resume(); }) {}
  ~broker_link() { end(); }
  /// `resume`: what makes the conversation go on. `session` may come later.
  broker_link(std::shared_ptr<behaviour::conversation> talk, std::function<void()> resume)
      : talk_(std::move(talk)), resume_(std::move(resume)) {}
  broker_link(const broker_link&) = delete;
  broker_link& operator=(const broker_link&) = delete;

  const amps::broker_session* session() const { return session_; }
  bool ended() const { return ended_; }

  void give(std::string_view octets) {
    if (ended_) return;
    given_.emplace_back(octets);
    go_on();
  }
  void finish() {
    if (ended_) return;
    talk_->peer_finished();
    go_on();
  }
  /// Looks at what had to wait, and takes what the broker has to say.
  void go_on() {
    constexpr std::size_t most_at_once = 8u << 20;
    for (bool moved = true; moved && !ended_;) {
      moved = false;
      resume_();
      while (!given_.empty() && talk_->wants_input()) {
        moved = true;
        if (std::exchange(lent_, !lent_)) {
          given_.pop_front();  // it was done with
        } else {
          talk_->receive(given_.front());
        }
      }
      while (out_.size() < most_at_once) {
        const auto said = talk_->output();
        if (said.empty()) break;
        moved = true;
        out_ += said;
        talk_->sent(said.size());
      }
    }
    if (!ended_ && talk_->wants_close() && talk_->output().empty()) end();
  }
  void end() {
    if (!std::exchange(ended_, true)) talk_->lost();
  }
  std::string take() { return std::exchange(out_, {}); }

 private:
  std::shared_ptr<behaviour::conversation> talk_;
  const amps::broker_session* session_ = nullptr;
  std::function<void()> resume_;
  std::deque<std::string> given_;  ///< the first may be lent
  bool lent_ = false;
  std::string out_;
  bool ended_ = false;
};

/// The broker with all who are connected.
class memory_world {
 public:
  explicit memory_world(amps::fixture_options how)
      : broker_(std::make_shared<amps::broker>(amps::conformance_fixture(how))) {}

  std::shared_ptr<broker_link> connect(const std::string& fault, bool websocket) {
    if (websocket) return connect_websocket(fault);
    std::shared_ptr<broker_link> link;
    if (fault.empty()) {
      link = std::make_shared<broker_link>(std::make_shared<behaviour::amps_conversation>(broker_));
    } else {
      link = std::make_shared<broker_link>(
          std::make_shared<behaviour::faulty_amps_conversation>(broker_, behaviour::make_amps_fault(fault)));
    }
    links_[link->session()] = link;
    return link;
  }
  void settle() {
    io_.restart();
    io_.poll();
    while (const auto* touched = broker_->next_touched()) {
      const auto found = links_.find(touched);
      if (found == links_.end()) continue;
      if (const auto link = found->second.lock()) link->go_on();
    }
    std::erase_if(links_, [](const auto& entry) { return entry.second.expired(); });
  }
  /// Moves the clock to the next timer, at most to `until`; false if it stands there.
  bool wait(amps::moment until) {
    if (broker_->now() >= until) return false;
    const auto due = broker_->next_due();
    broker_->advance(due && *due < until ? std::max(*due, broker_->now()) : until);
    settle();
    return true;
  }
  amps::moment now() const { return broker_->now(); }

 private:
  /// The broker hears of a connection when it is upgraded.
  std::shared_ptr<broker_link> connect_websocket(const std::string& fault) {
    const auto link = std::make_shared<std::weak_ptr<broker_link>>();
    peer::ws_conversation::surroundings around;
    around.knows = [this](std::string_view type) {
      const auto& types = broker_->config().message_types;
      return std::find(types.begin(), types.end(), type) != types.end();
    };
    around.connect = [this, fault, link](std::string_view type) {
      const auto endpoint =
          std::make_shared<behaviour::amps_endpoint>(broker_, type, behaviour::make_amps_fault(fault));
      links_[endpoint->session()] = *link;
      return endpoint;
    };
    around.wake = [] {};  // whoever waits looks again
    const auto talk = std::make_shared<peer::ws_conversation>(io_, std::move(around));
    auto made = std::make_shared<broker_link>(talk, [this, raw = talk.get()] {
      raw->resume();
      io_.restart();
      io_.poll();
    });
    *link = made;
    return made;
  }

  boost::asio::io_context io_{1};
  std::shared_ptr<amps::broker> broker_;
  std::map<const amps::broker_session*, std::weak_ptr<broker_link>> links_;
};

class broker_connection final : public conformance::connection {
 public:
  broker_connection(std::shared_ptr<memory_world> world, std::shared_ptr<broker_link> link)
      : world_(std::move(world)), link_(std::move(link)) {}
  ~broker_connection() override { end(); }
  broker_connection(const broker_connection&) = delete;
  broker_connection& operator=(const broker_connection&) = delete;

  void send(std::string_view bytes, millis) override {
    if (finished_) return;
    link_->give(bytes);
    world_->settle();
  }
  void settle() override {}
  arrival receive(millis deadline) override {
    const auto until = world_->now() + deadline;
    do {
      link_->go_on();
      world_->settle();
      if (auto bytes = link_->take(); !bytes.empty()) return {arrival::kind::octets, std::move(bytes), false};
      if (link_->ended()) return {arrival::kind::closed, {}, false};
    } while (world_->wait(until));
    return {};
  }
  conformance::tls_outcome start_tls(const conformance::tls_opening&, millis) override {
    return {conformance::tls_outcome::kind::secured, "in memory", {}};
  }
  void half_close() override {
    if (std::exchange(finished_, true)) return;
    link_->finish();
    world_->settle();
  }
  void close() override { end(); }
  void reset() override { end(); }

 private:
  void end() {
    link_->end();
    world_->settle();
  }

  std::shared_ptr<memory_world> world_;
  std::shared_ptr<broker_link> link_;
  bool finished_ = false;
};

class memory_broker final : public conformance::server_subject {
 public:
  explicit memory_broker(std::string fault) : fault_(std::move(fault)) {}

  void serve_as(std::string_view fixture, std::string_view transport) override {
    websocket_ = transport.starts_with("ws");
    if (world_ && fixture == fixture_) return;
    fixture_ = fixture;
    world_ = std::make_shared<memory_world>(
        amps::fixture_options{.logged = fixture != "unlogged", .authentication = fixture == "users"});
  }
  std::unique_ptr<conformance::connection> connect(millis) override {
    if (!world_) serve_as({}, {});
    return std::make_unique<broker_connection>(world_, world_->connect(fault_, websocket_));
  }

 private:
  std::string fault_, fixture_;
  bool websocket_ = false;
  std::shared_ptr<memory_world> world_;
};

}  // namespace

std::unique_ptr<conformance::server_subject> in_memory_broker(const std::string& fault) {
  return std::make_unique<memory_broker>(fault);
}

}  // namespace ampspec::runner
