// Frames of RFC 6455 and the grouping of AMPS messages over them.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/ws_client.hpp"

#include "conformance/digest.hpp"
#include "conformance/http_message.hpp"
#include "conformance/matching.hpp"
#include "reference/amp/utf8.hpp"
#include "reference/amps/frame.hpp"
#include "reference/amps/header_scanner.hpp"

#include <algorithm>
#include <array>

namespace ampspec::conformance {
namespace {

constexpr std::string_view key = "YW1wc3BlYyBhc2tzIGl0Lg==";  // 16 octets in base 64; any will do
constexpr std::array<char, 4> mask{0x37, static_cast<char>(0xfa), 0x21, 0x3d};
constexpr std::size_t largest_held = 4U << 20U;

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

// What a server answers to our key (RFC 6455, 4.2.2).
std::string accept_of(std::string_view told) {
  return base64(sha1(std::string(told) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::uint64_t big_endian(std::string_view octets) {
  std::uint64_t value = 0;
  for (const char c : octets) value = value << 8 | static_cast<unsigned char>(c);
  return value;
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

// `"s":` with digits and a comma behind, as clients look for it.
bool sequence_is_plain(std::string_view header) {
  const auto at = header.find("\"s\":");
  if (at == header.npos) return true;
  const auto digits = header.find_first_not_of("0123456789", at + 4);
  return digits != header.npos && digits > at + 4 && header[digits] == ',';
}

}  // namespace

std::string ws_frame(ws_opcode opcode, std::string_view payload, ws_frame_options how) {
  std::string out;
  out += static_cast<char>((how.last ? 0x80 : 0) | static_cast<int>(opcode));
  const int masked = how.masked ? 0x80 : 0;
  const auto put = [&](int octets) {
    for (int i = octets - 1; i >= 0; --i) out += static_cast<char>(payload.size() >> (8 * i) & 0xff);
  };
  if (payload.size() < 126) {
    out += static_cast<char>(masked | static_cast<int>(payload.size()));
  } else if (payload.size() <= 0xffff) {
    out += static_cast<char>(masked | 126);
    put(2);
  } else {
    out += static_cast<char>(masked | 127);
    put(8);
  }
  if (!how.masked) return out.append(payload);
  out.append(mask.data(), mask.size());
  for (std::size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
  return out;
}

std::string ws_command(std::string_view header, std::string_view body, bool text_mode) {
  const char count[] = {static_cast<char>(body.empty() ? 1 : 2), 0, 0, 0};
  std::string out = ws_frame(ws_opcode::binary, {count, sizeof count}) + ws_frame(ws_opcode::text, header);
  if (!body.empty()) out += ws_frame(text_mode ? ws_opcode::text : ws_opcode::binary, body);
  return out;
}

std::string ws_upgrade_request(std::string_view path, const plain_box& headers) {
  std::string out = "GET ";
  out.append(path).append(" HTTP/1.1\r\n");
  const auto put = [&](std::string_view name, std::string_view value) {
    const bool told =
        std::any_of(headers.begin(), headers.end(), [&](const auto& h) { return equal_without_case(h.first, name); });
    if (!told) out.append(name).append(": ").append(value).append("\r\n");
  };
  put("Host", "127.0.0.1");
  put("Upgrade", "websocket");
  put("Connection", "Upgrade");
  put("Sec-WebSocket-Key", key);
  put("Sec-WebSocket-Version", "13");
  for (const auto& [name, value] : headers) {
    if (!value.empty()) out.append(name).append(": ").append(value).append("\r\n");
  }
  return out += "\r\n";
}

int http_status(std::string_view head) {
  http_message answer;
  answer.feed(head);
  return answer.has_head() && answer.wrong().empty() ? answer.status() : 0;
}

std::string wrong_upgrade(std::string_view head) {
  if (!head.starts_with("HTTP/1.1 101")) return "no upgrade: " + std::string(head.substr(0, head.find('\r')));
  const auto value_of = [&](std::string_view name) -> std::optional<std::string> {
    for (std::size_t at = head.find("\r\n"); at != head.npos && at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
      const auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
      const auto colon = line.find(':');
      if (colon == line.npos || !equal_without_case(line.substr(0, colon), name)) continue;
      const auto from = line.find_first_not_of(" \t", colon + 1);
      return from == line.npos ? std::string()
                               : std::string(line.substr(from, line.find_last_not_of(" \t") + 1 - from));
    }
    return std::nullopt;
  };
  const auto is = [&](std::string_view name, std::string_view value) {
    const auto told = value_of(name);
    return told && equal_without_case(*told, value);
  };
  if (!is("Upgrade", "websocket")) return "an upgrade to something else than websocket (RFC 6455)";
  if (!is("Connection", "Upgrade")) return "an answer without `Connection: Upgrade` (RFC 6455)";
  if (value_of("Sec-WebSocket-Accept") != accept_of(key))
    return "another Sec-WebSocket-Accept than that of our key (RFC 6455)";
  if (value_of("Sec-WebSocket-Protocol")) return "a subprotocol, though none was offered (AMPS-WS-001)";
  if (value_of("Sec-WebSocket-Extensions")) return "an extension, though none was offered (AMPS-WS-001)";
  return {};
}

void ws_messages::feed(std::string_view octets) {
  if (!wrong_.empty() || closed) return;
  in_ += octets;
  while (wrong_.empty() && !closed && frame()) {
  }
}

bool ws_messages::frame() {
  const auto head = head_of(in_);
  if (!head) return false;
  if (head->masked) return fail("a masked frame of a server (RFC 6455)"), false;
  if (head->reserved != 0) return fail("reserved bits in a frame, though no extension was agreed on (RFC 6455)"), false;
  if (head->payload > largest_held)
    return fail("a frame of " + std::to_string(head->payload) + " octets, more than anybody asked for"), false;
  if (in_.size() - head->size < head->payload) return false;
  std::string payload = in_.substr(head->size, static_cast<std::size_t>(head->payload));
  in_.erase(0, head->size + payload.size());
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
      closed.emplace();
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
  if (head->last) message(fragments_text_, std::exchange(fragments_, {}));
  return true;
}

void ws_messages::message(bool text, std::string payload) {
  if (text && amp::valid_utf8(payload) != payload) return fail("a TEXT message that is not UTF-8 (RFC 6455)");
  if (awaited_ == part::header || awaited_ == part::record) return header(text, payload);
  if (text != text_mode_) {
    return fail(text_mode_ ? "a BINARY body, though bodies are TEXT here (AMPS-WS-013)"
                           : "a TEXT body, though bodies are BINARY here (AMPS-WS-014)");
  }
  if (has_length_ && length_ != payload.size()) {
    return fail("a body of " + std::to_string(payload.size()) + " octets behind `l` " + std::to_string(length_) +
                " (AMPS-HDR-033)");
  }
  message_ += payload;
  if (awaited_ == part::body || --records_ == 0) return finish();
  awaited_ = part::record;
}

void ws_messages::header(bool text, const std::string& payload) {
  const bool record = awaited_ == part::record;
  const std::string what = record ? "record header" : "header";
  if (!text) return fail("a BINARY " + what + " (AMPS-WS-009): " + show_octets(payload));
  amps::header_view view;
  std::string unescaped;
  const auto scanned = amps::scan_header(payload, view, unescaped);
  if (!scanned.ok()) return fail("a message that is no " + what + " (AMPS-WS-009): " + show_octets(payload));
  if (scanned.size != payload.size())
    return fail("a message with more than its " + what + " (AMPS-WS-009): " + show_octets(payload));
  if (!sequence_is_plain(payload)) return fail("a header whose `s` clients do not find (AMPS-WS-022)");
  message_ += payload;
  const auto length = view.read_number(amps::field::message_length);
  has_length_ = length.good();
  length_ = length.value;
  if (record) {
    awaited_ = part::record_body;
    return;
  }
  const auto what_it_is = view.what();
  if (what_it_is == amps::command::publish || what_it_is == amps::command::oof) {
    awaited_ = part::body;
    if (has_length_ && length_ == 0) finish();  // AMPS-WS-011
    return;
  }
  if (what_it_is != amps::command::sow) return finish();  // AMPS-WS-032
  const auto records = view.read_number(amps::field::batch_size);
  if (!records.good() || records.value == 0) return fail("a batch without the number of its records (AMPS-WS-012)");
  records_ = records.value;
  awaited_ = part::record;
}

void ws_messages::finish() {
  for (const int shift : {24, 16, 8, 0}) done_ += static_cast<char>(message_.size() >> shift & 0xff);
  done_ += std::exchange(message_, {});
  awaited_ = part::header;
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
