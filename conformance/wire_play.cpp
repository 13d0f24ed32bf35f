// The steps of a play, one after another.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/wire_play.hpp"

#include "conformance/overloaded.hpp"

#include <algorithm>

namespace ampspec::conformance {

void wire_play::steps(const vectors::steps& list) {
  empty_topics();
  if (amps_ && world_.client) world_.client->prepare(setup_of(list));
  open("main");
  for (std::size_t i = 0; i < list.size(); ++i) run(static_cast<int>(i) + 1, list[i]);
  finish();
}

void wire_play::decode(const vectors::decode_kind& kind) {
  const auto& chosen = kind.expect.at(check_.role);
  const auto& want = chosen.branches.front().second;
  auto bytes = vectors::realize(kind.bytes, names_.names);
  auto& side = open("main");
  if (want.end == vectors::ending::reject && want.by) {
    std::string head(static_cast<std::size_t>(vectors::evaluate(*want.by, names_.names)), '\0');
    bytes.read(0, head);
    bytes = octets::from(std::move(head));
  }
  step_ = 1;
  send(side, "main", bytes);
  if (want.end == vectors::ending::reject) {
    if (kind.then) {
      // What was refused must be seen to be refused before more is sent: unread octets would turn the close into a
      // reset.
      side.link->settle();
      send(side, "main", vectors::realize(*kind.then, names_.names));
    }
    record_.point_at(bytes.size() == 0 ? 0 : bytes.size() - 1, 1,
                     "must be refused here, by octet " + std::to_string(bytes.size()));
    await_close(side, "main");
  } else if (want.end == vectors::ending::incomplete) {
    side.link->half_close();
    side.ours_ended = true;
    record_.note(1, "main", "we closed our direction inside a box");
    await_quiet(side, "main", "nothing");
  } else {
    await_quiet(side, "main", "nothing");
  }
  reset_all();
}

void wire_play::run(int number, const vectors::step& s) {
  step_ = number;
  auto& side = open(s.connection);
  const auto& name = s.connection;
  std::visit(overloaded{
                 [&](const vectors::send_step& x) {
                   if (!send_large(side, name, x)) send(side, name, sent_by(side, x));
                 },
                 [&](const vectors::expect_boxes_step& x) { expect(side, name, x); },
                 [&](const vectors::expect_bytes_step& x) { expect(side, name, x); },
                 [&](const vectors::expect_group_step& x) { expect(side, name, x); },
                 [&](const vectors::expect_pong_step& x) { expect(side, name, x); },
                 [&](const vectors::expect_close_step& x) {
                   await_close(side, name, x.within);
                   if (!x.code || !side.ws) return;
                   const auto code = std::to_string(side.ws->closed ? side.ws->closed->code : 1006);
                   if (!matches(*x.code, code, names_))
                     deviate("close", "other", "close code " + describe(*x.code, names_), "close code " + code);
                 },
                 [&](const vectors::expect_silence_step& x) {
                   if (x.by_waiting || x.lasts) return await_quiet(side, name, "nothing", x.close_allowed, x.lasts);
                   fence(side, name, x.close_allowed);
                 },
                 [&](const vectors::start_tls_step& x) { start_tls(side, name, x); },
                 [&](const vectors::switched_step&) {
                   side.switched = true;
                   record_.note(step_, name, "another protocol from here on");
                 },
                 [&](const vectors::half_close_step&) {
                   side.link->half_close();
                   side.ours_ended = true;
                   record_.note(step_, name, "we closed our direction");
                 },
                 [&](const vectors::close_step&) {
                   side.link->close();
                   side.ours_ended = true;
                   record_.note(step_, name, "we closed the connection");
                 },
                 [&](const vectors::reset_step&) {
                   side.link->reset();
                   side.ours_ended = true;
                   record_.note(step_, name, "we reset the connection");
                 },
                 [&](const vectors::call_step& x) {
                   auto box = plain(x.box.pairs, names_);
                   if (!x.of.empty()) box.emplace_back("of", std::to_string(calls_.at(x.of)));
                   if (x.starts == vectors::call_step::change::tls) {
                     record_.note(step_, name, "told it to call StartTLS");
                     calls_[x.name] = world_.client->start_tls(patience_.limit());
                     return;
                   }
                   if (!x.command) {
                     record_.note(step_, name, "told it to send the box " + show_box(box));
                     calls_[x.name] = world_.client->send_box(box, patience_.limit());
                     return;
                   }
                   const auto command = vectors::realize(*x.command, names_.names, names_.captured).str();
                   if (x.starts == vectors::call_step::change::other) {
                     record_.note(step_, name, "told it to switch by " + show_octets(command) + " " + show_box(box));
                     calls_[x.name] = world_.client->call_switch(command, box, patience_.limit());
                     return;
                   }
                   record_.note(step_, name,
                                "told it to call " + show_octets(command) + " " + show_box(box) +
                                    (x.ask ? "" : ", without _ask"));
                   logon_made_ = logon_made_ || command == "logon";
                   calls_[x.name] = world_.client->call(command, box, x.ask, patience_.limit());
                 },
                 [&](const vectors::boxed<vectors::expect_ended_step>& x) { ended(*x); },
                 [&](const vectors::expect_pending_step& x) {
                   fence(side, name, false);
                   if (const auto it = ended_.find(calls_.at(x.call)); it != ended_.end()) {
                     deviate("pending", it->second.how, "call " + x.call + " not to have ended", in_words(it->second));
                   }
                 },
                 [&](const vectors::choice_step& x) { choose(number, side, name, x); },
                 [&](const vectors::repeat_step& x) { repeat(number, x); },
                 [&](const vectors::write_stream_step& x) { write_stream(name, x); },
                 [&](const vectors::take_writes_step& x) { take_writes(side, name, x); },
                 [&](const vectors::boxed<vectors::amps_step>& x) {
                   std::visit([&](const auto& each) { run_amps(side, name, each); }, x->what);
                 },
                 [&](const vectors::boxed<vectors::bulk_step>& x) {
                   const auto call = http_.run(number, *x);
                   if (const auto* transfer = std::get_if<vectors::transfer_step>(&x->what))
                     calls_[transfer->name] = call;
                 },
             },
             s.what);
}

void wire_play::repeat(int number, const vectors::repeat_step& s) {
  const auto times = vectors::evaluate(s.times, names_.names);
  for (std::uint64_t i = 0; i < times; ++i) {
    if (++rounds_ > vectors::most_rounds)
      throw mishap(mishap::kind::harness, "rounds", "more than " + std::to_string(vectors::most_rounds) + " rounds");
    if (!s.as.empty()) names_.names[s.as] = std::to_string(i);
    for (const auto& each : s.body) run(number, each);
  }
  if (!s.as.empty()) names_.names.erase(s.as);
}

void wire_play::expect(end_point& side, const std::string& name, const vectors::expect_boxes_step& s) {
  if (!s.any_order) {
    for (const auto& want : s.boxes) {
      const std::string expected = "a " + noun_ + " " + describe(want, names_);
      const auto got = next_box(side, name, expected, {&want, 1}, s.within);
      if (const auto d = differs(want, as_asked(want, got), names_, got.large))
        deviate(word_, "other", expected, d->text + "; got " + show_box(got.box));
    }
    return;
  }
  std::vector<plain_box> got;
  std::vector<large_values> large;
  for (std::size_t i = 0; i < s.boxes.size(); ++i) {
    const std::string expected = noun_ + " " + std::to_string(i + 1) + " of " + std::to_string(s.boxes.size());
    auto next = next_box(side, name, expected, s.boxes, s.within);
    got.push_back(std::move(next.box));
    large.push_back(std::move(next.large));
  }
  if (const auto d = differs_in_any_order(s.boxes, got, names_, large)) {
    std::string all;
    for (std::size_t i = 0; i < got.size() && i < 5; ++i) all += (i == 0 ? "" : ", ") + show_box(got[i]);
    deviate(amps_ ? "messages" : "boxes", "other",
            std::to_string(s.boxes.size()) + (amps_ ? " messages" : " boxes") + " in any order",
            d->text + "; got " + all);
  }
}

void wire_play::expect(end_point& side, const std::string& name, const vectors::expect_bytes_step& s) {
  const auto want = vectors::realize(s.bytes, names_.names, names_.captured);
  const auto began = clock::now();
  const auto until = began + patience_.for_answer();
  const std::string expected = std::to_string(want.size()) + " octets";
  while (side.in.size() < want.size()) {
    if (side.closed)
      deviate("bytes", "close", expected,
              close_in_words(side.was_reset) + " after " + std::to_string(side.in.size()) + " octets");
    if (!more(side, name, until))
      deviate("bytes", "nothing", expected, "only " + std::to_string(side.in.size()) + " octets in time", true);
  }
  patience_.answered_after(std::chrono::duration_cast<millis>(clock::now() - began));
  const std::string got = side.in.substr(0, static_cast<std::size_t>(want.size()));
  std::uint64_t at = 0;
  if (!vectors::equal_octets(want, got, &at)) {
    record_.ours(step_, name, want, "expected octets (not sent)");
    record_.point_at(at, 1, "differs from here");
    deviate("bytes", "other", expected + " as shown", "the first that differs is octet " + std::to_string(at));
  }
  side.in.erase(0, got.size());
}

bool wire_play::begins_with_silence(const vectors::steps& branch) {
  return std::holds_alternative<vectors::expect_silence_step>(branch.front().what);
}

bool wire_play::silence_seen(const vectors::choice_step& s) const {
  const std::string seen = judge_.branch_seen(s.choice);
  return std::any_of(s.branches.begin(), s.branches.end(),
                     [&](const auto& b) { return b.first == seen && begins_with_silence(b.second); });
}

millis wire_play::longest_wait(const vectors::choice_step& s) const {
  millis longest = patience_.for_answer();
  for (const auto& [branch, steps] : s.branches) {
    const auto& first = steps.front().what;
    if (const auto* boxes = std::get_if<vectors::expect_boxes_step>(&first))
      longest = std::max(longest, wait_of(boxes->within));
    if (const auto* close = std::get_if<vectors::expect_close_step>(&first))
      longest = std::max(longest, wait_of(close->within));
  }
  return longest;
}

void wire_play::choose(int number, end_point& side, const std::string& name, const vectors::choice_step& s) {
  sight seen = sight::nothing;
  const bool silence_legal =
      std::any_of(s.branches.begin(), s.branches.end(), [](const auto& b) { return begins_with_silence(b.second); });
  // A fence of a client is a call of its own, before which nothing may come: what comes is looked for first. Where
  // an earlier play saw silence the fences do: whatever else is seen now deviates.
  if (silence_legal && world_.client && !silence_seen(s)) seen = look(side, name, patience_.for_quiet());
  if (silence_legal && seen == sight::nothing) {
    try {
      // One answer is no proof: a fence that came in the same read as what closes may still be answered before the
      // close.
      fence(side, name, true);
      if (!side.closed) fence(side, name, true);
      seen = side.closed ? sight::closed : sight::nothing;
    } catch (const deviation& d) {
      if (d.got_word != word_) throw;
      seen = sight::box;
      if (world_.client) throw;  // the fence's own call is still to come
    }
  } else if (!silence_legal) {
    seen = look(side, name, longest_wait(s));
  }
  std::string expected;
  for (const auto& [branch, steps] : s.branches) {
    expected += (expected.empty() ? "" : ", or ") + branch;
    if (!begins_as(steps.front(), seen, side)) continue;
    judge_.chose(where(), s.choice, branch);
    record_.note(step_, name, "choice " + s.choice + ": " + branch);
    for (const auto& each : steps) run(number, each);
    return;
  }
  const std::string got = seen == sight::box      ? came(side)
                          : seen == sight::closed ? close_in_words(side.was_reset)
                                                  : "nothing in time";
  deviate("choice",
          seen == sight::box      ? word_
          : seen == sight::closed ? "close"
                                  : "nothing",
          expected, got, seen == sight::nothing);
}

bool wire_play::begins_as(const vectors::step& first, sight seen, end_point& side) {
  return std::visit(overloaded{
                        [&](const vectors::expect_boxes_step& x) {
                          if (seen != sight::box) return false;
                          const auto p = head_box(side);
                          const auto fits = [&](const auto& m) {
                            bindings trial = names_;
                            return !differs(m, as_asked(m, *p), trial);
                          };
                          return x.any_order ? std::any_of(x.boxes.begin(), x.boxes.end(), fits)
                                             : fits(x.boxes.front());
                        },
                        [&](const vectors::expect_bytes_step&) { return seen == sight::box; },
                        [&](const vectors::expect_group_step&) {
                          if (seen != sight::box) return false;
                          const auto* c = find(head_box(side)->box, "c");
                          return c && *c == "group_begin";
                        },
                        [&](const vectors::expect_close_step&) { return seen == sight::closed; },
                        [&](const vectors::expect_silence_step& x) {
                          return seen == sight::nothing || (x.close_allowed && seen == sight::closed);
                        },
                        [&](const auto&) { return false; },
                    },
                    first.what);
}

void wire_play::finish() {
  step_ = 0;
  if (check_.vector->fence) {
    for (auto& [name, side] : ends_) {
      if (side.ours_ended || (side.closed && side.in.empty())) continue;
      fence(side, name, false);
    }
  }
  if (world_.client) {
    while (take_event(clock::now())) {  // ends that came already: none may be a second one
    }
    inbox_.finish(where());
  }
  reset_all();
}

}  // namespace ampspec::conformance
