// The box: the unit of AMP, a mapping of octets to octets, lent or owned.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ampspec::amp {

inline constexpr std::size_t max_key = 255;      ///< octets (AMP1-FRAME-004)
inline constexpr std::size_t max_value = 65535;  ///< octets (AMP1-FRAME-010); in version 2 of one chunk

/// Of the wire format; a connection keeps to one (AMP2-019). In version 2 a value is a row of chunks: one of 65,535
/// octets is followed by another, any shorter one is the last (AMP2-006). All else is alike.
enum class version : std::uint8_t { v1 = 1, v2 = 2 };

struct pair_view {
  std::string_view key, value;
  bool operator==(const pair_view&) const = default;
};

/// A box that lives elsewhere. Who lends it says for how long.
class box_view {
 public:
  box_view() = default;
  box_view(const pair_view* pairs, std::size_t count) : pairs_(pairs, count) {}
  box_view(const std::vector<pair_view>& pairs) : pairs_(pairs) {}

  /// Keys compare by their exact octets (AMP1-FRAME-023); an empty value is not an absent one (AMP1-FRAME-024).
  std::optional<std::string_view> find(std::string_view key) const {
    for (const pair_view& p : pairs_) {
      if (p.key == key) return p.value;
    }
    return std::nullopt;
  }
  std::span<const pair_view> pairs() const { return pairs_; }
  std::size_t size() const { return pairs_.size(); }
  bool empty() const { return pairs_.empty(); }
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }

  /// The same pairs, in whatever order. Owned boxes compare likewise, with each other and with lent ones.
  friend bool operator==(box_view a, box_view b) { return a.same_pairs(b); }

 private:
  bool same_pairs(box_view) const;

  std::span<const pair_view> pairs_;
};

/// A box that owns its octets, in the order in which pairs were added. Checks nothing: `encode` does.
class box {
 public:
  box() = default;
  box(std::initializer_list<pair_view> pairs);
  explicit box(box_view);
  box(const box&);
  box& operator=(const box&);
  box(box&&) noexcept = default;
  box& operator=(box&&) noexcept = default;
  ~box() = default;

  /// Appends a pair, also if the key is there already.
  void add(std::string_view key, std::string_view value);

  operator box_view() const { return box_view(pairs_); }
  std::optional<std::string_view> find(std::string_view key) const { return box_view(*this).find(key); }
  std::span<const pair_view> pairs() const { return pairs_; }
  std::size_t size() const { return pairs_.size(); }
  bool empty() const { return pairs_.empty(); }
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }
  friend bool operator==(const box& a, const box& b) { return box_view(a) == box_view(b); }

 private:
  std::vector<char> octets_;
  std::vector<pair_view> pairs_;  // into octets_, which moves with us and keeps its place
};

}  // namespace ampspec::amp
