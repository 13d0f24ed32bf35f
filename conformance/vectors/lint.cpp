// Checks of the vectors that need more than one file, the catalogue, or the values of a matrix.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/lint_amps.hpp"
#include "conformance/vectors/loader.hpp"
#include "conformance/vectors/words.hpp"
#include "conformance/vectors/yaml_tree.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace ampspec::vectors {
namespace {

namespace fs = std::filesystem;

constexpr std::ptrdiff_t longest_title = 110;  // characters

std::string tick(const std::string& word) { return std::string(1, '`').append(word).append(1, '`'); }

template <class T>
std::string suggestion(const std::string& word, const std::map<std::string, T, std::less<>>& known,
                       const std::string& catalogue) {
  std::vector<std::string> names;
  names.reserve(known.size());
  for (const auto& entry : known) names.push_back(entry.first);
  const std::string meant = nearest(word, names);
  return meant.empty() ? "; write one of " + catalogue : "; did you mean " + tick(meant) + "?";
}

// What an exchange has bound so far.
struct bound {
  captures caught;
  std::set<std::string> calls;
  std::set<std::string> requests;  // over HTTP
};

// Plays a vector on paper: realizes all octets at one matrix point, in the order in which they would be needed. Throws
// load_error.
class paper_play {
 public:
  paper_play(const vector& v, const scope& point) : v_(v), point_(point) {}

  void all() const {
    std::visit([&](const auto& kind) { play(kind); }, v_.kind);
  }

 private:
  [[noreturn]] static void fail(const source_mark& at, const std::string& what) { throw load_error(at, what); }
  octets made(const recipe& r, const bound& b = {}) const { return realize(r, point_, b.caught); }
  std::uint64_t value(const expression& e) const { return evaluate(e, point_); }

  static void bind(const std::string& name, bound& b) { b.caught[name] = "0"; }

  void match(const value_matcher& m, bound& b) const {
    if (const auto* exact = std::get_if<match_exact>(&m.what)) {
      made(exact->bytes, b);
    } else if (const auto* utf8 = std::get_if<match_utf8>(&m.what)) {
      value(utf8->max_octets);
    } else if (const auto* any = std::get_if<match_one_of>(&m.what)) {
      for (const auto& one : any->any) match(one, b);
    } else if (const auto* capture = std::get_if<match_capture>(&m.what)) {
      for (const auto& as : capture->as) match(as, b);
      bind(capture->name, b);
    } else if (const auto* same = std::get_if<match_same>(&m.what)) {
      if (b.caught.count(same->name) == 0) {
        fail(m.mark, "nothing was captured as " + tick(same->name) + " before; write {capture: " + same->name +
                         "} in an earlier step");
      }
    } else if (const auto* above = std::get_if<match_above>(&m.what)) {
      if (b.caught.count(above->name) == 0)
        fail(m.mark, "nothing was captured as " + tick(above->name) + " before; capture it in an earlier step");
    } else if (const auto* negated = std::get_if<match_not>(&m.what)) {
      for (const auto& inner : negated->inner) match(inner, b);
    }
  }
  void match(const box_matcher& box, bound& b) const {
    for (const auto& [key, expected] : box.pairs) {
      made(key, b);
      match(expected, b);
    }
  }

  void play(const decode_kind& kind) const {
    if (v_.transports != std::vector<std::string>{"tcp"})
      fail(v_.mark, "`decode` over other transports than TCP; write `steps`");
    const octets bytes = made(kind.bytes);
    if (kind.then) made(*kind.then);
    for (const auto& [r, expectation] : kind.expect) {
      for (const auto& [name, branch] : expectation->branches) {
        decoded(branch, bytes.size());
        const bool silent =
            branch.delivers.empty() && (branch.end == ending::reject || branch.end == ending::incomplete);
        if (r == role::codec || silent) continue;
        fail(v_.mark, "`decode` in the " + std::string(name_of(r)) +
                          " role where something may be delivered; write it as `steps`, or with `delivers: []` and an "
                          "`end` of reject or incomplete");
      }
    }
  }
  void decoded(const decode_expectation& e, std::uint64_t size) const {
    bound b;
    for (const auto& box : e.delivers) match(box, b);
    const std::uint64_t by = e.by ? value(*e.by) : size;
    if (by == 0 && e.end == ending::reject)
      fail(e.by ? e.by->mark : v_.mark, "nothing is refused before the first octet; write `by: 1` or more");
    if (by > size)
      fail(e.by->mark, "`by` " + std::to_string(by) + " lies behind the " + std::to_string(size) +
                           " octets of `decode`; write a smaller one");
    if (e.not_before && value(*e.not_before) >= by)
      fail(e.not_before->mark, "`not_before` must be smaller than `by`; write a smaller one");
    if (e.at && value(*e.at) >= by)
      fail(e.at->mark, "`at` must lie in the refused octets; write an offset smaller than `by`");
  }

