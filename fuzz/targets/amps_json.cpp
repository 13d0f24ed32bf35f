// Property: a JSON body and what paths find in it are read as the naive implementation reads them.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/lent.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amps/record.hpp"
#include "reference/naive/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

using amps::json_document;
using amps::json_kind;
using naive::json;

json::form form_of(json_kind kind) {
  constexpr std::array<json::form, 6> forms{json::form::null,   json::form::boolean, json::form::number,
                                            json::form::string, json::form::array,   json::form::object};
  return forms[static_cast<std::size_t>(kind)];
}

// Node for node: form, text, names, and where it ends.
void compare(const json_document& got, std::size_t at, const json& want) {
  AMPSPEC_ORACLE("differential", form_of(got[at].kind) == want.is);
  if (want.is != json::form::array && want.is != json::form::object) {
    AMPSPEC_ORACLE("differential", got.scalar_text(at) == want.text && got[at].next == at + 1);
    return;
  }
  const bool is_object = want.is == json::form::object;
  const auto elements = got.elements(at);
  AMPSPEC_ORACLE("differential", elements.size() == want.members.size());
  std::vector<std::size_t> first;  // of each name
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const auto& [name, member] = want.members[i];
    compare(got, elements[i], member);
    if (!is_object) continue;
    AMPSPEC_ORACLE("differential", got.name(elements[i]) == name);
    const auto of_name = std::find_if(want.members.begin(), want.members.end(),
                                      [&, &wanted = name](const auto& m) { return m.name == wanted; });
    const auto place = elements[static_cast<std::size_t>(of_name - want.members.begin())];
    if (place == elements[i]) first.push_back(place);
    AMPSPEC_ORACLE("differential", got.member(at, name) == place);
  }
  if (is_object) AMPSPEC_ORACLE("differential", got.members(at) == first);
  AMPSPEC_ORACLE("model", !got.member(at, "no such member"));
  AMPSPEC_ORACLE("model", got[at].next == (elements.empty() ? at + 1 : got[elements.back()].next));
}

// The same value without what `append_compact` leaves out.
json without_repeated(const json& from) {
  json made{from.is, from.text, {}};
  for (const auto& [name, member] : from.members) {
    const bool seen = std::any_of(made.members.begin(), made.members.end(),
                                  [&, &wanted = name](const auto& m) { return m.name == wanted; });
    if (from.is != json::form::object || !seen) made.members.push_back({name, without_repeated(member)});
  }
  return made;
}

bool same(const json& a, const json& b) {
  return a.is == b.is && a.text == b.text &&
         std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                    [](const auto& x, const auto& y) { return x.name == y.name && same(x.value, y.value); });
}

// A path by its grammar: names behind slashes, each with an element or none; nothing if the text is no path.
std::optional<std::vector<naive::json_step>> steps_of(const std::string& text) {
  std::vector<naive::json_step> steps;
  std::size_t at = 0;
  const auto is_step = [&] {
    const auto c = at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && std::string("_-.@").find(static_cast<char>(c)) != std::string::npos);
  };
  while (at < text.size()) {
    if (text[at++] != '/' || !is_step()) return std::nullopt;
    naive::json_step step;
    for (; is_step(); ++at) step.name += text[at];
    if (at < text.size() && text[at] == '[') {
      std::string digits;
      for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) digits += text[at];
      if (digits.empty() || at == text.size() || text[at++] != ']') return std::nullopt;
      digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
      step.element = digits.size() > 18 ? ~std::size_t{0} : std::stoull(digits);
    }
    steps.push_back(std::move(step));
  }
  return steps.empty() ? std::nullopt : std::optional(steps);
}

