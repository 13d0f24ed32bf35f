// Typed values in the JSON of the adapter protocol.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/value_json.hpp"

#include "reference/wire/hex.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace ampspec::peer {

using nlohmann::json;
using wire::value;
using wire::value_kind;
using wire::value_schema;
using wire::value_type;

namespace {

constexpr int most_levels = 64;

[[noreturn]] void fail(const std::string& what, const json& here) {
  auto shown = here.dump(-1, ' ', true, json::error_handler_t::replace);
  if (shown.size() > 100) shown = shown.substr(0, 100) + "...";
  throw std::invalid_argument(what + ", here stands " + shown);
}

value_schema read_schema(const json& from, const octets_from_json& octets, int levels);

value_type read_type(const json& from, const octets_from_json& octets, int levels) {
  if (levels == 0) fail("a type of too many levels", from);
  if (from.is_string()) {
    if (const auto kind = wire::kind_of(from.get_ref<const std::string&>())) return {*kind, {}, {}};
  } else if (from.is_object() && from.size() == 1 && from.contains("list")) {
    auto element = read_type(from["list"], octets, levels - 1);
    if (element.is_big()) fail("a big value stands in a schema, not in a list", from);
    return {value_kind::list, {std::move(element)}, {}};
  } else if (from.is_object() && from.size() == 1 && from.contains("records")) {
    return {value_kind::records, {}, read_schema(from["records"], octets, levels - 1)};
  } else if (from.is_object() && from.size() == 1 && (from.contains("big") || from.contains("flocker"))) {
    const auto kind = from.contains("big") ? value_kind::big : value_kind::flocker;
    const auto& element = from.front();
    if (element != "bytes" && element != "text") fail("a big value is \"bytes\" or \"text\"", from);
    return {kind, {read_type(element, octets, levels - 1)}, {}};
  }
  fail("a type is a word, {\"list\": TYPE}, {\"records\": SCHEMA}, {\"big\": WORD} or {\"flocker\": WORD}", from);
}

value_schema read_schema(const json& from, const octets_from_json& octets, int levels) {
  if (!from.is_array()) fail("a schema is [[NAME, TYPE, OPTIONAL], ...]", from);
  value_schema made;
  for (const auto& field : from) {
    if (!field.is_array() || field.size() != 3 || !field[2].is_boolean())
      fail("a field is [NAME, TYPE, OPTIONAL]", field);
    made.push_back({octets(field[0]), read_type(field[1], octets, levels), field[2].get<bool>()});
  }
  return made;
}

wire::text_value read_text(const json& from) {
  if (!from.is_array()) fail("a text is an array of code points", from);
  wire::text_value made;
  made.code_points.reserve(from.size());
  for (const auto& point : from) {
    if (!point.is_number_unsigned() || point.get<std::uint64_t>() > 0x10ffff)
      fail("a code point is 0 to 1114111", point);
    made.code_points += static_cast<char32_t>(point.get<std::uint32_t>());
  }
  return made;
}

wire::datetime_value read_time(const json& from) {
  if (!from.is_object()) fail("a datetime is an object", from);
  wire::datetime_value t;
  const auto take = [&](const char* name, auto& to, std::int64_t low, std::int64_t high) {
    const auto& n = from.at(name);
    if (!n.is_number_integer() || n.get<std::int64_t>() < low || n.get<std::int64_t>() > high) {
      fail(std::string(name) + " is out of its range", n);
    }
    to = n.get<std::decay_t<decltype(to)>>();
  };
  take("year", t.year, -1'000'000, 1'000'000);
  take("month", t.month, 1, 12);
  take("day", t.day, 1, 31);
  take("hour", t.hour, 0, 23);
  take("minute", t.minute, 0, 59);
  take("second", t.second, 0, 59);
  take("microsecond", t.microsecond, 0, 999'999);
  if (from.contains("nanosecond")) take("nanosecond", t.nanosecond, 0, 999);
  if (!from.at("offset").is_null()) take("offset", t.offset.emplace(), -100'000'000, 100'000'000);
  return t;
}

template <class T>
value or_fail(std::optional<T> read, const char* what, const json& from) {
  if (!read) fail(what, from);
  return {*std::move(read)};
}

}  // namespace

json to_json(const value_schema& schema) {
  auto made = json::array();
  for (const auto& f : schema) made.push_back(json::array({wire::to_hex(f.name), to_json(f.type), f.optional}));
  return made;
}

json to_json(const value_type& type) {
  if (type.kind == value_kind::list) return {{"list", to_json(type.element.front())}};
  if (type.kind == value_kind::records) return {{"records", to_json(type.fields)}};
  if (type.is_big()) return {{type.kind == value_kind::big ? "big" : "flocker", to_json(type.element.front())}};
  return wire::word_of(type.kind);
}

json to_json(const value_type& type, const value& v, const octets_to_json& octets) {
  switch (type.kind) {
    case value_kind::integer: {
      const auto& digits = std::get<wire::integer_value>(v.is).digits;
      return digits.find('.') == std::string::npos ? json(digits) : json{{"fraction", digits}};
    }
    case value_kind::bytes:
      return octets(std::get<std::string>(v.is));
    case value_kind::text:
    case value_kind::path: {
      auto points = json::array();
      for (const char32_t c : std::get<wire::text_value>(v.is).code_points)
        points.push_back(static_cast<std::uint32_t>(c));
      return points;
    }
    case value_kind::boolean:
      return std::get<bool>(v.is);
    case value_kind::floating:
      return wire::bits_of(std::get<wire::float_value>(v.is));
    case value_kind::decimal:
      return wire::notation_of(std::get<wire::decimal_value>(v.is));
    case value_kind::datetime: {
      const auto& t = std::get<wire::datetime_value>(v.is);
      return {{"year", t.year},
              {"month", t.month},
              {"day", t.day},
              {"hour", t.hour},
              {"minute", t.minute},
              {"second", t.second},
              {"microsecond", t.microsecond},
              {"nanosecond", t.nanosecond},
              {"offset", t.offset ? json(*t.offset) : json()}};
    }
    case value_kind::list: {
      auto made = json::array();
      for (const auto& one : std::get<wire::list_value>(v.is))
        made.push_back(to_json(type.element.front(), one, octets));
      return made;
    }
    case value_kind::records: {
      auto made = json::array();
      for (const auto& one : std::get<wire::records_value>(v.is)) made.push_back(to_json(type.fields, one, octets));
      return made;
    }
    case value_kind::big:
    case value_kind::flocker:
      return to_json(type.element.front(), v, octets);
  }
  return {};
}

json to_json(const value_schema& schema, const wire::record_value& record, const octets_to_json& octets) {
  auto made = json::array();
  for (const auto& [name, is] : record) {
    const auto field = std::find_if(schema.begin(), schema.end(),
                                    [&, n = std::string_view(name)](const auto& f) { return f.name == n; });
    if (field == schema.end()) throw std::invalid_argument("a record has a name that its schema has not");
    made.push_back(json::array({wire::to_hex(name), to_json(field->type, is, octets)}));
  }
  return made;
}

value_type type_from_json(const json& from, const octets_from_json& octets) {
  return read_type(from, octets, most_levels);
}
value_schema schema_from_json(const json& from, const octets_from_json& octets) {
  return read_schema(from, octets, most_levels);
}

value value_from_json(const value_type& type, const json& from, const octets_from_json& octets) {
  const auto text = from.is_string() ? from.get<std::string>() : std::string();
  switch (type.kind) {
    case value_kind::integer:
      if (from.is_object())
        return or_fail(wire::integer_from(from.at("fraction").get<std::string>(), true), "a fraction is digits", from);
      return or_fail(wire::integer_from(text, false), "an integer is a text of digits", from);
    case value_kind::bytes:
      return {octets(from)};
    case value_kind::text:
    case value_kind::path:
      return {read_text(from)};
    case value_kind::boolean:
      if (!from.is_boolean()) fail("a boolean is true or false", from);
      return {from.get<bool>()};
    case value_kind::floating:
      if (text == "nan") return {wire::float_value{0x7ff8000000000000}};
      return or_fail(wire::float_from_bits(text), "a float is 16 hex digits", from);
    case value_kind::decimal:
      return or_fail(wire::decimal_from(text), "a decimal is a text such as 150e-2", from);
    case value_kind::datetime:
      return {read_time(from)};
    case value_kind::list: {
      if (!from.is_array()) fail("a list is an array", from);
      wire::list_value made;
      for (const auto& one : from) made.push_back(value_from_json(type.element.front(), one, octets));
      return {std::move(made)};
    }
    case value_kind::records: {
      if (!from.is_array()) fail("records are an array", from);
      wire::records_value made;
      for (const auto& one : from) made.push_back(record_from_json(type.fields, one, octets));
      return {std::move(made)};
    }
    case value_kind::big:
    case value_kind::flocker:
      return value_from_json(type.element.front(), from, octets);
  }
  fail("no value", from);
}

wire::record_value record_from_json(const value_schema& schema, const json& from, const octets_from_json& octets) {
  if (!from.is_array()) fail("a record is [[NAME, VALUE], ...]", from);
  wire::record_value made;
  for (const auto& pair : from) {
    if (!pair.is_array() || pair.size() != 2) fail("a value of a record is [NAME, VALUE]", pair);
    auto name = octets(pair[0]);
    const auto same = [&](const auto& other) { return other.name == name; };
    const auto field = std::find_if(schema.begin(), schema.end(), same);
    if (field == schema.end()) fail("a name that the schema has not", pair[0]);
    if (std::any_of(made.begin(), made.end(), same)) fail("a name that stands twice", pair[0]);
    auto is = value_from_json(field->type, pair[1], octets);
    made.push_back({std::move(name), std::move(is)});
  }
  return made;
}

}  // namespace ampspec::peer
