// How calls are checked before they are sent, and how what comes back is told apart.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/test_client.hpp"

#include "reference/amp/big_string.hpp"
#include "reference/amp/schema.hpp"
#include "reference/amp/utf8.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace ampspec::behaviour {

namespace {

std::string shown(const wire::failure& why) {
  return why.broken.empty() ? why.code.message() : why.code.message() + " (" + std::string(why.broken) + ")";
}

/// True if octets are a value of what a BigString holds.
bool holds(const wire::value_type& type, std::string_view octets) {
  return type.element.front().kind == wire::value_kind::bytes || amp::valid_utf8_prefix(octets) == octets.size();
}

/// Puts the pairs of whole values into `chunks`, or says why it can't be done.
std::string split(const wire::value_schema& schema, amp::box_view whole, amp::box& chunks) {
  for (const auto& field : schema) {
    const auto given = whole.find(field.name);
    if (!given && !field.optional) return "argument " + field.name + " is missing";  // AMP1-TYPE-052
    if (!given) continue;
    if (!holds(field.type, *given)) return "argument " + field.name + " is not of its type";
    if (const auto refused = amp::split_big(field.name, *given, chunks)) return shown(*refused);
  }
  for (const auto& given : whole) {
    if (std::none_of(schema.begin(), schema.end(), [&](const auto& f) { return f.name == given.key; })) {
      return "there is no argument " + std::string(given.key);  // AMP1-TYPE-053
    }
  }
  return {};
}

/// The whole values of a response, or why there are none.
std::string join(const wire::value_schema& schema, amp::box_view chunks, plain_box& whole) {
  for (const auto& field : schema) {
    auto joined = amp::join_big(chunks, field.name);  // AMP1-BIGSTR-018
    if (!joined) return shown(joined.error());
    if (!*joined && !field.optional) return "value " + field.name + " is missing";
    if (!*joined) continue;
    if (!holds(field.type, **joined)) return "value " + field.name + " is not of its type";
    whole.emplace_back(field.name, std::move(**joined));
  }
  return {};
}

/// Why a typed call can't be made; empty if it can.
std::string objection(const command& schema, amp::box_view arguments) {
  if (const auto* typed = typed_schema(schema.id)) {
    if (const auto read = amp::parse_arguments(*typed, arguments); !read) return shown(read.error());
    for (const auto& given : arguments) {
      if (std::none_of(typed->begin(), typed->end(), [&](const auto& f) { return f.name == given.key; })) {
        return "there is no argument " + std::string(given.key);  // AMP1-TYPE-053
      }
    }
    return {};
  }
  for (const auto& wanted : schema.arguments) {
    const auto given = arguments.find(wanted.name);
    if (!given) return "argument " + std::string(wanted.name) + " is missing";  // AMP1-TYPE-052
    if (!decodes(*given, wanted.type)) return "argument " + std::string(wanted.name) + " is not of its type";
  }
  for (const auto& given : arguments) {
    const auto named = [&](const field& f) { return f.name == given.key; };
    if (std::ranges::none_of(schema.arguments, named) && std::ranges::none_of(schema.optional, named)) {
      return "there is no argument " + std::string(given.key);  // AMP1-TYPE-053
    }
  }
  return {};
}

call_end ended(std::uint64_t number, std::string how, std::string text) {
  call_end end;
  end.number = number;
  end.how = std::move(how);
  end.text = std::move(text);
  return end;
}

}  // namespace

test_client::test_client(std::shared_ptr<amp::session> session) : session_(std::move(session)) {}

void test_client::call(std::uint64_t number, std::string_view name, amp::box_view arguments, bool ask) {
  const auto* schema = find_command(name);
  const auto end = [&](std::string how, std::string text) {
    ended_.push_back(ended(number, std::move(how), std::move(text)));
  };
  amp::box chunks;
  const auto* big = schema != nullptr ? big_arguments(schema->id) : nullptr;
  if (schema != nullptr) {
    auto text = big != nullptr ? split(*big, arguments, chunks) : objection(*schema, arguments);
    if (!text.empty()) return end("refused", std::move(text));
  }
  if (big != nullptr) arguments = chunks;
  begun(number, schema, session_->call(name, arguments, ask), ask);
}

void test_client::start_tls(std::uint64_t number) { begun(number, nullptr, session_->start_tls()); }