void paths(const std::string& text, std::string_view body, const std::optional<json>& read) {
  const auto made = amps::path::of(text);
  const auto steps = steps_of(text);
  AMPSPEC_ORACLE("differential", made.has_value() == steps.has_value());
  AMPSPEC_ORACLE("differential",
                 amps::path::of(text, false).has_value() == (steps && text.find('[') == std::string::npos));
  if (!made) return;
  const amps::record_view record(body);
  AMPSPEC_ORACLE("differential",
                 (record.document() != nullptr) == (read.has_value() && read->is == json::form::object));
  std::vector<std::string> want;
  if (record.document() != nullptr) want = naive::scalars_at(*read, *steps);
  const auto& got = record.at(*made);
  AMPSPEC_ORACLE("differential", std::equal(got.begin(), got.end(), want.begin(), want.end(),
                                            [](const auto& g, const auto& w) { return g.text == w; }));
  AMPSPEC_ORACLE("replay", &record.at(*made) == &got);
  const auto first = record.first_text(*made);
  AMPSPEC_ORACLE("model", first.has_value() == !want.empty() && (!first || *first == want.front()));
  const amps::record_view other(body, false);
  AMPSPEC_ORACLE("model", other.document() == nullptr && other.at(*made).empty() && !other.first_text(*made));
}

// A number of a body or a filter: what it is, and how it stands to its neighbours.
void numbers(const std::string& text) {
  using form = amps::scalar::form;
  const auto read = naive::read_json(text, 0);
  // JSON's numbers and, beyond those, ones with zeros in front.
  std::string plain = text;
  const std::size_t sign = plain.starts_with('-') ? 1 : 0;
  while (plain.size() > sign + 1 && plain[sign] == '0' && plain[sign + 1] >= '0' && plain[sign + 1] <= '9') {
    plain.erase(sign, 1);
  }
  const bool blank = text.find_first_of(" \t\r\n") != std::string::npos;
  const auto stripped = naive::read_json(plain, 0);
  const bool is_number = !blank && stripped && stripped->is == json::form::number;
  AMPSPEC_ORACLE("differential", !read || blank || read->is != json::form::number || is_number);
  const auto got = amps::scalar::of_number(text);
  AMPSPEC_ORACLE("differential", got.has_value() == is_number);
  if (!got) return;
  const bool integer = text.find_first_of(".eE") == std::string::npos;
  const double real = std::strtod(text.c_str(), nullptr);
  AMPSPEC_ORACLE("differential", got->as_real() == real);
  if (got->what == form::whole) {
    const std::string digits = plain == "-0" ? "0" : plain;
    AMPSPEC_ORACLE("differential", integer && std::to_string(got->integer) == digits);
  } else if (got->what == form::unsigned_whole) {
    AMPSPEC_ORACLE("differential", integer && std::to_string(got->natural) == plain && got->natural > INT64_MAX);
  } else {
    AMPSPEC_ORACLE("differential", got->what == form::floating);
    const bool fits =
        sign == 1 ? plain.size() < 20
                  : plain.size() < 20 || (plain.size() == 20 && plain[0] == '1' && plain <= "18446744073709551615");
    AMPSPEC_ORACLE("differential", !integer || !fits || (sign == 1 && plain.size() == 20));
  }
}

// A body that is nearly right.
std::string made_value(maker& from, int depth) {
  constexpr std::array<std::string_view, 16> scalars{"0",
                                                     "1",
                                                     "-1",
                                                     "2.5",
                                                     "1e3",
                                                     R"("x")",
                                                     R"("")",
                                                     "null",
                                                     "true",
                                                     "false",
                                                     R"("7")",
                                                     R"("\n\"\\")",
                                                     R"("\u0041\u00e9\u20ac")",
                                                     R"("\ud83d\ude00")",
                                                     R"("\ud83d\u0041\udc00")",
                                                     "18446744073709551615"};
  constexpr std::array<std::string_view, 8> names{"a", "b", "c", "\\u0061", "", "x-1", "\\ud83d\\ude00", "\xc3\xa9"};
  constexpr std::array<std::string_view, 4> blanks{"", "", " ", "\n\t\r "};
  const std::size_t how = from.octet();
  const std::string blank(blanks[how >> 6]);
  const std::size_t count = depth > 5 ? 0 : how >> 3 & 3;
  std::string made;
  switch (how & 7) {
    case 0:
    case 1:
    case 2: {
      made = "{" + blank;
      for (std::size_t i = 0; i < count; ++i) {
        made.append(i == 0 ? "" : ",").append(blank).append("\"").append(names[from.below(names.size())]).append("\"");
        made.append(blank).append(":").append(made_value(from, depth + 1)).append(blank);
      }
      made += "}";
      break;
    }
    case 3:
    case 4:
      made = "[" + blank;
      for (std::size_t i = 0; i < count; ++i) made.append(i == 0 ? "" : ",").append(made_value(from, depth + 1));
      made += "]";
      break;
    case 5:
      made = "\"" + std::string(from.take(how >> 3)) + "\"";
      break;
    default:
      made = scalars[from.below(scalars.size())];
  }
  return blank + made + blank;
}

