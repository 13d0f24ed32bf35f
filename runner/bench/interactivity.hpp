// `ampspec bench interactivity`: each way against a fresh process of the target, driven by a fresh process of ours.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/bench/measure.hpp"
#include "runner/bench/result.hpp"
#include "runner/target.hpp"

#include <functional>
#include <vector>

namespace ampspec::runner::bench {

struct interactivity_options {
  measure_options each;   ///< for every way; `way` and `uri` are filled in
  std::vector<way> ways;  ///< in this order; `idle` first, if ratios are wanted
  std::string program;    ///< our own executable
};

/// The server that speaks the protocol of this way. Throws not_offered if the target, which has a server role, declares
/// none.
role_setup server_for(const target&, way);

/// `begun` is called as each way begins. Throws std::runtime_error if the target has no server role.
interactivity measure_ways(const target&, const interactivity_options&, const std::function<void(way)>& begun);

}  // namespace ampspec::runner::bench
