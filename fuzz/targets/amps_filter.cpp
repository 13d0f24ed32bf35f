// Property: filters keep the laws of logic, patterns those of their dialect, and both cost what their size allows.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/budget.hpp"
#include "fuzz/support/made_filter.hpp"
#include "fuzz/support/made_pattern.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amps/filter.hpp"
#include "reference/amps/topic_pattern.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>

namespace ampspec::fuzz {
namespace {

std::shared_ptr<const amps::filter> parsed(const std::string& text) {
  amps::syntax_error wrong;
  auto made = amps::filter::parse(text, wrong);
  AMPSPEC_ORACLE("model", made || wrong.offset <= text.size());
  return made;
}

// What must be there for a filter to be true.
void hold_needs(const amps::filter& f, const amps::record_view& record, bool is) {
  const auto* needs = f.needs();
  if (needs == nullptr || !is) return;
  const auto& values = record.at(*needs->where);
  AMPSPEC_ORACLE("model", std::any_of(values.begin(), values.end(), [&](const amps::scalar& s) {
                   return amps::compare(s, needs->what) == amps::ordering::equal;
                 }));
}

void filters(const std::string& one, const std::string& other, std::string_view body) {
  const auto a = parsed(one), b = parsed(other);
  const amps::record_view record(body);
  const auto holds = [&](const std::string& text) -> std::optional<bool> {
    const auto f = parsed(text);
    return f ? std::optional(f->matches(record)) : std::nullopt;
  };
  if (!a) return;
  const bool is_a = a->matches(record);
  AMPSPEC_ORACLE("replay", a->matches(amps::record_view(body)) == is_a);
  if (a->passes_all()) return;
  hold_needs(*a, record, is_a);
  // Deeper nesting may be one more than is allowed, and is refused then.
  if (const auto negated = holds("NOT (" + one + ")")) AMPSPEC_ORACLE("model", *negated == !is_a);  // AMPS-FILTER-008
  if (const auto grouped = holds("(" + one + ")")) AMPSPEC_ORACLE("model", *grouped == is_a);
  if (!b || b->passes_all()) return;
  const bool is_b = b->matches(record);
  if (const auto both = holds("(" + one + ") AND (" + other + ")")) AMPSPEC_ORACLE("model", *both == (is_a && is_b));
  if (const auto either = holds("(" + one + ") OR (" + other + ")")) AMPSPEC_ORACLE("model", *either == (is_a || is_b));
  if (const auto mixed = holds("(" + other + ") OR (" + one + ") AND (" + other + ")")) {
    AMPSPEC_ORACLE("model", *mixed == is_b);  // absorption: AND binds closer
  }
}

// Searches, and holds what that costs against the size of the compiled pattern, which a count in braces makes large:
// each instruction is looked at once for each octet of the topic, however many ways lead to it (AMPS-SUB-018).
std::optional<bool> searched(const std::string& pattern, std::string_view topic) {
  amps::syntax_error wrong;
  const std::uint64_t before = work();
  const auto made = amps::regex::compile(pattern, wrong);
  const std::uint64_t compiled = work();
  // Sets of 256 bits are moved for each octet, and parts that are counted are written as often as the count says.
  AMPSPEC_ORACLE("work",
                 compiled - before <= 20'000 + 1'200 * pattern.size() + (made ? 64 * made->octets() : 1'000'000));
  if (!made) return std::nullopt;
  const bool found = made->found_in(topic);
  // Half of this was the most that any pattern took.
  AMPSPEC_ORACLE("work", 2 * (work() - compiled) <= 4'000 + 3 * made->octets() * (topic.size() + 1));
  return found;
}

void topics(const std::string& pattern, const std::string& other, std::string_view topic) {
  amps::syntax_error wrong;
  const auto literal = amps::topic_pattern::parse(pattern, true, wrong);
  AMPSPEC_ORACLE("model", literal && literal->matches(topic) == (pattern == topic) && literal->matches(pattern));
  const auto found = [&](const std::string& text) -> std::optional<bool> {
    const auto made = amps::regex::compile(text, wrong);
    return made ? std::optional(made->found_in(topic)) : std::nullopt;
  };
  const auto a = searched(pattern, topic), b = searched(other, topic);
  if (a && !pattern.starts_with("(?i)")) {
    if (const auto grouped = found("(?:" + pattern + ")")) AMPSPEC_ORACLE("model", *grouped == *a);
    if (const auto anywhere = found("(?:" + pattern + "|)")) AMPSPEC_ORACLE("model", *anywhere);
    if (const auto prefixed = found("[^a]?(?:" + pattern + ")")) AMPSPEC_ORACLE("model", *prefixed == *a);
    if (b && !other.starts_with("(?i)")) {
      if (const auto either = found("(?:" + pattern + ")|(?:" + other + ")"))
        AMPSPEC_ORACLE("model", *either == (*a || *b));
    }
  }
  const auto made = amps::topic_pattern::parse(pattern, false, wrong);
  if (!made) return;
  AMPSPEC_ORACLE("model", made->is_literal() == !amps::topic_pattern::looks_like_pattern(pattern));
  if (made->is_literal()) {
    AMPSPEC_ORACLE("model", made->matches(topic) == (pattern == topic));
  } else if (!topic.starts_with(amps::reserved_topics)) {
    AMPSPEC_ORACLE("model", a && made->matches(topic) == *a);
  }
}

// A filter and what it is of the record that it is made for.
struct made_filter {
  std::string text;
  bool is;
};

struct made_record {
  int a, b;
  std::string c;
  std::string body() const {
    return R"({"a":)" + std::to_string(a) + R"(,"b":)" + std::to_string(b) + R"(,"c":")" + c + "\"}";
  }
};

made_filter make(maker& from, const made_record& record, int depth) {
  constexpr std::array<std::string_view, 6> operators{"=", "!=", "<", "<=", ">", ">="};
  const bool is_a = from.flag();
  const std::string path = is_a ? "/a" : "/b";
  const int value = is_a ? record.a : record.b;
  switch (depth == 0 ? 6 : depth >= 5 ? from.below(5) : from.below(9)) {
    case 0: {
      const std::string c = from.flag() ? "x" : "y";
      return {"/c = '" + c + "'", record.c == c};
    }
    case 1: {
      const int low = static_cast<int>(from.below(4)), high = static_cast<int>(from.below(4));
      return {path + " BETWEEN " + std::to_string(low) + " AND " + std::to_string(high), value >= low && value <= high};
    }
    case 2: {
      const int one = static_cast<int>(from.below(4)), other = static_cast<int>(from.below(4));
      return {path + " IN (" + std::to_string(one) + "," + std::to_string(other) + ")", value == one || value == other};
    }
    case 3:
      return from.flag() ? made_filter{"/z IS NULL", true} : made_filter{"/z = 1", false};
    case 5: {
      const auto inner = make(from, record, depth + 1);
      return {"NOT " + inner.text, !inner.is};
    }
    case 6:
    case 7:
    case 8: {
      const bool all = from.flag();
      const std::size_t parts = 2 + from.below(3);
      made_filter made{"(", all};
      for (std::size_t i = 0; i < parts; ++i) {
        const auto part = make(from, record, depth + 1);
        made.text.append(i == 0 ? "" : all ? " AND " : " OR ").append(part.text);
        made.is = all ? made.is && part.is : made.is || part.is;
      }
      made.text += ")";
      return made;
    }
    default: {
      const std::size_t how = from.below(operators.size());
      const int with = static_cast<int>(from.below(4));
      const std::array<bool, 6> is{value == with, value != with, value<with, value <= with, value> with, value >= with};
      return {path + " " + std::string(operators[how]) + " " + std::to_string(with), is[how]};
    }
  }
}

void made(maker from) {
  made_record record{static_cast<int>(from.below(4)), static_cast<int>(from.below(4)), from.flag() ? "x" : "y"};
  const auto wanted = make(from, record, 0);
  const auto f = parsed(wanted.text);
  const std::string body = record.body();
  AMPSPEC_ORACLE("model", f && f->matches(amps::record_view(body)) == wanted.is);
}

// One whose every part is known.
void made_whole(maker from) {
  const auto wanted = a_filter_case(from);
  amps::syntax_error wrong;
  const auto f = amps::filter::parse(wanted.filter.text, wrong);
  AMPSPEC_ORACLE("model", f || wrong.what == "pattern too large");
  if (!f) return;
  AMPSPEC_ORACLE("model", !f->passes_all() && f->text() == wanted.filter.text);
  const amps::record_view record(wanted.body);
  AMPSPEC_ORACLE("model", f->matches(record) == wanted.filter.is);
  AMPSPEC_ORACLE("limit", f->octets() >= wanted.filter.text.size());
  hold_needs(*f, record, wanted.filter.is);
}

// How two literals stand to each other, whatever they are: one of three ways, or none where one is no number.
void literals(maker from) {
  constexpr std::array<std::string_view, 24> some{"0",
                                                  "1",
                                                  "2.5",
                                                  "007",
                                                  "1e3",
                                                  "1E+2",
                                                  "1e400",
                                                  "1e-400",
                                                  "9007199254740993",
                                                  "9223372036854775807",
                                                  "9223372036854775808",
                                                  "18446744073709551615",
                                                  "18446744073709551616",
                                                  "'abc'",
                                                  "'1'",
                                                  "'-2.5'",
                                                  "'18446744073709551615'",
                                                  "'1e'",
                                                  "'1.'",
                                                  "(1 / 0)",
                                                  "-(9223372036854775808)",
                                                  "(3 - 5)",
                                                  "(0.0 / 0.0)",
                                                  "(5.5 % 2)"};
  const std::string a(some[from.below(some.size())]), b(some[from.below(some.size())]);
  const auto holds = [](const std::string& text) {
    const auto f = parsed(text);
    AMPSPEC_ORACLE("model", f);
    return f->matches(amps::record_view("{}"));
  };
  const bool less = holds(a + " < " + b), equal = holds(a + " = " + b), greater = holds(a + " > " + b);
  AMPSPEC_ORACLE("model", less + equal + greater <= 1);
  AMPSPEC_ORACLE("model", holds(b + " > " + a) == less && holds(b + " = " + a) == equal);
  AMPSPEC_ORACLE("model", holds(a + " <= " + b) == (less || equal) && holds(a + " >= " + b) == (greater || equal));
  AMPSPEC_ORACLE("model", holds(a + " <> " + b) == (less || greater));
  AMPSPEC_ORACLE("model", holds(a + " BETWEEN " + b + " AND " + b) == equal && holds(a + " IN (" + b + ")") == equal);
  const std::string sum = "(" + a + " + " + b + ")", product = "(" + a + " * " + b + ")";
  AMPSPEC_ORACLE("model", holds(sum + " = (" + b + " + " + a + ")") == holds(sum + " = " + sum));
  AMPSPEC_ORACLE("model", holds(product + " = (" + b + " * " + a + ")") == holds(product + " = " + product));
  const std::string difference = "(" + a + " - " + b + ")";
  AMPSPEC_ORACLE("model", holds(difference + " = -(" + b + " - " + a + ")") == holds(difference + " = " + difference));
}

// A pattern whose matches are known.
void made_pattern_in_topic(maker from) {
  const auto pattern = a_pattern(from);
  amps::syntax_error wrong;
  const auto compiled = amps::regex::compile(pattern.text, wrong);
  AMPSPEC_ORACLE("model", compiled || wrong.what == "pattern too large");
  if (!compiled) return;
  for (int i = 0; i < 3; ++i) {
    const std::string topic = a_pattern_text(from);
    AMPSPEC_ORACLE("model", compiled->found_in(topic) == pattern.found_in(topic));
  }
}

}  // namespace

// Patterns that may find the same in many ways, and a topic that has much of it.
void made_topics(maker from) {
  constexpr std::array<std::string_view, 26> parts{"a",
                                                   "b",
                                                   ".",
                                                   "[ab]",
                                                   "a*",
                                                   ".*",
                                                   "a+",
                                                   "(a|a)*",
                                                   "b?",
                                                   "^a",
                                                   "(ab)+$",
                                                   "[^b]",
                                                   "(?:a|ab)",
                                                   "(a*)*",
                                                   "\\w",
                                                   "a|b",
                                                   "a{0,40}",
                                                   "(a|b){2,}",
                                                   "aaaaaaaaaa",
                                                   ".......",
                                                   "(?:a|.|a|.|a)",
                                                   ".{0,9}",
                                                   "a??",
                                                   "aaaab",
                                                   "a{0,40}aaaaaaaaaaaaaaaaaaaa",
                                                   "(?:a|a|a|a|a|a|a|a)aaaaaaaaaaaaaaaaaaaa"};
  const auto pattern = [&] {
    std::string text;
    for (std::size_t left = 1 + from.below(8); left > 0; --left) text += parts[from.below(parts.size())];
    return text;
  };
  const std::string one = pattern(), other = pattern();
  const std::size_t size = from.below(128);
  topics(one, other, std::string(size, 'a').append(from.take(8)));
}

// Input: one octet that chooses, and what a filter or a pattern is made of, or three texts with line feeds between
// them.
void amps_filter(std::string_view input) {
  maker from(input);
  const std::uint8_t first = from.octet();
  const std::size_t form = first % 4, more = first / 4 % 4;
  if (form == 2) return more == 0 ? made(from) : more == 1 ? literals(from) : made_whole(from);
  if (form == 3) return more == 0 ? made_topics(from) : made_pattern_in_topic(from);
  const bool is_topic = form == 1;
  std::string_view rest = from.rest();
  const auto line = [&] {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string text(rest.substr(0, std::min<std::size_t>(end, 400)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return text;
  };
  const std::string one = line(), other = line();
  if (is_topic) {
    topics(one, other, rest.substr(0, 400));
  } else {
    filters(one, other, rest);
  }
}

}  // namespace ampspec::fuzz