  void play(const encode_kind& kind) const {
    only_codec("encode");
    for (const auto& pair : kind.box.pairs) {
      made(pair.key);
      made(pair.value);
    }
    for (const auto& [name, branch] : kind.expect.branches) {
      if (branch.bytes) made(*branch.bytes);
    }
  }
  void play(const growth_kind& kind) const {
    only_codec("growth");
    scope with_n = point_;
    for (const auto n : kind.n) {
      with_n["n"] = std::to_string(n);
      realize(kind.bytes, with_n);
      if (evaluate(kind.every, with_n) == 0)
        fail(kind.every.mark, "feeding 0 octets at a time never ends; write 1 or more");
    }
  }
  void play(const sample_kind&) const { only_codec("sample"); }
  void play(const parse_kind& kind) const {
    only_codec("parse");
    if (kind.of.type) made(kind.bytes);
    for (const auto& pair : kind.box.pairs) {
      made(pair.key);
      made(pair.value);
    }
    for (const auto& [name, branch] : kind.expect.branches) {
      if (branch.value) make_value(resolve(*kind.of.type, point_), *branch.value, point_, false);
      if (branch.record) make_record(resolve(kind.of.arguments, point_), *branch.record, v_.mark, point_, false);
    }
  }
  void play(const print_kind& kind) const {
    only_codec("print");
    if (kind.value)
      make_value(resolve(*kind.of.type, point_), *kind.value, point_, true);
    else
      make_record(resolve(kind.of.arguments, point_), kind.record, kind.mark, point_, true);
    bound b;
    for (const auto& [name, branch] : kind.expect.branches) {
      for (const auto& bytes : branch.bytes) made(bytes);
      if (branch.reads_as) make_value(resolve(*kind.of.type, point_), *branch.reads_as, point_, false);
      if (branch.box) match(*branch.box, b);
    }
  }
  void only_codec(const std::string& kind) const {
    for (const role r : v_.roles) {
      if (r != role::codec)
        fail(v_.mark, tick(kind) + " in the " + std::string(name_of(r)) + " role; write roles: [codec]");
    }
  }

