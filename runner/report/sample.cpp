// Made-up runs for the tests of the reports: an ordinary one, a hostile one, a large one, an empty one.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/sample.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace ampspec::runner {
namespace {

using conformance::check_result;
using conformance::transcript_entry;
using conformance::verdict;
using vectors::level;
using vectors::role;
constexpr auto ours = transcript_entry::side::ours, theirs = transcript_entry::side::theirs;

std::string numbered(std::string_view prefix, std::size_t n) {
  auto digits = std::to_string(n);
  return std::string(prefix) + std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
}

transcript_entry note(std::string text, double ms = 0) {
  transcript_entry e;
  e.text = std::move(text);
  e.ms = ms;
  return e;
}

/// An entry whose octets are the parts, each a field.
transcript_entry octets(transcript_entry::side who, int step,
                        const std::vector<std::pair<std::string, std::string>>& parts, double ms) {
  transcript_entry e;
  e.who = who;
  e.step = step;
  e.connection = "main";
  e.ms = ms;
  for (const auto& [bytes, label] : parts) {
    e.fields.push_back({e.head.size(), bytes.size(), label});
    e.head += bytes;
  }
  e.size = e.head.size();
  return e;
}

std::string two(std::size_t n) { return {static_cast<char>(n >> 8), static_cast<char>(n & 255)}; }

transcript_entry box(transcript_entry::side who, int step,
                     const std::vector<std::pair<std::string, std::string>>& pairs, double ms) {
  std::vector<std::pair<std::string, std::string>> parts;
  std::string caption = "a box: {";
  for (const auto& [key, value] : pairs) {
    parts.emplace_back(two(key.size()), "key length " + std::to_string(key.size()));
    parts.emplace_back(key, "key \"" + key + "\"");
    parts.emplace_back(two(value.size()), "value length " + std::to_string(value.size()));
    if (!value.empty()) parts.emplace_back(value, "value \"" + value + "\"");
    caption += (caption.size() > 8 ? ", " : "") + key + ": " + value;
  }
  parts.emplace_back(two(0), "end of box");
  auto e = octets(who, step, parts, ms);
  e.text = caption + "}";
  return e;
}

check_result check(std::string id, std::string title, role who, verdict what, std::string clause) {
  check_result r;
  r.vector = std::move(id);
  r.title = std::move(title);
  r.suite = r.vector.starts_with("A1-LIM") ? "amp1/frame/limits" : "amp1/conv/answers";
  r.protocol = "amp1";
  r.transport = who == role::codec ? "" : "tcp";
  r.role = who;
  r.cites = {std::move(clause)};
  r.source = "protocol";
  r.file = "vectors/" + r.suite + ".yaml";
  r.line = 12;
  r.what = what;
  r.plays = what == verdict::skip ? 0 : 41;
  r.ms = what == verdict::skip ? 0 : 3.25;
  return r;
}

check_result key_limit(std::size_t n, role who) {
  auto r = check(numbered("A1-LIM-", 40 + n),
                 "a key length of " + std::to_string(255 + n) + " is refused before the key is read", who,
                 verdict::fail, "AMP1-FRAME-013");
  r.catches = {"key-limit-missing"};
  if (n == 1) r.catches.push_back("key-limit-off-by-one");
  r.signature = "fail@1:close/box";
  r.expected = "connection closed by octet 2";
  r.got = "accepted, answered after " + std::to_string(30 + n) + " ms";
  r.cut = "before octet 1";
  auto sent = octets(ours, 1, {{two(255 + n), "key length " + std::to_string(255 + n)}}, 0.1);
  sent.mark_size = 2;
  sent.mark_text = "must be refused here, by octet 2";
  r.transcript = {
      sent, note("nothing for 250 ms", 250.3),
      octets(ours, 1,
             {{std::string(255 + n, 'k'), "key"}, {two(1), "value length 1"}, {"x", "value"}, {two(0), "end of box"}},
             250.4),
      box(theirs, 0, {{"_answer", "1"}}, 281.9)};
  return r;
}

vectors::requirement clause(std::string id, level strength, std::string text, std::string source,
                            std::vector<role> by) {
  vectors::requirement c;
  c.id = std::move(id);
  c.strength = strength;
  c.text = std::move(text);
  c.source = std::move(source);
  c.evidence = "made up";
  c.shown_by = std::move(by);
  return c;
}

void add(vectors::catalogue& to, vectors::requirement c) { to.requirements.emplace(c.id, std::move(c)); }

run_facts facts() {
  run_facts f;
  f.target = "my-server";
  f.target_version = "0.3.1";
  f.suite_version = "0.1.0";
  f.command = "ampspec run my-server";
  f.seed = 7;
  f.seconds = 3.21;
  f.peak_rss_kib = 31'500;
  f.peer_peak_rss_kib = 12'100;
  return f;
}

}  // namespace

check_result failing_check() { return key_limit(1, role::server); }

