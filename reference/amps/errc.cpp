// The error category of AMPS: words and texts of its codes.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/errc.hpp"

#include <string>

namespace ampspec::amps {
namespace {

struct entry {
  errc code;
  condition coarse;
  std::string_view word;
  const char* text;
};

constexpr std::array<entry, all_errc.size()> entries{{
    {errc::frame_too_large, condition::over_limit, "frame-too-large", "message longer than the limit"},
    {errc::truncated, condition::malformed, "truncated", "stream ended inside a frame"},
    {errc::no_header, condition::malformed, "no-header", "no header object where one must be"},
    {errc::header_cut, condition::malformed, "header-cut", "message ends inside its header"},
    {errc::header_syntax, condition::malformed, "header-syntax", "header is no flat JSON object"},
    {errc::nested_value, condition::malformed, "nested-value", "object or array as a header value"},
    {errc::bad_escape, condition::malformed, "bad-escape", "escape in a header string that means no character"},
    {errc::no_command, condition::malformed, "no-command", "header without a command"},
    {errc::bad_number, condition::malformed, "bad-number", "numeric field is no number of its width"},
    {errc::bad_correlation_id, condition::malformed, "bad-correlation-id",
     "correlation id with other than Base64 characters"},
    {errc::record_without_length, condition::malformed, "record-without-length", "record of a batch without l"},
    {errc::record_too_long, condition::malformed, "record-too-long", "record passes the end of its batch"},
    {errc::bad_part, condition::malformed, "bad-part", "part of a composite does not fit"},
    {errc::bad_uri, condition::malformed, "bad-uri", "no connection URI"},
    {errc::bad_count, condition::malformed, "bad-count", "count of messages is not four octets, or 0"},
    {errc::group_too_long, condition::over_limit, "group-too-long", "more messages in a group than the limit"},
    {errc::bad_mode, condition::malformed, "bad-mode", "first message is neither text nor binary"},
    {errc::header_not_text, condition::malformed, "header-not-text", "header in a BINARY message"},
    {errc::octets_behind_header, condition::malformed, "octets-behind-header",
     "octets behind the header object in its message"},
    {errc::bad_value, condition::malformed, "bad-value", "value breaks its syntax"},
}};

const entry* find(int value) {
  for (const entry& e : entries) {
    if (static_cast<int>(e.code) == value) return &e;
  }
  return nullptr;
}

class amps_category : public std::error_category {
 public:
  const char* name() const noexcept override { return "amps"; }
  std::string message(int value) const override {
    const entry* e = find(value);
    return e ? e->text : "unknown error " + std::to_string(value);
  }
  std::error_condition default_error_condition(int value) const noexcept override {
    const entry* e = find(value);
    return e ? make_error_condition(e->coarse) : std::error_condition(value, *this);
  }
};

class amps_condition_category : public std::error_category {
 public:
  const char* name() const noexcept override { return "amps condition"; }
  std::string message(int value) const override {
    switch (static_cast<condition>(value)) {
      case condition::malformed:
        return "malformed";
      case condition::over_limit:
        return "over a limit";
    }
    return "unknown condition " + std::to_string(value);
  }
};

}  // namespace

std::string_view class_word(errc code) {
  const entry* e = find(static_cast<int>(code));
  return e ? e->word : std::string_view();
}

std::string_view class_word(const std::error_code& code) {
  return code.category() == category() ? class_word(static_cast<errc>(code.value())) : std::string_view();
}

const std::error_category& category() {
  static const amps_category the_category;
  return the_category;
}

std::error_code make_error_code(errc code) { return {static_cast<int>(code), category()}; }

std::error_condition make_error_condition(condition c) {
  static const amps_condition_category the_category;
  return {static_cast<int>(c), the_category};
}

}  // namespace ampspec::amps