  void play(const steps_kind& kind) const {
    const auto of_server = std::find(v_.roles.begin(), v_.roles.end(), role::server) != v_.roles.end();
    if ((!v_.fixture.empty() || !v_.holds.empty()) && !of_server)
      fail(v_.mark, "`fixture` or `holds` without the role server; remove it");
    for (const auto& [r, exchange] : kind.play) {
      if (r == role::codec)
        fail(v_.mark, "`steps` in the codec role; write `decode` or `encode`, or the roles server and client");
      bound b;
      bind("play", b);  // a word of the engine's
      play(*exchange, r, b);
    }
  }
  bool only_on_websocket() const {
    return std::all_of(v_.transports.begin(), v_.transports.end(), [](const auto& t) { return t.starts_with("ws"); });
  }
  void play(const steps& exchange, role r, bound& b) const {
    for (const auto& s : exchange) one(s, r, b);
  }
  void one(const step& s, role r, bound& b) const {
    if (r == role::client && s.connection != "main")
      fail(s.mark, "a second connection in the client role; leave out `connection`");
    const auto client_only = [&] {
      if (r == role::server)
        fail(s.mark, tick(std::string(verb_of(s))) + " in the server role; only a client can be made to call");
    };
    const auto called = [&](const std::string& name) {
      client_only();
      if (b.calls.count(name) == 0)
        fail(s.mark,
             "no call is named " + tick(name) + " before; write call: {name: " + name + ", …} in an earlier step");
    };
    if (v_.protocol == "amps") {
      for (const char* told : {".client_name", ".s", ".bm"}) {  // of our logon, or for one of the vector's
        if (v_.opening || told == std::string_view(".client_name")) bind(s.connection + told, b);
      }
    }
    const auto milliseconds = [&](const std::optional<expression>& e) {
      constexpr std::uint64_t most = 60'000;
      if (e && (value(*e) == 0 || value(*e) > most))
        fail(e->mark, "a time of " + std::to_string(value(*e)) + " ms; write a number from 1 to 60000");
    };
    if (const auto* group = std::get_if<expect_group_step>(&s.what)) {
      match(group->query_id, b);
      for (const auto& record : group->records) match(record, b);
      if (group->batch && value(*group->batch) == 0) fail(group->batch->mark, "batches of no record; write 1 or more");
    } else if (const auto* close = std::get_if<expect_close_step>(&s.what)) {
      milliseconds(close->within);
      if (close->code) match(*close->code, b);
      if (close->code && !only_on_websocket())
        fail(s.mark, "`code` of a vector that is played over TCP too; write transports: [ws]");
    } else if (const auto* silence = std::get_if<expect_silence_step>(&s.what)) {
      milliseconds(silence->lasts);
    }
    if (const auto* send = std::get_if<send_step>(&s.what)) {
      for (const auto& item : send->ws) made(item.payload, b);
      if (send->ws.empty() && made(send->bytes, b).empty())
        fail(s.mark, "a `send` of no octets; write some or remove it");
      if (!send->ws.empty() && !only_on_websocket())
        fail(s.mark, "`ws` of a vector that is played over TCP too; write transports: [ws]");
    } else if (const auto* pong = std::get_if<expect_pong_step>(&s.what)) {
      match(pong->payload, b);
      if (!only_on_websocket()) fail(s.mark, "`pong` of a vector that is played over TCP too; write transports: [ws]");
    } else if (const auto* boxes = std::get_if<expect_boxes_step>(&s.what)) {
      for (const auto& box : boxes->boxes) match(box, b);
      milliseconds(boxes->within);
    } else if (const auto* bytes = std::get_if<expect_bytes_step>(&s.what)) {
      if (made(bytes->bytes, b).empty()) fail(s.mark, "an `expect` of no octets; write expect_silence: {}");
    } else if (const auto* tls = std::get_if<start_tls_step>(&s.what)) {
      if (!tls->after.empty()) made(tls->after, b);
    } else if (const auto* call = std::get_if<call_step>(&s.what)) {
      client_only();
      if (!b.calls.insert(call->name).second)
        fail(s.mark, "two calls are named " + tick(call->name) + "; give each a name of its own");
      if (call->command) made(*call->command, b);
      if (!call->of.empty()) called(call->of);
      for (const auto& pair : call->box.pairs) {
        made(pair.key, b);
        made(pair.value, b);
      }
    } else if (const auto* boxed_end = std::get_if<boxed<expect_ended_step>>(&s.what)) {
      const auto& ended = **boxed_end;
      called(ended.call);
      if (ended.box) match(*ended.box, b);
      if (ended.code) match(*ended.code, b);
      if (ended.description) match(*ended.description, b);
    } else if (const auto* pending = std::get_if<expect_pending_step>(&s.what)) {
      called(pending->call);
    } else if (const auto* repeat = std::get_if<repeat_step>(&s.what)) {
      rounds(*repeat, r, b);
    } else if (const auto* write = std::get_if<write_stream_step>(&s.what)) {
      client_only();
      if (!b.calls.insert(write->name).second)
        fail(s.mark, "two calls are named " + tick(write->name) + "; give each a name of its own");
      const auto pattern = made(write->pattern, b);
      if (pattern.empty() && write->size && value(*write->size) > 0)
        fail(s.mark, "an empty pattern fills nothing; write at least one octet");
      if (write->window && value(*write->window) == 0)
        fail(s.mark, "a window of 0 lets nothing through; write 1 or more");
    } else if (const auto* take = std::get_if<take_writes_step>(&s.what)) {
      match(take->id, b);
      const auto size = made(take->data, b).size();
      if (take->until && value(*take->until) > size)
        fail(take->until->mark,
             "`until` lies behind the " + std::to_string(size) + " octets of `data`; write a smaller one");
      if ((take->until ? value(*take->until) : size) == 0)
        fail(s.mark, "no octets to wait for; remove the step, and write what comes instead");
      if (!take->hold.empty()) bind(take->hold, b);
    } else if (const auto* bulk = std::get_if<boxed<bulk_step>>(&s.what)) {
      std::visit([&](const auto& each) { transfer(s, each, r, b); }, (*bulk)->what);
    } else if (const auto* amps = std::get_if<boxed<amps_step>>(&s.what)) {
      client_only();
      std::visit([&](const auto& each) { client(s, each, b); }, (*amps)->what);
    } else if (const auto* choice = std::get_if<choice_step>(&s.what)) {
      std::vector<bound> after;
      for (const auto& [name, branch] : choice->branches) {
        after.push_back(b);
        play(branch, r, after.back());
      }
      // Behind the choice stands only what every branch binds.
      for (const auto& [name, octets] : after.front().caught) {
        const auto in = [&, wanted = name](const bound& other) { return other.caught.count(wanted) != 0; };
        if (std::all_of(after.begin(), after.end(), in)) bind(name, b);
      }
      for (const auto& name : after.front().calls) {
        const auto in = [&](const bound& other) { return other.calls.count(name) != 0; };
        if (std::all_of(after.begin(), after.end(), in)) b.calls.insert(name);
      }
    }
  }

