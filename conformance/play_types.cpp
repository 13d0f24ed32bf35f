// Plays parse, print and samples of values against a codec, and reads what it printed.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/play_types.hpp"

#include "conformance/play.hpp"
#include "reference/amp/schema.hpp"

#include <algorithm>
#include <bit>
#include <random>

namespace ampspec::conformance {
namespace {

using vectors::octets;
using wire::value;
using wire::value_kind;
using wire::value_schema;
using wire::value_type;

std::string shortened(std::string text) {
  if (text.size() <= 160) return text;
  const auto size = text.size();
  text.resize(120);
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
  return text + "… (" + std::to_string(size) + " characters)";
}

std::string show_text(const std::u32string& points) {
  std::string text = "\"";
  for (const char32_t c : points.substr(0, 40)) {
    if (c >= 0x20 && c < 0x7f) {
      text += static_cast<char>(c);
    } else {
      std::string hex;
      for (auto rest = c; rest != 0 || hex.size() < 4; rest >>= 4) hex.insert(0, 1, "0123456789ABCDEF"[rest & 0xf]);
      text += "<U+" + hex + ">";
    }
  }
  return text + (points.size() > 40 ? "…\" (" + std::to_string(points.size()) + " code points)" : "\"");
}

std::string show_time(const wire::datetime_value& t) {
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(t.year) + "-" + two(t.month) + "-" + two(t.day) + " " + two(t.hour) + ":" + two(t.minute) +
         ":" + two(t.second) + " and " + std::to_string(t.microsecond) + " us" +
         (t.nanosecond != 0 ? " " + std::to_string(t.nanosecond) + " ns" : "") + ", offset " +
         (t.offset ? std::to_string(*t.offset) + " s" : "none");
}

std::string show_float(const wire::float_value& f) {
  const auto bits = wire::bits_of(f);
  if (f.is_nan()) return "nan (bits " + bits + ")";
  std::string text;
  amp::print_float(std::bit_cast<double>(f.bits), text);
  return text + " (bits " + bits + ")";
}

std::string in_words(const refusal& why) {
  return "refused" + (why.text.empty() ? why.reject_class.empty() ? "" : ": " + why.reject_class : ": " + why.text);
}

/// Digits, at most one point with digits before it, an exponent: what Float and Decimal may write besides words.
bool is_written_number(std::string_view s, bool point_may_end) {
  const auto digits = [&s] {
    const auto n = std::min(s.find_first_not_of("0123456789"), s.size());
    s.remove_prefix(n);
    return n;
  };
  const auto take = [&s](std::string_view any) {
    const bool there = !s.empty() && any.find(s.front()) != std::string_view::npos;
    if (there) s.remove_prefix(1);
    return there;
  };
  take("-");
  if (digits() == 0) return false;
  if (take(".") && digits() == 0 && !point_may_end) return false;
  if (take("eE")) {
    take("+-");
    if (digits() == 0) return false;
  }
  return s.empty();
}

bool may_be_written(const value_type& type, std::string_view text) {
  switch (type.kind) {
    case value_kind::integer: {
      const auto digits = amp::parse_integer(text);
      return digits && *digits == text;
    }
    case value_kind::floating:
      return text == "inf" || text == "-inf" || text == "nan" || is_written_number(text, true);
    case value_kind::decimal: {
      auto word = text;
      if (word.starts_with('-')) word.remove_prefix(1);
      const auto payload = word.substr(0, word.find_last_not_of("0123456789") + 1);
      return word == "Infinity" || payload == "NaN" || payload == "sNaN" || is_written_number(text, false);
    }
    case value_kind::list: {
      const auto elements = amp::parse_list(text);
      return elements && std::all_of(elements->begin(), elements->end(),
                                     [&](std::string_view e) { return may_be_written(type.element.front(), e); });
    }
    case value_kind::records: {
      const auto records = amp::parse_records(text);
      return records && std::all_of(records->begin(), records->end(), [&](const amp::box& record) {
               return std::all_of(type.fields.begin(), type.fields.end(), [&](const auto& field) {
                 const auto given = record.find(field.name);
                 return !given || may_be_written(field.type, *given);
               });
             });
    }
    default:
      return true;
  }
}

/// Draws values of a type; any bits of a double but nan, the rest mostly small.
class drawer {
 public:
  explicit drawer(std::uint64_t seed) : random_(seed) {}

