// Tickets, visits, and the places where a fault of a bulk transfer acts.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/bulk.hpp"

#include "reference/naive/text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace ampspec::naive {

using enum fault;

namespace {

constexpr std::size_t live_tokens = 16;          // docs/test-service.md
constexpr std::size_t largest = 256u << 20;      // octets of one transfer
constexpr std::size_t largest_made = 16u << 20;  // of a download, which stands whole in memory here
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string base64url(const std::string& octets) {
  std::string out;
  for (std::size_t bit = 0; bit < octets.size() * 8; bit += 6) {
    unsigned group = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      const unsigned octet = i / 8 < octets.size() ? static_cast<unsigned char>(octets[i / 8]) : 0;
      group = group * 2 + (octet >> (7 - i % 8)) % 2;
    }
    out += letters[group];
  }
  return out;
}

std::string escaped(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const bool plain = letters.find(c) != std::string_view::npos || c == '.' || c == '~' || c == '/';
    char hex[4] = {};
    std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    out += plain ? std::string(1, c) : hex;
  }
  return out;
}

// An AMP DateTime in UTC.
std::string date_time(std::int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds at{std::chrono::seconds(seconds)};
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss time(at - day);
  char text[64] = {};
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.000000-00:00", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text;
}

std::optional<std::size_t> count(const std::string& text) {
  const auto n = integer(text);
  if (!n || *n < 0) return std::nullopt;
  return static_cast<std::size_t>(*n);
}

// The octets that `fill/N` or `prng/SEED/N` names.
std::optional<std::string> made(const std::string& resource) {
  const auto number = [](const std::string& text) -> std::optional<std::size_t> {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    return count(text);
  };
  const std::size_t last = resource.rfind('/');
  if (last == std::string::npos) return std::nullopt;
  const auto size = number(resource.substr(last + 1));
  if (!size || *size > largest_made) return std::nullopt;
  if (resource.substr(0, last) == "fill") return std::string(*size, 'x');
  if (resource.substr(0, 5) != "prng/" || last < 5) return std::nullopt;
  const auto seed = number(resource.substr(5, last - 5));
  if (!seed) return std::nullopt;
  std::string out;
  std::uint64_t state = *seed;
  while (out.size() < *size) {
    state += 0x9e3779b97f4a7c15;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    for (int i = 0; i < 8 && out.size() < *size; ++i, z >>= 8) out += static_cast<char>(z & 255);
  }
  return out;
}

std::vector<std::string> values_of(const http_headers& headers, const std::string& name) {
  std::vector<std::string> all;
  for (const auto& [key, value] : headers) {
    if (lower(key) == lower(name)) all.push_back(value);
  }
  return all;
}

bool is_token(const std::string& text) { return text.find_first_not_of(letters) == std::string::npos; }

}  // namespace

// --- the AMP side ----------------------------------------------------------------------------------------------------

void bulk_shop::connection_ended(std::uint64_t connection, const faults& broken) {
  if (broken.has(bulk_tokens_survive_connection)) return;
  std::erase_if(tickets_, [&](const ticket& t) { return t.connection == connection; });  // BULK-026
}

bulk_reply bulk_shop::open(const box& arguments, std::uint64_t connection, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  const auto way = find(arguments, "direction"), resource = find(arguments, "resource");
  const auto size_text = find(arguments, "size"), hash = find(arguments, "sha256");
  std::optional<std::size_t> size;
  if (size_text) size = count(*size_text);
  if (!way || !resource || !is_utf8(*way) || !is_utf8(*resource)) return {};
  if ((size_text && !size) || (hash && hash->size() != 32)) return {};

  if (*way != "upload" && *way != "download") return {{}, "BULK_UNSUPPORTED", false};
  if (resource->substr(0, 7) == "denied/" && !on(bulk_denied_granted))
    return {{}, "BULK_DENIED", on(bulk_denied_closes)};  // BULK-029
  const bool up = *way == "upload";
  if (resource->empty() || resource->size() > 512 || (!up && !made(*resource))) return {{}, "BULK_UNSUPPORTED", false};
  if (size && *size > largest) return {{}, "BULK_LIMIT", false};
  const auto live = std::count_if(tickets_.begin(), tickets_.end(), [&](const ticket& t) {
    return t.connection == connection && t.expires > now() && (!t.used || on(bulk_limit_never_freed));
  });
  if (live >= static_cast<std::ptrdiff_t>(live_tokens) && !on(bulk_no_limit)) return {{}, "BULK_LIMIT", false};

  ticket t;
  t.token = base64url(random(on(bulk_low_entropy) ? 8 : 32));
  if (on(bulk_tokens_repeat)) t.token = base64url(std::string(32, static_cast<char>('a' + ++minted_ % 2)));
  if (on(bulk_token_needs_quotes)) t.token.back() = '=';
  t.upload = up;
  t.resource = *resource;
  t.target = "/bulk/" + escaped(*resource);
  if (up && size) t.size = *size;
  if (up && hash) t.hash = *hash;
  t.connection = connection;
  t.expires = now() + (on(bulk_lives_an_hour) ? 3600 : 300);  // BULK-011
  tickets_.push_back(t);

  std::string url = (on(bulk_url_is_http) ? "http" + origin.substr(5) : origin) + t.target;
  if (on(bulk_token_in_url)) url += "?token=" + t.token;
  box values = {{"url", url}, {"token", t.token}, {"expires", date_time(t.expires)}};
  if (on(bulk_open_without_expires)) values.pop_back();
  return {values, "", false};
}

