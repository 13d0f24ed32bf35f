// Requests, responses, and what they are held against.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/play_http.hpp"

#include "conformance/digest.hpp"

#include <algorithm>
#include <cstdio>

namespace ampspec::conformance {
namespace {

using vectors::octets;

constexpr std::size_t send_piece = 65536;
constexpr std::uint64_t large = 1U << 20U;         // more than the sockets of both ends hold
constexpr std::size_t largest_kept = 1U << 20U;    // of a body that is looked at as a whole
constexpr std::size_t largest_noted = 64 * 1024;   // of one that is only compared with another
constexpr std::uint64_t largest_body = 1U << 30U;  // beyond it somebody floods us
constexpr std::chrono::seconds longest_transfer{120};

bool is(const std::string& word, const http_message& m, bool closed) {
  if (word == "closed") return closed && !m.has_head();
  if (!m.has_head()) return false;
  const auto status = std::to_string(m.status());
  return word == status || (word.ends_with("xx") && word[0] == status[0]);
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : " or ") + word;
  return all;
}

// Holds a body against what it must be, as it comes.
class body_check {
 public:
  body_check(const std::optional<vectors::value_matcher>& want, const bindings& names) : want_(want) {
    if (!want) return;
    if (const auto* exact = std::get_if<vectors::match_exact>(&want->what)) {
      exact_ = vectors::realize(exact->bytes, names.names, names.captured);
    } else if (const auto* digest = std::get_if<vectors::match_digest>(&want->what)) {
      digest_ = digest->sha256;
      hash_.emplace();
    }
  }
  void take(std::string_view piece) {
    if (kept.size() < largest_kept) kept += piece.substr(0, largest_kept - kept.size());
    if (hash_) hash_->update(piece);
    if (exact_ && !differs_at_ && size + piece.size() <= exact_->size()) {
      std::string wanted(piece.size(), '\0');
      exact_->read(size, wanted);
      const auto [a, b] = std::mismatch(wanted.begin(), wanted.end(), piece.begin());
      if (a != wanted.end()) differs_at_ = size + static_cast<std::uint64_t>(a - wanted.begin());
    }
    size += piece.size();
    if (exact_ || hash_) kept.resize(std::min(kept.size(), largest_noted));
  }
  // What is wrong with the whole; empty if nothing is.
  std::string verdict(bindings& names) {
    const auto all = std::to_string(size) + " octets";
    if (!want_) return {};
    if (exact_) {
      if (size != exact_->size()) return all + " instead of " + std::to_string(exact_->size());
      return differs_at_ ? "octet " + std::to_string(*differs_at_) + " differs" : "";
    }
    if (hash_) {
      const auto got = hash_->finish_hex();
      return got == digest_ ? "" : all + " with sha256 " + got;
    }
    if (size > largest_kept) return all + ", too many to be looked at";
    return matches(*want_, std::string_view(kept), names) ? "" : show_octets(kept);
  }

  std::uint64_t size = 0;
  std::string kept;

 private:
  const std::optional<vectors::value_matcher>& want_;
  std::optional<octets> exact_;
  std::string digest_;
  std::optional<running_sha256> hash_;
  std::optional<std::uint64_t> differs_at_;
};

}  // namespace

http_play::~http_play() {
  for (auto& [name, list] : exchanges_) {
    for (auto& x : list) {
      try {
        if (x.link) x.link->reset();
      } catch (const mishap&) {  // the play is over
      }
    }
  }
}

void http_play::deviate(std::string expected_word, std::string got_word, std::string expected, std::string got,
                        bool by_deadline) const {
  throw deviation{std::to_string(step_), std::move(expected_word), std::move(got_word),
                  std::move(expected),   std::move(got),           by_deadline};
}

std::uint64_t http_play::run(int step, const vectors::bulk_step& s) {
  step_ = step;
  number_ = 0;
  std::visit([&](const auto& each) { play(each); }, s.what);
  return number_;
}

std::string http_play::text(const vectors::recipe& r) const {
  return vectors::realize(r, names_.names, names_.captured).str();
}

std::vector<http_play::exchange>& http_play::named(const std::string& name) {
  const auto found = exchanges_.find(name);
  if (found == exchanges_.end()) throw mishap(mishap::kind::harness, "request", "no request is named " + name);
  return found->second;
}

// --- octets ----------------------------------------------------------------------------------------------------------

