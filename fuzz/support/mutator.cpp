// Chooses between the engine's mutation, the settings and the format's own mutator.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/mutator.hpp"

#include "fuzz/support/input.hpp"

#include <algorithm>
#include <cstring>

namespace ampspec::fuzz {
namespace {

bool has_settings(std::string_view input) {
  return input.size() >= header_size && (static_cast<unsigned char>(input[0]) & 0x80) != 0;
}

// Which limit: mostly a small one, which a short input reaches.
std::uint8_t a_limit(std::uint8_t now, dice& d) {
  if (now != 0 && d.one_in(4)) return 0;
  return static_cast<std::uint8_t>(d.one_in(2) ? 1 + d.below(5) : d.below(16));
}

// Of the limits of `amps_limits` the one above every length that a frame can say: then nothing else holds it.
constexpr std::uint8_t above_any_length = 2;

// Settings that streams of frames have; most such targets have no others.
settings changed_for_frames(settings s, dice& d) {
  switch (d.below(8)) {
    case 0:
      s.second = !s.second;
      break;
    case 1:
    case 2:
      s.octets_limit = d.one_in(3) ? above_any_length : a_limit(s.octets_limit, d);
      break;
    case 3:
    case 4:
      s.value_limit = a_limit(s.value_limit, d);
      break;
    default:
      s.cut = d.one_in(3) ? 1 : static_cast<std::uint8_t>(d.below(8));
      s.seed = static_cast<std::uint8_t>(d.next());
  }
  return s;
}

settings changed(settings s, dice& d) {
  switch (d.below(13)) {
    case 0:
    case 8:
      s.lenient = !s.lenient;
      break;
    case 1:
      s.second = !s.second;
      break;
    case 2:
      s.divert = !s.divert;
      break;
    case 3:
    case 4:
      s.octets_limit = a_limit(s.octets_limit, d);
      break;
    case 5:
    case 6:
      s.pairs_limit = a_limit(s.pairs_limit, d);
      break;
    case 7:
      s.value_limit = a_limit(s.value_limit, d);
      break;
    default:
      s.cut = d.one_in(3) ? 1 : static_cast<std::uint8_t>(d.below(8));  // octet by octet is what most is wrong with
      s.seed = static_cast<std::uint8_t>(d.next());
  }
  return s;
}

std::size_t put(std::string_view made, std::uint8_t* out, std::size_t max) {
  const std::size_t size = std::min(made.size(), max);
  if (size > 0) std::memcpy(out, made.data(), size);
  return size;
}

}  // namespace

std::uint64_t dice::next() {  // splitmix64
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::string mutate_script(std::string_view script, std::size_t max, dice& d) {
  const auto some_octets = [&](std::size_t size) {
    std::string made(size, '\0');
    for (char& c : made) c = static_cast<char>(d.next());
    return made;
  };
  const std::size_t at = d.below(script.size() + 1);
  const std::size_t size = 1 + d.below(d.one_in(4) ? 64 : 8);
  std::string made(script);
  switch (d.below(8)) {
    case 0:  // an engine that begins with nothing comes to a long one only slowly
      return some_octets(std::min(max, 1 + d.below(d.one_in(4) ? 512 : 128)));
    case 1:
    case 2:
      made.insert(at, some_octets(size));
      break;
    case 3:
      made.append(some_octets(size));
      break;
    case 4:
      made.insert(at, script.substr(d.below(script.size() + 1), size));
      break;
    case 5:
      made.erase(at, size);
      break;
    default:
      made.replace(at, std::min(size, script.size() - at), some_octets(size));
  }
  made.resize(std::min(made.size(), max));
  return made;
}

std::string engine_changed(std::string text, std::size_t room, engine_mutation engine) {
  const std::size_t size = text.size();
  text.resize(size + room + 1);  // an engine may not be given an empty block
  text.resize(engine(reinterpret_cast<std::uint8_t*>(text.data()), size, text.size()));
  return text;
}

std::size_t mutate(shape inputs, std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed,
                   engine_mutation engine) {
  dice d(seed);
  if (inputs == shape::octets || max_size <= header_size || d.one_in(4)) return engine(data, size, max_size);

  const std::string input(reinterpret_cast<const char*>(data), size);
  if (inputs == shape::script) {
    return d.one_in(2) ? engine(data, size, max_size) : put(mutate_script(input, max_size, d), data, max_size);
  }
  auto [with, stream] = read_input(input);
  const bool had = has_settings(input);
  const bool change_settings = d.one_in(3);
  if (change_settings) with = inputs == shape::frames && d.one_in(2) ? changed_for_frames(with, d) : changed(with, d);
  const std::string front = had || change_settings ? written(with) : std::string();
  const std::size_t room = max_size - front.size();
  std::string made(stream);
  if (!change_settings || d.one_in(2)) {
    made = inputs == shape::boxes ? mutate_boxes(stream, with.second, room, d, engine)
                                  : mutate_frames(stream, room, d, engine);
  }
  return put(front + made, data, max_size);
}

std::size_t cross(shape inputs, std::string_view one, std::string_view other, std::uint8_t* out, std::size_t max_out,
                  unsigned seed) {
  dice d(seed);
  if (inputs == shape::octets || inputs == shape::script) {
    // Engines choose between mutation and crossover evenly, which is more of the latter than scripts gain by.
    if (d.one_in(2)) return put(mutate_script(one, max_out, d), out, max_out);
    const std::size_t front = d.below(one.size() + 1), rest = d.below(other.size() + 1);
    return put(std::string(one.substr(0, front)).append(other.substr(rest)), out, max_out);
  }
  const auto [with, stream] = read_input(one);
  const bool second_version = with.second;  // clang 14 captures no binding
  const auto more = read_input(other).stream;
  // Engines choose between mutation and crossover evenly; often one parent alone is the better child.
  if (d.one_in(2)) return put(one, out, max_out);
  const auto borders = [&](std::string_view s) {
    return inputs == shape::boxes ? borders_of_boxes(s, second_version) : borders_of_frames(s);
  };
  const auto ours = borders(stream), theirs = borders(more);
  std::string made = has_settings(one) ? written(with) : std::string();
  made.append(stream.substr(0, ours[d.below(ours.size())])).append(more.substr(theirs[d.below(theirs.size())]));
  return put(made, out, max_out);
}

}  // namespace ampspec::fuzz
