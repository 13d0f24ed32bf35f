// The decoder: frames that lie whole in the chunk at once, others when their octets have come together.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/frame_decoder.hpp"

#include <algorithm>
#include <cassert>

namespace ampspec::amps {
namespace {

constexpr std::size_t kept_octets = 65536;  // a larger buffer is given back after the frame that needed it
constexpr std::size_t first_scan = 4096;    // octets of a frame in pieces at which its header is looked for

std::uint64_t length_at(const char* at) {
  const auto octet = [&](int i) { return std::uint64_t{static_cast<unsigned char>(at[i])}; };
  return octet(0) << 24 | octet(1) << 16 | octet(2) << 8 | octet(3);  // AMPS-FRAME-001
}

}  // namespace

frame_decoder::frame_decoder(decoder_limits l) : limits_(l) {}

void frame_decoder::feed(std::string_view chunk) {
  assert(chunk_.empty());
  if (!error_) chunk_ = chunk;
}

std::optional<frame_view> frame_decoder::next() {
  if (error_) return std::nullopt;
  if (given_) {
    given_ = false;
    held_.clear();
    if (held_.capacity() > kept_octets) held_ = {};
  }
  if (in_pieces_) return next_piece();
  while (true) {
    if (held_.size() < prefix_size && (!held_.empty() || chunk_.size() < prefix_size)) {
      hold(chunk_.substr(0, prefix_size - held_.size()), prefix_size);
      if (held_.size() < prefix_size) return std::nullopt;
    }
    const std::uint64_t size = length_at(held_.empty() ? chunk_.data() : held_.data());
    if (size > limits_.max_frame) return fail(errc::frame_too_large, frame_at_, "AMPS-LIMIT-002");
    if (size == 0) {  // AMPS-FRAME-012
      if (held_.empty()) chunk_.remove_prefix(prefix_size);
      held_.clear();
      frame_at_ += prefix_size;
      continue;
    }
    const std::uint64_t all = size + prefix_size;
    if (held_.empty() && chunk_.size() >= all) {
      const std::string_view frame = chunk_.substr(0, static_cast<std::size_t>(all));
      chunk_.remove_prefix(frame.size());
      return whole(frame);
    }
    if (size > limits_.whole_up_to) return begin_pieces();
    hold(chunk_.substr(0, static_cast<std::size_t>(all) - held_.size()), all);
    if (held_.size() < all) return std::nullopt;
    given_ = true;
    return whole({held_.data(), held_.size()});
  }
}

std::optional<frame_view> frame_decoder::whole(std::string_view frame) {
  fields_.clear();
  const std::string_view content = frame.substr(prefix_size);
  const scanned s = scan_header(content, fields_, unescaped_);
  if (!s.ok()) return fail(s.code, frame_at_ + prefix_size + s.size, s.broken);
  if (fields_[field::command].empty()) return fail(errc::no_command, frame_at_ + prefix_size, "AMPS-HDR-018");
  frame_offset_ = frame_at_;
  frame_at_ += frame.size();
  const std::string_view body = content.substr(s.size);
  return frame_view{fields_, body, body.size(), 0};
}

// Collects octets of a long frame until its header is there. The header is looked for whenever twice as many have come,
// so that the work stays linear.
std::optional<frame_view> frame_decoder::begin_pieces() {
  hold(chunk_.substr(0, prefix_size - std::min(held_.size(), prefix_size)), prefix_size);
  const std::uint64_t all = length_at(held_.data()) + prefix_size;
  scan_again_at_ = std::max(scan_again_at_, first_scan);
  while (true) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(scan_again_at_, all));
    hold(chunk_.substr(0, wanted - std::min(held_.size(), wanted)), all);
    if (held_.size() < wanted) return std::nullopt;
    scan_again_at_ = 2 * held_.size();
    fields_.clear();
    const std::string_view content(held_.data() + prefix_size, held_.size() - prefix_size);
    const scanned s = scan_header(content, fields_, unescaped_);
    if (s.code == errc::header_cut && held_.size() < all) continue;
    if (!s.ok()) return fail(s.code, frame_at_ + prefix_size + s.size, s.broken);
    if (fields_[field::command].empty()) return fail(errc::no_command, frame_at_ + prefix_size, "AMPS-HDR-018");
    scan_again_at_ = 0;
    frame_offset_ = frame_at_;
    body_size_ = all - prefix_size - s.size;
    const std::string_view body = content.substr(s.size);
    body_at_ = body.size();
    in_pieces_ = body_at_ < body_size_;
    if (!in_pieces_) {
      given_ = true;
      frame_at_ += all;
    } else if (body.empty()) {
      return next_piece();  // the header has ended with the octets so far: a piece has some of the payload
    }
    return frame_view{fields_, body, body_size_, 0};
  }
}

std::optional<frame_view> frame_decoder::next_piece() {
  const auto body =
      chunk_.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(body_size_ - body_at_, chunk_.size())));
  if (body.empty()) return std::nullopt;
  chunk_.remove_prefix(body.size());
  const frame_view piece{fields_, body, body_size_, body_at_};
  body_at_ += body.size();
  if (piece.last()) {
    in_pieces_ = false;
    given_ = true;
    frame_at_ += prefix_size + length_at(held_.data());
  }
  return piece;
}

std::optional<wire::failure> frame_decoder::finish() {
  assert(chunk_.empty());
  if (!error_ && in_pieces_) {
    fail(errc::truncated, frame_at_ + prefix_size + length_at(held_.data()) - body_size_ + body_at_, "AMPS-FRAME-011");
  } else if (!error_ && !given_ && !held_.empty()) {
    fail(errc::truncated, frame_at_ + held_.size(), "AMPS-FRAME-011");
  }
  return error_;
}

// Takes octets out of the chunk. Capacity grows to twice what has come at most, and not beyond the whole frame.
void frame_decoder::hold(std::string_view octets, std::uint64_t at_most) {
  const std::size_t size = held_.size() + octets.size();
  if (size > held_.capacity()) {
    held_.reserve(static_cast<std::size_t>(std::max<std::uint64_t>(size, std::min<std::uint64_t>(2 * size, at_most))));
  }
  held_.insert(held_.end(), octets.begin(), octets.end());
  chunk_.remove_prefix(octets.size());
}

std::nullopt_t frame_decoder::fail(errc code, std::uint64_t offset, wire::requirement_id broken) {
  error_ = wire::failure{code, offset, broken};
  chunk_ = {};
  return std::nullopt;
}

}  // namespace ampspec::amps
