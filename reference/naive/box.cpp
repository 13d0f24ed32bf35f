// Decoding pair by pair, encoding pair by pair, and the places where a fault of the codec acts.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/box.hpp"

#include "reference/naive/text.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace ampspec::naive {

using namespace std::string_view_literals;
using enum fault;

namespace {

long octet(char c) { return static_cast<unsigned char>(c); }
long signed_octet(char c) { return static_cast<signed char>(c); }
long number(std::string_view two) { return octet(two[0]) * 256 + octet(two[1]); }  // big-endian

std::string length_octets(std::size_t n) { return {static_cast<char>(n / 256 % 256), static_cast<char>(n % 256)}; }

std::size_t size_of(const box& pairs) {
  std::size_t size = 2;
  for (const auto& [key, value] : pairs) size += 4 + key.size() + value.size();
  return size;
}

std::string with_lf(std::string text) {
  for (std::size_t at; (at = text.find("\r\n")) != std::string::npos;) text.erase(at, 1);
  return text;
}

}  // namespace

std::optional<std::string> find(const box& pairs, std::string_view key) {
  for (const auto& [k, v] : pairs) {
    if (k == key) return v;
  }
  return std::nullopt;
}

decoded decode(std::string_view octets, const options& with) {
  reader r(with);
  decoded result;
  result.boxes = r.feed(octets);
  for (box& b : r.finish()) result.boxes.push_back(std::move(b));
  result.end = r.end();
  result.refused = r.refused();
  return result;
}

std::vector<box> reader::feed(std::string_view octets) {
  if (rejected_ && on(boxes_again_after_reject)) return last_read_;
  if (rejected_ && !on(parses_after_reject)) return {};  // AMP1-FRAME-044
  buffer_ += octets;
  fed_ = octets;
  behind_.clear();
  std::optional<reader> saved;
  if (on(box_again_after_split)) saved = *this;

  std::vector<box> done;
  const auto deliver = [&] {
    if (on(empty_value_dropped)) std::erase_if(pairs_, [](const auto& pair) { return pair.second.empty(); });
    ++boxes_;
    if (!(on(empty_box_skipped) && pairs_.empty())) {
      done.push_back(std::move(pairs_));  // AMP1-FRAME-027
      behind_.push_back(std::min(fed_.size(), buffer_.size() - at_));
    }
    pairs_.clear();
    place_.clear();
  };
  for (step s = take(); s != step::more; s = take()) {
    if (s == step::end_of_box) deliver();
    if (s == step::refused && !on(parses_after_reject)) break;
    if (s == step::end_of_box && on(one_box_per_read)) at_ = buffer_.size();
  }

  if ((on(split_length_lost) || (on(chunk_length_half_lost) && among_chunks_)) && half_length_) buffer_.pop_back();
  if (rejected_ && on(boxes_before_reject_lost)) done.clear();
  if (rejected_) last_read_ = done;
  const bool inside = at_ < buffer_.size() || !pairs_.empty();
  if (on(box_again_after_split) && !done.empty() && inside && !rejected_) {
    *this = *std::move(saved);
    return done;
  }
  before_ += at_;
  buffer_.erase(0, at_);
  at_ = 0;
  return done;
}

std::vector<box> reader::finish() {
  if (!rejected_ && on(cut_chunk_delivered) && among_chunks_) {
    return reader(*this).feed(std::string(4, '\0'));  // as if the last chunk and the end of the box had come
  }
  if (rejected_ || !on(cut_box_delivered) || pairs_.empty()) return {};  // AMP1-FRAME-029
  return {pairs_};
}

ending reader::end() const {
  if (rejected_) return ending::rejected;
  if (on(cut_in_chunks_clean) && among_chunks_) return ending::clean;
  if (!buffer_.empty() || !pairs_.empty())
    return on(cut_box_clean) ? ending::clean : ending::incomplete;                     // AMP1-FRAME-029
  return on(clean_end_incomplete) && boxes_ > 0 ? ending::incomplete : ending::clean;  // AMP1-FRAME-030
}

