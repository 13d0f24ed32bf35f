// Makes a case of its number: a seed or two, changed by the mutators that the fuzz targets have.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/cases.hpp"

#include "reference/naive/box.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ampspec::runner::fuzzing {
namespace {

constexpr std::size_t short_case = 2048, long_case = 70'000;

// The mutators call back with no place for dice of ours.
thread_local fuzz::dice* dice_of_mutation = nullptr;

std::size_t change_in_place(std::uint8_t* data, std::size_t size, std::size_t longest) {
  const std::string made =
      mutate_octets(std::string(reinterpret_cast<const char*>(data), size), longest, *dice_of_mutation);
  std::copy(made.begin(), made.end(), data);
  return made.size();
}

std::string hex(std::uint64_t n) {
  std::array<char, 20> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), n, 16).ptr};
}

naive::format format_of(bool second) { return second ? naive::format::amp2 : naive::format::amp1; }

}  // namespace

dialect dialect_of(std::string_view protocol) {
  return protocol == "amps" ? dialect::amps : protocol == "amp2" ? dialect::amp2 : dialect::amp1;
}

std::string mutate_octets(std::string octets, std::size_t longest, fuzz::dice& d) {
  constexpr std::array<unsigned char, 12> telling{0x00, 0x01, 0x7f, 0x80, 0xff, '"', '{', '}', '-', '0', ' ', 0xc3};
  for (std::size_t left = 1 + d.below(3); left > 0; --left) {
    const std::size_t at = d.below(octets.size() + 1);
    if (octets.empty() || (d.one_in(4) && octets.size() < longest)) {
      const std::size_t room = longest - octets.size();
      const std::size_t count = std::min(room, d.one_in(8) ? 1 + d.below(200) : 1 + d.below(4));
      const char what = static_cast<char>(d.one_in(2) ? telling[d.below(telling.size())] : d.below(256));
      octets.insert(at, count, what);
      continue;
    }
    char& here = octets[at == octets.size() ? at - 1 : at];
    switch (d.below(5)) {
      case 0:
        here = static_cast<char>(here ^ (1 << d.below(8)));
        break;
      case 1:
        here = static_cast<char>(telling[d.below(telling.size())]);
        break;
      case 2:
        here = static_cast<char>(here + (d.one_in(2) ? 1 : -1));
        break;
      case 3:
        octets.erase(at, 1 + d.below(4));
        break;
      default:
        std::swap(here, octets[d.below(octets.size())]);
    }
  }
  octets.resize(std::min(octets.size(), longest));
  return octets;
}

std::string with_own_tags(std::string_view stream, bool second, const std::string& prefix) {
  naive::options with;
  with.version = format_of(second);
  naive::reader reader(with);
  const auto boxes = reader.feed(stream);
  std::string made;
  std::size_t at = 0, requests = 0;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const std::size_t end = stream.size() - reader.behind(i).size();
    const auto written = stream.substr(at, end - at);
    at = end;
    auto box = boxes[i];
    const bool has_ask = naive::find(box, "_ask").has_value();
    if (!has_ask || naive::encode(box, {}, with.version).bytes != written) {
      made += written;
      continue;
    }
    for (auto& [key, value] : box) {
      if (key == "_ask") value = prefix + (requests == 0 ? "" : "." + std::to_string(requests));
    }
    ++requests;
    made += naive::encode(box, {}, with.version).bytes;
  }
  return made.append(stream.substr(at));
}

case_source::case_source(dialect of, std::vector<std::string> seeds, std::uint64_t seed)
    : dialect_(of), seeds_(std::move(seeds)), seed_(seed) {
  if (of == dialect::amps) return;
  for (const std::string& one : seeds_) {
    const auto d = naive::decode(one, {{}, true, format_of(of == dialect::amp2)});
    const bool calls = std::all_of(d.boxes.begin(), d.boxes.end(), [](const naive::box& b) {
      return naive::find(b, "_command") && naive::find(b, "_ask") && !naive::find(b, "_answer") &&
             !naive::find(b, "_error");
    });
    if (d.end == naive::ending::clean && calls) calls_.push_back(one);
  }
}

// Requests as they are, or with an octet or more of a value or of the command's name changed.
std::string case_source::a_call(fuzz::dice& d) const {
  const std::string& stream = calls_[d.below(calls_.size())];
  if (d.one_in(3)) return stream;
  const auto format = format_of(dialect_ == dialect::amp2);
  std::string made;
  for (naive::box& b : naive::decode(stream, {{}, false, format}).boxes) {
    auto& [key, value] = b[d.below(b.size())];
    // Mostly what is not read as a number, since what can't be read ends many connections.
    if ((key != "_ask" && value.find_first_not_of("0123456789") != value.npos) || d.one_in(12)) {
      value = mutate_octets(value, value.size() + 16, d);
    } else if (key != "_ask" && d.one_in(2)) {
      value = std::to_string(d.below(1000));
    }
    if (d.one_in(8)) b.emplace_back("x" + std::to_string(d.below(100)), mutate_octets("more", 64, d));
    const auto encoded = naive::encode(b, {}, format);
    made += encoded.refused.empty() ? encoded.bytes : std::string();
  }
  return made.empty() ? stream : made;
}

std::string case_source::changed(std::string stream, std::size_t longest, fuzz::dice& d) const {
  if (d.one_in(12)) return mutate_octets(std::move(stream), longest, d);
  return dialect_ == dialect::amps
             ? fuzz::mutate_frames(stream, longest, d, &change_in_place)
             : fuzz::mutate_boxes(stream, dialect_ == dialect::amp2, longest, d, &change_in_place);
}

std::string case_source::at(std::uint64_t number) const {
  fuzz::dice d(fuzz::dice(seed_).next() ^ number * 0x9e3779b97f4a7c15u);
  dice_of_mutation = &d;
  const std::size_t longest = d.one_in(64) ? long_case : short_case;
  std::string stream;
  if (!calls_.empty() && !d.one_in(4)) {
    stream = a_call(d);
  } else {
    stream = seeds_[d.below(seeds_.size())];
    if (d.one_in(8)) {
      const std::string& other = seeds_[d.below(seeds_.size())];
      const bool second = dialect_ == dialect::amp2;
      const auto borders =
          dialect_ == dialect::amps ? fuzz::borders_of_frames(stream) : fuzz::borders_of_boxes(stream, second);
      stream = stream.substr(0, borders[d.below(borders.size())]) + other;
    }
    if (!d.one_in(8)) stream = changed(std::move(stream), longest, d);  // else as it is: what is right must stay right
  }
  if (dialect_ != dialect::amps && !d.one_in(8)) {
    stream = with_own_tags(stream, dialect_ == dialect::amp2, hex(number));
  }
  return stream;
}

}  // namespace ampspec::runner::fuzzing
