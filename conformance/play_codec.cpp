// Plays decode, encode, growth and sample vectors against a codec.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/play.hpp"
#include "conformance/play_types.hpp"
#include "conformance/segmentation.hpp"
#include "reference/amp/box_decoder.hpp"

#include <algorithm>
#include <limits>
#include <random>

namespace ampspec::conformance {
namespace {

using vectors::ending;
using vectors::octets;

constexpr std::size_t most_at_once = 1u << 20;  // octets of a random stream that are decoded together

std::string_view word_for(ending e) {
  switch (e) {
    case ending::clean:
      return "clean";
    case ending::incomplete:
      return "incomplete";
    case ending::reject:
      return "reject";
    case ending::any:
      return "any";
  }
  return "any";
}

std::string_view word_for(const decode_outcome& o) {
  return o.refused ? "reject" : o.incomplete ? "incomplete" : "accepted";
}

std::string in_words(const decode_outcome& o) {
  std::string text = "delivered " + std::to_string(o.boxes.size()) + (o.boxes.size() == 1 ? " box" : " boxes");
  for (std::size_t i = 0; i < o.boxes.size() && i < 4; ++i) text += (i == 0 ? " " : ", ") + show_box(o.boxes[i]);
  if (o.boxes.size() > 4) text += " …";
  if (o.refused) {
    text += ", then refused the stream";
    if (!o.refused->reject_class.empty()) text += " (" + o.refused->reject_class + ")";
    if (o.refused->offset) text += " at octet " + std::to_string(*o.refused->offset);
    if (!o.refused->text.empty()) text += ": " + o.refused->text;
  } else {
    text += o.incomplete ? ", then reported an incomplete box" : ", and nothing wrong";
  }
  return text;
}

std::string in_words(const vectors::decode_expectation& e, const bindings& b) {
  std::string text = std::to_string(e.delivers.size()) + (e.delivers.size() == 1 ? " box" : " boxes");
  for (std::size_t i = 0; i < e.delivers.size() && i < 4; ++i)
    text += (i == 0 ? " " : ", ") + describe(e.delivers[i], b);
  if (e.delivers.size() > 4) text += " …";
  text += ", then " + std::string(word_for(e.end));
  if (!e.reject_class.empty()) text += " (" + e.reject_class + ")";
  return text;
}

octets prefix_of(const octets& whole, std::uint64_t size) {
  std::string head(static_cast<std::size_t>(std::min(size, whole.size())), '\0');
  whole.read(0, head);
  return octets::from(std::move(head));
}

// Compares one outcome with one branch; `full` says whether all octets were handed over (else only the refused ones).
void compare(const vectors::decode_expectation& want, const decode_outcome& got, const bindings& b) {
  const auto fail = [&](std::string_view expected, std::string_view word) {
    throw deviation{"decode", std::string(expected), std::string(word), in_words(want, b), in_words(got), false};
  };
  if (want.end == ending::any) return;
  const bool as_expected = want.end == ending::reject
                               ? got.refused.has_value()
                               : !got.refused && got.incomplete == (want.end == ending::incomplete);
  if (!as_expected) fail(word_for(want.end), word_for(got));
  bindings trial = b;
  if (want.delivers.size() != got.boxes.size())
    fail("boxes", got.boxes.size() < want.delivers.size() ? "fewer" : "more");
  for (std::size_t i = 0; i < got.boxes.size(); ++i) {
    if (const auto d = differs(want.delivers[i], got.boxes[i], trial)) {
      throw deviation{"decode", "boxes", "other", in_words(want, b),
                      in_words(got) + "; box " + std::to_string(i + 1) + ": " + d->text};
    }
  }
  if (!got.refused) return;
  if (!want.reject_class.empty() && !got.refused->reject_class.empty() &&
      want.reject_class != got.refused->reject_class) {
    fail("class", "other-class");
  }
  if (want.at && got.refused->offset && *got.refused->offset != vectors::evaluate(*want.at, b.names))
    fail("offset", "other-offset");
}

class codec_play {
 public:
  codec_play(const check& c, codec_subject& subject, const settings& s)
      : check_(c),
        subject_(subject),
        settings_(s),
        judge_(c, s),
        names_(bindings_of(c)),
        version_(vectors::wire_protocol_of(c.vector->protocol) == "amp2" ? amp::version::v2 : amp::version::v1) {}

