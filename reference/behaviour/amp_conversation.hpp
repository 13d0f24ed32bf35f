// The reference on one connection: a session, the test service behind it, our own calls, the octets behind a switch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amp/session.hpp"
#include "reference/behaviour/conversation.hpp"
#include "reference/behaviour/test_client.hpp"
#include "reference/behaviour/test_service.hpp"

#include <cstddef>
#include <memory>

namespace ampspec::behaviour {

class amp_conversation final : public asking_conversation {
 public:
  /// Requests wait unread while this much output does: what a peer that does not read can cost us, besides one answer.
  static constexpr std::size_t max_output = 8u << 20;

  explicit amp_conversation(std::shared_ptr<service_state>, amp::limits = {});

  void receive(std::string_view bytes) override;
  void peer_finished() override;
  void lost() override;
  std::string_view output() const override;
  void sent(std::size_t count) override;
  bool wants_input() const override;
  bool wants_close() const override;
  bool wants_tls() const override { return session_->wants_change() == amp::transport_change::tls; }
  std::string begin_tls() override;

  void call(std::uint64_t number, std::string_view command, const plain_box& arguments, bool ask) override;
  void send_box(std::uint64_t number, const plain_box&) override;
  void start_tls(std::uint64_t number) override { client_.start_tls(number); }
  void call_switch(std::uint64_t number, std::string_view command, const plain_box& arguments) override;
  bool write_stream(std::uint64_t number, const stream_order&) override;
  std::optional<call_end> next_end() override;

 private:
  void take_events(std::size_t output_limit);
  void become_raw();

  std::shared_ptr<amp::session> session_;  ///< shared with deferred calls that outlive the connection
  test_service service_;
  test_client client_;
  bool drained_ = true;  ///< no octets are lent to the session
  bool peer_finished_ = false;

  // Behind a switch: octets on their way back.
  bool raw_ = false, raw_finished_ = false;
  std::string raw_out_;
  std::size_t raw_sent_ = 0;
};

}  // namespace ampspec::behaviour
