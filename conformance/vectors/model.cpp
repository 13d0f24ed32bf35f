// Words for the enumerations of the vector model, and the expansion of a matrix.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/vectors/model.hpp"

namespace ampspec::vectors {

std::string_view name_of(role r) {
  switch (r) {
    case role::codec:
      return "codec";
    case role::server:
      return "server";
    case role::client:
      return "client";
  }
  return {};
}

std::optional<role> role_named(std::string_view name) {
  for (const role r : all_roles) {
    if (name_of(r) == name) return r;
  }
  return std::nullopt;
}

std::string_view name_of(level l) {
  switch (l) {
    case level::must:
      return "MUST";
    case level::should:
      return "SHOULD";
    case level::may:
      return "MAY";
  }
  return {};
}

std::string_view verb_of(const bulk_step& s) {
  constexpr std::array<std::string_view, 9> verbs{"http",           "http_body",    "http_end",
                                                  "expect_http",    "expect_alike", "transfer",
                                                  "expect_request", "respond",      "expect_no_request"};
  static_assert(std::variant_size_v<decltype(bulk_step::what)> == verbs.size());
  return verbs[s.what.index()];
}

std::string_view verb_of(const amps_step& s) {
  constexpr std::array<std::string_view, 6> verbs{"attach",         "log_on",           "acks",
                                                  "expect_message", "expect_unwritten", "reattach"};
  static_assert(std::variant_size_v<decltype(amps_step::what)> == verbs.size());
  return verbs[s.what.index()];
}

std::string_view verb_of(const step& s) {
  if (const auto* amps = std::get_if<boxed<amps_step>>(&s.what)) return verb_of(**amps);
  if (const auto* bulk = std::get_if<boxed<bulk_step>>(&s.what)) return verb_of(**bulk);
  // In the order of the alternatives of step::what.
  constexpr std::array<std::string_view, 21> verbs{
      "send",   "expect",       "expect",       "expect_close",   "expect_silence", "half_close", "close",
      "reset",  "call",         "expect_ended", "expect_pending", "choice",         "start_tls",  "switched",
      "repeat", "write_stream", "take_writes",  "bulk",           "expect",         "amps",       "expect"};
  static_assert(std::variant_size_v<decltype(step::what)> == verbs.size());
  return verbs[s.what.index()];
}

std::vector<scope> matrix_points(const vector& v) {
  std::vector<scope> points{default_scope()};
  for (const auto& axis : v.matrix) {
    std::vector<scope> longer;
    for (const auto& point : points) {
      for (const auto& value : axis.values) {
        longer.push_back(point);
        longer.back()[axis.name] = value;
      }
    }
    points = std::move(longer);
  }
  return points;
}

std::string variant_name(const vector& v, const scope& point) {
  std::string name;
  for (const auto& axis : v.matrix) {
    if (!name.empty()) name += ',';
    name += axis.name + '=' + point.at(axis.name);
  }
  return name;
}

}  // namespace ampspec::vectors
