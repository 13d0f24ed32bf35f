// Plays vectors over connections: with a server, to which we connect, or a client, which connects to us.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/wire_play.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace ampspec::conformance {
namespace {

// Vectors that use the same topics of one server can't be played at once.
class topic_locks {
 public:
  explicit topic_locks(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());  // all in one order, so that nobody waits for ever
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const auto& name : names) held_.emplace_back(mutex_of(name));
  }

 private:
  static std::mutex& mutex_of(const std::string& name) {
    static std::mutex all;
    static std::map<std::string, std::mutex> mutexes;
    const std::lock_guard lock(all);
    return mutexes[name];
  }
  std::vector<std::unique_lock<std::mutex>> held_;
};

check_result run_on(const check& c, world w, const settings& s, patience& p) {
  judge j(c, s);
  // AMPS has topics for all connections: the same vector, or one that holds the same topics, would mix in.
  std::vector<std::string> shared;
  if (w.server && c.vector->protocol == "amps") {
    shared = c.vector->holds;
    shared.push_back(c.vector->id);
    // Two that move hundreds of megabytes at once would wait for each other, and be taken for slow.
    if (c.vector->level == vectors::tier::large) shared.emplace_back("tier large");
  }
  const topic_locks locks(std::move(shared));
  std::uint64_t sent = 0;
  std::vector<vectors::field> fields;
  std::vector<std::uint64_t> borders;
  bool shook_hands = false;
  const auto once = [&](recorder& r, const cutting& cut) {
    wire_play play(c, w, s, p, j, r, cut);
    if (const auto* steps = std::get_if<vectors::steps_kind>(&c.vector->kind)) {
      play.steps(steps->play.at(c.role));
    } else if (const auto* decode = std::get_if<vectors::decode_kind>(&c.vector->kind)) {
      play.decode(*decode);
    } else {
      throw mishap(mishap::kind::harness, "role", "this kind of vector can't be played over a connection");
    }
    sent = play.sent;
    shook_hands = play.shook_hands;
    fields = std::move(play.fields);
    borders = std::move(play.borders);
  };
  bool going_on = j.play("whole", [&](recorder& r) { once(r, {}); });
  // What matters of a bulk transfer happens beside the AMP connection.
  if (going_on && c.vector->cut && !s.one_play && c.vector->protocol != "bulk") {
    segmentation_limits limits;
    limits.single_octets_up_to = 1024;  // each octet is a round trip through the kernel
    limits.field_cuts = 32;
    limits.seeded_cuts = 16;
    if (c.vector->protocol == "amps") {  // each play has logons besides, and there are no short length fields
      const auto& cited = c.vector->cites;
      const bool about_cuts = std::any_of(cited.begin(), cited.end(), [](const std::string& id) {
        return id == "AMPS-FRAME-008" || id == "AMPS-WS-015";
      });
      if (!about_cuts) limits.every_cut_up_to = 0;
      limits.single_octets_up_to = 512;
      limits.field_cuts = 6;
      limits.seeded_cuts = 4;
    }
    if (shook_hands) {
      limits.every_cut_up_to = 0;
      limits.field_cuts = 8;
      limits.seeded_cuts = 4;
    }
    for (const auto& cut : segmentations(sent, fields, borders, s.seed, limits)) {
      if (!j.play(name_of(cut), [&](recorder& r) { once(r, cut); })) break;
    }
  }
  return j.finish();
}

// A known-good exchange is a fence on a fresh connection: a vector without steps.
bool answers_a_fence(const check& like, world w, const settings& s, patience& p) {
  vectors::vector v;
  v.protocol = like.vector->protocol;
  v.roles = {like.role};
  v.fixture = like.vector->fixture;
  v.opening = v.fixture != "users";  // who those are is the vectors' business
  vectors::steps_kind nothing;
  nothing.play.set(like.role, {});
  v.kind = std::move(nothing);
  return run_on({&v, like.role, {}, "", like.transport}, w, s, p).what == verdict::pass;
}

}  // namespace

check_result run(const check& c, server_subject& server, const settings& s, patience& p) {
  server.speak(vectors::wire_protocol_of(c.vector->protocol));
  server.serve_as(c.vector->fixture, c.transport);
  return run_on(c, {&server, nullptr}, s, p);
}
check_result run(const check& c, client_subject& client, const settings& s, patience& p) {
  client.speak(vectors::wire_protocol_of(c.vector->protocol));
  return run_on(c, {nullptr, &client}, s, p);
}

bool canary_answers(const check& like, server_subject& server, const settings& s, patience& p) {
  server.speak(vectors::wire_protocol_of(like.vector->protocol));
  server.serve_as(like.vector->fixture, like.transport);
  return answers_a_fence(like, {&server, nullptr}, s, p);
}
bool canary_answers(const check& like, client_subject& client, const settings& s, patience& p) {
  client.speak(vectors::wire_protocol_of(like.vector->protocol));
  return answers_a_fence(like, {nullptr, &client}, s, p);
}

}  // namespace ampspec::conformance
