// Property: a token works once, for its owner's time, and says nothing of itself when it does not.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/bulk/token_store.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace ampspec::fuzz {
namespace {

// Not one that keeps secrets: different octets have different hashes, which is all that the store needs here.
class plain_hash : public bulk::hasher {
 public:
  void update(std::string_view octets) override { all_ += octets; }
  std::string finish() override { return all_; }

 private:
  std::string all_;
};

struct minted {
  std::string token;
  bulk::owner_id owner;
  bulk::instant expires;
  bool dead = false;
};

}  // namespace

void bulk_tokens(std::string_view input) {
  maker from(input);
  const bulk::store_limits limits{1 + from.below(4), static_cast<std::int64_t>(1 + from.below(8))};
  bulk::token_store store([] { return std::make_unique<plain_hash>(); }, limits);
  std::vector<minted> tokens;
  bulk::instant now = 1000;
  const auto live = [&](bulk::owner_id owner) {
    return static_cast<std::size_t>(std::count_if(
        tokens.begin(), tokens.end(), [&](const minted& m) { return m.owner == owner && !m.dead && m.expires > now; }));
  };
  while (!from.empty() && tokens.size() < 200) {
    const std::size_t op = from.below(6);
    const bulk::owner_id owner = from.below(3);
    switch (op) {
      case 0:
      case 1: {
        std::string random(bulk::token_store::random_octets, '\0');
        random[0] = static_cast<char>(tokens.size());
        bulk::grant what;
        what.owner = owner;
        what.resource = std::to_string(tokens.size());
        const bool full = live(owner) >= limits.live_per_owner;
        const auto token = store.mint(what, random, now);
        AMPSPEC_ORACLE("model", token.has_value() == !full);
        if (token) {
          AMPSPEC_ORACLE("model", token->size() == 43 && what.expires == now + limits.lifetime);
          tokens.push_back({*token, owner, what.expires});
        }
        break;
      }
      case 2: {
        if (tokens.empty()) break;
        const std::size_t i = from.below(std::min<std::size_t>(tokens.size(), 256));
        minted& m = tokens[i];
        const auto granted = store.present(m.token, now);
        AMPSPEC_ORACLE("model", granted.has_value() == (!m.dead && m.expires > now));
        if (granted) AMPSPEC_ORACLE("model", granted->resource == std::to_string(i) && granted->owner == m.owner);
        m.dead = true;
        break;
      }
      case 3:
        now += static_cast<bulk::instant>(from.below(4));
        break;
      case 4: {
        const auto seconds = static_cast<std::int64_t>(from.below(4));
        store.age(owner, seconds);
        for (minted& m : tokens) {
          if (m.owner == owner) m.expires -= seconds;
        }
        break;
      }
      default:
        store.revoke_owner(owner);
        for (minted& m : tokens) m.dead = m.dead || m.owner == owner;
    }
    AMPSPEC_ORACLE("model", store.live(owner, now) == live(owner));
  }
  AMPSPEC_ORACLE("model", !store.present("", now));
}

}  // namespace ampspec::fuzz
