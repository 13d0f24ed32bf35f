// Uploads and downloads behind the admission.
// SPDX-License-Identifier: Apache-2.0
#include "reference/bulk/exchange.hpp"

#include "reference/bulk/resource.hpp"
#include "reference/bulk/rules.hpp"

#include <algorithm>
#include <utility>

namespace ampspec::bulk {

beginning exchange::begin(const request_head& head) {
  auto granted = admit(desk_->tokens(), head, desk_->now());
  if (!granted) return {false, refusal()};  // BULK-031: at once, whatever the body would be
  if (granted->way == direction::download) {
    auto source = resource_named(granted->resource, desk_->limits().largest_transfer);
    if (!source) return {false, plain_response(404)};
    auto answer = plain_response(200);
    answer.headers.emplace_back("Content-Type", "application/octet-stream");
    answer.body = std::move(*source);
    return {false, std::move(answer)};
  }
  upload up;
  up.most = granted->size.value_or(desk_->limits().largest_transfer);
  if (head.length.value_or(0) > up.most) return {false, plain_response(413)};  // BULK-018, BULK-037
  // BULK-019: a body that says itself that it is too short is not waited for.
  if (granted->size && !head.chunked && head.length.value_or(0) < *granted->size) return {false, plain_response(422)};
  up.granted = std::move(*granted);
  up.hash = desk_->new_hash();
  upload_ = std::move(up);
  const auto expectations = values_of(head.headers, "Expect");
  const bool asks = std::any_of(expectations.begin(), expectations.end(),
                                [](auto value) { return same_without_case(value, "100-continue"); });
  return {asks, std::nullopt};  // BULK-031: only here, behind the token
}

std::optional<response> exchange::take(std::string_view piece) {
  if (piece.size() > upload_->most - upload_->size) {  // BULK-018, BULK-037: nothing is kept
    upload_.reset();
    return plain_response(413);
  }
  upload_->size += piece.size();
  upload_->hash->update(piece);
  return std::nullopt;
}

response exchange::finish() {
  const auto up = std::move(*std::exchange(upload_, std::nullopt));
  if (up.granted.size && up.size != *up.granted.size) return plain_response(422);  // BULK-019
  stored_upload stored{up.size, up.hash->finish()};
  if (!up.granted.sha256.empty() && stored.sha256 != up.granted.sha256) return plain_response(422);  // BULK-020
  desk_->store(up.granted.resource, std::move(stored));
  return plain_response(201);
}

}  // namespace ampspec::bulk