  // --- steps of AMPS clients ---

  void client(const step& s, const attach_step&, const bound&) const {
    const auto& all = std::get<steps_kind>(v_.kind).play.at(role::client);
    if (all.front().mark.line != s.mark.line)
      fail(s.mark, "`attach` behind another step; the client is made before it connects, write it first");
  }
  void client(const step&, const log_on_step& x, const bound&) const { value(x.persisted); }
  void client(const step& s, const acks_step& x, const bound& b) const {
    if (x.by_type.empty()) fail(s.mark, "no ack may be sent; remove `only`");
    for (const auto& [type, frame] : x.by_type) made(frame, b);
  }
  void client(const step& s, const expect_message_step& x, bound& b) const {
    if (b.calls.count(x.call) == 0) fail(s.mark, "no call is named " + tick(x.call) + " before");
    match(x.message, b);
  }
  void client(const step&, const expect_unwritten_step& x, bound& b) const {
    if (x.sequence) match(*x.sequence, b);
    if (x.reason) match(*x.reason, b);
    if (x.message) match(*x.message, b);
  }
  void client(const step&, const reattach_step&, const bound&) const {}

  // The first and the last round: names only grow in between.
  void rounds(const repeat_step& repeat, role r, bound& b) const {
    const auto times = value(repeat.times);
    if (times == 0 || times > most_rounds)
      fail(repeat.times.mark,
           std::to_string(times) + " rounds; write a number from 1 to " + std::to_string(most_rounds));
    bound after;
    for (const auto round : {std::uint64_t{0}, times - 1}) {
      scope inside = point_;
      if (!repeat.as.empty()) inside[repeat.as] = std::to_string(round);
      after = b;
      paper_play(v_, inside).play(repeat.body, r, after);
    }
    b = std::move(after);
  }
  // --- steps of bulk transfers ---

