// Compares what was promised with what came: values, boxes, sets of boxes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/large_value.hpp"
#include "conformance/subject.hpp"
#include "conformance/vectors/model.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::conformance {

/// What a play knows by name: limits and matrix values, and octets captured so far.
struct bindings {
  vectors::scope names;
  vectors::captures captured;
  std::map<std::string, std::set<std::string, std::less<>>> seen = {};  ///< by each name of `fresh`
};

/// True if `got` (no value: the key is absent) is what the matcher allows. Binds captures only where it returns true.
bool matches(const vectors::value_matcher&, std::optional<std::string_view> got, bindings&);
/// Likewise of a large value: exact octets, a digest or any value, and these inside `one_of` and `not`.
bool matches(const vectors::value_matcher&, const large_value& got, const bindings&);

/// A difference in words: `value of "total": expected "94", got "95"`.
struct difference {
  std::string text;
  std::optional<std::string> key;  ///< the key it is about, to point at its octets
};

/// Nothing if the box is what the matcher allows; captures are bound only then.
std::optional<difference> differs(const vectors::box_matcher&, const plain_box& got, bindings&,
                                  const large_values& = {});

/// Pairs each box with a matcher of its own, in any order. Nothing if that works out.
std::optional<difference> differs_in_any_order(const std::vector<vectors::box_matcher>&,
                                               const std::vector<plain_box>& got, bindings&,
                                               const std::vector<large_values>& = {});

/// The matcher in words, for `expected`.
std::string describe(const vectors::box_matcher&, const bindings&);
std::string describe(const vectors::value_matcher&, const bindings&);
/// Octets for people: printable text in quotes, else hex; shortened above 60 octets with their number.
std::string show_octets(std::string_view);
std::string show_box(const plain_box&);

}  // namespace ampspec::conformance
