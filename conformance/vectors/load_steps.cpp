// Reads expectations of codecs, and the steps of an exchange.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/suite_reader.hpp"

#include <algorithm>

namespace ampspec::vectors {

decode_expectation suite_reader::decoded(const yaml_node& n) const {
  map(n, words::decode_expectation, "what `decode` expects");
  decode_expectation made;
  const yaml_node& end = need(n, "end", "what `decode` expects");
  static constexpr auto plain_ends = list("clean", "incomplete", "any");
  if (end.is_map()) {
    static constexpr auto only_reject = list("reject");
    map(end, only_reject, "`end`");
    const yaml_node& reject = need(end, "reject", "`end`");
    map(reject, words::reject, "`reject`");
    made.end = ending::reject;
    if (const auto* c = reject.find("class")) made.reject_class = word(*c, words::rejects, "reject class");
    if (const auto* by = reject.find("by")) made.by = formula(*by, "`by`");
    if (const auto* before = reject.find("not_before")) made.not_before = formula(*before, "`not_before`");
    if (const auto* at = reject.find("at")) made.at = formula(*at, "`at`");
  } else if (end.is_scalar() && end.text == "reject") {
    fail(end, "`end: reject` says nothing more; write end: {reject: {class: …, by: N}} or end: {reject: {}}");
  } else {
    const std::string& name = word(end, plain_ends, "`end`");
    made.end = name == "clean" ? ending::clean : name == "incomplete" ? ending::incomplete : ending::any;
  }
  const yaml_node* delivers = n.find("delivers");
  if (made.end == ending::any) {
    if (delivers != nullptr)
      fail(*delivers, "`delivers` beside `end: any`, which compares nothing; remove one of them");
  } else {
    made.delivers = expected_boxes(need(n, "delivers", "what `decode` expects"), "`delivers`");
  }
  return made;
}

encode_expectation suite_reader::encoded(const yaml_node& n) const {
  map(n, words::encode_expectation, "what `encode` expects");
  const yaml_entry& entry = only(n, words::encode_expectation, "what `encode` expects");
  encode_expectation made;
  if (entry.key == "bytes")
    made.bytes = bytes(entry.value, where::top);
  else
    made.refuse = word(entry.value, words::refusals, "class of refusal");
  return made;
}

steps suite_reader::play(const yaml_node& n, const std::string& connection) {
  steps all;
  for (const auto& item : items_of(n, "`steps`")) all.push_back(one_step(item, connection));
  if (all.empty()) fail(n, "no steps; write at least one");
  return all;
}

expect_boxes_step suite_reader::boxes_step(const yaml_node& n) const {
  expect_boxes_step made;
  const yaml_node* others = n.find("others");
  if (const auto* one = n.find("box")) {
    made.boxes.push_back(expected_box(*one, others));
    return made;
  }
  if (others != nullptr) fail(*others, "`others` needs `box` beside it; in a list write {box: BOX, others: any}");
  made.any_order = n.find("boxes") == nullptr;
  made.boxes = expected_boxes(*n.find(made.any_order ? "boxes_in_any_order" : "boxes"), "boxes");
  if (made.boxes.empty()) fail(n, "an `expect` of no box; write expect_silence: {}");
  return made;
}

expect_boxes_step suite_reader::frames_step(const yaml_node& n, const yaml_entry& what) const {
  expect_boxes_step made;
  const yaml_node* others = n.find("others");
  if (what.key == "frame") {
    made.boxes.push_back(expected_message(what.value, words::message_that_comes));
    if (others != nullptr && text(*others, "`others`") != "any")
      fail(*others, "unknown value of `others`; write others: any");
    made.boxes.back().others_any = others != nullptr;
    return made;
  }
  if (others != nullptr) fail(*others, "`others` needs `frame` beside it; in a list write {frame: {…}, others: any}");
  made.any_order = what.key == "frames_in_any_order";
  // Which of them is compared with which is not known before they are, so that none can be asked how it is written.
  const word_list known = made.any_order ? word_list(words::message) : word_list(words::message_that_comes);
  for (const auto& item : items_of(what.value, "frames")) made.boxes.push_back(expected_frame(item, known));
  if (made.boxes.empty()) fail(n, "an `expect` of no message; write expect_silence: {}");
  return made;
}

expect_group_step suite_reader::group(const yaml_node& n) const {
  map(n, words::group, "`group`");
  static constexpr auto ways = list("records", "records_in_any_order");
  const yaml_entry& records = only(n, ways, "`group`");
  expect_group_step made{matcher(need(n, "query_id", "`group`")), {}, records.key != "records", {}};
  for (const auto& item : items_of(records.value, "records")) {
    made.records.push_back(expected_frame(item, words::message));
    if (item.find("header") != nullptr && item.find("header")->find("l") != nullptr)
      fail(item, "`l` of a record; it is compared with the body by itself, remove it");
  }
  if (const auto* most = n.find("batch")) made.batch = formula(*most, "`batch`");
  return made;
}

std::vector<std::string> suite_reader::some_words(const yaml_node& n, word_list known, std::string_view what) const {
  if (n.is_scalar()) return {word(n, known, what)};
  auto all = texts(n, what);
  for (const auto& item : n.items) word(item, known, what);
  if (all.empty()) fail(n, std::string(what) + " is empty; name at least one");
  return all;
}

call_step suite_reader::call(const yaml_node& n) const {
  map(n, words::call, "`call`");
  call_step made;
  made.name = text(need(n, "name", "`call`"), "`name`");
  if (const auto* command = n.find("command")) made.command = bytes(*command, where::anywhere);
  made.box.mark = mark(n);
  if (const auto* arguments = n.find("box")) made.box = box(*arguments, where::sent);
  static constexpr auto answers = list("yes", "no");
  static constexpr auto changes = list("tls", "switch");
  if (const auto* starts = n.find("starts")) {
    const bool tls = word(*starts, changes, "`starts`") == "tls";
    made.starts = tls ? call_step::change::tls : call_step::change::other;
    for (const auto& entry : n.entries) {
      if (entry.key == "ask" || (tls && (entry.key == "command" || entry.key == "box")))
        fail(entry, "`" + entry.key + "` beside `starts: " + (tls ? "tls" : "switch") + "`; remove it");
    }
    if (!tls && !made.command) fail(n, "`starts: switch` needs the command; write command: Switch");
  }
  if (const auto* of = n.find("of")) {
    made.of = text(*of, "`of`");
    if (!messages_) fail(*of, "`of` in a file of another protocol than amps; remove it");
  }
  if (const auto* ask = n.find("ask")) made.ask = word(*ask, answers, "`ask`") == "yes";
  return made;
}

start_tls_step suite_reader::start_tls(const yaml_node& n) const {
  map(n, words::start_tls, "`start_tls`");
  start_tls_step made;
  if (const auto* after = n.find("after")) {
    map(*after, words::send, "`after`");
    const yaml_entry& what = only(*after, words::send, "`after`");
    made.after = sent_octets(what);
  }
  if (const auto* fails = n.find("fails")) {
    if (text(*fails, "`fails`") != "any") fail(*fails, "unknown value of `fails`; write fails: any");
    made.fails = true;
  }
  if (const auto* by = n.find("spoiled_by")) {
    if (made.fails) fail(*by, "`spoiled_by` beside `fails`; what we spoil fails anyway, remove `fails`");
    const auto how = word(*by, words::spoils, "`spoiled_by`");
    made.by = how == "garbage" ? start_tls_step::spoil::garbage
              : how == "alert" ? start_tls_step::spoil::alert
                               : start_tls_step::spoil::close;
    made.fails = true;
  }
  return made;
}

expect_ended_step suite_reader::ended(const yaml_node& n) const {
  map(n, words::ended, "`expect_ended`");
  expect_ended_step made;
  made.call = text(need(n, "call", "`expect_ended`"), "`call`");
  made.how = some_words(need(n, "how", "`expect_ended`"), words::endings, "`how`");
  const auto may = [&](std::string_view how) {
    return std::find(made.how.begin(), made.how.end(), how) != made.how.end();
  };
  for (const auto& entry : n.entries) {
    const bool of_answer = entry.key == "box" || entry.key == "others";
    const bool of_error = entry.key == "kind" || entry.key == "code" || entry.key == "description";
    if ((of_answer && !may("answer")) || (of_error && !may("error"))) {
      fail(entry,
           "`" + entry.key + "` needs `how: " + (of_answer ? "answer" : "error") + "`; change `how` or remove it");
    }
  }
  if (const auto* values = n.find("box"))
    made.box = expected_box(*values, n.find("others"));
  else if (const auto* others = n.find("others"))
    fail(*others, "`others` needs `box` beside it; write box: {…}");
  if (const auto* kind = n.find("kind")) made.kind = some_words(*kind, words::error_kinds, "`kind`");
  if (const auto* code = n.find("code")) made.code = matcher(*code);
  if (const auto* description = n.find("description")) made.description = matcher(*description);
  return made;
}

repeat_step suite_reader::rounds(const yaml_node& n, const std::string& connection) {
  map(n, words::rounds, "`repeat`");
  repeat_step made;
  made.times = formula(need(n, "times", "`repeat`"), "`times`");
  const auto* name = n.find("as");
  if (name != nullptr) {
    made.as = text(*name, "`as`");
    if (!is_name(made.as)) fail(*name, "bad name " + tick(made.as) + "; write lower-case letters, digits and `_`");
    if (!names_.insert(made.as).second) fail(*name, tick(made.as) + " is a name already; choose another one");
  }
  made.body = play(need(n, "steps", "`repeat`"), connection);
  if (name != nullptr) names_.erase(made.as);
  return made;
}

write_stream_step suite_reader::stream_to_write(const yaml_node& n) const {
  map(n, words::write_stream, "`write_stream`");
  write_stream_step made;
  made.name = text(need(n, "name", "`write_stream`"), "`name`");
  made.pattern = bytes(need(n, "pattern", "`write_stream`"), where::anywhere);
  if (const auto* size = n.find("size")) made.size = formula(*size, "`size`");
  if (const auto* window = n.find("window")) made.window = formula(*window, "`window`");
  const auto* end = n.find("end");
  made.end = end != nullptr ? word(*end, words::stream_ends, "`end`") : "leave";
  return made;
}

take_writes_step suite_reader::writes_to_take(const yaml_node& n) const {
  map(n, words::take_writes, "`take_writes`");
  take_writes_step made{
      matcher(need(n, "id", "`take_writes`")), bytes(need(n, "data", "`take_writes`"), where::anywhere), {}, {}};
  if (const auto* until = n.find("until")) made.until = formula(*until, "`until`");
  if (const auto* hold = n.find("hold")) made.hold = text(*hold, "`hold`");
  return made;
}

choice_step suite_reader::choices(const yaml_node& n, const std::string& connection) {
  choice_step made;
  made.choice = text(*n.find("choice"), "`choice`");
  const yaml_node& branches = need(n, "one_of", "a choice");
  map(branches, "`one_of`");
  for (const auto& entry : branches.entries) {
    steps branch = play(entry.value, connection);
    const auto& first = branch.front().what;
    const bool seen =
        std::holds_alternative<expect_boxes_step>(first) || std::holds_alternative<expect_bytes_step>(first) ||
        std::holds_alternative<expect_close_step>(first) || std::holds_alternative<expect_silence_step>(first);
    if (!seen)
      fail(entry, "branch `" + entry.key +
                      "` begins with a step that shows nothing; begin with expect, expect_close or expect_silence");
    made.branches.emplace_back(entry.key, std::move(branch));
  }
  if (made.branches.size() < 2)
    fail(branches, "a choice with less than two branches; write {BRANCH: [STEP…], BRANCH: [STEP…]}");
  return made;
}

ws_item suite_reader::websocket_frame(const yaml_node& n) const {
  const yaml_entry& what = only(n, words::ws_frames, "a frame of WebSocket");
  for (const auto& entry : n.entries) {
    if (&entry != &what && !contains(words::ws_sides, entry.key))
      fail(entry, "unknown key `" + entry.key + "` in a frame of WebSocket" + advice(entry.key, words::ws_sides));
  }
  const auto yes = [&](const char* key) { return n.find(key) == nullptr || flag(n, key); };
  return {what.key, bytes(what.value, where::sent), yes("last"), yes("masked")};
}

upgrade_setup suite_reader::upgrade(const yaml_node& n) const {
  map(n, words::upgrade, "`upgrade`");
  upgrade_setup made;
  if (const auto* path = n.find("path")) made.path = bytes(*path, where::anywhere);
  made.headers.mark = mark(n);
  if (const auto* headers = n.find("headers")) made.headers = box(*headers, where::anywhere);
  if (const auto* mode = n.find("mode")) made.mode = word(*mode, words::ws_modes, "`mode`");
  if (const auto* status = n.find("status")) {
    made.status = text(*status, "`status`");
    if (made.status.size() != 3 || made.status[0] < '3' || made.status[0] > '5')
      fail(*status, "unknown status " + tick(made.status) + "; write a number such as 404, or a class such as 4xx");
  }
  return made;
}

send_step suite_reader::sent(const yaml_node& n) const {
  map(n, words::send, "`send`");
  const yaml_entry& what = only(n, words::send, "`send`");
  const bool of_frames = what.key == "frame" || what.key == "frames" || what.key == "ws";
  if (what.key != "bytes" && of_frames != messages_)
    fail(what, tick(what.key) + " in a file of another protocol; AMPS sends `frame` or `frames`, AMP `box` or `boxes`");
  if (!of_frames) return {sent_octets(what), {}, {}};
  send_step made;
  if (what.key == "ws") {
    for (const auto& item : items_of(what.value, "`ws`")) made.ws.push_back(websocket_frame(item));
    if (made.ws.empty()) fail(what.value, "no frames; write at least one");
    return made;
  }
  const auto put = [&](const yaml_node& one) {
    made.messages.push_back(message(one, where::sent));
    made.bytes.push_back({frame_atom{message_octets(one, where::sent)}, {}, mark(one)});
  };
  if (what.key == "frame") {
    put(what.value);
  } else {
    for (const auto& item : items_of(what.value, "`frames`")) put(item);
  }
  return made;
}

// What stands under `expect` of a step.
void suite_reader::expected(const yaml_node& n, step& made) const {
  static constexpr auto of_boxes = list("box", "boxes", "boxes_in_any_order", "bytes");
  static constexpr auto of_frames = list("frame", "frames", "frames_in_any_order", "group", "pong", "bytes");
  map(n, words::expect, "`expect`");
  const yaml_entry& what = only(n, messages_ ? word_list(of_frames) : word_list(of_boxes), "`expect`");
  const auto* within = n.find("within");
  if (what.key == "bytes" || what.key == "group" || what.key == "pong") {
    for (const auto* beside : {"others", "within"}) {
      if (const auto* at = n.find(beside)) fail(*at, tick(beside) + " beside " + tick(what.key) + "; remove it");
    }
    if (what.key == "group")
      made.what = group(what.value);
    else if (what.key == "pong")
      made.what = expect_pong_step{matcher(what.value)};
    else
      made.what = expect_bytes_step{bytes(what.value, where::sent_top)};
    return;
  }
  auto boxes = messages_ ? frames_step(n, what) : boxes_step(n);
  if (within != nullptr) boxes.within = formula(*within, "`within`");
  made.what = std::move(boxes);
}

// `box`, `boxes` or `bytes`.
recipe suite_reader::sent_octets(const yaml_entry& what) const {
  if (what.key == "bytes") return bytes(what.value, where::sent_top);
  if (what.key == "box") return {{box_atom{box(what.value, where::sent).pairs}, {}, mark(what.value)}};
  recipe all;
  for (const auto& item : items_of(what.value, "`boxes`")) {
    all.push_back({box_atom{box(item, where::sent).pairs}, {}, mark(item)});
  }
  return all;
}

step suite_reader::one_step(const yaml_node& n, const std::string& connection) {
  map(n, "a step");
  const yaml_entry* verb = nullptr;
  for (const auto& entry : n.entries) {
    if (!contains(words::verbs, entry.key)) continue;
    if (verb != nullptr)
      fail(entry, "two verbs in one step, " + tick(verb->key) + " and " + tick(entry.key) + "; write two steps");
    verb = &entry;
  }
  for (const auto& entry : n.entries) {
    if (&entry == verb || entry.key == "connection" ||
        (entry.key == "one_of" && verb != nullptr && verb->key == "choice"))
      continue;
    fail(entry, "unknown key `" + entry.key + "` in a step" + advice(entry.key, words::verbs));
  }
  if (verb == nullptr) fail(n, "a step without a verb; write one such as `send` or `expect`");

  step made;
  made.mark = mark(n);
  made.connection = connection;
  if (const auto* named = n.find("connection")) made.connection = text(*named, "`connection`");
  if (made.connection.empty()) fail(n, "a connection without a name; write connection: NAME or leave it out");
  const std::string& name = verb->key;
  const yaml_node& value = verb->value;
  if (name == "send") {
    made.what = sent(value);
  } else if (name == "expect") {
    expected(value, made);
  } else if (name == "expect_close") {
    map(value, words::close, "`expect_close`");
    expect_close_step close;
    if (const auto* within = value.find("within")) close.within = formula(*within, "`within`");
    if (const auto* code = value.find("code")) close.code = matcher(*code);
    made.what = std::move(close);
  } else if (name == "expect_silence") {
    map(value, words::silence, "`expect_silence`");
    const auto* close = value.find("close");
    if (close != nullptr && text(*close, "`close`") != "allowed")
      fail(*close, "unknown value of `close`; write close: allowed");
    const auto* by = value.find("by");
    if (by != nullptr && text(*by, "`by`") != "waiting") fail(*by, "unknown value of `by`; write by: waiting");
    expect_silence_step silence{close != nullptr, by != nullptr, {}};
    if (const auto* lasts = value.find("for")) silence.lasts = formula(*lasts, "`for`");
    if (silence.by_waiting && silence.lasts) fail(value, "`by` beside `for`, which waits too; remove `by`");
    made.what = silence;
  } else if (name == "call") {
    made.what = call(value);
  } else if (name == "expect_ended") {
    made.what = ended(value);
  } else if (name == "start_tls") {
    made.what = start_tls(value);
  } else if (name == "expect_pending") {
    map(value, words::pending, "`expect_pending`");
    made.what = expect_pending_step{text(need(value, "call", "`expect_pending`"), "`call`")};
  } else if (name == "choice") {
    made.what = choices(n, made.connection);
  } else if (name == "repeat") {
    made.what = rounds(value, made.connection);
  } else if (name == "write_stream") {
    made.what = stream_to_write(value);
  } else if (name == "take_writes") {
    made.what = writes_to_take(value);
  } else if (contains(words::bulk_verbs, name)) {
    made.what = bulk(name, value);
  } else if (contains(words::amps_verbs, name)) {
    made.what = amps(name, value);
  } else {
    empty_map(value, name);
    if (name == "half_close")
      made.what = half_close_step{};
    else if (name == "close")
      made.what = close_step{};
    else if (name == "switched")
      made.what = switched_step{};
    else
      made.what = reset_step{};
  }
  return made;
}

}  // namespace ampspec::vectors
