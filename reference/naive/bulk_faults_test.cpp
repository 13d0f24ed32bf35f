// Each fault of bulk transfers, seen off and on: a shop, its visitors, and a client.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/bulk.hpp"
#include "reference/naive/conversation.hpp"
#include "reference/naive/testing.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace ampspec::naive::testing {
namespace {

constexpr const char* unknown = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";

/// A shop with one customer, and what is seen there, word by word.
class scene {
 public:
  explicit scene(const options& with) : broken(with.broken) {
    shop.now = [this] { return time; };
    shop.random = [this](std::size_t n) { return std::string(n, static_cast<char>('a' + ++draws)); };
    shop.sha256 = [](const std::string& text) { return text + std::string(32 - text.size(), '.'); };
    me = shop.connection_began();
  }

  bulk_reply call(const std::string& command, const box& arguments) {
    return *shop.execute(command, arguments, me, broken);
  }
  void open(const std::string& way, const std::string& resource, box more = {}) {
    more.insert(more.begin(), {{"direction", way}, {"resource", resource}});
    opened = call("BulkOpen", more);
    token = opened.values ? *find(*opened.values, "token") : "none";
    const auto url = opened.values ? find(*opened.values, "url").value() : "/bulk/none";
    target = url.substr(url.find("/bulk"));
  }
  http_request head(const std::string& method) const {
    return {method, target, {{"Authorization", "Bearer " + token}}, std::nullopt, true};
  }
  scene& say(const std::string& word) {
    seen += (seen.empty() ? "" : " ") + word;
    return *this;
  }
  /// A whole request; its status and body are seen.
  scene& visit(http_request h, const std::string& body = "", bool chunked = false) {
    if (!chunked && h.method == "PUT" && !h.length) h.length = body.size();
    bulk_visit v(shop, broken);
    auto begun = v.head(h);
    if (begun.say_continue) say("100");
    std::optional<http_response> r = begun.answer;
    if (!r) r = v.piece(body);
    if (!r) r = v.end();
    last = *r;
    say(std::to_string(r->status));
    if (!r->body.empty()) say(shown(r->body));
    return *this;
  }
  scene& get() { return visit(head("GET")); }
  scene& put(const std::string& body = "abc", bool chunked = false) { return visit(head("PUT"), body, chunked); }
  scene& stored(const std::string& resource = "a") {
    const auto r = call("BulkStored", {{"resource", resource}});
    return say(r.values ? shown(*r.values) : r.code);
  }
  std::string header(const std::string& name) const {
    for (const auto& [key, value] : last.headers) {
      if (key == name) return value;
    }
    return "none";
  }

  faults broken;
  bulk_shop shop;
  std::int64_t time = 0;
  int draws = 0;
  std::uint64_t me = 0;
  bulk_reply opened;
  std::string token, target, seen;
  http_response last;
};

std::function<std::string(const options&)> at(std::function<void(scene&)> play) {
  return [play = std::move(play)](const options& with) {
    scene s(with);
    play(s);
    return s.seen;
  };
}

void upload(scene& s, const box& more = {}) { s.open("upload", "a", more); }
void download(scene& s) { s.open("download", "fill/3"); }

std::function<std::string(const options&)> shown_with(std::string method, std::function<void(http_request&)> change,
                                                      bool again) {
  return at([=](scene& s) {
    download(s);
    auto h = s.head(method);
    change(h);
    s.visit(h);
    if (again) s.get();
  });
}

std::function<std::string(const options&)> authorized(std::function<std::string(const scene&)> value) {
  return at([=](scene& s) {
    download(s);
    auto h = s.head("GET");
    h.headers = {{"Authorization", value(s)}};
    s.visit(h);
  });
}

/// What a client does behind an answer with this URL, and then behind this status.
std::function<std::string(const options&)> client(std::string url, int status = 0, bool complete = true) {
  return [=](const options& with) {
    bulk_client c(false, with.broken);
    auto next = c.opened({{"url", url}, {"token", "abc"}, {"expires", ""}});
    if (next.request && status != 0) next = c.responded(status, {{"location", "https://other/"}}, complete);
    if (!next.request) return next.how;
    std::string text = next.request->url + (next.request->verify ? "" : " unverified");
    for (const auto& [name, value] : next.request->headers) text += " " + name;
    return text;
  };
}

std::string of(const std::string& word) { return word; }

}  // namespace

