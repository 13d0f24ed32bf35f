// Plays cases through the naive conversation and tells where the protocol leaves open what comes next.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/amp_plan.hpp"

#include "reference/naive/conversation.hpp"
#include "reference/naive/text.hpp"

#include <algorithm>
#include <map>

namespace ampspec::runner::fuzzing {
namespace {

using naive::box;
using naive::find;

constexpr std::size_t largest_stream = 256u << 10;

// How sure it is what becomes of a box.
enum class certainty {
  all,      ///< what comes of it, and that the connection goes on or ends as the model does
  answer,   ///< what comes of it; the connection may end
  nothing,  ///< neither
};

// What a text is for an argument of the type Integer.
enum class integer_text { good, bad, either };
integer_text as_integer(const std::optional<std::string>& text) {
  if (!text) return integer_text::bad;
  const std::string_view digits = std::string_view(*text).substr(text->starts_with('-') ? 1 : 0);
  const bool plain = !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
  if (plain) {
    const bool canonical = digits.size() <= 18 && (digits[0] != '0' || (digits.size() == 1 && text->size() == 1));
    return canonical ? integer_text::good : integer_text::either;
  }
  // Signs, white space and marks between digits: accepted by some, which is no more than a deviation (AMP1-TYPE-004).
  const auto is_odd = [](char c) {
    return std::string_view("+-_ \t\r\n\v\f\x1c\x1d\x1e\x1f\0", 14).find(c) != std::string_view::npos;
  };
  const bool may_be =
      std::any_of(text->begin(), text->end(), is_odd) &&
      std::all_of(text->begin(), text->end(), [&](char c) { return (c >= '0' && c <= '9') || is_odd(c); });
  return may_be ? integer_text::either : integer_text::bad;
}

// A large answer is no matter of fuzzing: it takes the time of ten thousand cases. Such requests are left out.
bool asks_for_too_much(const box& b) {
  const auto command = find(b, "_command"), size = find(b, "size");
  return size && size->size() > 6 && (command == "Big" || command == "BigError" || command == "StreamSend");
}

constexpr std::string_view fence_command = "ampspec-fence";

bool of_service(std::string_view command) {
  return naive::schema_of(command) != nullptr || command.starts_with("Stream") || command.starts_with("Bulk");
}

// The command by name if it is one that everybody knows, else what kind of name it has.
std::string word_for(const std::string& command) {
  if (of_service(command) &&
      command.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == command.npos)
    return command;
  if (command == fence_command) return "fence";
  if (command.empty()) return "empty";
  const bool ascii = std::all_of(command.begin(), command.end(), [](char c) { return (c & 0x80) == 0; });
  if (ascii && command.size() > 255) return "long";
  return ascii ? "unknown" : naive::is_utf8(command) ? "unknown-utf8" : "unknown-octets";
}

class planner {
 public:
  explicit planner(const amp_rules& rules)
      : rules_(rules), with_(options_of(rules)), model_(with_, std::make_shared<naive::service_state>()) {
    plan_.version = rules.version;
  }

  amp_plan make(std::span<const std::string> cases) {
    for (const std::string& one : cases) {
      if (plan_.cases > 0 && plan_.sent.size() + one.size() > largest_stream) break;
      ++plan_.cases;
      if (!take(one)) return finished();
    }
    take_fence();
    return finished();
  }

 private:
  static naive::options options_of(const amp_rules& rules) {
    naive::options with;
    with.version = rules.version;
    with.refuse_repeated_keys = rules.refuses_repeated_keys.value_or(false);
    return with;
  }

  // False: the connection ends here.
  bool take(std::string_view stream) {
    naive::options lenient = with_;
    lenient.refuse_repeated_keys = false;
    naive::reader reader(lenient);
    const auto boxes = reader.feed(stream);
    std::size_t at = 0;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      const std::size_t end = stream.size() - reader.behind(i).size();
      if (!take(boxes[i], stream.substr(at, end - at))) return false;
      at = end;
    }
    const auto rest = stream.substr(at);
    switch (reader.end()) {
      case naive::ending::clean:
        return true;
      case naive::ending::incomplete:
        plan_.sent += rest;
        return false;
      case naive::ending::rejected:
        break;
    }
    // One octet of a length may be enough to refuse it, and need not be (AMP1-FRAME-014).
    const std::size_t enough = static_cast<std::size_t>(reader.refused().offset) - at + 2;
    plan_.sent += rest.substr(0, enough);
    if (rest.size() < enough) return false;
    plan_.closes_for = reader.refused().word;
    send_behind(rest.substr(enough));
    return false;
  }

