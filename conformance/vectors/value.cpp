// Makes typed values of what a vector file says, and tells what is wrong with it.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/value.hpp"

#include "conformance/vectors/loader.hpp"

#include <algorithm>
#include <charconv>

namespace ampspec::vectors {
namespace {

using wire::value;
using wire::value_kind;
using wire::value_schema;
using wire::value_type;

constexpr std::uint64_t most_parts = 1u << 20;  // code points of a text, elements of a list

[[noreturn]] void fail(const source_mark& at, const std::string& what) { throw load_error(at, what); }

std::string tick(std::string_view word) { return '`' + std::string(word) + '`'; }

std::uint64_t times(const std::optional<expression>& e, const scope& names) {
  const auto n = e ? evaluate(*e, names) : 1;
  if (n > most_parts) fail(e->mark, "more than 1048576 of them; write fewer");
  return n;
}

std::int64_t number(const text_ref& ref, const scope& names) {
  const auto text = resolve(ref, names);
  std::int64_t n = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || wrong != std::errc() || end != text.data() + text.size()) {
    fail(ref.mark, tick(text) + " is no number; write decimal digits");
  }
  return n;
}

class maker {
 public:
  maker(const scope& names, bool to_print) : names_(names), to_print_(to_print) {}

  value one(const value_type& type, const value_recipe& from) const {
    if (type.is_big()) return one(type.element.front(), from);
    const auto other = [&](const std::string& write) { fail(from.mark, "no value of this type; " + write); };
    const auto* scalar = std::get_if<scalar_recipe>(&from.what);
    const auto text = scalar ? resolve(scalar->text, names_) : std::string();
    switch (type.kind) {
      case value_kind::integer: {
        const auto* fraction = std::get_if<fraction_recipe>(&from.what);
        if (fraction != nullptr) {
          auto made = wire::integer_from(resolve(fraction->text, names_), true);
          if (!made || made->digits.find('.') == std::string::npos) other("write {fraction: \"1.5\"}");
          only_printed(from.mark, "a number that is not whole");
          return {*std::move(made)};
        }
        auto made = wire::integer_from(text, false);
        if (!scalar || !made || (text != "0" && made->digits != text))
          other("write decimal digits without needless zeros");
        return {*std::move(made)};
      }
      case value_kind::bytes:
        if (const auto* bytes = std::get_if<bytes_recipe>(&from.what)) return {realize(bytes->bytes, names_).str()};
        break;
      case value_kind::text:
      case value_kind::path:
        if (const auto* parts = std::get_if<text_recipe>(&from.what)) return {text_of(*parts)};
        break;
      case value_kind::boolean:
        if (!scalar || (text != "true" && text != "false")) other("write \"true\" or \"false\"");
        return {text == "true"};
      case value_kind::floating:
        return {float_of(from, text)};
      case value_kind::decimal: {
        auto made = wire::decimal_from(text);
        if (!scalar || !made) other("write coefficient, `e` and exponent such as \"150e-2\", or inf, nan, snan");
        return {*std::move(made)};
      }
      case value_kind::datetime:
        if (const auto* fields = std::get_if<datetime_recipe>(&from.what)) return {time_of(*fields, from.mark)};
        break;
      case value_kind::list:
        if (const auto* list = std::get_if<list_recipe>(&from.what)) {
          wire::list_value made;
          for (const auto& item : list->items) made.push_back(one(type.element.front(), item));
          if (list->repeat) made.resize(times(list->repeat, names_), value(made.front()));
          return {std::move(made)};
        }
        break;
      case value_kind::records:
        if (const auto* list = std::get_if<records_recipe>(&from.what)) {
          wire::records_value made;
          for (const auto& item : list->records) made.push_back(record(type.fields, item, from.mark));
          return {std::move(made)};
        }
        break;
      case value_kind::big:
      case value_kind::flocker:
        break;
    }
    fail(from.mark, "no value of this type; see VALUE in docs/vector-format.md");
  }

  wire::record_value record(const value_schema& schema, const record_recipe& from, const source_mark& at) const {
    wire::record_value made;
    for (const auto& [name_ref, is] : from) {
      const auto name = resolve(name_ref, names_);
      const auto field = std::find_if(schema.begin(), schema.end(), [&](const auto& f) { return f.name == name; });
      if (field == schema.end()) fail(name_ref.mark, "the schema has no name " + tick(name) + "; add it there");
      made.push_back({name, one(field->type, is)});
    }
    for (const auto& field : schema) {
      const bool there = std::any_of(made.begin(), made.end(), [&](const auto& v) { return v.name == field.name; });
      if (!there && !field.optional) only_printed(at, "a record without its mandatory " + tick(field.name));
    }
    return made;
  }