std::optional<bulk_reply> bulk_shop::execute(const std::string& command, const box& arguments, std::uint64_t connection,
                                             const faults& broken) {
  if (command == "BulkOpen") return open(arguments, connection, broken);
  if (command == "BulkStored") {
    const auto resource = find(arguments, "resource");
    if (!resource || !is_utf8(*resource)) return bulk_reply{};
    const auto kept = stored_.find(*resource);
    if (kept == stored_.end()) return bulk_reply{{}, "BULK_NOT_STORED", false};
    box values = {{"size", std::to_string(kept->second.size())}, {"sha256", sha256(kept->second)}};
    if (broken.has(bulk_token_told_again) && !tickets_.empty()) values.push_back({"token", tickets_.back().token});
    return bulk_reply{values, "", false};
  }
  if (command != "BulkClock") return std::nullopt;
  const auto seconds = count(find(arguments, "advance").value_or(""));
  if (!seconds) return bulk_reply{};
  for (ticket& t : tickets_) {
    if (t.connection == connection) t.expires -= static_cast<std::int64_t>(*seconds);
  }
  return bulk_reply{box{}, "", false};
}

// --- the HTTP side ---------------------------------------------------------------------------------------------------

http_response bulk_visit::plain(int status) const {
  http_response r;
  r.status = status;
  if (!on(bulk_cacheable)) r.headers.push_back({"Cache-Control", "no-store"});  // BULK-038
  return r;
}

http_response bulk_visit::refusal(const bulk_shop::ticket* known) const {
  http_response r = plain(401);                                                     // the same for all (BULK-015)
  if (!on(bulk_no_challenge)) r.headers.push_back({"WWW-Authenticate", "Bearer"});  // BULK-014
  const bool expired = known != nullptr && known->expires <= shop_.now();
  if (on(bulk_used_told_apart) && known != nullptr && known->used) r.body = "this token was used\n";
  if (on(bulk_expired_told_apart) && expired) r.headers.back().second += " error=\"expired\"";
  if (on(bulk_used_is_403) && known != nullptr && known->used) r.status = 403;
  if (on(bulk_expired_is_410) && expired) r.status = 410;
  if (on(bulk_unknown_is_404) && known == nullptr) r.status = 404;
  return r;
}

// The token, if the head presents one as it must; `bearer` is false if it shows none of that scheme at all.
std::optional<std::string> bulk_visit::token_of(const http_request& head, bool& bearer) const {
  bearer = false;
  auto values = values_of(head.headers, "Authorization");
  if (values.empty() && on(bulk_token_from_query)) {
    const std::size_t query = head.target.find("?token=");
    if (query != std::string::npos) values.push_back("Bearer " + head.target.substr(query + 7));
  }
  for (const std::string& value : values) bearer = bearer || lower(value.substr(0, 7)) == "bearer ";
  if (values.empty() || (values.size() > 1 && !on(bulk_two_headers_accepted))) return std::nullopt;  // BULK-033
  std::string text = values.front();
  if (on(bulk_scheme_ignored) && text.find(' ') != std::string::npos) {
    text = text.substr(text.find(' ') + 1);
  } else if (lower(text.substr(0, 7)) == "bearer ") {
    text = text.substr(7);
  } else {
    return std::nullopt;  // BULK-014
  }
  text.erase(0, text.find_first_not_of(' '));
  if (on(bulk_token_tail_ignored)) text = text.substr(0, text.find_first_of(" ,"));
  if (on(bulk_token_needs_quotes)) return text;
  if (!is_token(text)) return std::nullopt;  // BULK-013, -033
  return text;
}

