// What a peer or an adapter shows to the world, the reference or the naive implementation, behind one interface.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reference/behaviour/conversation.hpp"
#include "reference/bulk/client.hpp"
#include "reference/bulk/http.hpp"
#include "reference/peer/amps_client.hpp"
#include "reference/wire/value.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ampspec::peer {

/// What octets on a connection may be; with what an AMPS codec reads besides (`amps.uri`).
enum class wire_protocol {
  amp1,
  amp2,
  amps,
  amps_uri,
  amps_options,
  amps_acks,
  amps_bookmark,
  amps_timestamp,
  amps_composite,
  amps_composite_of_2,
};
inline bool is_amps(wire_protocol as) { return as >= wire_protocol::amps; }
std::optional<wire_protocol> wire_protocol_named(std::string_view);

struct rejection {
  std::string word;  ///< the class, such as key-too-long
  std::optional<std::uint64_t> offset;
  std::string text;  ///< for people, may be empty
};

struct decoding {
  std::vector<behaviour::plain_box> boxes;
  bool incomplete = false;
  std::optional<rejection> refused;
};

struct encoding {
  std::string bytes;
  std::optional<rejection> refused;
};

/// What became of a typed value: it, or why it was refused, or the feature that is missing.
template <class T>
struct typed {
  T is{};
  std::optional<rejection> refused = {};
  std::string lacks = {};
};

class implementation {
 public:
  implementation() = default;
  implementation(const implementation&) = delete;
  implementation& operator=(const implementation&) = delete;
  virtual ~implementation() = default;

  virtual std::string_view name() const = 0;
  virtual std::vector<std::string_view> supports() const = 0;
  /// Decodes a stream handed over in pieces, each gone when the next comes; goes on after a refusal.
  virtual decoding decode(wire_protocol, const std::vector<std::string_view>& pieces) = 0;
  virtual encoding encode(wire_protocol, const behaviour::plain_box&) = 0;
  /// Typed values and whole boxes (docs/vector-format.md, parse and print).
  virtual typed<wire::value> parse(const wire::value_type&, std::string_view bytes);
  virtual typed<std::string> print(wire_protocol, const wire::value_type&, const wire::value&);
  virtual typed<wire::record_value> parse(const wire::value_schema&, const behaviour::plain_box&);
  virtual typed<behaviour::plain_box> print(wire_protocol, const wire::value_schema&, const wire::record_value&);
  /// The conversation of one more connection; all of them share the state of one test service.
  virtual std::shared_ptr<behaviour::asking_conversation> converse(wire_protocol) = 0;
  /// A client of AMPS, about to be connected.
  virtual std::shared_ptr<behaviour::asking_conversation> amps_client(const client_setup&) = 0;
  /// Bulk transfers: where the HTTPS listener is (`https://127.0.0.1:4433`), told before the first connection; one
  /// request to it; the rules of one transfer of our own.
  virtual void set_bulk_origin(std::string) = 0;
  virtual std::unique_ptr<bulk::http_exchange> serve_http() = 0;
  virtual std::unique_ptr<bulk::transfer_rules> transfer(bulk::direction) = 0;
  /// True if what one conversation hears may change the output of another (by a fault).
  virtual bool tangled() const { return false; }
};

/// The reference, or with `naive` or a `fault` the second implementation. Null, with the reason in `why`, if there is
/// no such fault. `max_box`: the largest box in octets that connections of the reference take; 0: what it has by
/// itself.
std::unique_ptr<implementation> make_implementation(bool naive, const std::string& fault, std::string& why,
                                                    std::uint64_t max_box = 0);

}  // namespace ampspec::peer
