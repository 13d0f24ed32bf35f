// Typed values in the JSON of the adapter protocol, for both of its ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/wire/value.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace ampspec::peer {

/// How octets are told: as hex text, or as a place in the frame's blob.
using octets_to_json = std::function<nlohmann::json(std::string_view)>;
using octets_from_json = std::function<std::string(const nlohmann::json&)>;

nlohmann::json to_json(const wire::value_type&);
nlohmann::json to_json(const wire::value_schema&);
nlohmann::json to_json(const wire::value_type&, const wire::value&, const octets_to_json&);
nlohmann::json to_json(const wire::value_schema&, const wire::record_value&, const octets_to_json&);

/// What is read throws std::invalid_argument, or an exception of nlohmann, where it is not as docs/adapter-protocol.md
/// says.
wire::value_type type_from_json(const nlohmann::json&, const octets_from_json&);
wire::value_schema schema_from_json(const nlohmann::json&, const octets_from_json&);
wire::value value_from_json(const wire::value_type&, const nlohmann::json&, const octets_from_json&);
wire::record_value record_from_json(const wire::value_schema&, const nlohmann::json&, const octets_from_json&);

}  // namespace ampspec::peer
