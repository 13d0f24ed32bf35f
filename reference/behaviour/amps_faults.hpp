// Named ways in which a broker misbehaves: edits of what enters and what leaves a session, one for each name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/broker_session.hpp"
#include "reference/amps/frame_decoder.hpp"
#include "reference/behaviour/amps_conversation.hpp"
#include "reference/behaviour/conversation.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::behaviour {

/// One message, apart: header fields as text in the order in which they are written, and what stands behind them.
struct amps_message {
  std::vector<std::pair<std::string, std::string>> fields;  ///< key, JSON of the value
  std::string rest;                                         ///< a body, or the records of a batch

  std::string* find(std::string_view key);
  const std::string* find(std::string_view key) const;
  /// The text of a field without its quotes; empty if it is absent.
  std::string text(std::string_view key) const;
  void set(std::string_view key, std::string json);
  void erase(std::string_view key);
  bool is(std::string_view command) const { return text("c") == command; }
  bool is_ack(std::string_view type) const { return is("ack") && text("a") == type; }
};

/// Reads a header that our own side wrote: compact, flat.
amps_message amps_message_from(std::string_view header, std::string_view rest);
std::string amps_header_text(const amps_message&);

/// One named misbehaviour, on one connection. It may remember.
class amps_fault {
 public:
  amps_fault() = default;
  amps_fault(const amps_fault&) = delete;
  amps_fault& operator=(const amps_fault&) = delete;
  virtual ~amps_fault() = default;

  /// What reaches the session instead of a command.
  virtual std::vector<amps_message> in(amps_message m) { return {std::move(m)}; }
  /// What is written instead of a message.
  virtual std::vector<amps_message> out(amps_message m) { return {std::move(m)}; }
  /// The frame's octets, last of all; `prefix` is its length in four octets.
  virtual void encoded([[maybe_unused]] std::string& prefix, [[maybe_unused]] std::string& frame) {}
};

/// Every name, in the order of vectors/faults.yaml.
std::vector<std::string_view> amps_fault_names();
/// Null if there is none of that name.
std::unique_ptr<amps_fault> make_amps_fault(std::string_view name);

/// The broker behind a fault.
class faulty_amps_conversation final : public conversation {
 public:
  faulty_amps_conversation(const std::shared_ptr<amps::broker>&, std::unique_ptr<amps_fault>,
                           amps_conversation::clock = {});

  void receive(std::string_view bytes) override;
  void peer_finished() override { lost(); }
  void lost() override;
  std::string_view output() const override;
  void sent(std::size_t count) override { done_ += count; }
  bool wants_input() const override { return output().size() < max_output; }
  bool wants_close() const override;

  const amps::broker_session* session() { return &session_; }
  void resume() {}

 private:
  static constexpr std::size_t max_output = 8u << 20;
  void take_output() const;

  std::shared_ptr<amps::broker> broker_;
  mutable amps::broker_session session_;
  amps::frame_decoder decoder_;
  std::unique_ptr<amps_fault> fault_;
  amps_conversation::clock now_;
  mutable std::string out_;
  mutable std::size_t done_ = 0;
};

}  // namespace ampspec::behaviour