  void of_role(const step& s, role r, role wanted) const {
    if (r != wanted) {
      fail(s.mark, tick(std::string(verb_of(s))) + " in the " + std::string(name_of(r)) + " role; it is for the " +
                       std::string(name_of(wanted)) + " role");
    }
  }
  void new_request(const step& s, const std::string& name, bound& b) const {
    if (!b.requests.insert(name).second)
      fail(s.mark, "two requests are named " + tick(name) + "; give each a name of its own");
  }
  void known_request(const step& s, const std::string& name, const bound& b) const {
    if (b.requests.count(name) == 0) fail(s.mark, "no request is named " + tick(name) + " before; name an earlier one");
  }
  void headers(const box_recipe& pairs, const bound& b) const {
    for (const auto& pair : pairs.pairs) {
      made(pair.key, b);
      made(pair.value, b);
    }
  }
  void transfer(const step& s, const http_step& x, role r, bound& b) const {
    of_role(s, r, role::server);
    new_request(s, x.name, b);
    made(x.method, b);
    made(x.url, b);
    if (x.target) made(*x.target, b);
    headers(x.headers, b);
    if (x.token) made(*x.token, b);
    if (x.body) made(*x.body, b);
    if (x.length) value(*x.length);
    if (!x.times) return;
    const auto count = value(*x.times);
    if (count < 1 || count > 256) fail(x.times->mark, "`times` is from 1 to 256");
  }
  void transfer(const step& s, const http_body_step& x, role r, bound& b) const {
    of_role(s, r, role::server);
    known_request(s, x.request, b);
    made(x.bytes, b);
  }
  void transfer(const step& s, const http_end_step& x, role r, bound& b) const {
    of_role(s, r, role::server);
    known_request(s, x.request, b);
  }
  void transfer(const step& s, const expect_http_step& x, role r, bound& b) const {
    of_role(s, r, role::server);
    known_request(s, x.request, b);
    for (const auto& [status, count] : x.counts) value(count);
    if (x.headers) match(*x.headers, b);
    if (x.body) match(*x.body, b);
  }
  void transfer(const step& s, const expect_alike_step& x, role r, bound& b) const {
    of_role(s, r, role::server);
    for (const auto& name : x.requests) known_request(s, name, b);
  }
  void transfer(const step& s, const transfer_step& x, role r, bound& b) const {
    of_role(s, r, role::client);
    if (!b.calls.insert(x.name).second)
      fail(s.mark, "two calls are named " + tick(x.name) + "; give each a name of its own");
    made(x.resource, b);
    made(x.body, b);
    for (const auto* origin : {"origin", "other_origin", "untrusted_origin", "plain_origin"}) bind(origin, b);
  }
  void transfer(const step& s, const expect_request_step& x, role r, bound& b) const {
    of_role(s, r, role::client);
    new_request(s, x.name, b);
    match(x.method, b);
    match(x.target, b);
    if (x.headers) match(*x.headers, b);
    if (x.body) match(*x.body, b);
  }
  void transfer(const step& s, const respond_step& x, role r, bound& b) const {
    of_role(s, r, role::client);
    known_request(s, x.request, b);
    const auto status = value(x.status);
    if (status < 100 || status > 599) fail(x.status.mark, "a status is from 100 to 599");
    headers(x.headers, b);
    made(x.body, b);
    if (x.length) value(*x.length);
  }
  void transfer(const step& s, const expect_no_request_step&, role r, bound&) const { of_role(s, r, role::client); }

  const vector& v_;
  const scope& point_;
};

class linter {
 public:
  linter(const fs::path& root, const std::vector<fs::path>& files) : root_(root) {
    for (const auto& file : files) listed_.insert(same_path(file));
  }

  std::vector<finding> run(const std::vector<fs::path>& files) {
    load(files);
    try {
      known_ = load_catalogue(root_);
      check_catalogue();
      for (const auto& file : files_) {
        for (const auto& v : file.vectors) {
          if (listed(file)) check_names(v);
        }
      }
      if (complete_) unused_choices();
    } catch (const load_error& e) {
      add(e.where(), e.message());
    }
    for (const auto& file : files_) {
      if (!listed(file)) continue;
      check_path(file);
      if (file.protocol == "amps") {
        for (const auto& item : written(file.path)) lint_amps_names(item, file.path, found_);
      }
      check_reviews(file);
      for (const auto& v : file.vectors) check_alone(v);
    }
    check_together();
    std::stable_sort(found_.begin(), found_.end(), [](const finding& a, const finding& b) {
      return std::tie(a.where.file, a.where.line, a.where.column) <
             std::tie(b.where.file, b.where.line, b.where.column);
    });
    return std::move(found_);
  }

