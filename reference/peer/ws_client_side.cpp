// The client's side of Beast's WebSocket, which takes what is lent for its connection.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/ws_client_side.hpp"

#include "reference/peer/lent_stream.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace ampspec::peer {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using boost::system::error_code;

namespace {
constexpr std::size_t read_at_once = 65536;
}

class ws_client_side::engine : public std::enable_shared_from_this<engine> {
 public:
  engine(asio::io_context& io, ws_opening how)
      : how_(std::move(how)), socket_(io.get_executor(), [this] { begun(); }), piece_(read_at_once) {
    socket_.auto_fragment(false);
    socket_.read_message_max(how_.max_message);
    socket_.set_option(
        websocket::stream_base::timeout{websocket::stream_base::none(), websocket::stream_base::none(), false});
    socket_.set_option(
        websocket::stream_base::decorator([authorization = how_.authorization](websocket::request_type& request) {
          request.set(http::field::user_agent, "ampspec");
          if (!authorization.empty()) request.set(http::field::authorization, authorization);
        }));
  }

  void start() {
    const within here(inside_);
    socket_.async_handshake(how_.host, how_.path, [weak = weak_from_this()](const error_code& failed) {
      if (const auto self = weak.lock()) self->opened(failed);
    });
  }

  void receive(std::string_view octets) {
    const within here(inside_);
    socket_.next_layer().lend(octets);
    socket_.next_layer().feed();
  }
  void send(amps::ws_message message) {
    const within here(inside_);
    waiting_.push_back(std::move(message));
    write_more();
  }
  void close(std::uint16_t code) {
    const within here(inside_);
    if (!close_code_) close_code_ = code;
    write_more();
  }
  std::string_view output() const { return socket_.next_layer().output(); }
  void sent(std::size_t count) {
    const within here(inside_);
    socket_.next_layer().sent(count);
    socket_.next_layer().feed();
  }
  bool wants_input() const { return !over() && socket_.next_layer().reads(); }
  bool over() const { return is_over_ || socket_.next_layer().torn_down(); }

 private:
  /// A read or write has begun. If no call from outside is at work, nobody looks at it: Beast has put something off.
  void begun() {
    if (inside_ > 0 || std::exchange(is_put_off_, true)) return;
    asio::post(socket_.get_executor(), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->resume();
    });
  }
  void resume() {
    is_put_off_ = false;
    {
      const within here(inside_);
      socket_.next_layer().feed();
    }
    if (how_.wake) how_.wake();
  }

  void opened(const error_code& failed) {
    if (failed) {
      is_over_ = true;
      return;
    }
    is_open_ = true;
    write_more();
    read_more();
  }

  void read_more() {
    socket_.async_read_some(asio::buffer(piece_),
                            [weak = weak_from_this()](const error_code& failed, std::size_t size) {
                              if (const auto self = weak.lock()) self->have_read(failed, size);
                            });
  }
  void have_read(const error_code& failed, std::size_t size) {
    if (failed) {  // Beast has answered a close, or told the server what was wrong
      is_over_ = true;
      return;
    }
    message_.append(piece_.data(), size);
    if (socket_.is_message_done()) {
      const auto whole = std::exchange(message_, {});
      how_.message(socket_.got_text() ? amps::ws_kind::text : amps::ws_kind::binary, whole);
    }
    write_more();
    read_more();
  }

  void write_more() {
    if (!is_open_ || is_writing_ || is_closing_ || over()) return;
    if (waiting_.empty()) {
      if (!close_code_) return;
      is_closing_ = true;
      socket_.async_close(websocket::close_reason(*close_code_), [weak = weak_from_this()](const error_code&) {
        if (const auto self = weak.lock()) self->is_over_ = true;
      });
      return;
    }
    in_flight_ = std::move(waiting_.front());
    waiting_.pop_front();
    is_writing_ = true;
    socket_.text(in_flight_.kind == amps::ws_kind::text);
    socket_.async_write(asio::buffer(in_flight_.octets), [weak = weak_from_this()](const error_code& bad, std::size_t) {
      if (const auto self = weak.lock()) self->have_written(bad);
    });
  }
  void have_written(const error_code& failed) {
    is_writing_ = false;
    if (failed) {
      is_over_ = true;
      return;
    }
    write_more();
  }

  ws_opening how_;
  int inside_ = 0;
  websocket::stream<lent_stream, false> socket_;
  std::vector<char> piece_;
  std::string message_;
  std::deque<amps::ws_message> waiting_;
  amps::ws_message in_flight_;
  std::optional<std::uint16_t> close_code_;
  bool is_open_ = false, is_writing_ = false, is_closing_ = false, is_over_ = false, is_put_off_ = false;
};

ws_client_side::ws_client_side(asio::io_context& io, ws_opening how)
    : engine_(std::make_shared<engine>(io, std::move(how))) {
  engine_->start();
}
ws_client_side::~ws_client_side() = default;

void ws_client_side::receive(std::string_view octets) { engine_->receive(octets); }
void ws_client_side::send(amps::ws_message message) { engine_->send(std::move(message)); }
void ws_client_side::close(std::uint16_t code) { engine_->close(code); }
std::string_view ws_client_side::output() const { return engine_->output(); }
void ws_client_side::sent(std::size_t count) { engine_->sent(count); }
bool ws_client_side::wants_input() const { return engine_->wants_input(); }
bool ws_client_side::over() const { return engine_->over(); }

}  // namespace ampspec::peer