void http_play::send(exchange& x, const octets& bytes, std::string caption) {
  record_.ours(step_, x.name, bytes, std::move(caption));
  std::string piece;
  for (std::uint64_t at = 0; at < bytes.size(); at += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(send_piece, bytes.size() - at)));
    bytes.read(at, piece);
    // A peer that hashes what it reads beside a busy machine is no peer that has stopped reading.
    x.link->send(piece, bytes.size() > large ? 5 * patience_.limit() : patience_.limit());
  }
}

void http_play::send_chunk(exchange& x, const octets& body, bool last) {
  if (!body.empty()) {
    char size[20] = {};
    std::snprintf(size, sizeof size, "%llx\r\n", static_cast<unsigned long long>(body.size()));
    auto whole = octets::from(size, "chunk size");
    whole.append(body);
    whole.append(octets::from("\r\n", "end of chunk"));
    send(x, whole, "a chunk");
  }
  if (last) send(x, octets::from("0\r\n\r\n", "end of the body"), "the last chunk");
}

// Waits for more octets or the end; false if neither came by then.
bool http_play::more(exchange& x, clock::time_point until) {
  if (x.closed) return true;
  const auto left = std::chrono::duration_cast<millis>(until - clock::now());
  auto a = x.link->receive(std::max(left, millis(0)));
  if (a.what == arrival::kind::nothing) return false;
  if (a.what == arrival::kind::octets) {
    record_.theirs(step_, x.name, a.bytes);
    x.came.feed(a.bytes);
    if (!x.came.wrong().empty()) deviate("http", "malformed", "a message of HTTP/1.1", x.came.wrong());
    return true;
  }
  x.closed = true;
  x.was_reset = a.was_reset;
  if (!a.was_reset) x.came.end();
  record_.note(step_, x.name, a.was_reset ? "the connection was reset" : "the connection was closed");
  return true;
}

// False if neither a head nor the end came in time.
bool http_play::read_head(exchange& x) {
  const auto began = clock::now();
  const auto until = began + patience_.for_answer();
  while (!x.came.has_head() && !x.closed) {
    if (!more(x, until)) return false;
  }
  patience_.answered_after(std::chrono::duration_cast<millis>(clock::now() - began));
  return true;
}

void http_play::read_body(exchange& x, const std::optional<vectors::value_matcher>& want, const std::string& what) {
  const auto last = clock::now() + longest_transfer;
  body_check body(want, names_);
  for (;;) {
    body.take(x.came.take_body());
    if (x.came.complete()) break;
    if (x.closed) {
      if (!want) break;
      deviate("body", "cut", "the whole body of " + what,
              "it was cut off behind " + std::to_string(body.size) + " octets");
    }
    if (body.size > largest_body) deviate("body", "endless", "a body of " + what, "a body without end");
    if (clock::now() > last || !more(x, clock::now() + patience_.for_answer())) {
      deviate("body", "nothing", "the rest of the body of " + what,
              "nothing more in time behind " + std::to_string(body.size) + " octets", true);
    }
  }
  if (const auto wrong = body.verdict(names_); !wrong.empty()) {
    deviate("body", "other", "the body of " + what + ": " + describe(*want, names_), wrong);
  }
  bodies_[x.name] = body.kept.substr(0, largest_noted);
}

void http_play::compare_headers(const exchange& x, const vectors::box_matcher& want, const std::string& what) {
  if (const auto d = differs(want, x.came.headers(), names_))
    deviate("headers", "other", "headers of " + what, d->text);
}

std::string http_play::seen_status(const exchange& x) const {
  if (x.came.has_head()) return std::to_string(x.came.status());
  return x.closed ? "closed" : "nothing";
}

// --- requests to a server --------------------------------------------------------------------------------------------