/// Uses up one pair or one terminator, or nothing if octets of it are missing.
reader::step reader::take() {
  const std::string_view in = std::string_view(buffer_).substr(at_);
  half_length_ = in.size() == 1;
  among_chunks_ = false;
  if (in.empty()) return step::more;

  const long limit = on(key_limit_off_by_one)    ? 256
                     : on(key_limit_255_refused) ? 254
                     : on(signed_key_length)     ? 127
                                                 : long{max_key};
  const bool unlimited =
      on(key_limit_missing) || on(key_length_low_octet) || (on(key_limit_first_key_only) && !pairs_.empty()) ||
      (on(key_limit_first_box_only) && boxes_ > 0) || (on(key_limit_lifted_behind_chunks) && behind_chunks_);
  const bool waits = on(waits_for_second_octet) || on(parses_after_reject);
  if (octet(in[0]) > limit / 256 && !unlimited && !waits) return refuse("key-too-long", 0);  // AMP1-FRAME-014
  if (in.size() < 2) return step::more;

  long key_size = number(in);
  if (on(key_length_low_octet)) key_size %= 256;
  if (key_size > limit && !unlimited) return refuse("key-too-long", 0);  // AMP1-FRAME-013, AMP1-FRAME-041
  if (key_size == 0) {
    if (on(box_waits_for_next_octet) && in.size() == 2) return step::more;
    at_ += 2;
    return step::end_of_box;
  }
  const auto key_end = static_cast<std::size_t>(2 + key_size);
  if (in.size() < key_end) return step::more;
  if (options_.version == format::amp2 && on(key_of_255_continued) && key_size == long{max_key}) {
    if (in.size() < key_end + 2) return step::more;
    const std::size_t more = 2 + static_cast<std::size_t>(number(in.substr(key_end)));
    if (in.size() < key_end + more) return step::more;
    return take_chunks(std::string(in.substr(2, key_end - 2)) + std::string(in.substr(key_end + 2, more - 2)),
                       key_end + more);
  }
  if (options_.version == format::amp2 || on(v1_joins_chunks)) {
    return take_chunks(std::string(in.substr(2, key_end - 2)), key_end);
  }
  return take_value(std::string(in.substr(2, key_end - 2)), key_end);
}

/// The same in AMPv2: chunks of 65,535 octets, and one that is shorter and ends the value (AMP2-006).
reader::step reader::take_chunks(std::string key, std::size_t key_end) {
  const std::string_view in = std::string_view(buffer_).substr(at_ + key_end);
  std::vector<std::string_view> parts;
  std::size_t used = 0, joined = 0;
  for (bool last = false; !last;) {
    const std::string_view rest = in.substr(used);
    half_length_ = rest.size() == 1;
    among_chunks_ = !parts.empty();
    if (rest.size() < 2) return step::more;
    auto size = static_cast<std::size_t>(number(rest));
    if (on(value_length_swapped)) size = static_cast<std::size_t>(octet(rest[1]) * 256 + octet(rest[0]));
    if (on(value_length_low_octet)) size %= 256;
    joined += size;
    const std::size_t largest = on(value_above_1_mib_refused) ? 1u << 20 : options_.largest_value;
    if (joined > largest) return refuse("value-too-large", key_end + used);  // AMP2-015
    if (rest.size() < 2 + size) return step::more;
    parts.push_back(rest.substr(2, size));
    used += 2 + size;
    last = size < (on(chunk_of_65534_continues) ? max_value - 1 : max_value) || on(full_chunk_ends_value) ||
           (on(two_chunks_at_most) && parts.size() == 2) || (on(read_border_ends_value) && used == in.size());
  }
  among_chunks_ = false;

  const bool several = parts.size() > 1, ends_empty = parts.back().empty();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (on(zeros_at_chunk_border_dropped) && parts[i].starts_with("\0\0"sv)) parts[i].remove_prefix(2);
    if (on(ones_at_chunk_border_dropped) && parts[i].starts_with("\xff\xff"sv)) parts[i].remove_prefix(2);
  }
  if (on(chunks_joined_in_reverse)) std::reverse(parts.begin(), parts.end());
  if (on(first_chunk_only_kept)) parts.resize(1);
  if (on(last_chunk_dropped) && several) parts.pop_back();
  std::string value;
  if (on(chunks_kept_for_next_value)) {
    for (const std::string& part : chunks_before_) value += part;
    chunks_before_.assign(parts.begin(), parts.end());
    if (!several) chunks_before_.clear();
  }
  for (const std::string_view part : parts) value += part;
  if (on(chunked_box_must_be_sorted) && !pairs_.empty() && key < pairs_.back().first)
    return refuse("keys-not-sorted", 0);
  if (!add(std::move(key), std::move(value))) return refuse("duplicate-key", 0);
  at_ += key_end + used;
  behind_chunks_ = behind_chunks_ || several;
  if (on(empty_value_ends_box) && !several && ends_empty) return step::end_of_box;
  if (on(empty_last_chunk_ends_box) && several && ends_empty) return step::end_of_box;
  if (on(chunked_value_ends_box) && several) return step::end_of_box;
  return step::pair;
}

