// Finds options and reads their values, each in the form that its reader names.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/options.hpp"

#include "reference/amps/header.hpp"

#include <algorithm>
#include <array>

namespace ampspec::amps {

const option* option_list::find(std::string_view name) const {
  const auto found = std::find_if(options_.rbegin(), options_.rend(), [&](const option& o) { return o.name == name; });
  return found == options_.rend() ? nullptr : &*found;
}

bool option_list::has_any(std::initializer_list<std::string_view> names) const {
  return std::ranges::any_of(names, [&](std::string_view name) { return has(name); });
}

std::optional<std::string_view> option_list::text(std::string_view name) const {
  const auto* found = find(name);
  return found == nullptr ? std::nullopt : std::optional(found->value.value_or(std::string_view()));
}

bool option_list::flag(std::string_view name) {
  const auto* found = find(name);
  if (found != nullptr && found->value) malformed_ = true;
  return found != nullptr;
}

std::optional<std::string_view> option_list::value(std::string_view name) {
  const auto* found = find(name);
  if (found == nullptr) return std::nullopt;
  if (!found->value || found->value->empty()) malformed_ = true;
  return found->value;
}

std::optional<std::uint32_t> option_list::number(std::string_view name) {
  const auto text = value(name);
  if (!text) return std::nullopt;
  const auto read = number_from(*text, UINT32_MAX);
  if (!read) malformed_ = true;
  return read ? std::optional(static_cast<std::uint32_t>(*read)) : std::nullopt;
}

std::optional<std::string_view> option_list::bracketed(std::string_view name) {
  const auto text = value(name);
  if (!text) return std::nullopt;
  if (text->size() < 2 || text->front() != '[' || text->back() != ']') {
    malformed_ = true;
    return std::nullopt;
  }
  return text->substr(1, text->size() - 2);
}

bool is_documented_option(std::string_view name) {
  static constexpr std::array<std::string_view, 30> all{"ack_conflation",
                                                        "beat",
                                                        "bookmark",
                                                        "bookmark_not_found",
                                                        "cancel",
                                                        "conflation",
                                                        "conflation_key",
                                                        "expire",
                                                        "fully_durable",
                                                        "grouping",
                                                        "lease_extension",
                                                        "live",
                                                        "max_backlog",
                                                        "no_empties",
                                                        "no_sowkey",
                                                        "non_regex_topic",
                                                        "oof",
                                                        "pause",
                                                        "pretty",
                                                        "projection",
                                                        "rate",
                                                        "rate_max_gap",
                                                        "replace",
                                                        "resume",
                                                        "select",
                                                        "send_keys",
                                                        "skip_n",
                                                        "start",
                                                        "timestamp",
                                                        "top_n"};
  return std::ranges::find(all, name) != all.end();
}

}  // namespace ampspec::amps
