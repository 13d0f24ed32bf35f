// What stands inside fields, bodies and URIs, read a second time.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/amps_codec.hpp"
#include "reference/naive/text.hpp"

#include <algorithm>

namespace ampspec::naive {

using enum fault;

namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool all_digits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

box numbered(const std::vector<std::string>& items) {
  box list;
  for (const std::string& item : items) list.emplace_back(std::to_string(list.size() + 1), item);
  return list;
}

// transport://[user[:password]@]host:port/[extra/...]amps[/message-type][?key=value[&key=value...]]
std::optional<box> read_uri(std::string text, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  box parts;
  const std::size_t scheme = text.find("://");
  if (scheme == std::string::npos || scheme == 0) return std::nullopt;
  parts.emplace_back("transport", text.substr(0, scheme));
  text.erase(0, scheme + 3);

  std::string options;
  bool has_options = false;
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  std::string authority = text.substr(0, slash), path = text.substr(slash + 1);
  if (const std::size_t mark = path.find('?'); mark != std::string::npos) {
    has_options = true;
    options = path.substr(mark + 1);
    path.erase(mark);
  }

  const std::size_t user_end = on(amps_uri_user_to_first_at) ? authority.find('@') : authority.rfind('@');
  if (user_end != std::string::npos) {
    const std::string who = authority.substr(0, user_end);
    authority.erase(0, user_end + 1);
    const std::size_t colon = on(amps_uri_password_behind_last_colon) ? who.rfind(':') : who.find(':');
    parts.emplace_back("user", who.substr(0, colon));
    if (colon != std::string::npos) parts.emplace_back("password", who.substr(colon + 1));
  }

  std::string host, port;
  if (authority.starts_with("[") && !on(amps_uri_brackets_unknown)) {
    const std::size_t end = authority.find(']');
    if (end == std::string::npos) return std::nullopt;
    host = authority.substr(1, end - 1);
    authority.erase(0, end + 1);
    if (!authority.starts_with(":")) return std::nullopt;
    port = authority.substr(1);
  } else {
    if (authority.find('?') != std::string::npos) return std::nullopt;
    const std::size_t colon = authority.find(':');
    if (colon == std::string::npos && !on(amps_uri_port_optional)) return std::nullopt;  // AMPS-FRAME-020
    host = authority.substr(0, colon);
    port = colon == std::string::npos ? "9007" : authority.substr(colon + 1);
  }
  if (host.empty() || port.empty() || !all_digits(port)) return std::nullopt;
  port.erase(0, std::min(port.find_first_not_of('0'), port.size() - 1));  // they say nothing: RFC 3986, 3.2.3
  if (port.size() > 5 || std::stoi(port) < 1 || std::stoi(port) > 65535) return std::nullopt;
  parts.emplace_back("host", host);
  parts.emplace_back("port", port);

  std::vector<std::string> segments = split(path, '/');
  if (std::ranges::find(segments, "") != segments.end()) return std::nullopt;
  std::string type;
  if (segments.size() >= 2 && lower(segments[segments.size() - 2]) == "amps") {
    type = segments.back();
    segments.pop_back();
  }
  const std::vector<std::string> known = {"amps", "fix", "nvfix", "xml"};
  if (std::ranges::find(known, lower(segments.back())) == known.end()) return std::nullopt;
  const std::string protocol = segments.back();
  segments.pop_back();
  if (on(amps_uri_extra_path_refused) && !segments.empty()) return std::nullopt;
  std::string extra;
  for (const std::string& s : segments) extra += (extra.empty() ? "" : "/") + s;
  if (!extra.empty()) parts.emplace_back("path", extra);
  parts.emplace_back("protocol", protocol);
  if (!type.empty()) parts.emplace_back("message_type", type);

  if (has_options) {
    std::vector<std::string> items = split(options, '&');
    for (const std::string& item : items) {
      const std::size_t equals = item.find('=');
      if ((equals == std::string::npos || equals == 0) && !on(amps_uri_flag_accepted)) return std::nullopt;
      if (on(amps_uri_options_judged) && !item.starts_with("tcp_") && !item.starts_with("pretty")) return std::nullopt;
    }
    if (on(amps_uri_options_sorted)) std::ranges::sort(items);
    if (on(amps_uri_first_option_only)) items.resize(1);
    std::string joined;
    for (const std::string& item : items) joined += (joined.empty() ? "" : "&") + item;
    parts.emplace_back("options", joined);
  }
  return parts;
}

std::optional<box> read_options(const std::string& text, const faults& broken) {
  std::vector<std::string> items{""};
  int depth = 0;
  for (const char c : text) {
    if (c == '[') ++depth;
    if (c == ']') depth = std::max(0, depth - 1);
    if (c == ',' && (depth == 0 || broken.has(amps_options_cut_in_brackets))) {  // AMPS-HDR-030
      items.emplace_back();
    } else {
      items.back() += c;
    }
  }
  std::vector<std::string> kept;
  for (const std::string& item : items) {
    std::string plain = item;
    while (plain.starts_with(" ")) plain.erase(0, 1);
    while (plain.ends_with(" ")) plain.pop_back();
    if (broken.has(amps_options_in_lower_case)) plain = lower(plain);
    if (!plain.empty()) kept.push_back(plain);
  }
  if (broken.has(amps_options_last_only) && !kept.empty()) kept = {kept.back()};
  return numbered(kept);
}

std::optional<box> read_acks(const std::string& text, const faults& broken) {
  const std::vector<std::string> words = split(text, ',');
  if (broken.has(amps_acks_empty_refused) && text.empty()) return std::nullopt;
  if (broken.has(amps_acks_first_only)) return box{{words.front(), ""}};
  box asked;
  for (const char* known : {"received", "processed", "completed", "persisted", "stats"}) {
    if (std::ranges::find(words, known) != words.end()) asked.emplace_back(known, "");
  }
  if (broken.has(amps_acks_unknown_refused)) {
    for (const std::string& w : words) {
      if (!w.empty() && w != "none" && !find(asked, w)) return std::nullopt;
    }
  }
  if (broken.has(amps_acks_none_is_all) && asked.empty()) asked.emplace_back("processed", "");
  return asked;
}

// Nothing if it is no bookmark.
std::optional<std::string> read_bookmark(const std::string& text, const faults& broken) {
  if (text == "0") return "epoch";
  if (text == "0|1|" && !broken.has(amps_bookmark_now_unknown)) return "now";
  const std::vector<std::string> parts = split(text, '|');
  if (parts.size() == 3 && parts[2].empty()) {  // AMPS-HDR-031
    const auto publisher = amps_number(parts[0], true, {}), sequence = amps_number(parts[1], true, broken);
    if (!publisher || !sequence) return std::nullopt;
    return "message " + *publisher + " " + *sequence;
  }
  if (parts.size() == 2 && broken.has(amps_bookmark_last_bar_optional)) return "message " + parts[0] + " " + parts[1];
  std::string time = text;
  if (time.ends_with("Z")) {
    if (broken.has(amps_bookmark_time_with_z_refused)) return std::nullopt;
    time.pop_back();
  }
  if (time.size() != 15 || time[8] != 'T' || !all_digits(time.substr(0, 8)) || !all_digits(time.substr(9))) {
    return std::nullopt;
  }
  if (broken.has(amps_bookmark_time_unknown)) return std::nullopt;
  const int month = std::stoi(time.substr(4, 2)), day = std::stoi(time.substr(6, 2));
  const int hour = std::stoi(time.substr(9, 2)), minute = std::stoi(time.substr(11, 2)),
            second = std::stoi(time.substr(13));
  const int year = std::stoi(time.substr(0, 4));
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const std::vector<int> lengths = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool right = month >= 1 && month <= 12 && day >= 1 && day <= lengths[static_cast<std::size_t>(month - 1)] &&
                     hour < 24 && minute < 60 && second < 60;
  if (!right && !broken.has(amps_time_fields_unchecked)) return std::nullopt;
  return "time " + time;
}

std::optional<box> read_bookmarks(std::string text, const faults& broken) {
  box found;
  char between = ',';
  const bool opens = text.starts_with("(") || text.starts_with("["),
             closes = text.ends_with(")") || text.ends_with("]");
  if (opens != closes || (opens && text.size() < 2)) return std::nullopt;
  if (opens) {
    if (broken.has(amps_bookmark_range_unknown)) return std::nullopt;
    std::string ends{text.front(), text.back()};
    if (broken.has(amps_bookmark_ends_closed)) ends = "[]";
    found.emplace_back("range", ends);
    text = text.substr(1, text.size() - 2);
    between = ':';
  }
  const std::vector<std::string> items = split(text, between);
  if (opens && items.size() != 2) return std::nullopt;
  int n = 0;
  for (const std::string& item : items) {
    const auto one = read_bookmark(item, broken);
    if (!one) return std::nullopt;
    found.emplace_back(std::to_string(++n), *one);
    if (broken.has(amps_bookmark_first_only)) break;
  }
  return found;
}

// An ISO-8601 UTC date-time with six digits of fraction, told in its basic form.
std::optional<box> read_timestamp(const std::string& text, const faults& broken) {
  std::string basic = text;
  if (text.size() == 27 && !broken.has(amps_timestamp_extended_refused)) {
    if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':') return std::nullopt;
    basic = text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 5) + text.substr(14, 2) + text.substr(17);
  }
  if (broken.has(amps_timestamp_milliseconds) && basic.size() == 20) basic.insert(19, "000");
  if (broken.has(amps_timestamp_zone_optional) && basic.size() == 22) basic += "Z";
  if (basic.size() != 23 || basic[8] != 'T' || basic[15] != '.' || basic[22] != 'Z') return std::nullopt;
  if (!read_bookmark(basic.substr(0, 15), broken) || !all_digits(basic.substr(16, 6))) return std::nullopt;
  return box{{"basic", basic}};
}

