// Writes filters and works out beside each part, with plain numbers and texts, what it is.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/made_filter.hpp"

#include "fuzz/support/made_pattern.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace ampspec::fuzz {
namespace {

// One scalar: a number, a text, or what is no number and stands to nothing.
struct scalar {
  enum class form { number, text, not_a_number } is = form::number;
  double number = 0;
  std::string text = {};  // of a number: as it is written, empty if it was calculated
};

// The number that a scalar is; the texts here have no exponent.
std::optional<double> number_of(const scalar& s) {
  if (s.is == scalar::form::number) return s.number;
  if (s.is == scalar::form::not_a_number) return std::nullopt;
  const std::string digits = s.text.starts_with('-') ? s.text.substr(1) : s.text;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const auto all_digits = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!all_digits(digits.substr(0, point))) return std::nullopt;
  if (point < digits.size() && !all_digits(digits.substr(point + 1))) return std::nullopt;
  return std::strtod(s.text.c_str(), nullptr);
}

// -1, 0, 1: how they stand; nothing if one is no number (AMPS-FILTER-009, -010).
std::optional<int> order(const scalar& a, const scalar& b) {
  using form = scalar::form;
  if (a.is == form::not_a_number || b.is == form::not_a_number) return std::nullopt;
  if (a.is == form::text && b.is == form::text) return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
  const auto x = number_of(a), y = number_of(b);
  if (!x) return 1;  // a text that is no number is greater than any number
  if (!y) return -1;
  return *x < *y ? -1 : *x > *y ? 1 : 0;
}

// What a value is: nothing, one scalar, or those of an array.
struct expression {
  std::string text;
  std::vector<scalar> is;
};

class writer {
 public:
  explicit writer(maker& from) : from_(from) {
    a_ = static_cast<long>(from.below(10));
    s_ = static_cast<long>(from.below(10));
    for (std::size_t n = from.below(4); n > 0; --n) list_.push_back(static_cast<long>(from.below(4)));
    text_ = a_pattern_text(from);
  }

