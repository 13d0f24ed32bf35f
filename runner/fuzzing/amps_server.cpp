// One connection for each plan: logon, cases, and a flush that must be acked, or a close.
// SPDX-License-Identifier: Apache-2.0
#include "runner/fuzzing/amps_server.hpp"

#include "conformance/ws_client.hpp"
#include "reference/amps/field.hpp"
#include "reference/naive/amps_codec.hpp"
#include "reference/naive/text.hpp"
#include "runner/fuzzing/codec.hpp"
#include "runner/fuzzing/listen.hpp"
#include "runner/subjects/tls.hpp"

#include <algorithm>
#include <array>

namespace ampspec::runner::fuzzing {
namespace {

using conformance::arrival;
using conformance::mishap;
using conformance::ws_frame;
using conformance::ws_opcode;

constexpr std::size_t largest_stream = 256u << 10;
constexpr std::string_view fence = "ampspec-fence", logon = "ampspec-logon";

std::string framed(std::string_view content) {
  const std::size_t n = content.size();
  std::string made;
  for (const int shift : {24, 16, 8, 0}) made += static_cast<char>(n >> shift);
  return made.append(content);
}

std::size_t size_at(std::string_view s) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(s[i]);
  return n;
}

std::vector<std::string> words_of(std::string_view list) {
  std::vector<std::string> words;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    std::string_view word = list.substr(0, comma);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (!word.empty()) words.emplace_back(word);
    list.remove_prefix(std::min(list.size(), comma + 1));
  }
  return words;
}

bool is_command(const std::string& c) {
  constexpr std::array<std::string_view, 15> known{
      "publish",    "p",           "delta_publish", "subscribe",         "delta_subscribe",         "sow",
      "sow_delete", "unsubscribe", "flush",         "sow_and_subscribe", "sow_and_delta_subscribe", "logon",
      "heartbeat",  "start_timer", "stop_timer"};
  return std::find(known.begin(), known.end(), c) != known.end();
}

// What becomes of the connection by one header (AMPS-FRAME-014, AMPS-HDR-018, AMPS-ERR-001, -004).
struct fate {
  std::string closes_for;
  bool may_close = false;
};
fate fate_of(const naive::amps_object& header) {
  if (!header.wrong.empty()) return {header.wrong, false};
  const auto command = header.fields.find("c");
  if (command == header.fields.end()) return {"no-command", false};
  if (!is_command(command->second)) return {"unknown-command", false};
  // A second logon and timers are the broker's own business; so are numbers that are none.
  const bool own = command->second == "logon" || command->second == "heartbeat" || command->second.ends_with("_timer");
  const bool numbers = std::all_of(amps::all_fields.begin(), amps::all_fields.end(), [&](const auto& row) {
    const auto found = header.fields.find(std::string(row.written));
    return row.kind == amps::field_kind::text || found == header.fields.end() ||
           naive::amps_number(found->second, row.kind == amps::field_kind::number_64, {});
  });
  return {"", own || !numbers};
}

std::string text(const std::map<std::string, std::string>& fields, const char* key) {
  const auto found = fields.find(key);
  return found == fields.end() ? "" : found->second;
}

// Under which names the results of one command may come (AMPS-SUB-003, -004, AMPS-ACK-013). A name that has a comma in
// it can't be told from several.
void add_names(amps_plan& plan, std::string_view header, const std::map<std::string, std::string>& fields) {
  const auto command = fields.find("c");
  if (command == fields.end() || (!command->second.starts_with("sow") && !command->second.ends_with("subscribe")) ||
      command->second == "sow_delete" || command->second == "unsubscribe") {
    return;
  }
  const auto has = [&](const char* key) { return !text(fields, key).empty(); };
  for (const char* key : {"sub_id", "query_id", "cid"}) {
    if (!has(key)) continue;
    plan.names.insert(text(fields, key));
    for (auto& word : words_of(text(fields, key))) plan.names.insert(std::move(word));
  }
  // Where a key is repeated, or written with escapes, another reader may take another value.
  const auto times = [&](std::string_view key) {
    std::size_t count = 0;
    for (auto at = header.find(key); at != header.npos; at = header.find(key, at + 1)) ++count;
    return count;
  };
  const bool unsure = header.find('\\') != header.npos || times(R"("sub_id")") > 1 || times(R"("query_id")") > 1 ||
                      times(R"("cid")") > 1;
  // A query and a subscription that have no name get one from the broker, each its own.
  const bool nameless = !has("cid") && ((command->second.starts_with("sow") && !has("query_id")) ||
                                        (command->second.ends_with("subscribe") && !has("sub_id")));
  if (nameless || unsure) plan.any_name = true;
}

}  // namespace