std::optional<box> read_composite(std::string body, std::optional<std::uint64_t> count, const faults& broken) {
  std::vector<std::string> parts;
  if (broken.has(amps_empty_composite_has_part) && body.empty()) return numbered({""});
  while (count ? parts.size() < *count : !body.empty()) {
    if (body.size() < 4) {
      if (broken.has(amps_cut_part_dropped)) break;
      return std::nullopt;  // AMPS-CMP-003
    }
    std::string length = body.substr(0, 4);
    if (broken.has(amps_part_length_little_endian)) std::ranges::reverse(length);
    std::uint64_t size = 0;
    for (const char c : length) size = size * 256 + static_cast<unsigned char>(c);
    if (broken.has(amps_part_length_counts_itself)) size = std::max<std::uint64_t>(size, 4) - 4;
    if (broken.has(amps_part_length_of_16_bits)) size %= 65536;
    if (body.size() - 4 < size) {
      if (broken.has(amps_cut_part_dropped)) break;
      if (!broken.has(amps_cut_part_delivered)) return std::nullopt;
      size = body.size() - 4;
    }
    if (size > 0 || !broken.has(amps_empty_part_dropped)) parts.push_back(body.substr(4, size));
    body.erase(0, 4 + size);
  }
  box found = numbered(parts);
  if (count && !broken.has(amps_composite_rest_lost)) found.emplace_back("rest", body);  // AMPS-CMP-005
  return found;
}

}  // namespace