  std::string body() const {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string list, text;
    for (const long n : list_) list.append(list.empty() ? "" : " , ").append(std::to_string(n));
    for (const char c : text_) {  // every octet as its code, but those that would be two octets
      const auto u = static_cast<unsigned char>(c);
      if (u >= 0x80) {
        text += c;
      } else {
        text += "\\u00";
        text += hex[u >> 4];
        text += hex[u & 15];
      }
    }
    return R"({"\u0061":)" + std::to_string(a_) + R"(,"s":")" + std::to_string(s_) + R"(","l":[)" + list +
           R"(],"t":")" + text +
           R"(","o":{"x":5,"y":[{"z":1},{"z":2},{}]},"none":null,"empty":"","yes":true,"no":false,"neg":-3,"big":1e2})";
  }

  made_filter test(int depth) {
    if (depth >= 4 || left_ == 0) return plain_test();
    --left_;
    switch (from_.below(8)) {
      case 0: {
        const auto inside = test(depth + 1);
        return {word("NOT") + " " + inside.text, !inside.is};
      }
      case 1:
      case 2:
      case 3: {
        const bool all = from_.flag();
        made_filter made{"(", all};
        const std::size_t parts = 1 + from_.below(3);
        for (std::size_t i = 0; i < parts; ++i) {
          const auto part = test(depth + 1);
          made.text.append(i == 0 ? "" : word(all ? " AND " : " OR ")).append(part.text);
          made.is = all ? made.is && part.is : made.is || part.is;
        }
        made.text += ")";
        return made;
      }
      default:
        return plain_test();
    }
  }

 private:
  // Keywords in any case.
  std::string word(std::string_view upper) {
    std::string made(upper);
    if (from_.below(4) == 1) {
      for (char& c : made) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return made;
  }

  static scalar numeral(long n) { return {scalar::form::number, static_cast<double>(n), std::to_string(n)}; }
  static expression number(long n) { return {std::to_string(n), {numeral(n)}}; }

  expression value(int depth) {
    constexpr std::array<std::string_view, 4> texts{"x", "abc", "10x", "~"};
    switch (from_.below(depth < 3 ? 24 : 14)) {
      case 0:
      case 1:
        return number(static_cast<long>(from_.below(10)));
      case 2: {
        auto made = number(static_cast<long>(from_.below(10)));
        made.text += from_.flag() ? ".0" : "e0";
        made.is[0].text = made.text;
        return made;
      }
      case 3: {
        const std::string digit = std::to_string(from_.below(10));
        return {"'" + digit + "'", {{scalar::form::text, 0, digit}}};
      }
      case 4: {
        const std::string text(texts[from_.below(texts.size())]);
        return {"\"" + text + "\"", {{scalar::form::text, 0, text}}};
      }
      case 5:
        return {std::string(from_.flag() ? "''" : "\"\""), {}};
      case 6: {
        constexpr std::array<std::string_view, 8> nothing{"/none", "/empty", "/missing", "/a/b",
                                                          "/o",    "/l[9]",  "/s[1]",    "/o/x/y"};
        return {std::string(nothing[from_.below(nothing.size())]), {}};
      }
      case 7:
        return {from_.flag() ? "/a" : "/a[0]", {numeral(a_)}};
      case 8:
        return {"/s", {{scalar::form::text, 0, std::to_string(s_)}}};
      case 9: {
        expression made{"/l", {}};
        for (const long n : list_) made.is.push_back(numeral(n));
        return made;
      }
      case 10: {
        expression made{"/l[1]", {}};
        if (list_.size() > 1) made.is.push_back(numeral(list_[1]));
        return made;
      }
      case 11:
        return {"/o/y/z", {{scalar::form::number, 1, "1"}, {scalar::form::number, 2, "2"}}};
      case 12: {
        expression made{"/t", {}};
        if (!text_.empty()) made.is.push_back({scalar::form::text, 0, text_});
        return made;
      }
      case 13: {
        const std::size_t which = from_.below(4);
        if (which == 0) return {"/yes", {{scalar::form::number, 1, "true"}}};
        if (which == 1) return {"/no", {{scalar::form::number, 0, "false"}}};
        if (which == 2) return {"/neg", {{scalar::form::number, -3, "-3"}}};
        return {"/big", {{scalar::form::number, 100, "1e2"}}};
      }
      case 14: {
        const auto inside = value(depth + 1);
        return {"(" + inside.text + ")", inside.is};
      }
      case 15:
      case 16: {
        const auto inside = whole(depth + 1);
        expression made{"-(" + inside.text + ")", {}};
        if (!inside.is.empty()) {
          const auto n = number_of(inside.is[0]);
          made.is.push_back(n ? scalar{scalar::form::number, -*n, {}} : scalar{scalar::form::not_a_number, 0, {}});
        }
        return made;
      }
      default:
        return whole(depth + 1);
    }
  }

  // A calculation with integers, whose division leaves out what is behind the point.
  expression whole(int depth) {
    const std::size_t how = from_.below(depth < 5 && left_ > 0 ? 8 : 4);
    if (how < 2) return number(static_cast<long>(from_.below(5)));
    if (how == 2) return {"/s", {{scalar::form::text, 0, std::to_string(s_)}}};
    if (how == 3) {
      if (from_.below(4) == 1) return {"/missing", {}};
      return {"/a", {numeral(a_)}};
    }
    --left_;
    const auto left = whole(depth + 1), right = whole(depth + 1);
    constexpr std::array<std::string_view, 6> operators{" + ", " - ", "*", " / ", "%", " MOD "};
    const std::size_t which = from_.below(operators.size());
    expression made{"(" + left.text + std::string(operators[which]) + right.text + ")", {}};
    if (left.is.empty() || right.is.empty()) return made;  // with nothing in it all is nothing
    const auto x = number_of(left.is[0]), y = number_of(right.is[0]);
    scalar result;
    if (!x || !y || (which >= 3 && *y == 0)) {
      result.is = scalar::form::not_a_number;
    } else {
      const auto m = static_cast<long>(*x), n = static_cast<long>(*y);
      const long is = which == 0 ? m + n : which == 1 ? m - n : which == 2 ? m * n : which == 3 ? m / n : m % n;
      result.number = static_cast<double>(is);
    }
    made.is.push_back(result);
    return made;
  }

  static bool some_pair(const expression& a, const expression& b, const std::function<bool(int)>& good) {
    return std::any_of(a.is.begin(), a.is.end(), [&](const scalar& x) {
      return std::any_of(b.is.begin(), b.is.end(), [&](const scalar& y) {
        const auto o = order(x, y);
        return o && good(*o);
      });
    });
  }

  made_filter plain_test() {
    const std::size_t how = from_.below(10);
    if (how >= 8) return like();
    const auto left = value(0);
    if (how == 7) {
      const bool is_not = from_.flag();
      return {left.text + word(is_not ? " IS NOT NULL" : " IS NULL"), left.is.empty() != is_not};
    }
    if (how == 6) {
      const bool is_not = from_.flag();
      const auto low = value(1), high = value(1);
      const bool is =
          some_pair(left, low, [](int o) { return o >= 0; }) && some_pair(left, high, [](int o) { return o <= 0; });
      made_filter made{left.text, is != is_not};
      made.text.append(word(is_not ? " NOT BETWEEN " : " BETWEEN ")).append(low.text);
      made.text.append(word(" AND ")).append(high.text);
      return made;
    }
    if (how == 5) {
      const bool is_not = from_.flag();
      made_filter made{left.text + word(is_not ? " NOT IN (" : " IN ("), false};
      const std::size_t count = 1 + from_.below(3);
      for (std::size_t i = 0; i < count; ++i) {
        const auto one = value(2);
        made.text.append(i == 0 ? "" : " , ").append(one.text);
        made.is = made.is || some_pair(left, one, [](int o) { return o == 0; });
      }
      made.text += ")";
      made.is = made.is != is_not;
      return made;
    }
    constexpr std::array<std::string_view, 8> operators{"=", "==", "!=", "<>", "<", "<=", ">", ">="};
    const std::size_t which = from_.below(operators.size());
    const auto right = value(0);
    const bool is = some_pair(left, right, [&](int o) {
      const std::array<bool, 8> each{o == 0, o == 0, o != 0, o != 0, o<0, o <= 0, o> 0, o >= 0};
      return each[which];
    });
    const std::string blank = from_.flag() ? " " : "";
    return {left.text + " " + std::string(operators[which]) + blank + right.text, is};
  }

  made_filter like() {
    const auto left = value(3);
    if (from_.below(4) == 1) {  // AMPS-FILTER-019: as it is
      const std::string part = a_pattern_text(from_);
      const std::string raw = part.substr(0, part.find('\''));
      const bool is = std::any_of(left.is.begin(), left.is.end(),
                                  [&](const scalar& s) { return s.text.find(raw) != std::string::npos; });
      return {left.text + word(" LIKE R") + "'" + raw + "'", is};
    }
    const auto pattern = a_pattern(from_);
    const bool is =
        std::any_of(left.is.begin(), left.is.end(), [&](const scalar& s) { return pattern.found_in(s.text); });
    return {left.text + word(" LIKE ") + quoted(pattern.text), is};
  }

  // AMPS-FILTER-018: a string with its octets in one of their forms.
  std::string quoted(const std::string& octets) {
    constexpr std::string_view hex = "0123456789abcdef", letters = "abtnfr", stand_for = "\a\b\t\n\f\r";
    std::string made = "'";
    for (const char c : octets) {
      const auto u = static_cast<unsigned char>(c);
      const std::size_t how = from_.below(16);
      if (const auto place = stand_for.find(c); place != std::string_view::npos) {
        made += {'\\', letters[place]};
      } else if (how == 1) {
        made += {'\\', 'x', hex[u >> 4], hex[u & 15]};
      } else if (how == 2) {
        made += {'\\', hex[u >> 6], hex[u >> 3 & 7], hex[u & 7]};
      } else if (c == '\\' || c == '\'') {
        made += {'\\', c};
      } else {
        made += c;
      }
    }
    return made + "'";
  }

  maker& from_;
  long a_ = 0, s_ = 0;
  std::vector<long> list_;
  std::string text_;
  int left_ = 24;  // parts that may still come
};

}  // namespace

filter_case a_filter_case(maker& from) {
  writer by(from);
  return {by.body(), by.test(0)};
}

}  // namespace ampspec::fuzz