 private:
  void only_printed(const source_mark& at, const std::string& what) const {
    if (!to_print_) fail(at, what + " where a value is expected; it stands in `print` only");
  }

  wire::text_value text_of(const text_recipe& from) const {
    wire::text_value made;
    for (const auto& part : from.parts) {
      const auto written = resolve(part.text, names_);
      std::u32string points;
      if (part.code_points) {
        points = points_of(written, part.text.mark);
      } else {
        points = wire::code_points_of(written).value();  // files are UTF-8
      }
      for (auto n = times(part.times, names_); n > 0; --n) {
        made.code_points += points;
        if (made.code_points.size() > most_parts) fail(part.text.mark, "a text of more than 1048576 code points");
      }
    }
    const bool loose = std::any_of(made.code_points.begin(), made.code_points.end(),
                                   [](char32_t c) { return c >= 0xd800 && c < 0xe000; });
    if (loose && !from.parts.empty()) only_printed(from.parts.front().text.mark, "a surrogate");
    return made;
  }

  static std::u32string points_of(std::string_view hex, const source_mark& at) {
    std::u32string points;
    while (!hex.empty()) {
      const auto word = hex.substr(0, std::min(hex.find(' '), hex.size()));
      hex.remove_prefix(std::min(word.size() + 1, hex.size()));
      if (word.empty()) continue;
      std::uint32_t point = 0;
      const auto [end, wrong] = std::from_chars(word.data(), word.data() + word.size(), point, 16);
      if (wrong != std::errc() || end != word.data() + word.size() || point > 0x10ffff) {
        fail(at, tick(word) + " is no code point; write hex digits up to 10FFFF, blanks between them");
      }
      points += static_cast<char32_t>(point);
    }
    return points;
  }

  wire::float_value float_of(const value_recipe& from, const std::string& text) const {
    if (const auto* bits = std::get_if<bits_recipe>(&from.what)) {
      const auto made = wire::float_from_bits(resolve(bits->hex, names_));
      if (!made) fail(from.mark, "the bits of a double are 16 hex digits");
      if (made->is_nan()) only_printed(from.mark, "a nan by its bits");
      return *made;
    }
    if (std::holds_alternative<scalar_recipe>(from.what)) {
      if (text == "nan") return {0x7ff8000000000000};
      if (text == "inf") return {0x7ff0000000000000};
      if (text == "-inf") return {0xfff0000000000000};
    }
    fail(from.mark, "no exact double; write {bits: 3ff8000000000000}, inf, -inf or nan");
  }

  wire::datetime_value time_of(const datetime_recipe& from, const source_mark& at) const {
    wire::datetime_value t;
    const auto take = [&](std::string_view name, auto& to, std::int64_t low, std::int64_t high) {
      const auto found = from.fields.find(name);
      if (found == from.fields.end()) return;
      const auto n = number(found->second, names_);
      if (n < low || n > high) fail(found->second.mark, tick(name) + " is out of its range");
      to = static_cast<std::decay_t<decltype(to)>>(n);
    };
    take("year", t.year, -1'000'000, 1'000'000);
    take("month", t.month, 1, 12);
    take("day", t.day, 1, 31);
    take("hour", t.hour, 0, 23);
    take("minute", t.minute, 0, 59);
    take("second", t.second, 0, 59);
    take("microsecond", t.microsecond, 0, 999'999);
    take("nanosecond", t.nanosecond, 0, 999);
    const auto& offset = from.fields.find("offset")->second;
    if (resolve(offset, names_) != "none") t.offset = number(offset, names_);
    if (!t.offset) only_printed(at, "a time without offset");
    if (t.year < 1 || t.year > 9999) only_printed(at, "a year below 1 or above 9999");
    if (t.nanosecond != 0) only_printed(at, "a time finer than a microsecond");
    return t;
  }

  const scope& names_;
  const bool to_print_;
};

}  // namespace

value_schema resolve(const value_schema& schema, const scope& names) {
  value_schema made;
  for (const auto& f : schema)
    made.push_back({resolve(text_ref{f.name, {}}, names), resolve(f.type, names), f.optional});
  return made;
}

value_type resolve(const value_type& type, const scope& names) {
  value_type made{type.kind, {}, resolve(type.fields, names)};
  for (const auto& e : type.element) made.element.push_back(resolve(e, names));
  return made;
}

value make_value(const value_type& type, const value_recipe& from, const scope& names, bool to_print) {
  return maker(names, to_print).one(type, from);
}

wire::record_value make_record(const value_schema& schema, const record_recipe& from, const source_mark& at,
                               const scope& names, bool to_print) {
  return maker(names, to_print).record(schema, from, at);
}

}  // namespace ampspec::vectors
