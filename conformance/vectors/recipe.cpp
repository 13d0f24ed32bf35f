// Realizes byte recipes: octets are computed where they are read, only literal ones are stored.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/recipe.hpp"

#include "conformance/vectors/loader.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <mutex>
#include <set>
#include <stdexcept>
#include <type_traits>

namespace ampspec::vectors {
namespace {

constexpr std::uint64_t largest_size = std::uint64_t{1} << 60;
constexpr std::uint64_t full_chunk = 65535;  // of a value in AMPv2: another one follows
constexpr std::size_t longest_quote = 40;    // octets of a text that a label shows

std::uint64_t splitmix64(std::uint64_t seed, std::uint64_t number) {
  std::uint64_t z = seed + (number + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// Goes on with the period that stands at the front of `out`.
void repeat_front(std::span<char> out, std::size_t period) {
  for (std::size_t done = period; done < out.size();) {
    const std::size_t more = std::min(done, out.size() - done);
    std::memcpy(out.data() + done, out.data(), more);
    done += more;
  }
}

std::string quoted(std::string_view text) {
  const bool shown = text.size() <= longest_quote &&
                     std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  return shown ? '"' + std::string(text) + '"' : std::string();
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string from_hex(const text_ref& digits, const scope& names) {
  const std::string text = resolve(digits, names);
  std::string out;
  int high = -1;
  for (const char c : text) {
    if (c == ' ') continue;
    const int value = hex_value(c);
    if (value < 0) throw load_error(digits.mark, "`" + text + "` is not hex; write two hex digits for each octet");
    if (high < 0) {
      high = value;
    } else {
      out.push_back(static_cast<char>(high << 4 | value));
      high = -1;
    }
  }
  if (high >= 0) throw load_error(digits.mark, "odd number of hex digits in `" + text + "`; write two for each octet");
  return out;
}

bool is_length(const atom& a) {
  const auto* integer = std::get_if<integer_atom>(&a.what);
  return integer != nullptr && integer->octets > 1;
}

// A recipe that has fields of its own to show, so that it is not one field as a whole.
bool has_parts(const recipe& r) {
  return std::any_of(r.begin(), r.end(), [](const atom& a) {
    return !a.label.empty() || is_length(a) || std::holds_alternative<pair_atom>(a.what) ||
           std::holds_alternative<box_atom>(a.what) || std::holds_alternative<frame_atom>(a.what) ||
           (std::holds_alternative<repeat_atom>(a.what) && has_parts(std::get<repeat_atom>(a.what).of));
  });
}

}  // namespace

file_name::file_name(std::string_view name) {
  if (name.empty()) return;
  static std::mutex mutex;
  // Names are never given back: they are few, and marks outlive whoever made them.
  static auto& names = *new std::set<std::string, std::less<>>;
  const std::lock_guard lock(mutex);
  auto at = names.find(name);
  if (at == names.end()) at = names.emplace(name).first;
  name_ = &*at;
}

struct octets::body {
  struct piece {
    enum class kind { literal, fill, prng, repeat, slice };
    kind what = kind::literal;
    std::uint64_t offset = 0, size = 0;
    std::uint64_t number =
        0;  // literal and fill: where its octets begin in `pool`; prng: the seed; slice: where it begins in `unit`
    std::uint64_t period = 0;  // fill: octets of the pattern
    std::uint64_t from = 0;    // fill and prng: octets left out in front
    octets unit;               // repeat, slice
  };
  struct mark {
    field shown;
    octets unit;  // repeat: its fields stand `shown.size / unit.size()` times; else empty
  };
  std::string pool;
  std::vector<piece> pieces;
  std::vector<mark> marks;
  std::vector<group> groups;

  void read(const piece& p, std::uint64_t from, std::span<char> out) const {
    switch (p.what) {
      case piece::kind::literal:
        std::memcpy(out.data(), pool.data() + p.number + from, out.size());
        return;
      case piece::kind::fill: {
        const std::size_t period = std::min<std::uint64_t>(p.period, out.size());
        for (std::size_t i = 0; i < period; ++i) out[i] = pool[p.number + (p.from + from + i) % p.period];
        return repeat_front(out, period);
      }
      case piece::kind::prng:
        return prng_octets(p.number, p.from + from, out);
      case piece::kind::slice:
        return p.unit.read(p.number + from, out);
      case piece::kind::repeat: {
        const std::uint64_t period = p.unit.size(), begin = from % period;
        const std::size_t first = std::min<std::uint64_t>(period - begin, out.size());
        p.unit.read(begin, out.first(first));
        const std::size_t second = std::min<std::uint64_t>(begin, out.size() - first);
        p.unit.read(0, out.subspan(first, second));
        if (out.size() > period) repeat_front(out, period);
        return;
      }
    }
  }

  // Writes the octets of recipes behind what is there.
  class writer;
};

class octets::body::writer {
 public:
  writer(body& to, const scope& names, const captures& caught) : to_(to), names_(names), caught_(caught) {}

  std::uint64_t size() const { return size_; }

  void put(const recipe& r, const std::string& prefix) {
    for (const auto& a : r) put(a, prefix, {});
  }

 private:
  // One atom with its fields. `fallback`: its label if it has none of its own.
  void put(const atom& a, const std::string& prefix, const std::string& fallback) {
    const std::string inner = a.label.empty() ? prefix : prefix + a.label + ": ";
    if (const auto* pair = std::get_if<pair_atom>(&a.what)) return put_pair(*pair, inner, a.mark);
    if (const auto* box = std::get_if<box_atom>(&a.what)) {
      for (const auto& pair : box->pairs) put_pair(pair, inner, a.mark);
      literal(std::string_view("\0\0", 2), a.mark);
      return note(size_ - 2, inner + "end of box", true);
    }
    if (const auto* any = std::get_if<any_order_atom>(&a.what)) {
      if (any->members) literal("{", a.mark);
      group parts{size_, {}, any->members ? 1u : 0u};
      for (const auto& part : any->parts) {
        if (any->members && !parts.part_sizes.empty()) literal(",", a.mark);
        const std::uint64_t begin = size_;
        put(part, inner);
        parts.part_sizes.push_back(size_ - begin);
      }
      to_.groups.push_back(std::move(parts));
      if (any->members) literal("}", a.mark);
      return;
    }
    if (const auto* frame = std::get_if<frame_atom>(&a.what)) return put_frame(*frame, inner, a.mark);
    const std::uint64_t begin = size_;
    if (const auto* repeat = std::get_if<repeat_atom>(&a.what)) {
      const bool parts = has_parts(repeat->of);
      const octets unit = put_repeat(*repeat, parts ? inner : std::string(), a.mark);
      if (parts && size_ > begin) to_.marks.push_back({{begin, size_ - begin, {}, false}, unit});
      if (parts) return;
    } else {
      bytes_of(a);
    }
    note(begin,
         prefix + (!a.label.empty()    ? a.label
                   : !fallback.empty() ? fallback
                                       : described(a, begin)),
         is_length(a));
  }

  void put_pair(const pair_atom& pair, const std::string& prefix, const source_mark& mark) {
    put_part(pair.key, "key", prefix, mark);
    if (pair.chunks)
      put_chunks(pair.value, prefix, mark);
    else
      put_part(pair.value, "value", prefix, mark);
  }

  // A value of AMPv2. One that needs several chunks is made for itself, and each chunk is a slice of it.
  void put_chunks(const recipe& r, const std::string& prefix, const source_mark& mark) {
    auto made = std::make_shared<body>();
    writer inner(*made, names_, caught_);
    inner.put(r, {});
    if (inner.size() < full_chunk) return put_part(r, "value", prefix, mark);
    octets value;
    value.size_ = inner.size();
    value.body_ = std::move(made);
    const std::uint64_t chunks = value.size_ / full_chunk + 1;
    for (std::uint64_t i = 0; i < chunks; ++i) {
      const std::uint64_t begin = i * full_chunk, length = std::min(full_chunk, value.size_ - begin);
      const std::string name = prefix + "value chunk " + std::to_string(i + 1) + " of " + std::to_string(chunks);
      const char two[] = {static_cast<char>(length >> 8), static_cast<char>(length & 0xff)};
      literal({two, 2}, mark);
      note(size_ - 2, name + ", length " + std::to_string(length), true);
      if (length == 0) continue;
      piece& p = add(piece::kind::slice, length, mark);
      p.number = begin;
      p.unit = value;
      note(size_ - length, name, false);
    }
  }

  void put_frame(const frame_atom& frame, const std::string& prefix, const source_mark& mark) {
    literal(std::string_view("\0\0\0\0", 4), mark);
    const std::size_t length_at = to_.pool.size() - 4, length_mark = to_.marks.size();
    note(size_ - 4, {}, true);
    const std::uint64_t begin = size_;
    put(frame.content, prefix);
    const std::uint64_t length = size_ - begin;
    if (length > 0xffffffff) throw load_error(mark, "a frame does not fit its 32-bit length; write a smaller one");
    for (std::size_t i = 0; i < 4; ++i) to_.pool[length_at + i] = static_cast<char>(length >> (24 - 8 * i) & 0xff);
    to_.marks[length_mark].shown.label = prefix + "length " + std::to_string(length);
  }

  // A length and what it counts. The length is written first and corrected when the rest is known.
  void put_part(const recipe& r, const std::string& name, const std::string& prefix, const source_mark& mark) {
    literal(std::string_view("\0\0", 2), mark);
    const std::size_t length_at = to_.pool.size() - 2, length_mark = to_.marks.size();
    note(size_ - 2, {}, true);
    const std::uint64_t begin = size_;
    if (has_parts(r)) {
      for (const auto& a : r) put(a, prefix, name);
    } else {
      for (const auto& a : r) bytes_of(a);
      const std::string quote = is_literal(begin) ? quoted(literal_from(begin)) : std::string();
      note(begin, prefix + name + (quote.empty() ? "" : " " + quote), false);
    }
    const std::uint64_t length = size_ - begin;
    if (length > 0xffff) {
      throw load_error(r.empty() ? mark : r.front().mark,
                       "a " + name + " of " + std::to_string(length) +
                           " octets does not fit its 16-bit length; write the lengths yourself with {u16: N}");
    }
    to_.pool[length_at] = static_cast<char>(length >> 8);
    to_.pool[length_at + 1] = static_cast<char>(length & 0xff);
    to_.marks[length_mark].shown.label = prefix + name + " length " + std::to_string(length);
  }

  // Octets without fields.
  void bytes_of(const atom& a) {
    std::visit(
        [&](const auto& what) {
          using T = std::decay_t<decltype(what)>;
          if constexpr (std::is_same_v<T, hex_atom>)
            literal(from_hex(what.digits, names_), a.mark);
          else if constexpr (std::is_same_v<T, text_atom>)
            literal(resolve(what.text, names_), a.mark);
          else if constexpr (std::is_same_v<T, integer_atom>)
            put_integer(what, a.mark);
          else if constexpr (std::is_same_v<T, boxed<fill_atom>>)
            put_fill(*what, a.mark);
          else if constexpr (std::is_same_v<T, boxed<prng_atom>>)
            put_prng(*what, a.mark);
          else if constexpr (std::is_same_v<T, repeat_atom>)
            put_repeat(what, {}, a.mark);
          else if constexpr (std::is_same_v<T, same_atom>)
            put_same(what, a.mark);
          else
            put(a, {}, {});
        },
        a.what);
  }

  void put_integer(const integer_atom& integer, const source_mark& mark) {
    const std::uint64_t value = evaluate(integer.value, names_);
    if (integer.octets < 8 && value >> (8 * integer.octets) != 0) {
      throw load_error(integer.value.mark, std::to_string(value) + " does not fit into " +
                                               std::to_string(8 * integer.octets) + " bits; write a smaller number");
    }
    std::array<char, 8> bytes{};
    for (int i = 0; i < integer.octets; ++i) {
      const int shift = 8 * (integer.little_endian ? i : integer.octets - 1 - i);
      bytes[static_cast<std::size_t>(i)] = static_cast<char>(value >> shift & 0xff);
    }
    literal({bytes.data(), static_cast<std::size_t>(integer.octets)}, mark);
  }

  void put_fill(const fill_atom& fill, const source_mark& mark) {
    const std::string pattern = from_hex(fill.pattern, names_);
    if (pattern.empty())
      throw load_error(fill.pattern.mark, "an empty pattern fills nothing; write at least one octet");
    const std::uint64_t size = evaluate(fill.size, names_);
    piece& p = add(piece::kind::fill, size, mark);
    p.number = to_.pool.size();
    p.period = pattern.size();
    p.from = beginning(fill.from) % p.period;
    to_.pool += pattern;
  }

  void put_prng(const prng_atom& prng, const source_mark& mark) {
    const std::uint64_t seed = evaluate(prng.seed, names_), size = evaluate(prng.size, names_);
    piece& p = add(piece::kind::prng, size, mark);
    p.number = seed;
    p.from = beginning(prng.from);
  }

  std::uint64_t beginning(const std::optional<expression>& from) const {
    const std::uint64_t at = from ? evaluate(*from, names_) : 0;
    if (at > largest_size) throw load_error(from->mark, "`from` is too large; write one below 2^60");
    return at;
  }

  octets put_repeat(const repeat_atom& repeat, const std::string& prefix, const source_mark& mark) {
    const std::uint64_t times = evaluate(repeat.times, names_);
    auto unit = std::make_shared<body>();
    writer inner(*unit, names_, caught_);
    inner.put(repeat.of, prefix);
    octets done;
    done.size_ = inner.size();
    done.body_ = std::move(unit);
    std::uint64_t size = 0;
    if (__builtin_mul_overflow(times, done.size_, &size)) size = largest_size + 1;  // `add` refuses it
    if (size > 0) add(piece::kind::repeat, size, mark).unit = done;
    return done;
  }

  void put_same(const same_atom& same, const source_mark& mark) {
    const auto found = caught_.find(same.name);
    if (found == caught_.end()) {
      throw load_error(
          mark, "nothing was captured as `" + same.name + "`; write {capture: " + same.name + "} in an earlier step");
    }
    std::string changed = found->second;
    switch (same.how) {
      case same_atom::change::none:
        break;
      case same_atom::change::without_last:
        if (!changed.empty()) changed.pop_back();
        break;
      case same_atom::change::other_case:
        for (char& c : changed) {
          if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) c = static_cast<char>(c ^ 0x20);
        }
        break;
      case same_atom::change::other_first:
        if (!changed.empty()) changed.front() = changed.front() == 'A' ? 'B' : 'A';
        break;
    }
    literal(changed, mark);
  }

  piece& add(piece::kind what, std::uint64_t size, const source_mark& mark) {
    if (size > largest_size || size_ + size > largest_size) {
      throw load_error(mark, "the octets are too many; write a size below 2^60");
    }
    to_.pieces.push_back({what, size_, size, 0, 0, 0, {}});
    size_ += size;
    return to_.pieces.back();
  }

  void literal(std::string_view bytes, const source_mark& mark) {
    auto* last = to_.pieces.empty() ? nullptr : &to_.pieces.back();
    if (last != nullptr && last->what == piece::kind::literal && last->number + last->size == to_.pool.size()) {
      last->size += bytes.size();
      size_ += bytes.size();
    } else {
      add(piece::kind::literal, bytes.size(), mark).number = to_.pool.size();
    }
    to_.pool += bytes;
  }

  bool is_literal(std::uint64_t from) const {
    const auto& last = to_.pieces.back();
    return last.what == piece::kind::literal && last.offset <= from;
  }
  std::string_view literal_from(std::uint64_t from) const {
    return std::string_view(to_.pool).substr(to_.pool.size() - (size_ - from));
  }

  void note(std::uint64_t begin, std::string label, bool length) {
    if (size_ > begin) to_.marks.push_back({{begin, size_ - begin, std::move(label), length}, {}});
  }

  std::string described(const atom& a, std::uint64_t begin) const {
    if (std::holds_alternative<text_atom>(a.what) || std::holds_alternative<same_atom>(a.what)) {
      return quoted(literal_from(begin));
    }
    if (const auto* fill = std::get_if<boxed<fill_atom>>(&a.what)) return "fill " + resolve((*fill)->pattern, names_);
    if (const auto* prng = std::get_if<boxed<prng_atom>>(&a.what))
      return "prng " + std::to_string(evaluate((*prng)->seed, names_));
    if (const auto* integer = std::get_if<integer_atom>(&a.what))
      return std::to_string(evaluate(integer->value, names_));
    return {};
  }

  body& to_;
  const scope& names_;
  const captures& caught_;
  std::uint64_t size_ = 0;
};

octets octets::from(std::string bytes, std::string label) {
  octets made;
  made.size_ = bytes.size();
  auto b = std::make_shared<body>();
  if (!bytes.empty()) {
    b->pieces.push_back({body::piece::kind::literal, 0, made.size_, 0, 0, 0, {}});
    b->marks.push_back({{0, made.size_, std::move(label), false}, {}});
    b->pool = std::move(bytes);
  }
  made.body_ = std::move(b);
  return made;
}

void octets::read(std::uint64_t offset, std::span<char> out) const {
  assert(offset <= size_ && out.size() <= size_ - offset);
  if (out.empty()) return;
  const auto& pieces = body_->pieces;
  auto at = std::upper_bound(pieces.begin(), pieces.end(), offset,
                             [](std::uint64_t o, const body::piece& p) { return o < p.offset + p.size; });
  while (!out.empty()) {
    const std::uint64_t from = offset - at->offset;
    const std::size_t count = std::min<std::uint64_t>(at->size - from, out.size());
    if (count > 0) body_->read(*at, from, out.first(count));
    out = out.subspan(count);
    offset += count;
    ++at;
  }
}

std::string octets::str(std::uint64_t limit) const {
  if (size_ > limit) throw std::length_error("octets: " + std::to_string(size_) + " are too many to hold");
  std::string all(size_, '\0');
  read(0, all);
  return all;
}

std::vector<field> octets::fields(std::size_t limit) const {
  std::vector<field> all;
  if (!body_) return all;
  for (const auto& mark : body_->marks) {
    if (mark.unit.empty()) {
      if (all.size() >= limit) break;
      all.push_back(mark.shown);
      continue;
    }
    const auto inner = mark.unit.fields(limit);
    const std::uint64_t times = mark.shown.size / mark.unit.size();
    for (std::uint64_t i = 0; i < times && all.size() < limit && !inner.empty(); ++i) {
      for (auto f : inner) {
        if (all.size() >= limit) break;
        f.offset += mark.shown.offset + i * mark.unit.size();
        all.push_back(std::move(f));
      }
    }
  }
  return all;
}

const std::vector<octets::group>& octets::any_order_groups() const {
  static const std::vector<group> none;
  return body_ ? body_->groups : none;
}

void octets::append(const octets& more) {
  if (more.empty()) return;
  const octets other = more;  // keeps its body when it is appended to itself
  // No other holder: every body is made without const, so it may grow in place.
  auto joined = body_.use_count() == 1 ? std::const_pointer_cast<body>(body_)
                : body_                ? std::make_shared<body>(*body_)
                                       : std::make_shared<body>();
  const std::uint64_t pool = joined->pool.size();
  joined->pool += other.body_->pool;
  for (auto p : other.body_->pieces) {
    p.offset += size_;
    if (p.what == body::piece::kind::literal || p.what == body::piece::kind::fill) p.number += pool;
    joined->pieces.push_back(std::move(p));
  }
  for (auto m : other.body_->marks) {
    m.shown.offset += size_;
    joined->marks.push_back(std::move(m));
  }
  for (auto g : other.body_->groups) {
    g.offset += size_;
    joined->groups.push_back(std::move(g));
  }
  body_ = std::move(joined);
  size_ += other.size_;
}

octets realize(const recipe& r, const scope& names, const captures& caught) {
  auto made = std::make_shared<octets::body>();
  octets::body::writer writer(*made, names, caught);
  writer.put(r, {});
  octets done;
  done.size_ = writer.size();
  done.body_ = std::move(made);
  return done;
}

void prng_octets(std::uint64_t seed, std::uint64_t offset, std::span<char> out) {
  for (std::size_t i = 0; i < out.size();) {
    const std::uint64_t word = splitmix64(seed, (offset + i) / 8);
    for (std::uint64_t b = (offset + i) % 8; b < 8 && i < out.size(); ++b) {
      out[i++] = static_cast<char>(word >> (8 * b) & 0xff);
    }
  }
}

namespace {

constexpr std::size_t parts_to_try = 16;  // above, parts are taken greedily only

// First offset in [begin, end) of `want` at which it differs from `got`, whose first octet belongs to `begin`; `end` if
// there is none.
std::uint64_t first_difference(const octets& want, std::uint64_t begin, std::uint64_t end, std::string_view got) {
  std::array<char, 16384> chunk;
  for (std::uint64_t at = begin; at < end;) {
    const std::size_t count = std::min<std::uint64_t>(chunk.size(), end - at);
    want.read(at, std::span(chunk).first(count));
    const std::size_t left = static_cast<std::size_t>(at - begin);
    const std::size_t have = left < got.size() ? std::min(count, got.size() - left) : 0;
    if (std::memcmp(chunk.data(), got.data() + (have > 0 ? left : 0), have) != 0 || have < count) {
      std::size_t i = 0;
      while (i < have && chunk[i] == got[left + i]) ++i;
      return at + i;
    }
    at += count;
  }
  return end;
}

// Whether `got` is the group's parts in some order.
class permutation {
 public:
  permutation(const octets& want, const octets::group& parts, std::string_view got)
      : want_(want), got_(got), between_(parts.between) {
    for (std::uint64_t at = parts.offset; const std::uint64_t size : parts.part_sizes) {
      parts_.push_back({at, size});
      at += size + between_;
    }
    used_.resize(parts_.size());
    if (parts_.size() <= parts_to_try) failed_.resize(std::size_t{1} << parts_.size());
  }
  bool found() { return from(0, 0, 0); }

 private:
  struct part {
    std::uint64_t at, size;
  };

  bool from(std::size_t taken, std::uint64_t at, std::size_t mask) {
    if (taken == parts_.size()) return true;
    if (!failed_.empty() && failed_[mask]) return false;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const auto& p = parts_[i];
      if (used_[i]) continue;
      if (at + p.size > got_.size()) continue;
      if (first_difference(want_, p.at, p.at + p.size, got_.substr(at, p.size)) != p.at + p.size) continue;
      const std::uint64_t next = at + p.size;
      if (taken + 1 < parts_.size() && !separated(next)) continue;
      used_[i] = true;
      const std::size_t bit = failed_.empty() ? 0 : std::size_t{1} << i;
      if (from(taken + 1, next + between_, mask | bit)) return true;
      used_[i] = false;
      if (failed_.empty()) return false;
    }
    if (!failed_.empty()) failed_[mask] = true;
    return false;
  }

  // Whether what stands between two parts stands at `at`.
  bool separated(std::uint64_t at) const {
    const std::uint64_t from = parts_.front().at + parts_.front().size;
    return between_ == 0 ||
           (at + between_ <= got_.size() &&
            first_difference(want_, from, from + between_, got_.substr(at, between_)) == from + between_);
  }

  const octets& want_;
  std::string_view got_;
  std::uint64_t between_ = 0;
  std::vector<part> parts_;
  std::vector<bool> used_, failed_;  // failed_: sets of used parts behind which nothing fits
};

}  // namespace

bool equal_octets(const octets& want, std::string_view got, std::uint64_t* differs_at) {
  const std::uint64_t common = std::min<std::uint64_t>(want.size(), got.size());
  const std::uint64_t differs = first_difference(want, 0, common, got);
  const bool equal = [&] {
    if (want.size() != got.size()) return false;
    if (differs == common) return true;
    std::uint64_t at = 0;
    for (const auto& group : want.any_order_groups()) {
      std::uint64_t size = 0;
      for (const auto part : group.part_sizes) size += part + group.between;
      size -= group.part_sizes.empty() ? 0 : group.between;
      if (first_difference(want, at, group.offset, got.substr(at)) != group.offset) return false;
      if (!permutation(want, group, got.substr(group.offset, size)).found()) return false;
      at = group.offset + size;
    }
    return first_difference(want, at, want.size(), got.substr(at)) == want.size();
  }();
  if (!equal && differs_at != nullptr) *differs_at = differs;
  return equal;
}

}  // namespace ampspec::vectors
