// Reads the steps of bulk transfers.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/suite_reader.hpp"

#include <algorithm>

namespace ampspec::vectors {

http_step suite_reader::http(const yaml_node& n) const {
  map(n, words::http, "`http`");
  http_step made;
  made.name = text(need(n, "name", "`http`"), "`name`");
  made.method = bytes(need(n, "method", "`http`"), where::sent);
  made.url = bytes(need(n, "url", "`http`"), where::sent);
  if (const auto* target = n.find("target")) made.target = bytes(*target, where::sent);
  made.headers.mark = mark(n);
  if (const auto* headers = n.find("headers")) made.headers = box(*headers, where::sent);
  if (const auto* token = n.find("token")) made.token = bytes(*token, where::sent);
  if (const auto* body = n.find("body")) made.body = bytes(*body, where::sent);
  if (const auto* length = n.find("length")) made.length = formula(*length, "`length`");
  made.chunked = flag(n, "chunked");
  made.open = flag(n, "open");
  made.plain = flag(n, "plain");
  if (made.chunked && made.length) fail(*n.find("length"), "`length` beside `chunked`; remove one of them");
  if (const auto* times = n.find("times")) made.times = formula(*times, "`times`");
  if (made.times && made.open) fail(*n.find("times"), "`times` beside `open`; remove one of them");
  return made;
}

box_matcher suite_reader::expected_headers(const yaml_node& n) const {
  auto made = expected_box(n, nullptr);
  if (is_pairs(n)) fail(n, "`pairs` in expected headers; write a map of names in lower case");
  for (const auto& entry : n.entries) {
    if (std::any_of(entry.key.begin(), entry.key.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
      fail(entry, "a header name with capitals; names are compared without case, write it in lower case");
  }
  made.others_any = true;
  return made;
}

expect_http_step suite_reader::expect_http(const yaml_node& n) const {
  map(n, words::expect_http, "`expect_http`");
  expect_http_step made;
  made.request = text(need(n, "request", "`expect_http`"), "`request`");
  const auto known = [&](const yaml_node& at, const std::string& status) {
    const bool any_of_class = status.size() == 3 && status[0] >= '1' && status[0] <= '5' && status.ends_with("xx");
    const bool one = status.size() == 3 && status.find_first_not_of("0123456789") == std::string::npos;
    if (!any_of_class && !one && status != "closed")
      fail(at, "unknown status " + tick(status) + "; write a number such as 401, a class such as 2xx, or closed");
  };
  if (const auto* status = n.find("status")) {
    if (status->is_scalar()) {
      made.status = {text(*status, "`status`")};
      known(*status, made.status.front());
    } else {
      made.status = texts(*status, "`status`");
      for (const auto& item : status->items) known(item, item.text);
    }
  }
  if (const auto* counts = n.find("counts")) {
    map(*counts, "`counts`");
    for (const auto& entry : counts->entries) {
      known(counts->entries.front().value, entry.key);
      made.counts.emplace_back(entry.key, formula(entry.value, "a count"));
    }
  }
  if (made.status.empty() == made.counts.empty())
    fail(n, "`expect_http` has no status; write `status` or, for a request of several `times`, `counts`");
  if (const auto* headers = n.find("headers")) made.headers = expected_headers(*headers);
  if (const auto* body = n.find("body")) made.body = matcher(*body);
  made.framed = flag(n, "framed");
  return made;
}

bulk_step suite_reader::bulk(const std::string& verb, const yaml_node& n) const {
  const std::string what = tick(verb);
  const auto request = [&] { return text(need(n, "request", what), "`request`"); };
  if (verb == "http") return {http(n)};
  if (verb == "expect_http") return {expect_http(n)};
  if (verb == "http_body") {
    map(n, words::http_body, what);
    http_body_step made{request(), {}, flag(n, "last")};
    if (const auto* more = n.find("bytes")) made.bytes = bytes(*more, where::sent);
    return {std::move(made)};
  }
  if (verb == "http_end") {
    map(n, words::http_end, what);
    static constexpr auto ways = list("reset", "close");
    return {http_end_step{request(), word(need(n, "how", what), ways, "`how`") == "reset"}};
  }
  if (verb == "expect_alike") {
    map(n, words::alike, what);
    expect_alike_step made{texts(need(n, "requests", what), "`requests`")};
    if (made.requests.size() < 2) fail(n, "`expect_alike` of less than two requests; name two or more");
    return {std::move(made)};
  }
  if (verb == "transfer") {
    map(n, words::transfer, what);
    static constexpr auto ways = list("upload", "download");
    transfer_step made;
    made.name = text(need(n, "name", what), "`name`");
    made.upload = word(need(n, "direction", what), ways, "`direction`") == "upload";
    made.resource = bytes(need(n, "resource", what), where::anywhere);
    if (const auto* body = n.find("body")) {
      if (!made.upload) fail(*body, "`body` of a download; remove it");
      made.body = bytes(*body, where::anywhere);
    }
    return {std::move(made)};
  }
  if (verb == "expect_request") {
    map(n, words::expect_request, what);
    expect_request_step made;
    made.name = text(need(n, "name", what), "`name`");
    if (const auto* at = n.find("at")) made.at = word(*at, words::origins, "`at`");
    made.method = matcher(need(n, "method", what));
    made.target = matcher(need(n, "target", what));
    if (const auto* headers = n.find("headers")) made.headers = expected_headers(*headers);
    if (const auto* body = n.find("body")) made.body = matcher(*body);
    return {std::move(made)};
  }
  if (verb == "respond") {
    map(n, words::respond, what);
    respond_step made;
    made.request = request();
    made.status = formula(need(n, "status", what), "`status`");
    made.headers.mark = mark(n);
    if (const auto* headers = n.find("headers")) made.headers = box(*headers, where::sent);
    if (const auto* body = n.find("body")) made.body = bytes(*body, where::sent);
    if (const auto* length = n.find("length")) made.length = formula(*length, "`length`");
    return {std::move(made)};
  }
  empty_map(n, verb);
  return {expect_no_request_step{}};
}

}  // namespace ampspec::vectors
