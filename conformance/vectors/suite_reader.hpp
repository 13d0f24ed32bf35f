// Reads one vector file. Each part of the grammar of docs/vector-format.md stands in the file that its section names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/vectors/expression.hpp"
#include "conformance/vectors/model.hpp"
#include "conformance/vectors/words.hpp"
#include "conformance/vectors/yaml_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::vectors {

using words::list;

inline bool contains(word_list known, std::string_view word) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

/// The word as it is told to people: between backquotes.
std::string tick(std::string_view word);

/// Whether all keys of a map (and at least one) are roles.
bool is_by_role(const yaml_node& n);

/// A number that two nodes share if they say the same: key order means nothing, nor do labels of atoms.
std::uint64_t likeness(const yaml_node& n);

class suite_reader : private yaml_reader {
 public:
  explicit suite_reader(const std::string& file) : yaml_reader(file) {}

  suite_file read(const yaml_node& root, std::string_view source);

 private:
  enum class where {
    anywhere,
    top,
    sent,
    sent_top
  };  // `any_order` at the top of octets, `same` in what is sent or comes back

  // names
  void check_name(const yaml_node& at, std::string_view name) const {
    if (names_.count(name) != 0) return;
    std::vector<std::string> known(names_.begin(), names_.end());
    const std::string meant = nearest(name, known);
    fail(at, "unknown name `$" + std::string(name) + "`; " +
                 (meant.empty() ? "write a limit ($max_key, $max_value, $chunk) or a name of the matrix"
                                : "did you mean `$" + meant + "`?"));
  }
  text_ref reference(const yaml_node& n, std::string_view what) const {
    const std::string& written = text(n, what);
    if (written.starts_with('$') && !written.starts_with("$$")) {
      if (!is_name(std::string_view(written).substr(1))) {
        fail(n, tick(written) + " is not a `$name`; to begin a text with a dollar sign write `$$`");
      }
      check_name(n, std::string_view(written).substr(1));
    }
    return {written, mark(n)};
  }
  text_ref hex_reference(const yaml_node& n, std::string_view what) const {
    text_ref digits = reference(n, what);
    if (!digits.text.starts_with('$')) realize({{hex_atom{digits}, {}, digits.mark}}, {});
    return digits;
  }
  expression formula(const yaml_node& n, std::string_view what) const {
    expression e{text(n, what), mark(n)};
    check_expression(e, [&](std::string_view name) { check_name(n, name); });
    return e;
  }

  std::optional<expression> beginning(const yaml_node& n) const {
    const auto* from = n.find("from");
    return from != nullptr ? std::optional(formula(*from, "`from`")) : std::nullopt;
  }

  // load_octets.cpp
  recipe bytes(const yaml_node& n, where place) const;
  atom one_atom(const yaml_node& n, where place) const;
  recipe one_text(const yaml_node& n) const { return {{text_atom{reference(n, "a text")}, {}, mark(n)}}; }
  pair_atom pair(const yaml_node& n, where place) const;
  box_recipe box(const yaml_node& n, where place) const;
  recipe plain_text(std::string text, const yaml_node& at) const {
    return {{text_atom{{std::move(text), mark(at)}}, {}, mark(at)}};
  }
  bool is_message(const yaml_node& n) const { return messages_ && n.is_map() && n.find("header") != nullptr; }
  recipe message_octets(const yaml_node& n, where place) const;
  message_recipe message(const yaml_node& n, where place) const;
  bool is_pairs(const yaml_node& n) const { return n.is_map() && n.entries.size() == 1 && n.entries[0].key == "pairs"; }
  recipe key_text(const yaml_entry& e) const {
    yaml_node key;
    key.line = e.line;
    key.column = e.column;
    key.text = e.key;
    return one_text(key);
  }

  // load_expected.cpp
  value_matcher matcher(const yaml_node& n) const;
  box_matcher expected_box(const yaml_node& n) const;
  box_matcher expected_box(const yaml_node& n, const yaml_node* others) const;
  box_matcher expected_message(const yaml_node& n, word_list known) const;
  box_matcher expected_frame(const yaml_node& n, word_list known) const;
  std::vector<box_matcher> expected_boxes(const yaml_node& n, std::string_view what) const;

