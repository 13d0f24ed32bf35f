// Byte recipes: octets described as a list of labelled atoms, made lazily, never held as a whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ampspec::vectors {

/// The name of a file, kept once in the program however many things stand in that file.
class file_name {
 public:
  file_name() = default;
  file_name(std::string_view);
  file_name(const std::string& name) : file_name(std::string_view(name)) {}
  file_name(const char* name) : file_name(std::string_view(name)) {}

  const std::string& str() const { return *name_; }
  operator const std::string&() const { return *name_; }
  friend bool operator==(file_name a, file_name b) { return a.name_ == b.name_; }
  friend bool operator<(file_name a, file_name b) { return a.str() < b.str(); }

 private:
  static inline const std::string none;
  const std::string* name_ = &none;
};

/// Where something stands in a vector file; lines and columns count from 1.
struct source_mark {
  file_name file;
  int line = 0;
  int column = 0;
};

/// What `$name` stands for: limits (`max_key`, `max_value`, `chunk`) and the values of the matrix. A value is text;
/// where a number is wanted it must read as one.
using scope = std::map<std::string, std::string, std::less<>>;

/// The limits that every scope begins with.
scope default_scope();

/// A size or count: text of an expression over names of the scope, evaluated late. See docs/vector-format.md.
struct expression {
  std::string text;
  source_mark mark;
};

/// Evaluates; throws `load_error` (conformance/vectors/loader.hpp) with the mark when a name is unknown, a value is not
/// a number, the result is negative or does not fit 64 bits.
std::uint64_t evaluate(const expression&, const scope&);

/// Text that may be a `$name` reference: resolved by `resolve`.
struct text_ref {
  std::string text;  ///< as written, `$$` not yet undone
  source_mark mark;
};
std::string resolve(const text_ref&, const scope&);

/// A value that stands elsewhere, so that what seldom holds it stays small; copied with whatever has it.
template <class T>
class boxed {
 public:
  boxed(T value) : value_(std::make_unique<T>(std::move(value))) {}
  boxed(const boxed& other) : value_(std::make_unique<T>(*other)) {}
  boxed(boxed&&) noexcept = default;
  boxed& operator=(boxed other) noexcept {
    value_.swap(other.value_);
    return *this;
  }
  ~boxed() = default;

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }

 private:
  std::unique_ptr<T> value_;
};

struct atom;
using recipe = std::vector<atom>;

struct hex_atom {
  text_ref digits;
};
struct text_atom {
  text_ref text;
};
struct integer_atom {
  int octets = 2;
  bool little_endian = false;
  expression value;
};
struct fill_atom {
  text_ref pattern;
  expression size;
  std::optional<expression> from = {};  ///< so many octets further on in the repeated pattern
};
struct prng_atom {
  expression seed;
  expression size;
  std::optional<expression> from = {};  ///< likewise
};
struct repeat_atom {
  expression times;
  recipe of;
};
/// A key and a value with their lengths. In `chunks` (AMPv2) the value is written as many chunks as it needs.
struct pair_atom {
  recipe key;
  recipe value;
  bool chunks = false;
};
/// A box: pairs in the order written, lengths as they come, terminator behind.
struct box_atom {
  std::vector<pair_atom> pairs;
};
struct any_order_atom {
  std::vector<recipe> parts;
  bool members = false;  ///< of a JSON object: commas between them, braces around
};
/// What stands behind its length of 32 bits, big-endian: an AMPS message on TCP.
struct frame_atom {
  recipe content;
};
/// Octets captured earlier in the same play: only in what is sent.
struct same_atom {
  std::string name;
  enum class change {
    none,
    without_last,  ///< without its last octet
    other_case,    ///< ASCII letters in the other case
    other_first,   ///< `A` in place of its first octet, or `B` if that is `A`
  } how = change::none;
};

struct atom {
  std::variant<hex_atom, text_atom, integer_atom, boxed<fill_atom>, boxed<prng_atom>, repeat_atom, pair_atom, box_atom,
               any_order_atom, frame_atom, same_atom>
      what;
  std::string label;  ///< `as`, may be empty
  source_mark mark;
};

/// One labelled stretch of realized octets, for pictures and for finding length fields.
struct field {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string label;
  bool is_length = false;  ///< a length field: cuts are made beside it
};

/// Captured octets by name.
using captures = std::map<std::string, std::string, std::less<>>;

/// Realized octets: a recipe with every name resolved. Cheap to copy. Nothing larger than an atom's own text is stored.
class octets {
 public:
  octets() = default;
  static octets from(std::string bytes, std::string label = {});

  std::uint64_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Copies octets [offset, offset + out.size()) into `out`; the range must lie inside.
  void read(std::uint64_t offset, std::span<char> out) const;
  /// All octets; meant for small ones (throws std::length_error above `limit`).
  std::string str(std::uint64_t limit = 64u << 20) const;
  /// Fields in order of offset; for more than `limit` fields the rest is left out.
  std::vector<field> fields(std::size_t limit = 100'000) const;
  /// `any_order` groups as alternatives of the sequence: parts that may come in any order, in the order written.
  struct group {
    std::uint64_t offset;
    std::vector<std::uint64_t> part_sizes;
    std::uint64_t between = 0;  ///< octets between two parts, always the same
  };
  const std::vector<group>& any_order_groups() const;
  void append(const octets&);

 private:
  friend octets realize(const recipe&, const scope&, const captures&);
  struct body;
  std::shared_ptr<const body> body_;
  std::uint64_t size_ = 0;
};

/// Resolves every name and size. Throws `load_error` for what only shows with values (a key or value above 65535
/// octets in `pair`, an odd number of hex digits from a matrix name, an unknown capture).
octets realize(const recipe&, const scope&, const captures& = {});

/// Octets `[offset, offset+out.size())` of the pseudo-random sequence of a seed (docs/vector-format.md, `prng`).
void prng_octets(std::uint64_t seed, std::uint64_t offset, std::span<char> out);

/// True if `got` equals `want`, its any_order groups taken in any order. On false, `*differs_at` is the first offset
/// that differs from the order as written.
bool equal_octets(const octets& want, std::string_view got, std::uint64_t* differs_at = nullptr);

}  // namespace ampspec::vectors
