// Reads vector files: the grammar of docs/vector-format.md.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/loader.hpp"

#include "conformance/vectors/suite_reader.hpp"

#include <algorithm>

namespace ampspec::vectors {
namespace {

constexpr std::size_t most_points = 4096;  // of a matrix

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

}  // namespace

std::string tick(std::string_view word) {
  std::string quoted(1, '`');
  quoted += word;
  return quoted += '`';
}

bool is_by_role(const yaml_node& n) {
  return n.is_map() && !n.entries.empty() && std::all_of(n.entries.begin(), n.entries.end(), [](const yaml_entry& e) {
           return contains(words::roles, e.key);
         });
}

std::uint64_t likeness(const yaml_node& n) {
  if (n.is_map()) return likeness_of_map(n, {});
  hasher h;
  h.add(n.is_scalar() ? "text" : "list");
  h.add(n.text);
  for (const auto& item : n.items) h.add(std::to_string(likeness(item)));
  return h.value();
}

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

suite_file load_suite_text(std::string_view text, const std::string& name) {
  return suite_reader(name).read(parse_yaml(text, name), text);
}

suite_file load_suite(const std::filesystem::path& file) { return load_suite_text(read_text(file), file.string()); }

}  // namespace ampspec::vectors
