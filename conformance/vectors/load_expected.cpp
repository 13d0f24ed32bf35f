// Reads what vector files expect of values, boxes and messages.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/suite_reader.hpp"

#include <algorithm>
#include <regex>

namespace ampspec::vectors {
namespace {

constexpr std::size_t longest_regex = 200;  // std::regex recurses

}  // namespace

value_matcher suite_reader::matcher(const yaml_node& n) const {
  const yaml_entry* kind = nullptr;
  if (n.is_map()) {
    for (const auto& entry : n.entries) {
      if (kind == nullptr && contains(words::matchers, entry.key)) kind = &entry;
      if (entry.key != "same" && contains(words::atoms, entry.key))
        return {match_exact{bytes(n, where::sent_top)}, mark(n)};
    }
    if (kind == nullptr && !n.entries.empty()) {
      std::vector<std::string_view> all(words::atoms.begin(), words::atoms.end());
      all.insert(all.end(), words::matchers.begin(), words::matchers.end());
      const auto& entry = n.entries.front();
      fail(entry,
           "neither atom nor matcher: `" + entry.key + "`" +
               advice(entry.key, all, "write a text, an atom such as {hex: …} or a matcher such as {any: value}"));
    }
  }
  if (kind == nullptr) return {match_exact{bytes(n, where::sent_top)}, mark(n)};

  const std::string& name = kind->key;
  const yaml_node& value = kind->value;
  const std::string what = "matcher `" + name + "`";
  for (const auto& entry : n.entries) {
    if (&entry == kind || (name == "capture" && entry.key == "as")) continue;
    fail(entry, "unknown key `" + entry.key + "` in " + what + "; remove it, a matcher is one key");
  }
  const auto needs = [&](std::string_view expected) {
    if (text(value, what) != expected)
      fail(value, what + " takes one value; write {" + name + ": " + std::string(expected) + "}");
  };
  value_matcher made{match_any{}, mark(n)};
  if (name == "any") {
    needs("value");
  } else if (name == "absent") {
    needs("true");
    made.what = match_absent{};
  } else if (name == "integer") {
    needs("true");
    made.what = match_integer{};
  } else if (name == "base64") {
    needs("true");
    made.what = match_base64{};
  } else if (name == "iso8601") {
    needs("true");
    made.what = match_iso8601{};
  } else if (name == "regex") {
    if (text(value, what).size() > longest_regex) fail(value, "a regex of more than 200 octets; write a shorter one");
    try {
      const std::regex compiled(text(value, what), std::regex::ECMAScript);
    } catch (const std::regex_error& e) {
      fail(value, "bad regex `" + value.text + "` (" + e.what() + "); write an ECMAScript one");
    }
    made.what = match_regex{value.text};
  } else if (name == "utf8") {
    made.what = match_utf8{formula(value, what)};
  } else if (name == "digest") {
    const std::string& hex = text(value, what);
    const bool good = hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!good) fail(value, "a digest is a sha256; write 64 lower-case hex digits");
    made.what = match_digest{hex};
  } else if (name == "one_of") {
    match_one_of any;
    for (const auto& item : items_of(value, what)) any.any.push_back(matcher(item));
    if (any.any.empty()) fail(value, "`one_of` without values; write [VALUE, …]");
    made.what = std::move(any);
  } else if (name == "capture") {
    match_capture capture{text(value, what), {}};
    if (capture.name.empty()) fail(value, "a capture without a name; write {capture: NAME}");
    if (const auto* as = n.find("as")) capture.as.push_back(matcher(*as));
    made.what = std::move(capture);
  } else if (name == "same") {
    made.what = match_same{text(value, what)};
  } else if (name == "fresh") {
    made.what = match_fresh{text(value, what)};
  } else if (name == "above") {
    made.what = match_above{text(value, what)};
  } else {
    made.what = match_not{{matcher(value)}};
  }
  return made;
}

box_matcher suite_reader::expected_box(const yaml_node& n, const yaml_node* others) const {
  map(n, "a box");
  box_matcher made;
  made.mark = mark(n);
  if (others != nullptr) {
    if (text(*others, "`others`") != "any") fail(*others, "unknown value of `others`; write others: any");
    made.others_any = true;
  }
  if (is_message(n)) {
    auto message = expected_message(n, words::message);
    message.others_any = made.others_any;
    return message;
  }
  if (!is_pairs(n)) {
    for (const auto& entry : n.entries) made.pairs.emplace_back(key_text(entry), matcher(entry.value));
    return made;
  }
  std::set<std::string> keys;
  for (const auto& item : items_of(n.entries[0].value, "`pairs`")) {
    if (!item.is_list() || item.items.size() != 2) fail(item, "a pair must have two parts; write [KEY, VALUE]");
    const recipe key = bytes(item.items[0], where::anywhere);
    std::string known;
    try {
      known = realize(key, default_scope()).str(1u << 20);
    } catch (const std::exception&) {
      known = "$" + std::to_string(likeness(item.items[0]));  // depends on the matrix: a key like itself
    }
    if (!keys.insert(known).second) made.repeats = true;
    made.pairs.emplace_back(key, matcher(item.items[1]));
  }
  return made;
}

box_matcher suite_reader::expected_message(const yaml_node& n, word_list known) const {
  box_matcher made;
  made.mark = mark(n);
  map(n, known, "a message");
  const yaml_node& header = need(n, "header", "a message");
  map(header, "`header`");
  for (const auto& entry : header.entries) made.pairs.emplace_back(key_text(entry), matcher(entry.value));
  const auto* body = n.find("body");
  made.pairs.emplace_back(plain_text("body", n),
                          body != nullptr ? matcher(*body) : value_matcher{match_exact{}, mark(n)});
  for (const char* side : {"unreadable", "written"}) {
    if (const auto* said = n.find(side)) made.pairs.emplace_back(plain_text(side, *said), matcher(*said));
  }
  return made;
}

// A message in a list, or {frame: MESSAGE, others: any}.
box_matcher suite_reader::expected_frame(const yaml_node& n, word_list known) const {
  map(n, "a message");
  const auto* inner = n.find("frame");
  if (inner == nullptr) return expected_message(n, known);
  static constexpr auto sides = list("frame", "others");
  map(n, sides, "a message");
  auto made = expected_message(*inner, known);
  if (const auto* others = n.find("others")) {
    if (text(*others, "`others`") != "any") fail(*others, "unknown value of `others`; write others: any");
    made.others_any = true;
  }
  return made;
}

box_matcher suite_reader::expected_box(const yaml_node& n) const {
  if (n.is_map() && n.entries.size() == 2 && n.find("box") != nullptr && n.find("others") != nullptr &&
      n.find("box")->is_map()) {
    return expected_box(*n.find("box"), n.find("others"));
  }
  return expected_box(n, nullptr);
}

std::vector<box_matcher> suite_reader::expected_boxes(const yaml_node& n, std::string_view what) const {
  std::vector<box_matcher> all;
  for (const auto& item : items_of(n, what)) all.push_back(expected_box(item));
  return all;
}

}  // namespace ampspec::vectors
