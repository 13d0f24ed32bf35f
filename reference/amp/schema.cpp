// Values by their type and boxes by their schema.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amp/schema.hpp"

#include "reference/amp/big_string.hpp"
#include "reference/amp/session.hpp"
#include "reference/amp/utf8.hpp"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

namespace ampspec::amp {
namespace {

using wire::failure;
using wire::record_value;
using wire::value;
using wire::value_kind;
using wire::value_schema;
using wire::value_type;

failure too_deep() { return {errc::nested_too_deep, 0, {}}; }

big_names names_of(const value_type& type) {
  return type.kind == value_kind::big ? big_names::amphacks : big_names::flocker;
}

// The value of a result, made into a value of ours, or its failure.
template <class T, class F>
wire::result<value> as(wire::result<T> read, F make) {
  if (!read) return read.error();
  return value{make(std::move(*read))};
}

class parser {
 public:
  explicit parser(const reading& with) : with_(with) {}

  wire::result<value> one(const value_type& type, std::string_view octets, std::size_t depth) const {
    switch (type.kind) {
      case value_kind::integer:
        return as(parse_integer(octets, with_.how), [](std::string d) { return wire::integer_value{std::move(d)}; });
      case value_kind::bytes:
        return value{std::string(octets)};  // AMP1-TYPE-008
      case value_kind::text:
      case value_kind::path:
        return as(parse_text(octets), [](std::string_view t) { return wire::text_value{*wire::code_points_of(t)}; });
      case value_kind::boolean:
        return as(parse_boolean(octets), [](bool b) { return b; });
      case value_kind::floating:
        return as(parse_float(octets, with_.how),
                  [](double d) { return wire::float_value{std::bit_cast<std::uint64_t>(d)}; });
      case value_kind::decimal:
        return as(parse_decimal(octets, with_.how), [](decimal d) { return d; });
      case value_kind::datetime:
        return as(parse_datetime(octets, with_.how), [](date_time t) { return t; });
      case value_kind::list:
        return list(type.element.front(), octets, depth);
      case value_kind::records:
        return records(type.fields, octets, depth);
      case value_kind::big:
      case value_kind::flocker:
        break;  // of several keys, not of one
    }
    return failure{errc::bad_value, 0, {}};
  }

  wire::result<record_value> fields(const value_schema& schema, box_view from, std::size_t depth) const {
    record_value made;
    for (const auto& field : schema) {
      if (field.type.is_big()) {
        if (const auto refused = big(field, from, depth, made)) return *refused;
        continue;
      }
      const auto given = from.find(field.name);
      if (!given) {
        if (!field.optional) return failure{errc::missing_argument, 0, "AMP1-TYPE-047"};
        continue;
      }
      auto read = one(field.type, *given, depth);
      if (!read) return read.error();
      made.push_back({field.name, std::move(*read)});
    }
    return made;
  }

 private:
  maybe_failure big(const wire::value_field& field, box_view from, std::size_t depth, record_value& made) const {
    auto joined = join_big(from, field.name, names_of(field.type), with_.how);
    if (!joined) return joined.error();
    if (!*joined) {
      if (!field.optional) return failure{errc::missing_argument, 0, "AMP1-BIGSTR-008"};
      return std::nullopt;  // AMP1-BIGSTR-015
    }
    const auto& element = field.type.element.front();
    if (element.kind == value_kind::bytes) {
      made.push_back({field.name, value{std::move(**joined)}});
      return std::nullopt;
    }
    auto read = one(element, **joined, depth);  // AMP1-BIGSTR-012: of the whole, not of the chunks
    if (!read) return read.error();
    made.push_back({field.name, std::move(*read)});
    return std::nullopt;
  }

  wire::result<value> list(const value_type& type, std::string_view octets, std::size_t depth) const {
    if (depth == with_.max_depth) return too_deep();
    const auto elements = parse_list(octets, with_.how);
    if (!elements) return elements.error();
    wire::list_value made;
    for (const auto element : *elements) {
      auto read = one(type, element, depth + 1);
      if (!read) {  // AMP1-TYPE-040
        auto why = read.error();
        why.offset += static_cast<std::uint64_t>(element.data() - octets.data());
        return why;
      }
      made.push_back(std::move(*read));
    }
    return value{std::move(made)};
  }

  wire::result<value> records(const value_schema& schema, std::string_view octets, std::size_t depth) const {
    if (depth == with_.max_depth) return too_deep();
    const auto boxes = parse_records(octets, with_.how);
    if (!boxes) return boxes.error();
    wire::records_value made;
    for (const auto& box : *boxes) {
      auto read = fields(schema, box, depth + 1);
      if (!read) return read.error();
      made.push_back(std::move(*read));
    }
    return value{std::move(made)};
  }

