// The mutator of frames: their lengths, the pairs of their headers, and what stands behind the header.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/mutator.hpp"
#include "reference/amps/field.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ampspec::fuzz {
namespace {

struct frame {
  std::uint32_t said = 0;
  std::string octets;
  bool is_tail = false;  // where the stream breaks off: octets without a length
};

std::uint32_t length_at(std::string_view s) {
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(s[i]);
  return n;
}

std::vector<frame> frames_of(std::string_view s) {
  std::vector<frame> frames;
  while (s.size() >= 4) {
    const std::uint32_t said = length_at(s);
    frames.push_back({said, std::string(s.substr(4, said))});
    s.remove_prefix(std::min<std::size_t>(s.size(), std::size_t{4} + said));
  }
  if (!s.empty()) frames.push_back({0, std::string(s), true});
  return frames;
}

std::string written(const std::vector<frame>& frames, std::size_t max) {
  std::string s;
  for (const frame& f : frames) {
    if (s.size() >= max) break;
    for (int shift = 24; shift >= 0 && !f.is_tail; shift -= 8) s += static_cast<char>(f.said >> shift);
    s += f.octets;
  }
  s.resize(std::min(s.size(), max));
  return s;
}

std::size_t size_of(const std::vector<frame>& frames) {
  std::size_t size = 0;
  for (const frame& f : frames) size += f.octets.size() + (f.is_tail ? 0 : 4);
  return size;
}

// Where the object at the front ends, as far as its braces and quotes tell.
std::size_t header_size_of(std::string_view s) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (quoted) {
      if (s[i] == '\\') ++i;
      if (i < s.size() && s[i] == '"' && s[i - 1] != '\\') quoted = false;
    } else if (s[i] == '"') {
      quoted = true;
    } else if (s[i] == '{') {
      ++depth;
    } else if (s[i] == '}' && --depth <= 0) {
      return i + 1;
    }
  }
  return s.size();
}

std::string a_pair(dice& d) {
  const auto& f = amps::all_fields[d.below(amps::all_fields.size())];
  std::string_view name = f.written;
  if (d.one_in(4) && !f.also[0].empty()) name = f.also[0];
  if (d.one_in(12)) name = "unknown";
  constexpr std::array<std::string_view, 28> values{R"("publish")",
                                                    R"("sow")",
                                                    R"("ack")",
                                                    R"("oof")",
                                                    R"("p")",
                                                    R"("delta_publish")",
                                                    R"("subscribe")",
                                                    R"("x")",
                                                    R"("")",
                                                    "0",
                                                    "1",
                                                    "2",
                                                    "00",
                                                    "4294967295",
                                                    "4294967296",
                                                    "18446744073709551615",
                                                    "18446744073709551616",
                                                    R"("1")",
                                                    R"("-1")",
                                                    "-1",
                                                    "1.5",
                                                    "null",
                                                    "true",
                                                    R"({"a":[1,{}]})",
                                                    R"("a\"b\\\u0041")",
                                                    R"("\ud83d\ude00")",
                                                    R"("\ud83d")",
                                                    "[]"};
  return std::string("\"").append(name).append("\":").append(values[d.below(values.size())]);
}

// Frames, and messages of WebSocket: the mode, counts, headers of batches and of records.
std::string a_frame(dice& d) {
  using namespace std::string_view_literals;
  constexpr std::array bodies{R"({"c":"publish","t":"a"}{"id":1})"sv,
                              R"({"c":"sow","bs":2,"t":"a"}{"k":"1","l":1}x{"k":"2","l":2}yz)"sv,
                              R"({"c":"ack","a":"processed","cid":"1","status":"success"})"sv,
                              R"({"c":"p","t":"b","s":1})"sv,
                              R"({"c":"sow","bs":2})"sv,
                              R"({"k":"1"})"sv,
                              R"({"c":"p","l":1})"sv,
                              "text"sv,
                              "\1\0\0\0"sv,
                              "\2\0\0\0"sv,
                              "\3\0\0\0"sv,
                              "x"sv,
                              "{}"sv,
                              ""sv};
  return std::string(bodies[d.below(bodies.size())]);
}