/// The rest of the pair whose key ends at `key_end` behind the octets used up.
reader::step reader::take_value(std::string key, std::size_t key_end) {
  const std::string_view in = std::string_view(buffer_).substr(at_ + key_end);
  half_length_ = in.size() == 1;
  if (in.size() < 2) return step::more;

  long size = number(in);
  if (on(value_length_swapped)) size = octet(in[1]) * 256 + octet(in[0]);
  if (on(value_length_low_octet)) size %= 256;
  if (on(signed_value_length)) size = static_cast<std::int16_t>(size);
  if (on(value_length_of_signed_octets)) size = signed_octet(in[0]) * 256 + signed_octet(in[1]);
  if (size < 0 || (on(value_65535_refused) && size == long{max_value})) return refuse("value-too-long", key_end);
  if (on(empty_value_ends_box) && size == 0) {
    at_ += key_end + 2;
    return step::end_of_box;
  }

  const std::size_t come = in.size() - 2;
  const bool guess = on(value_read_past_read) && come > 0;
  if (come < static_cast<std::size_t>(size) && !guess) return step::more;
  std::string value(in.substr(2, static_cast<std::size_t>(size)));
  if (on(terminator_in_value)) value.resize(std::min(value.size(), value.find("\0\0"sv)));
  const std::size_t used = key_end + 2 + value.size();
  if (on(keys_must_be_sorted) && !pairs_.empty() && key < pairs_.back().first) return refuse("keys-not-sorted", 0);
  if (!add(std::move(key), std::move(value))) return refuse("duplicate-key", 0);  // AMP1-FRAME-026
  if (on(pairs_limited_to_255) && pairs_.size() > 255) return refuse("too-many-pairs", 0);
  if (on(box_limited_to_64k) && size_of(pairs_) > 65536) return refuse("box-too-large", 0);
  at_ += used;
  return step::pair;
}

/// Puts a pair into the unfinished box; false if it must be refused.
bool reader::add(std::string key, std::string value) {
  if (on(key_cut_at_nul)) key = up_to_nul(key);
  if (on(key_case_folded)) key = lower(key);
  if (on(key_trimmed)) key = trimmed(key);
  if (on(key_not_utf8_replaced)) key = with_replacements(key);
  if (on(value_cut_at_nul)) value = up_to_nul(value);
  if (on(value_trimmed)) value = trimmed(value);
  if (on(value_not_utf8_replaced)) value = with_replacements(value);
  if (on(value_line_ends_changed)) value = with_lf(value);

  const auto place = place_of(key);
  if (!place || on(repeated_key_both)) {
    if (pairs_.empty()) pairs_.reserve(8);
    if (!place_.empty()) place_.emplace(key, pairs_.size());
    pairs_.emplace_back(std::move(key), std::move(value));
    return true;
  }
  if (options_.refuse_repeated_keys) return false;
  if (!on(repeated_key_first_wins)) pairs_[*place].second = std::move(value);
  return true;
}

/// Where a key stands in the unfinished box. Few pairs are gone through one by one; more have a table.
std::optional<std::size_t> reader::place_of(const std::string& key) {
  constexpr std::size_t few = 16;
  if (pairs_.size() < few) {
    const auto found =
        std::ranges::find(pairs_, key, [](const auto& pair) -> const std::string& { return pair.first; });
    if (found == pairs_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - pairs_.begin());
  }
  if (place_.empty()) {
    for (std::size_t i = 0; i < pairs_.size(); ++i) place_.emplace(pairs_[i].first, i);
  }
  const auto found = place_.find(key);
  if (found == place_.end()) return std::nullopt;
  return found->second;
}