  bool take(const box& b, std::string_view written) {
    if (asks_for_too_much(b)) return true;
    const bool repeated = naive::encode(b, {}, with_.version).bytes.size() != written.size();
    certainty sure = judge(b);
    if (repeated && !rules_.refuses_repeated_keys) sure = certainty::nothing;
    if (b.size() > 1000 || written.size() > (1u << 20)) sure = certainty::nothing;  // AMP1-FRAME-034
    // An unknown command whose name is not ASCII must be answered, and often is not (AMP1-CONV-009): alone at the end
    // it does not hide what else there is to find.
    const auto command = find(b, "_command");
    const bool odd = command && word_for(*command).starts_with("unknown-");
    const bool ends = odd || sure != certainty::all || !find(b, "_command") || find(b, "_command") == "Fatal" ||
                      (repeated && with_.refuse_repeated_keys);
    if (ends) pause();
    plan_.sent += written;
    if (sure == certainty::nothing) {
      plan_.may_come = changes_protocol(b) ? amp_plan::more::octets : amp_plan::more::boxes;
      return false;
    }
    model_.receive(written);
    const auto came = naive::decode(model_.output(), {{}, false, with_.version});
    for (const box& answer : came.boxes) await(answer);
    if (model_.wants_close()) {
      if (sure == certainty::all) plan_.closes_for = repeated ? "duplicate-key" : why_closed(b);
      return false;
    }
    return sure == certainty::all && !odd;
  }

  // What comes next ends the connection, or may.
  void pause() {
    if (plan_.awaited.empty()) return;
    plan_.pause_at = plan_.sent.size();
    for (auto& a : plan_.awaited) a.early = true;
  }

  static bool changes_protocol(const box& b) {
    const auto command = find(b, "_command");
    return command == "StartTLS" || command == "Switch" || command == "AskTls" || command == "AskSwitch";
  }

  static std::string why_closed(const box& b) {
    if (find(b, "_command")) return *find(b, "_command");
    return b.empty() ? "empty-box" : "no-kind";
  }

  // Nothing of this may be parsed any more (AMP1-FRAME-044); half of all plans try it.
  void send_behind(std::string_view behind) {
    std::uint64_t sum = 1469598103934665603u;
    for (const char c : plan_.sent) sum = (sum ^ static_cast<unsigned char>(c)) * 1099511628211u;
    if ((sum >> 32) % 2 != 0) return;
    plan_.sent += behind.substr(0, 4096);
    plan_.sent += request("behind");
  }

  std::string request(const std::string& tag) const {
    return naive::encode({{"_ask", tag}, {"_command", std::string(fence_command)}}, {}, with_.version).bytes;
  }

  void take_fence() {
    if (asked_.count("fence") != 0) return;
    const std::string octets = request("fence");
    plan_.fenced = true;
    take(octets);
  }

  certainty judge(const box& b) {
    const auto command = find(b, "_command"), ask = find(b, "_ask");
    const bool settles = find(b, "_answer") || find(b, "_error");
    if (settles) return certainty::nothing;  // for nothing that is pending, or mixed: rows 6 and 7
    if (!command) return certainty::all;     // AMP1-CONV-033
    if (ask && !asked_.insert(*ask).second) return certainty::nothing;  // AMP1-CONV-032
    if (ask) asked_of_[*ask] = *command;
    if (!of_service(*command)) return ask ? certainty::all : certainty::answer;  // without _ask: row 4
    if (!rules_.offers || !rules_.offers(*command)) return certainty::nothing;
    const certainty sure = judge(*command, b);
    // Without _ask whatever fails may end the connection, and it can't be seen whether it failed.
    if (!ask && sure == certainty::all && *command != "Note" && *command != "Noted") return certainty::answer;
    return sure;
  }

