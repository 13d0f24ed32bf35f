// Reading groups of WebSocket messages, and writing them.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/ws_grouping.hpp"

#include "reference/amps/header_scanner.hpp"
#include "reference/amps/header_writer.hpp"

#include <algorithm>

namespace ampspec::amps {
namespace {

constexpr std::size_t count_size = 4;
constexpr std::size_t longest_mode = 6;  // `binary`

/// Where a header message has something else than its object and white space; its size if it has not.
std::size_t behind_header(std::string_view message, std::size_t object) {
  return std::min(message.find_first_not_of(" \t\r\n", object), message.size());
}

}  // namespace

std::uint16_t ws_close_code(const std::error_code& code) { return code == condition::over_limit ? 1009 : 1002; }

// --- commands --------------------------------------------------------------------------------------------------------

ws_command_reader::ws_command_reader(ws_limits l) : limits_(l) {}

std::uint64_t ws_command_reader::room() const {
  if (!mode_) return longest_mode;
  return awaited_ == 0 ? count_size : limits_.max_message - size_;
}

std::optional<frame_view> ws_command_reader::receive(ws_kind kind, std::string_view octets, bool last) {
  if (error_) return std::nullopt;
  const bool in_group = awaited_ > 0, is_body = in_group && has_header_;
  // What can be told before the message has ended.
  if (!in_group) {
    if (message_ + octets.size() > room()) {
      return mode_ ? fail(errc::bad_count, 0, "AMPS-WS-019") : fail(errc::bad_mode, 0, "AMPS-WS-003");
    }
  } else if (!is_body && kind != ws_kind::text) {
    return fail(errc::header_not_text, 0, "AMPS-WS-031");
  } else if (octets.size() > limits_.max_message - size_) {
    return fail(errc::frame_too_large, 0, "AMPS-LIMIT-010");
  } else {
    size_ += octets.size();
  }
  message_ += octets.size();
  if (!is_body && (in_pieces_ || !last)) {
    if (!in_pieces_) held_.clear();
    held_ += octets;
    in_pieces_ = !last;
    octets = held_;
    if (!last) return std::nullopt;
  }
  std::optional<frame_view> got;
  if (!mode_) {
    if (kind != ws_kind::text || (octets != "text" && octets != "binary"))
      return fail(errc::bad_mode, 0, "AMPS-WS-003");
    mode_ = octets == "text" ? ws_kind::text : ws_kind::binary;
  } else if (!in_group) {
    begin_group(kind, octets);
  } else {
    if (last) --awaited_;
    if (is_body) {
      if (auto f = add_body(octets, last)) got.emplace(*f);
    } else if (auto f = take_header(octets)) {
      got.emplace(*f);
    }
  }
  if (last) before_ += std::exchange(message_, 0);
  return got;
}

std::optional<frame_view> ws_command_reader::begin_group(ws_kind kind, std::string_view octets) {
  if (kind != ws_kind::binary || octets.size() != count_size) return fail(errc::bad_count, 0, "AMPS-WS-019");
  std::uint32_t count = 0;
  for (std::size_t i = count_size; i-- > 0;) count = count << 8 | static_cast<unsigned char>(octets[i]);  // AMPS-WS-005
  if (count == 0) return fail(errc::bad_count, 0, "AMPS-WS-019");
  if (count > limits_.max_group) return fail(errc::group_too_long, 0, "AMPS-LIMIT-012");
  awaited_ = count;
  has_header_ = false;
  size_ = 0;
  body_ = {};
  return std::nullopt;
}

std::optional<frame_view> ws_command_reader::take_header(std::string_view octets) {
  if (awaited_ > 0 && octets.data() != held_.data()) {
    held_ = octets;  // it must outlive the message that brought it
    octets = held_;
  }
  fields_.clear();
  const scanned s = scan_header(octets, fields_, unescaped_);
  if (!s.ok()) return fail(s.code, s.size, s.broken);
  if (const auto at = behind_header(octets, s.size); at != octets.size()) {
    return fail(errc::octets_behind_header, at, "AMPS-WS-034");
  }
  if (fields_[field::command].empty()) return fail(errc::no_command, 0, "AMPS-HDR-018");
  has_header_ = true;
  if (awaited_ > 0) return std::nullopt;
  return frame_view{fields_, {}, 0, 0};
}

std::optional<frame_view> ws_command_reader::add_body(std::string_view octets, bool last) {
  const bool complete = last && awaited_ == 0;
  if (complete && body_.empty()) return frame_view{fields_, octets, octets.size(), 0};
  body_.append(octets);  // AMPS-WS-007
  if (!complete) return std::nullopt;
  return frame_view{fields_, body_.view(), body_.size(), 0};
}

std::nullopt_t ws_command_reader::fail(errc code, std::uint64_t offset, wire::requirement_id broken) {
  error_ = wire::failure{code, before_ + offset, broken};
  return std::nullopt;
}

// --- deliveries ------------------------------------------------------------------------------------------------------

ws_delivery_reader::ws_delivery_reader(ws_limits l) : limits_(l) {}

std::optional<frame_view> ws_delivery_reader::receive(ws_kind kind, std::string_view octets) {
  if (error_) return std::nullopt;
  if (state_ == state::header) size_ = 0;
  if (octets.size() > limits_.max_message - size_) return fail(errc::frame_too_large, 0, "AMPS-LIMIT-010");
  size_ += octets.size();
  const std::uint64_t after = before_ + octets.size();
  switch (state_) {
    case state::header: {
      if (!scan(kind, octets, false)) return std::nullopt;
      before_ = after;
      return after_header();
    }
    case state::body:
      state_ = state::header;
      before_ = after;
      return frame_view{fields_, octets, octets.size(), 0};
    case state::record:
      if (!scan(kind, octets, true)) return std::nullopt;
      state_ = state::record_body;
      before_ = after;
      return std::nullopt;
    case state::record_body:
      state_ = --records_ == 0 ? state::header : state::record;
      before_ = after;
      return frame_view{record_, octets, octets.size(), 0};
  }
  return std::nullopt;
}

bool ws_delivery_reader::scan(ws_kind kind, std::string_view octets, bool is_record) {
  header_view& fields = is_record ? record_ : fields_;
  std::string& held = is_record ? held_record_ : held_;
  if (kind != ws_kind::text) {
    fail(errc::header_not_text, 0, "AMPS-WS-009");
    return false;
  }
  held = octets;
  if (is_record) {
    fields = fields_;
  } else {
    fields.clear();
  }
  const scanned s = scan_header(held, fields, is_record ? unescaped_record_ : unescaped_);
  const std::size_t behind = s.ok() ? behind_header(held, s.size) : 0;
  if (!s.ok()) {
    fail(s.code, s.size, s.broken);
  } else if (behind != held.size()) {
    fail(errc::octets_behind_header, behind, "AMPS-WS-009");
  } else if (!is_record && fields[field::command].empty()) {
    fail(errc::no_command, 0, "AMPS-HDR-018");
  }
  return !error_;
}

// AMPS-WS-033: what follows is told by the command, `l` and `bs`.
std::optional<frame_view> ws_delivery_reader::after_header() {
  switch (fields_.what()) {
    case command::publish:
    case command::oof: {
      const number length = fields_.read_number(field::message_length);
      if (length.good() && length.value == 0) break;  // AMPS-WS-011
      state_ = state::body;
      return std::nullopt;
    }
    case command::sow: {
      const number count = fields_.read_number(field::batch_size);
      if (!count.good()) {
        before_ -= held_.size();
        return fail(errc::bad_count, 0, "AMPS-WS-012");
      }
      records_ = count.value;
      if (records_ > 0) state_ = state::record;
      return std::nullopt;
    }
    default:
      break;
  }
  return frame_view{fields_, {}, 0, 0};
}

std::nullopt_t ws_delivery_reader::fail(errc code, std::uint64_t offset, wire::requirement_id broken) {
  error_ = wire::failure{code, before_ + offset, broken};
  return std::nullopt;
}

// --- writing ---------------------------------------------------------------------------------------------------------

ws_message ws_mode_message(std::string_view message_type) {
  return {ws_kind::text, message_type == "json" ? "text" : "binary"};  // AMPS-WS-003
}

std::optional<wire::failure> ws_command(const header_view& fields, std::span<const std::string_view> bodies,
                                        ws_kind body_kind, std::vector<ws_message>& out, ws_limits limits) {
  if (bodies.size() >= limits.max_group) return wire::failure{errc::group_too_long, 0, "AMPS-LIMIT-012"};
  ws_message head{ws_kind::text, {}};
  if (auto failure = write_header(fields, head.octets)) return failure;
  std::uint64_t size = head.octets.size();
  for (const std::string_view body : bodies) size += body.size();
  if (size > limits.max_message) return wire::failure{errc::frame_too_large, 0, "AMPS-LIMIT-006"};
  ws_message count{ws_kind::binary, {}};
  for (int shift = 0; shift < 32; shift += 8) count.octets += static_cast<char>((bodies.size() + 1) >> shift & 0xff);
  out.push_back(std::move(count));
  out.push_back(std::move(head));
  for (const std::string_view body : bodies) out.push_back({body_kind, std::string(body)});
  return std::nullopt;
}

std::optional<wire::failure> ws_delivery_header(const header_view& fields, std::uint64_t body_size, std::string& out) {
  const command what = fields.what();
  if (what != command::publish && what != command::oof) return write_header(fields, out);
  const header length = header().set(field::message_length, body_size);
  header_view all = fields;
  all.set(field::message_length, length[field::message_length]);
  return write_header(all, out);
}

bool ws_body_follows(command what, std::uint64_t body_size) {
  return (what == command::publish || what == command::oof) && body_size > 0;
}

}  // namespace ampspec::amps
