// Fences of a play: how it is shown, without waiting, that nothing comes.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/wire_play.hpp"

#include <algorithm>

namespace ampspec::conformance {

void wire_play::fence(end_point& side, const std::string& name, bool close_allowed) {
  if (side.closed && side.in.empty()) {
    if (close_allowed) return;
    deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
  }
  if (side.ours_ended) {  // nothing can be asked any more
    await_quiet(side, name, "nothing more");
    if (side.closed && !close_allowed)
      deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
    return;
  }
  if (side.switched) {
    fence_by_echo(side, name);
  } else if (amps_ && world_.client) {
    fence_by_flush(side, name, close_allowed);
  } else if (world_.client) {
    fence_by_call(side, name, close_allowed);
  } else {
    fence_by_request(side, name, close_allowed);
  }
}

std::string wire_play::fence_request(const std::string& tag) const {
  // Also before a logon: then it fails, and says so (AMPS-LOGON-011).
  if (amps_) return framed({{"c", "flush"}, {"cid", tag}, {"a", "processed"}});
  const auto supports = settings_.supports.find(check_.role);
  const bool service = supports != settings_.supports.end() && supported(supports->second, "service.core");
  // An unknown command must be answered too; with the service the fence does not depend on that.
  return encoded({{"_ask", tag}, {"_command", service ? "Echo" : "ampspec-fence"}, {"data", "fence"}});
}

void wire_play::fence_by_request(end_point& side, const std::string& name, bool close_allowed) {
  const std::string tag = "fence-" + std::to_string(++fences_);
  side.fences.insert(tag);
  side.link->send(carried(side, fence_request(tag)), patience_.limit());
  const auto began = clock::now();
  const auto until = began + patience_.for_answer();
  while (true) {
    if (const auto p = head_box(side)) {
      const auto* answered = answered_fence(p->box);
      if (!answered || side.fences.erase(*answered) == 0) deviate("silence", word_, "nothing more", came(side));
      remove_head(side, *p);
      patience_.answered_after(std::chrono::duration_cast<millis>(clock::now() - began));
      if (*answered == tag) return;
      continue;
    }
    if (side.closed) {
      if (!side.in.empty()) deviate("silence", "octets", "nothing more", came(side));
      if (close_allowed) return;
      deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
    }
    if (!more(side, name, until)) {
      if (!side.in.empty()) deviate("silence", "octets", "nothing more", came(side));
      deviate("fence", "nothing", "an answer to a further request, as proof that nothing else comes",
              "no answer in time", true);
    }
  }
}

bool wire_play::await_call(end_point& side, const std::string& name, const std::string& what, bool close_allowed) {
  const auto until = clock::now() + patience_.for_answer();
  while (!head_box(side)) {
    if (side.closed) {
      if (!side.in.empty()) deviate("silence", "octets", "nothing more", came(side));
      if (close_allowed) return false;
      deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
    }
    if (!more(side, name, until))
      deviate("fence", "nothing", what + " to be sent, as proof that nothing else comes", "nothing in time", true);
  }
  return true;
}

void wire_play::fence_by_call(end_point& side, const std::string& name, bool close_allowed) {
  const std::string mark = std::to_string(314159 + ++fences_);
  const auto id = world_.client->call("Sum", {{"a", mark}, {"b", "1"}}, true, patience_.limit());
  calls_["fence " + mark] = id;
  if (!await_call(side, name, "a further call", close_allowed)) return;
  const auto p = head_box(side);
  const auto* command = find(p->box, "_command");
  const auto* a = find(p->box, "a");
  const auto* tag = find(p->box, "_ask");
  if (!command || *command != "Sum" || !a || *a != mark || !tag) deviate("silence", "box", "nothing more", came(side));
  remove_head(side, *p);
  side.link->send(encoded({{"_answer", *tag}, {"total", "1"}}), patience_.limit());
  await_end("fence " + mark, "the further call to end, as proof that everything before it was read", close_allowed);
}

void wire_play::fence_by_flush(end_point& side, const std::string& name, bool close_allowed) {
  if (!logon_made_) take_logon(side, name, 0);
  const std::string call = "fence " + std::to_string(++fences_);
  calls_[call] = world_.client->call("flush", {}, true, patience_.limit());
  if (!await_call(side, name, "a flush", close_allowed)) return;
  const auto p = head_box(side);
  const auto* command = find(p->box, "c");
  const auto* id = find(p->box, "cid");
  const auto* asked = find(p->box, "a");
  if (!command || *command != "flush" || !id || !asked) deviate("silence", "box", "nothing more", came(side));
  remove_head(side, *p);
  std::string acks;
  for (const char* type : {"received", "processed", "completed", "persisted"}) {
    if ((',' + *asked + ',').find(',' + std::string(type) + ',') == std::string::npos) continue;
    acks += framed({{"c", "ack"}, {"cid", *id}, {"a", type}, {"status", "success"}});
  }
  side.link->send(carried(side, acks), patience_.limit());
  await_end(call, "the flush to end, as proof that everything before it was read", close_allowed);
}

void wire_play::fence_by_echo(end_point& side, const std::string& name) {
  const std::string mark = "fence-" + std::to_string(++fences_) + ".";
  side.link->send(mark, patience_.limit());
  const auto until = clock::now() + patience_.for_answer();
  while (side.in.size() < mark.size() && mark.starts_with(side.in)) {
    if (side.closed) deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
    if (!more(side, name, until))
      deviate("fence", "nothing", "further octets to come back, as proof that nothing else comes", "nothing in time",
              true);
  }
  if (side.in != mark) deviate("silence", "octets", "nothing more", came(side));
  side.in.clear();
}

}  // namespace ampspec::conformance