void bulk_visit::spend(const std::string& token) {
  for (auto& t : shop_.tickets_) {
    if (t.token == token) t.used = true;
  }
}

http_response bulk_visit::download(const std::string& resource) const {
  http_response r = plain(200);
  r.body = *made(resource);
  if (on(bulk_download_short) && !r.body.empty()) r.body.pop_back();
  if (on(bulk_download_changed) && !r.body.empty()) r.body.back() = '!';
  if (on(bulk_download_without_length)) r.tells_length = false;
  return r;
}

bulk_visit::start bulk_visit::head(const http_request& head) {
  const auto expects = values_of(head.headers, "Expect");
  const bool asks = !expects.empty() && lower(expects.front()) == "100-continue";
  const bool early = asks && on(bulk_continue_before_token);
  if (on(bulk_options_reveals) && head.method == "OPTIONS" && values_of(head.headers, "Authorization").empty()) {
    auto r = plain(204);
    for (const auto& t : shop_.tickets_) {
      if (t.target == head.target) r.headers.push_back({"Allow", t.upload ? "PUT" : "GET"});
    }
    return {early, r};
  }
  if (on(bulk_head_reveals) && head.method == "HEAD" && values_of(head.headers, "Authorization").empty()) {
    for (const auto& t : shop_.tickets_) {
      if (t.target == head.target) return {early, plain(200)};
    }
  }

  bool bearer = false;
  const auto token = token_of(head, bearer);
  const auto same = [&](const std::string& wanted) {
    if (on(bulk_token_case_folded)) return lower(wanted) == lower(*token);
    if (on(bulk_token_front_enough)) return token->size() >= 20 && wanted.substr(0, token->size()) == *token;
    if (on(bulk_token_extended_accepted)) return token->substr(0, wanted.size()) == wanted;
    return wanted == *token;
  };
  bulk_shop::ticket* known = nullptr;
  for (auto& t : shop_.tickets_) {
    if (token && same(t.token)) known = &t;
  }
  if (!token && bearer) {  // shown to somebody, if not as it must be: spent
    for (const std::string& value : values_of(head.headers, "Authorization")) {
      if (value.size() < 7) continue;
      std::string text = value.substr(7);
      spend(text.substr(0, text.find_first_not_of(letters)));
    }
  }
  if (known == nullptr) return {early, refusal(nullptr)};  // BULK-013, -014

  const bool expired = known->expires <= shop_.now() && !on(bulk_expiry_ignored);  // BULK-011
  const bool live = !expired && (!known->used || on(bulk_token_reusable));         // BULK-005
  const bool served = head.secure || on(bulk_plain_http_served);                   // BULK-021
  const bool way = on(bulk_direction_ignored) ? head.method == "PUT" || head.method == "GET"
                                              : head.method == (known->upload ? "PUT" : "GET");  // BULK-016
  std::string target = head.target;
  if (on(bulk_query_ignored) || on(bulk_token_in_url) || on(bulk_token_from_query))
    target = target.substr(0, target.find('?'));
  const bool place = target == known->target || on(bulk_path_ignored);  // BULK-017
  if (!live || !served || !way || !place) {
    const auto before = *known;
    const bool keeps = on(bulk_consumed_on_success) || on(bulk_consumed_after_body) ||
                       (!place && on(bulk_wrong_path_keeps_token)) || (!way && on(bulk_wrong_method_keeps_token)) ||
                       (!way && head.method == "HEAD" && on(bulk_head_keeps_token)) ||
                       (!way && head.method == "OPTIONS" && on(bulk_options_keeps_token)) ||
                       (!served && on(bulk_plain_http_keeps_token));
    if (!keeps) known->used = true;  // BULK-009
    return {early, refusal(&before)};
  }
  const auto ticket = *known;
  if (!on(bulk_consumed_on_success) && !on(bulk_consumed_after_body)) known->used = true;  // BULK-008

  if (head.method == "GET") {
    if (!made(ticket.resource)) return {early, plain(404)};
    if (on(bulk_consumed_on_success) || on(bulk_consumed_after_body)) known->used = true;
    return {early, download(ticket.resource)};
  }
  const std::size_t most = ticket.size.value_or(largest);
  const std::size_t announced = head.length.value_or(0);
  if (announced > most && !on(bulk_oversize_kept) && !(on(bulk_unbounded) && !ticket.size)) {
    return {early, plain(413)};  // BULK-018, -037
  }
  if (ticket.size && head.length && announced < *ticket.size && !on(bulk_short_upload_complete)) {
    if (on(bulk_consumed_after_body)) known->used = true;
    return {early, plain(422)};  // BULK-019
  }
  admitted_ = ticket;
  inside_ = true;
  ++shop_.running_;
  return {asks && !on(bulk_never_continues), std::nullopt};  // BULK-031
}

