// Holds what came for calls against what was promised.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/play_amps.hpp"

#include <algorithm>
#include <utility>

namespace ampspec::conformance {
namespace {

// `a,b` holds `b`.
bool holds(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (list.substr(0, comma) == word) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

vectors::recipe acks_of(const vectors::acks_step& s, const bindings& names) {
  vectors::recipe all;
  const auto asked = names.captured.find(s.asked);
  if (asked == names.captured.end()) return all;
  for (const auto& [type, frame] : s.by_type) {
    if (holds(asked->second, type)) all.insert(all.end(), frame.begin(), frame.end());
  }
  return all;
}

bool amps_inbox::take(const client_event& e) {
  if (e.what == client_event::kind::message) {
    messages_[e.call].push_back(e.box);
  } else if (e.what == client_event::kind::unwritten) {
    unwritten_.push_back(e);
  } else {
    return false;
  }
  return true;
}

void amps_inbox::expect(const vectors::expect_message_step& s, std::uint64_t call, const std::string& where,
                        const std::function<bool()>& wait) {
  const std::string expected = "a message for call " + s.call + ": " + describe(s.message, names_);
  auto& came = messages_[call];
  while (came.empty()) {
    if (!wait()) throw deviation{where, "message", "nothing", expected, "none was delivered", true};
  }
  const auto got = std::move(came.front());
  came.pop_front();
  if (const auto d = differs(s.message, got, names_)) {
    throw deviation{where, "message", "other", expected, d->text + "; got " + show_box(got), false};
  }
}

void amps_inbox::expect(const vectors::expect_unwritten_step& s, const std::string& where,
                        const std::function<bool()>& wait) {
  const std::string expected = "the client to tell that a stored message was refused";
  while (unwritten_.empty()) {
    if (!wait()) throw deviation{where, "unwritten", "nothing", expected, "it told nothing", true};
  }
  const auto got = std::move(unwritten_.front());
  unwritten_.pop_front();
  const std::string in_words = "sequence " + std::to_string(got.call) + ", reason " +
                               show_octets(got.code.value_or("")) + ", " + show_box(got.box);
  const auto check = [&](const std::optional<vectors::value_matcher>& want, std::string_view value, const char* what) {
    if (!want || matches(*want, value, names_)) return;
    throw deviation{where, what, "other", std::string(what) + ": " + describe(*want, names_), in_words, false};
  };
  check(s.sequence, std::to_string(got.call), "sequence");
  check(s.reason, got.code.value_or(""), "reason");
  if (!s.message) return;
  if (const auto d = differs(*s.message, got.box, names_)) {
    throw deviation{where, "unwritten", "other", describe(*s.message, names_), d->text + "; " + in_words, false};
  }
}

void amps_inbox::finish(const std::string& where) const {
  for (const auto& [call, came] : messages_) {
    if (came.empty()) continue;
    throw deviation{where, "silence", "message", "no further message", "one was delivered: " + show_box(came.front()),
                    false};
  }
  if (!unwritten_.empty()) {
    throw deviation{where,
                    "silence",
                    "unwritten",
                    "every stored message to be taken",
                    "the client told that one was refused: " + show_octets(unwritten_.front().code.value_or("")),
                    false};
  }
}

}  // namespace ampspec::conformance
