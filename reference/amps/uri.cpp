// Splits connection URIs.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/uri.hpp"

#include <algorithm>
#include <charconv>

namespace ampspec::amps {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_protocol(std::string_view segment) {
  const std::string word = lower(segment);
  return word == "amps" || word == "fix" || word == "nvfix" || word == "xml";
}

class parser {
 public:
  explicit parser(std::string_view text) : text_(text) {}

  wire::result<uri> run() {
    if (!transport() || !authority() || !path() || !options()) {
      return wire::failure{errc::bad_uri, at_, "AMPS-FRAME-020"};
    }
    return std::move(uri_);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  /// What stands in front of the next of `ends`, or of the end.
  std::string_view upto(std::string_view ends) const { return rest().substr(0, rest().find_first_of(ends)); }

  bool transport() {
    const std::size_t size = text_.find("://");
    if (size == std::string_view::npos || size == 0) return false;
    uri_.transport = text_.substr(0, size);
    at_ = size + 3;
    return true;
  }

  bool authority() {
    const std::string_view all = upto("/");
    if (const std::size_t end = all.rfind('@'); end != std::string_view::npos) {
      const std::string_view who = all.substr(0, end);
      const std::size_t colon = who.find(':');
      uri_.user = who.substr(0, colon);
      if (colon != std::string_view::npos) uri_.password = who.substr(colon + 1);
      at_ += end + 1;
    }
    return host() && port();
  }

  bool host() {
    if (rest().starts_with('[')) {  // AMPS-FRAME-019
      const std::string_view address = upto("]/");
      if (address.size() < 2 || !rest().substr(address.size()).starts_with(']')) return false;
      uri_.host = address.substr(1);
      at_ += address.size() + 1;
    } else {
      uri_.host = upto(":/?");
      if (uri_.host.empty()) return false;
      at_ += uri_.host.size();
    }
    return true;
  }

  bool port() {
    if (!rest().starts_with(':')) return false;  // AMPS-FRAME-020
    ++at_;
    const std::string_view digits = upto("/?");
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), uri_.port);
    if (error != std::errc() || end != digits.data() + digits.size() || uri_.port == 0) return false;
    at_ += digits.size();
    return true;
  }

  bool path() {
    std::vector<std::pair<std::string_view, std::size_t>> segments;  // and where each begins
    while (rest().starts_with('/')) {
      ++at_;
      segments.emplace_back(upto("/?"), at_);
      at_ += segments.back().first.size();
    }
    const std::size_t n = segments.size();
    const auto empty = std::ranges::find_if(segments, [](const auto& s) { return s.first.empty(); });
    if (empty != segments.end()) return wrong(empty->second);
    std::size_t protocol = n;
    if (n >= 2 && lower(segments[n - 2].first) == "amps") {
      protocol = n - 2;
      uri_.message_type = segments[n - 1].first;
    } else if (n >= 1 && is_protocol(segments[n - 1].first)) {
      protocol = n - 1;
    } else {
      return n == 0 ? false : wrong(segments[n - 1].second);
    }
    uri_.protocol = segments[protocol].first;
    for (std::size_t i = 0; i < protocol; ++i) uri_.extra.emplace_back(segments[i].first);
    return true;
  }

  bool options() {
    if (rest().empty()) return true;
    do {
      ++at_;  // the `?`, or the `&` between two
      const std::string_view option = upto("&");
      const std::size_t equals = option.find('=');
      if (equals == std::string_view::npos || equals == 0) return false;  // AMPS-FRAME-020
      uri_.options.emplace_back(option.substr(0, equals), option.substr(equals + 1));
      at_ += option.size();
    } while (!rest().empty());
    return true;
  }

  bool wrong(std::size_t at) {
    at_ = at;
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  uri uri_;
};

}  // namespace

wire::result<uri> parse_uri(std::string_view text) { return parser(text).run(); }

}  // namespace ampspec::amps