std::string amps_plan::on_tcp() const {
  std::string made;
  for (const message& m : messages) made += framed(m.header + m.body);
  return made + rest;
}

amps_plan amps_plan_of(std::span<const std::string> cases) {
  amps_plan plan;
  const auto ours = [&](const std::string& header, std::string_view cid) {
    plan.messages.push_back({header, "", true});
    ++plan.asked[std::string(cid)]["processed"];
  };
  ours("{\"c\":\"logon\",\"cid\":\"" + std::string(logon) +
           "\",\"client_name\":\"ampspec-fuzz\",\"mt\":\"json\",\"a\":\"processed\",\"version\":\"ampspec\"}",
       logon);
  std::size_t octets = 0;
  for (const std::string& one : cases) {
    if (plan.cases > 0 && octets + one.size() > largest_stream) break;
    ++plan.cases;
    octets += one.size();
    std::string_view stream = one;
    while (stream.size() >= 4 && size_at(stream) <= stream.size() - 4) {
      const std::string_view content = stream.substr(4, size_at(stream));
      stream.remove_prefix(4 + content.size());
      if (content.empty()) continue;  // AMPS-FRAME-012
      const auto header = naive::read_object(content, {});
      const std::size_t size = header.wrong.empty() ? header.size : content.size();
      plan.messages.push_back({std::string(content.substr(0, size)), std::string(content.substr(size)), false});
      const fate f = fate_of(header);
      plan.closes_for = f.closes_for;
      plan.may_close = f.may_close;
      add_names(plan, content.substr(0, size), header.fields);
      if (const auto cid = header.fields.find("cid"); cid != header.fields.end() && !cid->second.empty()) {
        auto& types = plan.asked[cid->second];
        if (const auto a = header.fields.find("a"); a != header.fields.end()) {
          for (const auto& type : words_of(a->second)) ++types[type];
        }
      }
      if (!f.closes_for.empty() || f.may_close) return plan;
    }
    if (stream.empty()) continue;
    plan.rest = stream;
    plan.may_close = true;
    return plan;
  }
  ours("{\"c\":\"flush\",\"cid\":\"" + std::string(fence) + "\",\"a\":\"processed\"}", fence);
  return plan;
}

void amps_judge::differs(std::string signature, std::string expected, std::string got, std::string clause) {
  if (!wrong_) wrong_ = difference{std::move(signature), std::move(expected), std::move(got), std::move(clause)};
}

void amps_judge::malformed(const std::string& why) {
  differs("message/malformed", "messages that can be read", why, "AMPS-FRAME-001");
}

void amps_judge::take(std::string_view octets) {
  in_ += octets;
  std::size_t at = 0;
  while (in_.size() - at >= 4 && !wrong_) {
    const std::size_t size = size_at(std::string_view(in_).substr(at));
    if (size > naive::amps_limit) return malformed("a frame of " + std::to_string(size) + " octets");
    if (in_.size() - at - 4 < size) break;
    frame(std::string_view(in_).substr(at + 4, size));
    at += 4 + size;
  }
  in_.erase(0, at);
}

void amps_judge::frame(std::string_view content) {
  if (content.empty()) return;
  const auto header = naive::read_object(content, {});
  if (!header.wrong.empty()) return malformed("a header that can't be read: " + header.wrong);
  if (text(header.fields, "c") != "ack") return delivery(text(header.fields, "c"), header.fields);
  const std::string cid = text(header.fields, "cid"), type = text(header.fields, "a");
  if (cid == fence && type == "processed") fence_came_ = true;
  const auto asked = left_.find(cid);
  if (asked == left_.end()) return;  // of a command without a cid that it could carry, or a message of its own
  const auto left = asked->second.find(type);
  if (left != asked->second.end() && left->second-- > 0) return;
  const bool never = plan_.asked.at(cid).count(type) == 0;
  if (never && text(header.fields, "status") == "failure")
    return;  // why a command failed is told without being asked for
  differs("silence/ack " + std::string(never ? "of a type not asked for" : "twice"),
          never ? "only acks of the types that `a` asks for" : "one ack of each type", "an ack `" + type + "`",
          "AMPS-ACK-001");
}

