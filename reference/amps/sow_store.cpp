// A list for the order, a table for the keys.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/sow_store.hpp"

#include <iterator>
#include <utility>

namespace ampspec::amps {

sow_record* sow_store::find(std::string_view key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &*found->second;
}

sow_record& sow_store::of(std::string_view key) {
  if (auto* known = find(key)) return *known;
  auto& made = records_.emplace_back(sow_record{std::string(key)});
  made.place = ++last_place_;
  by_key_.emplace(made.key, std::prev(records_.end()));
  return made;
}

void sow_store::replace_body(sow_record& record, payload body) {
  octets_ -= octets_of(record.body).size();
  record.body = std::move(body);
  octets_ += octets_of(record.body).size();
}

void sow_store::erase(const sow_record& record) {
  octets_ -= octets_of(record.body).size();
  const auto found = by_key_.find(record.key);
  const auto at = found->second;
  by_key_.erase(found);
  records_.erase(at);
}

std::optional<std::string> generated_key(std::string_view topic, std::span<const path> key_fields,
                                         const record_view& record) {
  fnv1a hash;
  hash.add(topic);
  for (const auto& field : key_fields) {
    const auto* document = record.document();
    if (document == nullptr) return std::nullopt;
    std::size_t at = 0;
    for (const auto& step : field.steps) {
      const auto next = document->member(at, step.name);
      if (!next) return std::nullopt;
      at = *next;
    }
    const auto kind = (*document)[at].kind;
    if (kind == json_kind::null || kind == json_kind::array || kind == json_kind::object) return std::nullopt;
    const auto text = document->scalar_text(at);
    if (text.empty()) return std::nullopt;
    hash.add("\x1F").add(text);
  }
  return hash.text();
}

}  // namespace ampspec::amps
