// Clients of a broker in one process, for tests: they say headers as text and read what comes back as text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/broker_stream.hpp"
#include "reference/amps/test_support.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::amps {

class test_client {
 public:
  explicit test_client(std::shared_ptr<broker> b) : stream_(std::move(b)) {}

  /// The octets go out as they are; they stay alive as long as the client does.
  void write(std::string octets) {
    lent_.push_back(std::make_unique<std::string>(std::move(octets)));
    stream_.receive(*lent_.back());
  }
  void say(std::string_view header, std::string_view body = {}) { write(framed(std::string(header).append(body))); }

  /// Everything that has come since: each frame without its length on a line of its own.
  std::string heard() {
    const auto octets = unwritten();
    stream_.sent(octets.size());
    in_ += octets;
    std::string lines;
    while (in_.size() >= 4) {
      std::size_t size = 0;
      for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(in_[static_cast<std::size_t>(i)]);
      if (in_.size() < 4 + size) throw std::logic_error("a frame is cut");
      lines.append(in_, 4, size).append("\n");
      in_.erase(0, 4 + size);
    }
    return lines;
  }
  std::string ask(std::string_view header, std::string_view body = {}) {
    say(header, body);
    return heard();
  }
  /// Logs on under that name and forgets the answer.
  test_client& log_on(std::string_view name, std::string_view more = {}) {
    ask(R"({"c":"logon","a":"processed","client_name":")" + std::string(name) + "\"" + std::string(more) + "}");
    return *this;
  }
  bool closed() const { return stream_.wants_close(); }
  broker_stream& stream() { return stream_; }

 private:
  std::string unwritten() const {
    std::string all;
    std::vector<std::string_view> room(100'000);
    room.resize(stream_.pieces(room));
    for (const auto piece : room) all += piece;
    return all;
  }

  broker_stream stream_;
  std::vector<std::unique_ptr<std::string>> lent_;
  std::string in_;
};

}  // namespace ampspec::amps