 private:
  static std::string same_path(const fs::path& file) {
    std::error_code error;
    const auto whole = fs::weakly_canonical(file, error);
    return (error ? file : whole).string();
  }
  bool listed(const suite_file& file) const { return listed_.count(same_path(file.path)) != 0; }
  void add(source_mark where, std::string text, bool error = true) {
    found_.push_back({std::move(where), error, std::move(text)});
  }

  // Files that are not listed are read too, for what no two files may share; their own mistakes are not told.
  void load(const std::vector<fs::path>& files) {
    for (const auto& file : files) {
      try {
        files_.push_back(load_suite(file));
      } catch (const load_error& e) {
        add(e.where(), e.message());
      }
    }
    complete_ = true;
    std::vector<fs::path> all;
    try {
      all = find_suites(root_);
    } catch (const load_error& e) {
      add(e.where(), e.message());
    }
    for (const auto& file : all) {
      if (listed_.count(same_path(file)) != 0) continue;
      complete_ = false;
      try {
        files_.push_back(load_suite(file));
      } catch (const load_error&) {
      }
    }
    std::sort(files_.begin(), files_.end(),
              [](const suite_file& a, const suite_file& b) { return same_path(a.path) < same_path(b.path); });
  }

  // The vectors of a file as they are written.
  const std::vector<yaml_node>& written(const std::string& file) {
    auto tree = trees_.find(file);
    if (tree == trees_.end()) tree = trees_.emplace(file, parse_yaml(read_text(file), file)).first;
    static const std::vector<yaml_node> none;
    const yaml_node* all = tree->second.find("vectors");
    return all == nullptr ? none : all->items;
  }

  // Where `value` stands under `key` of the vector.
  source_mark place(const vector& v, std::string_view key, const std::string& value = {}) {
    for (const auto& item : written(v.mark.file.str())) {
      const yaml_node* under = item.line == v.mark.line ? item.find(key) : nullptr;
      if (under == nullptr) continue;
      for (const auto& one : under->items) {
        if (one.text == value) return {v.mark.file, one.line, one.column};
      }
      return {v.mark.file, under->line, under->column};
    }
    return v.mark;
  }

  void check_catalogue() {
    const auto clause = [&](const std::string& id, const source_mark& at) {
      if (known_.requirements.count(id) == 0) {
        add(at, "unknown clause " + tick(id) + suggestion(id, known_.requirements, "requirements/*.yaml"));
      }
    };
    for (const auto& [name, feature] : known_.features) {
      for (const auto& id : feature.frees) clause(id, feature.mark);
    }
    for (const auto& [name, fault] : known_.faults) clause(fault.clause, fault.mark);
  }

  void check_names(const vector& v) {
    std::set<level> levels;
    for (const std::string key : {"cites", "touches"}) {
      for (const auto& id : key == "cites" ? v.cites : v.touches) {
        const auto clause = known_.requirements.find(id);
        if (clause == known_.requirements.end()) {
          add(place(v, key, id),
              "unknown clause " + tick(id) + suggestion(id, known_.requirements, "requirements/*.yaml"));
          continue;
        }
        if (key == "cites") check_cited(v, clause->second);
        if (key == "cites") levels.insert(clause->second.strength);
      }
    }
    if (levels.size() > 1) {
      std::string all;
      for (const level l : levels) all += (all.empty() ? "" : " and ") + std::string(name_of(l));
      add(place(v, "cites"),
          "`cites` mixes " + all + ", so that the strongest would decide; write a vector for each level");
    }
    for (const auto& name : v.catches) {
      const auto fault = known_.faults.find(name);
      if (fault == known_.faults.end()) {
        add(place(v, "catches", name), "unknown fault " + tick(name) + suggestion(name, known_.faults, "faults.yaml"));
      } else if (fault->second.planned) {
        add(place(v, "catches", name),
            "fault " + tick(name) + " is planned, so that nothing proves that it is caught; build it first", false);
      }
    }
    std::set<std::string> features;
    for (const auto& [r, names] : v.needs) features.insert(names.begin(), names.end());
    for (const auto& name : features) {
      if (known_.features.count(name) == 0) {
        add(place(v, "requires", name),
            "unknown feature " + tick(name) + suggestion(name, known_.features, "features.yaml"));
      }
    }
    std::visit([&](const auto& kind) { check_choices(v, kind); }, v.kind);
  }

