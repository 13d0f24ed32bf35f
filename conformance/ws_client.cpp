// Commands and the upgrade as a client writes them, and the grouping of what a server sends.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/ws_client.hpp"

#include "conformance/http_message.hpp"
#include "conformance/matching.hpp"
#include "reference/amps/frame.hpp"
#include "reference/amps/header_scanner.hpp"

#include <algorithm>

namespace ampspec::conformance {
namespace {

constexpr std::string_view key = "YW1wc3BlYyBhc2tzIGl0Lg==";  // 16 octets in base 64; any will do

// `"s":` with digits and a comma behind, as clients look for it.
bool sequence_is_plain(std::string_view header) {
  const auto at = header.find("\"s\":");
  if (at == header.npos) return true;
  const auto digits = header.find_first_not_of("0123456789", at + 4);
  return digits != header.npos && digits > at + 4 && header[digits] == ',';
}

}  // namespace

std::string ws_command_head(std::string_view header, std::uint64_t size, bool text_mode) {
  const char count[] = {static_cast<char>(size == 0 ? 1 : 2), 0, 0, 0};
  std::string out = ws_frame(ws_opcode::binary, {count, sizeof count}) + ws_frame(ws_opcode::text, header);
  if (size > 0) out += ws_frame_head(text_mode ? ws_opcode::text : ws_opcode::binary, size);
  return out;
}

std::string ws_command(std::string_view header, std::string_view body, bool text_mode) {
  std::string masked(body);
  ws_mask(masked, 0);
  return ws_command_head(header, body.size(), text_mode) + masked;
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
  const auto is = [&](std::string_view name, std::string_view value) {
    const auto told = http_header(head, name);
    return told && equal_without_case(*told, value);
  };
  if (!is("Upgrade", "websocket")) return "an upgrade to something else than websocket (RFC 6455)";
  if (!is("Connection", "Upgrade")) return "an answer without `Connection: Upgrade` (RFC 6455)";
  if (http_header(head, "Sec-WebSocket-Accept") != ws_accept_of(key))
    return "another Sec-WebSocket-Accept than that of our key (RFC 6455)";
  if (http_header(head, "Sec-WebSocket-Protocol")) return "a subprotocol, though none was offered (AMPS-WS-001)";
  if (http_header(head, "Sec-WebSocket-Extensions")) return "an extension, though none was offered (AMPS-WS-001)";
  return {};
}

void ws_messages::message(bool text, std::string payload) {
  if (awaited_ == part::header || awaited_ == part::record) return header(text, payload);
  if (!is_body(text, payload.size())) return;
  message_ += payload;
  if (awaited_ == part::body || --records_ == 0) return finish();
  awaited_ = part::record;
}

bool ws_messages::passes(bool text, std::uint64_t size) {
  if (awaited_ != part::body || !is_body(text, size)) return false;
  put_length(message_.size() + size);
  done_ += std::exchange(message_, {});
  return true;
}

// Whether a body may come so.
bool ws_messages::is_body(bool text, std::uint64_t size) {
  if (text != text_mode_) {
    fail(text_mode_ ? "a BINARY body, though bodies are TEXT here (AMPS-WS-013)"
                    : "a TEXT body, though bodies are BINARY here (AMPS-WS-014)");
  } else if (has_length_ && length_ != size) {
    fail("a body of " + std::to_string(size) + " octets behind `l` " + std::to_string(length_) + " (AMPS-HDR-033)");
  }
  return wrong().empty();
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
  put_length(message_.size());
  done_ += std::exchange(message_, {});
  awaited_ = part::header;
}

}  // namespace ampspec::conformance