std::string made_path(maker& from) {
  constexpr std::array<std::string_view, 12> parts{
      "/a", "/b", "/c", "/a[0]", "/a[1]", "/b[2]", "/", "/a[", "/x-1", "/\xc3\xa9", "[0]", "/c[99999999999999999999]"};
  std::string made;
  for (std::size_t n = 1 + from.below(4); n > 0; --n) made += parts[from.below(parts.size())];
  return made;
}

std::string made_number(maker& from) {
  constexpr std::array<std::string_view, 16> pieces{"0",
                                                    "1",
                                                    "9223372036854775807",
                                                    "9223372036854775808",
                                                    "-",
                                                    ".",
                                                    "e",
                                                    "E+",
                                                    "e-",
                                                    "00",
                                                    "18446744073709551615",
                                                    "18446744073709551616",
                                                    "400",
                                                    "5",
                                                    "-9223372036854775808",
                                                    "1."};
  std::string made;
  const std::size_t how = from.octet();
  if (how >= 0xa0) {  // at an end of what a double holds, by zeros, by the exponent, or by both
    constexpr std::array<std::string_view, 8> exponents{"1", "5", "17", "300", "308", "309", "324", "400"};
    const std::size_t zeros = from.flag() ? 290 + from.below(64) : from.below(8);
    const std::string digits = std::to_string(1 + from.octet());
    made = how % 2 == 0 ? digits + std::string(zeros, '0') : "0." + std::string(zeros, '0') + digits;
    if (how % 8 < 2) return made;
    const std::size_t exponent = from.octet();
    return made + (exponent < 0x80 ? "e-" : "e") + std::string(exponents[exponent % exponents.size()]);
  }
  for (std::size_t n = 1 + how % 5; n > 0; --n) {
    const std::size_t which = from.below(pieces.size() + 1);
    made += which < pieces.size() ? std::string(pieces[which]) : std::string(305 + from.below(40), '0');
  }
  return made + std::string(from.take(from.below(3)));
}

}  // namespace

// Input: one octet that chooses, and a path and a body, plain or what they are made of.
void amps_json(std::string_view input) {
  maker from(input);
  const std::size_t how = from.octet();
  if (how % 4 == 3) return numbers(made_number(from));
  std::string path, body;
  if (how % 4 == 2) {
    const auto end = std::min(from.rest().find('\n'), from.rest().size());
    path = from.take(end);
    from.take(1);
    body = from.rest();
  } else {
    path = made_path(from);
    body = made_value(from, 0);
    if (how % 4 == 1 && !body.empty()) {  // one octet less, or another
      const std::size_t at = from.octet() % body.size();
      const std::string with(from.take(from.below(2)));
      body.replace(at, 1, with);
    }
    // Deeper than may be, or just as deep.
    if (how >= 0xf0) body = std::string(120 + how % 16, '[').append(body).append(120 + how % 16, ']');
  }
  const lent copy(body);
  const std::string_view octets = copy;
  const auto read = naive::read_json(octets, json_document::max_depth);
  const auto got = json_document::parse(octets);
  AMPSPEC_ORACLE("differential", got.has_value() == read.has_value());
  if (got) {
    compare(*got, 0, *read);
    AMPSPEC_ORACLE("model", got->is_object() == (read->is == json::form::object));
    std::string compact;
    append_compact(*got, 0, compact);
    const auto again = naive::read_json(compact, json_document::max_depth);
    AMPSPEC_ORACLE("round-trip", again && same(*again, without_repeated(*read)));
    AMPSPEC_ORACLE("model", compact.size() <= octets.size());
  }
  paths(path, octets, read);
}

}  // namespace ampspec::fuzz