reader::step reader::refuse(std::string word, std::size_t at) {
  if (!rejected_) refused_ = {std::move(word), before_ + at_ + at};
  rejected_ = true;
  pairs_.clear();  // nothing of this box is delivered: AMP1-FRAME-013
  place_.clear();
  if (on(parses_after_reject)) at_ = std::min(at_ + at + 2, buffer_.size());
  return step::refused;
}

namespace {

std::string in_chunks(std::string_view value, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  const auto chunk = [](std::string_view octets) { return length_octets(octets.size()) + std::string(octets); };
  if (on(encodes_65535_in_one_chunk) && value.size() == max_value) return chunk(value);
  if (on(encodes_octet_before_border_lost) && value.size() > max_value && value.size() % max_value == max_value - 1) {
    value.remove_suffix(1);
  }
  const std::size_t most = on(encodes_chunks_of_65534) ? max_value - 1 : max_value;
  std::string bytes;
  const bool several = value.size() >= max_value;
  for (; value.size() >= max_value; value.remove_prefix(most)) {
    const std::string full = chunk(value.substr(0, most));
    bytes = on(encodes_chunks_in_reverse) ? full + bytes : bytes + full;
  }
  if (on(encodes_last_chunk_lost) && several) value = {};
  if (!(on(encodes_no_empty_last_chunk) && several && value.empty())) bytes += chunk(value);  // AMP2-003, AMP2-007
  if (on(encodes_empty_chunk_always) || (on(encodes_65534_with_empty_chunk) && value.size() == max_value - 1)) {
    bytes += chunk("");
  }
  return bytes;
}

}  // namespace

encoded encode(const box& pairs, const faults& broken, format version) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::string bytes;
  std::set<std::string> seen;
  for (auto [key, value] : pairs) {
    if (on(encodes_key_cut_at_nul)) key = up_to_nul(key);
    if (on(encodes_key_case_folded)) key = lower(key);
    if (on(encodes_key_cut_at_limit)) key = key.substr(0, max_key);
    if (on(encodes_value_cut_at_nul)) value = up_to_nul(value);
    if (on(encodes_value_cut_at_limit)) value = value.substr(0, max_value);
    if (on(encodes_value_32768_refused) && value.size() >= 32768) return {"", "value-too-long"};
    if (on(encodes_value_65535_refused) && value.size() == max_value) return {"", "value-too-long"};
    if (on(encodes_without_empty_values) && value.empty()) continue;

    if (key.empty() && !on(encodes_empty_key)) return {"", "empty-key"};  // AMP1-FRAME-006
    if (version == format::amp2 && on(encodes_long_key_in_chunks) && key.size() > max_key) {
      bytes += length_octets(max_key) + key.substr(0, max_key);
      key = key.substr(max_key, max_key);
    }
    if (version == format::amp2 && on(encodes_above_65534_refused) && value.size() >= max_value)
      return {"", "value-too-long"};
    if (version == format::amp2 && on(encodes_16_mib_refused) && value.size() >= 1u << 24)
      return {"", "value-too-long"};
    if (key.size() > max_key && !on(encodes_long_key)) return {"", "key-too-long"};  // AMP1-FRAME-005
    const bool in_one_piece = version == format::amp1 && !(on(v1_sends_chunks) && value.size() > max_value);
    if (in_one_piece && value.size() > max_value && !on(encodes_long_value))
      return {"", "value-too-long"};                                                       // AMP1-FRAME-007
    if (!seen.insert(key).second && !on(encodes_key_twice)) return {"", "duplicate-key"};  // AMP1-FRAME-025

    if (!in_one_piece) {
      bytes += length_octets(key.size()) + key + in_chunks(value, broken);
      continue;
    }
    std::string value_size = length_octets(value.size());
    if (on(encodes_length_little_endian)) std::swap(value_size[0], value_size[1]);
    if (on(encodes_value_length_low_octet)) value_size[0] = 0;
    bytes += length_octets(key.size()) + key + value_size + value;  // AMP1-FRAME-001
  }
  if (!on(encodes_without_terminator)) bytes += length_octets(0);
  return {bytes, ""};
}

}  // namespace ampspec::naive
