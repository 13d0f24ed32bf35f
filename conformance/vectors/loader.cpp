// Reads vector files: the grammar of docs/vector-format.md.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/loader.hpp"

#include "conformance/vectors/expression.hpp"
#include "conformance/vectors/words.hpp"
#include "conformance/vectors/yaml_reader.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace ampspec::vectors {
namespace {

constexpr std::size_t most_points = 4096;   // of a matrix
constexpr std::size_t longest_regex = 200;  // std::regex recurses

using words::list;

bool contains(word_list known, std::string_view word) {
  return std::find(known.begin(), known.end(), word) != known.end();
}

std::string tick(std::string_view word) {
  std::string quoted(1, '`');
  quoted += word;
  return quoted += '`';
}

// Whether all keys of a map (and at least one) are roles.
bool is_by_role(const yaml_node& n) {
  return n.is_map() && !n.entries.empty() && std::all_of(n.entries.begin(), n.entries.end(), [](const yaml_entry& e) {
           return contains(words::roles, e.key);
         });
}

// --- likeness --------------------------------------------------------------------------------------------------------

class hasher {
 public:
  void add(std::string_view text) {
    for (const char c : text) add(static_cast<unsigned char>(c));
    add(0x1ff);  // no octet: ends the text
  }
  std::uint64_t value() const { return hash_; }

 private:
  void add(unsigned symbol) { hash_ = (hash_ ^ symbol) * 0x100000001b3u; }
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

std::uint64_t likeness(const yaml_node& n);

// Key order means nothing, nor do labels of atoms.
std::uint64_t likeness_of_map(const yaml_node& n, word_list left_out) {
  const bool is_atom =
      n.find("capture") == nullptr && std::any_of(n.entries.begin(), n.entries.end(),
                                                  [](const yaml_entry& e) { return contains(words::atoms, e.key); });
  std::vector<std::string> parts;
  for (const auto& entry : n.entries) {
    if (contains(left_out, entry.key) || (is_atom && entry.key == "as")) continue;
    parts.push_back(entry.key + '\0' + std::to_string(likeness(entry.value)));
  }
  std::sort(parts.begin(), parts.end());
  hasher h;
  h.add("map");
  for (const auto& part : parts) h.add(part);
  return h.value();
}

std::uint64_t likeness(const yaml_node& n) {
  if (n.is_map()) return likeness_of_map(n, {});
  hasher h;
  h.add(n.is_scalar() ? "text" : "list");
  h.add(n.text);
  for (const auto& item : n.items) h.add(std::to_string(likeness(item)));
  return h.value();
}

// --- octets ----------------------------------------------------------------------------------------------------------

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

  // octets
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

  // expected values
  value_matcher matcher(const yaml_node& n) const;
  box_matcher expected_box(const yaml_node& n) const;
  box_matcher expected_box(const yaml_node& n, const yaml_node* others) const;
  box_matcher expected_message(const yaml_node& n, word_list known) const;
  box_matcher expected_frame(const yaml_node& n, word_list known) const;
  std::vector<box_matcher> expected_boxes(const yaml_node& n, std::string_view what) const;

  // kinds
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
  bulk_step bulk(const std::string& verb, const yaml_node& n) const;
  amps_step amps(const std::string& verb, const yaml_node& n) const;
  acks_step acks(const yaml_node& n) const;
  http_step http(const yaml_node& n) const;
  expect_http_step expect_http(const yaml_node& n) const;
  box_matcher expected_headers(const yaml_node& n) const;
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

  // typed values
  wire::value_type type(const yaml_node& n) const;
  wire::value_schema schema(const yaml_node& n) const;
  text_part code_points(const yaml_node& n) const;
  value_recipe value_of(const wire::value_type& t, const yaml_node& n) const;
  record_recipe record_of(const wire::value_schema& fields, const yaml_node& n) const;
  parse_expectation parsed(const typed_thing& of, const yaml_node& n) const;
  print_expectation printed(const typed_thing& of, const yaml_node& n) const;
  void typed(const yaml_node& n, const yaml_entry& kind, const yaml_node& expect, vector& v);
  void sample(const yaml_node& n, vector& v) const;

  void matrix(const yaml_node& n, vector& v);
  void surroundings(const yaml_node& n, vector& v) const;
  void kind(const yaml_node& n, vector& v);
  void growth(const yaml_node& n, vector& v);
  vector one_vector(const yaml_node& n, const suite_file& file);