  value one(value_kind kind) {
    switch (kind) {
      case value_kind::floating: {
        wire::float_value f{random_()};
        while (f.is_nan()) f.bits = random_();
        return {f};
      }
      case value_kind::decimal:
        return {*wire::decimal_from(sign() + digits(1 + below(20)) + "e" + sign() + std::to_string(below(40)))};
      case value_kind::datetime: {
        wire::datetime_value t;
        t.year = 1 + static_cast<std::int64_t>(below(9999));
        t.month = static_cast<int>(1 + below(12));
        t.day = static_cast<int>(1 + below(28));
        t.hour = static_cast<int>(below(24));
        t.minute = static_cast<int>(below(60));
        t.second = static_cast<int>(below(60));
        t.microsecond = static_cast<int>(below(1'000'000));
        t.offset = (static_cast<std::int64_t>(below(2 * 1440 - 1)) - 1439) * 60;
        return {t};
      }
      case value_kind::text: {
        wire::text_value text;
        for (auto n = below(30); n > 0; --n) {
          constexpr char32_t ends[] = {0x80, 0x800, 0xd800, 0x10000, 0x110000};
          auto c = static_cast<char32_t>(below(ends[below(5)]));
          text.code_points += c >= 0xd800 && c < 0xe000 ? U'\ue000' : c;
        }
        return {std::move(text)};
      }
      default:  // within 64 bits, which every implementation holds
        return {*wire::integer_from(sign() + std::to_string(random_() >> (1 + below(63))), false)};
    }
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  std::string sign() { return below(2) == 0 ? "" : "-"; }
  std::string digits(std::uint64_t n) {
    std::string all;
    while (all.size() < n) all += static_cast<char>('0' + below(10));
    return all;
  }
  std::mt19937_64 random_;
};

class typed_play {
 public:
  typed_play(const check& c, codec_subject& subject, const settings& s)
      : subject_(subject), judge_(c, s), names_(bindings_of(c)) {}

  check_result parse(const vectors::parse_kind& kind) {
    judge_.play("whole", [&](recorder& r) {
      if (!kind.of.type) return parse_box(r, kind);
      const auto type = vectors::resolve(*kind.of.type, names_.names);
      const auto bytes = vectors::realize(kind.bytes, names_.names);
      r.ours(1, "", bytes, "parse as " + show(type));
      const auto got = subject_.parse(type, bytes);
      r.note(1, "", got.refused ? in_words(*got.refused) : "it says " + show(got.is));
      judge_.among(kind.expect, "parse", [&](const vectors::parse_expectation& want) {
        if (!want.value) return must_refuse("parse", got.refused, [&] { return show(got.is); });
        const auto wanted = vectors::make_value(type, *want.value, names_.names, false);
        must_be("parse", got.refused, wire::same_value(wanted, got.is), show(wanted), [&] { return show(got.is); });
      });
    });
    return judge_.finish();
  }

  check_result print(const vectors::print_kind& kind) {
    judge_.play("whole", [&](recorder& r) {
      if (!kind.of.type) return print_box(r, kind);
      const auto type = vectors::resolve(*kind.of.type, names_.names);
      const auto given = vectors::make_value(type, *kind.value, names_.names, true);
      r.note(1, "", "asked to print as " + show(type) + ": " + show(given));
      const auto got = subject_.print(type, given);
      if (got.refused) {
        r.note(1, "", in_words(*got.refused));
      } else {
        r.theirs(1, "", got.is);
      }
      judge_.among(kind.expect, "print", [&](const auto& want) { printed(r, type, want, got); });
    });
    return judge_.finish();
  }

