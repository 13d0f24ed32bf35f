// Error categories made of tables: what the codes of every protocol need and none owns.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace ampspec {

/// One code: its class in short, its word in vectors, and its text for people.
template <class Errc, class Condition>
struct error_row {
  Errc code;
  Condition coarse;
  std::string_view word;
  const char* text;
};

/// One class of codes, and its text for people.
template <class Condition>
struct condition_row {
  Condition code;
  const char* text;
};

/// The row of a code; null if the table has none.
template <class Row, std::size_t Size>
const Row* row_of(const std::array<Row, Size>& table, int value) {
  for (const Row& row : table) {
    if (static_cast<int>(row.code) == value) return &row;
  }
  return nullptr;
}

/// The category of codes or of conditions. The table must outlive it, and so must the name.
template <class Row, std::size_t Size>
class table_category final : public std::error_category {
 public:
  table_category(const char* name, const std::array<Row, Size>& table) : name_(name), table_(table) {}

  const char* name() const noexcept override { return name_; }
  std::string message(int value) const override {
    const Row* row = row_of(table_, value);
    return row ? row->text : "unknown error " + std::to_string(value);
  }
  std::error_condition default_error_condition(int value) const noexcept override {
    if constexpr (requires(const Row& r) { r.coarse; }) {
      if (const Row* row = row_of(table_, value)) return make_error_condition(row->coarse);
    }
    return {value, *this};
  }

 private:
  const char* name_;
  const std::array<Row, Size>& table_;
};

}  // namespace ampspec
