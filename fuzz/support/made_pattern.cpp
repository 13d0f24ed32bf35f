// Writes patterns and, beside each part, how it matches: by sets of places, without a program or threads.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/made_pattern.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace ampspec::fuzz {
namespace {

using places = std::set<std::size_t>;
using octet_test = std::function<bool(unsigned char)>;

bool in_range(unsigned char c, char low, char high) {
  return c >= static_cast<unsigned char>(low) && c <= static_cast<unsigned char>(high);
}
bool is_alpha(unsigned char c) { return in_range(c, 'a', 'z') || in_range(c, 'A', 'Z'); }
bool is_word(unsigned char c) { return is_alpha(c) || in_range(c, '0', '9') || c == '_'; }
bool is_space(unsigned char c) {
  return std::string_view(" \t\n\v\f\r").find(static_cast<char>(c)) != std::string_view::npos;
}
bool is_graph(unsigned char c) { return c > 0x20 && c < 0x7f; }
unsigned char other_case(unsigned char c) { return is_alpha(c) ? c ^ 0x20 : c; }

struct named_test {
  std::string_view name;
  bool (*has)(unsigned char);
};
constexpr std::array<named_test, 13> classes{
    {{"alpha", is_alpha},
     {"digit", [](unsigned char c) { return in_range(c, '0', '9'); }},
     {"alnum", [](unsigned char c) { return is_alpha(c) || in_range(c, '0', '9'); }},
     {"upper", [](unsigned char c) { return in_range(c, 'A', 'Z'); }},
     {"lower", [](unsigned char c) { return in_range(c, 'a', 'z'); }},
     {"space", is_space},
     {"blank", [](unsigned char c) { return c == ' ' || c == '\t'; }},
     {"word", is_word},
     {"xdigit",
      [](unsigned char c) { return in_range(c, '0', '9') || in_range(c, 'a', 'f') || in_range(c, 'A', 'F'); }},
     {"cntrl", [](unsigned char c) { return c < 0x20 || c == 0x7f; }},
     {"graph", is_graph},
     {"print", [](unsigned char c) { return is_graph(c) || c == ' '; }},
     {"punct", [](unsigned char c) { return is_graph(c) && !is_alpha(c) && !in_range(c, '0', '9'); }}}};
constexpr std::array<named_test, 6> escaped{{{"\\d", [](unsigned char c) { return in_range(c, '0', '9'); }},
                                             {"\\D", [](unsigned char c) { return !in_range(c, '0', '9'); }},
                                             {"\\w", is_word},
                                             {"\\W", [](unsigned char c) { return !is_word(c); }},
                                             {"\\s", is_space},
                                             {"\\S", [](unsigned char c) { return !is_space(c); }}}};

struct named_octet {
  std::string_view text;
  unsigned char is;
};
constexpr std::array<named_octet, 20> octets{
    {{"a", 'a'},    {"b", 'b'},     {"c", 'c'},      {"A", 'A'},     {"1", '1'},     {"_", '_'},    {"-", '-'},
     {" ", ' '},    {"\\.", '.'},   {"\\n", '\n'},   {"\\t", '\t'},  {"\\r", '\r'},  {"\\a", '\a'}, {"\\e", 0x1b},
     {"\\f", '\f'}, {"\\x41", 'A'}, {"\\xe9", 0xe9}, {"\\x62", 'b'}, {"\\\\", '\\'}, {"\\/", '/'}}};

class writer {
 public:
  writer(maker& from, bool fold) : from_(from), fold_(fold) {}

  made_pattern either(int depth) {
    made_pattern made = sequence(depth);
    for (std::size_t more = depth < 3 && from_.below(4) == 1 ? 1 + from_.below(2) : 0; more > 0; --more) {
      auto other = sequence(depth);
      made.text += "|" + other.text;
      made.ends = [a = made.ends, b = other.ends](std::string_view t, std::size_t at) {
        places all = a(t, at);
        all.merge(b(t, at));
        return all;
      };
    }
    return made;
  }

 private:
  static made_pattern where(std::string written, std::function<bool(std::string_view, std::size_t)> holds) {
    return {std::move(written), [holds = std::move(holds)](std::string_view t, std::size_t at) {
              return holds(t, at) ? places{at} : places{};
            }};
  }
  static made_pattern one(std::string written, octet_test test) {
    return {std::move(written), [test = std::move(test)](std::string_view t, std::size_t at) {
              return at < t.size() && test(static_cast<unsigned char>(t[at])) ? places{at + 1} : places{};
            }};
  }

  made_pattern sequence(int depth) {
    made_pattern made{"", [](std::string_view, std::size_t at) { return places{at}; }};
    for (std::size_t parts = from_.below(5); parts > 0 && left_ > 0; --parts) {
      --left_;
      auto part = repeated(depth);
      made.text += part.text;
      made.ends = [a = made.ends, b = part.ends](std::string_view t, std::size_t at) {
        places all;
        for (const auto middle : a(t, at)) all.merge(b(t, middle));
        return all;
      };
    }
    return made;
  }