  check_result sample(const vectors::sample_kind& kind) {
    judge_.play("whole", [&](recorder& r) {
      drawer draw(kind.seed);
      for (std::uint64_t i = 0; i < kind.boxes; ++i) {
        const auto given = draw.one(kind.type->kind);
        const auto got = subject_.print(*kind.type, given);
        if (got.refused) throw deviation{"print", "bytes", "refuse", show(given), in_words(*got.refused), false};
        if (kind.law == "print-reads") {
          read_back(r, *kind.type, given, got.is);
          continue;
        }
        const auto back = subject_.parse(*kind.type, octets::from(got.is));
        must_be("parse", back.refused, wire::same_value(given, back.is), show(given), [&] { return show(back.is); });
      }
    });
    return judge_.finish();
  }

 private:
  void parse_box(recorder& r, const vectors::parse_kind& kind) {
    const auto schema = vectors::resolve(kind.of.arguments, names_.names);
    const auto box = plain(kind.box.pairs, names_);
    r.note(1, "", "parse as arguments " + show_schema(schema) + ": " + show_box(box));
    const auto got = subject_.parse(schema, box);
    r.note(1, "", got.refused ? in_words(*got.refused) : "it says " + show(got.is));
    judge_.among(kind.expect, "parse", [&](const vectors::parse_expectation& want) {
      if (!want.record) return must_refuse("parse", got.refused, [&] { return show(got.is); });
      const auto wanted = vectors::make_record(schema, *want.record, {}, names_.names, false);
      must_be("parse", got.refused, wire::same_record(wanted, got.is), show(wanted), [&] { return show(got.is); });
    });
  }

  void print_box(recorder& r, const vectors::print_kind& kind) {
    const auto schema = vectors::resolve(kind.of.arguments, names_.names);
    const auto given = vectors::make_record(schema, kind.record, kind.mark, names_.names, true);
    r.note(1, "", "asked to print as arguments " + show_schema(schema) + ": " + show(given));
    const auto got = subject_.print(schema, given);
    r.note(1, "", got.refused ? in_words(*got.refused) : "it wrote " + show_box(got.is));
    judge_.among(kind.expect, "print", [&](const vectors::print_expectation& want) {
      if (want.refuse) return must_refuse("print", got.refused, [&] { return show_box(got.is); });
      auto trial = names_;
      const auto d = got.refused ? std::nullopt : differs(*want.box, got.is, trial);
      must_be("print", got.refused, !d, describe(*want.box, names_), [&] { return show_box(got.is) + "; " + d->text; });
    });
  }

  void printed(recorder& r, const value_type& type, const vectors::print_expectation& want,
               const typed_outcome<std::string>& got) {
    if (want.refuse) return must_refuse("print", got.refused, [&] { return show_octets(got.is); });
    if (want.reads_as) {
      const auto wanted = vectors::make_value(type, *want.reads_as, names_.names, false);
      if (got.refused) throw deviation{"print", "bytes", "refuse", show(wanted), in_words(*got.refused), false};
      return read_back(r, type, wanted, got.is);
    }
    std::string wanted;
    for (const auto& one : want.bytes) {
      const auto bytes = vectors::realize(one, names_.names);
      if (!got.refused && vectors::equal_octets(bytes, got.is)) return;
      wanted += (wanted.empty() ? "" : " or ") + show_octets(bytes.str());
    }
    must_be("print", got.refused, false, wanted, [&] { return show_octets(got.is); });
  }

