// Compares what was promised with what came: values, boxes, sets of boxes.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/matching.hpp"

#include "conformance/digest.hpp"
#include "conformance/overloaded.hpp"
#include "reference/amp/utf8.hpp"
#include "reference/wire/hex.hpp"

#include <algorithm>
#include <regex>
#include <set>

namespace ampspec::conformance {
namespace {

bool is_utf8(std::string_view s) { return amp::valid_utf8(s) == s; }

bool fits(const std::string& pattern, std::string_view text) {
  return std::regex_match(text.begin(), text.end(), std::regex(pattern, std::regex::ECMAScript));
}

// Whether digits are those of a greater number; both without leading zeros.
bool is_above(std::string_view digits, std::string_view other) {
  if (!fits("0|[1-9][0-9]*", digits)) return false;
  return digits.size() != other.size() ? digits.size() > other.size() : digits > other;
}

std::string exact_text(const vectors::recipe& r, const bindings& b) {
  return vectors::realize(r, b.names, b.captured).str();
}

// The value of a key: of the last pair that has it, so that a repeat shows as a different number of pairs, not here.
std::optional<std::string_view> value_of(const plain_box& box, std::string_view key) {
  for (auto it = box.rbegin(); it != box.rend(); ++it) {
    if (it->first == key) return it->second;
  }
  return std::nullopt;
}

std::optional<std::string> repeated_key(const plain_box& box) {
  std::set<std::string_view> seen;
  for (const auto& [key, value] : box) {
    if (!seen.insert(key).second) return key;
  }
  return std::nullopt;
}

bool fits(const vectors::value_matcher& want, std::string_view key, std::optional<std::string_view> got, bindings& b,
          const large_values& large) {
  const auto found = large.find(key);
  return found == large.end() ? matches(want, got, b) : matches(want, found->second, b);
}

std::string shown_value(std::string_view key, std::string_view value, const large_values& large) {
  const auto found = large.find(key);
  if (found == large.end()) return show_octets(value);
  std::string text = std::to_string(found->second.size) + " octets";
  if (found->second.differs_at)
    text += ", of which octet " + std::to_string(*found->second.differs_at) + " is the first that differs";
  if (!found->second.sha256.empty()) text += " with sha256 " + found->second.sha256;
  return text;
}

std::optional<difference> differs_as_list(const vectors::box_matcher& want, const plain_box& got, bindings& b,
                                          const large_values& large) {
  if (want.pairs.size() != got.size()) {
    return difference{"expected " + std::to_string(want.pairs.size()) + " pairs, got " + std::to_string(got.size()),
                      {}};
  }
  for (std::size_t i = 0; i < got.size(); ++i) {
    const std::string key = exact_text(want.pairs[i].first, b);
    if (key != got[i].first) {
      return difference{
          "pair " + std::to_string(i + 1) + ": expected key " + show_octets(key) + ", got " + show_octets(got[i].first),
          got[i].first};
    }
    if (!fits(want.pairs[i].second, key, got[i].second, b, large)) {
      return difference{"value of " + show_octets(key) + ": expected " + describe(want.pairs[i].second, b) + ", got " +
                            shown_value(key, got[i].second, large),
                        key};
    }
  }
  return std::nullopt;
}

std::optional<difference> differs_as_mapping(const vectors::box_matcher& want, const plain_box& got, bindings& b,
                                             const large_values& large) {
  std::set<std::string, std::less<>> named;
  for (const auto& [key_recipe, matcher] : want.pairs) {
    std::string key = exact_text(key_recipe, b);
    const auto value = value_of(got, key);
    if (!fits(matcher, key, value, b, large)) {
      if (!value) return difference{"no key " + show_octets(key) + " (expected " + describe(matcher, b) + ")", {}};
      return difference{"value of " + show_octets(key) + ": expected " + describe(matcher, b) + ", got " +
                            shown_value(key, *value, large),
                        key};
    }
    named.insert(std::move(key));
  }
  if (auto twice = repeated_key(got)) return difference{"key " + show_octets(*twice) + " stands twice", twice};
  if (want.others_any) return std::nullopt;
  for (const auto& [key, value] : got) {
    if (!named.contains(key)) return difference{"unexpected key " + show_octets(key), key};
  }
  return std::nullopt;
}

// Pairs matchers with boxes (augmenting paths). Edges are looked at when needed, the box at the matcher's own place
// first, so that a hundred answers in order cost a hundred comparisons.
class pairing {
 public:
  pairing(const std::vector<vectors::box_matcher>& want, const std::vector<plain_box>& got, const bindings& b,
          const std::vector<large_values>& large)
      : want_(want),
        got_(got),
        large_(large),
        bindings_(b),
        edges_(want.size() * got.size(), unknown),
        taken_by_(got.size(), none) {}

