// The upgrade as a server answers it, and the grouping of what a client sends.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/ws_server.hpp"

#include "conformance/matching.hpp"
#include "reference/amps/frame.hpp"
#include "reference/amps/header_scanner.hpp"

#include <algorithm>
#include <optional>

namespace ampspec::conformance {
namespace {

// One of the words of a list such as `keep-alive, Upgrade`.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    auto item = list.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (equal_without_case(item, word)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

// The size of the object in front; nothing if it is no header.
std::optional<std::size_t> header_size(std::string_view text) {
  amps::header_view fields;
  std::string unescaped;
  const auto scanned = amps::scan_header(text, fields, unescaped);
  if (!scanned.ok()) return std::nullopt;
  return scanned.size;
}

std::string frame_of(bool text, std::string_view payload) {
  return ws_frame(text ? ws_opcode::text : ws_opcode::binary, payload, {.last = true, .masked = false});
}

// One message without its length.
std::string delivery(std::string_view message, bool text_mode) {
  amps::header_view fields;
  std::string unescaped;  // `fields` has views into it
  const auto scanned = amps::scan_header(message, fields, unescaped);
  if (!scanned.ok()) return frame_of(true, message);
  std::string out = frame_of(true, message.substr(0, scanned.size));
  auto rest = message.substr(scanned.size);
  const auto what = fields.what();
  if (what != amps::command::sow) {
    const auto length = fields.read_number(amps::field::message_length);
    const bool has_body = what == amps::command::publish || what == amps::command::oof;
    if (!rest.empty() || (has_body && !(length.good() && length.value == 0))) out += frame_of(text_mode, rest);
    return out;
  }
  while (!rest.empty()) {
    amps::header_view record;
    std::string record_unescaped;
    const auto at_head = amps::scan_header(rest, record, record_unescaped);
    const auto length = record.read_number(amps::field::message_length);
    if (!at_head.ok() || !length.good() || length.value > rest.size() - at_head.size)
      return out + frame_of(text_mode, rest);  // by a vector: no record
    const auto size = static_cast<std::size_t>(length.value);
    out += frame_of(true, rest.substr(0, at_head.size)) + frame_of(text_mode, rest.substr(at_head.size, size));
    rest.remove_prefix(at_head.size + size);
  }
  return out;
}

}  // namespace

std::string wrong_upgrade_request(std::string_view head, std::string_view path) {
  const auto line = head.substr(0, head.find("\r\n"));
  const auto first = line.find(' '), second = line.rfind(' ');
  if (!line.starts_with("GET ") || second <= first || line.substr(second + 1) != "HTTP/1.1")
    return "no GET of HTTP/1.1: " + show_octets(line);
  const auto told = line.substr(first + 1, second - first - 1);
  const auto bare = [](std::string_view p) { return p.substr(0, p.find('?')); };
  if (bare(told) != bare(path))
    return "the path " + show_octets(told) + " instead of " + show_octets(path) + " (AMPS-WS-002)";
  const auto upgrade = http_header(head, "Upgrade"), connection = http_header(head, "Connection");
  if (!upgrade || !lists(*upgrade, "websocket")) return "no `Upgrade: websocket` (RFC 6455)";
  if (!connection || !lists(*connection, "Upgrade")) return "no `Connection: Upgrade` (RFC 6455)";
  if (http_header(head, "Sec-WebSocket-Version") != "13") return "no `Sec-WebSocket-Version: 13` (RFC 6455)";
  const auto key = http_header(head, "Sec-WebSocket-Key");
  constexpr std::size_t key_size = 24;  // 16 octets in base 64
  if (!key || key->size() != key_size || !key->ends_with("==")) return "no key of 16 octets (RFC 6455)";
  if (!http_header(head, "Host")) return "no `Host` (RFC 6455)";
  return {};
}

std::string ws_upgrade_answer(std::string_view head) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         ws_accept_of(http_header(head, "Sec-WebSocket-Key").value_or("")) + "\r\n\r\n";
}

std::string ws_deliveries(std::string_view framed, bool text_mode) {
  std::string out;
  while (!framed.empty()) {
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < std::min(framed.size(), amps::prefix_size); ++i)
      length = length << 8 | static_cast<unsigned char>(framed[i]);
    if (framed.size() < amps::prefix_size || length > framed.size() - amps::prefix_size)
      return out + frame_of(true, framed);
    framed.remove_prefix(amps::prefix_size);
    if (length > 0) out += delivery(framed.substr(0, static_cast<std::size_t>(length)), text_mode);
    framed.remove_prefix(static_cast<std::size_t>(length));
  }
  return out;
}

void ws_commands::message(bool text, std::string payload) {
  if (!has_mode_) {
    const std::string_view mode = text_mode_ ? "text" : "binary";
    has_mode_ = true;
    if (!text || payload != mode) {
      fail("another first message than TEXT `" + std::string(mode) + "`: " + (text ? "TEXT " : "BINARY ") +
           show_octets(payload) + " (AMPS-WS-003)");
    }
    return;
  }
  if (awaited_ == 0) return count(text, payload);
  if (!has_header_) {
    if (!text) return fail("a BINARY header (AMPS-WS-006): " + show_octets(payload));
    const auto size = header_size(payload);
    if (!size) return fail("a message that is no header (AMPS-WS-006): " + show_octets(payload));
    if (payload.find_first_not_of(" \t\r\n", *size) != payload.npos)
      return fail("a message with more than its header (AMPS-WS-006): " + show_octets(payload));
    payload.resize(*size);
    has_header_ = true;
  }
  message_ += payload;
  constexpr std::size_t most = 4U << 20U;
  if (message_.size() > most) return fail("a command without end");
  if (--awaited_ > 0) return;
  put_length(message_.size());
  done_ += std::exchange(message_, {});
}

void ws_commands::count(bool text, std::string_view payload) {
  constexpr std::size_t count_size = 4;
  constexpr std::uint32_t most = 65'537;  // AMPS-LIMIT-012
  std::uint32_t n = 0;
  for (std::size_t i = std::min(payload.size(), count_size); i-- > 0;)
    n = n << 8 | static_cast<unsigned char>(payload[i]);
  if (text || payload.size() != count_size || n == 0 || n > most) {
    return fail("something else than a count, BINARY of 4 octets, little-endian, 1 to 65537 (AMPS-WS-005): " +
                std::string(text ? "TEXT " : "BINARY ") + show_octets(payload));
  }
  awaited_ = n;
  has_header_ = false;
}

}  // namespace ampspec::conformance
