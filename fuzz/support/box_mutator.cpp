// The mutator of boxes: keys, values and ends of boxes, each with the length that it says and the octets that it has.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/mutator.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ampspec::fuzz {
namespace {

enum class part { key, value, end, tail };

// A length and what stands behind it; of the tail, where the stream breaks off, only octets.
struct field {
  part is = part::tail;
  std::size_t said = 0;
  std::string octets;
};

constexpr std::size_t full_chunk = 65535;

std::string_view a_key(dice& d) {
  constexpr std::array<std::string_view, 12> keys{
      "_ask", "_answer", "_command", "_error", "_error_code", "_error_description", "a", "b", "c", "name", "key", "_"};
  return keys[d.below(keys.size())];
}

std::size_t a_length(dice& d) {
  constexpr std::array<std::size_t, 19> lengths{0,    1,    2,     3,     127,   128,   254,   255,   256, 257,
                                                4095, 4096, 32767, 32768, 32769, 65533, 65534, 65535, 1024};
  return lengths[d.below(lengths.size())];
}

std::size_t length_at(std::string_view s, std::size_t at) {
  return std::size_t{static_cast<unsigned char>(s[at])} << 8 | static_cast<unsigned char>(s[at + 1]);
}

// Reads whatever stands there, and shows each field: what it is, the length that it says, and its octets. A length
// beyond the end has the octets that are left.
template <class Shown>
void walk(std::string_view s, bool second, Shown&& shown) {
  part next = part::key;
  while (s.size() >= 2) {
    const std::size_t said = length_at(s, 0);
    const part is = next == part::key && said == 0 ? part::end : next;
    shown(is, said, s.substr(2, said));
    s.remove_prefix(std::min(s.size(), 2 + said));
    next = is == part::key || (second && is == part::value && said == full_chunk) ? part::value : part::key;
  }
  if (!s.empty()) shown(part::tail, std::size_t{0}, s);
}

std::vector<field> fields_of(std::string_view s, bool second) {
  std::vector<field> fields;
  fields.reserve(s.size() / 4 + 8);
  walk(s, second, [&](part is, std::size_t said, std::string_view octets) {
    fields.push_back({is, said, std::string(octets)});
  });
  return fields;
}

std::string written(const std::vector<field>& fields, std::size_t max) {
  std::string s;
  for (const field& f : fields) {
    if (s.size() >= max) break;
    if (f.is != part::tail) s.append({static_cast<char>(f.said >> 8), static_cast<char>(f.said)});
    s += f.octets;
  }
  s.resize(std::min(s.size(), max));
  return s;
}

std::size_t size_of(const std::vector<field>& fields) {
  std::size_t size = 0;
  for (const field& f : fields) size += f.octets.size() + (f.is == part::tail ? 0 : 2);
  return size;
}

field made(part is, std::string octets) {
  const std::size_t said = octets.size();
  return {is, said, std::move(octets)};
}

void insert_pair(std::vector<field>& fields, std::size_t at, std::string key, std::string value) {
  const auto where = fields.begin() + static_cast<std::ptrdiff_t>(at);
  const auto behind = fields.insert(where, made(part::key, std::move(key)));
  fields.insert(behind + 1, made(part::value, std::move(value)));
}

// So that many keys of a box differ.
std::string numbered_key(std::size_t n, std::size_t size) {
  std::string key;
  for (; key.size() < size; n /= 26) key += static_cast<char>('a' + n % 26);
  return key;
}

void resize(field& f, std::size_t size, std::size_t room) {
  f.octets.resize(std::min(size, f.octets.size() + room), f.octets.empty() ? 'x' : f.octets.back());
  f.said = f.octets.size();
}

void change(std::vector<field>& fields, std::size_t room, dice& d, engine_mutation engine) {
  const std::size_t at = d.below(fields.size() + 1);
  if (at == fields.size()) {
    if (d.one_in(3)) {
      fields.push_back(made(part::end, ""));
    } else {
      insert_pair(fields, at, std::string(a_key(d)), std::string(d.below(4), 'v'));
    }
    return;
  }
  field& f = fields[at];
  const auto here = fields.begin() + static_cast<std::ptrdiff_t>(at);
  switch (d.below(14)) {
    case 0:
    case 1:
    case 2:  // octets, with the length put right, or not
      f.octets = engine_changed(std::move(f.octets), std::min<std::size_t>(room, 16), engine);
      if (!d.one_in(4)) f.said = std::min(f.octets.size(), full_chunk);
      break;
    case 3:
      f.said = a_length(d);
      break;
    case 4:
      f.said = (f.said + (d.one_in(2) ? 1 : 0xffff)) & 0xffff;
      break;
    case 5:  // grown or cut to a length that matters, and right
      resize(f, a_length(d), room);
      break;
    case 6: {
      const field copy = f;
      fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(d.below(fields.size() + 1)), copy);
      break;
    }
    case 7:
      fields.erase(here, here + static_cast<std::ptrdiff_t>(1 + d.below(std::min<std::size_t>(4, fields.size() - at))));
      break;
    case 8:
      std::swap(f, fields[d.below(fields.size())]);
      break;
    case 9:
      fields.insert(here, made(part::end, ""));
      break;
    case 10:
      insert_pair(fields, at, std::string(a_key(d)), std::string(d.below(4), 'v'));
      break;
    case 11: {  // the same key again
      const std::size_t from = d.below(fields.size());
      if (fields[from].is == part::key) insert_pair(fields, at, fields[from].octets, "again");
      break;
    }
    case 12: {  // many pairs, or many boxes
      const std::size_t size = 1 + d.below(3);
      const std::size_t times = std::min(room / (4 + size), d.one_in(4) ? 250 + d.below(12) : 1 + d.below(36));
      const bool boxes = d.one_in(4);
      std::vector<field> more;
      for (std::size_t i = 0; i < times; ++i) {
        more.push_back(made(part::key, numbered_key(i, size)));
        more.push_back(made(part::value, ""));
        if (boxes) more.push_back(made(part::end, ""));
      }
      fields.insert(here, more.begin(), more.end());
      break;
    }
    default:  // the stream breaks off, at a border or inside
      fields.erase(here + 1, fields.end());
      if (d.one_in(2)) f.octets.resize(d.below(f.octets.size() + 1));
  }
}

}  // namespace

std::string mutate_boxes(std::string_view stream, bool second, std::size_t max, dice& d, engine_mutation engine) {
  auto fields = fields_of(stream, second);
  for (std::size_t left = 1 + d.below(3); left > 0; --left) {
    const std::size_t size = size_of(fields);
    change(fields, max > size ? max - size : 0, d, engine);
  }
  return written(fields, max);
}

std::vector<std::size_t> borders_of_boxes(std::string_view stream, bool second) {
  std::vector<std::size_t> borders{0};
  walk(stream, second, [&](part is, std::size_t, std::string_view octets) {
    borders.push_back(borders.back() + octets.size() + (is == part::tail ? 0 : 2));
  });
  return borders;
}

}  // namespace ampspec::fuzz