void http_play::play(const vectors::http_step& s) {
  const auto url_text = text(s.url);
  auto url = parse_http_url(url_text);
  if (!url) deviate("url", "other", "an https URL", show_octets(url_text));
  if (s.plain) url->secure = false;
  const auto body = s.body ? vectors::realize(*s.body, names_.names, names_.captured) : octets();
  std::string head = text(s.method) + " " + (s.target ? text(*s.target) : url->target) + " HTTP/1.1\r\n";
  head += "Host: " + url->authority + "\r\n";
  for (const auto& [name, value] : plain(s.headers.pairs, names_)) head += name + ": " + value + "\r\n";
  if (s.token) {
    const auto token = text(*s.token);
    record_.hide(token);
    head += "Authorization: Bearer " + token + "\r\n";
  }
  if (s.chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  } else if (s.length || s.body) {
    const auto length = s.length ? vectors::evaluate(*s.length, names_.names) : body.size();
    head += "Content-Length: " + std::to_string(length) + "\r\n";
  }
  head += "\r\n";

  const auto times = s.times ? vectors::evaluate(*s.times, names_.names) : 1;
  auto& list = exchanges_[s.name];
  list.resize(static_cast<std::size_t>(times));
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto& x = list[i];
    x.name = s.name + (times > 1 ? "." + std::to_string(i + 1) : "");
    x.chunked = s.chunked;
    record_.holds_no_boxes(x.name);
    x.link = server_->connect_http({url->host, url->port, url->secure}, patience_.for_answer());
    if (text(s.method) == "HEAD") x.came.expect_no_body();
  }
  record_.note(step_, s.name,
               std::string(times > 1 ? "connections" : "a connection") + " to " + url->authority +
                   (url->secure ? ", TLS" : ", without TLS"));
  auto whole = octets::from(head, "head");
  if (!s.chunked) whole.append(body);
  for (auto& x : list) {
    send(x, whole, "");
    if (s.chunked) send_chunk(x, body, !s.open);
  }
  for (auto& x : list) x.link->settle();
}

void http_play::play(const vectors::http_body_step& s) {
  const auto bytes = vectors::realize(s.bytes, names_.names, names_.captured);
  for (auto& x : named(s.request)) {
    if (x.chunked) {
      send_chunk(x, bytes, s.last);
    } else {
      send(x, bytes, "more of the body");
    }
    x.link->settle();
  }
}

void http_play::play(const vectors::http_end_step& s) {
  for (auto& x : named(s.request)) {
    record_.note(step_, x.name, s.reset ? "we reset the connection" : "we closed the connection");
    if (s.reset) {
      x.link->reset();
    } else {
      x.link->close();
    }
    x.closed = true;
  }
}

void http_play::play(const vectors::expect_http_step& s) {
  auto& list = named(s.request);
  const std::string what = s.request;
  if (!s.counts.empty()) {
    std::map<std::string, std::uint64_t> seen;
    std::string all;
    for (auto& x : list) {
      if (!read_head(x))
        deviate("status", "nothing", "responses to all of " + what, x.name + ": nothing in time", true);
      if (x.came.has_head()) read_body(x, std::nullopt, x.name);
      for (const auto& [word, count] : s.counts) seen[word] += is(word, x.came, x.closed) ? 1 : 0;
      ++seen["status " + seen_status(x)];
    }
    for (const auto& [word, count] : seen) {
      if (word.starts_with("status "))
        all += (all.empty() ? "" : ", ") + std::to_string(count) + " times " + word.substr(7);
    }
    for (const auto& [word, count] : s.counts) {
      const auto want = vectors::evaluate(count, names_.names);
      if (seen[word] != want) {
        deviate("counts", "other", std::to_string(want) + " responses of status " + word + " to " + what, all);
      }
    }
    return;
  }
  auto& x = list.front();
  if (x.came.has_head() && x.came.complete()) x.came.next();  // behind an interim response
  const auto expected = "status " + joined(s.status) + " to " + what;
  if (!read_head(x)) deviate("status", "nothing", expected, "nothing in time", true);
  const bool good =
      std::any_of(s.status.begin(), s.status.end(), [&](const auto& word) { return is(word, x.came, x.closed); });
  if (!good) {
    deviate("status", seen_status(x), expected,
            x.came.has_head() ? x.came.first_line()
                              : std::string("the connection was ") + (x.was_reset ? "reset" : "closed"));
  }
  if (!x.came.has_head()) return;
  if (s.headers) compare_headers(x, *s.headers, what);
  if (s.framed && !x.came.framed()) {
    deviate("framed", "close", "a head that tells where the body of " + what + " ends", "neither length nor chunks");
  }
  if (x.came.status() / 100 != 1) read_body(x, s.body, what);
}

