// What one connection says may make others speak, and so may the time: after each event all of them are served.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/amps_peer.hpp"

#include "reference/amps/broker_config.hpp"
#include "reference/behaviour/amps_conversation.hpp"
#include "reference/behaviour/amps_faults.hpp"
#include "reference/behaviour/faulty_amps_conversation.hpp"
#include "reference/peer/acceptor.hpp"
#include "reference/peer/amps_traced.hpp"
#include "reference/peer/behind_tls.hpp"
#include "reference/peer/tcp_link.hpp"
#include "reference/peer/tcp_peer.hpp"
#include "reference/peer/ws_conversation.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <memory>
#include <unordered_map>
#include <utility>

namespace ampspec::peer {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// The time of day when it was made, moved on by a clock that nobody sets.
class running_clock {
 public:
  amps::moment now() const {
    const auto gone = std::chrono::steady_clock::now() - started_;
    return day_ + std::chrono::duration_cast<amps::duration>(gone);
  }
  std::chrono::steady_clock::time_point when(amps::moment m) const { return started_ + (m - day_); }

 private:
  amps::moment day_ = std::chrono::floor<amps::duration>(std::chrono::system_clock::now());
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

/// What a connection is to the server, whether it is faulty or not.
struct connection {
  std::shared_ptr<tcp_link> link;
  std::function<void()> resume;
};

/// What frames are carried in, and whether inside TLS.
struct carrier {
  std::string_view scheme;
  bool tls, websocket;
};
constexpr std::array<carrier, 4> carriers{
    {{"tcp", false, false}, {"tcps", true, false}, {"ws", false, true}, {"wss", true, true}}};

class amps_server {
 public:
  amps_server(asio::io_context& io, amps::broker_config config, const peer_options& options, const carrier& how)
      : io_(io),
        acceptor_(io, [this](tcp::socket socket) { serve(std::move(socket)); }),
        timer_(io),
        broker_(std::make_shared<amps::broker>(std::move(config), clock_.now())),
        options_(options),
        how_(how) {}

  /// Empty on success.
  std::string listen(const tcp::endpoint& where) { return acceptor_.listen(where); }
  tcp::endpoint address() const { return acceptor_.address(); }
  void accept() { acceptor_.accept(); }

 private:
  std::shared_ptr<tcp_link> link_of(tcp::socket socket, std::shared_ptr<behaviour::conversation> talk) {
    if (how_.tls) talk = std::make_shared<behind_tls>(std::move(talk));
    return std::make_shared<tcp_link>(std::move(socket), std::move(talk), tls_side::server, [this] { settle_soon(); });
  }

  amps_narrator narrator() { return {++accepted_, std::cerr, options_.show_secrets}; }

  template <class Conversation>
  void add(tcp::socket socket, std::shared_ptr<Conversation> talk) {
    std::shared_ptr<behaviour::conversation> shown = talk;
    if (options_.trace) shown = std::make_shared<amps_traced>(talk, narrator());
    const auto link = link_of(std::move(socket), std::move(shown));
    connections_[talk->session()] = {link, [weak = std::weak_ptr(talk)] {
                                       if (const auto still = weak.lock()) still->resume();
                                     }};
    link->start();
  }

  void serve(tcp::socket socket) {
    const auto now = [this] { return clock_.now(); };
    if (how_.websocket) {
      serve_websocket(std::move(socket));
    } else if (options_.fault.empty()) {
      add(std::move(socket), std::make_shared<behaviour::amps_conversation>(broker_, now));
    } else {
      add(std::move(socket), std::make_shared<behaviour::faulty_amps_conversation>(
                                 broker_, behaviour::make_amps_fault(options_.fault), now));
    }
  }