const std::vector<demonstration>& bulk_demonstrations() {
  using enum fault;
  const auto same = [](http_request&) {};
  static const std::vector<demonstration> all = {
      {bulk_token_reusable, at([](scene& s) { download(s), s.get(), s.get(); }), "200 xxx 401", "200 xxx 200 xxx"},
      {bulk_consumed_on_success, at([](scene& s) {
         upload(s, {{"size", "3"}}), s.put("abcd"), s.put();
       }),
       "413 401", "413 201"},
      {bulk_consumed_after_body, at([](scene& s) {
         upload(s);
         bulk_visit first(s.shop, s.broken);
         first.head(s.head("PUT"));
         s.put();
       }),
       "401", "201"},
      {bulk_wrong_path_keeps_token,
       shown_with(
           "GET", [](http_request& h) { h.target = "/x"; }, true),
       "401 401", "401 200 xxx"},
      {bulk_wrong_method_keeps_token, shown_with("POST", same, true), "401 401", "401 200 xxx"},
      {bulk_direction_ignored, at([](scene& s) { download(s), s.put(); }), "401", "201"},
      {bulk_path_ignored,
       shown_with(
           "GET", [](http_request& h) { h.target = "/x"; }, false),
       "401", "200 xxx"},
      {bulk_query_ignored,
       shown_with(
           "GET", [](http_request& h) { h.target += "?x"; }, false),
       "401", "200 xxx"},
      {bulk_expiry_ignored, at([](scene& s) { download(s), s.time = 300, s.get(); }), "401", "200 xxx"},
      {bulk_lives_an_hour, at([](scene& s) { download(s), s.time = 300, s.get(); }), "401", "200 xxx"},
      {bulk_expiry_cuts_transfer, at([](scene& s) {
         upload(s);
         bulk_visit v(s.shop, s.broken);
         v.head(s.head("PUT"));
         s.time = 300;
         const auto early = v.piece("abc");
         s.say(std::to_string(early ? early->status : v.end().status));
       }),
       "201", "401"},
      {bulk_used_told_apart, at([](scene& s) { download(s), s.get(), s.get(); }), "200 xxx 401",
       "200 xxx 401 this token was used\\x0a"},
      {bulk_expired_told_apart,
       at([](scene& s) { download(s), s.time = 300, s.get().say(s.header("WWW-Authenticate")); }), "401 Bearer",
       "401 Bearer error=\"expired\""},
      {bulk_used_is_403, at([](scene& s) { download(s), s.get(), s.get(); }), "200 xxx 401", "200 xxx 403"},
      {bulk_expired_is_410, at([](scene& s) { download(s), s.time = 300, s.get(); }), "401", "410"},
      {bulk_unknown_is_404, authorized([](const scene&) { return of("Bearer ") + unknown; }), "401", "404"},
      {bulk_token_in_url, at([](scene& s) {
         download(s);
         s.say(s.target.find('?') == std::string::npos ? "plain" : "token");
       }),
       "plain", "token"},
      {bulk_token_from_query, at([](scene& s) {
         download(s);
         auto h = s.head("GET");
         h.headers.clear();
         h.target += "?token=" + s.token;
         s.visit(h);
         s.get();
       }),
       "401 200 xxx", "200 xxx 401"},
      {bulk_token_told_again, at([](scene& s) {
         upload(s), s.put();
         s.say(std::to_string(s.call("BulkStored", {{"resource", "a"}}).values->size()));
       }),
       "201 2", "201 3"},
      {bulk_low_entropy, at([](scene& s) { download(s), s.say(std::to_string(s.token.size())); }), "43", "11"},
      {bulk_tokens_repeat, at([](scene& s) {
         download(s);
         const auto first = s.token;
         download(s), download(s);
         s.say(first == s.token ? "same" : "another");
       }),
       "another", "same"},
      {bulk_token_needs_quotes, at([](scene& s) { download(s), s.say(s.token.substr(42)); }), "I", "="},
      {bulk_token_case_folded, authorized([](const scene& s) {
         std::string other = s.token;
         for (char& c : other) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
         return "Bearer " + other;
       }),
       "401", "200 xxx"},
      {bulk_token_front_enough, authorized([](const scene& s) { return "Bearer " + s.token.substr(0, 42); }), "401",
       "200 xxx"},
      {bulk_token_extended_accepted, authorized([](const scene& s) { return "Bearer " + s.token + "A"; }), "401",
       "200 xxx"},
      {bulk_scheme_ignored, authorized([](const scene& s) { return "Basic " + s.token; }), "401", "200 xxx"},
      {bulk_no_challenge, at([](scene& s) {
         s.visit({"GET", "/", {}, std::nullopt, true}).say(s.header("WWW-Authenticate"));
       }),
       "401 Bearer", "401 none"},
      {bulk_two_headers_accepted,
       shown_with(
           "GET",
           [](http_request& h) {
             h.headers.push_back({"authorization", "Bearer x"});
           },
           false),
       "401", "200 xxx"},
      {bulk_token_tail_ignored, authorized([](const scene& s) { return "Bearer " + s.token + ", x"; }), "401",
       "200 xxx"},
      {bulk_short_upload_complete, at([](scene& s) {
         upload(s, {{"size", "3"}}), s.put("ab", true);
       }),
       "422", "201"},
      {bulk_stored_before_end, at([](scene& s) {
         upload(s);
         bulk_visit v(s.shop, s.broken);
         v.head(s.head("PUT"));
         v.piece("ab");
         s.say(s.call("BulkStored", {{"resource", "a"}}).values ? "stored" : "not");
       }),
       "not", "stored"},
      {bulk_aborted_kept, at([](scene& s) {
         upload(s);
         bulk_visit v(s.shop, s.broken);
         v.head(s.head("PUT"));
         v.piece("ab");
         v.aborted();
         s.say(s.call("BulkStored", {{"resource", "a"}}).values ? "stored" : "not");
       }),
       "not", "stored"},
      {bulk_oversize_kept, at([](scene& s) {
         upload(s, {{"size", "3"}}), s.put("abcd");
       }),
       "413", "201"},
      {bulk_oversize_cut, at([](scene& s) {
         upload(s, {{"size", "3"}}), s.put("abcd", true);
         s.say(s.call("BulkStored", {{"resource", "a"}}).values ? "stored" : "not");
       }),
       "413 not", "413 stored"},
      {bulk_unbounded, at([](scene& s) {
         upload(s);
         auto h = s.head("PUT");
         h.length = 268435457;
         s.visit(h);
       }),
       "413", "201"},
      {bulk_hash_ignored, at([](scene& s) {
         upload(s, {{"sha256", std::string(32, 'h')}}), s.put();
       }),
       "422", "201"},
      {bulk_mismatch_kept, at([](scene& s) {
         upload(s, {{"sha256", std::string(32, 'h')}}), s.put();
         s.say(s.call("BulkStored", {{"resource", "a"}}).values ? "stored" : "not");
       }),
       "422 not", "422 stored"},
      {bulk_upload_refused, at([](scene& s) { upload(s), s.put(); }), "201", "500"},
      {bulk_abort_restores_token, at([](scene& s) {
         upload(s);
         {
           bulk_visit v(s.shop, s.broken);
           v.head(s.head("PUT"));
           v.aborted();
         }
         s.put();
       }),
       "401", "201"},
      {bulk_plain_http_served,
       shown_with(
           "GET", [](http_request& h) { h.secure = false; }, false),
       "401", "200 xxx"},
      {bulk_plain_http_keeps_token,
       shown_with(
           "GET", [](http_request& h) { h.secure = false; }, true),
       "401 401", "401 200 xxx"},
      {bulk_tokens_survive_connection,
       at([](scene& s) { download(s), s.shop.connection_ended(s.me, s.broken), s.get(); }), "401", "200 xxx"},
      {bulk_no_limit, at([](scene& s) {
         for (int i = 0; i < 17; ++i) download(s);
         s.say(s.opened.values ? "minted" : s.opened.code);
       }),
       "BULK_LIMIT", "minted"},
      {bulk_limit_never_freed, at([](scene& s) {
         for (int i = 0; i < 16; ++i) download(s);
         s.get(), download(s);
         s.say(s.opened.values ? "minted" : s.opened.code);
       }),
       "200 xxx minted", "200 xxx BULK_LIMIT"},
      {bulk_denied_granted, at([](scene& s) { s.open("upload", "denied/a"), s.say("[" + s.opened.code + "]"); }),
       "[BULK_DENIED]", "[]"},
      {bulk_denied_closes,
       at([](scene& s) { s.open("upload", "denied/a"), s.say(s.opened.closes ? "closes" : "stays"); }), "stays",
       "closes"},
      {bulk_calls_wait,
       [](const options& with) {
         const auto state = std::make_shared<service_state>();
         conversation c(with, state);
         c.receive(request("1", "BulkOpen", {{"direction", "upload"}, {"resource", "a"}}));
         const auto values = decode(c.output()).boxes.front();
         bulk_visit v(state->bulk, with.broken);
         v.head({"PUT", "/bulk/a", {{"Authorization", "Bearer " + *find(values, "token")}}, std::nullopt, true});
         c.receive(request("2", "Echo", {{"data", "x"}}));
         return shown(c);
       },
       "{_answer=2 data=x} open", "open"},
      {bulk_continue_before_token, at([](scene& s) {
         upload(s);
         auto h = s.head("PUT");
         h.headers = {{"Expect", "100-continue"}};
         s.visit(h);
       }),
       "401", "100 401"},
      {bulk_never_continues, at([](scene& s) {
         upload(s);
         auto h = s.head("PUT");
         h.headers.push_back({"Expect", "100-continue"});
         s.visit(h);
       }),
       "100 201", "201"},
      {bulk_head_keeps_token, shown_with("HEAD", same, true), "401 401", "401 200 xxx"},
      {bulk_options_keeps_token, shown_with("OPTIONS", same, true), "401 401", "401 200 xxx"},
      {bulk_options_reveals,
       shown_with(
           "OPTIONS", [](http_request& h) { h.headers.clear(); }, false),
       "401", "204"},
      {bulk_head_reveals,
       shown_with(
           "HEAD", [](http_request& h) { h.headers.clear(); }, false),
       "401", "200"},
      {bulk_url_is_http, at([](scene& s) { download(s), s.say(find(*s.opened.values, "url")->substr(0, 8)); }),
       "https://", "http://1"},
      {bulk_open_without_expires, at([](scene& s) { download(s), s.say(std::to_string(s.opened.values->size())); }),
       "3", "2"},
      {bulk_download_short, at([](scene& s) { download(s), s.get(); }), "200 xxx", "200 xx"},
      {bulk_download_changed, at([](scene& s) { download(s), s.get(); }), "200 xxx", "200 xx!"},
      {bulk_download_without_length,
       at([](scene& s) { download(s), s.get().say(s.last.tells_length ? "told" : "not"); }), "200 xxx told",
       "200 xxx not"},
      {bulk_cacheable, at([](scene& s) { download(s), s.get().say(s.header("Cache-Control")); }), "200 xxx no-store",
       "200 xxx none"},
      {bulk_client_verifies_nothing, client("https://h/a"), "https://h/a Authorization",
       "https://h/a unverified Authorization"},
      {bulk_client_follows_elsewhere, client("https://h/a", 307), "error", "https://other/ Authorization"},
      {bulk_client_token_in_query, client("https://h/a"), "https://h/a Authorization",
       "https://h/a?token=abc Authorization"},
      {bulk_client_token_in_referer, client("https://h/a"), "https://h/a Authorization",
       "https://h/a Authorization Referer"},
      {bulk_client_speaks_plain, client("http://h/a"), "refused", "http://h/a Authorization"},
      {bulk_client_takes_cut_body, client("https://h/a", 200, false), "error", "answer"},
  };
  return all;
}