sample_run ordinary_sample() {
  sample_run s{facts(), {}, {}};
  add(s.catalogue, clause("AMP1-FRAME-011", level::must, "A value length is an unsigned 16-bit number", "protocol",
                          {role::codec, role::server}));
  add(s.catalogue, clause("AMP1-FRAME-013", level::must, "A key length above 255 is refused before the key is read",
                          "protocol", {role::codec, role::server, role::client}));
  add(s.catalogue,
      clause("AMP1-FRAME-034", level::may, "A receiver may limit pairs and octets of a box", "project", {role::codec}));
  add(s.catalogue,
      clause("AMP1-CONV-001", level::must, "A request with _ask gets exactly one box", "protocol", {role::server}));
  add(s.catalogue, clause("AMP1-CONV-005", level::should, "Stay connected after a failed request without _ask",
                          "protocol", {role::server}));
  add(s.catalogue, clause("AMP1-CONV-021", level::must, "Answers come back in the order the responder finishes",
                          "reconstructed", {role::server}));
  add(s.catalogue, clause("AMP1-CONV-040", level::must, "A call whose connection ends fails with the reason",
                          "protocol", {role::client}));
  auto excluded =
      clause("AMP1-CONV-077", level::must, "A tag is never reused while a call is pending", "protocol", {role::client});
  excluded.excluded = "needs more calls than a run can make";
  add(s.catalogue, excluded);
  add(s.catalogue, clause("AMP2-001", level::must, "Of a protocol that was not run", "protocol", {role::codec}));

  for (std::size_t n = 1; n <= 4; ++n) s.results.push_back(key_limit(n, role::server));
  for (const auto variant : {"n=0", "n=1", "n=255", "n=32768", "n=65535"}) {
    auto r = check("A1-LIM-020", "a value of each length arrives whole", role::codec, verdict::pass, "AMP1-FRAME-011");
    r.variant = variant;
    s.results.push_back(r);
    r.role = role::server;
    r.transport = "tcp";
    s.results.push_back(r);
  }
  auto crash = check("A1-LIM-050", "a key length of 65535 is refused", role::server, verdict::crash, "AMP1-FRAME-013");
  crash.signature = "crash:SIGSEGV";
  crash.expected = "connection closed by octet 2";
  crash.got = "the implementation ended with SIGSEGV";
  crash.transcript = {octets(ours, 1, {{two(65535), "key length 65535"}}, 0.2),
                      note("the implementation ended: SIGSEGV", 1.9)};
  s.results.push_back(crash);

  auto order = check("A1-CNV-007", "answers come back in the order the responder finishes, not in the order asked",
                     role::server, verdict::fail, "AMP1-CONV-021");
  order.source = "reconstructed";
  order.level = level::must;
  order.signature = "fail@2:box/box";
  order.expected = "{_answer: b, total: 94}";
  order.got = "value of \"_answer\": expected b, got \"a\"";
  auto wrong = box(theirs, 2, {{"_answer", "a"}, {"total", "94"}}, 4.7);
  wrong.mark_at = 11;
  wrong.mark_size = 1;
  wrong.mark_text = "must be b";
  order.transcript = {box(ours, 1, {{"_ask", "a"}, {"_command", "Defer"}, {"name", "one"}}, 0.1),
                      box(ours, 1, {{"_ask", "b"}, {"_command", "Sum"}, {"a", "13"}, {"b", "81"}}, 0.2), wrong};
  s.results.push_back(order);

  auto warned = check("A1-CNV-030", "a failed request without a tag leaves the connection open", role::server,
                      verdict::warn, "AMP1-CONV-005");
  warned.level = level::should;
  warned.signature = "warn@2:silence/close";
  warned.expected = "nothing comes, the connection stays open";
  warned.got = "connection closed";
  warned.transcript = {box(ours, 1, {{"_command", "Nope"}}, 0.1), note("the server closed the connection", 0.9)};
  s.results.push_back(warned);

  auto slow = check("A1-CNV-031", "a second call is answered while the first is pending", role::server,
                    verdict::timeout, "AMP1-CONV-001");
  slow.signature = "timeout@3:answer";
  slow.expected = "the answer to b";
  slow.got = "nothing within 2000 ms";
  slow.transcript = {box(ours, 1, {{"_ask", "b"}, {"_command", "Sum"}, {"a", "13"}, {"b", "81"}}, 0.1),
                     note("nothing for 2000 ms", 2000)};
  s.results.push_back(slow);

  auto seen = check("A1-CNV-040", "a key that stands twice is handled in one of the ways allowed", role::server,
                    verdict::observed, "AMP1-CONV-001");
  seen.choices = {{"duplicate-key", "last-wins"}};
  seen.reason = "duplicate-key: last-wins";
  s.results.push_back(seen);
  auto skipped = check("A1-CNV-050", "a fatal error ends the connection", role::server, verdict::skip, "AMP1-CONV-001");
  skipped.reason = "not declared: service.fatal";
  s.results.push_back(skipped);
  auto known = check("A1-CNV-051", "an error without a description fails that call alone", role::server, verdict::xfail,
                     "AMP1-CONV-001");
  known.reason = "ticket 77, planned for the next release";
  known.signature = "fail@2:box/close";
  s.results.push_back(known);
  auto fixed = check("A1-CNV-052", "an empty tag is echoed", role::server, verdict::xpass, "AMP1-CONV-001");
  fixed.expected = "the failure that the baseline lists";
  fixed.got = "it passes";
  s.results.push_back(fixed);
  auto ours_is_at_fault =
      check("A1-CNV-053", "many calls at once are answered", role::server, verdict::harness, "AMP1-CONV-001");
  ours_is_at_fault.reason = "no more ports on loopback";
  ours_is_at_fault.signature = "harness:ports";
  s.results.push_back(ours_is_at_fault);
  s.facts.stale_baseline = {"A1-CNV-060 server fail@2:box/close: was not run"};
  s.facts.remarks = {"cuts were separated by pauses"};
  return s;
}