std::optional<http_response> bulk_visit::piece(std::string_view part) {
  if (on(bulk_expiry_cuts_transfer) && !shop_.tickets_.empty()) {
    for (const auto& t : shop_.tickets_) {
      if (t.token == admitted_->token && t.expires <= shop_.now()) return refusal(nullptr);
    }
  }
  body_ += part;
  const bool unbounded = on(bulk_unbounded) && !admitted_->size;
  if (body_.size() > admitted_->size.value_or(largest) && !on(bulk_oversize_kept) && !unbounded) {
    if (on(bulk_oversize_cut)) {
      body_.resize(*admitted_->size);
      shop_.stored_[admitted_->resource] = body_;
    }
    leave();
    return plain(413);  // BULK-018
  }
  if (on(bulk_stored_before_end)) shop_.stored_[admitted_->resource] = body_;
  return std::nullopt;
}

http_response bulk_visit::end() {
  leave();
  const auto& t = *admitted_;
  if (on(bulk_consumed_after_body)) spend(t.token);
  const bool complete = !t.size || body_.size() == *t.size || on(bulk_short_upload_complete) ||
                        (on(bulk_oversize_kept) && body_.size() > *t.size);
  if (!complete) return plain(422);  // BULK-019
  const bool right = t.hash.empty() || shop_.sha256(body_) == t.hash || on(bulk_hash_ignored);
  if (right || on(bulk_mismatch_kept)) shop_.stored_[t.resource] = body_;
  if (!right) return plain(422);  // BULK-020
  if (on(bulk_consumed_on_success)) spend(t.token);
  if (on(bulk_upload_refused)) return plain(500);
  return plain(201);
}

void bulk_visit::aborted() {
  if (admitted_ && on(bulk_aborted_kept)) shop_.stored_[admitted_->resource] = body_;
  if (admitted_ && on(bulk_abort_restores_token)) {  // else the token stays spent (BULK-010)
    for (auto& t : shop_.tickets_) {
      if (t.token == admitted_->token) t.used = false;
    }
  }
  leave();
}

void bulk_visit::leave() {
  if (inside_) --shop_.running_;
  inside_ = false;
}

// --- the client ------------------------------------------------------------------------------------------------------

bulk_client::next bulk_client::to(const std::string& url) {
  if (url.substr(0, 8) != "https://" && !broken_.has(bulk_client_speaks_plain)) return {{}, "refused", "no https"};
  bulk_request r;
  r.url = url;
  r.verify = !broken_.has(bulk_client_verifies_nothing);  // BULK-022
  r.method = upload_ ? "PUT" : "GET";
  if (broken_.has(bulk_client_token_in_query)) {  // BULK-024
    r.url += (url.find('?') == std::string::npos ? "?token=" : "&token=") + token_;
  }
  r.headers = {{"Authorization", "Bearer " + token_}};
  if (broken_.has(bulk_client_token_in_referer)) r.headers.push_back({"Referer", url + "?token=" + token_});
  return {r, "", ""};
}

bulk_client::next bulk_client::opened(const box& answer) {
  const auto url = find(answer, "url"), token = find(answer, "token");
  if (!url || !token || !find(answer, "expires")) return {{}, "error", "an answer without url, token or expires"};
  if (!is_token(*token) || token->empty()) return {{}, "error", "no token"};
  token_ = *token;
  return to(*url);
}

bulk_client::next bulk_client::responded(int status, const http_headers& headers, bool complete) {
  const auto location = values_of(headers, "Location");
  if (status / 100 == 3 && !location.empty() && broken_.has(bulk_client_follows_elsewhere)) return to(location.front());
  if (status / 100 != 2) return {{}, "error", "status " + std::to_string(status)};  // BULK-023
  if (!complete && !broken_.has(bulk_client_takes_cut_body)) return {{}, "error", "a body that was cut off"};
  return {{}, "answer", ""};
}

}  // namespace ampspec::naive
