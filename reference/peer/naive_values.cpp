// Carries typed values over to the naive implementation and back, member by member.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/naive_values.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace ampspec::peer {

using wire::value;
using wire::value_kind;

namespace {

constexpr std::array<std::pair<value_kind, naive::kind>, 12> kinds{{{value_kind::integer, naive::kind::integer},
                                                                    {value_kind::bytes, naive::kind::bytes},
                                                                    {value_kind::text, naive::kind::text},
                                                                    {value_kind::boolean, naive::kind::boolean},
                                                                    {value_kind::floating, naive::kind::floating},
                                                                    {value_kind::decimal, naive::kind::decimal},
                                                                    {value_kind::datetime, naive::kind::datetime},
                                                                    {value_kind::path, naive::kind::path},
                                                                    {value_kind::list, naive::kind::list},
                                                                    {value_kind::records, naive::kind::records},
                                                                    {value_kind::big, naive::kind::big},
                                                                    {value_kind::flocker, naive::kind::flocker}}};

constexpr std::array<std::pair<wire::decimal_value::form, naive::decimal::form>, 4> forms{
    {{wire::decimal_value::form::finite, naive::decimal::form::finite},
     {wire::decimal_value::form::infinity, naive::decimal::form::infinity},
     {wire::decimal_value::form::nan, naive::decimal::form::nan},
     {wire::decimal_value::form::signalling, naive::decimal::form::signalling}}};

const wire::value_type& type_of(const wire::value_schema& schema, std::string_view name) {
  static const wire::value_type unknown;
  const auto field = std::find_if(schema.begin(), schema.end(), [&](const auto& f) { return f.name == name; });
  return field == schema.end() ? unknown : field->type;
}

}  // namespace

naive::argument_list to_naive(const wire::value_schema& schema) {
  naive::argument_list made;
  for (const auto& f : schema) made.push_back({f.name, to_naive(f.type), f.optional});
  return made;
}

naive::argument_type to_naive(const wire::value_type& type) {
  naive::argument_type made;
  made.is = std::find_if(kinds.begin(), kinds.end(), [&](const auto& k) { return k.first == type.kind; })->second;
  for (const auto& e : type.element) made.element.push_back(to_naive(e));
  made.fields = to_naive(type.fields);
  return made;
}

naive::typed_record to_naive(const wire::value_schema& schema, const wire::record_value& record) {
  naive::typed_record made;
  for (const auto& [name, is] : record) made.push_back({name, to_naive(type_of(schema, name), is)});
  return made;
}

naive::typed_value to_naive(const wire::value_type& type, const value& v) {
  naive::typed_value made;
  switch (type.kind) {
    case value_kind::integer:
      made.digits = std::get<wire::integer_value>(v.is).digits;
      break;
    case value_kind::bytes:
      made.octets = std::get<std::string>(v.is);
      break;
    case value_kind::text:
    case value_kind::path:
      made.text = std::get<wire::text_value>(v.is).code_points;
      break;
    case value_kind::boolean:
      made.truth = std::get<bool>(v.is);
      break;
    case value_kind::floating:
      made.bits = std::get<wire::float_value>(v.is).bits;
      break;
    case value_kind::decimal: {
      const auto& d = std::get<wire::decimal_value>(v.is);
      const auto form = std::find_if(forms.begin(), forms.end(), [&](const auto& f) { return f.first == d.what; });
      made.number = {form->second, d.negative, d.digits, d.exponent};
      break;
    }
    case value_kind::datetime: {
      const auto& t = std::get<wire::datetime_value>(v.is);
      made.time = {t.year, t.month, t.day, t.hour, t.minute, t.second, t.microsecond, t.nanosecond, t.offset};
      break;
    }
    case value_kind::list:
      for (const auto& one : std::get<wire::list_value>(v.is))
        made.items.push_back(to_naive(type.element.front(), one));
      break;
    case value_kind::records:
      for (const auto& one : std::get<wire::records_value>(v.is)) made.records.push_back(to_naive(type.fields, one));
      break;
    case value_kind::big:
    case value_kind::flocker:
      return to_naive(type.element.front(), v);
  }
  return made;
}

wire::record_value from_naive(const wire::value_schema& schema, const naive::typed_record& record) {
  wire::record_value made;
  for (const auto& [name, is] : record) made.push_back({name, from_naive(type_of(schema, name), is)});
  return made;
}

value from_naive(const wire::value_type& type, const naive::typed_value& v) {
  switch (type.kind) {
    case value_kind::integer:
      return {wire::integer_value{v.digits}};
    case value_kind::bytes:
      return {v.octets};
    case value_kind::text:
    case value_kind::path:
      return {wire::text_value{v.text}};
    case value_kind::boolean:
      return {v.truth};
    case value_kind::floating:
      return {wire::float_value{v.bits}};
    case value_kind::decimal: {
      const auto form =
          std::find_if(forms.begin(), forms.end(), [&](const auto& f) { return f.second == v.number.what; });
      return {wire::decimal_value{form->first, v.number.negative, v.number.digits, v.number.exponent}};
    }
    case value_kind::datetime: {
      const auto& t = v.time;
      const auto part = [](std::int64_t n) { return static_cast<int>(n); };
      return {wire::datetime_value{t.year, part(t.month), part(t.day), part(t.hour), part(t.minute), part(t.second),
                                   part(t.microsecond), part(t.nanosecond), t.offset}};
    }
    case value_kind::list: {
      wire::list_value made;
      for (const auto& one : v.items) made.push_back(from_naive(type.element.front(), one));
      return {std::move(made)};
    }
    case value_kind::records: {
      wire::records_value made;
      for (const auto& one : v.records) made.push_back(from_naive(type.fields, one));
      return {std::move(made)};
    }
    case value_kind::big:
    case value_kind::flocker:
      return from_naive(type.element.front(), v);
  }
  return {};
}

}  // namespace ampspec::peer