  /// The broker hears of a connection when it is upgraded: only then the message type is known.
  void serve_websocket(tcp::socket socket) {
    struct pair {
      std::weak_ptr<tcp_link> link;
      std::weak_ptr<ws_conversation> talk;
    };
    const auto both = std::make_shared<pair>();
    ws_conversation::surroundings around;
    around.max_message = broker_->config().max_frame;
    if (options_.trace) around.narrator.emplace(narrator());
    around.knows = [this](std::string_view type) {
      return std::ranges::find(broker_->config().message_types, type) != broker_->config().message_types.end();
    };
    around.connect = [this, both](std::string_view type) {
      const auto endpoint = std::make_shared<behaviour::amps_endpoint>(
          broker_, type, behaviour::make_amps_fault(options_.fault), [this] { return clock_.now(); });
      connections_[endpoint->session()] = {both->link.lock(), [weak = both->talk] {
                                             if (const auto still = weak.lock()) still->resume();
                                           }};
      return endpoint;
    };
    around.wake = [this, both] {
      asio::post(io_, [this, both] {
        const auto link = both->link.lock();
        const auto talk = both->talk.lock();
        if (!link || !talk) return;
        talk->resume();
        link->flush();
        settle_soon();
      });
    };
    const auto talk = std::make_shared<ws_conversation>(io_, std::move(around));
    const auto link = link_of(std::move(socket), talk);
    *both = {link, talk};
    link->start();
  }

  /// Later, since the link that calls is in the middle of its work; once for all that happens until then.
  void settle_soon() {
    if (std::exchange(posted_, true)) return;
    asio::post(io_, [this] {
      posted_ = false;
      settle();
    });
  }

  void settle() {
    broker_->advance(clock_.now());
    while (const auto* touched = broker_->next_touched()) {
      const auto at = connections_.find(touched);
      if (at == connections_.end()) continue;
      const auto link = at->second.link;
      at->second.resume();
      link->flush();
      if (link->over()) connections_.erase(touched);
    }
    if (++settled_ % 1024 == 0) {
      std::erase_if(connections_, [](const auto& c) { return c.second.link->over(); });
    }
    const auto due = broker_->next_due();
    if (!due || due == armed_) return;
    armed_ = due;
    timer_.expires_at(clock_.when(*due));
    timer_.async_wait([this](const error_code& cancelled) {
      if (cancelled) return;
      armed_.reset();
      settle();
    });
  }

  asio::io_context& io_;
  acceptor acceptor_;
  asio::steady_timer timer_;
  running_clock clock_;
  std::shared_ptr<amps::broker> broker_;
  peer_options options_;
  carrier how_;
  std::unordered_map<const amps::broker_session*, connection> connections_;
  std::optional<amps::moment> armed_;
  bool posted_ = false;
  std::uint64_t settled_ = 0, accepted_ = 0;
};

}  // namespace

int run_amps_peer(const peer_options& options, std::ostream& announce, const std::stop_token& stop) {
  std::string why;
  const auto refuse = [&](const std::string& text) {
    std::cerr << "ampspec peer: " << text << '\n';
    return 2;
  };
  if (options.naive) return refuse("there is no naive broker (naive is the codec alone)");
  if (!options.fault.empty() && !behaviour::make_amps_fault(options.fault)) {
    return refuse("unknown fault '" + options.fault + "' of a broker (vectors/faults.yaml lists them)");
  }
  const auto scheme = options.listen.substr(0, options.listen.find("://"));
  const auto* const how = std::ranges::find(carriers, scheme, &carrier::scheme);
  if (how == carriers.end()) {
    return refuse("'" + options.listen + "' is not tcp://ADDRESS:PORT (or tcps://, ws://, wss://)");
  }
  const auto where =
      place_to_listen("tcp" + options.listen.substr(scheme.size()), options.listen, options.allow_any_address, why);
  if (!where) return refuse(why);

  asio::io_context io(1);
  amps_server server(io, amps::conformance_fixture({.logged = !options.unlogged, .authentication = options.users}),
                     options, *how);
  if (const auto failed = server.listen(*where); !failed.empty()) {
    std::cerr << "ampspec peer: cannot listen on " << options.listen << ": " << failed << '\n';
    return 3;
  }
  const run_end ends(io, stop);
  server.accept();
  announce << "listening " << how->scheme << uri_of(server.address()).substr(3) << std::endl;
  io.run();
  return 0;
}

}  // namespace ampspec::peer
