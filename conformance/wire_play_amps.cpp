// A play of AMPS: logons and topics that vectors do not speak of, groups of records, and clients' own doings.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/wire_play.hpp"

namespace ampspec::conformance {
namespace {

// A logged server has one connection for each client name: no two of ours may have the same.
std::string new_client_name() { return "ampspec-" + word_of_its_own(); }

}  // namespace

void wire_play::begin_amps(end_point& side, const std::string& name) {
  record_.speaks_amps(name, on_websocket());
  if (check_.transport == "tls" || check_.transport == "wss") secure(side, name);
  if (world_.client) {
    if (on_websocket()) accept_upgrade(side, name);
    if (check_.vector->opening) take_logon(side, name, 0);
    return;
  }
  if (on_websocket() && !upgrade(side, name)) return;
  names_.captured[name + ".client_name"] = new_client_name();
  if (check_.vector->opening) log_on(side, name);
}

void wire_play::log_on(end_point& side, const std::string& name) {
  const std::string& client = names_.captured.at(name + ".client_name");
  const auto from = record_.entries();
  ask_and_await(side, name, "opening",
                framed({{"c", "logon"},
                        {"cid", "opening"},
                        {"client_name", client},
                        {"mt", "json"},
                        {"a", "processed"},
                        {"version", "ampspec"}}),
                [&](const plain_box& ack) {
                  for (const char* key : {"s", "bm"}) {
                    if (const auto* value = value_in(ack, key)) names_.captured[name + "." + key] = *value;
                  }
                });
  record_.fold(from, step_, name, "logged on as " + client);
}

void wire_play::ask_and_await(end_point& side, const std::string& name, const std::string& cid,
                              const std::string& command, const std::function<void(const plain_box&)>& take) {
  const std::string expected = "a processed ack of our " + cid + " with status success";
  const auto sent_octets = carried(side, command);
  record_.ours(step_, name, octets::from(sent_octets));
  side.link->send(sent_octets, patience_.limit());
  const auto seen = look(side, name, patience_.for_answer());
  if (seen != sight::box) {
    deviate(cid, seen == sight::closed ? "close" : "nothing", expected,
            seen == sight::closed ? close_in_words(side.was_reset) : "nothing in time", seen == sight::nothing);
  }
  const auto ack = head_box(side);
  remove_head(side, *ack);
  const auto is = [&](const char* key, const std::string& value) {
    const auto* got = value_in(ack->box, key);
    return got != nullptr && *got == value;
  };
  if (!is("c", "ack") || !is("cid", cid) || !is("a", "processed") || !is("status", "success"))
    deviate(cid, "other", expected, "a message: " + show_box(ack->box));
  take(ack->box);
}

void wire_play::empty_topics() {
  if (!world_.server) return;
  const auto from = record_.entries();
  std::string all;
  for (const auto& topic : check_.vector->holds) {
    if (topic == "conf/log") continue;  // keeps a log, which nobody can empty
    all += (all.empty() ? "" : ", ") + topic;
    const std::string name = "emptying";
    auto& side = ends_[name];
    if (!side.link) {
      side.link = world_.server->connect(patience_.for_answer());
      record_.speaks_amps(name, on_websocket());
      if (check_.transport == "tls" || check_.transport == "wss") secure(side, name);
      if (on_websocket()) upgrade(side, name);
      names_.captured[name + ".client_name"] = new_client_name();
      log_on(side, name);
    }
    ask_and_await(
        side, name, "emptying",
        framed({{"c", "sow_delete"}, {"cid", "emptying"}, {"t", topic}, {"filter", "1=1"}, {"a", "processed"}}),
        [](const plain_box&) {});
  }
  const auto used = ends_.find("emptying");
  if (used == ends_.end()) return;
  record_.fold(from, step_, "main", "emptied what the vector holds: " + all);
  used->second.link->reset();
  ends_.erase(used);
}

client_setup wire_play::setup_of(const vectors::steps& list) const {
  client_setup setup;
  setup.secure = check_.transport == "tls" || check_.transport == "wss";
  setup.websocket = on_websocket();
  setup.path = path_of_upgrade();
  setup.name = "ampspec";
  const auto* first = list.empty() ? nullptr : std::get_if<vectors::boxed<vectors::amps_step>>(&list.front().what);
  const auto* told = first ? std::get_if<vectors::attach_step>(&(*first)->what) : nullptr;
  if (!told) return setup;
  if (!told->client_name.empty()) setup.name = told->client_name;
  setup.user = told->user;
  setup.password = told->password;
  setup.store = told->store;
  setup.reconnects = told->reconnect;
  return setup;
}

void wire_play::take_logon(end_point& side, const std::string& name, std::uint64_t persisted) {
  const bool told = !std::exchange(logon_made_, true);
  if (told) {
    record_.note(step_, name, "told it to log on");
    calls_["logon"] = world_.client->call("logon", {}, true, patience_.limit());
  }
  const auto got = next_box(side, name, "a logon", {}).box;
  const auto* command = find(got, "c");
  const auto* id = find(got, "cid");
  if (!command || *command != "logon" || !id) deviate("logon", "other", "a logon with cid", show_box(got));
  const auto n = std::to_string(persisted);
  const auto* client = find(got, "client_name");
  const auto ack = framed({{"c", "ack"},
                           {"cid", *id},
                           {"client_name", client ? *client : std::string()},
                           {"s", n},
                           {"bm", "1|" + n + "|"},
                           {"a", "processed"},
                           {"status", "success"},
                           {"version", "5.3.5.0"}});
  send(side, name, octets::from(carried(side, ack)));
  if (!told) return;
  const auto* e = await_end("logon", "the logon to end: answer");
  if (e->how != "answer") deviate("answer", e->how, "the logon to end: answer", in_words(*e));
}

void wire_play::run_amps(end_point& side, const std::string& name, const vectors::log_on_step& s) {
  take_logon(side, name, vectors::evaluate(s.persisted, names_.names));
}

void wire_play::run_amps(end_point& side, const std::string& name, const vectors::acks_step& s) {
  const auto acks = vectors::realize(acks_of(s, names_), names_.names, names_.captured);
  if (acks.size() != 0) return static_cast<void>(send(side, name, carried(side, acks)));
  record_.note(step_, name, "no ack was asked for");
}

void wire_play::run_amps(end_point&, const std::string&, const vectors::expect_message_step& s) {
  const auto until = clock::now() + patience_.for_answer();
  inbox_.expect(s, calls_.at(s.call), where(), [&] { return take_event(until); });
}

void wire_play::run_amps(end_point&, const std::string&, const vectors::expect_unwritten_step& s) {
  const auto until = clock::now() + patience_.for_answer();
  inbox_.expect(s, where(), [&] { return take_event(until); });
}

void wire_play::run_amps(end_point& side, const std::string& name, const vectors::reattach_step&) {
  if (!side.ours_ended && !side.closed) throw mishap(mishap::kind::harness, "reattach", "the connection has not ended");
  side = end_point{};
  side.link = world_.client->reattach(patience_.for_answer());
  record_.note(step_, name, "the implementation connected again");
  if (check_.transport == "tls" || check_.transport == "wss") secure(side, name);
  if (on_websocket()) accept_upgrade(side, name);
}

void wire_play::expect(end_point& side, const std::string& name, const vectors::expect_group_step& s) {
  const std::string id = describe(s.query_id, names_);
  const auto of_group = [&](const parsed& m) {
    const auto* query = find(m.box, "query_id");
    return matches(s.query_id, query ? std::optional<std::string_view>(*query) : std::nullopt, names_);
  };
  const auto is = [&](const parsed& m, std::string_view command) {
    const auto* c = find(m.box, "c");
    return c && *c == command;
  };
  const auto next = [&](const std::string& expected) { return next_box(side, name, expected, {}); };
  const std::string beginning = "group_begin of query " + id;
  const auto begin = next(beginning);
  if (!is(begin, "group_begin") || !of_group(begin) || begin.box.size() != 3 || !find(begin.box, "body")->empty())
    deviate("group", "other", beginning + ", without further keys or a body", "a message: " + show_box(begin.box));
  const auto most = s.batch ? vectors::evaluate(*s.batch, names_.names) : ~std::uint64_t{0};
  std::vector<plain_box> records;
  const std::string ending = "a batch or the group_end of query " + id;
  for (;;) {
    const auto m = next(ending);
    if (!of_group(m)) deviate("group", "other", ending, "a message: " + show_box(m.box));
    if (is(m, "group_end")) {
      if (m.box.size() != 3 || !find(m.box, "body")->empty())
        deviate("group", "other", "group_end without further keys or a body", "a message: " + show_box(m.box));
      break;
    }
    if (!is(m, "sow")) deviate("group", "other", ending, "a message: " + show_box(m.box));
    auto batch = records_of({m.box, {}, 0});
    if (!batch.wrong.empty()) deviate("batch", "malformed", "records up to the end of their frame", batch.wrong);
    const auto* told = find(m.box, "bs");
    const auto count = batch.records.size();
    if (count == 0 || count > most)
      deviate("batch", "size", "batches of 1 to " + std::to_string(most) + " records",
              "one of " + std::to_string(count));
    if (!told || *told != std::to_string(count))
      deviate("batch", "size", "`bs` to be the number of records, " + std::to_string(count),
              told ? "`bs` " + *told : "no `bs`");
    for (auto& r : batch.records) records.push_back(std::move(r));
    if (records.size() > s.records.size() + 1000)
      deviate("group", "endless", std::to_string(s.records.size()) + " records",
              "more than " + std::to_string(records.size()));
  }
  const std::string expected = std::to_string(s.records.size()) + " records" + (s.any_order ? " in any order" : "");
  const auto all = [&] {
    std::string text = std::to_string(records.size()) + " records";
    for (std::size_t i = 0; i < records.size() && i < 5; ++i) text += (i == 0 ? ": " : ", ") + show_box(records[i]);
    return text;
  };
  if (records.size() != s.records.size()) deviate("records", "count", expected, all());
  if (s.any_order) {
    if (const auto d = differs_in_any_order(s.records, records, names_))
      deviate("records", "other", expected, d->text + "; got " + all());
    return;
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (const auto d = differs(s.records[i], records[i], names_))
      deviate("records", "other", "record " + std::to_string(i + 1) + " " + describe(s.records[i], names_),
              d->text + "; got " + show_box(records[i]));
  }
}

}  // namespace ampspec::conformance
