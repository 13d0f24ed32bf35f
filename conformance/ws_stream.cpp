// Frames of RFC 6455, and what stands in front of them.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/ws_stream.hpp"

#include "conformance/digest.hpp"
#include "conformance/matching.hpp"
#include "reference/amp/utf8.hpp"

#include <algorithm>
#include <array>

namespace ampspec::conformance {
namespace {

constexpr std::array<char, 4> mask{0x37, static_cast<char>(0xfa), 0x21, 0x3d};
constexpr std::size_t largest_held = 4U << 20U;
constexpr std::uint64_t largest_passed = 256U << 20U;  // more than any message may have (AMPS-LIMIT-002)
constexpr std::uint64_t passed_from = 256U << 10U;

std::string base64(std::string_view octets) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += 3) {
    const auto three = octets.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = bits << 8 | (i < three.size() ? static_cast<unsigned char>(three[i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) out += i <= three.size() ? letters[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

std::uint64_t big_endian(std::string_view octets) {
  std::uint64_t value = 0;
  for (const char c : octets) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// `octets` begin at `offset` of what was masked.
void unmask(std::string& octets, std::string_view with, std::uint64_t offset) {
  for (std::size_t i = 0; i < octets.size(); ++i)
    octets[i] = static_cast<char>(octets[i] ^ with[static_cast<std::size_t>((offset + i) % with.size())]);
}

// The head of a frame: its own size and that of the payload; nothing if it is not whole.
struct frame_head {
  bool last = false, masked = false;
  unsigned reserved = 0, opcode = 0;
  std::size_t size = 0;
  std::uint64_t payload = 0;
};
std::optional<frame_head> head_of(std::string_view octets) {
  if (octets.size() < 2) return std::nullopt;
  const auto first = static_cast<unsigned char>(octets[0]), second = static_cast<unsigned char>(octets[1]);
  frame_head head{(first & 0x80) != 0, (second & 0x80) != 0, first >> 4 & 7u, first & 15u, 2, second & 127u};
  const std::size_t longer = head.payload == 126 ? 2 : head.payload == 127 ? 8 : 0;
  if (octets.size() < head.size + longer) return std::nullopt;
  if (longer > 0) head.payload = big_endian(octets.substr(2, longer));
  head.size += longer + (head.masked ? mask.size() : 0);
  if (octets.size() < head.size) return std::nullopt;
  return head;
}

}  // namespace

std::string ws_frame_head(ws_opcode opcode, std::uint64_t size, ws_frame_options how) {
  std::string out;
  out += static_cast<char>((how.last ? 0x80 : 0) | static_cast<int>(opcode));
  const int masked = how.masked ? 0x80 : 0;
  const auto put = [&](int octets) {
    for (int i = octets - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i) & 0xff);
  };
  if (size < 126) {
    out += static_cast<char>(masked | static_cast<int>(size));
  } else if (size <= 0xffff) {
    out += static_cast<char>(masked | 126);
    put(2);
  } else {
    out += static_cast<char>(masked | 127);
    put(8);
  }
  if (how.masked) out.append(mask.data(), mask.size());
  return out;
}

void ws_mask(std::string& octets, std::uint64_t offset) { unmask(octets, {mask.data(), mask.size()}, offset); }

std::string ws_frame(ws_opcode opcode, std::string_view payload, ws_frame_options how) {
  std::string octets(payload);
  if (how.masked) ws_mask(octets, 0);
  return ws_frame_head(opcode, payload.size(), how) + octets;
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::string ws_accept_of(std::string_view key) {
  return base64(sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

std::optional<std::string> http_header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != head.npos && at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    const auto colon = line.find(':');
    if (colon == line.npos || !equal_without_case(line.substr(0, colon), name)) continue;
    const auto from = line.find_first_not_of(" \t", colon + 1);
    return from == line.npos ? std::string() : std::string(line.substr(from, line.find_last_not_of(" \t") + 1 - from));
  }
  return std::nullopt;
}

void ws_stream::feed(std::string_view octets) {
  if (!wrong_.empty() || closed) return;
  in_ += octets;
  while (wrong_.empty() && !closed && frame()) {
  }
}

void ws_stream::put_length(std::uint64_t size) {
  for (const int shift : {24, 16, 8, 0}) done_ += static_cast<char>(size >> shift & 0xff);
}

bool ws_stream::frame() {
  if (passing_ > 0) {
    pass();
    return passing_ == 0;
  }
  const auto head = head_of(in_);
  if (!head) return false;
  if (head->masked != masked_) {
    return fail(masked_ ? "a frame of a client that is not masked (AMPS-WS-026, RFC 6455)"
                        : "a masked frame of a server (RFC 6455)"),
           false;
  }
  if (head->reserved != 0) return fail("reserved bits in a frame, though no extension was agreed on (RFC 6455)"), false;
  const auto mask_of_it = in_.substr(head->size - (head->masked ? mask.size() : 0), head->masked ? mask.size() : 0);
  const bool data = head->opcode == 1 || head->opcode == 2;
  if (data && head->last && !in_fragments_ && head->payload >= passed_from && head->payload <= largest_passed &&
      passes(head->opcode == 1, head->payload)) {
    in_.erase(0, head->size);
    passing_ = head->payload;
    passed_ = 0;
    passing_text_ = head->opcode == 1;
    passing_mask_ = mask_of_it;
    cut_character_.clear();
    return true;
  }
  if (head->payload > largest_held)
    return fail("a frame of " + std::to_string(head->payload) + " octets, more than anybody asked for"), false;
  if (in_.size() - head->size < head->payload) return false;
  std::string payload = in_.substr(head->size, static_cast<std::size_t>(head->payload));
  in_.erase(0, head->size + payload.size());
  if (head->masked) unmask(payload, mask_of_it, 0);
  const bool control = head->opcode >= 8;
  if (control && (!head->last || payload.size() > 125))
    return fail("a control frame that is fragmented or longer than 125 octets (RFC 6455)"), false;
  switch (static_cast<ws_opcode>(head->opcode)) {
    case ws_opcode::ping:
      pings.push_back(std::move(payload));
      return true;
    case ws_opcode::pong:
      pongs.push_back(std::move(payload));
      return true;
    case ws_opcode::close:
      closed = closing{};
      if (payload.size() >= 2) closed = closing{static_cast<int>(big_endian(payload.substr(0, 2))), payload.substr(2)};
      return true;
    case ws_opcode::continuation:
      if (!in_fragments_) return fail("a continuation of nothing (RFC 6455)"), false;
      break;
    case ws_opcode::text:
    case ws_opcode::binary:
      if (in_fragments_) return fail("a new message inside a fragmented one (RFC 6455)"), false;
      fragments_text_ = head->opcode == 1;
      break;
    default:
      return fail("a frame of unknown kind " + std::to_string(head->opcode) + " (RFC 6455)"), false;
  }
  fragments_ += payload;
  if (fragments_.size() > largest_held) return fail("a message without end"), false;
  in_fragments_ = !head->last;
  if (!head->last) return true;
  payload = std::exchange(fragments_, {});
  if (fragments_text_ && amp::valid_utf8_prefix(payload) != payload.size())
    return fail("a TEXT message that is not UTF-8 (RFC 6455)"), false;
  message(fragments_text_, std::move(payload));
  return true;
}

// What has come of a payload that passes.
void ws_stream::pass() {
  auto piece = in_.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(in_.size(), passing_)));
  in_.erase(0, piece.size());
  if (!passing_mask_.empty()) unmask(piece, passing_mask_, passed_);
  passing_ -= piece.size();
  passed_ += piece.size();
  if (passing_text_) {
    constexpr std::size_t longest_character = 4;
    const auto text = cut_character_ + piece;
    const auto valid = amp::valid_utf8_prefix(text);
    if (text.size() - valid >= longest_character || (passing_ == 0 && valid != text.size()))
      return fail("a TEXT message that is not UTF-8 (RFC 6455)");
    cut_character_ = text.substr(valid);
  }
  done_ += piece;
  if (passing_ == 0) passed();
}

std::vector<noted_field> annotate_ws(std::string_view octets) {
  std::vector<noted_field> fields;
  std::size_t at = 0;
  const auto note = [&](std::size_t size, std::string label) {
    size = std::min(size, octets.size() - at);
    if (size > 0) fields.push_back({at, size, std::move(label)});
    at += size;
  };
  if (octets.starts_with("GET ") || octets.starts_with("HTTP/")) {
    const auto end = octets.find("\r\n\r\n");
    note(end == octets.npos ? octets.size() : end + 4, "upgrade");
  }
  while (at < octets.size()) {
    const auto head = head_of(octets.substr(at));
    if (!head) {
      note(octets.size() - at, "a part of a frame");
      break;
    }
    constexpr std::array<std::string_view, 16> kinds{"continuation", "text", "binary", "", "", "", "", "",
                                                     "close",        "ping", "pong",   "", "", "", "", ""};
    const auto kind = kinds[head->opcode];
    std::string payload(octets.substr(at + head->size).substr(0, static_cast<std::size_t>(head->payload)));
    if (head->masked) {
      const auto with = octets.substr(at + head->size - mask.size(), mask.size());
      for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ with[i % mask.size()]);
    }
    note(head->size, (kind.empty() ? "unknown" : std::string(kind)) + " frame of " + std::to_string(head->payload) +
                         (head->last ? "" : ", not the last") + (head->masked ? ", masked" : ""));
    note(payload.size(), show_octets(payload));
  }
  return fields;
}

}  // namespace ampspec::conformance
