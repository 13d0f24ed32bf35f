// Plays parse, print and samples of values against a codec.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/check.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ampspec::conformance {

check_result play_typed(const check&, codec_subject&, const settings&, const vectors::parse_kind&);
check_result play_typed(const check&, codec_subject&, const settings&, const vectors::print_kind&);
/// A sample with a type.
check_result play_values(const check&, codec_subject&, const settings&, const vectors::sample_kind&);

/// A value, record or type for people, shortened where it is long.
std::string show(const wire::value&);
std::string show(const wire::record_value&);
std::string show(const wire::value_type&);

/// The value of octets that a conforming encoder may write; nothing for forms that only decoders may accept.
std::optional<wire::value> read_written(const wire::value_type&, std::string_view octets);

}  // namespace ampspec::conformance
