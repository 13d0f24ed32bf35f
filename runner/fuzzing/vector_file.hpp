// Writes a finding as a vector file that somebody has still to review.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/result.hpp"
#include "reference/naive/box.hpp"
#include "runner/fuzzing/amp_plan.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace ampspec::runner::fuzzing {

struct vector_head {
  std::string name;        ///< of the file, without its ending: the suite is PROTOCOL/found/NAME
  std::string protocol;    ///< amp1, amp2 or amps
  std::string title;       ///< what must be true, as far as it can be told; at most 110 characters
  std::string clause;      ///< to be cited
  std::string provenance;  ///< where it comes from
  std::string since;       ///< suite version
};

/// An exchange with a server: what is sent, and what the plan has come.
std::string server_vector(const vector_head&, const amp_plan&, std::string_view sent);
/// A stream for a codec, with what the naive implementation makes of it.
std::string decode_vector(const vector_head&, std::string_view stream, naive::format);
/// A box for an encoder, likewise.
std::string encode_vector(const vector_head&, const naive::box&, naive::format);
/// Messages of AMPS for a broker, which must go on serving, or (`closes`) end the connection.
std::string broker_vector(const vector_head&, std::string_view stream, bool closes);
/// A stream of AMPS frames for a codec, with what the naive implementation makes of it.
std::string frames_vector(const vector_head&, std::string_view stream);

/// A list of atoms for octets, one for each field.
std::string atoms_of(std::string_view octets, const std::vector<conformance::noted_field>&);
/// The octets as a scalar or `{hex: …}`, as they stand in boxes.
std::string value_of(std::string_view octets);

/// Where a suite of that protocol belongs, below the vectors: `amp1/found/NAME.yaml`.
std::string place_of(const vector_head&);

}  // namespace ampspec::runner::fuzzing