  bool complete() {
    for (std::size_t i = 0; i < want_.size(); ++i) {
      std::vector<bool> seen(got_.size());
      if (!place(i, seen)) return false;
    }
    return true;
  }
  /// The matcher that has box `j`; only after `complete`.
  std::size_t matcher_of(std::size_t j) const { return taken_by_[j]; }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  enum edge : char { unknown, yes, no };

  bool fits_at(std::size_t i, std::size_t j) {
    edge& e = edges_[i * got_.size() + j];
    if (e == unknown) {
      bindings trial = bindings_;
      e = differs(want_[i], got_[j], trial, large_[j]) ? no : yes;
    }
    return e == yes;
  }
  bool place(std::size_t i, std::vector<bool>& seen) {
    for (std::size_t k = 0; k < got_.size(); ++k) {
      const std::size_t j = (i + k) % got_.size();
      if (seen[j] || !fits_at(i, j)) continue;
      seen[j] = true;
      if (taken_by_[j] == none || place(taken_by_[j], seen)) {
        taken_by_[j] = i;
        return true;
      }
    }
    return false;
  }

  const std::vector<vectors::box_matcher>& want_;
  const std::vector<plain_box>& got_;
  const std::vector<large_values>& large_;
  const bindings& bindings_;
  std::vector<edge> edges_;
  std::vector<std::size_t> taken_by_;
};

}  // namespace

bool matches(const vectors::value_matcher& m, std::optional<std::string_view> got, bindings& b) {
  if (std::holds_alternative<vectors::match_absent>(m.what)) return !got;
  if (const auto* any_of = std::get_if<vectors::match_one_of>(&m.what)) {
    return std::any_of(any_of->any.begin(), any_of->any.end(), [&](const auto& each) { return matches(each, got, b); });
  }
  if (!got) return false;
  return std::visit(
      overloaded{
          [&](const vectors::match_exact& x) {
            return vectors::equal_octets(vectors::realize(x.bytes, b.names, b.captured), *got);
          },
          [&](const vectors::match_any&) { return true; },
          [&](const vectors::match_absent&) { return false; },
          [&](const vectors::match_regex& x) { return fits(x.pattern, *got); },
          [&](const vectors::match_utf8& x) {
            return is_utf8(*got) && got->size() <= vectors::evaluate(x.max_octets, b.names);
          },
          [&](const vectors::match_integer&) { return fits("0|-?[1-9][0-9]*", *got); },
          [&](const vectors::match_base64&) { return got->size() % 4 == 0 && fits("[A-Za-z0-9+/]*={0,2}", *got); },
          [&](const vectors::match_iso8601&) {
            return fits(
                "[0-9]{4}-?[0-9]{2}-?[0-9]{2}T[0-9]{2}:?[0-9]{2}:?[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?",
                *got);
          },
          [&](const vectors::match_digest& x) { return sha256_hex(*got) == x.sha256; },
          [&](const vectors::match_one_of&) { return false; },
          [&](const vectors::match_capture& x) {
            if (!x.as.empty() && !matches(x.as.front(), got, b)) return false;
            b.captured[x.name] = std::string(*got);
            return true;
          },
          [&](const vectors::match_same& x) {
            const auto it = b.captured.find(x.name);
            return it != b.captured.end() && it->second == *got;
          },
          [&](const vectors::match_fresh& x) { return b.seen[x.name].emplace(*got).second; },
          [&](const vectors::match_above& x) {
            const auto it = b.captured.find(x.name);
            return it != b.captured.end() && is_above(*got, it->second);
          },
          [&](const vectors::match_not& x) {
            bindings trial = b;
            return !matches(x.inner.front(), got, trial);
          },
      },
      m.what);
}

bool matches(const vectors::value_matcher& m, const large_value& got, const bindings& b) {
  return std::visit(overloaded{
                        [&](const vectors::match_exact& x) {
                          return !first_difference(vectors::realize(x.bytes, b.names, b.captured), got);
                        },
                        [&](const vectors::match_any&) { return true; },
                        [&](const vectors::match_digest& x) { return got.sha256 == x.sha256; },
                        [&](const vectors::match_one_of& x) {
                          return std::any_of(x.any.begin(), x.any.end(),
                                             [&](const auto& each) { return matches(each, got, b); });
                        },
                        [&](const vectors::match_not& x) { return !matches(x.inner.front(), got, b); },
                        [&](const auto&) { return false; },
                    },
                    m.what);
}

std::optional<difference> differs(const vectors::box_matcher& want, const plain_box& got, bindings& b,
                                  const large_values& large) {
  bindings trial = b;
  auto result = want.repeats ? differs_as_list(want, got, trial, large) : differs_as_mapping(want, got, trial, large);
  if (!result) b = std::move(trial);
  return result;
}

std::optional<difference> differs_in_any_order(const std::vector<vectors::box_matcher>& want,
                                               const std::vector<plain_box>& got, bindings& b,
                                               const std::vector<large_values>& some_large) {
  if (want.size() != got.size()) {
    return difference{"expected " + std::to_string(want.size()) + " boxes, got " + std::to_string(got.size()), {}};
  }
  auto large = some_large;
  large.resize(got.size());
  pairing pairs(want, got, b, large);
  if (pairs.complete()) {
    for (std::size_t j = 0; j < got.size(); ++j) {
      if (auto d = differs(want[pairs.matcher_of(j)], got[j], b, large[j]))
        return d;  // captures that contradict each other
    }
    return std::nullopt;
  }
  for (const auto& each : want) {
    bindings trial = b;
    std::size_t others = 0;
    for (std::size_t j = 0; j < got.size(); ++j) others += differs(each, got[j], trial, large[j]).has_value();
    if (others == got.size()) return difference{"no box is " + describe(each, b), {}};
  }
  return difference{"the boxes that came can't be paired with the expected ones", {}};
}

std::string show_octets(std::string_view s) {
  constexpr std::size_t most = 60;
  const bool printable = is_utf8(s) && std::all_of(s.begin(), s.end(), [](char c) {
                           return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
                         });
  const auto head = s.substr(0, most);
  // A cut through a UTF-8 character must not make the report invalid.
  std::string text = printable && is_utf8(head)
                         ? '"' + std::string(head) + (s.size() > most ? "…" : "") + '"'
                         : wire::to_hex(head.substr(0, most / 2)) + (s.size() > most / 2 ? "…" : "");
  if (s.size() > most) text += " (" + std::to_string(s.size()) + " octets)";
  return text;
}

std::string show_box(const plain_box& box) {
  std::string text = "{";
  for (const auto& [key, value] : box) {
    if (text.size() > 1) text += ", ";
    if (text.size() > 300) return text + "… " + std::to_string(box.size()) + " pairs}";
    text += show_octets(key) + ": " + show_octets(value);
  }
  return text + "}";
}

std::string describe(const vectors::value_matcher& m, const bindings& b) {
  return std::visit(
      overloaded{
          [&](const vectors::match_exact& x) {
            const auto all = vectors::realize(x.bytes, b.names, b.captured);
            if (all.size() <= 60) return show_octets(all.str());
            std::string head(60, '\0');
            all.read(0, head);
            return show_octets(head) + " … " + std::to_string(all.size()) + " octets";
          },
          [&](const vectors::match_any&) { return std::string("any value"); },
          [&](const vectors::match_absent&) { return std::string("the key to be absent"); },
          [&](const vectors::match_regex& x) { return "text like /" + x.pattern + "/"; },
          [&](const vectors::match_utf8& x) {
            return "UTF-8 of at most " + std::to_string(vectors::evaluate(x.max_octets, b.names)) + " octets";
          },
          [&](const vectors::match_integer&) { return std::string("an integer in base 10"); },
          [&](const vectors::match_base64&) { return std::string("base64"); },
          [&](const vectors::match_iso8601&) { return std::string("an ISO 8601 time"); },
          [&](const vectors::match_digest& x) { return "octets with sha256 " + x.sha256; },
          [&](const vectors::match_one_of& x) {
            std::string text;
            for (const auto& each : x.any) text += (text.empty() ? "" : " or ") + describe(each, b);
            return text;
          },
          [&](const vectors::match_capture& x) {
            return x.as.empty() ? std::string("any value") : describe(x.as.front(), b);
          },
          [&](const vectors::match_fresh&) { return std::string("a value that did not come before"); },
          [&](const vectors::match_above& x) {
            const auto it = b.captured.find(x.name);
            return "a number above " + (it == b.captured.end() ? "what was captured as " + x.name : it->second);
          },
          [&](const vectors::match_same& x) {
            const auto it = b.captured.find(x.name);
            return it == b.captured.end() ? "what was captured as " + x.name : show_octets(it->second);
          },
          [&](const vectors::match_not& x) { return "anything but " + describe(x.inner.front(), b); },
      },
      m.what);
}

std::string describe(const vectors::box_matcher& m, const bindings& b) {
  std::string text = "{";
  for (const auto& [key, value] : m.pairs) {
    if (text.size() > 1) text += ", ";
    if (text.size() > 300) return text + "… " + std::to_string(m.pairs.size()) + " pairs}";
    text += show_octets(exact_text(key, b)) + ": " + describe(value, b);
  }
  if (m.others_any) text += text.size() > 1 ? ", further keys" : "any keys";
  return text + "}";
}

}  // namespace ampspec::conformance
