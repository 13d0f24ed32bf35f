// Property: frames of the adapter protocol are found where a plain reading of their header lines finds them.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/budget.hpp"
#include "fuzz/support/input.hpp"
#include "fuzz/support/lent.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/peer/adapter_frame.hpp"

#include <array>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

using peer::adapter_frame;
using peer::adapter_frame_reader;
using state = adapter_frame_reader::state;

struct played {
  std::vector<adapter_frame> frames;
  std::vector<std::size_t> after;  ///< so many frames were out after each part
  state end = state::reading;
  bool pending = false;
};

played play(std::string_view stream, std::uint64_t limit, const std::vector<std::size_t>& parts) {
  adapter_frame_reader reader(limit);
  played made;
  std::size_t at = 0;
  for (const std::size_t size : parts) {
    const bool had_failed = reader.status() != state::reading;
    const lent part(stream.substr(at, size));
    at += size;
    reader.feed(part);
    while (auto frame = reader.next()) made.frames.push_back(std::move(*frame));
    AMPSPEC_ORACLE("sticky", !had_failed || reader.status() == made.end);
    AMPSPEC_ORACLE("sticky", !had_failed || made.after.back() == made.frames.size());
    made.end = reader.status();
    made.after.push_back(made.frames.size());
    AMPSPEC_ORACLE("model", reader.error().empty() == (made.end == state::reading) && reader.error().size() < 400);
  }
  made.pending = reader.pending();
  return made;
}

// The digits of a length, at most 19 of them.
bool is_length(std::string_view text) {
  return !text.empty() && text.size() <= 19 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Header line by header line.
played plainly(std::string_view stream, std::uint64_t limit) {
  played made;
  constexpr std::string_view magic = "AS1 ";
  constexpr std::size_t longest_line = 44;  // both lengths of 19 digits, and the end of the line
  const auto ends = [&](state how) { return made.end = how, made.pending = false, made; };
  while (!stream.empty()) {
    made.pending = true;
    if (!stream.starts_with(magic.substr(0, stream.size()))) return ends(state::malformed);
    const std::string_view line = stream.substr(0, stream.substr(0, longest_line).find('\n'));
    if (line.size() == stream.size() && line.size() < longest_line) return made;
    if (line.size() >= longest_line) return ends(state::malformed);
    const std::string_view lengths = line.substr(magic.size());
    const std::size_t blank = lengths.find(' ');
    if (blank == std::string_view::npos) return ends(state::malformed);
    const std::string first(lengths.substr(0, blank)), second(lengths.substr(blank + 1));
    if (!is_length(first) || !is_length(second)) return ends(state::malformed);
    const std::uint64_t json = std::stoull(first), blob = std::stoull(second);
    if (json > limit || blob > limit - json) return ends(state::oversize);
    const std::string_view rest = stream.substr(line.size() + 1);
    if (rest.size() < json + blob) return made;
    made.frames.push_back({std::string(rest.substr(0, json)), std::string(rest.substr(json, blob))});
    stream = rest.substr(json + blob);
    made.pending = false;
  }
  return made;
}

// What an adapter says that is nearly right: header lines with lengths that are mostly those of what follows.
std::string made_stream(maker from) {
  std::string made;
  while (!from.empty() && made.size() < 100'000) {
    const std::size_t how = from.below(16);
    if (how == 0) {
      made += std::string(from.take(from.below(8)));
      continue;
    }
    const std::string json = how == 1 ? from.text() : "{\"n\":" + std::to_string(from.octet()) + ",\"ok\":\"ready\"}";
    const std::string blob(from.take(from.below(40)));
    if (how < 10) {
      peer::append_frame(made, json, blob);
      continue;
    }
    constexpr std::array<std::string_view, 12> lengths{"",
                                                       "0",
                                                       "1",
                                                       "007",
                                                       "-1",
                                                       "+1",
                                                       "0000000000000000001",
                                                       "00000000000000000001",
                                                       "9223372036854775808",
                                                       "9999999999999999999",
                                                       "18446744073709551615",
                                                       "16777217"};
    const auto length = [&](std::size_t right) {
      return from.flag() ? std::to_string(right) : std::string(lengths[from.below(lengths.size())]);
    };
    made += from.below(8) == 1 ? "AS2 " : "AS1 ";
    made += length(json.size());
    made += from.below(8) == 1 ? "\t" : " ";
    made += length(blob.size());
    made += from.below(8) == 1 ? "\r\n" : "\n";
    made += json + blob;
  }
  return made;
}

}  // namespace

// Input: settings, and octets or, where they have a limit on pairs, what a stream is made of.
void adapter_stream(std::string_view input) {
  const auto [with, octets] = read_input(input);
  const std::string stream = with.pairs_limit != 0 ? made_stream(maker(octets)) : std::string(octets);
  constexpr std::array<std::uint64_t, 8> limits{peer::default_max_frame, 0, 1, 16, 40, 64, 1000, ~std::uint64_t{0}};
  const std::uint64_t limit = limits[with.octets_limit % limits.size()];
  const played want = plainly(stream, limit);
  const auto parts = cuts(with, stream.size());
  for (const auto& cut : {std::vector<std::size_t>{stream.size()}, parts}) {
    const heap_watch heap;
    const played got = play(stream, limit, cut);
    AMPSPEC_ORACLE("differential", got.frames == want.frames && got.end == want.end && got.pending == want.pending);
    AMPSPEC_ORACLE("live-octets", heap.peak() <= 4096 + 16 * stream.size() + 512 * (cut.size() + got.frames.size()));
  }
  std::string again;
  for (const auto& frame : want.frames) peer::append_frame(again, frame.json, frame.blob);
  const played back = play(again, limit, {again.size()});
  AMPSPEC_ORACLE("round-trip", back.frames == want.frames && back.end == state::reading && !back.pending);
}

}  // namespace ampspec::fuzz
