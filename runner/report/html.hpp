// out/report.html: the whole run as one page that works from disk and asks the network for nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/report/summary.hpp"

#include <span>
#include <string>
#include <string_view>

namespace ampspec::runner {

/// The page. Its data stand in it as JSON without a `<`, and its script puts them in as text only. Pictures of octets
/// are kept for the example of each cause first, then for other checks, as far as 16 MiB of them reach. `bench` is the
/// section of `ampspec bench interactivity` (markup that is put in as it is), or empty.
std::string html_report(const run_summary&, std::span<const conformance::check_result>, const vectors::catalogue&,
                        std::string_view bench = {});

/// The style sheet of the page, for pages that stand beside it.
std::string_view report_style();

}  // namespace ampspec::runner
