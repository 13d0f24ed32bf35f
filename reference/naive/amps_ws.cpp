// Each message is put together in memory and looked at when it is whole.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/amps_ws.hpp"

#include "reference/naive/amps_codec.hpp"

#include <utility>

namespace ampspec::naive {

using enum fault;

namespace {

std::string base64(const std::string& octets) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bits, text;
  for (const char c : octets) {
    for (int i = 7; i >= 0; --i) bits += (static_cast<unsigned char>(c) >> i & 1) != 0 ? '1' : '0';
  }
  while (bits.size() % 6 != 0) bits += '0';
  for (std::size_t at = 0; at < bits.size(); at += 6) {
    text += letters[static_cast<std::size_t>(std::stoi(bits.substr(at, 6), nullptr, 2))];
  }
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::string big_endian(std::size_t number, int octets) {
  std::string out;
  for (int i = octets - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 0xff);
  return out;
}

std::string reversed(const std::string& octets) { return {octets.rbegin(), octets.rend()}; }

}  // namespace

amps_ws::amps_ws(const faults& broken, const std::string& host, const std::string& path, const std::string& credentials)
    : broken_(broken) {
  const auto bare = path.substr(0, path.find('?'));
  mode_ = bare.ends_with("/json") ? "text" : "binary";
  if (on(amps_client_ws_mode_is_binary)) mode_ = "binary";
  out_ = "GET " + (on(amps_client_ws_path_is_fixed) ? "/amps/json" : bare) + " HTTP/1.1\r\nHost: " + host +
         "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: bmFpdmUgYXNrcyBmb3IgaQ==\r\n";
  if (!credentials.empty()) out_ += "Authorization: Basic " + base64(credentials) + "\r\n";  // AMPS-WS-025
  out_ += "\r\n";
  const bool as_text = !on(amps_client_ws_mode_not_text);
  if (!on(amps_client_ws_without_mode)) frame(as_text ? 1 : 2, mode_);  // AMPS-WS-003
}

std::string amps_ws::output() { return std::exchange(out_, ""); }

// Always with the same mask.
void amps_ws::frame(int opcode, std::string payload) {
  std::string octets;
  octets += static_cast<char>(0x80 + opcode);
  if (payload.size() < 126) {
    octets += static_cast<char>(0x80 + payload.size());
  } else if (payload.size() < 65536) {
    octets += static_cast<char>(0x80 + 126);
    octets += big_endian(payload.size(), 2);
  } else {
    octets += static_cast<char>(0x80 + 127);
    octets += big_endian(payload.size(), 8);
  }
  const std::string mask = "mask";
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ mask[i % 4]);
  (open_ ? out_ : waiting_) += octets + mask + payload;
}

void amps_ws::send(const std::string& header, const std::string& body) {
  const int of_bodies = mode_ == "text" ? 1 : 2;
  if (!half_.empty()) frame(of_bodies, std::exchange(half_, ""));
  std::size_t count = body.empty() ? 1 : 2;  // AMPS-WS-006
  if (on(amps_client_ws_counts_bodies)) --count;
  if (on(amps_client_ws_body_in_header)) count = 1;
  const auto octets = big_endian(count, 4);
  if (!on(amps_client_ws_without_count)) {  // AMPS-WS-005
    frame(on(amps_client_ws_count_is_text) ? 1 : 2, on(amps_client_ws_count_big_endian) ? octets : reversed(octets));
  }
  if (on(amps_client_ws_body_in_header)) return frame(1, header + body);
  frame(on(amps_client_ws_header_not_text) ? 2 : 1, header);
  if (body.empty()) return;
  if (on(amps_client_ws_interleaves) && body.size() > 1000) {  // AMPS-WS-018
    half_ = body;
    return;
  }
  frame(of_bodies, body);
}

std::string amps_ws::receive(std::string_view octets) {
  in_ += octets;
  if (!open_) {
    const auto end = in_.find("\r\n\r\n");
    if (end == std::string::npos) return "";
    if (!in_.starts_with("HTTP/1.1 101")) {
      over_ = true;
      return "";
    }
    in_.erase(0, end + 4);
    open_ = true;
    out_ += std::exchange(waiting_, "");
  }
  std::string done;
  while (!over_ && take_frame(done)) {
  }
  return done;
}

bool amps_ws::take_frame(std::string& done) {
  if (in_.size() < 2) return false;
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(in_[i]); };
  const bool last = octet(0) >= 0x80;
  const int opcode = octet(0) & 15;
  std::size_t size = octet(1) & 127u, at = 2;
  const std::size_t longer = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (in_.size() < at + longer) return false;
  if (longer > 0) size = 0;
  for (; at < 2 + longer; ++at) size = size * 256 + octet(at);
  if (size > amps_limit) {
    over_ = true;
    return false;
  }
  if (in_.size() < at + size) return false;
  const std::string payload = in_.substr(at, size);
  in_.erase(0, at + size);
  if (opcode == 9 && !on(amps_client_ws_never_pongs)) frame(10, payload);  // AMPS-WS-017
  if (opcode == 8) {
    frame(8, payload.substr(0, 2));
    over_ = true;
  }
  if (opcode > 2) return true;
  fragments_ += payload;
  if (last) take_message(std::exchange(fragments_, ""), done);
  return true;
}

// AMPS-WS-033
void amps_ws::take_message(const std::string& message, std::string& done) {
  group_ += message;
  if (awaited_ == "record") {
    awaited_ = "record body";
    return;
  }
  if (awaited_ == "record body" && --records_ > 0) {
    awaited_ = "record";
    return;
  }
  if (awaited_ == "header") {
    const auto header = read_object(message, broken_);
    const auto field = [&](const char* name) {
      const auto found = header.fields.find(name);
      return found == header.fields.end() ? std::string() : found->second;
    };
    const auto command = field("c");
    const bool has_body = command == "publish" || command == "p" || command == "oof" ||
                          (command == "ack" && on(amps_client_ws_acks_have_bodies));
    if (has_body && (field("l") != "0" || on(amps_client_ws_waits_for_empty_body))) {
      awaited_ = "body";
      return;
    }
    records_ = command == "sow" ? std::strtoul(field("bs").c_str(), nullptr, 10) : 0;
    if (on(amps_client_ws_reads_one_record) && records_ > 1) records_ = 1;
    if (records_ > 0) {
      awaited_ = "record";
      return;
    }
  }
  awaited_ = "header";
  done += big_endian(group_.size(), 4) + group_;
  group_.clear();
}

}  // namespace ampspec::naive
