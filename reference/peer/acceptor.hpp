// What servers of the peer have in common, whatever they serve; internal to reference/peer: it names Asio.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/peer/tcp_link.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace ampspec::peer {

/// Takes the connections of one port, and goes on when there are too many of them.
class acceptor {
 public:
  using taker = std::function<void(boost::asio::ip::tcp::socket)>;
  acceptor(boost::asio::io_context& io, taker take) : acceptor_(io), pause_(io), take_(std::move(take)) {}

  /// Empty on success, else what the system said.
  std::string listen(const boost::asio::ip::tcp::endpoint& where);
  boost::asio::ip::tcp::endpoint address() const { return acceptor_.local_endpoint(); }
  /// From here on, until the io_context stops.
  void accept();

 private:
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  taker take_;
};

/// The endpoint that `tcp://ADDRESS:PORT` names, if the peer may listen there. On nothing `why` says what is wrong with
/// `told`, the URI as the user wrote it.
std::optional<boost::asio::ip::tcp::endpoint> place_to_listen(const std::string& uri, const std::string& told,
                                                              bool allow_any_address, std::string& why);

/// While it lives, SIGINT, SIGTERM and `stop` end the run of the io_context.
class run_end {
 public:
  run_end(boost::asio::io_context& io, const std::stop_token& stop);

 private:
  boost::asio::signal_set signals_;
  std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace ampspec::peer
