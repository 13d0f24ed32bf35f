// Holds decode and encode against the naive codecs.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/codec.hpp"

#include "reference/naive/amps_codec.hpp"
#include "runner/fuzzing/amp_plan.hpp"
#include "runner/fuzzing/amp_server.hpp"

#include <algorithm>

namespace ampspec::runner::fuzzing {
namespace {

using conformance::decode_outcome;
using conformance::mishap;
using naive::ending;

// What one of the naive codecs says of a stream.
struct opinion {
  std::vector<naive::box> boxes;
  ending end = ending::clean;
  std::string word;       // of a refusal
  bool may_wait = false;  // it is refused by one octet of a length, for which the second may be awaited
};

opinion opinion_of(std::string_view stream, dialect of, bool refuses_repeated_keys) {
  if (of == dialect::amps) {
    const auto d = naive::decode_amps(stream);
    return {d.messages, d.end, d.refused.word, false};
  }
  const auto d = naive::decode(
      stream, {{}, refuses_repeated_keys, of == dialect::amp2 ? naive::format::amp2 : naive::format::amp1});
  const bool half = d.end == ending::rejected && d.refused.offset + 1 == stream.size();
  return {d.boxes, d.end, d.refused.word, half};
}

std::string word_of(const opinion& o) {
  return o.end == ending::clean ? "clean" : o.end == ending::incomplete ? "incomplete" : "reject(" + o.word + ")";
}
std::string word_of(const decode_outcome& o) {
  if (o.refused) return o.refused->reject_class.empty() ? "reject" : "reject(" + o.refused->reject_class + ")";
  return o.incomplete ? "incomplete" : "clean";
}

std::vector<naive::box> in_any_order(std::vector<naive::box> boxes) {
  for (auto& b : boxes) std::sort(b.begin(), b.end());
  return boxes;
}

// What a codec of AMPS makes of a number that is none, and of the records in front of a wrong one, is left to it
// (AMPS-HDR-038, AMPS-SOW-056).
bool agree_on_frames(const opinion& want, const decode_outcome& got) {
  if (want.word == "bad-number") return true;
  if (want.end != ending::rejected || !got.refused || got.boxes.size() < want.boxes.size()) return false;
  auto front = got.boxes;
  front.resize(want.boxes.size());
  return in_any_order(want.boxes) == in_any_order(front);
}

// A key that stands twice may be refused before its value is whole (AMP1-FRAME-026).
bool refuses_key_of_half_a_pair(const std::string& stream, naive::format version) {
  const auto whole = naive::decode(stream + std::string(naive::max_value + 2, '\0'), {{}, true, version});
  const std::uint64_t at = whole.refused.offset;
  return whole.end == ending::rejected && whole.refused.word == "duplicate-key" && at + 2 < stream.size() &&
         at + 2 + static_cast<unsigned char>(stream[at + 1]) <= stream.size();
}

bool agree(const opinion& want, const decode_outcome& got) {
  if (in_any_order(want.boxes) != in_any_order(got.boxes)) return false;
  if (got.refused) {
    return want.end == ending::rejected &&
           (got.refused->reject_class.empty() || got.refused->reject_class == want.word);
  }
  if (want.end == ending::rejected) return want.may_wait && got.incomplete;
  return got.incomplete == (want.end == ending::incomplete);
}

std::string told(const opinion& o) { return std::to_string(o.boxes.size()) + " boxes, " + word_of(o); }

difference of_mishap(const mishap& m) {
  const bool hung = m.what_kind() == mishap::kind::timeout;
  const char* kind = hung ? "timeout" : m.what_kind() == mishap::kind::crash ? "crash" : "adapter";
  return {std::string("alive/") + kind + ":" + m.word(), "an outcome", m.what(), "AMP1-FRAME-040", hung,
          m.what_kind() == mishap::kind::crash};
}

}  // namespace

codec::codec(std::unique_ptr<conformance::codec_subject> subject, dialect of, std::optional<bool> refuses_repeated_keys,
             process behind)
    : subject_(std::move(subject)),
      dialect_(of),
      refuses_repeated_keys_(refuses_repeated_keys),
      process_(std::move(behind)) {
  subject_->speak(of == dialect::amp1 ? "amp1" : of == dialect::amp2 ? "amp2" : "amps");
}

played codec::play(std::span<const std::string> cases, millis) {
  played p{1, {}, {}};
  ++connections;
  try {
    p.wrong = decode(cases.front());
    if (!p.wrong && dialect_ != dialect::amps) p.wrong = encode(cases.front());
  } catch (const mishap& m) {
    if (m.what_kind() == mishap::kind::harness) throw;
    p.wrong = of_mishap(m);
  }
  return p;
}

std::optional<difference> codec::decode(const std::string& stream) {
  const auto got = subject_->decode(vectors::octets::from(stream), {});
  const opinion strict = opinion_of(stream, dialect_, refuses_repeated_keys_.value_or(true));
  if (agree(strict, got)) return {};
  if (dialect_ == dialect::amps) {
    if (agree_on_frames(strict, got)) return {};
  } else if (got.refused && strict.end == ending::incomplete && refuses_repeated_keys_.value_or(true) &&
             refuses_key_of_half_a_pair(stream, version())) {
    return {};
  }
  const opinion lenient = opinion_of(stream, dialect_, false);
  if (!refuses_repeated_keys_ && agree(lenient, got)) return {};
  const opinion& want = refuses_repeated_keys_ || got.refused ? strict : lenient;
  difference d;
  const bool same_end = word_of(want) == word_of(got) || (got.refused && want.end == ending::rejected);
  d.signature = same_end ? "decode boxes/other" : "decode " + word_of(want) + "/" + word_of(got);
  d.expected = told(want);
  d.got = std::to_string(got.boxes.size()) + " boxes" +
          (same_end && got.boxes.size() == want.boxes.size() ? " that differ, " : ", ") + word_of(got) +
          (got.refused && !got.refused->text.empty() ? ": " + got.refused->text : "");
  d.clause = dialect_ == dialect::amps        ? "AMPS-FRAME-001"
             : want.end == ending::rejected   ? "AMP1-FRAME-013"
             : want.end == ending::incomplete ? "AMP1-FRAME-029"
                                              : "AMP1-FRAME-019";
  return d;
}

std::optional<difference> codec::encode(const std::string& stream) {
  naive::reader reader({{}, false, version()});
  const auto boxes = reader.feed(stream);
  if (boxes.empty()) return {};
  std::vector<std::pair<vectors::octets, vectors::octets>> given;
  for (const auto& [key, value] : boxes.front())
    given.emplace_back(vectors::octets::from(key), vectors::octets::from(value));
  const auto got = subject_->encode(given);
  const auto again = naive::decode(got.bytes, {{}, true, version()});
  const bool right = !got.refused && again.end == ending::clean && again.boxes.size() == 1 &&
                     in_any_order(again.boxes) == in_any_order({boxes.front()});
  if (right) return {};
  return difference{got.refused ? "encode bytes/refuse" : "encode bytes/other", "octets that are read as the same box",
                    got.refused ? "refused: " + got.refused->text
                                : "octets that are " + std::to_string(again.boxes.size()) + " other boxes",
                    "AMP1-FRAME-037"};
}

std::string codec::shape(std::string_view stream) const {
  if (dialect_ == dialect::amps) return outcome_of(stream, dialect_);
  return shape_of(stream, version());
}

std::vector<std::string> codec::smaller(const std::string& stream) const {
  return dialect_ == dialect::amps ? smaller_frames(stream) : smaller_boxes(stream, version());
}

std::string outcome_of(std::string_view stream, dialect of) {
  const opinion o = opinion_of(stream, of, true);
  return o.may_wait ? "half a length" : word_of(o);
}

std::vector<std::string> smaller_frames(const std::string& stream) {
  std::vector<std::string> all;
  const auto add = [&](std::string made) {
    if (made != stream && made.size() <= stream.size()) all.push_back(std::move(made));
  };
  const auto borders = fuzz::borders_of_frames(stream);
  for (std::size_t i = 0; i + 1 < borders.size() && i < 64; ++i) {
    add(stream.substr(0, borders[i]) + stream.substr(borders[i + 1]));
  }
  // Octets of a frame with its length put right, then without.
  for (const bool right : {true, false}) {
    for (std::size_t i = 0; i + 1 < borders.size() && i < 8; ++i) {
      const std::string frame = stream.substr(borders[i], borders[i + 1] - borders[i]);
      for (std::size_t many = frame.size() / 2; many > 0; many /= 2) {
        for (std::size_t at = right ? 4 : 0; at + many <= frame.size() && all.size() < 600; at += many) {
          std::string less = frame.substr(0, at) + frame.substr(at + many);
          if (right && less.size() >= 4) {
            const std::size_t size = less.size() - 4;
            for (int octet = 0; octet < 4; ++octet)
              less[static_cast<std::size_t>(octet)] = static_cast<char>(size >> (24 - 8 * octet));
          }
          add(stream.substr(0, borders[i]) + less + stream.substr(borders[i + 1]));
        }
      }
    }
  }
  return all;
}

}  // namespace ampspec::runner::fuzzing