  check_result operator()(const vectors::decode_kind& kind) {
    const octets refused = vectors::realize(kind.bytes, names_.names);
    octets all = refused;
    if (kind.then) all.append(vectors::realize(*kind.then, names_.names));
    const auto& want = kind.expect.at(check_.role);
    const bool going_on = judge_.play("whole", [&](recorder& r) { decode(r, want, all, {}); }) &&
                          judge_.play("the refused octets alone", [&](recorder& r) { alone(r, want, refused); });
    if (going_on && check_.vector->cut && !settings_.one_play) {
      for (const auto& cut : segmentations(all.size(), all.fields(), {}, settings_.seed)) {
        if (!judge_.play(name_of(cut), [&](recorder& r) { decode(r, want, all, cut); })) break;
      }
    }
    return judge_.finish();
  }

  check_result operator()(const vectors::encode_kind& kind) {
    judge_.play("whole", [&](recorder& r) {
      std::vector<std::pair<octets, octets>> box;
      for (const auto& p : kind.box.pairs) {
        box.emplace_back(vectors::realize(p.key, names_.names), vectors::realize(p.value, names_.names));
      }
      r.note(1, "", "asked to encode a box of " + std::to_string(box.size()) + (box.size() == 1 ? " pair" : " pairs"));
      const auto got = subject_.encode(box);
      if (got.refused) {
        r.note(1, "", "refused: " + (got.refused->text.empty() ? got.refused->reject_class : got.refused->text));
      } else {
        r.theirs(1, "", got.bytes);
      }
      const auto one = [&](const vectors::encode_expectation& want) { encoded(r, want, got); };
      judge_.among(kind.expect, "encode", one);
    });
    return judge_.finish();
  }

  check_result operator()(const vectors::growth_kind& kind) {
    judge_.play("whole", [&](recorder& r) {
      std::vector<double> best(kind.n.size(), std::numeric_limits<double>::infinity());
      const auto every = vectors::evaluate(kind.every, names_.names);
      for (int round = 0; round < 5; ++round) {
        for (std::size_t i = 0; i < kind.n.size(); ++i) {
          auto names = names_.names;
          names["n"] = std::to_string(kind.n[i]);
          const auto bytes = vectors::realize(kind.bytes, names);
          const double before = subject_.cpu_seconds();
          subject_.decode(bytes, {.every = every, .before = {}});
          best[i] = std::min(best[i], subject_.cpu_seconds() - before);
        }
      }
      const double ratio = best.back() / std::max(best.front(), 1e-6);
      std::string text = "CPU time " + std::to_string(best.front() * 1e3) + " ms for " +
                         std::to_string(kind.n.front()) + " octets, " + std::to_string(best.back() * 1e3) + " ms for " +
                         std::to_string(kind.n.back()) + ": " + std::to_string(ratio) + " times";
      r.note(1, "", text);
      // Below a few milliseconds the clock's grain and the process's other work decide, not the decoder.
      if (ratio > kind.at_most && best.back() > 0.005) {
        throw deviation{"decode", "linear", "steeper", "at most " + std::to_string(kind.at_most) + " times the time",
                        text,     false};
      }
    });
    auto result = judge_.finish();
    if (result.what == verdict::fail) {  // a measured time may warn, never fail
      result.what = verdict::warn;
      result.signature.replace(0, 4, "warn");
    }
    return result;
  }

  check_result operator()(const vectors::parse_kind& kind) { return play_typed(check_, subject_, settings_, kind); }
  check_result operator()(const vectors::print_kind& kind) { return play_typed(check_, subject_, settings_, kind); }