  made_pattern repeated(int depth) {
    made_pattern made = atom(depth);
    constexpr std::size_t no_end = 1000;
    struct counts {
      std::string_view text;
      std::size_t least, most;
    };
    constexpr std::array<counts, 8> all{{{"*", 0, no_end},
                                         {"+", 1, no_end},
                                         {"?", 0, 1},
                                         {"{2}", 2, 2},
                                         {"{1,}", 1, no_end},
                                         {"{0,2}", 0, 2},
                                         {"{1,3}", 1, 3},
                                         {"{0}", 0, 0}}};
    const std::size_t how = from_.below(32);
    if (how >= 2 * all.size()) return made;
    const auto& n = all[how / 2];
    made.text.append(n.text).append(how % 2 == 0 ? "" : "?");
    made.ends = [one = made.ends, least = n.least, most = n.most](std::string_view t, std::size_t at) {
      places now{at}, found;
      for (std::size_t times = 0;; ++times) {
        if (times >= least) found.insert(now.begin(), now.end());
        places next;
        for (const auto place : now) next.merge(one(t, place));
        const bool is_known = std::includes(found.begin(), found.end(), next.begin(), next.end());
        if (times == most || (times >= least && is_known)) return found;
        now = std::move(next);
      }
    };
    return made;
  }

  made_pattern atom(int depth) {
    switch (from_.below(depth < 3 ? 16 : 13)) {
      case 0:
        return one(".", [](unsigned char c) { return c != '\n'; });
      case 1:
        return where("^", [](std::string_view, std::size_t at) { return at == 0; });
      case 2:
        return where("$", [](std::string_view t, std::size_t at) {
          return at == t.size() || (at + 1 == t.size() && t[at] == '\n');
        });
      case 3:
      case 4: {
        const bool is_border = from_.flag();
        return where(is_border ? "\\b" : "\\B", [is_border](std::string_view t, std::size_t at) {
          const bool left = at > 0 && is_word(static_cast<unsigned char>(t[at - 1]));
          const bool right = at < t.size() && is_word(static_cast<unsigned char>(t[at]));
          return (left != right) == is_border;
        });
      }
      case 5: {
        const auto& some = escaped[from_.below(escaped.size())];
        return one(std::string(some.name), some.has);
      }
      case 6:
      case 7:
        return bracket();
      case 13:
      case 14:
      case 15: {
        const bool captures = from_.flag();
        auto inside = either(depth + 1);
        inside.text = (captures ? "(" : "(?:") + inside.text + ")";
        return inside;
      }
      default: {
        const auto& some = octets[from_.below(octets.size())];
        return one(std::string(some.text), [c = some.is, fold = fold_](unsigned char got) {
          return got == c || (fold && got == other_case(c));
        });
      }
    }
  }

  made_pattern bracket() {
    const bool opposite = from_.below(4) == 1;
    std::string text = opposite ? "[^" : "[";
    std::vector<octet_test> tests;
    const auto octet = [&](unsigned char c) { tests.push_back([c](unsigned char got) { return got == c; }); };
    const std::size_t members = 1 + from_.below(4);
    for (std::size_t i = 0; i < members; ++i) {
      switch (from_.below(10)) {
        case 0: {
          const auto& some = classes[from_.below(classes.size())];
          const bool is_not = from_.below(4) == 1;
          text.append(is_not ? "[:^" : "[:").append(some.name).append(":]");
          tests.push_back([&some, is_not](unsigned char c) { return some.has(c) != is_not; });
          break;
        }
        case 1: {
          const auto& some = escaped[from_.below(escaped.size())];
          text += some.name;
          tests.emplace_back(some.has);
          break;
        }
        case 2:
          text += "a-c";
          tests.push_back([](unsigned char c) { return in_range(c, 'a', 'c'); });
          break;
        case 3:
          text += "\\x30-9";
          tests.push_back([](unsigned char c) { return in_range(c, '0', '9'); });
          break;
        case 4:  // a class ends no range: the dash is itself
          text += "b-\\d";
          octet('b');
          octet('-');
          tests.push_back([](unsigned char c) { return in_range(c, '0', '9'); });
          break;
        case 5:
          text += "\\b";
          octet('\b');
          break;
        case 6:
          if (i == 0) {
            text += "]";
            octet(']');
            break;
          }
          [[fallthrough]];
        default: {
          const auto& some = octets[from_.below(octets.size())];
          if (some.is == '-') break;  // could be a range
          text += some.text;
          octet(some.is);
        }
      }
    }
    if (tests.empty()) {
      text += "z";
      octet('z');
    }
    if (from_.below(8) == 1) {
      text += "-";
      octet('-');
    }
    return one(text + "]", [tests, opposite, fold = fold_](unsigned char c) {
      for (const auto& test : tests) {
        if (test(c) || (fold && test(other_case(c)))) return !opposite;
      }
      return opposite;
    });
  }

  maker& from_;
  bool fold_;
  std::size_t left_ = 24;  // parts that may still come
};

}  // namespace

bool made_pattern::found_in(std::string_view in) const {
  for (std::size_t at = 0; at <= in.size(); ++at) {
    if (!ends(in, at).empty()) return true;
  }
  return false;
}

made_pattern a_pattern(maker& from) {
  const bool folds = from.below(8) == 1;
  auto made = writer(from, folds).either(0);
  if (folds) made.text.insert(0, "(?i)");
  return made;
}

std::string a_pattern_text(maker& from) {
  constexpr std::string_view some = "aabbcAB1-_ ./\n\t\r\a\x1b\f\xe9\\]\bz,";
  std::string made;
  for (std::size_t size = from.below(12); size > 0; --size) made += some[from.below(some.size())];
  return made;
}

}  // namespace ampspec::fuzz
