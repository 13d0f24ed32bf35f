// A conversation that says back what it hears: the floor that the speed of the peer is compared with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/conversation.hpp"

#include <string>

namespace ampspec::peer {

class echo : public behaviour::conversation {
 public:
  void receive(std::string_view bytes) override {
    if (done_ == out_.size()) {
      out_.clear();
      done_ = 0;
    }
    out_ += bytes;
  }
  void peer_finished() override { peer_finished_ = true; }
  void lost() override {}
  std::string_view output() const override { return std::string_view(out_).substr(done_); }
  void sent(std::size_t count) override { done_ += count; }
  bool wants_input() const override { return out_.size() - done_ < (1u << 20); }
  bool wants_close() const override { return peer_finished_; }

 private:
  std::string out_;
  std::size_t done_ = 0;
  bool peer_finished_ = false;
};

}  // namespace ampspec::peer
