// Reads octets of vector files: atoms, pairs, boxes and messages.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/suite_reader.hpp"

#include <algorithm>

namespace ampspec::vectors {
namespace {

// As JSON writes it in a string: quotes and backslashes escaped, control characters by their numbers.
std::string json_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr std::string_view digits = "0123456789abcdef";
      out += "\\u00";
      out += {digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]};
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

recipe suite_reader::bytes(const yaml_node& n, where place) const {
  if (n.is_scalar()) return one_text(n);
  if (n.is_map()) return {one_atom(n, place)};
  recipe all;
  for (const auto& item : n.items) {
    if (item.is_list()) fail(item, "a list inside a list of atoms; write its atoms in the outer list");
    if (item.is_map())
      all.push_back(one_atom(item, place));
    else
      all.push_back(std::move(one_text(item).front()));
  }
  return all;
}

atom suite_reader::one_atom(const yaml_node& n, where place) const {
  const yaml_entry* kind = nullptr;
  for (const auto& entry : n.entries) {
    if (!contains(words::atoms, entry.key)) continue;
    if (kind != nullptr) {
      fail(entry, "two atoms in one map, " + tick(kind->key) + " and " + tick(entry.key) +
                      "; write them as two items of a list");
    }
    kind = &entry;
  }
  if (kind == nullptr) {
    for (const auto& entry : n.entries) {
      if (entry.key == "as") continue;
      if (contains(words::matchers, entry.key)) {
        fail(entry, "a matcher `" + entry.key + "` where octets are made; write atoms such as {text: …} or {hex: …}");
      }
      fail(entry, "unknown atom `" + entry.key + "`" + advice(entry.key, words::atoms));
    }
    fail(n, "a map without an atom; write one such as {text: …} or {hex: …}, and \"\" for no octets");
  }
  const std::string& name = kind->key;
  const yaml_node& value = kind->value;
  const std::string what = "atom `" + name + "`";
  static constexpr auto sides = list("as");
  static constexpr auto sized = list("as", "size", "from");
  static constexpr auto repeated = list("as", "of");
  static constexpr auto changed = list("as", "change");
  const word_list allowed = name == "fill" || name == "prng" ? word_list(sized)
                            : name == "repeat"               ? word_list(repeated)
                            : name == "same"                 ? word_list(changed)
                                                             : word_list(sides);
  for (const auto& entry : n.entries) {
    if (&entry != kind && !contains(allowed, entry.key)) {
      fail(entry, "unknown key `" + entry.key + "` in " + what + advice(entry.key, allowed));
    }
  }
  atom made{text_atom{}, {}, mark(n)};
  if (const auto* label = n.find("as")) made.label = text(*label, "`as`");
  const bool sent = place == where::sent || place == where::sent_top;
  const where inner = sent ? where::sent : where::anywhere;
  if (name == "hex")
    made.what = hex_atom{hex_reference(value, what)};
  else if (name == "text")
    made.what = text_atom{reference(value, what)};
  else if (name == "u8")
    made.what = integer_atom{1, false, formula(value, what)};
  else if (name == "u16")
    made.what = integer_atom{2, false, formula(value, what)};
  else if (name == "u32")
    made.what = integer_atom{4, false, formula(value, what)};
  else if (name == "u32le")
    made.what = integer_atom{4, true, formula(value, what)};
  else if (name == "fill")
    made.what = fill_atom{hex_reference(value, what), formula(need(n, "size", what), "`size`"), beginning(n)};
  else if (name == "prng")
    made.what = prng_atom{formula(value, what), formula(need(n, "size", what), "`size`"), beginning(n)};
  else if (name == "repeat")
    made.what = repeat_atom{formula(value, what), bytes(need(n, "of", what), inner)};
  else if (name == "pair")
    made.what = pair(value, inner);
  else if (name == "box")
    made.what = box_atom{box(value, inner).pairs};
  else if (name == "frame")
    made.what = frame_atom{value.is_map() && value.find("header") != nullptr ? message_octets(value, inner)
                                                                             : bytes(value, inner)};
  else if (name == "any_order" || name == "members") {
    if (place != where::top && place != where::sent_top)
      fail(*kind, tick(name) + " inside another atom; write it at the top of the octets");
    any_order_atom any;
    any.members = name == "members";
    for (const auto& part : items_of(value, what)) any.parts.push_back(bytes(part, inner));
    made.what = std::move(any);
  } else {
    if (!sent)
      fail(*kind, "`same` where nothing captured can stand; it stands in what is sent, as a value of a box or pair");
    same_atom same{text(value, what)};
    if (const auto* change = n.find("change")) {
      const auto& how = word(*change, words::changes, "`change`");
      same.how = how == "without-last" ? same_atom::change::without_last
                 : how == "other-case" ? same_atom::change::other_case
                                       : same_atom::change::other_first;
    }
    made.what = same;
  }
  return made;
}

// A header as compact JSON in the order written, and the body behind it.
recipe suite_reader::message_octets(const yaml_node& n, where place) const {
  message_recipe made = message(n, place);
  for (auto& a : made.body) made.header.push_back(std::move(a));
  return std::move(made.header);
}

message_recipe suite_reader::message(const yaml_node& n, where place) const {
  static constexpr auto keys = list("header", "body");
  map(n, keys, "a message");
  const yaml_node& header = need(n, "header", "a message");
  map(header, "`header`");
  message_recipe made;
  recipe& all = made.header;
  all = plain_text("{", header);
  for (const auto& entry : header.entries) {
    const bool first = &entry == &header.entries.front();
    const yaml_node& value = entry.value;
    const auto put = [&](std::string text) { all.push_back(std::move(plain_text(std::move(text), value).front())); };
    put((first ? "\"" : ",\"") + json_escaped(entry.key) + "\":");
    if (value.is_map() && (value.find("number") != nullptr || value.find("raw") != nullptr)) {
      all.push_back(std::move(one_text(only(value, words::header_value, "a header value").value).front()));
    } else if (!value.is_scalar()) {
      put("\"");
      for (auto& a : bytes(value, place)) all.push_back(std::move(a));
      put("\"");
    } else {
      text_ref said = reference(value, "a header value");
      if (!said.text.starts_with('$') || said.text.starts_with("$$")) said.text = json_escaped(said.text);
      put("\"");
      all.push_back({text_atom{std::move(said)}, {}, mark(value)});
      put("\"");
    }
  }
  all.push_back(std::move(plain_text("}", header).front()));
  if (const auto* body = n.find("body")) made.body = bytes(*body, place);
  return made;
}

pair_atom suite_reader::pair(const yaml_node& n, where place) const {
  if (!n.is_list() || n.items.size() != 2) fail(n, "a pair must have two parts; write [KEY, VALUE]");
  return {bytes(n.items[0], where::anywhere), bytes(n.items[1], place), chunks_};
}

box_recipe suite_reader::box(const yaml_node& n, where place) const {
  map(n, "a box");
  box_recipe made{{}, mark(n)};
  if (is_message(n)) {
    map(n, words::message, "a message");
    const yaml_node& header = *n.find("header");
    map(header, "`header`");
    for (const auto& entry : header.entries) made.pairs.push_back({key_text(entry), bytes(entry.value, place), false});
    const auto* body = n.find("body");
    made.pairs.push_back({plain_text("body", n), body != nullptr ? bytes(*body, place) : recipe(), false});
    if (const auto* bad = n.find("unreadable"))
      fail(*bad, "`unreadable` in what is made; it stands in what is expected");
    return made;
  }
  if (is_pairs(n)) {
    for (const auto& item : items_of(n.entries[0].value, "`pairs`")) made.pairs.push_back(pair(item, place));
    return made;
  }
  for (const auto& entry : n.entries) made.pairs.push_back({key_text(entry), bytes(entry.value, place), chunks_});
  return made;
}

}  // namespace ampspec::vectors
