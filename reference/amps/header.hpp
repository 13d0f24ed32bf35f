// The header of an AMPS message: its fields, lent or owned.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/field.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::amps {

/// A numeric field as it was read: absent, a number, or text that is none (AMPS-HDR-038).
struct number {
  enum class reading : std::uint8_t { absent, good, bad };
  reading is = reading::absent;
  std::uint64_t value = 0;  ///< 0 unless good

  bool good() const { return is == reading::good; }
  bool bad() const { return is == reading::bad; }
  bool operator==(const number&) const = default;
};

/// 1 to 20 ASCII digits with a value up to `most`; nothing for anything else: no sign, point, exponent or blank
/// (AMPS-HDR-038).
std::optional<std::uint64_t> number_from(std::string_view digits, std::uint64_t most = ~std::uint64_t{0});

/// The fields of a header that lives elsewhere; who lends it says for how long. Texts are given with their escapes
/// undone, numbers as their digits, whether they stood in quotes or not (AMPS-HDR-009, AMPS-HDR-041).
class header_view {
 public:
  header_view() {}  // texts are set before they are looked at: one is made for each message
  header_view(const header_view& other) { *this = other; }
  header_view& operator=(const header_view& other) {
    const auto all = other.present_;
    other.for_each([&](field f, std::string_view text) { set(f, text); });
    present_ = all;
    return *this;
  }
  ~header_view() = default;

  bool has(field f) const { return (present_ & bit(f)) != 0; }
  /// The text of a field, empty if it is absent.
  std::string_view operator[](field f) const { return has(f) ? texts_[index(f)].view() : std::string_view(); }
  std::optional<std::string_view> find(field f) const {
    return has(f) ? std::optional(texts_[index(f)].view()) : std::nullopt;
  }
  /// A numeric field. (A text field is `good` if its text happens to be a number.)
  number read_number(field) const;
  /// What `c` means: `unknown` also if it is absent.
  command what() const { return command_named((*this)[field::command]); }

  bool empty() const { return present_ == 0; }
  std::size_t size() const { return static_cast<std::size_t>(std::popcount(present_)); }
  /// Calls `visit(field, text)` for each field that is present, in the order of the enumerators.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::uint64_t rest = present_; rest != 0; rest &= rest - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(rest));
      visit(static_cast<field>(i), texts_[i].view());
    }
  }

  void set(field f, std::string_view text) {
    texts_[index(f)] = {text.data(), text.size()};
    present_ |= bit(f);
  }
  void erase(field f) { present_ &= ~bit(f); }
  void clear() { present_ = 0; }

  /// The same fields with the same texts; `p` and `publish` are different texts.
  friend bool operator==(const header_view& a, const header_view& b) { return a.same_fields(b); }

 private:
  static constexpr std::size_t index(field f) { return static_cast<std::size_t>(f); }
  static constexpr std::uint64_t bit(field f) { return std::uint64_t{1} << index(f); }
  bool same_fields(const header_view&) const;

  struct lent {
    const char* at;
    std::size_t size;
    std::string_view view() const { return {at, size}; }
  };

  std::uint64_t present_ = 0;
  std::array<lent, field_count> texts_;  ///< of the fields that are present
};

/// A header that owns its texts. Checks nothing: `write_header` does.
class header {
 public:
  header() = default;
  explicit header(command c) { set(field::command, written_word(c)); }
  explicit header(const header_view&);
  header(const header& other) : header(other.view_) {}
  header& operator=(const header& other) {
    header copy(other);
    *this = std::move(copy);
    return *this;
  }
  header(header&& other) noexcept : octets_(std::move(other.octets_)), view_(other.view_) { other.view_.clear(); }
  header& operator=(header&& other) noexcept {
    octets_ = std::move(other.octets_);
    view_ = other.view_;
    other.view_.clear();
    return *this;
  }
  ~header() = default;

  header& set(field, std::string_view text);
  header& set(field, std::uint64_t);
  header& erase(field f) {
    view_.erase(f);
    return *this;
  }

  /// Valid until this header is changed, moved from or gone.
  const header_view& view() const { return view_; }
  operator const header_view&() const { return view_; }
  bool has(field f) const { return view_.has(f); }
  std::string_view operator[](field f) const { return view_[f]; }
  number read_number(field f) const { return view_.read_number(f); }
  command what() const { return view_.what(); }
  friend bool operator==(const header& a, const header& b) { return a.view_ == b.view_; }

 private:
  std::vector<char> octets_;
  header_view view_;  // into octets_, which moves with us and keeps its place
};

}  // namespace ampspec::amps
