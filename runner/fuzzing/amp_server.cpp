// One connection for each plan: everything is written at once, then what comes is held against the plan.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/amp_server.hpp"

#include "runner/fuzzing/listen.hpp"
#include "runner/subjects/tls.hpp"

#include <algorithm>

namespace ampspec::runner::fuzzing {

using conformance::mishap;

played amp_server::play(std::span<const std::string> cases, millis deadline) {
  const amp_plan plan = plan_of(cases, rules_);
  played p{plan.cases, {}, {}};
  const bool is_up = generation_ != 0;
  p.wrong = play(plan, deadline);
  if (p.wrong && p.wrong->ended && !met_ && is_up) p.before = before_;
  before_.assign(cases.begin(), cases.begin() + static_cast<std::ptrdiff_t>(plan.cases));
  return p;
}

std::optional<difference> amp_server::play(const amp_plan& plan, millis deadline) {
  ++connections;
  if (generation_ == 0) generation_ = host_.ensure_up();
  met_ = false;
  never_released_ += plan.waiting.size();
  std::unique_ptr<conformance::connection> link;
  amp_judge judge(plan);
  ending how;
  std::optional<difference> wrong;
  try {
    link = host_.connect(generation_, deadline);
    if (tls_) begin_tls(*link, "the server", deadline);
    met_ = true;  // before that the kernel alone may have taken the connection
    const std::string_view first = std::string_view(plan.sent).substr(0, plan.pause_at);
    link->send(first.empty() ? std::string_view(plan.sent) : first, deadline);
    bool ours_ended = false, all_sent = first.empty();
    const auto speak = [&] {
      bool said = false;
      if (!all_sent && judge.satisfied_early()) {
        link->send(std::string_view(plan.sent).substr(first.size()), deadline);
        all_sent = said = true;
      }
      if (all_sent && !ours_ended && judge.satisfied() && plan.closes_for.empty()) {
        link->half_close();
        ours_ended = said = true;
      }
      return said;
    };
    how = listen(*link, deadline, speak, [&](std::string_view octets) { judge.take(octets); });
  } catch (const mishap& m) {
    if (m.what_kind() == mishap::kind::crash) return gone(m);
    how.in_time = false;  // it does not accept, or does not read
    if (m.word() == "tls") wrong = without_tls(m, "AMP1-FRAME-040");
  }
  if (!wrong) wrong = judge.end(how.in_time, how.was_reset);
  // What ended may have been the process, also where the connection was to end, or might.
  if (wrong || how.was_reset || !plan.closes_for.empty() || plan.may_come != amp_plan::more::nothing) {
    if (const auto death = host_.death_of(generation_)) return gone(*death);
  }
  if (link) how.in_time ? link->close() : link->reset();
  return wrong;
}

difference amp_server::gone(const mishap& m) {
  generation_ = 0;
  return {
      "alive/crash:" + m.word(), "an answer, or the end of the connection", m.what(), "AMP1-FRAME-040", false, true};
}

void amp_server::calibrate(millis deadline) {
  const std::string nothing;
  const auto wrong = play(plan(nothing), deadline);
  if (wrong && wrong->ended) throw mishap(mishap::kind::crash, wrong->signature, wrong->got);
  if (wrong && wrong->signature.starts_with("tls/")) throw mishap(mishap::kind::fault, "tls", wrong->got);
  if (wrong && wrong->by_waiting && wrong->signature.ends_with("/nothing")) {
    throw mishap(mishap::kind::timeout, "answer",
                 "the server does not answer a call of a command that it does not know: expected " + wrong->expected +
                     ", got " + wrong->got);
  }
  if (rules_.refuses_repeated_keys) return;
  using std::string_literals::operator""s;
  const auto twice = "\0\1x\0\1a\0\1x\0\1b\0\4_ask\0\1d\0\x8_command\0\0\0\0"s;
  rules_.refuses_repeated_keys = false;
  if (!play(plan(twice), deadline)) return;
  rules_.refuses_repeated_keys = true;
  if (play(plan(twice), deadline)) rules_.refuses_repeated_keys.reset();
}

std::vector<std::string> amp_server::smaller(const std::string& stream) const {
  return smaller_boxes(stream, rules_.version);
}

std::vector<std::string> smaller_boxes(const std::string& stream, naive::format version) {
  std::vector<std::string> all;
  const auto add = [&](std::string made) {
    if (made != stream && made.size() <= stream.size()) all.push_back(std::move(made));
  };
  naive::reader reader({{}, false, version});
  const auto boxes = reader.feed(stream);
  std::vector<std::size_t> borders{0};
  for (std::size_t i = 0; i < boxes.size(); ++i) borders.push_back(stream.size() - reader.behind(i).size());
  const auto without = [&](std::size_t from, std::size_t to) { return stream.substr(0, from) + stream.substr(to); };

  // Halves of the boxes, then each of them.
  for (std::size_t many = boxes.size() / 2; many > 1; many /= 2) {
    for (std::size_t i = 0; i + many <= boxes.size(); i += many) add(without(borders[i], borders[i + many]));
  }
  for (std::size_t i = 0; i < boxes.size() && i < 64; ++i) add(without(borders[i], borders[i + 1]));
  if (borders.back() < stream.size() && !boxes.empty()) add(stream.substr(0, borders.back()));
  // Pairs, and what they hold, the lengths put right.
  for (std::size_t i = 0; i < boxes.size() && i < 16; ++i) {
    const auto put = [&](const naive::box& b) {
      const auto encoded = naive::encode(b, {}, version);
      if (encoded.refused.empty()) add(stream.substr(0, borders[i]) + encoded.bytes + stream.substr(borders[i + 1]));
    };
    const naive::box& whole = boxes[i];
    for (std::size_t p = 0; p < whole.size() && p < 40; ++p) {
      naive::box b = whole;
      b.erase(b.begin() + static_cast<std::ptrdiff_t>(p));
      put(b);
    }
    for (std::size_t p = 0; p < whole.size() && p < 40; ++p) {
      for (const bool of_key : {false, true}) {
        const std::string& text = of_key ? whole[p].first : whole[p].second;
        if (of_key && text.starts_with('_')) continue;
        for (const std::string& shorter :
             {std::string(), text.substr(0, 1), text.substr(0, text.size() / 2), text.substr(text.size() / 2),
              text.substr(0, text.size() - std::min<std::size_t>(text.size(), 1)), std::string(text.size(), 'x')}) {
          if (of_key && shorter.empty()) continue;
          naive::box b = whole;
          (of_key ? b[p].first : b[p].second) = shorter;
          put(b);
        }
      }
    }
  }
  // Octets of the rest, whatever they are.
  const std::size_t rest = borders.back();
  for (std::size_t many = (stream.size() - rest) / 2; many > 0; many /= 2) {
    for (std::size_t at = rest; at + many <= stream.size() && all.size() < 600; at += many) add(without(at, at + many));
  }
  return all;
}

}  // namespace ampspec::runner::fuzzing
