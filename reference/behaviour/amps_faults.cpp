// One line for each misbehaviour, and the machinery that takes messages apart for them.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/amps_faults.hpp"

#include "reference/amps/header_scanner.hpp"
#include "reference/amps/header_writer.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

namespace ampspec::behaviour {

namespace {

std::string in_quotes(std::string_view text) { return "\"" + std::string(text) + "\""; }

using messages = std::vector<amps_message>;

/// A fault made of functions; an empty one changes nothing.
struct fault_of_parts final : amps_fault {
  std::function<messages(amps_message)> on_in, on_out;
  std::function<void(std::string&, std::string&)> on_frame;

  messages in(amps_message m) override {
    if (on_in) return on_in(std::move(m));
    return amps_fault::in(std::move(m));
  }
  messages out(amps_message m) override {
    if (on_out) return on_out(std::move(m));
    return amps_fault::out(std::move(m));
  }
  void encoded(std::string& prefix, std::string& frame) override {
    if (on_frame) on_frame(prefix, frame);
  }
};

using made = std::unique_ptr<fault_of_parts>;
using predicate = std::function<bool(const amps_message&)>;
using edit = std::function<void(amps_message&)>;
using replacement = std::function<messages(amps_message)>;

made on_in(replacement what) {
  auto f = std::make_unique<fault_of_parts>();
  f->on_in = std::move(what);
  return f;
}
made on_out(replacement what) {
  auto f = std::make_unique<fault_of_parts>();
  f->on_out = std::move(what);
  return f;
}
replacement edited(predicate which, edit how) {
  return [which = std::move(which), how = std::move(how)](amps_message m) {
    if (which(m)) how(m);
    messages all;
    all.push_back(std::move(m));
    return all;
  };
}
replacement dropped(predicate which) {
  return [which = std::move(which)](amps_message m) {
    messages all;
    if (!which(m)) all.push_back(std::move(m));
    return all;
  };
}
/// Keeps each such message back until another one has gone out.
replacement delayed(predicate which) {
  return [which = std::move(which), kept = std::make_shared<messages>()](amps_message m) {
    messages all;
    if (which(m)) {
      kept->push_back(std::move(m));
      return all;
    }
    all.push_back(std::move(m));
    std::ranges::move(*kept, std::back_inserter(all));
    kept->clear();
    return all;
  };
}

bool is_ack(const amps_message& m) { return m.is("ack"); }
bool is_delivery(const amps_message& m) { return m.is("p") || m.is("publish"); }
bool is_publish(const amps_message& m) { return is_delivery(m) || m.is("delta_publish"); }
bool is_subscribe(const amps_message& m) { return m.text("c").ends_with("subscribe") && !m.is("unsubscribe"); }
bool is_query(const amps_message& m) { return m.text("c").starts_with("sow") && !m.is("sow_delete"); }
bool is_oof(const amps_message& m) { return m.is("oof"); }
bool is_batch(const amps_message& m) { return m.is("sow"); }
bool in_group(const amps_message& m) { return is_batch(m) || m.is("group_begin") || m.is("group_end"); }
predicate is_ack_of(std::string type) {
  return [type = std::move(type)](const amps_message& m) { return m.is_ack(type); };
}
predicate is_command(std::string word) {
  return [word = std::move(word)](const amps_message& m) { return m.is(word); };
}
edit without(std::string key) {
  return [key = std::move(key)](amps_message& m) { m.erase(key); };
}
edit with(std::string key, std::string json) {
  return [key = std::move(key), json = std::move(json)](amps_message& m) { m.set(key, json); };
}
edit with_option(std::string option) {
  return [option = std::move(option)](amps_message& m) {
    const std::string key = m.find("opts") != nullptr ? "opts" : "o";
    const auto old = m.text(key);
    m.set(key, in_quotes(old.empty() ? option : old + "," + option));
  };
}
edit renamed(std::string from, std::string to) {
  return [from = std::move(from), to = std::move(to)](amps_message& m) {
    for (auto& [key, value] : m.fields) {
      if (key == from) key = to;
    }
  };
}
/// A number plus one.
edit one_more(std::string key) {
  return [key = std::move(key)](amps_message& m) {
    if (auto* value = m.find(key)) *value = std::to_string(std::stoull(*value) + 1);
  };
}
edit lower_case(std::string key) {
  return [key = std::move(key)](amps_message& m) {
    if (auto* value = m.find(key)) {
      for (char& c : *value) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
      }
    }
  };
}
/// A command becomes a flush that asks for the same acks: it is answered and does nothing.
void as_flush(amps_message& m) {
  m.set("c", in_quotes("flush"));
  m.rest.clear();
}

/// The completed ack overtakes the records that it stands behind.
replacement completed_first() {
  return [kept = std::make_shared<messages>()](amps_message m) {
    messages all;
    if (in_group(m)) {
      kept->push_back(std::move(m));
      return all;
    }
    std::ranges::move(*kept, std::back_inserter(all));
    kept->clear();
    const auto place = m.is_ack("completed") ? all.begin() : all.end();
    all.insert(place, std::move(m));
    return all;
  };
}

struct entry {
  std::string_view name;
  made (*make)();
};

const std::vector<entry>& table() {
  static const std::vector<entry> entries{
      // Frames.
      {"broker-prefix-little-endian",
       [] {
         auto f = std::make_unique<fault_of_parts>();
         f->on_frame = [](std::string& prefix, std::string&) { std::ranges::reverse(prefix); };
         return f;
       }},
      {"broker-prefix-counts-itself",
       [] {
         auto f = std::make_unique<fault_of_parts>();
         f->on_frame = [](std::string& prefix, std::string&) { prefix[3] = static_cast<char>(prefix[3] + 4); };
         return f;
       }},
      {"broker-line-feed-behind-header",
       [] { return on_out(edited(is_delivery, [](amps_message& m) { m.rest.insert(0, "\n"); })); }},
      {"broker-body-cut-at-nul",
       [] {
         return on_out(
             edited(is_delivery, [](amps_message& m) { m.rest.resize(std::min(m.rest.find('\0'), m.rest.size())); }));
       }},
      {"broker-body-without-blanks",
       [] { return on_out(edited(is_delivery, [](amps_message& m) { std::erase(m.rest, ' '); })); }},
      // Headers.
      {"broker-blank-in-header",
       [] {
         return on_out(edited(is_ack, [](amps_message& m) {
           for (auto& [key, value] : m.fields) value.insert(0, " ");
         }));
       }},
      {"broker-sequence-quoted",
       [] {
         return on_out(edited(is_ack, [](amps_message& m) {
           if (auto* s = m.find("s")) *s = in_quotes(*s);
         }));
       }},
      {"broker-unknown-key", [] { return on_out(edited(is_ack, with("server", in_quotes("ampspec")))); }},
      {"broker-correlation-id-lost", [] { return on_out(edited(is_delivery, without("x"))); }},
      {"broker-correlation-id-changed", [] { return on_out(edited(is_delivery, lower_case("x"))); }},
      {"broker-correlation-id-made-up",
       [] {
         return on_out(edited(is_delivery, [](amps_message& m) {
           if (m.find("x") == nullptr) m.set("x", in_quotes(""));
         }));
       }},
      {"broker-timestamp-unasked", [] { return on_in(edited(is_subscribe, with_option("timestamp"))); }},
      {"broker-timestamp-missing", [] { return on_out(edited(is_delivery, without("ts"))); }},
      {"broker-timestamp-in-seconds",
       [] {
         return on_out(edited(is_delivery, [](amps_message& m) {
           if (const auto ts = m.text("ts"); ts.size() > 15) m.set("ts", in_quotes(ts.substr(0, 15) + "Z"));
         }));
       }},
      {"broker-key-changed",
       [] {
         return on_out(edited(is_delivery, [](amps_message& m) {
           if (m.find("k") != nullptr) m.set("k", in_quotes(m.text("k") + "0"));
         }));
       }},
      {"broker-length-missing", [] { return on_out(edited(is_delivery, without("l"))); }},
      {"broker-length-off-by-one", [] { return on_out(edited(is_delivery, one_more("l"))); }},
      // Logon.
      {"broker-version-missing", [] { return on_out(edited(is_ack, without("version"))); }},
      {"broker-version-short",
       [] {
         return on_out(edited(is_ack, [](amps_message& m) {
           if (m.find("version") != nullptr) m.set("version", in_quotes("5.3"));
         }));
       }},
      {"broker-logon-without-sequence",
       [] { return on_out(edited([](const amps_message& m) { return m.find("version") != nullptr; }, without("s"))); }},
      {"broker-logon-without-bookmark",
       [] {
         return on_out(edited([](const amps_message& m) { return m.find("version") != nullptr; }, without("bm")));
       }},
      {"broker-logon-without-client-name", [] { return on_out(edited(is_ack, without("client_name"))); }},
      {"broker-serves-before-logon",
       [] {
         return on_in([seen = std::make_shared<bool>(false)](amps_message m) {
           messages all;
           if (!std::exchange(*seen, true) && !m.is("logon")) {
             amps_message logon;
             logon.set("c", in_quotes("logon"));
             logon.set("client_name", in_quotes("implicit"));
             all.push_back(std::move(logon));
           }
           all.push_back(std::move(m));
           return all;
         });
       }},
      {"broker-second-logon-ignored",
       [] {
         return on_in([seen = std::make_shared<bool>(false)](amps_message m) {
           messages all;
           if (!m.is("logon") || !std::exchange(*seen, true)) all.push_back(std::move(m));
           return all;
         });
       }},
      // Acks.
      {"broker-ack-without-cid", [] { return on_out(edited(is_ack, without("cid"))); }},
      {"broker-ack-twice",
       [] {
         return on_out([](const amps_message& m) {
           messages all(m.is_ack("processed") ? 2 : 1, m);
           return all;
         });
       }},
      {"broker-ack-unasked",
       [] {
         return on_in(edited(is_publish, [](amps_message& m) {
           if (m.text("a").empty()) m.set("a", in_quotes("processed"));
         }));
       }},
      {"broker-received-missing", [] { return on_out(dropped(is_ack_of("received"))); }},
      {"broker-received-late", [] { return on_out(delayed(is_ack_of("received"))); }},
      {"broker-processed-missing", [] { return on_out(dropped(is_ack_of("processed"))); }},
      {"broker-persisted-missing", [] { return on_out(dropped(is_ack_of("persisted"))); }},
      {"broker-completed-missing", [] { return on_out(dropped(is_ack_of("completed"))); }},
      {"broker-stats-missing", [] { return on_out(dropped(is_ack_of("stats"))); }},
      {"broker-ack-types-joined",
       [] { return on_out(edited(is_ack_of("processed"), with("a", in_quotes("received,processed")))); }},
      {"broker-status-capital",
       [] {
         return on_out(edited(is_ack, [](amps_message& m) {
           if (auto* status = m.find("status")) (*status)[1] = static_cast<char>((*status)[1] & ~0x20);
         }));
       }},
      {"broker-failure-without-reason",
       [] {
         return on_out(edited([](const amps_message& m) { return m.text("status") == "failure"; }, without("reason")));
       }},
      {"broker-failure-as-success",
       [] {
         return on_out(edited([](const amps_message& m) { return m.text("status") == "failure"; },
                              with("status", in_quotes("success"))));
       }},
      {"broker-reason-reworded",
       [] {
         return on_out(edited([](const amps_message& m) { return m.text("status") == "failure"; },
                              with("reason", in_quotes("bad topic"))));
       }},
      {"broker-ack-without-sub-id", [] { return on_out(edited(is_ack, without("sub_id"))); }},
      {"broker-ack-without-query-id", [] { return on_out(edited(is_ack, without("query_id"))); }},
      {"broker-ack-with-sub-id",
       [] {
         return on_out(edited(is_ack, [](amps_message& m) {
           if (m.find("sub_id") == nullptr && m.find("cid") != nullptr) m.set("sub_id", in_quotes(m.text("cid")));
         }));
       }},
      {"broker-completed-before-records", [] { return on_out(completed_first()); }},
      {"broker-completed-behind-stats", [] { return on_out(delayed(is_ack_of("completed"))); }},
      {"broker-counts-one-more", [] { return on_out(edited(is_ack_of("stats"), one_more("matches"))); }},
      {"broker-returned-one-more", [] { return on_out(edited(is_ack_of("stats"), one_more("records_returned"))); }},
      {"broker-deleted-always-zero",
       [] {
         return on_out(edited([](const amps_message& m) { return m.find("records_deleted") != nullptr; },
                              with("records_deleted", "0")));
       }},
      // Publishing.
      {"broker-delivered-twice",
       [] {
         return on_out([](const amps_message& m) {
           messages all(is_delivery(m) ? 2 : 1, m);
           return all;
         });
       }},
      {"broker-every-second-delivery-lost",
       [] {
         return on_out([odd = std::make_shared<bool>(false)](amps_message m) {
           messages all;
           if (!is_delivery(m) || (*odd = !*odd)) all.push_back(std::move(m));
           return all;
         });
       }},
      {"broker-deliveries-out-of-order",
       [] {
         return on_out([kept = std::make_shared<messages>()](amps_message m) {
           messages all;
           if (is_delivery(m) && kept->empty()) {
             kept->push_back(std::move(m));
             return all;
           }
           all.push_back(std::move(m));
           std::ranges::move(*kept, std::back_inserter(all));
           kept->clear();
           return all;
         });
       }},
      {"broker-sids-missing",
       [] {
         return on_out(
             edited([](const amps_message& m) { return is_delivery(m) || is_oof(m); }, renamed("sids", "sub_id")));
       }},
      {"broker-empty-body-lost",
       [] { return on_out(dropped([](const amps_message& m) { return is_delivery(m) && m.rest.empty(); })); }},
      {"broker-sequence-ignored",
       [] {
         return on_in(edited([](const amps_message& m) { return is_publish(m) || m.is("sow_delete"); }, without("s")));
       }},
      {"broker-expiration-ignored", [] { return on_in(edited(is_publish, without("e"))); }},
      {"broker-delta-as-publish",
       [] { return on_in(edited(is_command("delta_publish"), with("c", in_quotes("publish")))); }},
      {"broker-publish-as-delta", [] { return on_in(edited(is_delivery, with("c", in_quotes("delta_publish")))); }},
      // Subscribing.
      {"broker-processed-behind-delivery",
       [] {
         return on_out(
             delayed([](const amps_message& m) { return m.is_ack("processed") && m.find("sub_id") != nullptr; }));
       }},
      {"broker-unsubscribe-ignored", [] { return on_in(edited(is_command("unsubscribe"), as_flush)); }},
      {"broker-unsubscribe-all-ignored",
       [] {
         return on_in(
             edited([](const amps_message& m) { return m.is("unsubscribe") && m.text("sub_id") == "all"; }, as_flush));
       }},
      {"broker-unsubscribe-takes-all",
       [] { return on_in(edited(is_command("unsubscribe"), with("sub_id", in_quotes("all")))); }},
      {"broker-unsubscribe-first-of-list",
       [] {
         return on_in(edited(is_command("unsubscribe"), [](amps_message& m) {
           const auto ids = m.text("sub_id");
           m.set("sub_id", in_quotes(ids.substr(0, ids.find(','))));
         }));
       }},
      {"broker-filter-ignored",
       [] { return on_in(edited([](const amps_message& m) { return !m.is("sow_delete"); }, without("filter"))); }},
      {"broker-patterns-literal",
       [] {
         return on_in(edited([](const amps_message& m) { return is_subscribe(m) || is_query(m); },
                             with_option("non_regex_topic")));
       }},
      {"broker-topic-case-folded",
       [] {
         return on_in(edited([](const amps_message& m) { return is_subscribe(m) || is_publish(m); }, lower_case("t")));
       }},
      {"broker-replace-unasked", [] { return on_in(edited(is_subscribe, with_option("replace"))); }},
      {"broker-bookmark-ignored", [] { return on_in(edited(is_subscribe, without("bm"))); }},
      {"broker-bookmark-missing", [] { return on_out(edited(is_delivery, without("bm"))); }},
      {"broker-delta-subscribe-in-full",
       [] {
         return on_in(edited(is_subscribe, [](amps_message& m) {
           if (m.is("delta_subscribe")) m.set("c", in_quotes("subscribe"));
           if (m.is("sow_and_delta_subscribe")) m.set("c", in_quotes("sow_and_subscribe"));
         }));
       }},
      {"broker-deliveries-kept-from-publisher",
       [] {
         auto f = std::make_unique<fault_of_parts>();
         const auto publishing = std::make_shared<bool>(false);
         f->on_in = [publishing](amps_message m) {
           *publishing = is_publish(m);
           messages all;
           all.push_back(std::move(m));
           return all;
         };
         f->on_out = [publishing](amps_message m) {
           messages all;
           if (!is_delivery(m) || !*publishing) all.push_back(std::move(m));
           return all;
         };
         return f;
       }},
      // SOW.
      {"broker-group-begin-missing", [] { return on_out(dropped(is_command("group_begin"))); }},
      {"broker-group-end-missing", [] { return on_out(dropped(is_command("group_end"))); }},
      {"broker-group-of-nothing-missing",
       [] {
         return on_out([kept = std::make_shared<messages>()](amps_message m) {
           messages all;
           if (m.is("group_begin")) {
             kept->push_back(std::move(m));
             return all;
           }
           if (m.is("group_end") && !kept->empty()) {
             kept->clear();
             return all;
           }
           std::ranges::move(*kept, std::back_inserter(all));
           kept->clear();
           all.push_back(std::move(m));
           return all;
         });
       }},
      {"broker-group-with-other-id",
       [] { return on_out(edited(is_command("group_end"), with("query_id", in_quotes("other")))); }},
      {"broker-batch-count-wrong", [] { return on_out(edited(is_batch, one_more("bs"))); }},
      {"broker-batch-size-ignored", [] { return on_in(edited(is_query, with("bs", "10"))); }},
      {"broker-order-ignored", [] { return on_in(edited(is_query, without("orderby"))); }},
      {"broker-top-n-ignored", [] { return on_in(edited(is_query, without("top_n"))); }},
      {"broker-sow-keys-ignored", [] { return on_in(edited(is_query, without("sow_keys"))); }},
      {"broker-batches-lost", [] { return on_out(dropped(is_batch)); }},
      {"broker-sow-delete-ignored",
       [] {
         return on_in(edited(is_command("sow_delete"), [](amps_message& m) {
           m.erase("filter");
           m.erase("bm");
           m.rest.clear();
           m.set("sow_keys", in_quotes("0"));
         }));
       }},
      {"broker-oof-unasked", [] { return on_in(edited(is_subscribe, with_option("oof"))); }},
      {"broker-oof-as-publish", [] { return on_out(edited(is_oof, with("c", in_quotes("p")))); }},
      {"broker-oof-lost", [] { return on_out(dropped(is_oof)); }},
      {"broker-oof-without-reason", [] { return on_out(edited(is_oof, without("reason"))); }},
      {"broker-oof-without-key", [] { return on_out(edited(is_oof, without("k"))); }},
      {"broker-sow-key-missing", [] { return on_out(edited(is_delivery, without("k"))); }},
      // Queues, heartbeats, errors.
      {"broker-lease-missing", [] { return on_out(edited(is_delivery, without("lp"))); }},
      {"broker-backlog-untold", [] { return on_out(edited(is_ack, without("opts"))); }},
      {"broker-backlog-unlimited", [] { return on_in(edited(is_subscribe, with_option("max_backlog=10"))); }},
      {"broker-queue-ack-ignored",
       [] {
         return on_in(
             edited([](const amps_message& m) { return m.is("sow_delete") && m.find("bm") != nullptr; }, as_flush));
       }},
      {"broker-heartbeats-missing", [] { return on_out(dropped(is_command("heartbeat"))); }},
      {"broker-heartbeat-answered",
       [] {
         return on_in(edited(is_command("heartbeat"), [](amps_message& m) {
           if (m.text("a").empty()) m.set("a", in_quotes("received"));
         }));
       }},
      {"broker-unknown-command-ignored",
       [] {
         return on_in(
             dropped([](const amps_message& m) { return amps::command_named(m.text("c")) == amps::command::unknown; }));
       }},
      {"broker-result-words-ignored",
       [] {
         return on_in(dropped(
             [](const amps_message& m) { return is_ack(m) || is_oof(m) || m.is("group_begin") || m.is("group_end"); }));
       }},
  };
  return entries;
}

}  // namespace

