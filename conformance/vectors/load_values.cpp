// Reads typed values, schemas, and what is expected of them.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/suite_reader.hpp"

#include <algorithm>

namespace ampspec::vectors {

wire::value_type suite_reader::type(const yaml_node& n) const {
  if (n.is_scalar()) return {*wire::kind_of(word(n, words::plain_types, "type")), {}, {}};
  map(n, words::types_with_parts, "a type");
  const yaml_entry& entry = only(n, words::types_with_parts, "a type");
  if (entry.key == "list") {
    auto element = type(entry.value);
    if (element.is_big())
      fail(entry.value, "a list has no big values (each is of several keys); write one of one value");
    return {wire::value_kind::list, {std::move(element)}, {}};
  }
  if (entry.key == "big" || entry.key == "flocker") {
    const auto kind = entry.key == "big" ? wire::value_kind::big : wire::value_kind::flocker;
    return {kind, {{*wire::kind_of(word(entry.value, words::big_elements, tick(entry.key))), {}, {}}}, {}};
  }
  return {wire::value_kind::records, {}, schema(entry.value)};
}

wire::value_schema suite_reader::schema(const yaml_node& n) const {
  map(n, "a schema");
  wire::value_schema made;
  for (const auto& entry : n.entries) {
    key_text(entry);  // a `$name` must be known
    const yaml_node* optional =
        entry.value.is_map() && entry.value.entries.size() == 1 ? entry.value.find("optional") : nullptr;
    made.push_back({entry.key, type(optional != nullptr ? *optional : entry.value), optional != nullptr});
  }
  return made;
}

text_part suite_reader::code_points(const yaml_node& n) const {
  if (n.is_scalar()) return {reference(n, "a text"), false, {}};
  map(n, words::code_points, "a text");
  text_part made{reference(need(n, "code_points", "a text"), "`code_points`"), true, {}};
  if (const auto* times = n.find("times")) made.times = formula(*times, "`times`");
  return made;
}

value_recipe suite_reader::value_of(const wire::value_type& t, const yaml_node& n) const {
  using kind = wire::value_kind;
  if (t.is_big()) return value_of(t.element.front(), n);
  value_recipe made{scalar_recipe{}, mark(n)};
  switch (t.kind) {
    case kind::bytes:
      made.what = bytes_recipe{bytes(n, where::anywhere)};
      return made;
    case kind::text:
    case kind::path: {
      text_recipe all;
      if (n.is_list()) {
        for (const auto& part : n.items) all.parts.push_back(code_points(part));
      } else {
        all.parts.push_back(code_points(n));
      }
      made.what = std::move(all);
      return made;
    }
    case kind::datetime: {
      map(n, words::datetime, "a datetime");
      for (const char* needed : {"year", "month", "day", "offset"}) need(n, needed, "a datetime");
      datetime_recipe fields;
      for (const auto& entry : n.entries) fields.fields.emplace(entry.key, reference(entry.value, tick(entry.key)));
      made.what = std::move(fields);
      return made;
    }
    case kind::list: {
      list_recipe list;
      if (n.is_map()) {
        map(n, words::repeated_item, "a list");
        list.repeat = formula(need(n, "repeat", "a list"), "`repeat`");
        list.items.push_back(value_of(t.element.front(), need(n, "item", "a list")));
      } else {
        for (const auto& item : items_of(n, "a list")) list.items.push_back(value_of(t.element.front(), item));
      }
      made.what = std::move(list);
      return made;
    }
    case kind::records: {
      records_recipe records;
      for (const auto& item : items_of(n, "records")) records.records.push_back(record_of(t.fields, item));
      made.what = std::move(records);
      return made;
    }
    case kind::integer:
    case kind::floating:
      if (n.is_map()) {
        static constexpr auto fraction = list("fraction"), bits = list("bits");
        const bool whole = t.kind == kind::floating;
        map(n, whole ? word_list(bits) : word_list(fraction), whole ? "a float" : "an integer");
        const text_ref inner = reference(need(n, whole ? "bits" : "fraction", "a number"), "a number");
        if (whole)
          made.what = bits_recipe{inner};
        else
          made.what = fraction_recipe{inner};
        return made;
      }
      break;
    case kind::boolean:
    case kind::decimal:
    case kind::big:
    case kind::flocker:
      break;
  }
  made.what = scalar_recipe{reference(n, "a value")};
  return made;
}

record_recipe suite_reader::record_of(const wire::value_schema& fields, const yaml_node& n) const {
  map(n, "a record");
  record_recipe made;
  for (const auto& entry : n.entries) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.name == entry.key; });
    if (field == fields.end()) fail(entry, "the schema has no name " + tick(entry.key) + "; add it there");
    made.push_back({text_ref{entry.key, {file(), entry.line, entry.column}}, value_of(field->type, entry.value)});
  }
  return made;
}

