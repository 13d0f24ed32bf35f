// Parses to a tree, writes a program of a few instructions, and runs all its threads side by side over the text.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/regex.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace ampspec::amps {

namespace {

using octet_set = std::bitset<256>;

bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
bool is_lower(unsigned char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(unsigned char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(unsigned char c) { return is_lower(c) || is_upper(c); }
bool is_word(unsigned char c) { return is_letter(c) || is_digit(c) || c == '_'; }
bool is_space(unsigned char c) { return c == ' ' || (c >= 9 && c <= 13); }
bool is_printable(unsigned char c) { return c > 0x20 && c < 0x7F; }
bool is_hex(unsigned char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

template <class Test>
octet_set octets_that(Test test) {
  octet_set set;
  for (unsigned c = 0; c < 256; ++c) set[c] = test(static_cast<unsigned char>(c));
  return set;
}

/// `\d`, `\w`, `\s` and their opposites.
std::optional<octet_set> class_escape(char c) {
  switch (c) {
    case 'd':
      return octets_that(is_digit);
    case 'D':
      return ~octets_that(is_digit);
    case 'w':
      return octets_that(is_word);
    case 'W':
      return ~octets_that(is_word);
    case 's':
      return octets_that(is_space);
    case 'S':
      return ~octets_that(is_space);
    default:
      return std::nullopt;
  }
}

std::optional<octet_set> named_class(std::string_view name) {
  if (name == "alpha") return octets_that(is_letter);
  if (name == "digit") return octets_that(is_digit);
  if (name == "alnum") return octets_that([](unsigned char c) { return is_letter(c) || is_digit(c); });
  if (name == "upper") return octets_that(is_upper);
  if (name == "lower") return octets_that(is_lower);
  if (name == "space") return octets_that(is_space);
  if (name == "blank") return octets_that([](unsigned char c) { return c == ' ' || c == '\t'; });
  if (name == "word") return octets_that(is_word);
  if (name == "xdigit") return octets_that(is_hex);
  if (name == "cntrl") return octets_that([](unsigned char c) { return c < 0x20 || c == 0x7F; });
  if (name == "graph") return octets_that(is_printable);
  if (name == "print") return octets_that([](unsigned char c) { return is_printable(c) || c == ' '; });
  if (name == "punct") {
    return octets_that([](unsigned char c) { return is_printable(c) && !is_letter(c) && !is_digit(c); });
  }
  return std::nullopt;
}

}  // namespace

class regex::compiler {
 public:
  compiler(std::string_view pattern, regex& made, syntax_error& wrong) : p_(pattern), made_(made), wrong_(wrong) {}

  bool run() {
    if (p_.starts_with("(?i)")) {
      fold_ = true;
      at_ = 4;
    }
    const auto all = alternatives(0);
    if (!all) return false;
    if (at_ < p_.size()) return fail(at_, "closing parenthesis without an opening one");
    take_literal(*all);
    if (!write(*all)) return false;
    made_.program_.push_back({op::done});
    return true;
  }

 private:
  enum class kind { nothing, octet, set, any, begin, end, border, no_border, sequence, either, repeat };
  struct node {
    kind what = kind::nothing;
    std::uint8_t value = 0;
    octet_set set = {};
    std::vector<node> parts = {};
    std::uint32_t least = 0, most = 0;
    std::size_t at = 0;
  };
  static constexpr std::uint32_t no_end = UINT32_MAX;

  bool fail(std::size_t at, std::string_view what) {
    wrong_ = {at, what};
    return false;
  }
  std::nullopt_t none(std::size_t at, std::string_view what) {
    fail(at, what);
    return std::nullopt;
  }
  bool more() const { return at_ < p_.size(); }
  bool take(char c) {
    if (!more() || p_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::optional<node> alternatives(int depth) {
    if (depth > max_depth) return none(at_, "groups too deep inside each other");
    node all{kind::either};
    do {
      auto one = sequence(depth);
      if (!one) return std::nullopt;
      all.parts.push_back(std::move(*one));
    } while (take('|'));
    if (all.parts.size() == 1) return std::move(all.parts.front());
    return all;
  }

  std::optional<node> sequence(int depth) {
    node all{kind::sequence};
    while (more() && p_[at_] != '|' && p_[at_] != ')') {
      auto one = atom(depth);
      if (!one) return std::nullopt;
      auto repeated = quantified(std::move(*one));
      if (!repeated) return std::nullopt;
      all.parts.push_back(std::move(*repeated));
    }
    return all;
  }

  std::optional<node> quantified(node what) {
    const auto at = at_;
    std::uint32_t least = 0, most = no_end;
    if (take('*')) {
    } else if (take('+')) {
      least = 1;
    } else if (take('?')) {
      most = 1;
    } else if (more() && p_[at_] == '{') {
      const auto seen = counts(least, most);
      if (!seen) return what;  // a brace that is no quantifier stands for itself
      if (least > max_size || (most != no_end && most > max_size)) return none(at, "repetition too large");
      if (most < least) return none(at, "numbers of a repetition out of order");
      at_ = *seen;
    } else {
      return what;
    }
    take('?');  // lazy: whether something is found does not depend on it
    if (more() && p_[at_] == '+') return none(at_, "possessive quantifiers are not supported");
    if (more() && (p_[at_] == '*' || p_[at_] == '?')) return none(at_, "nothing to repeat");
    node all{kind::repeat};
    all.least = least;
    all.most = most;
    all.at = at;
    all.parts.push_back(std::move(what));
    if (more() && p_[at_] == '{') {
      std::uint32_t a = 0, b = 0;
      if (counts(a, b)) return none(at_, "nothing to repeat");
    }
    return all;
  }

  /// `{m}`, `{m,}` or `{m,n}` at at_: the place behind it; nothing if it is none.
  std::optional<std::size_t> counts(std::uint32_t& least, std::uint32_t& most) const {
    std::size_t at = at_ + 1;
    const auto number = [&](std::uint32_t& n) {
      const auto begin = at;
      std::uint64_t all = 0;
      while (at < p_.size() && is_digit(static_cast<unsigned char>(p_[at]))) {
        all = std::min<std::uint64_t>(all * 10 + static_cast<std::uint64_t>(p_[at++] - '0'), 1'000'000);
      }
      n = static_cast<std::uint32_t>(all);
      return at > begin;
    };
    if (!number(least)) return std::nullopt;
    most = least;
    if (at < p_.size() && p_[at] == ',') {
      ++at;
      if (!number(most)) most = no_end;
    }
    if (at == p_.size() || p_[at] != '}') return std::nullopt;
    return at + 1;
  }

  std::optional<node> atom(int depth) {
    const auto at = at_;
    const char c = p_[at_++];
    switch (c) {
      case '*':
      case '+':
      case '?':
        return none(at, "nothing to repeat");
      case '.':
        return node{kind::any};
      case '^':
        return node{kind::begin};
      case '$':
        return node{kind::end};
      case '[':
        return bracket(at);
      case '\\':
        return escape(at);
      case '(': {
        if (take('?') && !take(':'))
          return none(at, "groups with (? are not supported, but for (?: and a leading (?i)");
        auto inside = alternatives(depth + 1);
        if (!inside) return std::nullopt;
        if (!take(')')) return none(at, "missing closing parenthesis");
        node group{kind::sequence};
        group.parts.push_back(std::move(*inside));
        return group;
      }
      default:
        break;
    }
    std::uint32_t a = 0, b = 0;
    if (c == '{') {
      at_ = at;
      const bool repeats = counts(a, b).has_value();
      at_ = at + 1;
      if (repeats) return none(at, "nothing to repeat");
    }
    return single(static_cast<unsigned char>(c));
  }

  node single(unsigned char c) const {
    if (fold_ && is_letter(c)) {
      node both{kind::set};
      both.set[c] = both.set[c ^ 0x20] = true;
      return both;
    }
    return node{kind::octet, c};
  }

  /// The octet that an escape inside or outside of brackets stands for; at_ is behind the backslash and its letter.
  std::optional<unsigned char> octet_escape(char c, std::size_t at) {
    switch (c) {
      case 'a':
        return '\a';
      case 'e':
        return 0x1B;
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'x': {
        unsigned value = 0;
        for (int i = 0; i < 2 && more() && is_hex(static_cast<unsigned char>(p_[at_])); ++i) {
          const auto h = static_cast<unsigned char>(p_[at_++]);
          value = value * 16 + static_cast<unsigned>(is_digit(h) ? h - '0' : (h | 0x20) - 'a' + 10);
        }
        return static_cast<unsigned char>(value);
      }
      default:
        break;
    }
    const auto u = static_cast<unsigned char>(c);
    if (is_letter(u) || is_digit(u)) return none(at, "escape is not supported");
    return u;
  }

  std::optional<node> escape(std::size_t at) {
    if (!more()) return none(at, "backslash at the end");
    const char c = p_[at_++];
    if (const auto set = class_escape(c)) return node{kind::set, 0, *set};
    if (c == 'b') return node{kind::border};
    if (c == 'B') return node{kind::no_border};
    const auto octet = octet_escape(c, at);
    if (!octet) return std::nullopt;
    return single(*octet);
  }

  /// One member of a bracketed set: a class goes into `set`, a single octet into `value`.
  bool member(std::size_t open, octet_set& set, std::optional<unsigned char>& value) {
    value.reset();
    const auto at = at_;
    const char c = p_[at_++];
    if (c == '[' && more() && p_[at_] == ':') {
      const auto end = p_.find(":]", at_ + 1);
      if (end != std::string_view::npos) {
        auto name = p_.substr(at_ + 1, end - at_ - 1);
        const bool opposite = name.starts_with('^');
        if (opposite) name.remove_prefix(1);
        const auto named = named_class(name);
        if (!named) return fail(at, "unknown class name");
        set |= opposite ? ~*named : *named;
        at_ = end + 2;
        return true;
      }
    }
    if (c != '\\') {
      value = static_cast<unsigned char>(c);
      return true;
    }
    if (!more()) return fail(open, "missing closing bracket");
    const char e = p_[at_++];
    if (const auto named = class_escape(e)) {
      set |= *named;
      return true;
    }
    value = e == 'b' ? std::optional<unsigned char>('\b') : octet_escape(e, at);
    return value.has_value();
  }

  std::optional<node> bracket(std::size_t open) {
    node all{kind::set};
    const bool opposite = take('^');
    for (bool first = true;; first = false) {
      if (!more()) return none(open, "missing closing bracket");
      if (!first && take(']')) break;
      const auto at = at_;
      std::optional<unsigned char> from, to;
      if (!member(open, all.set, from)) return std::nullopt;
      if (!from) continue;
      to = from;
      if (at_ + 1 < p_.size() && p_[at_] == '-' && p_[at_ + 1] != ']') {
        ++at_;
        octet_set named;
        if (!member(open, named, to)) return std::nullopt;
        if (!to) {  // a class can't end a range: the dash stands for itself
          all.set |= named;
          all.set['-'] = true;
          to = from;
        }
      }
      if (*to < *from) return none(at, "range out of order");
      for (unsigned c = *from; c <= *to; ++c) all.set[c] = true;
    }
    if (fold_) {
      for (unsigned c = 'a'; c <= 'z'; ++c) {
        if (all.set[c] || all.set[c ^ 0x20]) all.set[c] = all.set[c ^ 0x20] = true;
      }
    }
    if (opposite) all.set.flip();
    return all;
  }

  // --- program ---

  std::uint32_t here() const { return static_cast<std::uint32_t>(made_.program_.size()); }
  bool add(instruction what, std::size_t at) {
    if (made_.program_.size() >= max_size) return fail(at, "pattern too large");
    made_.program_.push_back(what);
    return true;
  }

  bool write(const node& n) {
    switch (n.what) {
      case kind::nothing:
        return true;
      case kind::octet:
        return add({op::octet, n.value}, n.at);
      case kind::any:
        return add({op::any}, n.at);
      case kind::begin:
        return add({op::begin}, n.at);
      case kind::end:
        return add({op::end}, n.at);
      case kind::border:
        return add({op::border}, n.at);
      case kind::no_border:
        return add({op::no_border}, n.at);
      case kind::set: {
        made_.sets_.push_back(n.set);
        return add({op::set, 0, static_cast<std::uint32_t>(made_.sets_.size() - 1)}, n.at);
      }
      case kind::sequence:
        return std::all_of(n.parts.begin(), n.parts.end(), [&](const node& part) { return write(part); });
      case kind::either:
        return write_either(n);
      case kind::repeat:
        return write_repeat(n);
    }
    return false;
  }

  bool write_either(const node& n) {
    std::vector<std::uint32_t> jumps;
    for (std::size_t i = 0; i + 1 < n.parts.size(); ++i) {
      const auto split = here();
      if (!add({op::split, 0, split + 1}, n.at) || !write(n.parts[i])) return false;
      jumps.push_back(here());
      if (!add({op::jump}, n.at)) return false;
      made_.program_[split].or_to = here();
    }
    if (!write(n.parts.back())) return false;
    for (const auto jump : jumps) made_.program_[jump].to = here();
    return true;
  }

  bool write_repeat(const node& n) {
    const auto& what = n.parts.front();
    for (std::uint32_t i = 0; i < n.least; ++i) {
      const auto before = here();
      if (!write(what)) return false;
      if (here() == before) return true;  // nothing, however often
    }
    if (n.most == no_end) {
      const auto split = here();
      if (!add({op::split, 0, split + 1}, n.at) || !write(what) || !add({op::jump, 0, split}, n.at)) return false;
      made_.program_[split].or_to = here();
      return true;
    }
    std::vector<std::uint32_t> splits;
    for (auto i = n.least; i < n.most; ++i) {
      splits.push_back(here());
      if (!add({op::split, 0, here() + 1}, n.at)) return false;
      const auto before = here();
      if (!write(what)) return false;
      if (here() == before) break;
    }
    for (const auto split : splits) made_.program_[split].or_to = here();
    return true;
  }

  /// Most patterns are a text with `^` or `$` at its ends: those need no threads.
  void take_literal(const node& all) {
    std::vector<const node*> parts;
    if (all.what == kind::sequence) {
      for (const auto& part : all.parts) parts.push_back(&part);
    } else {
      parts.push_back(&all);
    }
    std::size_t from = 0, to = parts.size();
    if (from < to && parts[from]->what == kind::begin) {
      made_.at_begin_ = true;
      ++from;
    }
    if (from < to && parts[to - 1]->what == kind::end) {
      made_.at_end_ = true;
      --to;
    }
    for (; from < to; ++from) {
      if (parts[from]->what != kind::octet) return;
      made_.literal_ += static_cast<char>(parts[from]->value);
    }
    made_.is_literal_ = true;
  }

  std::string_view p_;
  regex& made_;
  syntax_error& wrong_;
  std::size_t at_ = 0;
  bool fold_ = false;
};

std::shared_ptr<const regex> regex::compile(std::string_view pattern, syntax_error& wrong) {
  auto made = std::make_shared<regex>();
  if (!compiler(pattern, *made, wrong).run()) return nullptr;
  return made;
}

bool regex::found_in(std::string_view text) const {
  if (!is_literal_) return search(text);
  if (!at_end_) return at_begin_ ? text.starts_with(literal_) : text.find(literal_) != std::string_view::npos;
  // `$` also stands before a last line feed.
  const auto ends = [&](std::string_view t) { return at_begin_ ? t == literal_ : t.ends_with(literal_); };
  return ends(text) || (text.ends_with('\n') && ends(text.substr(0, text.size() - 1)));
}

bool regex::search(std::string_view text) const {
  // Threads, each known by the instruction that it stands at: none twice, so that a step costs at most the program.
  std::vector<std::uint32_t> now, next, pending;
  std::vector<std::size_t> seen(program_.size(), 0);  // position + 1 at which an instruction was last entered
  std::size_t steps = 0;

  const auto enter = [&](std::vector<std::uint32_t>& list, std::uint32_t start, std::size_t at) {
    pending.push_back(start);
    while (!pending.empty()) {
      const auto pc = pending.back();
      pending.pop_back();
      if (seen[pc] == at + 1) continue;
      seen[pc] = at + 1;
      ++steps;
      const auto& i = program_[pc];
      bool holds = true;
      switch (i.what) {
        case op::jump:
          pending.push_back(i.to);
          continue;
        case op::split:
          pending.push_back(i.or_to);
          pending.push_back(i.to);
          continue;
        case op::begin:
          holds = at == 0;
          break;
        case op::end:
          holds = at == text.size() || (at + 1 == text.size() && text[at] == '\n');
          break;
        case op::border:
        case op::no_border: {
          const bool left = at > 0 && is_word(static_cast<unsigned char>(text[at - 1]));
          const bool right = at < text.size() && is_word(static_cast<unsigned char>(text[at]));
          holds = (left != right) == (i.what == op::border);
          break;
        }
        case op::done:
          return true;
        default:
          list.push_back(pc);
          continue;
      }
      if (holds) pending.push_back(pc + 1);
    }
    return false;
  };

  for (std::size_t at = 0;; ++at) {
    if (enter(now, 0, at)) return true;
    if (at == text.size() || steps > max_steps) return false;
    const auto c = static_cast<unsigned char>(text[at]);
    next.clear();
    for (const auto pc : now) {
      const auto& i = program_[pc];
      const bool takes = i.what == op::any ? c != '\n' : i.what == op::octet ? c == i.value : sets_[i.to][c];
      if (takes && enter(next, pc + 1, at + 1)) return true;
    }
    steps += now.size();
    now.swap(next);
    if (at_begin_ && now.empty()) return false;
  }
}

}  // namespace ampspec::amps
