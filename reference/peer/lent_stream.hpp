// What Beast takes for the socket of a WebSocket connection: octets are lent and taken; internal to reference/peer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace ampspec::peer {

/// Counts the calls from outside that are at work on a stream's user.
class within {
 public:
  explicit within(int& count) : count_(count) { ++count_; }
  ~within() { --count_; }
  within(const within&) = delete;
  within& operator=(const within&) = delete;

 private:
  int& count_;
};

/// Reads wait until octets are lent; a write waits until they are taken from `output`. `begun` is called whenever one
/// of them begins.
class lent_stream {
 public:
  using executor_type = boost::asio::io_context::executor_type;
  using error_code = boost::system::error_code;

  lent_stream(executor_type executor, std::function<void()> begun)
      : executor_(std::move(executor)), begun_(std::move(begun)) {}

  executor_type get_executor() const noexcept { return executor_; }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& into, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& buffers) {
          reader_ = [buffers, own = kept(std::move(handler))](std::string_view& in) {
            const auto count = boost::asio::buffer_copy(buffers, boost::asio::buffer(in));
            in.remove_prefix(count);
            std::move (*own)(error_code(), count);
          };
          begun_();
        },
        token, into);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& from, Token&& token) {
    return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& buffers) {
          pieces_.clear();
          for (auto at = boost::asio::buffer_sequence_begin(buffers); at != boost::asio::buffer_sequence_end(buffers);
               ++at) {
            const boost::asio::const_buffer one(*at);
            if (one.size() > 0) pieces_.emplace_back(static_cast<const char*>(one.data()), one.size());
          }
          join_small_ones();
          writer_ = [own = kept(std::move(handler))](std::size_t count) { std::move (*own)(error_code(), count); };
          if (pieces_.empty()) {
            boost::asio::post(executor_, [done = std::exchange(writer_, nullptr)] { done(0); });
          }
          begun_();
        },
        token, from);
  }

  bool reads() const { return reader_ && in_.empty(); }
  void lend(std::string_view bytes) { in_ = bytes; }
  /// Gives what is lent to whoever reads, as long as somebody does.
  void feed() {
    while (reader_ && !in_.empty()) std::exchange(reader_, nullptr)(in_);
  }

  std::string_view output() const { return pieces_.empty() ? std::string_view() : pieces_.front(); }
  void sent(std::size_t count) {
    if (!writer_ || count == 0) return;
    pieces_.clear();  // the rest is asked to be written anew
    std::exchange(writer_, nullptr)(count);
  }

  bool torn_down() const { return torn_down_; }

  friend void teardown(boost::beast::role_type, lent_stream& s, error_code&) { s.torn_down_ = true; }
  template <class Handler>
  friend void async_teardown(boost::beast::role_type, lent_stream& s, Handler&& handler) {
    s.torn_down_ = true;
    s.begun_();
    boost::asio::post(s.executor_, [own = kept(std::forward<Handler>(handler))] { std::move (*own)(error_code()); });
  }
  friend void beast_close_socket(lent_stream& s) { s.torn_down_ = true; }

 private:
  /// Handlers can only be moved; functions want to be copied.
  template <class Handler>
  static auto kept(Handler&& handler) {
    return std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
  }

  void join_small_ones() {
    std::size_t all = 0;
    for (const auto piece : pieces_) all += piece.size();
    if (pieces_.size() < 2 || all > joined_up_to) return;
    joined_.clear();
    for (const auto piece : pieces_) joined_ += piece;
    pieces_.assign(1, joined_);
  }

  /// Up to so much is put together, so that a frame's few octets do not travel alone.
  static constexpr std::size_t joined_up_to = 16 * 1024;

  executor_type executor_;
  std::function<void()> begun_;
  std::string_view in_;
  std::function<void(std::string_view&)> reader_;
  std::function<void(std::size_t)> writer_;
  std::vector<std::string_view> pieces_;
  std::string joined_;
  bool torn_down_ = false;
};

}  // namespace ampspec::peer