  void check_cited(const vector& v, const requirement& clause) {
    if (!clause.excluded.empty()) {
      add(place(v, "cites", clause.id),
          "clause " + clause.id + " is excluded (" + clause.excluded + "); name it in `touches`", false);
    }
    const auto shown = [&](role r) {
      return std::find(clause.shown_by.begin(), clause.shown_by.end(), r) != clause.shown_by.end();
    };
    if (std::any_of(v.roles.begin(), v.roles.end(), shown)) return;
    std::string by;
    for (const role r : clause.shown_by) by += (by.empty() ? "" : ", ") + std::string(name_of(r));
    add(place(v, "cites", clause.id),
        "clause " + clause.id + " is shown by " + by + ", none of which is a role here; name it in `touches`");
  }

  void choice_known(const source_mark& at, const std::string& name, const std::vector<std::string>& branches) {
    if (name.empty()) return;
    const auto choice = known_.choices.find(name);
    if (choice == known_.choices.end())
      return add(at, "unknown choice " + tick(name) + suggestion(name, known_.choices, "choices.yaml"));
    used_choices_.insert(name);
    const std::vector<std::string_view> legal(choice->second.branches.begin(), choice->second.branches.end());
    for (const auto& branch : branches) {
      if (std::find(legal.begin(), legal.end(), branch) == legal.end()) {
        add(at, "unknown branch " + tick(branch) + " of choice " + tick(name) + advice(branch, legal));
      }
    }
  }
  template <class T>
  static std::vector<std::string> branch_names(const T& branches) {
    std::vector<std::string> names;
    names.reserve(branches.size());
    for (const auto& branch : branches) names.push_back(branch.first);
    return names;
  }
  void check_choices(const vector& v, const decode_kind& kind) {
    for (const auto& [r, e] : kind.expect) {
      if (r == v.roles.front() || e->choice != kind.expect.at(v.roles.front()).choice)
        choice_known(place(v, "expect"), e->choice, branch_names(e->branches));
    }
  }
  void check_choices(const vector& v, const encode_kind& kind) {
    choice_known(place(v, "expect"), kind.expect.choice, branch_names(kind.expect.branches));
  }
  void check_choices(const vector&, const steps_kind& kind) {
    std::set<int> seen;  // lines: roles may share their steps
    for (const auto& [r, exchange] : kind.play) check_choices(*exchange, seen);
  }
  void check_choices(const steps& exchange, std::set<int>& seen) {
    for (const auto& s : exchange) {
      if (const auto* repeat = std::get_if<repeat_step>(&s.what)) check_choices(repeat->body, seen);
      const auto* choice = std::get_if<choice_step>(&s.what);
      if (choice == nullptr) continue;
      if (seen.insert(s.mark.line).second) choice_known(s.mark, choice->choice, branch_names(choice->branches));
      for (const auto& branch : choice->branches) check_choices(branch.second, seen);
    }
  }
  void check_choices(const vector&, const growth_kind&) {}
  void check_choices(const vector&, const sample_kind&) {}
  void check_choices(const vector& v, const parse_kind& kind) {
    choice_known(place(v, "expect"), kind.expect.choice, branch_names(kind.expect.branches));
  }
  void check_choices(const vector& v, const print_kind& kind) {
    choice_known(place(v, "expect"), kind.expect.choice, branch_names(kind.expect.branches));
  }

  void unused_choices() {
    for (const auto& [name, choice] : known_.choices) {
      if (used_choices_.count(name) == 0)
        add(choice.mark, "no vector has the choice " + tick(name) + "; write one or remove the choice", false);
    }
  }

