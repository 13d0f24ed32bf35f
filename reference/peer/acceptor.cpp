// What servers of the peer have in common, whatever they serve.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/acceptor.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <csignal>

namespace ampspec::peer {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string acceptor::listen(const tcp::endpoint& where) {
  error_code failed;
  acceptor_.open(where.protocol(), failed);
  if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor_.bind(where, failed);
  if (!failed) acceptor_.listen(tcp::acceptor::max_listen_connections, failed);
  return failed ? failed.message() : std::string();
}

void acceptor::accept() {
  acceptor_.async_accept([this](const error_code& failed, tcp::socket socket) {
    if (failed == asio::error::operation_aborted) return;
    if (!failed) {
      take_(std::move(socket));
      return accept();
    }
    // Out of descriptors, most likely: some connection has to end first.
    pause_.expires_after(std::chrono::milliseconds(20));
    pause_.async_wait([this](const error_code&) { accept(); });
  });
}

std::optional<tcp::endpoint> place_to_listen(const std::string& uri, const std::string& told, bool allow_any_address,
                                             std::string& why) {
  const auto where = endpoint_of(uri, why);
  if (where && !where->address().is_loopback() && !allow_any_address) {
    why = told + " is not a loopback address; anyone who reaches it could use this peer (--any-address allows it)";
    return std::nullopt;
  }
  return where;
}

run_end::run_end(asio::io_context& io, const std::stop_token& stop)
    : signals_(io, SIGINT, SIGTERM), on_stop_(stop, [&io] { asio::post(io, [&io] { io.stop(); }); }) {
  signals_.async_wait([&io](const error_code& failed, int) {
    if (!failed) io.stop();
  });
}

}  // namespace ampspec::peer
