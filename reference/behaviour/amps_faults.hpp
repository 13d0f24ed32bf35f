// Named ways in which a broker misbehaves: edits of what enters and what leaves a session, one for each name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
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

}  // namespace ampspec::behaviour
