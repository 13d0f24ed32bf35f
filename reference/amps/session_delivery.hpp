// What is worked out once for a change and used for all who are told of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/json_merge.hpp"
#include "reference/amps/payload.hpp"
#include "reference/amps/subscription.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ampspec::amps {

struct change_scratch {
  bool looked = false;
  std::optional<delta> difference = {};  ///< nothing: the change can only be told whole
  payload delta_body = nullptr;
};

/// The text by which messages are one to a conflating subscription: its fields of the record, or the SOW key.
std::string conflation_key_of(const subscription_terms&, std::string_view sow_key, const record_view*);

}  // namespace ampspec::amps