  certainty judge(const std::string& command, const box& b) {
    const auto integers = [&](std::string_view one, std::string_view other) {
      const auto x = as_integer(find(b, one)), y = as_integer(find(b, other));
      if (x == integer_text::bad || y == integer_text::bad) return certainty::answer;  // row 5
      return x == integer_text::good && y == integer_text::good ? certainty::all : certainty::nothing;
    };
    const auto natural = [&](std::string_view name, std::int64_t most) {
      const auto text = find(b, name);
      if (as_integer(text) == integer_text::bad) return certainty::answer;
      if (as_integer(text) == integer_text::either || text->starts_with('-')) return certainty::nothing;
      return *naive::integer(*text) <= most ? certainty::all : certainty::nothing;
    };
    const auto octets = [&](std::string_view name) { return find(b, name) ? certainty::all : certainty::answer; };
    if (command == "Sum") return integers("a", "b");
    if (command == "Divide") {
      const certainty sure = integers("numerator", "denominator");
      if (sure != certainty::all) return sure;
      const auto above = *naive::integer(*find(b, "numerator")), below = *naive::integer(*find(b, "denominator"));
      return below == 0 || above % below == 0 ? certainty::all : certainty::nothing;  // vectors divide evenly
    }
    if (command == "Echo") return octets("data");
    if (command == "Defer") {
      if (!find(b, "name")) return certainty::answer;
      if (const auto ask = find(b, "_ask")) plan_.waiting.insert(*ask);
      return certainty::all;
    }
    if (command == "Release") return octets("name");
    if (command == "Fail") return certainty::answer;
    if (command == "AskBack") return natural("depth", 0);
    if (command == "Note") {
      const auto text = find(b, "text");
      if (!text) return certainty::answer;
      noted_ += text->size() + 1;
      return noted_ < 60'000 ? certainty::all : certainty::nothing;
    }
    if (command == "Noted" || command == "Fatal") return certainty::all;
    if (command == "Big") return natural("size", static_cast<std::int64_t>(naive::max_value));
    if (command == "BigError") return natural("size", static_cast<std::int64_t>(naive::max_value) / 2);
    return certainty::nothing;
  }

  void await(const box& answer) {
    awaited_box a{answer, {}, false, false, {}};
    const auto error = find(answer, "_error");
    const std::string tag = error ? *error : find(answer, "_answer").value_or("");
    const std::string command = asked_of_[tag];
    a.of = word_for(command);
    plan_.waiting.erase(tag);
    const auto* schema = naive::schema_of(command);
    if (error && schema != nullptr && find(answer, "_error_code") == "UNKNOWN") {  // AMP1-CONV-016
      a.codes.assign(schema->codes.begin(), schema->codes.end());
    }
    // A call of that name may have been left behind by a connection that has ended.
    a.or_answer = command == "Release" && error.has_value();
    plan_.awaited.push_back(std::move(a));
  }

  amp_plan finished() { return std::move(plan_); }