void test_client::call_switch(std::uint64_t number, std::string_view name, amp::box_view arguments) {
  begun(number, find_command(name), session_->call_switch(name, arguments));
}

void test_client::begun(std::uint64_t number, const command* schema, const wire::result<amp::call_id>& made, bool ask) {
  if (made && ask) {
    pending_.emplace(*made, pending{number, schema});
  } else if (made) {
    ended_.push_back(ended(number, "sent", {}));
  } else {
    const bool gone = made.error().code == amp::errc::not_connected;  // AMP1-CONV-042, -043
    ended_.push_back(ended(number, gone ? "lost" : "refused", shown(made.error())));
  }
}

void test_client::send_box(std::uint64_t number, amp::box_view box) {
  const auto refused = session_->send(box);
  const bool gone = refused && refused->code == amp::errc::not_connected;
  ended_.push_back(ended(number, gone ? "lost" : refused ? "refused" : "sent", refused ? shown(*refused) : ""));
}

bool test_client::handle(const amp::event& event) {
  if (const auto* answered = std::get_if<amp::answer_received>(&event)) {
    const auto ours = take(answered->call);
    if (ours) end_by_answer(*ours, answered->values);
    return ours.has_value();
  }
  if (const auto* refused = std::get_if<amp::error_received>(&event)) {
    const auto ours = take(refused->call);
    if (ours) end_by_error(*ours, *refused);
    return ours.has_value();
  }
  if (const auto* failed = std::get_if<amp::call_failed>(&event)) {
    const auto ours = take(failed->call);
    if (!ours) return false;
    // AMP1-CONV-037: a box did come for this call, so it is not told as lost.
    const bool came = failed->reason.code == amp::errc::missing_error_field;
    ended_.push_back(ended(ours->number, came ? "error" : "lost", shown(failed->reason)));
    if (came) ended_.back().kind = "undecodable";
    return true;
  }
  return false;
}

void test_client::end_by_answer(const pending& call, amp::box_view values) {
  const auto* typed = call.schema != nullptr ? typed_schema(call.schema->id) : nullptr;
  if (typed != nullptr && typed == big_arguments(call.schema->id)) {
    auto end = ended(call.number, "answer", {});
    if (auto text = join(*typed, values, end.box); !text.empty()) {
      end = ended(call.number, "error", std::move(text));
      end.kind = "undecodable";
    }
    ended_.push_back(std::move(end));
    return;
  }
  if (typed != nullptr) {
    if (const auto read = amp::parse_arguments(*typed, values); !read) {
      ended_.push_back(ended(call.number, "error", shown(read.error())));
      ended_.back().kind = "undecodable";
      return;
    }
  }
  if (call.schema != nullptr) {
    for (const auto& promised : call.schema->response) {  // AMP1-CONV-039; other keys are ignored (AMP1-CONV-040)
      const auto given = values.find(promised.name);
      if (given && decodes(*given, promised.type)) continue;
      const auto wrong = std::string(given ? " is not of its type" : " is missing");
      ended_.push_back(ended(call.number, "error", "value " + std::string(promised.name) + wrong));
      ended_.back().kind = "undecodable";
      return;
    }
  }
  ended_.push_back(ended(call.number, "answer", {}));
  for (const auto& [key, value] : values) ended_.back().box.emplace_back(key, value);
}

void test_client::end_by_error(const pending& call, const amp::error_received& refused) {
  auto end = ended(call.number, "error", {});
  const auto declared = call.schema != nullptr ? call.schema->declared_error : std::string_view();
  // AMP1-CONV-038
  if (!declared.empty() && refused.code == declared) {
    end.kind = "declared";
  } else {
    end.kind = refused.code == amp::code_unhandled ? "unhandled" : "unknown";
  }
  end.code = std::string(refused.code);  // AMP1-CONV-078
  end.description = std::string(refused.description);
  ended_.push_back(std::move(end));
}

std::optional<test_client::pending> test_client::take(amp::call_id call) {
  const auto found = pending_.find(call);
  if (found == pending_.end()) return std::nullopt;
  const auto taken = found->second;
  pending_.erase(found);
  return taken;
}

std::optional<call_end> test_client::next_end() {
  if (ended_.empty()) return std::nullopt;
  auto first = std::move(ended_.front());
  ended_.pop_front();
  return first;
}

}  // namespace ampspec::behaviour
