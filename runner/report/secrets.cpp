// Replaces octets by asterisks, one for one.
// SPDX-License-Identifier: Apache-2.0
#include "runner/report/secrets.hpp"

#include "reference/wire/hex.hpp"

#include <algorithm>

namespace ampspec::runner {
namespace {

void replace_all(std::string& text, std::string_view secret) {
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + secret.size())) {
    text.replace(at, secret.size(), secret.size(), '*');
  }
}

/// The beginning of a secret at the end of octets of which not all are there.
void hide_cut_end(std::string& octets, std::string_view secret) {
  for (auto size = std::min(secret.size() - 1, octets.size()); size > 0; --size) {
    if (!std::string_view(octets).ends_with(secret.substr(0, size))) continue;
    octets.replace(octets.size() - size, size, size, '*');
    return;
  }
}

}  // namespace

secret_mask::secret_mask(std::span<const std::string> secrets) {
  for (const auto& secret : secrets) {
    if (secret.size() >= shortest) octets_.push_back(secret);
  }
  std::sort(octets_.begin(), octets_.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const auto& secret : octets_) hex_.push_back(wire::to_hex(secret));
}

void secret_mask::hide_in(std::string& text) const {
  for (const auto& secret : octets_) replace_all(text, secret);
  for (const auto& secret : hex_) replace_all(text, secret);
}

void secret_mask::hide_in(conformance::check_result& r) const {
  if (octets_.empty()) return;
  for (auto* text : {&r.expected, &r.got, &r.reason}) hide_in(*text);
  for (auto& entry : r.transcript) {
    hide_in(entry.text);
    hide_in(entry.mark_text);
    for (auto& field : entry.fields) hide_in(field.label);
    for (const auto& secret : octets_) {
      replace_all(entry.head, secret);
      if (entry.size > entry.head.size()) hide_cut_end(entry.head, secret);
    }
  }
}

}  // namespace ampspec::runner