namespace {

// What no fault changes: the shop's way with right and wrong requests.
TEST(NaiveBulk, MovesOneUploadAndOneDownload) {
  scene s({});
  upload(s, {{"size", "3"}, {"sha256", "abc" + std::string(29, '.')}});
  s.put().stored();
  download(s);
  s.get();
  EXPECT_EQ(s.seen, "201 {size=3 sha256=abc.............................} 200 xxx");
}

TEST(NaiveBulk, MakesPseudoRandomDownloads) {
  scene s({});
  s.open("download", "prng/0/9");
  s.get();
  // The first output of splitmix64 from state 0 is e220a8397b1dcdaf, the second begins (lowest octet) with f4.
  EXPECT_EQ(s.last.body.substr(0, 8), "\xaf\xcd\x1d\x7b\x39\xa8\x20\xe2");
  EXPECT_EQ(s.last.body.size(), 9u);
}

TEST(NaiveBulk, TellsTimesInUtc) {
  scene s({});
  s.time = 1'700'000'000 - 300;
  download(s);
  EXPECT_EQ(*find(*s.opened.values, "expires"), "2023-11-14T22:13:20.000000-00:00");
}

TEST(NaiveBulk, RefusesWhatCantBeDecoded) {
  scene s({});
  for (const box& wrong : {box{{"direction", "upload"}}, box{{"direction", "upload"}, {"resource", "a"}, {"size", "x"}},
                           box{{"direction", "upload"}, {"resource", "a"}, {"size", "-1"}},
                           box{{"direction", "upload"}, {"resource", "\xff"}},
                           box{{"direction", "upload"}, {"resource", "a"}, {"sha256", "abc"}}}) {
    const auto r = s.call("BulkOpen", wrong);
    EXPECT_FALSE(r.values);
    EXPECT_EQ(r.code, "");
  }
}

}  // namespace
}  // namespace ampspec::naive::testing
