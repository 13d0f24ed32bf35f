// Files for streams that are kept outside memory: they have no name and go with the process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/stream_service.hpp"

#include <memory>

namespace ampspec::peer {

/// A file in the folder that TMPDIR names, or /tmp; at most 1 GiB. Null if none can be made.
std::unique_ptr<behaviour::temporary_file> make_temporary_file();

}  // namespace ampspec::peer
