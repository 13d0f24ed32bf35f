// The socket loop between one TCP connection and one conversation; internal to reference/peer: it names Asio.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/conversation.hpp"
#include "reference/peer/tls_engine.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::peer {

/// The endpoint that `tcp://ADDRESS:PORT` (also `tcp://[::1]:PORT` and `tcp://localhost:PORT`) names. On nothing `why`
/// says what is wrong.
std::optional<boost::asio::ip::tcp::endpoint> endpoint_of(std::string_view uri, std::string& why);
std::string uri_of(const boost::asio::ip::tcp::endpoint&);

/// Keeps itself alive while the connection lasts. Everything happens on the thread of the io_context.
class tcp_link : public std::enable_shared_from_this<tcp_link> {
 public:
  /// `socket` is connected; `tls` is our side should TLS begin on it: who connected is the client (AMP1-CONV-059).
  /// `progressed` is called after octets, their leaving, or the end of the connection have reached the conversation.
  tcp_link(boost::asio::ip::tcp::socket socket, std::shared_ptr<behaviour::conversation> talk, tls_side tls,
           std::function<void()> progressed = {});

  /// What a TLS server shows instead of the certificate of the process; before `start`.
  void identify(std::shared_ptr<const tls_identity> who) { identity_ = std::move(who); }
  void start() { step(); }
  /// To be called after the conversation was given something to say from outside.
  void flush() { step(); }
  /// Closes the connection; what the kernel does not take at once is dropped.
  void close();
  /// Nothing is said or heard any more.
  bool over() const { return stage_ != stage::talking; }

 private:
  enum class stage { talking, lingering, ended };

  void read_more();
  void have_read(const boost::system::error_code&, std::size_t count);
  void step();
  bool write_out();
  void begin_tls();
  bool deliver_plain();
  bool said_all();
  void linger();
  void end();
  void tell_lost();

  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<behaviour::conversation> talk_;
  tls_side tls_side_;
  std::shared_ptr<const tls_identity> identity_;
  std::unique_ptr<tls_engine> tls_;  ///< between socket and conversation, once it has begun
  std::string plain_;                ///< lent to the conversation
  std::function<void()> progressed_;
  boost::asio::steady_timer patience_;
  std::vector<char> in_;
  stage stage_ = stage::talking;
  bool reading_ = false, read_was_full_ = false, waiting_to_write_ = false, peer_finished_ = false, told_lost_ = false,
       told_finished_ = false;
};

}  // namespace ampspec::peer
