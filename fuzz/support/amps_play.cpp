// Plays streams of frames, and states where the two readers of headers must agree.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amps_play.hpp"

#include "fuzz/support/lent.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/support/poisoned.hpp"

namespace ampspec::fuzz {

header_texts texts_of(const amps::header_view& header) {
  header_texts texts;
  header.for_each([&](amps::field f, std::string_view text) { texts.emplace(amps::names_of(f).written, text); });
  return texts;
}

played_frames play_frames(std::string_view stream, const amps::decoder_limits& limits,
                          const std::vector<std::size_t>& parts) {
  poisoned<amps::frame_decoder> in_poison(limits);
  amps::frame_decoder& decoder = *in_poison;
  played_frames played;
  std::optional<wire::failure> failed;
  std::size_t at = 0, whole = 0;
  for (const std::size_t size : parts) {
    const lent part(stream.substr(at, size));
    at += size;
    decoder.feed(part);
    while (const auto frame = decoder.next()) {
      AMPSPEC_ORACLE("sticky", !failed);
      if (frame->body_at == 0) {
        AMPSPEC_ORACLE("model", played.frames.empty() || played.frames.back().whole);
        played.frames.push_back({texts_of(frame->header), {}, decoder.frame_offset(), false});
      }
      played_frame& f = played.frames.back();
      AMPSPEC_ORACLE("model", f.body.size() == frame->body_at && f.header == texts_of(frame->header));
      f.body += frame->body;
      AMPSPEC_ORACLE("model", f.body.size() <= frame->body_size);
      f.whole = f.body.size() == frame->body_size;
      AMPSPEC_ORACLE("model", f.whole == frame->last());
      if (f.whole) ++whole;
    }
    AMPSPEC_ORACLE("sticky", !failed || decoder.error() == failed);
    failed = decoder.error();
    AMPSPEC_ORACLE("model", failed || decoder.unread().empty());
    played.after.push_back(whole);
  }
  played.end = decoder.finish();
  AMPSPEC_ORACLE("sticky", !failed || played.end == failed);
  AMPSPEC_ORACLE("sticky", decoder.finish() == played.end);
  if (played.end) {
    constexpr std::string_view more("\0\0\0\7{\"c\":1}", 11);
    decoder.feed(more);
    AMPSPEC_ORACLE("sticky", !decoder.next() && decoder.error() == played.end);
  }
  return played;
}

void compare_headers(std::string_view octets, const amps::scanned& got, const amps::header_view& fields) {
  const auto want = naive::read_object(octets, {});
  if (!got.ok()) {
    AMPSPEC_ORACLE("differential", want.wrong == amps::class_word(got.code));
    AMPSPEC_ORACLE("differential", want.at == got.size);
    return;
  }
  AMPSPEC_ORACLE("differential", want.wrong.empty() && want.size == got.size);
  AMPSPEC_ORACLE("differential", want.fields == texts_of(fields));
  for (const auto& row : amps::all_fields) {
    const auto found = want.fields.find(std::string(row.written));
    const auto number = fields.read_number(row.id);
    if (row.kind == amps::field_kind::text || found == want.fields.end()) continue;
    const auto digits = naive::amps_number(found->second, row.kind == amps::field_kind::number_64, {});
    AMPSPEC_ORACLE("differential", number.good() == digits.has_value());
    if (digits) AMPSPEC_ORACLE("differential", std::to_string(number.value) == *digits);
  }
}

}  // namespace ampspec::fuzz