  const amp_rules& rules_;
  const naive::options with_;
  naive::conversation model_;
  amp_plan plan_;
  std::set<std::string> asked_;
  std::map<std::string, std::string> asked_of_;
  std::size_t noted_ = 0;
};

bool same_pairs(box a, box b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

bool fits(const awaited_box& want, const box& got) {
  if (const auto tag = find(want.box, "_error")) {
    if (want.or_answer && same_pairs(got, {{"_answer", *tag}})) return true;
    const auto code = find(got, "_error_code"), description = find(got, "_error_description");
    if (got.size() != 3 || find(got, "_error") != tag || !code || !description) return false;
    if (!naive::is_utf8(*description)) return false;  // AMP1-CONV-019
    return code == find(want.box, "_error_code") || std::count(want.codes.begin(), want.codes.end(), *code) > 0;
  }
  return same_pairs(want.box, got);
}

// The clause by which a connection ends for that reason.
std::string clause_of_close(const std::string& why) {
  if (why == "empty-box") return "AMP1-CONV-034";
  if (why == "no-kind") return "AMP1-CONV-033";
  if (why == "Fatal") return "AMP1-CONV-013";
  return why == "duplicate-key" ? "AMP1-FRAME-026" : "AMP1-FRAME-015";
}

std::optional<std::string> tag_of(const box& b) {
  const auto answer = find(b, "_answer");
  return answer ? answer : find(b, "_error");
}

std::string reserved_shape(const box& b) {
  std::string shape;
  if (const auto command = find(b, "_command")) {
    shape += word_for(*command) + (find(b, "_ask") ? "?" : "!");
  } else if (find(b, "_ask")) {
    shape += "ask-alone";
  }
  if (find(b, "_answer")) shape += "+answer";
  if (find(b, "_error")) shape += "+error";
  return shape.empty() ? (b.empty() ? "empty-box" : "no-kind") : shape;
}

}  // namespace

amp_plan plan_of(std::span<const std::string> cases, const amp_rules& rules) { return planner(rules).make(cases); }

std::string in_words(const box& b) {
  if (const auto code = find(b, "_error_code"); code && find(b, "_error")) {
    const bool plain =
        !code->empty() && code->size() < 40 && code->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == code->npos;
    return "error " + (plain ? *code : std::string("of-own"));
  }
  if (find(b, "_error")) return "error without-code";
  if (find(b, "_answer")) return "answer";
  if (find(b, "_command")) return "request";
  return "box";
}

std::string shape_of(std::string_view stream, naive::format version) {
  naive::reader reader({{}, false, version});
  const auto boxes = reader.feed(stream);
  std::string shape;
  for (std::size_t i = 0; i < boxes.size() && i < 8; ++i) shape += (i == 0 ? "" : " ") + reserved_shape(boxes[i]);
  if (reader.end() == naive::ending::rejected) shape += " refused:" + reader.refused().word;
  if (reader.end() == naive::ending::incomplete) shape += " cut";
  return shape;
}

amp_judge::amp_judge(const amp_plan& plan)
    : plan_(plan), reader_({{}, false, plan.version}), awaited_(plan.awaited), waiting_(plan.waiting) {}

void amp_judge::differs(std::string signature, std::string expected, std::string got, std::string clause) {
  if (!wrong_) wrong_ = difference{std::move(signature), std::move(expected), std::move(got), std::move(clause)};
}

bool amp_judge::satisfied_early() const {
  return wrong_ || std::none_of(awaited_.begin(), awaited_.end(), [](const auto& a) { return a.early; });
}

void amp_judge::take(std::string_view octets) {
  if (wrong_) return;
  for (const box& b : reader_.feed(octets)) {
    if (!wrong_) take(b);
  }
  if (reader_.end() == naive::ending::rejected && plan_.may_come != amp_plan::more::octets) {
    differs("box/refused:" + reader_.refused().word, "boxes", "octets that are no boxes: " + reader_.refused().word,
            "AMP1-FRAME-001");
  }
}

void amp_judge::take(const box& got) {
  const auto found = std::find_if(awaited_.begin(), awaited_.end(), [&](const auto& want) { return fits(want, got); });
  if (found != awaited_.end()) {
    awaited_.erase(found);
    return;
  }
  const auto tag = tag_of(got);
  if (find(got, "_error") && waiting_.erase(*tag) > 0) return;
  const auto of_same_tag =
      std::find_if(awaited_.begin(), awaited_.end(), [&](const auto& want) { return tag && tag_of(want.box) == tag; });
  if (of_same_tag != awaited_.end()) {
    const std::string want = in_words(of_same_tag->box), have = in_words(got);
    const std::string clause = find(of_same_tag->box, "_answer") ? "AMP1-CONV-001"
                               : want == "error UNHANDLED"       ? "AMP1-CONV-007"
                                                                 : "AMP1-CONV-014";
    return differs(want + "(" + of_same_tag->of + ")/" + (want == have ? "other " : "") + have,
                   want + " of " + of_same_tag->of, (want == have ? "one with other values: " : "") + have, clause);
  }
  if (plan_.may_come != amp_plan::more::nothing) return;
  if (plan_.closes_for.empty()) {
    return differs("silence/" + in_words(got), "nothing more", "one box more: " + in_words(got), "AMP1-CONV-001");
  }
  differs("close(" + plan_.closes_for + ")/" + in_words(got), "the end of the connection, and no box for what ended it",
          "a box: " + in_words(got), clause_of_close(plan_.closes_for));
}

std::optional<difference> amp_judge::end(bool in_time, bool was_reset) {
  if (wrong_) return wrong_;
  const bool behind_close = !plan_.closes_for.empty();
  // A reset may have eaten answers, and comes where what we had sent behind the last box was not read.
  if (!awaited_.empty() && !(was_reset && (behind_close || plan_.may_come != amp_plan::more::nothing))) {
    const auto& first = awaited_.front();
    const std::string want = in_words(first.box);
    differs(want + "(" + first.of + ")/" + (in_time ? "close" : "nothing"), want + " of " + first.of,
            in_time ? "the end of the connection" : "nothing in time",
            first.of.starts_with("unknown-") ? "AMP1-CONV-009" : "AMP1-CONV-001");
    wrong_->by_waiting = !in_time;
    return wrong_;
  }
  if (in_time && reader_.end() == naive::ending::incomplete && !was_reset && plan_.may_come != amp_plan::more::octets) {
    differs("box/cut", "whole boxes", "a box that is cut off by the end of the connection", "AMP1-FRAME-042");
  }
  if (!in_time && behind_close) {
    differs("close(" + plan_.closes_for + ")/open", "the end of the connection", "it stays open",
            clause_of_close(plan_.closes_for));
    wrong_->by_waiting = true;
  } else if (!in_time) {
    differs("close(end)/open", "the end of the connection, since we have ended our side", "it stays open",
            "AMP1-CONV-046");
    wrong_->by_waiting = true;
  }
  return wrong_;
}

}  // namespace ampspec::runner::fuzzing
