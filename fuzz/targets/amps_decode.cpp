// Property: frames lie where their lengths say, and headers are read as the naive implementation reads them.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amps_play.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amps/frame_encoder.hpp"

#include <limits>
#include <string>

namespace ampspec::fuzz {
namespace {

// How a stream ends, and where.
struct ending {
  std::string word;
  std::uint64_t at = 0;
};

// A plain walk over lengths.
ending walk(std::string_view stream, std::uint64_t limit, std::vector<played_frame>& frames) {
  std::uint64_t at = 0;
  while (at < stream.size()) {
    if (stream.size() - at < 4) return {"truncated", stream.size()};
    std::uint64_t size = 0;
    for (std::uint64_t i = 0; i < 4; ++i) size = size * 256 + static_cast<unsigned char>(stream[at + i]);
    if (size > limit) return {"frame-too-large", at};
    if (stream.size() - at - 4 < size) return {"truncated", stream.size()};
    const std::string_view content = stream.substr(at + 4, size);
    if (size > 0) {
      const auto object = naive::read_object(content, {});
      if (!object.wrong.empty()) return {object.wrong, at + 4 + object.at};
      const auto command = object.fields.find("c");
      if (command == object.fields.end() || command->second.empty()) return {"no-command", at + 4};
      frames.push_back({object.fields, std::string(content.substr(object.size)), at, true});
    }
    at += 4 + size;
  }
  return {};
}

}  // namespace

void amps_decode(std::string_view input) {
  const auto [with, stream] = read_input(input);
  amps::decoder_limits limits = amps_limits(with);
  limits.whole_up_to = std::numeric_limits<std::uint64_t>::max();  // amps_feed has frames in pieces
  const auto played = play_frames(stream, limits, {stream.size()});
  std::vector<played_frame> frames;
  const auto want = walk(stream, limits.max_frame, frames);
  AMPSPEC_ORACLE("differential", played.frames == frames);
  AMPSPEC_ORACLE("differential", want.word == (played.end ? amps::class_word(played.end->code) : ""));
  AMPSPEC_ORACLE("differential", !played.end || played.end->offset == want.at);

  // What was read can be written, if its fields may be, and is read again as the same.
  for (const auto& f : played.frames) {
    amps::header header;
    for (const auto& row : amps::all_fields) {
      if (const auto found = f.header.find(std::string(row.written)); found != f.header.end()) {
        header.set(row.id, std::string_view(found->second));
      }
    }
    std::string out;
    if (amps::encode(header, f.body, out, amps::any_length)) continue;
    const auto again = play_frames(out, {amps::any_length, limits.whole_up_to}, {out.size()});
    AMPSPEC_ORACLE("round-trip", !again.end && again.frames.size() == 1 && again.frames[0].body == f.body);
    for (const auto& row : amps::all_fields) {
      if (row.kind != amps::field_kind::text || !header.has(row.id)) continue;
      AMPSPEC_ORACLE("round-trip", again.frames[0].header.at(std::string(row.written)) == header[row.id]);
    }
  }
}

}  // namespace ampspec::fuzz
