// What a play makes the implementation do: calls of a client and their ends, TLS, streams.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/wire_play.hpp"

#include <algorithm>

namespace ampspec::conformance {

void wire_play::secure(end_point& side, const std::string& name) {
  tls_opening how;
  how.as_client = world_.server != nullptr;
  shook_hands = true;
  const auto done = side.link->start_tls(how, patience_.for_answer());
  if (done.what != tls_outcome::kind::secured)
    deviate("tls", "other", "TLS to begin", done.text.empty() ? "no handshake in time" : done.text);
  record_.note(step_, name, "inside TLS: " + done.text);
}

void wire_play::start_tls(end_point& side, const std::string& name, const vectors::start_tls_step& s) {
  using kind = tls_outcome::kind;
  tls_opening how;
  how.as_client = world_.server != nullptr;  // AMP1-CONV-059
  how.spoil = s.by;
  if (!s.after.empty()) {
    how.in_front = send(side, name, vectors::realize(s.after, names_.names, names_.captured), true);
  } else {
    side.link->settle();  // in one read with what was sent only where the vector says so
  }
  how.came = std::exchange(side.in, {});
  record_.note(step_, name, s.fails ? "TLS, which must not begin" : "TLS begins");
  shook_hands = true;
  const auto done = side.link->start_tls(how, patience_.for_answer());
  if (done.what == kind::clear) {
    record_.theirs(step_, name, done.octets, "in clear");
    side.in = done.octets;
    deviate(s.fails ? "close" : "tls", "octets", s.fails ? "TLS to fail" : "TLS to begin",
            "octets in clear: " + came(side));
  }
  if (done.what == kind::ended) {
    record_.note(step_, name, done.text);
    side.closed = true;
    if (!s.fails) deviate("tls", "close", "TLS to begin", done.text);
  } else if (done.what == kind::secured) {
    record_.note(step_, name, "inside TLS from here on: " + done.text);
    if (s.fails) deviate("close", "tls", "the handshake to fail or the connection to be closed", "TLS began");
  } else if (s.fails) {
    deviate("close", "open", "the handshake to fail or the connection to be closed", "neither in time", true);
  } else {
    deviate("tls", "nothing", "TLS to begin", "no handshake in time", true);
  }
}

bool wire_play::take_event(clock::time_point until) {
  const auto left = std::max(std::chrono::duration_cast<millis>(until - clock::now()), millis(0));
  const auto e = world_.client->next_event(left);
  if (!e) return false;
  if (inbox_.take(*e)) {
    record_.note(step_, "main",
                 e->what == client_event::kind::message ? "it delivered " + show_box(e->box)
                                                        : "it tells that a stored message was refused");
    return true;
  }
  if (e->what != client_event::kind::ended) return true;
  record_.note(step_, "main", "a call ended: " + in_words(*e));
  if (!ended_.emplace(e->call, *e).second)
    deviate("once", "twice", "a call to end once", "it ended again: " + in_words(*e));
  return true;
}

std::string wire_play::in_words(const client_event& e) {
  std::string text = e.how;
  if (!e.error_kind.empty()) text += " (" + e.error_kind + ")";
  if (e.how == "answer") text += " " + show_box(e.box);
  if (e.code) text += ", code " + show_octets(*e.code);
  if (e.description) text += ", description " + show_octets(*e.description);
  if (!e.text.empty()) text += ": " + e.text;
  return text;
}

const client_event* wire_play::await_end(const std::string& call, const std::string& expected, bool may_be_lost) {
  const auto it = calls_.find(call);
  if (it == calls_.end()) throw mishap(mishap::kind::harness, "call", "no call named " + call + " was made");
  const auto until = clock::now() + patience_.for_answer();
  while (!ended_.contains(it->second)) {
    if (!take_event(until)) deviate("ended", "pending", expected, "it has not ended", true);
  }
  const auto& e = ended_.at(it->second);
  if (!may_be_lost && call.starts_with("fence ") && e.how != "answer") {
    deviate("silence", "close", "the connection to stay usable", "a further call ended as " + in_words(e));
  }
  return &e;
}

void wire_play::ended(const vectors::expect_ended_step& s) {
  std::string allowed;
  for (const auto& h : s.how) allowed += (allowed.empty() ? "" : " or ") + h;
  const auto* e = await_end(s.call, "call " + s.call + " to end: " + allowed);
  if (std::find(s.how.begin(), s.how.end(), e->how) == s.how.end()) {
    deviate(s.how.front(), e->how, "call " + s.call + " to end: " + allowed, in_words(*e));
  }
  if (s.box && e->how == "answer") {
    if (const auto d = differs(*s.box, e->box, names_))
      deviate("answer", "other", describe(*s.box, names_), d->text + "; got " + show_box(e->box));
  }
  if (e->how != "error") return;
  if (!s.kind.empty() && std::find(s.kind.begin(), s.kind.end(), e->error_kind) == s.kind.end()) {
    deviate("kind-" + s.kind.front(), e->error_kind.empty() ? "none" : e->error_kind,
            "an error of kind " + s.kind.front(), in_words(*e));
  }
  const auto value = [&](const std::optional<vectors::value_matcher>& want, const std::optional<std::string>& got,
                         const std::string& what) {
    if (!want) return;
    if (!matches(*want, got ? std::optional<std::string_view>(*got) : std::nullopt, names_)) {
      deviate(what, got ? "other" : "none", "the error's " + what + ": " + describe(*want, names_), in_words(*e));
    }
  };
  value(s.code, e->code, "code");
  value(s.description, e->description, "description");
}

void wire_play::write_stream(const std::string& name, const vectors::write_stream_step& s) {
  stream_order order;
  order.pattern = vectors::realize(s.pattern, names_.names, names_.captured).str();
  order.size = s.size ? vectors::evaluate(*s.size, names_.names) : order.pattern.size();
  if (s.window) order.window = vectors::evaluate(*s.window, names_.names);
  order.end = s.end;
  record_.note(step_, name, "told it to write a stream of " + std::to_string(order.size) + " octets");
  calls_[s.name] = world_.client->write_stream(order, patience_.limit());
}

void wire_play::take_writes(end_point& side, const std::string& name, const vectors::take_writes_step& s) {
  const auto want = vectors::realize(s.data, names_.names, names_.captured);
  const auto until = s.until ? vectors::evaluate(*s.until, names_.names) : want.size();
  const std::string id = describe(s.id, names_);
  auto& at = taken_[name + " " + id];
  const auto expected = [&] {
    return "a StreamWrite to stream " + id + " with its octets from " + std::to_string(at) + " on";
  };
  constexpr int most_empty = 1000;
  for (int empty = 0; at < until;) {
    const auto got = next_box(side, name, expected(), {}).box;
    const auto* command = find(got, "_command");
    const auto* tag = find(got, "_ask");
    const auto* data = find(got, "data");
    const auto* to = find(got, "streamId");
    if (!command || *command != "StreamWrite" || !tag || !data || !to || got.size() != 4)
      deviate("write", "other", expected(), show_box(got));
    if (!matches(s.id, *to, names_)) deviate("write", "id", expected(), "a write to stream " + show_octets(*to));
    std::string part(std::min<std::uint64_t>(data->size(), want.size() - at), '\0');
    want.read(at, part);
    if (*data != part) {
      const auto differs_at = std::mismatch(part.begin(), part.end(), data->begin()).first - part.begin();
      deviate(
          "write", "octets", expected(),
          "octet " + std::to_string(at + static_cast<std::uint64_t>(differs_at)) +
              (static_cast<std::size_t>(differs_at) == part.size() ? " of it is one too many" : " of it is another"));
    }
    if (data->empty() && ++empty > most_empty)
      deviate("write", "endless", expected(), "writes of no octets without end");
    at += data->size();
    if (at >= until && !s.hold.empty()) {
      names_.captured[s.hold] = *tag;
      return;
    }
    const auto answer = encoded({{"_answer", *tag}});
    record_.ours(step_, name, octets::from(answer));
    side.link->send(answer, patience_.limit());
  }
}

}  // namespace ampspec::conformance
