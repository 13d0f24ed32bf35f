// The fixture, written out.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/broker_config.hpp"

namespace ampspec::amps {

broker_config conformance_fixture(fixture_options options) {
  const std::vector<path> id{*path::of("/id")};
  broker_config made;
  made.topics.push_back({.name = "conf/sow", .sow = true, .key_fields = id, .expiration = true});
  made.topics.push_back({.name = "conf/sowkey", .sow = true, .key_fields = {}});
  made.topics.push_back({.name = "conf/logsow", .sow = true, .key_fields = id, .logged = options.logged});
  if (options.logged) {
    made.topics.push_back({.name = "conf/log", .key_fields = {}, .logged = true});
    made.topics.push_back({.name = "conf/queue", .key_fields = {}, .logged = true, .queue = queue_config{}});
  }
  made.authentication = options.authentication;
  made.users = {{"alice", "secret"}, {"bob", "hunter2"}};
  made.denials = {{"conf/secret", "bob"}};
  return made;
}

}  // namespace ampspec::amps