void http_play::play(const vectors::expect_alike_step& s) {
  const auto head_of = [](const exchange& x) {
    std::string text = std::to_string(x.came.status()) + "\n";
    auto headers = x.came.headers();
    std::sort(headers.begin(), headers.end());
    for (const auto& [name, value] : headers) {
      if (name != "date") text += name + ": " + value + "\n";
    }
    return text;
  };
  const auto& first = named(s.requests.front()).front();
  if (!first.came.has_head()) throw mishap(mishap::kind::harness, "request", "no response to " + first.name);
  for (const auto& name : s.requests) {
    const auto& other = named(name).front();
    if (!other.came.has_head()) throw mishap(mishap::kind::harness, "request", "no response to " + name);
    const bool same_head = head_of(first) == head_of(other), same_body = bodies_[first.name] == bodies_[other.name];
    if (same_head && same_body) continue;
    deviate("alike", "other", "the responses to " + first.name + " and " + name + " to be alike",
            same_head ? "bodies " + show_octets(bodies_[first.name]) + " and " + show_octets(bodies_[name])
                      : show_octets(head_of(first)) + " and " + show_octets(head_of(other)));
  }
}

// --- requests of a client --------------------------------------------------------------------------------------------

void http_play::play(const vectors::transfer_step& s) {
  const auto resource = text(s.resource);
  const auto body = vectors::realize(s.body, names_.names, names_.captured);
  for (const auto& [name, origin] : client_->http_origins()) {
    names_.captured[name == "main" ? "origin" : name + "_origin"] = origin;
  }
  record_.note(step_, "main",
               "told it to " + std::string(s.upload ? "upload " : "download ") + show_octets(resource) +
                   (s.upload ? ", " + std::to_string(body.size()) + " octets" : ""));
  number_ = client_->transfer(s.upload, resource, body, patience_.limit());
}

void http_play::play(const vectors::expect_request_step& s) {
  const std::string at = s.at.empty() ? "main" : s.at;
  auto& list = exchanges_[s.name];
  auto& x = list.emplace_back();
  x.name = s.name;
  x.came = http_message(http_message::kind::request);
  auto accepted = client_->accept_http(patience_.for_answer());
  const std::string expected = "a request to our " + at + " origin";
  if (!accepted.link) deviate("request", "nothing", expected, "nobody connected in time", true);
  if (accepted.origin != at)
    deviate("request", "elsewhere", expected, "a connection to our " + accepted.origin + " origin");
  x.link = std::move(accepted.link);
  record_.holds_no_boxes(x.name);
  record_.note(step_, x.name, "the implementation connected to our " + at + " origin");
  if (!read_head(x)) deviate("request", "nothing", expected, "a connection without a request in time", true);
  if (!x.came.has_head()) deviate("request", "closed", expected, "a connection without a request");
  if (const auto token = x.came.header("authorization")) {
    if (const auto blank = token->rfind(' '); blank != token->npos) record_.hide(token->substr(blank + 1));
  }
  if (!matches(s.method, std::string_view(x.came.method()), names_)) {
    deviate("method", "other", "method " + describe(s.method, names_), x.came.method());
  }
  if (!matches(s.target, std::string_view(x.came.target()), names_)) {
    deviate("target", "other", "target " + describe(s.target, names_), show_octets(x.came.target()));
  }
  if (s.headers) compare_headers(x, *s.headers, s.name);
  if (x.came.expects_continue()) send(x, octets::from("HTTP/1.1 100 Continue\r\n\r\n"), "");
  read_body(x, s.body, s.name);
}

void http_play::play(const vectors::respond_step& s) {
  auto& x = named(s.request).front();
  const auto status = vectors::evaluate(s.status, names_.names);
  const auto body = vectors::realize(s.body, names_.names, names_.captured);
  std::string head = "HTTP/1.1 " + std::to_string(status) + " Status\r\n";
  for (const auto& [name, value] : plain(s.headers.pairs, names_)) head += name + ": " + value + "\r\n";
  const auto length = s.length ? vectors::evaluate(*s.length, names_.names) : body.size();
  head += "Content-Length: " + std::to_string(length) + "\r\nConnection: close\r\n\r\n";
  auto whole = octets::from(head, "head");
  whole.append(body);
  send(x, whole, "");
  x.link->half_close();
}

void http_play::play(const vectors::expect_no_request_step&) {
  auto accepted = client_->accept_http(patience_.for_quiet());
  if (!accepted.link) return;
  // Whoever connects and says nothing (a handshake that failed) has sent no request.
  exchange x;
  x.name = "request";
  x.came = http_message(http_message::kind::request);
  x.link = std::move(accepted.link);
  read_head(x);
  if (x.came.has_head()) {
    deviate("no-request", "request", "no request", x.came.first_line() + " at our " + accepted.origin + " origin");
  }
}

}  // namespace ampspec::conformance