// A change of the header object at the front of a frame.
void change_header(std::string& octets, dice& d, engine_mutation engine, std::size_t room) {
  const std::size_t size = header_size_of(octets);
  std::string header = octets.substr(0, size);
  const std::string behind = octets.substr(size);
  std::vector<std::size_t> commas;
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (header[i] == ',') commas.push_back(i);
  }
  switch (d.below(7)) {
    case 0:
    case 1: {  // a pair more: first or last
      if (header.size() < 2) {
        header = "{" + a_pair(d) + "}";
      } else if (d.one_in(2)) {
        header.insert(1, a_pair(d) + (header.size() > 2 ? "," : ""));
      } else {
        header.insert(header.size() - 1, (header.size() > 2 ? "," : "") + a_pair(d));
      }
      break;
    }
    case 2:  // a pair less
      if (commas.size() > 1) {
        const std::size_t i = d.below(commas.size() - 1);
        header.erase(commas[i], commas[i + 1] - commas[i]);
      }
      break;
    case 4: {  // a text so long that the header comes in several reads
      const std::size_t quote = header.find("\":\"");
      if (quote != std::string::npos && d.one_in(2))
        header.insert(quote + 3, std::min<std::size_t>(room, 3000 + d.below(6000)), 'h');
      break;
    }
    case 3:  // blanks between tokens
      if (!commas.empty()) header.insert(commas[d.below(commas.size())] + d.below(2), " \t\n");
      break;
    default:
      header = engine_changed(std::move(header), std::min<std::size_t>(room, 16), engine);
  }
  octets = header + behind;
}

void change(std::vector<frame>& frames, std::size_t room, dice& d, engine_mutation engine) {
  const std::size_t at = d.below(frames.size() + 1);
  const auto right = [](frame& f) { f.said = static_cast<std::uint32_t>(f.octets.size()); };
  if (at == frames.size()) {
    frames.push_back({0, a_frame(d)});
    right(frames.back());
    const bool is_count = frames.back().said == 4 && frames.back().octets.back() == '\0';
    if (is_count) frames.back().said |= 0x80000000u;  // BINARY
    return;
  }
  frame& f = frames[at];
  const auto here = frames.begin() + static_cast<std::ptrdiff_t>(at);
  constexpr std::array<std::uint32_t, 18> lengths{
      0,           1,           2,           127,        128,        255,        256,        65535,      65536,
      200'000'000, 209'715'200, 209'715'201, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffc, 0xfffffffd, 0xffffffff};
  switch (d.below(12)) {
    case 0:
    case 1:
    case 2:
    case 3:
      change_header(f.octets, d, engine, room);
      if (!d.one_in(6)) right(f);
      break;
    case 4: {  // what stands behind the header
      const std::size_t size = header_size_of(f.octets);
      f.octets =
          f.octets.substr(0, size) + engine_changed(f.octets.substr(size), std::min<std::size_t>(room, 32), engine);
      if (!d.one_in(6)) right(f);
      break;
    }
    case 5:
      f.said = lengths[d.one_in(4) ? lengths.size() - 1 - d.below(3) : d.below(lengths.size())];
      break;
    case 6:
      f.said += d.one_in(2) ? 1u : 0xffffffffu;
      break;
    case 7:
      f.said ^= 0x80000000u;  // of a WebSocket message: its kind
      break;
    case 8: {
      const frame copy = f;
      frames.insert(frames.begin() + static_cast<std::ptrdiff_t>(d.below(frames.size() + 1)), copy);
      break;
    }
    case 9:
      frames.erase(here);
      break;
    case 10: {  // records, as a batch has them
      const std::size_t size = d.below(4);
      std::string record = R"({"k":"7","l":)" + std::to_string(size + (d.one_in(4) ? 1 : 0)) + "}";
      f.octets += record + std::string(size, 'r');
      right(f);
      break;
    }
    default:  // the stream breaks off, or the frame grows
      if (d.one_in(2)) {
        f.octets.resize(d.below(f.octets.size() + 1));
        frames.erase(here + 1, frames.end());
      } else {
        f.octets.append(std::min<std::size_t>(room, d.one_in(3) ? 4000 + d.below(6000) : 1 + d.below(300)), 'x');
        right(f);
      }
  }
}

}  // namespace

std::string mutate_frames(std::string_view stream, std::size_t max, dice& d, engine_mutation engine) {
  auto frames = frames_of(stream);
  for (std::size_t left = 1 + d.below(3); left > 0; --left) {
    const std::size_t size = size_of(frames);
    change(frames, max > size ? max - size : 0, d, engine);
  }
  return written(frames, max);
}

std::vector<std::size_t> borders_of_frames(std::string_view stream) {
  std::vector<std::size_t> borders{0};
  for (const frame& f : frames_of(stream)) {
    borders.push_back(borders.back() + f.octets.size() + (f.is_tail ? 0 : 4));
  }
  return borders;
}

}  // namespace ampspec::fuzz