parse_expectation suite_reader::parsed(const typed_thing& of, const yaml_node& n) const {
  map(n, words::parse_expectation, "what `parse` expects");
  const yaml_entry& entry = only(n, words::parse_expectation, "what `parse` expects");
  static constexpr auto any = list("any");
  parse_expectation made;
  if (entry.key == "refuse")
    word(entry.value, any, "`refuse`");
  else if (of.type)
    made.value = value_of(*of.type, entry.value);
  else
    made.record = record_of(of.arguments, entry.value);
  return made;
}

print_expectation suite_reader::printed(const typed_thing& of, const yaml_node& n) const {
  static constexpr auto of_type = list("bytes", "one_of", "reads_as", "refuse");
  static constexpr auto of_box = list("box", "refuse");
  static constexpr auto any = list("any");
  const word_list known = of.type ? word_list(of_type) : word_list(of_box);
  map(n, known, "what `print` expects");
  const yaml_entry& entry = only(n, known, "what `print` expects");
  print_expectation made;
  if (entry.key == "refuse") {
    word(entry.value, any, "`refuse`");
    made.refuse = true;
  } else if (entry.key == "bytes") {
    made.bytes.push_back(bytes(entry.value, where::top));
  } else if (entry.key == "one_of") {
    for (const auto& item : items_of(entry.value, "`one_of`")) made.bytes.push_back(bytes(item, where::top));
    if (made.bytes.size() < 2) fail(entry.value, "`one_of` with less than two; write `bytes`");
  } else if (entry.key == "reads_as") {
    made.reads_as = value_of(*of.type, entry.value);
  } else {
    made.box = expected_box(entry.value);
  }
  return made;
}

void suite_reader::typed(const yaml_node& n, const yaml_entry& kind, const yaml_node& expect, vector& v) {
  const yaml_node* one = n.find("type");
  const yaml_node* box_of = n.find("arguments");
  if ((one == nullptr) == (box_of == nullptr))
    fail(kind, tick(kind.key) + " needs `type: T` or `arguments: SCHEMA` beside it, one of them");
  typed_thing of;
  if (one != nullptr)
    of.type = type(*one);
  else
    of.arguments = schema(*box_of);
  if (of.type && of.type->is_big())
    fail(*one, "a big value stands in a box; write `arguments: {name: {" + one->entries.front().key + ": …}}`");
  if (kind.key == "parse") {
    parse_kind made{of, {}, {}, choose<parse_expectation>(expect, [&](const yaml_node& e) { return parsed(of, e); })};
    if (of.type)
      made.bytes = bytes(kind.value, where::anywhere);
    else
      made.box = box(kind.value, where::anywhere);
    v.kind = std::move(made);
    return;
  }
  print_kind made{of, {}, {}, mark(kind.value), choose<print_expectation>(expect, [&](const yaml_node& e) {
                    return printed(of, e);
                  })};
  if (of.type)
    made.value = value_of(*of.type, kind.value);
  else
    made.record = record_of(of.arguments, kind.value);
  v.kind = std::move(made);
}

void suite_reader::sample(const yaml_node& n, vector& v) const {
  map(n, words::sample, "`sample`");
  const yaml_node* of = n.find("type");
  const char* count = of != nullptr ? "values" : "boxes";
  for (const char* other : {"values", "boxes"}) {
    if (n.find(other) != nullptr && other != std::string_view(count))
      fail(n, tick(other) + " in a sample of " + count + "; a sample of values has a `type`");
  }
  sample_kind made{
      number(need(n, count, "`sample`"), tick(count)),
      number(need(n, "seed", "`sample`"), "`seed`"),
      word(need(n, "law", "`sample`"), of != nullptr ? word_list(words::value_laws) : word_list(words::laws), "law"),
      {}};
  static constexpr auto sampled = list("integer", "float", "decimal", "datetime", "text");
  if (of != nullptr) {
    word(*of, sampled, "type of a sample");
    made.type = type(*of);
  }
  v.kind = std::move(made);
}

}  // namespace ampspec::vectors