  // load_steps.cpp
  template <class T, class F>
  chosen<T> choose(const yaml_node& n, F one) const;
  template <class T, class F>
  by_role<T> each_role(const yaml_node& n, const vector& v, std::string_view what, F one) const;
  decode_expectation decoded(const yaml_node& n) const;
  encode_expectation encoded(const yaml_node& n) const;
  steps play(const yaml_node& n, const std::string& connection);
  step one_step(const yaml_node& n, const std::string& connection);
  recipe sent_octets(const yaml_entry& what) const;
  send_step sent(const yaml_node& n) const;
  ws_item websocket_frame(const yaml_node& n) const;
  upgrade_setup upgrade(const yaml_node& n) const;
  void expected(const yaml_node& n, step& made) const;
  expect_boxes_step boxes_step(const yaml_node& n) const;
  expect_boxes_step frames_step(const yaml_node& n, const yaml_entry& what) const;
  expect_group_step group(const yaml_node& n) const;
  call_step call(const yaml_node& n) const;
  expect_ended_step ended(const yaml_node& n) const;
  start_tls_step start_tls(const yaml_node& n) const;
  choice_step choices(const yaml_node& n, const std::string& connection);
  repeat_step rounds(const yaml_node& n, const std::string& connection);
  write_stream_step stream_to_write(const yaml_node& n) const;
  take_writes_step writes_to_take(const yaml_node& n) const;
  bool flag(const yaml_node& n, std::string_view key) const {
    static constexpr auto answers = list("yes", "no");
    const auto* given = n.find(key);
    return given != nullptr && word(*given, answers, tick(key)) == "yes";
  }
  void empty_map(const yaml_node& n, std::string_view what) const {
    if (!n.is_map() || !n.entries.empty())
      fail(n, std::string(what) + " takes nothing; write " + std::string(what) + ": {}");
  }
  // The one key of `known` that the map has.
  const yaml_entry& only(const yaml_node& n, word_list known, std::string_view what) const;
  std::vector<std::string> some_words(const yaml_node& n, word_list known, std::string_view what) const;

  // load_bulk.cpp
  bulk_step bulk(const std::string& verb, const yaml_node& n) const;
  http_step http(const yaml_node& n) const;
  expect_http_step expect_http(const yaml_node& n) const;
  box_matcher expected_headers(const yaml_node& n) const;

  // load_amps.cpp
  amps_step amps(const std::string& verb, const yaml_node& n) const;
  acks_step acks(const yaml_node& n) const;

  // load_values.cpp
  wire::value_type type(const yaml_node& n) const;
  wire::value_schema schema(const yaml_node& n) const;
  text_part code_points(const yaml_node& n) const;
  value_recipe value_of(const wire::value_type& t, const yaml_node& n) const;
  record_recipe record_of(const wire::value_schema& fields, const yaml_node& n) const;
  parse_expectation parsed(const typed_thing& of, const yaml_node& n) const;
  print_expectation printed(const typed_thing& of, const yaml_node& n) const;
  void typed(const yaml_node& n, const yaml_entry& kind, const yaml_node& expect, vector& v);
  void sample(const yaml_node& n, vector& v) const;

  // loader.cpp
  void matrix(const yaml_node& n, vector& v);
  void surroundings(const yaml_node& n, vector& v) const;
  void kind(const yaml_node& n, vector& v);
  void growth(const yaml_node& n, vector& v);
  vector one_vector(const yaml_node& n, const suite_file& file);

  bool messages_ = false;                     // boxes of this file are AMPS messages
  bool chunks_ = false;                       // boxes and pairs of this file are written by the rules of AMPv2
  std::set<std::string, std::less<>> names_;  // what `$` may name in the vector at hand
};

template <class T, class F>
chosen<T> suite_reader::choose(const yaml_node& n, F one) const {
  map(n, "`expect`");
  chosen<T> made;
  if (n.find("choice") == nullptr) {
    made.branches.emplace_back(std::string(), one(n));
    return made;
  }
  map(n, words::choice, "a choice");
  made.choice = text(*n.find("choice"), "`choice`");
  const yaml_node& branches = need(n, "one_of", "a choice");
  map(branches, "`one_of`");
  for (const auto& entry : branches.entries) made.branches.emplace_back(entry.key, one(entry.value));
  if (made.branches.size() < 2) fail(branches, "a choice with less than two branches; write {BRANCH: …, BRANCH: …}");
  return made;
}

template <class T, class F>
by_role<T> suite_reader::each_role(const yaml_node& n, const vector& v, std::string_view what, F one) const {
  by_role<T> made;
  if (!is_by_role(n)) {
    made.set(v.roles, one(n));
    return made;
  }
  for (const auto& entry : n.entries) {
    const role r = *role_named(entry.key);
    if (std::find(v.roles.begin(), v.roles.end(), r) == v.roles.end()) {
      fail(entry, std::string(what) + " of a role that `roles` does not name; add `" + entry.key +
                      "` to `roles` or remove it");
    }
    made.set(r, one(entry.value));
  }
  for (const role r : v.roles) {
    if (!made.has(r)) fail(n, std::string(what) + " by role lacks `" + std::string(name_of(r)) + "`; write it too");
  }
  return made;
}

}  // namespace ampspec::vectors