  bool messages_ = false;                     // boxes of this file are AMPS messages
  bool chunks_ = false;                       // boxes and pairs of this file are written by the rules of AMPv2
  std::set<std::string, std::less<>> names_;  // what `$` may name in the vector at hand
};

const yaml_entry& suite_reader::only(const yaml_node& n, word_list known, std::string_view what) const {
  map(n, what);
  const yaml_entry* found = nullptr;
  for (const auto& entry : n.entries) {
    if (!contains(known, entry.key)) continue;
    if (found != nullptr)
      fail(entry,
           std::string(what) + " has both " + tick(found->key) + " and " + tick(entry.key) + "; write one of them");
    found = &entry;
  }
  if (found != nullptr) return *found;
  std::string all;
  for (const auto& k : known) all += (all.empty() ? "`" : ", `") + std::string(k) + "`";
  fail(n, std::string(what) + " has none of its keys; write one of " + all);
}

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

// --- expected values -------------------------------------------------------------------------------------------------

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

// --- decode and encode -----------------------------------------------------------------------------------------------

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

decode_expectation suite_reader::decoded(const yaml_node& n) const {
  map(n, words::decode_expectation, "what `decode` expects");
  decode_expectation made;
  const yaml_node& end = need(n, "end", "what `decode` expects");
  static constexpr auto plain_ends = list("clean", "incomplete", "any");
  if (end.is_map()) {
    static constexpr auto only_reject = list("reject");
    map(end, only_reject, "`end`");
    const yaml_node& reject = need(end, "reject", "`end`");
    map(reject, words::reject, "`reject`");
    made.end = ending::reject;
    if (const auto* c = reject.find("class")) made.reject_class = word(*c, words::rejects, "reject class");
    if (const auto* by = reject.find("by")) made.by = formula(*by, "`by`");
    if (const auto* before = reject.find("not_before")) made.not_before = formula(*before, "`not_before`");
    if (const auto* at = reject.find("at")) made.at = formula(*at, "`at`");
  } else if (end.is_scalar() && end.text == "reject") {
    fail(end, "`end: reject` says nothing more; write end: {reject: {class: …, by: N}} or end: {reject: {}}");
  } else {
    const std::string& name = word(end, plain_ends, "`end`");
    made.end = name == "clean" ? ending::clean : name == "incomplete" ? ending::incomplete : ending::any;
  }
  const yaml_node* delivers = n.find("delivers");
  if (made.end == ending::any) {
    if (delivers != nullptr)
      fail(*delivers, "`delivers` beside `end: any`, which compares nothing; remove one of them");
  } else {
    made.delivers = expected_boxes(need(n, "delivers", "what `decode` expects"), "`delivers`");
  }
  return made;
}

encode_expectation suite_reader::encoded(const yaml_node& n) const {
  map(n, words::encode_expectation, "what `encode` expects");
  const yaml_entry& entry = only(n, words::encode_expectation, "what `encode` expects");
  encode_expectation made;
  if (entry.key == "bytes")
    made.bytes = bytes(entry.value, where::top);
  else
    made.refuse = word(entry.value, words::refusals, "class of refusal");
  return made;
}

// --- steps -----------------------------------------------------------------------------------------------------------

steps suite_reader::play(const yaml_node& n, const std::string& connection) {
  steps all;
  for (const auto& item : items_of(n, "`steps`")) all.push_back(one_step(item, connection));
  if (all.empty()) fail(n, "no steps; write at least one");
  return all;
}

expect_boxes_step suite_reader::boxes_step(const yaml_node& n) const {
  expect_boxes_step made;
  const yaml_node* others = n.find("others");
  if (const auto* one = n.find("box")) {
    made.boxes.push_back(expected_box(*one, others));
    return made;
  }
  if (others != nullptr) fail(*others, "`others` needs `box` beside it; in a list write {box: BOX, others: any}");
  made.any_order = n.find("boxes") == nullptr;
  made.boxes = expected_boxes(*n.find(made.any_order ? "boxes_in_any_order" : "boxes"), "boxes");
  if (made.boxes.empty()) fail(n, "an `expect` of no box; write expect_silence: {}");
  return made;
}

expect_boxes_step suite_reader::frames_step(const yaml_node& n, const yaml_entry& what) const {
  expect_boxes_step made;
  const yaml_node* others = n.find("others");
  if (what.key == "frame") {
    made.boxes.push_back(expected_message(what.value, words::message_that_comes));
    if (others != nullptr && text(*others, "`others`") != "any")
      fail(*others, "unknown value of `others`; write others: any");
    made.boxes.back().others_any = others != nullptr;
    return made;
  }
  if (others != nullptr) fail(*others, "`others` needs `frame` beside it; in a list write {frame: {…}, others: any}");
  made.any_order = what.key == "frames_in_any_order";
  // Which of them is compared with which is not known before they are, so that none can be asked how it is written.
  const word_list known = made.any_order ? word_list(words::message) : word_list(words::message_that_comes);
  for (const auto& item : items_of(what.value, "frames")) made.boxes.push_back(expected_frame(item, known));
  if (made.boxes.empty()) fail(n, "an `expect` of no message; write expect_silence: {}");
  return made;
}

expect_group_step suite_reader::group(const yaml_node& n) const {
  map(n, words::group, "`group`");
  static constexpr auto ways = list("records", "records_in_any_order");
  const yaml_entry& records = only(n, ways, "`group`");
  expect_group_step made{matcher(need(n, "query_id", "`group`")), {}, records.key != "records", {}};
  for (const auto& item : items_of(records.value, "records")) {
    made.records.push_back(expected_frame(item, words::message));
    if (item.find("header") != nullptr && item.find("header")->find("l") != nullptr)
      fail(item, "`l` of a record; it is compared with the body by itself, remove it");
  }
  if (const auto* most = n.find("batch")) made.batch = formula(*most, "`batch`");
  return made;
}

std::vector<std::string> suite_reader::some_words(const yaml_node& n, word_list known, std::string_view what) const {
  if (n.is_scalar()) return {word(n, known, what)};
  auto all = texts(n, what);
  for (const auto& item : n.items) word(item, known, what);
  if (all.empty()) fail(n, std::string(what) + " is empty; name at least one");
  return all;
}

call_step suite_reader::call(const yaml_node& n) const {
  map(n, words::call, "`call`");
  call_step made;
  made.name = text(need(n, "name", "`call`"), "`name`");
  if (const auto* command = n.find("command")) made.command = bytes(*command, where::anywhere);
  made.box.mark = mark(n);
  if (const auto* arguments = n.find("box")) made.box = box(*arguments, where::sent);
  static constexpr auto answers = list("yes", "no");
  static constexpr auto changes = list("tls", "switch");
  if (const auto* starts = n.find("starts")) {
    const bool tls = word(*starts, changes, "`starts`") == "tls";
    made.starts = tls ? call_step::change::tls : call_step::change::other;
    for (const auto& entry : n.entries) {
      if (entry.key == "ask" || (tls && (entry.key == "command" || entry.key == "box")))
        fail(entry, "`" + entry.key + "` beside `starts: " + (tls ? "tls" : "switch") + "`; remove it");
    }
    if (!tls && !made.command) fail(n, "`starts: switch` needs the command; write command: Switch");
  }
  if (const auto* of = n.find("of")) {
    made.of = text(*of, "`of`");
    if (!messages_) fail(*of, "`of` in a file of another protocol than amps; remove it");
  }
  if (const auto* ask = n.find("ask")) made.ask = word(*ask, answers, "`ask`") == "yes";
  return made;
}

start_tls_step suite_reader::start_tls(const yaml_node& n) const {
  map(n, words::start_tls, "`start_tls`");
  start_tls_step made;
  if (const auto* after = n.find("after")) {
    map(*after, words::send, "`after`");
    const yaml_entry& what = only(*after, words::send, "`after`");
    made.after = sent_octets(what);
  }
  if (const auto* fails = n.find("fails")) {
    if (text(*fails, "`fails`") != "any") fail(*fails, "unknown value of `fails`; write fails: any");
    made.fails = true;
  }
  if (const auto* by = n.find("spoiled_by")) {
    if (made.fails) fail(*by, "`spoiled_by` beside `fails`; what we spoil fails anyway, remove `fails`");
    const auto how = word(*by, words::spoils, "`spoiled_by`");
    made.by = how == "garbage" ? start_tls_step::spoil::garbage
              : how == "alert" ? start_tls_step::spoil::alert
                               : start_tls_step::spoil::close;
    made.fails = true;
  }
  return made;
}

expect_ended_step suite_reader::ended(const yaml_node& n) const {
  map(n, words::ended, "`expect_ended`");
  expect_ended_step made;
  made.call = text(need(n, "call", "`expect_ended`"), "`call`");
  made.how = some_words(need(n, "how", "`expect_ended`"), words::endings, "`how`");
  const auto may = [&](std::string_view how) {
    return std::find(made.how.begin(), made.how.end(), how) != made.how.end();
  };
  for (const auto& entry : n.entries) {
    const bool of_answer = entry.key == "box" || entry.key == "others";
    const bool of_error = entry.key == "kind" || entry.key == "code" || entry.key == "description";
    if ((of_answer && !may("answer")) || (of_error && !may("error"))) {
      fail(entry,
           "`" + entry.key + "` needs `how: " + (of_answer ? "answer" : "error") + "`; change `how` or remove it");
    }
  }
  if (const auto* values = n.find("box"))
    made.box = expected_box(*values, n.find("others"));
  else if (const auto* others = n.find("others"))
    fail(*others, "`others` needs `box` beside it; write box: {…}");
  if (const auto* kind = n.find("kind")) made.kind = some_words(*kind, words::error_kinds, "`kind`");
  if (const auto* code = n.find("code")) made.code = matcher(*code);
  if (const auto* description = n.find("description")) made.description = matcher(*description);
  return made;
}

repeat_step suite_reader::rounds(const yaml_node& n, const std::string& connection) {
  map(n, words::rounds, "`repeat`");
  repeat_step made;
  made.times = formula(need(n, "times", "`repeat`"), "`times`");
  const auto* name = n.find("as");
  if (name != nullptr) {
    made.as = text(*name, "`as`");
    if (!is_name(made.as)) fail(*name, "bad name " + tick(made.as) + "; write lower-case letters, digits and `_`");
    if (!names_.insert(made.as).second) fail(*name, tick(made.as) + " is a name already; choose another one");
  }
  made.body = play(need(n, "steps", "`repeat`"), connection);
  if (name != nullptr) names_.erase(made.as);
  return made;
}

write_stream_step suite_reader::stream_to_write(const yaml_node& n) const {
  map(n, words::write_stream, "`write_stream`");
  write_stream_step made;
  made.name = text(need(n, "name", "`write_stream`"), "`name`");
  made.pattern = bytes(need(n, "pattern", "`write_stream`"), where::anywhere);
  if (const auto* size = n.find("size")) made.size = formula(*size, "`size`");
  if (const auto* window = n.find("window")) made.window = formula(*window, "`window`");
  const auto* end = n.find("end");
  made.end = end != nullptr ? word(*end, words::stream_ends, "`end`") : "leave";
  return made;
}

take_writes_step suite_reader::writes_to_take(const yaml_node& n) const {
  map(n, words::take_writes, "`take_writes`");
  take_writes_step made{
      matcher(need(n, "id", "`take_writes`")), bytes(need(n, "data", "`take_writes`"), where::anywhere), {}, {}};
  if (const auto* until = n.find("until")) made.until = formula(*until, "`until`");
  if (const auto* hold = n.find("hold")) made.hold = text(*hold, "`hold`");
  return made;
}

choice_step suite_reader::choices(const yaml_node& n, const std::string& connection) {
  choice_step made;
  made.choice = text(*n.find("choice"), "`choice`");
  const yaml_node& branches = need(n, "one_of", "a choice");
  map(branches, "`one_of`");
  for (const auto& entry : branches.entries) {
    steps branch = play(entry.value, connection);
    const auto& first = branch.front().what;
    const bool seen =
        std::holds_alternative<expect_boxes_step>(first) || std::holds_alternative<expect_bytes_step>(first) ||
        std::holds_alternative<expect_close_step>(first) || std::holds_alternative<expect_silence_step>(first);
    if (!seen)
      fail(entry, "branch `" + entry.key +
                      "` begins with a step that shows nothing; begin with expect, expect_close or expect_silence");
    made.branches.emplace_back(entry.key, std::move(branch));
  }
  if (made.branches.size() < 2)
    fail(branches, "a choice with less than two branches; write {BRANCH: [STEP…], BRANCH: [STEP…]}");
  return made;
}

ws_item suite_reader::websocket_frame(const yaml_node& n) const {
  const yaml_entry& what = only(n, words::ws_frames, "a frame of WebSocket");
  for (const auto& entry : n.entries) {
    if (&entry != &what && !contains(words::ws_sides, entry.key))
      fail(entry, "unknown key `" + entry.key + "` in a frame of WebSocket" + advice(entry.key, words::ws_sides));
  }
  const auto yes = [&](const char* key) { return n.find(key) == nullptr || flag(n, key); };
  return {what.key, bytes(what.value, where::sent), yes("last"), yes("masked")};
}

upgrade_setup suite_reader::upgrade(const yaml_node& n) const {
  map(n, words::upgrade, "`upgrade`");
  upgrade_setup made;
  if (const auto* path = n.find("path")) made.path = bytes(*path, where::anywhere);
  made.headers.mark = mark(n);
  if (const auto* headers = n.find("headers")) made.headers = box(*headers, where::anywhere);
  if (const auto* mode = n.find("mode")) made.mode = word(*mode, words::ws_modes, "`mode`");
  if (const auto* status = n.find("status")) {
    made.status = text(*status, "`status`");
    if (made.status.size() != 3 || made.status[0] < '3' || made.status[0] > '5')
      fail(*status, "unknown status " + tick(made.status) + "; write a number such as 404, or a class such as 4xx");
  }
  return made;
}

send_step suite_reader::sent(const yaml_node& n) const {
  map(n, words::send, "`send`");
  const yaml_entry& what = only(n, words::send, "`send`");
  const bool of_frames = what.key == "frame" || what.key == "frames" || what.key == "ws";
  if (what.key != "bytes" && of_frames != messages_)
    fail(what, tick(what.key) + " in a file of another protocol; AMPS sends `frame` or `frames`, AMP `box` or `boxes`");
  if (!of_frames) return {sent_octets(what), {}, {}};
  send_step made;
  if (what.key == "ws") {
    for (const auto& item : items_of(what.value, "`ws`")) made.ws.push_back(websocket_frame(item));
    if (made.ws.empty()) fail(what.value, "no frames; write at least one");
    return made;
  }
  const auto put = [&](const yaml_node& one) {
    made.messages.push_back(message(one, where::sent));
    made.bytes.push_back({frame_atom{message_octets(one, where::sent)}, {}, mark(one)});
  };
  if (what.key == "frame") {
    put(what.value);
  } else {
    for (const auto& item : items_of(what.value, "`frames`")) put(item);
  }
  return made;
}

// What stands under `expect` of a step.
void suite_reader::expected(const yaml_node& n, step& made) const {
  static constexpr auto of_boxes = list("box", "boxes", "boxes_in_any_order", "bytes");
  static constexpr auto of_frames = list("frame", "frames", "frames_in_any_order", "group", "pong", "bytes");
  map(n, words::expect, "`expect`");
  const yaml_entry& what = only(n, messages_ ? word_list(of_frames) : word_list(of_boxes), "`expect`");
  const auto* within = n.find("within");
  if (what.key == "bytes" || what.key == "group" || what.key == "pong") {
    for (const auto* beside : {"others", "within"}) {
      if (const auto* at = n.find(beside)) fail(*at, tick(beside) + " beside " + tick(what.key) + "; remove it");
    }
    if (what.key == "group")
      made.what = group(what.value);
    else if (what.key == "pong")
      made.what = expect_pong_step{matcher(what.value)};
    else
      made.what = expect_bytes_step{bytes(what.value, where::sent_top)};
    return;
  }
  auto boxes = messages_ ? frames_step(n, what) : boxes_step(n);
  if (within != nullptr) boxes.within = formula(*within, "`within`");
  made.what = std::move(boxes);
}

// `box`, `boxes` or `bytes`.
recipe suite_reader::sent_octets(const yaml_entry& what) const {
  if (what.key == "bytes") return bytes(what.value, where::sent_top);
  if (what.key == "box") return {{box_atom{box(what.value, where::sent).pairs}, {}, mark(what.value)}};
  recipe all;
  for (const auto& item : items_of(what.value, "`boxes`")) {
    all.push_back({box_atom{box(item, where::sent).pairs}, {}, mark(item)});
  }
  return all;
}

// --- bulk transfers --------------------------------------------------------------------------------------------------

http_step suite_reader::http(const yaml_node& n) const {
  map(n, words::http, "`http`");
  http_step made;
  made.name = text(need(n, "name", "`http`"), "`name`");
  made.method = bytes(need(n, "method", "`http`"), where::sent);
  made.url = bytes(need(n, "url", "`http`"), where::sent);
  if (const auto* target = n.find("target")) made.target = bytes(*target, where::sent);
  made.headers.mark = mark(n);
  if (const auto* headers = n.find("headers")) made.headers = box(*headers, where::sent);
  if (const auto* token = n.find("token")) made.token = bytes(*token, where::sent);
  if (const auto* body = n.find("body")) made.body = bytes(*body, where::sent);
  if (const auto* length = n.find("length")) made.length = formula(*length, "`length`");
  made.chunked = flag(n, "chunked");
  made.open = flag(n, "open");
  made.plain = flag(n, "plain");
  if (made.chunked && made.length) fail(*n.find("length"), "`length` beside `chunked`; remove one of them");
  if (const auto* times = n.find("times")) made.times = formula(*times, "`times`");
  if (made.times && made.open) fail(*n.find("times"), "`times` beside `open`; remove one of them");
  return made;
}

box_matcher suite_reader::expected_headers(const yaml_node& n) const {
  auto made = expected_box(n, nullptr);
  if (is_pairs(n)) fail(n, "`pairs` in expected headers; write a map of names in lower case");
  for (const auto& entry : n.entries) {
    if (std::any_of(entry.key.begin(), entry.key.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
      fail(entry, "a header name with capitals; names are compared without case, write it in lower case");
  }
  made.others_any = true;
  return made;
}

expect_http_step suite_reader::expect_http(const yaml_node& n) const {
  map(n, words::expect_http, "`expect_http`");
  expect_http_step made;
  made.request = text(need(n, "request", "`expect_http`"), "`request`");
  const auto known = [&](const yaml_node& at, const std::string& status) {
    const bool any_of_class = status.size() == 3 && status[0] >= '1' && status[0] <= '5' && status.ends_with("xx");
    const bool one = status.size() == 3 && status.find_first_not_of("0123456789") == std::string::npos;
    if (!any_of_class && !one && status != "closed")
      fail(at, "unknown status " + tick(status) + "; write a number such as 401, a class such as 2xx, or closed");
  };
  if (const auto* status = n.find("status")) {
    if (status->is_scalar()) {
      made.status = {text(*status, "`status`")};
      known(*status, made.status.front());
    } else {
      made.status = texts(*status, "`status`");
      for (const auto& item : status->items) known(item, item.text);
    }
  }
  if (const auto* counts = n.find("counts")) {
    map(*counts, "`counts`");
    for (const auto& entry : counts->entries) {
      known(counts->entries.front().value, entry.key);
      made.counts.emplace_back(entry.key, formula(entry.value, "a count"));
    }
  }
  if (made.status.empty() == made.counts.empty())
    fail(n, "`expect_http` has no status; write `status` or, for a request of several `times`, `counts`");
  if (const auto* headers = n.find("headers")) made.headers = expected_headers(*headers);
  if (const auto* body = n.find("body")) made.body = matcher(*body);
  made.framed = flag(n, "framed");
  return made;
}

bulk_step suite_reader::bulk(const std::string& verb, const yaml_node& n) const {
  const std::string what = tick(verb);
  const auto request = [&] { return text(need(n, "request", what), "`request`"); };
  if (verb == "http") return {http(n)};
  if (verb == "expect_http") return {expect_http(n)};
  if (verb == "http_body") {
    map(n, words::http_body, what);
    http_body_step made{request(), {}, flag(n, "last")};
    if (const auto* more = n.find("bytes")) made.bytes = bytes(*more, where::sent);
    return {std::move(made)};
  }
  if (verb == "http_end") {
    map(n, words::http_end, what);
    static constexpr auto ways = list("reset", "close");
    return {http_end_step{request(), word(need(n, "how", what), ways, "`how`") == "reset"}};
  }
  if (verb == "expect_alike") {
    map(n, words::alike, what);
    expect_alike_step made{texts(need(n, "requests", what), "`requests`")};
    if (made.requests.size() < 2) fail(n, "`expect_alike` of less than two requests; name two or more");
    return {std::move(made)};
  }
  if (verb == "transfer") {
    map(n, words::transfer, what);
    static constexpr auto ways = list("upload", "download");
    transfer_step made;
    made.name = text(need(n, "name", what), "`name`");
    made.upload = word(need(n, "direction", what), ways, "`direction`") == "upload";
    made.resource = bytes(need(n, "resource", what), where::anywhere);
    if (const auto* body = n.find("body")) {
      if (!made.upload) fail(*body, "`body` of a download; remove it");
      made.body = bytes(*body, where::anywhere);
    }
    return {std::move(made)};
  }
  if (verb == "expect_request") {
    map(n, words::expect_request, what);
    expect_request_step made;
    made.name = text(need(n, "name", what), "`name`");
    if (const auto* at = n.find("at")) made.at = word(*at, words::origins, "`at`");
    made.method = matcher(need(n, "method", what));
    made.target = matcher(need(n, "target", what));
    if (const auto* headers = n.find("headers")) made.headers = expected_headers(*headers);
    if (const auto* body = n.find("body")) made.body = matcher(*body);
    return {std::move(made)};
  }
  if (verb == "respond") {
    map(n, words::respond, what);
    respond_step made;
    made.request = request();
    made.status = formula(need(n, "status", what), "`status`");
    made.headers.mark = mark(n);
    if (const auto* headers = n.find("headers")) made.headers = box(*headers, where::sent);
    if (const auto* body = n.find("body")) made.body = bytes(*body, where::sent);
    if (const auto* length = n.find("length")) made.length = formula(*length, "`length`");
    return {std::move(made)};
  }
  empty_map(n, verb);
  return {expect_no_request_step{}};
}

// --- AMPS clients ---------------------------------------------------------------------------------------------------

// The acks of a command, each as one frame: the header given, with its type and, if none is given, success.
acks_step suite_reader::acks(const yaml_node& n) const {
  map(n, words::acks, "`acks`");
  acks_step made;
  made.asked = text(need(n, "asked", "`acks`"), "`asked`");
  const yaml_node& header = need(n, "header", "`acks`");
  map(header, "`header`");
  const auto may =
      n.find("only") != nullptr ? some_words(*n.find("only"), words::ack_types, "`only`") : std::vector<std::string>();
  const auto entry = [&](const char* key, const char* value) {
    yaml_entry e{key, header.line, header.column, {}};
    e.value.line = header.line;
    e.value.column = header.column;
    e.value.text = value;
    return e;
  };
  for (const char* type : {"received", "processed", "completed", "persisted", "stats"}) {
    if (!may.empty() && std::find(may.begin(), may.end(), type) == may.end()) continue;
    yaml_node message, ack = header;
    ack.entries.insert(ack.entries.begin(), entry("c", "ack"));
    ack.entries.push_back(entry("a", type));
    const bool received = std::string_view(type) == "received";
    if (header.find("status") == nullptr) ack.entries.push_back(entry("status", "success"));
    if (const auto* more = received ? nullptr : n.find(type)) {
      map(*more, tick(type));
      ack.entries.insert(ack.entries.end(), more->entries.begin(), more->entries.end());
    }
    message.what = yaml_node::kind::map;
    message.line = header.line;
    message.column = header.column;
    message.entries.push_back({"header", header.line, header.column, std::move(ack)});
    made.by_type.emplace_back(type, recipe{{frame_atom{message_octets(message, where::sent)}, {}, mark(header)}});
  }
  return made;
}

amps_step suite_reader::amps(const std::string& verb, const yaml_node& n) const {
  const std::string what = tick(verb);
  if (!messages_) fail(n, what + " in a file of another protocol than amps; remove it");
  if (verb == "attach") {
    map(n, words::attach, what);
    attach_step made;
    for (const auto& [key, to] : {std::pair{"client_name", &made.client_name}, std::pair{"user", &made.user},
                                  std::pair{"password", &made.password}}) {
      if (const auto* given = n.find(key)) *to = text(*given, tick(key));
    }
    made.store = flag(n, "store");
    made.reconnect = flag(n, "reconnect");
    return {std::move(made)};
  }
  if (verb == "log_on") {
    map(n, words::log_on, what);
    const auto* s = n.find("s");
    return {log_on_step{s != nullptr ? formula(*s, "`s`") : expression{"0", mark(n)}}};
  }
  if (verb == "acks") return {acks(n)};
  if (verb == "expect_message") {
    map(n, words::expect_message, what);
    return {expect_message_step{text(need(n, "call", what), "`call`"),
                                expected_box(need(n, "message", what), n.find("others"))}};
  }
  if (verb == "expect_unwritten") {
    map(n, words::expect_unwritten, what);
    expect_unwritten_step made;
    if (const auto* sequence = n.find("sequence")) made.sequence = matcher(*sequence);
    if (const auto* reason = n.find("reason")) made.reason = matcher(*reason);
    if (const auto* message = n.find("message")) made.message = expected_box(*message, n.find("others"));
    return {std::move(made)};
  }
  empty_map(n, verb);
  return {reattach_step{}};
}

step suite_reader::one_step(const yaml_node& n, const std::string& connection) {
  map(n, "a step");
  const yaml_entry* verb = nullptr;
  for (const auto& entry : n.entries) {
    if (!contains(words::verbs, entry.key)) continue;
    if (verb != nullptr)
      fail(entry, "two verbs in one step, " + tick(verb->key) + " and " + tick(entry.key) + "; write two steps");
    verb = &entry;
  }
  for (const auto& entry : n.entries) {
    if (&entry == verb || entry.key == "connection" ||
        (entry.key == "one_of" && verb != nullptr && verb->key == "choice"))
      continue;
    fail(entry, "unknown key `" + entry.key + "` in a step" + advice(entry.key, words::verbs));
  }
  if (verb == nullptr) fail(n, "a step without a verb; write one such as `send` or `expect`");

  step made;
  made.mark = mark(n);
  made.connection = connection;
  if (const auto* named = n.find("connection")) made.connection = text(*named, "`connection`");
  if (made.connection.empty()) fail(n, "a connection without a name; write connection: NAME or leave it out");
  const std::string& name = verb->key;
  const yaml_node& value = verb->value;
  if (name == "send") {
    made.what = sent(value);
  } else if (name == "expect") {
    expected(value, made);
  } else if (name == "expect_close") {
    map(value, words::close, "`expect_close`");
    expect_close_step close;
    if (const auto* within = value.find("within")) close.within = formula(*within, "`within`");
    if (const auto* code = value.find("code")) close.code = matcher(*code);
    made.what = std::move(close);
  } else if (name == "expect_silence") {
    map(value, words::silence, "`expect_silence`");
    const auto* close = value.find("close");
    if (close != nullptr && text(*close, "`close`") != "allowed")
      fail(*close, "unknown value of `close`; write close: allowed");
    const auto* by = value.find("by");
    if (by != nullptr && text(*by, "`by`") != "waiting") fail(*by, "unknown value of `by`; write by: waiting");
    expect_silence_step silence{close != nullptr, by != nullptr, {}};
    if (const auto* lasts = value.find("for")) silence.lasts = formula(*lasts, "`for`");
    if (silence.by_waiting && silence.lasts) fail(value, "`by` beside `for`, which waits too; remove `by`");
    made.what = silence;
  } else if (name == "call") {
    made.what = call(value);
  } else if (name == "expect_ended") {
    made.what = ended(value);
  } else if (name == "start_tls") {
    made.what = start_tls(value);
  } else if (name == "expect_pending") {
    map(value, words::pending, "`expect_pending`");
    made.what = expect_pending_step{text(need(value, "call", "`expect_pending`"), "`call`")};
  } else if (name == "choice") {
    made.what = choices(n, made.connection);
  } else if (name == "repeat") {
    made.what = rounds(value, made.connection);
  } else if (name == "write_stream") {
    made.what = stream_to_write(value);
  } else if (name == "take_writes") {
    made.what = writes_to_take(value);
  } else if (contains(words::bulk_verbs, name)) {
    made.what = bulk(name, value);
  } else if (contains(words::amps_verbs, name)) {
    made.what = amps(name, value);
  } else {
    empty_map(value, name);
    if (name == "half_close")
      made.what = half_close_step{};
    else if (name == "close")
      made.what = close_step{};
    else if (name == "switched")
      made.what = switched_step{};
    else
      made.what = reset_step{};
  }
  return made;
}

// --- typed values
// ------------------------------------------------------------------------------------------------------------

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

// --- the vector
// --------------------------------------------------------------------------------------------------------------

void suite_reader::matrix(const yaml_node& n, vector& v) {
  map(n, "`matrix`");
  std::size_t points = 1;
  for (const auto& entry : n.entries) {
    if (!is_name(entry.key))
      fail(entry, "bad matrix name `" + entry.key + "`; write lower-case letters, digits and `_`");
    if (!names_.insert(entry.key).second) fail(entry, "`" + entry.key + "` is a limit already; choose another name");
    matrix_axis axis{entry.key, {}};
    for (const auto& item : items_of(entry.value, "values of the matrix")) {
      const std::string& value = text(item, "a value of the matrix");
      if (value.starts_with('$')) fail(item, "a `$name` as a value of the matrix; write the number or text itself");
      if (std::find(axis.values.begin(), axis.values.end(), value) != axis.values.end())
        fail(item, "`" + value + "` stands twice; remove one");
      axis.values.push_back(value);
    }
    if (axis.values.empty()) fail(entry, "no values for `" + entry.key + "`; write [a, b]");
    points *= axis.values.size();
    if (points > most_points) fail(entry, "a matrix of more than 4096 points; write fewer values");
    v.matrix.push_back(std::move(axis));
  }
}

void suite_reader::growth(const yaml_node& n, vector& v) {
  map(n, words::growth, "`growth`");
  growth_kind made;
  for (const auto& item : items_of(need(n, "n", "`growth`"), "`n`")) {
    const std::uint64_t value = number(item, "`n`");
    if (!made.n.empty() && value <= made.n.back()) fail(item, "`n` does not grow; write ascending numbers");
    made.n.push_back(value);
  }
  if (made.n.size() < 2) fail(*n.find("n"), "`n` needs two numbers to compare; write [SMALL, LARGE]");
  if (!names_.insert("n").second) fail(n, "`n` is a name of the matrix already; choose another name there");
  made.bytes = bytes(need(n, "decode", "`growth`"), where::anywhere);
  made.every = formula(need(n, "every", "`growth`"), "`every`");
  const yaml_node& most = need(n, "at_most", "`growth`");
  const std::string& digits = text(most, "`at_most`");
  const bool decimal = !digits.empty() && digits.size() < 12 &&
                       digits.find_first_not_of("0123456789.") == std::string::npos &&
                       std::count(digits.begin(), digits.end(), '.') <= 1 && digits != ".";
  made.at_most = decimal ? std::stod(digits) : 0;
  if (made.at_most < 1) fail(most, "`at_most` must be a number of at least 1; write such as 10 or 2.5");
  v.kind = std::move(made);
}

// What AMPS needs around an exchange.
void suite_reader::surroundings(const yaml_node& n, vector& v) const {
  const auto of_amps = [&](const char* key) {
    const auto* given = n.find(key);
    if (given != nullptr && !messages_) fail(*given, tick(key) + " in a file of " + v.protocol + "; remove it");
    return given;
  };
  if (const auto* f = of_amps("form")) v.form = word(*f, words::forms, "form");
  if (const auto* t = of_amps("transports")) v.transports = some_words(*t, words::transports, "`transports`");
  if (const auto* f = of_amps("fixture")) v.fixture = word(*f, words::fixtures, "fixture");
  if (const auto* h = of_amps("holds")) v.holds = some_words(*h, words::kept_topics, "`holds`");
  if (const auto* u = of_amps("upgrade")) v.upgrade = upgrade(*u);
  if (const auto* o = of_amps("opening")) v.opening = word(*o, words::openings, "`opening`") == "logon";
}

void suite_reader::kind(const yaml_node& n, vector& v) {
  const yaml_entry* kind = nullptr;
  for (const auto& entry : n.entries) {
    if (!contains(words::kinds, entry.key)) continue;
    if (kind != nullptr)
      fail(entry, "two kinds, " + tick(kind->key) + " and " + tick(entry.key) + "; write two vectors");
    kind = &entry;
  }
  if (kind == nullptr)
    fail(n, "no kind; write one of `decode`, `encode`, `steps`, `growth`, `sample`, `parse`, `print`");
  const bool is_typed = kind->key == "parse" || kind->key == "print";
  const bool expects = is_typed || kind->key == "decode" || kind->key == "encode";
  const yaml_node* expect = n.find("expect");
  if (expects && expect == nullptr) fail(*kind, "`" + kind->key + "` without `expect`; write `expect: {…}` beside it");
  if (!expects && expect != nullptr) fail(*expect, "`expect` beside `" + kind->key + "`; remove it");
  const yaml_node* then = n.find("then");
  if (then != nullptr && kind->key != "decode")
    fail(*then, "`then` beside `" + kind->key + "`; it belongs to `decode`");

  for (const char* side : {"type", "arguments"}) {
    if (!is_typed && n.find(side) != nullptr)
      fail(*n.find(side), tick(side) + " beside " + tick(kind->key) + "; it belongs to `parse` and `print`");
  }

  if (is_typed) {
    typed(n, *kind, *expect, v);
  } else if (kind->key == "decode") {
    decode_kind made;
    made.bytes = bytes(kind->value, where::anywhere);
    if (then != nullptr) made.then = bytes(*then, where::anywhere);
    made.expect = each_role<chosen<decode_expectation>>(*expect, v, "`expect`", [&](const yaml_node& e) {
      return choose<decode_expectation>(e, [&](const yaml_node& one) { return decoded(one); });
    });
    v.kind = std::move(made);
  } else if (kind->key == "encode") {
    v.kind = encode_kind{box(kind->value, where::anywhere),
                         choose<encode_expectation>(*expect, [&](const yaml_node& one) { return encoded(one); })};
  } else if (kind->key == "steps") {
    v.kind = steps_kind{
        each_role<steps>(kind->value, v, "`steps`", [&](const yaml_node& one) { return play(one, "main"); })};
  } else if (kind->key == "growth") {
    growth(kind->value, v);
  } else {
    sample(kind->value, v);
  }
}

vector suite_reader::one_vector(const yaml_node& n, const suite_file& file) {
  map(n, words::vector, "a vector");
  vector v;
  v.mark = mark(n);
  v.suite = file.suite;
  v.protocol = file.protocol;
  names_ = {"max_key", "max_value", "chunk"};

  const yaml_node& id = need(n, "id", "a vector");
  v.id = text(id, "`id`");
  const std::string_view tail =
      v.id.starts_with(file.ids + "-") ? std::string_view(v.id).substr(file.ids.size() + 1) : std::string_view();
  if (tail.size() < 3 || tail.size() > 6 || tail.find_first_not_of("0123456789") != std::string_view::npos) {
    fail(id,
         "id `" + v.id + "` does not fit this file; write " + file.ids + "-NNN, or let `ampspec vector new` assign it");
  }
  const yaml_node& title = need(n, "title", "vector " + v.id);
  v.title = text(title, "`title`");
  if (v.title.empty()) fail(title, "an empty title; write a sentence that says what must be true");

  const yaml_node& cites = need(n, "cites", "vector " + v.id);
  v.cites = texts(cites, "`cites`");
  if (v.cites.empty() || v.cites.size() > 3) {
    fail(cites, "`cites` names " + std::to_string(v.cites.size()) +
                    " clauses; name one to three, and further ones in `touches`");
  }
  if (const auto* touches = n.find("touches")) v.touches = texts(*touches, "`touches`");
  const yaml_node& roles = need(n, "roles", "vector " + v.id);
  texts(roles, "`roles`");
  for (const auto& item : roles.items) v.roles.push_back(*role_named(word(item, words::roles, "role")));
  if (v.roles.empty()) fail(roles, "no role; name some of codec, server, client");

  for (const role r : v.roles) v.needs[r] = {};
  if (const auto* needs = n.find("requires")) {
    if (needs->is_map() && !is_by_role(*needs)) map(*needs, words::roles, "`requires`");
    if (is_by_role(*needs)) {
      for (const auto& entry : needs->entries) {
        const role r = *role_named(entry.key);
        if (v.needs.count(r) == 0)
          fail(entry, "`requires` of a role that `roles` does not name; add it there or remove it here");
        v.needs[r] = texts(entry.value, "`requires`");
      }
    } else {
      for (const role r : v.roles) v.needs[r] = texts(*needs, "`requires`");
    }
  }
  if (const auto* t = n.find("tier")) {
    const std::string& name = word(*t, words::tiers, "tier");
    v.level = name == "large" ? tier::large : name == "soak" ? tier::soak : tier::normal;
  }
  static constexpr auto cuts = list("all", "none"), fences = list("auto", "none");
  if (const auto* c = n.find("cuts")) v.cut = word(*c, cuts, "`cuts`") == "all";
  if (const auto* f = n.find("fence")) v.fence = word(*f, fences, "`fence`") == "auto";
  if (const auto* s = n.find("since")) v.since = text(*s, "`since`");
  if (const auto* p = n.find("provenance")) text(*p, "`provenance`");  // for whoever reads the file
  if (const auto* r = n.find("review")) word(*r, words::reviews, "`review`");
  if (const auto* c = n.find("catches")) v.catches = texts(*c, "`catches`");
  if (const auto* m = n.find("matrix")) matrix(*m, v);
  surroundings(n, v);
  kind(n, v);

  static constexpr auto names_only =
      list("id", "title", "cites", "touches", "catches", "since", "provenance", "review");
  hasher h;
  h.add(v.protocol);
  h.add(std::to_string(likeness_of_map(n, names_only)));
  v.likeness = h.value();
  return v;
}

// The last line of each vector: before the next one, less blank lines and comments.
void find_last_lines(suite_file& file, std::string_view source) {
  std::vector<bool> has_text{false};  // by line, from 1
  for (std::size_t at = 0; at < source.size();) {
    const std::size_t end = std::min(source.find('\n', at), source.size());
    const std::size_t first = source.find_first_not_of(" \r", at);
    has_text.push_back(first < end && source[first] != '#');
    at = end + 1;
  }
  for (std::size_t i = 0; i < file.vectors.size(); ++i) {
    int line = i + 1 < file.vectors.size() ? file.vectors[i + 1].mark.line - 1 : static_cast<int>(has_text.size()) - 1;
    while (line > file.vectors[i].mark.line && !has_text[static_cast<std::size_t>(line)]) --line;
    file.vectors[i].last_line = line;
  }
}

suite_file suite_reader::read(const yaml_node& root, std::string_view source) {
  map(root, words::file, "a vector file");
  suite_file made;
  made.path = file();
  const auto head = [&](std::string_view key, std::string& to, source_mark& at) {
    const yaml_node& n = need(root, key, "the file");
    to = text(n, tick(key));
    at = mark(n);
    if (to.empty()) fail(n, tick(key) + " is empty; write its name");
  };
  head("suite", made.suite, made.suite_mark);
  head("protocol", made.protocol, made.protocol_mark);
  word(*root.find("protocol"), words::protocols, "protocol");
  chunks_ = wire_protocol_of(made.protocol) == "amp2";
  messages_ = wire_protocol_of(made.protocol) == "amps";
  head("ids", made.ids, made.ids_mark);
  if (const auto* retired = root.find("retired")) {
    made.retired = texts(*retired, "`retired`");
    made.retired_mark = mark(*retired);
  }
  const yaml_node& all = need(root, "vectors", "the file");
  for (const auto& item : items_of(all, "`vectors`")) made.vectors.push_back(one_vector(item, made));
  find_last_lines(made, source);
  return made;
}

}  // namespace

suite_file load_suite_text(std::string_view text, const std::string& name) {
  return suite_reader(name).read(parse_yaml(text, name), text);
}

suite_file load_suite(const std::filesystem::path& file) { return load_suite_text(read_text(file), file.string()); }

}  // namespace ampspec::vectors