  const reading& with_;
};

// What is left of the depth, and the version that decides how long a value may be.
struct printing {
  version by;
  std::size_t depth;
  printing inside() const { return {by, depth - 1}; }
};

maybe_failure print(const value_type&, const value&, std::string& out, const printing&);

maybe_failure print_list(const value_type& element, const wire::list_value& values, std::string& out,
                         const printing& with) {
  if (with.depth == 0) return too_deep();
  std::string list, text;
  for (const auto& one : values) {
    text.clear();
    if (auto refused = print(element, one, text, with.inside())) return refused;
    if (auto refused = append_element(text, list, with.by)) return refused;
  }
  out += list;
  return std::nullopt;
}

maybe_failure print_big(const wire::value_field& field, const value& given, box& made) {
  const auto names = names_of(field.type);
  if (field.type.element.front().kind == value_kind::bytes) {
    const auto* octets = std::get_if<std::string>(&given.is);
    if (octets == nullptr) return failure{errc::bad_value, 0, {}};
    return split_big(field.name, *octets, made, names);
  }
  const auto* text = std::get_if<wire::text_value>(&given.is);
  if (text == nullptr) return failure{errc::bad_value, 0, {}};
  const auto octets = wire::loose_utf8(text->code_points);
  if (valid_utf8_prefix(octets) != octets.size()) return failure{errc::bad_value, 0, "AMP1-TYPE-011"};
  return split_big(field.name, octets, made, names);  // AMP1-BIGSTR-012: wherever the characters end
}

wire::result<box> print_fields(const value_schema& schema, const record_value& values, const printing& with) {
  const auto named = [&](std::string_view name) {
    return std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.name == name; });
  };
  box made;
  std::size_t used = 0;
  for (const auto& field : schema) {
    const auto given = named(field.name);
    if (given == values.end()) {
      if (!field.optional) return failure{errc::missing_argument, 0, "AMP1-TYPE-052"};
      continue;
    }
    ++used;
    if (field.type.is_big()) {
      if (auto refused = print_big(field, given->is, made)) return *refused;
      continue;
    }
    std::string text;
    if (auto refused = print(field.type, given->is, text, with)) return *refused;
    made.add(field.name, text);
  }
  if (used != values.size()) return failure{errc::unknown_argument, 0, "AMP1-TYPE-053"};
  return made;
}

maybe_failure print_records(const value_schema& schema, const wire::records_value& values, std::string& out,
                            const printing& with) {
  if (with.depth == 0) return too_deep();
  std::string list;
  for (const auto& one : values) {
    const auto record = print_fields(schema, one, with.inside());
    if (!record) return record.error();
    if (auto refused = append_record(*record, list, with.by)) return refused;
  }
  out += list;
  return std::nullopt;
}

maybe_failure print(const value_type& type, const value& given, std::string& out, const printing& how) {
  const failure other_type{errc::bad_value, 0, {}};
  const auto with = [&]<class T>(const T* held, auto&& put) -> maybe_failure {
    if (held == nullptr) return other_type;
    return put(*held);
  };
  switch (type.kind) {
    case value_kind::integer:
      return with(std::get_if<wire::integer_value>(&given.is),
                  [&](const auto& v) { return print_integer(v.digits, out); });
    case value_kind::bytes:
      return with(std::get_if<std::string>(&given.is), [&](const auto& v) -> maybe_failure {
        if (how.by == version::v1 && v.size() > max_value) return failure{errc::value_too_long, 0, "AMP1-FRAME-007"};
        out += v;
        return std::nullopt;
      });
    case value_kind::text:
    case value_kind::path:
      return with(std::get_if<wire::text_value>(&given.is),
                  [&](const auto& v) { return print_text(wire::loose_utf8(v.code_points), out, how.by); });
    case value_kind::boolean:
      return with(std::get_if<bool>(&given.is), [&](bool v) -> maybe_failure {
        print_boolean(v, out);
        return std::nullopt;
      });
    case value_kind::floating:
      return with(std::get_if<wire::float_value>(&given.is), [&](const auto& v) -> maybe_failure {
        print_float(std::bit_cast<double>(v.bits), out);
        return std::nullopt;
      });
    case value_kind::decimal:
      return with(std::get_if<decimal>(&given.is), [&](const auto& v) { return print_decimal(v, out); });
    case value_kind::datetime:
      return with(std::get_if<date_time>(&given.is), [&](const auto& v) { return print_datetime(v, out); });
    case value_kind::list:
      return with(std::get_if<wire::list_value>(&given.is),
                  [&](const auto& v) { return print_list(type.element.front(), v, out, how); });
    case value_kind::records:
      return with(std::get_if<wire::records_value>(&given.is),
                  [&](const auto& v) { return print_records(type.fields, v, out, how); });
    case value_kind::big:
    case value_kind::flocker:
      break;  // of several keys, not of one
  }
  return other_type;
}

}  // namespace

wire::result<value> parse_value(const value_type& type, std::string_view octets, const reading& with) {
  return parser(with).one(type, octets, 0);
}

maybe_failure print_value(const value_type& type, const value& given, std::string& out, version by,
                          std::size_t max_depth) {
  return print(type, given, out, {by, max_depth});
}

maybe_failure check(const value_schema& schema) {
  std::set<std::string_view> seen;
  for (const auto& field : schema) {
    if (is_reserved(field.name)) return failure{errc::reserved_key, 0, "AMP1-TYPE-057"};
    if (field.name.empty()) return failure{errc::empty_key, 0, "AMP1-FRAME-006"};
    if (field.name.size() > max_key) return failure{errc::key_too_long, 0, "AMP1-FRAME-005"};
    if (!seen.insert(field.name).second) return failure{errc::duplicate_key, 0, "AMP1-FRAME-025"};
  }
  for (const auto& field : schema) {
    if (!field.type.is_big()) continue;
    for (const auto& other : schema) {
      if (is_chunk_key(other.name, field.name, names_of(field.type))) {
        return failure{errc::duplicate_key, 0, "AMP1-BIGSTR-016"};
      }
    }
  }
  return std::nullopt;
}

wire::result<record_value> parse_arguments(const value_schema& schema, box_view from, const reading& with) {
  if (const auto refused = check(schema)) return *refused;
  return parser(with).fields(schema, from, 0);
}

wire::result<box> print_arguments(const value_schema& schema, const record_value& values, version by) {
  if (const auto refused = check(schema)) return *refused;
  return print_fields(schema, values, {by, 16});
}

}  // namespace ampspec::amp
