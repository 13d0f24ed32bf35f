// The broker behind a fault, on one connection of TCP: octets in and out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/frame_decoder.hpp"
#include "reference/behaviour/amps_endpoint.hpp"
#include "reference/behaviour/conversation.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace ampspec::behaviour {

class faulty_amps_conversation final : public conversation {
 public:
  faulty_amps_conversation(const std::shared_ptr<amps::broker>&, std::unique_ptr<amps_fault>,
                           amps_conversation::clock = {});

  void receive(std::string_view bytes) override;
  void peer_finished() override { lost(); }
  void lost() override { endpoint_.lost(); }
  std::string_view output() const override;
  void sent(std::size_t count) override { done_ += count; }
  bool wants_input() const override { return output().size() < max_output; }
  bool wants_close() const override;

  const amps::broker_session* session() { return endpoint_.session(); }
  void resume() {}

 private:
  static constexpr std::size_t max_output = 8u << 20;
  void encode() const;

  amps_fault& fault_;
  mutable amps_endpoint endpoint_;
  amps::frame_decoder decoder_;
  mutable std::string out_;
  mutable std::size_t done_ = 0;
};

}  // namespace ampspec::behaviour
