// The frame reader: a short header line, then as many octets as it promised.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/adapter_frame.hpp"

#include "reference/peer/escaped.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ampspec::peer {

namespace {

constexpr std::string_view magic = "AS1 ";
/// The magic, two lengths of at most 19 digits, a blank and the end of the line.
constexpr std::size_t max_header = 4 + 19 + 1 + 19 + 1;

std::string shown(std::string_view bytes) {
  constexpr std::size_t most = 24;
  return '"' + escaped(bytes.substr(0, most)) + (bytes.size() > most ? "\"..." : "\"");
}

/// Digits only: no sign, no blank, at least one and at most 19 of them.
bool read_length(std::string_view text, std::uint64_t& value) {
  if (text.empty() || text.size() > 19 || text.find_first_not_of("0123456789") != text.npos) return false;
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc{};
}

}  // namespace

void append_frame(std::string& out, std::string_view json, std::string_view blob) {
  out += magic;
  out += std::to_string(json.size());
  out += ' ';
  out += std::to_string(blob.size());
  out += '\n';
  out += json;
  out += blob;
}

void adapter_frame_reader::fail(state what, std::string text) {
  state_ = what;
  error_ = std::move(text);
  buffer_.clear();
  taken_ = 0;
}

void adapter_frame_reader::feed(std::string_view bytes) {
  if (state_ != state::reading) return;
  if (taken_ > buffer_.size() / 2) {
    buffer_.erase(0, taken_);
    taken_ = 0;
  }
  buffer_ += bytes;
  if (!has_header_) read_header();
}

bool adapter_frame_reader::read_header() {
  const auto rest = std::string_view(buffer_).substr(taken_);
  const auto known = std::min(rest.size(), magic.size());
  if (rest.substr(0, known) != magic.substr(0, known)) {
    fail(state::malformed, "a frame begins with \"AS1 \", here stands " + shown(rest) +
                               "; print to standard error, standard output belongs to the protocol");
    return false;
  }
  const auto end = rest.substr(0, max_header).find('\n');
  if (end == rest.npos) {
    if (rest.size() >= max_header) fail(state::malformed, "the header line of a frame does not end: " + shown(rest));
    return false;
  }
  const auto line = rest.substr(magic.size(), end - magic.size());
  const auto blank = line.find(' ');
  std::uint64_t json_size = 0, blob_size = 0;
  if (blank == line.npos || !read_length(line.substr(0, blank), json_size) ||
      !read_length(line.substr(blank + 1), blob_size)) {
    fail(state::malformed, "expected \"AS1 <json-length> <blob-length>\", here stands " + shown(rest.substr(0, end)));
    return false;
  }
  if (json_size > max_frame_ || blob_size > max_frame_ - json_size) {
    fail(state::oversize, "a frame of " + std::to_string(json_size) + " + " + std::to_string(blob_size) +
                              " octets; the limit is " + std::to_string(max_frame_));
    return false;
  }
  json_size_ = static_cast<std::size_t>(json_size);
  blob_size_ = static_cast<std::size_t>(blob_size);
  taken_ += end + 1;
  has_header_ = true;
  return true;
}

std::optional<adapter_frame> adapter_frame_reader::next() {
  if (state_ != state::reading || (!has_header_ && !read_header())) return std::nullopt;
  if (buffer_.size() - taken_ < json_size_ + blob_size_) return std::nullopt;
  adapter_frame frame{buffer_.substr(taken_, json_size_), buffer_.substr(taken_ + json_size_, blob_size_)};
  taken_ += json_size_ + blob_size_;
  has_header_ = false;
  if (taken_ == buffer_.size()) {
    buffer_.clear();
    taken_ = 0;
  }
  return frame;
}

}  // namespace ampspec::peer