// A publish or oof, or what belongs to the result of a query.
void amps_judge::delivery(const std::string& command, const std::map<std::string, std::string>& fields) {
  const bool is_live = command == "p" || command == "publish" || command == "oof";
  const bool is_result = command == "group_begin" || command == "sow" || command == "group_end";
  if (!is_live && !is_result) return;
  if (plan_.names.empty() && !plan_.any_name) {
    return differs("silence/" + command, "nothing, since nobody has subscribed or asked", "`" + command + "`",
                   is_live ? "AMPS-PUB-003" : "AMPS-SOW-001");
  }
  const auto unknown = [&](const std::string& name) { return !plan_.any_name && !plan_.names.contains(name); };
  if (is_live) {
    const std::string list = fields.contains("sids") ? text(fields, "sids") : text(fields, "sub_ids");
    if (!list.empty() && !unknown(list)) return;  // a single name, whatever it has in it
    const auto names = words_of(list);
    if (names.empty()) {
      return differs(command + "/without sids", "a list `sids` of the subscriptions that match",
                     "`" + command + "` without one", "AMPS-WS-024");
    }
    for (const std::string& name : names) {
      if (unknown(name)) {
        return differs(command + "/for an unknown subscription", "the names of subscriptions of this connection",
                       "one that nobody has given", "AMPS-SUB-004");
      }
      if (std::count(names.begin(), names.end(), name) > 1) {
        return differs(command + "/for a subscription twice", "each subscription once", "one twice", "AMPS-SUB-021");
      }
    }
    return;
  }
  const std::string query = text(fields, "query_id");
  if (command == "group_begin") {
    if (unknown(query)) {
      return differs("group_begin/of an unknown query", "the name of a query of this connection",
                     "one that nobody has given", "AMPS-SOW-001");
    }
    open_groups_.insert(query);
  } else if (!open_groups_.contains(query)) {
    differs(command + "/outside its group", "`group_begin` of the same query in front of it", "none", "AMPS-SOW-001");
  } else if (command == "group_end") {
    open_groups_.erase(query);
  }
}

std::optional<difference> amps_judge::end(bool in_time, bool was_reset) {
  if (wrong_) return wrong_;
  if (!plan_.closes_for.empty()) {
    if (in_time) return {};
    differs("close(" + plan_.closes_for + ")/open", "the end of the connection", "it stays open",
            plan_.closes_for == "unknown-command" ? "AMPS-ERR-001"
            : plan_.closes_for == "no-command"    ? "AMPS-HDR-018"
                                                  : "AMPS-FRAME-014");
    wrong_->by_waiting = true;
    return wrong_;
  }
  if (plan_.may_close) {
    if (in_time) return {};
    differs("close(end)/open", "the end of the connection, since we have ended our side", "it stays open",
            "AMPS-FRAME-011");
    wrong_->by_waiting = true;
    return wrong_;
  }
  if (fence_came_ && (in_time || was_reset)) return {};
  if (!fence_came_) {
    differs(std::string("ack/") + (in_time ? "close" : "nothing"), "the processed ack of a flush at the end",
            in_time ? "the end of the connection" : "nothing in time", "AMPS-ERR-004");
  } else {
    differs("close(end)/open", "the end of the connection, since we have ended our side", "it stays open",
            "AMPS-FRAME-011");
  }
  wrong_->by_waiting = !in_time;
  return wrong_;
}

difference amps_server::gone(const mishap& m) {
  generation_ = 0;
  return {"alive/crash:" + m.word(), "an ack, or the end of the connection", m.what(), "AMPS-FRAME-014", false, true};
}

std::unique_ptr<conformance::connection> amps_server::open(millis deadline) {
  auto link = host_.connect(generation_, deadline);
  if (tls_) begin_tls(*link, "the broker", deadline);
  met_ = true;
  if (!websocket_) return link;
  link->send(conformance::ws_upgrade_request("/amps/json", {}), deadline);
  std::string head;
  while (head.find("\r\n\r\n") == head.npos) {
    const auto a = link->receive(deadline);
    if (a.what != arrival::kind::octets) throw mishap(mishap::kind::timeout, "upgrade", "no answer to the upgrade");
    head += a.bytes;
  }
  if (const auto wrong = conformance::wrong_upgrade(head); !wrong.empty())
    throw mishap(mishap::kind::fault, "upgrade", "the upgrade: " + wrong);
  return link;
}

