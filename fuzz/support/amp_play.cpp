// Plays streams of boxes, and states where the two implementations must agree.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amp_play.hpp"

#include "fuzz/support/lent.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/support/poisoned.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace ampspec::fuzz {
namespace {

// Takes every large value and keeps it by its key.
class keeping_sink : public amp::value_sink {
 public:
  bool begin(amp::box_view, std::string_view key) override {
    AMPSPEC_ORACLE("model", now_ == nullptr);
    now_ = &taken[std::string(key)];
    return true;
  }
  void take(std::string_view octets) override { now_->append(octets); }
  void end() override {
    AMPSPEC_ORACLE("model", now_ != nullptr);
    now_ = nullptr;
  }

  std::map<std::string, std::string> taken;

 private:
  std::string* now_ = nullptr;
};

std::size_t number_at(std::string_view octets, std::uint64_t at) {
  const auto octet = [&](std::uint64_t i) { return std::size_t{static_cast<unsigned char>(octets.at(i))}; };
  return octet(at) << 8 | octet(at + 1);
}

std::size_t written_size(const auto& box, amp::version v) {
  std::size_t size = 2;
  for (const auto& [key, value] : box) {
    size += 4 + key.size() + value.size() + (v == amp::version::v2 ? 2 * (value.size() / naive::max_value) : 0);
  }
  return size;
}

void append(std::string& text, std::string_view octets) {
  const auto size = static_cast<std::uint32_t>(octets.size());
  text.append({static_cast<char>(size), static_cast<char>(size >> 8), static_cast<char>(size >> 16),
               static_cast<char>(size >> 24)});
  text += octets;
}

template <class Box>
std::string as_text(const Box& box) {
  std::size_t size = 0;
  for (const auto& [key, value] : box) size += 8 + key.size() + value.size();
  std::string text;
  text.reserve(size);
  for (const auto& [key, value] : box) {
    append(text, key);
    append(text, value);
  }
  return text;
}

// Whether a text is that of a box, without making the box's.
bool is_text_of(std::string_view text, const naive::box& box) {
  const auto begins_with = [&](std::string_view octets) {
    if (text.size() < 4) return false;
    std::uint32_t size = 0;
    for (std::size_t i = 4; i-- > 0;) size = size << 8 | static_cast<unsigned char>(text[i]);
    if (size != octets.size() || text.substr(4, size) != octets) return false;
    text.remove_prefix(4 + octets.size());
    return true;
  };
  for (const auto& [key, value] : box) {
    if (!begins_with(key) || !begins_with(value)) return false;
  }
  return text.empty();
}

// Compares what the naive implementation delivered.
bool same(const std::vector<naive::box>& boxes, const played_boxes& got) {
  return std::equal(boxes.begin(), boxes.end(), got.boxes.begin(), got.boxes.end(),
                    [](const naive::box& b, const std::string& text) { return is_text_of(text, b); });
}

}  // namespace

naive::box owned(amp::box_view box) {
  naive::box made;
  for (const auto& [key, value] : box) made.emplace_back(key, value);
  return made;
}

std::string text_of(amp::box_view box) { return as_text(box); }
std::string text_of(const naive::box& box) { return as_text(box); }

played_boxes play_boxes(std::string_view stream, const amp::limits& limits, const std::vector<std::size_t>& parts,
                        bool divert, const std::function<void(amp::box_view)>& each) {
  keeping_sink sink;
  poisoned<amp::box_decoder> in_poison(limits);
  amp::box_decoder& decoder = *in_poison;
  if (divert) decoder.divert(&sink);
  played_boxes played;
  constexpr std::size_t usual = 8;  // so that most inputs cost one block of the heap for each of these
  played.boxes.reserve(usual);
  played.pairs.reserve(usual);
  played.sizes.reserve(usual);
  played.begin.reserve(usual);
  std::optional<wire::failure> failed;
  std::size_t at = 0;
  for (const std::size_t size : parts) {
    const lent part(stream.substr(at, size));
    at += size;
    decoder.feed(part);
    while (const auto box = decoder.next()) {
      AMPSPEC_ORACLE("sticky", !failed);
      if (sink.taken.empty()) {
        played.boxes.push_back(text_of(*box));
      } else {
        auto pairs = owned(*box);
        for (auto& [key, value] : pairs) {
          if (const auto found = sink.taken.find(key); found != sink.taken.end()) value = found->second;
        }
        played.boxes.push_back(text_of(pairs));
        sink.taken.clear();
      }
      played.pairs.push_back(box->size());
      played.sizes.push_back(written_size(*box, limits.version));
      played.begin.push_back(decoder.box_offset());
      if (each) each(*box);
    }
    AMPSPEC_ORACLE("sticky", !failed || decoder.error() == failed);
    failed = decoder.error();
    AMPSPEC_ORACLE("model", failed || (decoder.position() == at && decoder.unread().empty()));
    played.after.push_back(played.boxes.size());
  }
  played.end = decoder.finish();
  AMPSPEC_ORACLE("sticky", !failed || played.end == failed);
  AMPSPEC_ORACLE("sticky", decoder.finish() == played.end);
  if (played.end) {
    constexpr std::string_view more("\0\1k\0\0\0\0", 7);
    decoder.feed(more);
    AMPSPEC_ORACLE("sticky", !decoder.next() && decoder.error() == played.end);  // AMP1-FRAME-044
  }
  return played;
}