  check_result operator()(const vectors::sample_kind& kind) {
    if (kind.type) return play_values(check_, subject_, settings_, kind);
    judge_.play("whole", [&](recorder& r) {
      std::mt19937_64 random(kind.seed);
      std::vector<plain_box> boxes;
      std::string stream;
      std::uint64_t done = 0;
      while (done < kind.boxes) {
        boxes.clear();
        stream.clear();
        for (int i = 0; i < 100 && done < kind.boxes && stream.size() < most_at_once; ++i, ++done) {
          boxes.push_back(random_box(random, version_));
          std::vector<std::pair<octets, octets>> box;
          for (const auto& [k, v] : boxes.back()) box.emplace_back(octets::from(k), octets::from(v));
          auto got = subject_.encode(box);
          if (got.refused) {
            throw deviation{"encode",
                            "encoded",
                            "refuse",
                            "the encoding of " + show_box(boxes.back()),
                            "refused: " + got.refused->text,
                            false};
          }
          stream += got.bytes;
        }
        const auto back =
            kind.law == "round-trip" ? subject_.decode(octets::from(stream), {}) : by_reference(stream, version_);
        if (back.refused || back.incomplete || back.boxes.size() != boxes.size()) {
          r.theirs(1, "", stream);
          throw deviation{"decode",       "boxes", std::string(word_for(back)), std::to_string(boxes.size()) + " boxes",
                          in_words(back), false};
        }
        for (std::size_t i = 0; i < boxes.size(); ++i) {
          auto want = boxes[i];
          auto got = back.boxes[i];
          std::sort(want.begin(), want.end());
          std::sort(got.begin(), got.end());
          if (want != got) throw deviation{"decode", "boxes", "other", show_box(want), show_box(got), false};
        }
      }
    });
    return judge_.finish();
  }

  check_result operator()(const vectors::steps_kind&) {
    judge_.play("whole", [](recorder&) {
      throw mishap(mishap::kind::harness, "role", "a steps vector can't be played against a codec");
    });
    return judge_.finish();
  }

 private:
  void decode(recorder& r, const vectors::chosen<vectors::decode_expectation>& want, const octets& bytes,
              const cutting& cut) {
    r.ours(1, "", bytes, "decode, " + name_of(cut));
    const auto got = subject_.decode(bytes, cut);
    r.note(1, "", in_words(got));
    if (got.refused && got.refused->offset) r.point_at(*got.refused->offset, 1, "refused here");
    judge_.among(want, "decode", [&](const auto& branch) { compare(branch, got, names_); });
  }

  // `by` and `not_before`: prefixes handed over alone. Only where there is one expectation: a choice has no common
  // prefix.
  void alone(recorder& r, const vectors::chosen<vectors::decode_expectation>& chosen, const octets& refused) {
    if (!chosen.choice.empty() || chosen.branches.front().second.end != ending::reject) return;
    const auto& want = chosen.branches.front().second;
    const auto by = want.by ? vectors::evaluate(*want.by, names_.names) : refused.size();
    const auto head = prefix_of(refused, by);
    r.ours(1, "", head, "decode, only the octets that must be refused");
    const auto got = subject_.decode(head, {});
    r.note(1, "", in_words(got));
    if (!got.refused) {
      r.point_at(by == 0 ? 0 : by - 1, 1, "must be refused here, by octet " + std::to_string(by));
      throw deviation{"decode", "reject", "late", "refused by octet " + std::to_string(by), in_words(got), false};
    }
    compare(want, got, names_);
    if (!want.not_before) return;
    const auto not_before = vectors::evaluate(*want.not_before, names_.names);
    const auto early = subject_.decode(prefix_of(refused, not_before), {});
    if (early.refused) {
      r.point_at(0, not_before, "not wrong yet");
      throw deviation{"decode",        "not-yet",
                      "reject",        "the first " + std::to_string(not_before) + " octets alone not refused",
                      in_words(early), false};
    }
  }