  static void read_back(recorder& r, const value_type& type, const value& wanted, const std::string& text) {
    const auto read = read_written(type, text);
    if (read && wire::same_value(wanted, *read)) return;
    r.note(1, "", read ? "this reads as " + show(*read) : "this is not written as " + show(type));
    throw deviation{"print",
                    "reads-as",
                    read ? "other" : "unreadable",
                    "text that reads as " + show(wanted),
                    show_octets(text) + (read ? ", which is " + show(*read) : ", which is none"),
                    false};
  }

  template <class F>
  static void must_refuse(const char* where, const std::optional<refusal>& refused, F got) {
    if (!refused) throw deviation{where, "refuse", "value", "refused", got(), false};
  }
  template <class F>
  static void must_be(const char* where, const std::optional<refusal>& refused, bool same, const std::string& wanted,
                      F got) {
    if (refused) throw deviation{where, "value", "refuse", wanted, in_words(*refused), false};
    if (!same) throw deviation{where, "value", "other", wanted, got(), false};
  }

  static std::string show_schema(const value_schema& schema) {
    const auto whole = show(value_type{value_kind::records, {}, schema});
    return whole.substr(whole.find('{'));
  }

  codec_subject& subject_;
  judge judge_;
  bindings names_;
};

}  // namespace

std::string show(const value& v) {
  struct {
    std::string operator()(const wire::integer_value& i) const { return i.digits; }
    std::string operator()(const std::string& bytes) const { return show_octets(bytes); }
    std::string operator()(const wire::text_value& t) const { return show_text(t.code_points); }
    std::string operator()(bool b) const { return b ? "true" : "false"; }
    std::string operator()(const wire::float_value& f) const { return show_float(f); }
    std::string operator()(const wire::decimal_value& d) const { return wire::notation_of(d); }
    std::string operator()(const wire::datetime_value& t) const { return show_time(t); }
    std::string operator()(const wire::list_value& l) const {
      std::string all;
      for (const auto& one : l) {
        if (all.size() < 200) all += (all.empty() ? "" : ", ") + show(one);
      }
      return "[" + all + "] (" + std::to_string(l.size()) + ")";
    }
    std::string operator()(const wire::records_value& l) const {
      std::string all;
      for (const auto& one : l) {
        if (all.size() < 200) all += (all.empty() ? "" : ", ") + show(one);
      }
      return "[" + all + "] (" + std::to_string(l.size()) + ")";
    }
  } in_words;
  return shortened(std::visit(in_words, v.is));
}

std::string show(const wire::record_value& record) {
  std::string all;
  for (const auto& [name, is] : record) all += (all.empty() ? "" : ", ") + show_octets(name) + ": " + show(is);
  return "{" + all + "}";
}

std::string show(const value_type& type) {
  if (type.kind == value_kind::list) return "a list of " + show(type.element.front());
  if (type.is_big()) return (type.kind == value_kind::big ? "big " : "big (flocker) ") + show(type.element.front());
  if (type.kind != value_kind::records) return std::string(wire::word_of(type.kind));
  std::string all;
  for (const auto& f : type.fields) {
    all += (all.empty() ? "" : ", ") + show_octets(f.name) + ": " + (f.optional ? "optional " : "") + show(f.type);
  }
  return "records {" + all + "}";
}

std::optional<value> read_written(const value_type& type, std::string_view octets) {
  if (!may_be_written(type, octets)) return std::nullopt;
  auto read = amp::parse_value(type, octets);
  if (!read) return std::nullopt;
  return std::move(*read);
}

check_result play_typed(const check& c, codec_subject& subject, const settings& s, const vectors::parse_kind& kind) {
  return typed_play(c, subject, s).parse(kind);
}
check_result play_typed(const check& c, codec_subject& subject, const settings& s, const vectors::print_kind& kind) {
  return typed_play(c, subject, s).print(kind);
}
check_result play_values(const check& c, codec_subject& subject, const settings& s, const vectors::sample_kind& kind) {
  return typed_play(c, subject, s).sample(kind);
}

}  // namespace ampspec::conformance
