// Reads the steps of AMPS clients.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/suite_reader.hpp"

#include <algorithm>

namespace ampspec::vectors {

// The acks of a command, each as one frame: the header given, with its type and, if none is given, success.
acks_step suite_reader::acks(const yaml_node& n) const {
  map(n, words::acks, "`acks`");
  acks_step made;
  made.asked = text(need(n, "asked", "`acks`"), "`asked`");
  const yaml_node& header = need(n, "header", "`acks`");
  map(header, "`header`");
  const auto may =
      n.find("only") != nullptr ? some_words(*n.find("only"), words::ack_types, "`only`") : std::vector<std::string>();
  const auto entry = [&](const char* key, const char* value) {
    yaml_entry e{key, header.line, header.column, {}};
    e.value.line = header.line;
    e.value.column = header.column;
    e.value.text = value;
    return e;
  };
  for (const char* type : {"received", "processed", "completed", "persisted", "stats"}) {
    if (!may.empty() && std::find(may.begin(), may.end(), type) == may.end()) continue;
    yaml_node message, ack = header;
    ack.entries.insert(ack.entries.begin(), entry("c", "ack"));
    ack.entries.push_back(entry("a", type));
    const bool received = std::string_view(type) == "received";
    if (header.find("status") == nullptr) ack.entries.push_back(entry("status", "success"));
    if (const auto* more = received ? nullptr : n.find(type)) {
      map(*more, tick(type));
      ack.entries.insert(ack.entries.end(), more->entries.begin(), more->entries.end());
    }
    message.what = yaml_node::kind::map;
    message.line = header.line;
    message.column = header.column;
    message.entries.push_back({"header", header.line, header.column, std::move(ack)});
    made.by_type.emplace_back(type, recipe{{frame_atom{message_octets(message, where::sent)}, {}, mark(header)}});
  }
  return made;
}

amps_step suite_reader::amps(const std::string& verb, const yaml_node& n) const {
  const std::string what = tick(verb);
  if (!messages_) fail(n, what + " in a file of another protocol than amps; remove it");
  if (verb == "attach") {
    map(n, words::attach, what);
    attach_step made;
    for (const auto& [key, to] : {std::pair{"client_name", &made.client_name}, std::pair{"user", &made.user},
                                  std::pair{"password", &made.password}}) {
      if (const auto* given = n.find(key)) *to = text(*given, tick(key));
    }
    made.store = flag(n, "store");
    made.reconnect = flag(n, "reconnect");
    return {std::move(made)};
  }
  if (verb == "log_on") {
    map(n, words::log_on, what);
    const auto* s = n.find("s");
    return {log_on_step{s != nullptr ? formula(*s, "`s`") : expression{"0", mark(n)}}};
  }
  if (verb == "acks") return {acks(n)};
  if (verb == "expect_message") {
    map(n, words::expect_message, what);
    return {expect_message_step{text(need(n, "call", what), "`call`"),
                                expected_box(need(n, "message", what), n.find("others"))}};
  }
  if (verb == "expect_unwritten") {
    map(n, words::expect_unwritten, what);
    expect_unwritten_step made;
    if (const auto* sequence = n.find("sequence")) made.sequence = matcher(*sequence);
    if (const auto* reason = n.find("reason")) made.reason = matcher(*reason);
    if (const auto* message = n.find("message")) made.message = expected_box(*message, n.find("others"));
    return {std::move(made)};
  }
  empty_map(n, verb);
  return {reattach_step{}};
}

}  // namespace ampspec::vectors
