// Accepts connections and gives each a conversation of its own; one thread, one io_context.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/tcp_peer.hpp"

#include "reference/peer/acceptor.hpp"
#include "reference/peer/amps_peer.hpp"
#include "reference/peer/behind_tls.hpp"
#include "reference/peer/echo.hpp"
#include "reference/peer/http_conversation.hpp"
#include "reference/peer/implementation.hpp"
#include "reference/peer/tcp_link.hpp"
#include "reference/peer/traced.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

namespace ampspec::peer {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// Makes the conversation of one more connection.
using conversation_maker = std::function<std::shared_ptr<behaviour::conversation>()>;

class tcp_server {
 public:
  /// With `tangled` every connection is looked at when one of them has been given something.
  tcp_server(asio::io_context& io, conversation_maker make, bool tangled)
      : io_(io),
        acceptor_(io, [this](tcp::socket socket) { serve(std::move(socket)); }),
        make_(std::move(make)),
        tangled_(tangled) {}

  /// Empty on success.
  std::string listen(const tcp::endpoint& where) { return acceptor_.listen(where); }
  tcp::endpoint address() const { return acceptor_.address(); }
  void accept() { acceptor_.accept(); }

 private:
  void serve(tcp::socket socket) {
    if (!tangled_) return std::make_shared<tcp_link>(std::move(socket), make_(), tls_side::server)->start();
    const auto link = std::make_shared<tcp_link>(std::move(socket), make_(), tls_side::server, [this] {
      // Later, since the one that calls is in the middle of its work.
      asio::post(io_, [this] { flush_all(); });
    });
    links_.push_back(link);
    link->start();
  }

  void flush_all() {
    std::erase_if(links_, [](const auto& link) { return link.expired(); });
    for (const auto& weak : links_) {
      if (const auto link = weak.lock()) link->flush();
    }
  }

  asio::io_context& io_;
  acceptor acceptor_;
  conversation_maker make_;
  bool tangled_;
  std::vector<std::weak_ptr<tcp_link>> links_;  ///< if tangled
};

/// Null, with the reason in `why`, if the options name nothing that exists.
conversation_maker maker_of(const peer_options& options, implementation* shown, std::string& why) {
  if (options.protocol == "echo") return [] { return std::make_shared<echo>(); };
  const auto as = wire_protocol_named(options.protocol);
  if (!as) {
    why = "unknown protocol '" + options.protocol + "' (amp1, amp2, amps, echo)";
    return {};
  }
  if (shown == nullptr) return {};
  if (!options.trace) return [shown, as = *as] { return shown->converse(as); };
  return [shown, as = *as, number = std::uint64_t{0}, show_secrets = options.show_secrets]() mutable {
    const auto version = as == wire_protocol::amp2 ? amp::version::v2 : amp::version::v1;
    return std::make_shared<traced>(shown->converse(as), version, ++number, std::cerr, show_secrets);
  };
}

}  // namespace

int run_peer(const peer_options& options, std::ostream& announce, const std::stop_token& stop) {
  if (options.protocol == "amps") return run_amps_peer(options, announce, stop);
  std::string why;
  const auto refuse = [&](const std::string& text) {
    std::cerr << "ampspec peer: " << text << '\n';
    return 2;
  };
  const auto shown = make_implementation(options.naive, options.fault, why, options.max_box);
  auto make = maker_of(options, shown.get(), why);
  if (!make) return refuse(why);
  const bool tls = options.listen.starts_with("tcps://");
  if (tls) make = [clear = std::move(make)] { return std::make_shared<behind_tls>(clear()); };
  const auto uri = tls ? "tcp" + options.listen.substr(4) : options.listen;
  const auto where = place_to_listen(uri, options.listen, options.allow_any_address, why);
  if (!where) return refuse(why);

  asio::io_context io(1);
  tcp_server server(io, std::move(make), shown && shown->tangled());
  if (const auto failed = server.listen(*where); !failed.empty()) {
    std::cerr << "ampspec peer: cannot listen on " << options.listen << ": " << failed << '\n';
    return 3;
  }
  // Bulk transfers: a port of its own, which the answers of BulkOpen tell.
  tcp_server https(
      io, [&] { return std::make_shared<http_conversation>(shown->serve_http(), false); }, false);
  if (shown) {
    if (const auto failed = https.listen({where->address(), 0}); !failed.empty()) {
      std::cerr << "ampspec peer: cannot listen for HTTPS: " << failed << '\n';
      return 3;
    }
    shown->set_bulk_origin("https" + uri_of(https.address()).substr(3));
    if (!options.certificate.empty() && !(std::ofstream(options.certificate) << process_identity()->pem())) {
      return refuse("cannot write " + options.certificate);
    }
    https.accept();
  }
  const run_end ends(io, stop);
  server.accept();
  announce << "listening " << (tls ? "tcps" : "tcp") << uri_of(server.address()).substr(3) << std::endl;
  io.run();
  return 0;
}

}  // namespace ampspec::peer