  void encoded(recorder& r, const vectors::encode_expectation& want, const encode_outcome& got) {
    if (!want.bytes) {
      if (!got.refused) {
        throw deviation{"encode",
                        "refuse",
                        "encoded",
                        "refused (" + want.refuse + "), nothing written",
                        "encoded to " + std::to_string(got.bytes.size()) + " octets",
                        false};
      }
      if (!got.refused->reject_class.empty() && got.refused->reject_class != want.refuse) {
        throw deviation{"encode",
                        "class",
                        "other-class",
                        "refused (" + want.refuse + ")",
                        "refused (" + got.refused->reject_class + ")",
                        false};
      }
      return;
    }
    const auto bytes = vectors::realize(*want.bytes, names_.names);
    if (got.refused) {
      throw deviation{
          "encode", "bytes", "refuse", std::to_string(bytes.size()) + " octets", "refused: " + got.refused->text,
          false};
    }
    std::uint64_t at = 0;
    if (!vectors::equal_octets(bytes, got.bytes, &at)) {
      r.ours(1, "", bytes, "expected octets");
      r.point_at(at, 1, "differs from here");
      throw deviation{
          "encode",
          "bytes",
          "other",
          std::to_string(bytes.size()) + " octets as shown",
          std::to_string(got.bytes.size()) + " octets, the first that differs is octet " + std::to_string(at),
          false};
    }
  }

  static decode_outcome by_reference(const std::string& stream, amp::version);
  static plain_box random_box(std::mt19937_64& random, amp::version);

  const check& check_;
  codec_subject& subject_;
  const settings& settings_;
  judge judge_;
  bindings names_;
  const amp::version version_;
};

decode_outcome codec_play::by_reference(const std::string& stream, amp::version version) {
  decode_outcome out;
  amp::box_decoder decoder({.version = version});
  decoder.feed(stream);
  while (const auto box = decoder.next()) {
    plain_box b;
    for (const auto& p : *box) b.emplace_back(p.key, p.value);
    out.boxes.push_back(std::move(b));
  }
  if (const auto f = decoder.finish()) {
    out.incomplete = f->code == amp::errc::truncated;
    if (!out.incomplete) out.refused = refusal{std::string(amp::class_word(f->code)), f->offset, f->code.message()};
  }
  return out;
}

// Legal by construction: distinct keys of 1..255 octets, values up to 65535, most of them short, any octets. In version
// 2 one value in eight lies around a multiple of 65535 (AMP2-026).
plain_box codec_play::random_box(std::mt19937_64& random, amp::version version) {
  const auto some_octets = [&](std::size_t size) {
    std::string s(size, '\0');
    for (auto& c : s) c = static_cast<char>(random());
    return s;
  };
  plain_box box;
  std::set<std::string> keys;
  const std::size_t pairs = 1 + random() % 6;
  while (box.size() < pairs) {
    const bool long_key = random() % 16 == 0;
    std::string key = some_octets(1 + random() % (long_key ? 255 : 8));
    if (!keys.insert(key).second) continue;
    const auto kind = random() % 512;
    std::size_t size = kind == 0 ? random() % 65536 : kind < 32 ? random() % 600 : random() % 20;
    if (version == amp::version::v2 && random() % 8 == 0) {
      size = (1 + random() % 4) * amp::max_value - 3 + random() % 7;
    }
    box.emplace_back(std::move(key), some_octets(size));
  }
  return box;
}

}  // namespace

check_result run(const check& c, codec_subject& subject, const settings& s, patience&) {
  const std::string protocol(vectors::wire_protocol_of(c.vector->protocol));
  subject.speak(c.vector->form.empty() ? protocol : protocol + "." + c.vector->form);
  return std::visit(codec_play(c, subject, s), c.vector->kind);
}

}  // namespace ampspec::conformance