  void check_path(const suite_file& file) {
    const auto below =
        fs::path(same_path(file.path)).lexically_relative(same_path(root_)).replace_extension().generic_string();
    if (below.starts_with("..")) {
      return add({file.path, 1, 1}, "the file does not lie below the vectors, " + root_.string() +
                                        "; put it there, or name a folder of your own in AMPSPEC_VECTORS "
                                        "(docs/vector-format.md)");
    }
    if (below != file.suite) {
      add(file.suite_mark,
          "suite " + tick(file.suite) + " is not the path of this file below the vectors; write suite: " + below);
    }
    if (!file.suite.starts_with(file.protocol + "/")) {
      add(file.protocol_mark,
          "protocol " + tick(file.protocol) +
              " is not the first part of the suite; write protocol: " + file.suite.substr(0, file.suite.find('/')));
    }
  }

  void check_reviews(const suite_file& file) {
    if (read_text(file.path).find("review:") == std::string::npos) return;
    for (const auto& v : file.vectors) {
      const source_mark at = place(v, "review");
      if (at.line == v.mark.line) continue;  // it has no such key
      add(at, "not reviewed yet; see whether the expectation and the clause are right, then take `review` out", false);
    }
  }

  void check_alone(const vector& v) {
    if (v.title.ends_with('.')) add(place(v, "title"), "the title ends with a full stop; leave it out");
    const auto characters = std::count_if(v.title.begin(), v.title.end(), [](char c) { return (c & 0xc0) != 0x80; });
    if (characters > longest_title) {
      add(place(v, "title"), "the title has " + std::to_string(characters) + " characters; say it in 110");
    }
    for (const auto& point : matrix_points(v)) {
      try {
        paper_play(v, point).all();
      } catch (const load_error& e) {
        const std::string variant = variant_name(v, point);
        return add(e.where(), e.message() + (variant.empty() ? "" : " (with " + variant + ")"));
      }
    }
  }

  void check_together() {
    std::map<std::string, const vector*> ids;
    std::map<std::string, const suite_file*> prefixes, retired;
    std::map<std::uint64_t, const vector*> likes;
    for (const auto& file : files_) {
      const bool told = listed(file);
      const auto [other, fresh] = prefixes.emplace(file.ids, &file);
      if (!fresh && (told || listed(*other->second))) {
        add(file.ids_mark,
            "id prefix " + tick(file.ids) + " is that of " + other->second->path + " too; choose another one");
      }
      for (const auto& id : file.retired) {
        retired.emplace(id, &file);
        if (told && !id.starts_with(file.ids + "-"))
          add(file.retired_mark, "retired id " + tick(id) + " never stood here; write " + file.ids + "-NNN");
      }
      for (const auto& v : file.vectors) {
        const auto [first, new_id] = ids.emplace(v.id, &v);
        if (!new_id)
          tell(v, *first->second, "id", "id " + tick(v.id) + " stands twice, also in ",
               "; let `ampspec vector new` assign one");
        const auto [like, new_like] = likes.emplace(v.likeness, &v);
        if (!new_like) {
          tell(v, *like->second, "id", "the same vector as " + like->second->id + ", in ",
               ", but for its names, so counted once; write a matrix, or remove it");
        }
      }
    }
    for (const auto& file : files_) {
      for (const auto& v : file.vectors) {
        const auto gone = retired.find(v.id);
        if (gone != retired.end() && (listed(file) || listed(*gone->second))) {
          add(place(v, "id"),
              "id " + tick(v.id) + " is retired in " + gone->second->path + "; let `ampspec vector new` assign one");
        }
      }
    }
  }
  // Two vectors that clash: told at the second one, if either is listed.
  void tell(const vector& second, const vector& first, std::string_view key, const std::string& before,
            const std::string& behind) {
    if (listed_.count(same_path(second.mark.file.str())) == 0 && listed_.count(same_path(first.mark.file.str())) == 0)
      return;
    add(place(second, key), before + first.mark.file.str() + ":" + std::to_string(first.mark.line) + behind);
  }

  fs::path root_;
  std::set<std::string> listed_;
  std::vector<suite_file> files_;
  bool complete_ = false;  // every vector file below the root is listed
  catalogue known_;
  std::set<std::string> used_choices_;
  std::map<std::string, yaml_node> trees_;
  std::vector<finding> found_;
};

}  // namespace

std::vector<finding> lint(const fs::path& root, const std::vector<fs::path>& files) {
  return linter(root, files).run(files);
}

}  // namespace ampspec::vectors