void compare_with_naive(std::string_view stream, const played_boxes& got, const amp::limits& limits) {
  using amp::errc;
  naive::options with;
  with.refuse_repeated_keys = limits.refuse_duplicates;
  with.version = limits.version == amp::version::v2 ? naive::format::amp2 : naive::format::amp1;
  with.largest_value = limits.max_value;

  for (std::size_t i = 0; i < got.boxes.size(); ++i) {
    AMPSPEC_ORACLE("limit", got.pairs[i] <= limits.max_pairs && got.sizes[i] <= limits.max_box);
  }
  const std::error_code code = got.end ? got.end->code : std::error_code();
  const std::uint64_t at = got.end ? got.end->offset : stream.size();
  if (code == errc::too_many_pairs || code == errc::box_too_large) {
    naive::reader reader(with);
    const auto before = reader.feed(stream.substr(0, at));
    AMPSPEC_ORACLE("differential", same(before, got));
    AMPSPEC_ORACLE("differential", reader.end() != naive::ending::rejected);
    const std::size_t size = number_at(stream, at);
    AMPSPEC_ORACLE("limit", size > 0 || code == errc::box_too_large);
    const std::size_t pairs = reader.unfinished().size();
    if (code == errc::too_many_pairs) {
      AMPSPEC_ORACLE("limit", pairs == limits.max_pairs && size <= naive::max_key);
      return;
    }
    // Where two zeros would end the box a key's length stands there, and behind that key there is a value's length.
    const bool is_key = !reader.feed(std::string_view("\0\0", 2)).empty();
    std::uint64_t box_at = 0;
    for (const std::size_t octets : got.sizes) box_at += octets;
    AMPSPEC_ORACLE("limit",
                   limits.refuse_duplicates == false || at + 2 + size + (is_key ? 2 : 0) + 2 - box_at > limits.max_box);
    return;
  }
  if (code == errc::duplicate_key) {
    // The reference refuses a repeated key when it is whole, the naive implementation when its value is.
    AMPSPEC_ORACLE("differential", at >= 2);
    const std::string upto(stream.substr(0, at + number_at(stream, at - 2)));
    AMPSPEC_ORACLE("differential", naive::decode(upto, with).end != naive::ending::rejected);
    const auto want = naive::decode(upto + std::string(2, '\0'), with);
    AMPSPEC_ORACLE("differential", want.end == naive::ending::rejected && want.refused.word == "duplicate-key");
    AMPSPEC_ORACLE("differential", want.refused.offset == at - 2 && same(want.boxes, got));
    return;
  }
  naive::reader reader(with);
  AMPSPEC_ORACLE("differential", same(reader.feed(stream), got));
  if (!got.end) {
    AMPSPEC_ORACLE("differential", reader.end() == naive::ending::clean);
  } else if (code == errc::truncated) {
    AMPSPEC_ORACLE("differential", reader.end() == naive::ending::incomplete && at == stream.size());
    AMPSPEC_ORACLE("limit", reader.unfinished().size() <= limits.max_pairs);
  } else {
    AMPSPEC_ORACLE("differential", reader.end() == naive::ending::rejected);
    AMPSPEC_ORACLE("differential", reader.refused().word == amp::class_word(code) && reader.refused().offset == at);
  }
}

}  // namespace ampspec::fuzz
