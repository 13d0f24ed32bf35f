// What the tests of this room share: octets made without the encoder under test, and short pictures of what came out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/naive/box.hpp"
#include "reference/naive/conversation.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::naive::testing {

/// A fault, and something that looks one way without it and another way with it.
struct demonstration {
  fault knob;
  std::function<std::string(const options&)> observe;
  std::string without, with;
};

/// Of the faults of typed values.
const std::vector<demonstration>& type_demonstrations();
/// Of the faults of AMPv2.
const std::vector<demonstration>& chunk_demonstrations();
/// Of those around the protocol switch and StartTLS.
const std::vector<demonstration>& change_demonstrations();
/// Of the faults of streams.
const std::vector<demonstration>& stream_demonstrations();
/// Of the faults of values over several keys.
const std::vector<demonstration>& big_demonstrations();
/// Of those of bulk transfers.
const std::vector<demonstration>& bulk_demonstrations();
/// Those of the AMPS codec (amps_codec_test.cpp).
const std::vector<demonstration>& amps_demonstrations();

/// `00 04 5f`: blanks are free.
inline std::string hex(std::string_view digits) {
  std::string octets, two;
  for (char c : digits) {
    if (c != ' ') two += c;
    if (two.size() == 2) octets += static_cast<char>(std::stoi(std::exchange(two, {}), nullptr, 16));
  }
  return octets;
}

inline std::string u16(std::size_t n) { return {static_cast<char>(n / 256), static_cast<char>(n % 256)}; }

/// A box as the grammar writes it; nothing is checked.
inline std::string raw(const box& pairs) {
  std::string octets;
  for (const auto& [key, value] : pairs) octets += u16(key.size()) + key + u16(value.size()) + value;
  return octets + u16(0);
}

inline box with_arguments(box head, const box& arguments) {
  head.insert(head.end(), arguments.begin(), arguments.end());
  return head;
}
inline std::string request(const std::string& tag, const std::string& command, const box& arguments = {}) {
  return raw(with_arguments({{"_ask", tag}, {"_command", command}}, arguments));
}
inline std::string without_ask(const std::string& command, const box& arguments = {}) {
  return raw(with_arguments({{"_command", command}}, arguments));
}
inline std::string answer(const std::string& tag, const box& values = {}) {
  return raw(with_arguments({{"_answer", tag}}, values));
}
inline std::string error(const std::string& tag, const std::string& code, const std::string& description) {
  return raw({{"_error", tag}, {"_error_code", code}, {"_error_description", description}});
}

/// Printable text, other octets as \xNN; long ones as their first octet and their size.
inline std::string shown(std::string_view octets) {
  std::string text;
  if (octets.size() > 200) return shown(octets.substr(0, 1)) + "*" + std::to_string(octets.size());
  for (char c : octets) {
    const char* const digits = "0123456789abcdef";
    const auto u = static_cast<unsigned char>(c);
    if (c >= ' ' && c <= '~') {
      text += c;
    } else {
      text += std::string("\\x") + digits[u / 16] + digits[u % 16];
    }
  }
  return text;
}

inline std::string shown(const box& pairs) {
  std::string text = "{";
  for (const auto& [key, value] : pairs) text += (text.size() > 1 ? " " : "") + shown(key) + "=" + shown(value);
  return text + "}";
}

inline std::string shown(const std::vector<box>& boxes) {
  std::string text;
  for (const box& b : boxes) text += shown(b) + " ";
  return text;
}

/// `{a=1} {b=} clean`, `rejected key-too-long@7`.
inline std::string shown(const decoded& d) {
  const std::string refused = "rejected " + d.refused.word + "@" + std::to_string(d.refused.offset);
  return shown(d.boxes) + (d.end == ending::clean ? "clean" : d.end == ending::incomplete ? "incomplete" : refused);
}

inline decoded fed(const std::vector<std::string>& chunks, const options& with = {}) {
  reader r(with);
  decoded result;
  const auto collect = [&](std::vector<box> boxes) {
    result.boxes.insert(result.boxes.end(), boxes.begin(), boxes.end());
  };
  for (const std::string& chunk : chunks) collect(r.feed(chunk));
  collect(r.finish());
  result.end = r.end();
  result.refused = r.refused();
  return result;
}

inline std::string shown(const encoded& e) { return e.refused.empty() ? shown(e.bytes) : "refused " + e.refused; }

/// `1:answer{total=94}`, `2:error/declared(CODE|text)`, `3:lost`.
inline std::string shown(const std::vector<ended>& events) {
  std::string text;
  for (const ended& e : events) {
    text += std::to_string(e.call) + ":" + e.how;
    if (e.how == "answer") text += shown(e.values);
    if (e.how == "error") text += "/" + e.kind;
    if (e.how == "error" && e.kind != "undecodable") text += "(" + shown(e.code) + "|" + shown(e.description) + ")";
    text += e.text.empty() ? " " : "(" + e.text + ") ";
  }
  return text;
}

/// Octets that were written: as boxes, if they are whole boxes, or as they are.
inline std::string shown_output(const std::string& octets) {
  const decoded d = decode(octets);
  return d.end == ending::clean ? shown(d.boxes) : "raw " + shown(octets) + " ";
}

/// All that a conversation shows: `{_answer=1 total=94} 1:lost open`.
inline std::string shown(conversation& c) {
  const std::string text = shown_output(c.output()) + shown(c.events());
  return text + (c.wants_close() ? "closing" : "open");
}

}  // namespace ampspec::naive::testing
