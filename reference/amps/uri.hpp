// Connection URIs: transport://[user[:password]@]host:port/[extra/...]amps[/type][?key=value[&key=value...]]
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/amps/errc.hpp"
#include "reference/wire/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ampspec::amps {

/// A connection URI in its parts (AMPS-FRAME-018), each as it was written: nothing is decoded.
struct uri {
  std::string transport;  ///< `tcp`, `tcps`, `ws`, `wss`, `unix`; not judged
  std::optional<std::string> user, password;
  std::string host;  ///< an IPv6 address without its brackets (AMPS-FRAME-019)
  std::uint16_t port = 0;
  std::vector<std::string> extra;  ///< path segments in front of the protocol
  std::string protocol;            ///< `amps`, or the legacy `fix`, `nvfix`, `xml`
  std::optional<std::string> message_type;
  std::vector<std::pair<std::string, std::string>> options;  ///< in their order; names are not judged

  bool operator==(const uri&) const = default;
};

/// bad_uri at the first wrong octet (AMPS-FRAME-020). The user part ends at the last `@` in front of the next `/`, the
/// password begins behind its first `:`.
wire::result<uri> parse_uri(std::string_view text);

}  // namespace ampspec::amps
