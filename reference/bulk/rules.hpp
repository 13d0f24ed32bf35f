// Whether a request may transfer something: the head is held against the token that it presents.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/bulk/http.hpp"
#include "reference/bulk/token_store.hpp"

#include <optional>

namespace ampspec::bulk {

/// The token that the head presents in the one way that counts: one `Authorization` header, `Bearer`, and behind it
/// base64url characters alone. Nothing otherwise.
std::optional<std::string_view> token_in(const request_head&);

/// Consumes the token that the head presents, whatever else is wrong with the head, and gives what it grants if nothing
/// is. Nothing: refuse, by `refusal()` and in no other way.
std::optional<grant> admit(token_store&, const request_head&, instant now);

/// The refusal of a token: the same whatever the reason (BULK-015).
response refusal();

/// A response of that status without body that nobody keeps (BULK-038).
response plain_response(int status);

}  // namespace ampspec::bulk
