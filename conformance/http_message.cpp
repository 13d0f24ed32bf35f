// Heads, lengths and chunks of RFC 9112, as strictly as a client must be.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/http_message.hpp"

#include <algorithm>
#include <charconv>

namespace ampspec::conformance {
namespace {

constexpr std::size_t largest_head = 64 * 1024;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

template <class T>
bool number(std::string_view digits, T& value, int base = 10) {
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  return bad == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
}

}  // namespace

std::optional<http_url> parse_http_url(std::string_view url) {
  http_url made;
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    made.secure = false;
    made.port = 80;
  } else {
    return std::nullopt;
  }
  const auto end = std::min(url.find_first_of("/?#"), url.size());
  made.authority = std::string(url.substr(0, end));
  made.target = end == url.size() ? "/" : std::string(url.substr(end));
  std::string_view host = made.authority;
  const auto colon = host.rfind(':');
  if (colon != host.npos && (host.find(']') == host.npos || host.find(']') < colon)) {
    if (!number(host.substr(colon + 1), made.port)) return std::nullopt;
    host = host.substr(0, colon);
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.empty()) return std::nullopt;
  made.host = std::string(host);
  return made;
}

void http_message::feed(std::string_view octets) {
  if (!wrong_.empty()) return;
  in_ += octets;
  advance();
}

void http_message::end() {
  ended_ = true;
  if (has_head_ && !framed() && kind_ == kind::response) complete_ = true;
}

void http_message::next() {
  auto rest = std::move(in_);
  const auto what = kind_;
  const bool ended = ended_, no_body = no_body_;
  *this = http_message(what);
  no_body_ = no_body;
  feed(rest);
  if (ended) end();
}

std::optional<std::string> http_message::header(std::string_view name) const {
  for (const auto& [key, value] : headers_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

bool http_message::expects_continue() const { return lower(header("expect").value_or("")) == "100-continue"; }

std::string http_message::take_body() { return std::exchange(body_, {}); }

void http_message::advance() {
  if (!has_head_) {
    const auto end = in_.find("\r\n\r\n");
    if (end == in_.npos) {
      if (in_.size() > largest_head) wrong_ = "a head without end";
      return;
    }
    const auto head = in_.substr(0, end + 2);
    in_.erase(0, end + 4);
    parse_head(head);
    if (!wrong_.empty()) return;
    has_head_ = true;
  }
  if (complete_) return;
  if (chunked_) return advance_chunks();
  if (length_) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in_.size()));
    body_.append(in_, 0, size);
    in_.erase(0, size);
    left_ -= size;
    complete_ = left_ == 0;
    return;
  }
  body_ += std::exchange(in_, {});
}

void http_message::parse_head(std::string_view head) {
  const auto line = [&] {
    const auto end = head.find("\r\n");
    const auto text = head.substr(0, end);
    head.remove_prefix(end + 2);
    return text;
  };
  first_line_ = std::string(line());
  const std::string_view first = first_line_;
  if (kind_ == kind::response) {
    const bool good = first.size() >= 12 && first.starts_with("HTTP/1.") && first[8] == ' ' &&
                      number(first.substr(9, 3), status_) && (first.size() == 12 || first[12] == ' ');
    if (!good) wrong_ = "no status line: " + first_line_.substr(0, 80);
  } else {
    const auto one = first.find(' '), two = first.rfind(' ');
    if (one == first.npos || one == two || !first.substr(two + 1).starts_with("HTTP/1.")) {
      wrong_ = "no request line: " + first_line_.substr(0, 80);
    } else {
      method_ = std::string(first.substr(0, one));
      target_ = std::string(first.substr(one + 1, two - one - 1));
    }
  }
  while (!head.empty() && wrong_.empty()) {
    const auto text = line();
    const auto colon = text.find(':');
    if (colon == text.npos || colon == 0 || text.find_first_of(" \t") < colon) {
      wrong_ = "no header line: " + std::string(text.substr(0, 80));
      return;
    }
    headers_.emplace_back(lower(text.substr(0, colon)), std::string(trimmed(text.substr(colon + 1))));
  }
  if (const auto coding = header("transfer-encoding")) chunked_ = lower(*coding) == "chunked";
  if (const auto length = header("content-length")) {
    std::uint64_t octets = 0;
    if (!number(*length, octets)) wrong_ = "a Content-Length that is no number: " + *length;
    if (!chunked_) length_ = octets;
  }
  const bool bodiless = kind_ == kind::response && (no_body_ || status_ / 100 == 1 || status_ == 204 || status_ == 304);
  if (kind_ == kind::request && !chunked_ && !length_) length_ = 0;
  if (bodiless) {
    length_ = 0;
    chunked_ = false;
  }
  left_ = length_.value_or(0);
}

void http_message::advance_chunks() {
  while (!complete_ && wrong_.empty()) {
    if (chunk_ == chunk::data) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in_.size()));
      body_.append(in_, 0, size);
      in_.erase(0, size);
      left_ -= size;
      if (left_ > 0) return;
      chunk_ = chunk::behind;
    }
    const auto end = in_.find("\r\n");
    if (end == in_.npos) {
      if (in_.size() > 1024) wrong_ = "a chunk size without end";
      return;
    }
    const auto text = in_.substr(0, end);
    in_.erase(0, end + 2);
    if (chunk_ == chunk::behind) {
      if (!text.empty()) wrong_ = "octets behind a chunk";
      chunk_ = chunk::size;
    } else if (chunk_ == chunk::size) {
      if (!number(text.substr(0, text.find(';')), left_, 16)) wrong_ = "no chunk size: " + text.substr(0, 80);
      chunk_ = left_ == 0 ? chunk::trailer : chunk::data;
    } else if (text.empty()) {
      complete_ = true;
    }
  }
}

}  // namespace ampspec::conformance