std::optional<box> read_amps(std::string_view form, std::string_view octets, const faults& broken) {
  const std::string text(octets);
  if (form == "uri") return read_uri(text, broken);
  if (form == "options") return read_options(text, broken);
  if (form == "acks") return read_acks(text, broken);
  if (form == "bookmark") return read_bookmarks(text, broken);
  if (form == "timestamp") return read_timestamp(text, broken);
  if (form == "composite") return read_composite(text, std::nullopt, broken);
  const std::string counted = "composite ";
  if (form.starts_with(counted) && all_digits(std::string(form.substr(counted.size())))) {
    return read_composite(text, std::stoull(std::string(form.substr(counted.size()))), broken);
  }
  return std::nullopt;
}

std::optional<std::string> write_amps(std::string_view form, const box& parts, const faults& broken) {
  if (form != "composite") return std::nullopt;
  std::string body;
  for (const auto& [number, part] : parts) {
    if (part.empty() && broken.has(amps_writes_no_empty_part)) continue;
    std::uint64_t size = part.size() + (broken.has(amps_writes_part_length_with_itself) ? 4 : 0);
    std::string length;
    for (int i = 0; i < 4; ++i, size /= 256) length.insert(length.begin(), static_cast<char>(size % 256));
    if (broken.has(amps_writes_part_length_little_endian)) std::ranges::reverse(length);
    body += length + part;
  }
  return body;
}

}  // namespace ampspec::naive