// --- messages --------------------------------------------------------------------------------------------------------

std::string* amps_message::find(std::string_view key) {
  const auto found = std::ranges::find(fields, key, [](const auto& f) { return std::string_view(f.first); });
  return found == fields.end() ? nullptr : &found->second;
}

const std::string* amps_message::find(std::string_view key) const { return const_cast<amps_message*>(this)->find(key); }

std::string amps_message::text(std::string_view key) const {
  const auto* value = find(key);
  if (value == nullptr) return {};
  const bool is_quoted = value->size() >= 2 && value->front() == '"';
  return is_quoted ? value->substr(1, value->size() - 2) : *value;
}

void amps_message::set(std::string_view key, std::string json) {
  if (auto* value = find(key)) {
    *value = std::move(json);
  } else {
    fields.emplace_back(key, std::move(json));
  }
}

void amps_message::erase(std::string_view key) {
  std::erase_if(fields, [&](const auto& f) { return f.first == key; });
}

amps_message amps_message_from(std::string_view header, std::string_view rest) {
  amps_message m;
  m.rest = rest;
  // {"key":value,"key":value}: values hold no brackets, and a quote inside of them has a backslash in front.
  std::size_t at = 1;
  while (at < header.size() && header[at] == '"') {
    const auto key_end = header.find('"', at + 1);
    auto end = key_end + 2;
    if (header[end] == '"') {
      for (++end; header[end] != '"'; ++end) {
        if (header[end] == '\\') ++end;
      }
      ++end;
    } else {
      end = header.find_first_of(",}", end);
    }
    m.fields.emplace_back(header.substr(at + 1, key_end - at - 1), header.substr(key_end + 2, end - key_end - 2));
    at = end + 1;
  }
  return m;
}

std::string amps_header_text(const amps_message& m) {
  std::string text = "{";
  for (const auto& [key, value] : m.fields) {
    if (text.size() > 1) text += ',';
    text += in_quotes(key) + ":" + value;
  }
  return text + "}";
}

std::vector<std::string_view> amps_fault_names() {
  std::vector<std::string_view> names;
  for (const auto& e : table()) names.push_back(e.name);
  return names;
}

std::unique_ptr<amps_fault> make_amps_fault(std::string_view name) {
  const auto found = std::ranges::find(table(), name, &entry::name);
  return found == table().end() ? nullptr : found->make();
}

}  // namespace ampspec::behaviour