std::optional<difference> amps_server::play(const amps_plan& plan, millis deadline) {
  ++connections;
  if (generation_ == 0) generation_ = host_.ensure_up();
  met_ = false;
  std::unique_ptr<conformance::connection> link;
  amps_judge judge(plan);
  conformance::ws_messages messages(true);
  ending how;
  std::optional<difference> wrong;
  try {
    link = open(deadline);
    std::string sent = websocket_ ? ws_frame(ws_opcode::text, "text") : plan.on_tcp();
    for (const auto& m : plan.messages) {
      if (websocket_) sent += conformance::ws_command(m.header, m.body, true);
    }
    link->send(sent, deadline);
    bool ours_ended = false;
    const auto end = [&] {
      if (ours_ended) return false;
      if (websocket_) link->send(ws_frame(ws_opcode::close, ""), deadline);
      link->half_close();
      return ours_ended = true;
    };
    const auto speak = [&] { return (plan.may_close || judge.fence_came() || judge.has_wrong()) && end(); };
    how = listen(*link, deadline, speak, [&](std::string_view octets) {
      if (!websocket_) return judge.take(octets);
      messages.feed(octets);
      judge.take(messages.take());
      if (!messages.wrong().empty()) judge.malformed(messages.wrong());
      if (messages.closed) end();
    });
  } catch (const mishap& m) {
    if (m.what_kind() == mishap::kind::crash) return gone(m);
    how.in_time = false;
    if (m.word() == "tls") wrong = without_tls(m, "AMPS-FRAME-014");
  }
  if (!wrong) wrong = judge.end(how.in_time, how.was_reset);
  // What ended may have been the process, also where the connection was to end, or might.
  if (wrong || how.was_reset || !plan.closes_for.empty() || plan.may_close) {
    if (const auto death = host_.death_of(generation_)) return gone(*death);
  }
  if (link) how.in_time ? link->close() : link->reset();
  return wrong;
}

played amps_server::play(std::span<const std::string> cases, millis deadline) {
  amps_plan plan = amps_plan_of(cases);
  // TEXT that is no UTF-8 ends a WebSocket, and how it ends for a header is told by another close code.
  const bool text = std::all_of(plan.messages.begin(), plan.messages.end(),
                                [](const auto& m) { return naive::is_utf8(m.header) && naive::is_utf8(m.body); });
  if (websocket_ && (!text || !plan.closes_for.empty())) {
    plan.closes_for.clear();
    plan.may_close = true;
  }
  played p{plan.cases, {}, {}};
  const bool is_up = generation_ != 0;
  p.wrong = play(plan, deadline);
  if (p.wrong && p.wrong->ended && !met_ && is_up) p.before = before_;
  before_.assign(cases.begin(), cases.begin() + static_cast<std::ptrdiff_t>(plan.cases));
  return p;
}

void amps_server::calibrate(millis deadline) {
  const std::string nothing;
  const auto wrong = play(amps_plan_of(std::span(&nothing, 1)), deadline);
  if (wrong && wrong->signature.starts_with("tls/")) throw mishap(mishap::kind::fault, "tls", wrong->got);
  // What else is wrong is a finding.
  if (!wrong || (!wrong->ended && wrong->signature != "ack/nothing")) return;
  throw mishap(wrong->ended ? mishap::kind::crash : mishap::kind::timeout, "answer",
               "the broker does not answer a logon and a flush: expected " + wrong->expected + ", got " + wrong->got);
}

std::string amps_server::shape(std::string_view stream) const {
  const std::string one(stream);
  const amps_plan plan = amps_plan_of(std::span(&one, 1));
  std::string shape;
  for (const auto& m : plan.messages) {
    if (m.is_ours) continue;
    const auto header = naive::read_object(m.header, {});
    const auto c = header.fields.find("c");
    const bool known = c != header.fields.end() && is_command(c->second);
    shape += (shape.empty() ? "" : " ") + (!header.wrong.empty() ? header.wrong : known ? c->second : "other");
  }
  return shape + (plan.rest.empty() ? "" : " cut");
}

std::vector<std::string> amps_server::smaller(const std::string& stream) const { return smaller_frames(stream); }

}  // namespace ampspec::runner::fuzzing