sample_run hostile_sample() {
  using namespace std::string_literals;
  const std::string markup = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
  const std::string terminal =
      "\x1b[2J\x1b]0;owned\x07\x9b"
      "31m"s;
  const std::string odd = "nul\0 bad\xff\xc0\x80\xed\xa0\x80 turned\xe2\x80\xae!\xef\xbf\xbf & \"q\" 'a' ]]> -->\r\n"s;
  const auto all = markup + terminal + odd;
  sample_run s{facts(), {}, {}};
  s.facts.target = all;
  s.facts.target_version = all;
  s.facts.command = "ampspec run '" + all + "'";
  s.facts.command_tail = "-- " + all;
  s.facts.stale_baseline = {all};
  s.facts.remarks = {all};
  auto c = clause("AMP1-" + all, level::must, all, all, {role::server});
  add(s.catalogue, c);
  c.id = "AMP1-X-002";
  c.excluded = all;
  add(s.catalogue, c);
  for (const auto what : {verdict::fail, verdict::crash, verdict::timeout, verdict::harness, verdict::xpass,
                          verdict::xfail, verdict::warn, verdict::observed, verdict::skip, verdict::pass}) {
    auto r = failing_check();
    r.what = what;
    r.vector = "A1-X-" + std::string(name_of(what)) + all;
    r.title = r.suite = r.variant = r.transport = r.protocol = r.source = r.file = r.signature = r.expected = r.got =
        r.reason = r.cut = all;
    r.cites = {c.id, "AMP1-" + all};
    r.catches = {all};
    r.choices = {{all, all}, {"__proto__", "polluted"}};
    transcript_entry e;
    e.who = theirs;
    e.connection = e.text = e.mark_text = all;
    for (std::size_t i = 0; e.head.size() < 2048; ++i) e.head += static_cast<char>(i * 37 % 256);
    e.head.resize(2048);
    e.size = 1u << 20;
    e.fields = {{0, 4000, all},
                {0, 2, all},
                {2, 0, all},
                {1, 1, "overlaps"},
                {5000, 10, "beyond what was kept"},
                {2047, 100, "at the edge"}};
    e.mark_at = 1u << 19;
    e.mark_size = 12;
    r.transcript.push_back(e);
    e.mark_at = 2000;
    e.mark_size = 1u << 18;
    e.fields.clear();
    r.transcript.push_back(e);
    e.head.clear();
    e.size = 0;
    r.transcript.push_back(e);
    r.transcript.push_back(note(all));
    s.results.push_back(r);
  }
  return s;
}

sample_run large_sample(std::size_t checks, std::size_t every_fails) {
  sample_run s{facts(), {}, {}};
  for (std::size_t i = 1; i <= 209; ++i) {
    auto c = clause(numbered(i <= 120 ? "AMP1-CONV-" : "AMP1-FRAME-", i <= 120 ? i : i - 120),
                    i % 5 == 0 ? level::should : level::must,
                    "Clause number " + std::to_string(i) +
                        " says what an implementation has to do in one sentence of ordinary length",
                    i % 11 == 0 ? "project" : "protocol", {role::codec, role::server, role::client});
    if (i % 40 == 0) c.excluded = "cannot be seen from outside";
    add(s.catalogue, c);
  }
  constexpr std::array kinds{role::codec, role::server, role::client};
  for (std::size_t i = 0; i < checks; ++i) {
    const auto who = kinds[i % 3];
    auto r = check(numbered("A1-BIG-", i / 3),
                   "vector number " + std::to_string(i / 3) + " says in one sentence what must be true", who,
                   verdict::pass, numbered("AMP1-CONV-", i / 3 % 100 + 1));
    if (every_fails != 0 && i % every_fails == 0) {
      const auto clauses = r.cites;
      const auto id = r.vector;
      r = key_limit(i % 7 + 1, who);
      r.vector = id;
      r.cites = clauses;
    }
    s.results.push_back(std::move(r));
  }
  return s;
}

sample_run empty_sample() { return {facts(), {}, {}}; }

}  // namespace ampspec::runner
