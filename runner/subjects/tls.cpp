// Our end of a handshake, done or spoiled, and the octets inside.
// SPDX-License-Identifier: Apache-2.0
#include "runner/subjects/tls.hpp"

#include "reference/peer/tls_engine.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace ampspec::runner {

namespace {

using clock = std::chrono::steady_clock;
using conformance::arrival;
using conformance::millis;
using conformance::tls_outcome;
using spoil = vectors::start_tls_step::spoil;

millis left_until(clock::time_point until) {
  return std::max(std::chrono::ceil<millis>(until - clock::now()), millis(0));
}

/// True if a TLS record may begin so: its type is one of 20 to 23.
bool may_be_tls(std::string_view octets) { return octets.empty() || (octets.front() >= 20 && octets.front() <= 23); }

/// What we say where a handshake should stand.
std::string_view spoiled(spoil how) {
  using namespace std::literals;
  return how == spoil::garbage ? "this is no TLS record"sv
         : how == spoil::alert ? "\x15\x03\x03\x00\x02\x02\x28"sv  // fatal, handshake_failure
                               : ""sv;
}

class tls_connection final : public conformance::connection {
 public:
  tls_connection(std::unique_ptr<connection> inner, std::shared_ptr<const peer::tls_identity> identity)
      : inner_(std::move(inner)), identity_(std::move(identity)) {}

  tls_outcome start_tls(const conformance::tls_opening& how, millis deadline) override {
    const auto until = clock::now() + deadline;
    if (!may_be_tls(how.came)) return over({tls_outcome::kind::clear, {}, how.came});
    if (how.spoil != spoil::nothing) return spoil_it(how, until);
    const auto side = how.as_client ? peer::tls_side::client : peer::tls_side::server;
    engine_ = std::make_unique<peer::tls_engine>(side, false, identity_);
    inner_->send(how.in_front + take_output(), left_until(until));
    std::string came = how.came;
    bool checked = !came.empty();
    while (true) {
      engine_->receive(came);
      flush(left_until(until));
      if (engine_->failed()) return over({tls_outcome::kind::ended, "the handshake failed: " + engine_->error(), {}});
      if (engine_->established()) return {tls_outcome::kind::secured, engine_->shown(), {}};
      auto more = inner_->receive(left_until(until));
      if (more.what == arrival::kind::nothing) return over({tls_outcome::kind::nothing, {}, {}});
      if (more.what == arrival::kind::closed) {
        return over({tls_outcome::kind::ended, "the connection ended inside the handshake", {}});
      }
      came = std::move(more.bytes);
      if (!std::exchange(checked, true) && !may_be_tls(came)) return over({tls_outcome::kind::clear, {}, came});
    }
  }

  void send(std::string_view bytes, millis deadline) override {
    if (!engine_) return inner_->send(bytes, deadline);
    engine_->send(bytes);
    flush(deadline);
  }
  void settle() override { inner_->settle(); }

  arrival receive(millis deadline) override {
    if (over_) return {arrival::kind::closed, {}, false};
    if (!engine_) return inner_->receive(deadline);
    const auto until = clock::now() + deadline;
    while (true) {
      std::string plain;
      while (auto piece = engine_->next_plain()) plain += *piece;
      flush(left_until(until));
      if (!plain.empty()) return {arrival::kind::octets, std::move(plain), false};
      if (engine_->failed()) return {arrival::kind::closed, {}, was_reset_};
      // Its farewell is answered by ours: it may wait for that before it lets the connection go.
      if (engine_->peer_closed() && !std::exchange(answered_farewell_, true)) half_close();
      auto more = inner_->receive(left_until(until));
      if (engine_->peer_closed() && more.what != arrival::kind::octets) {
        return {arrival::kind::closed, {}, more.was_reset};
      }
      if (more.what == arrival::kind::nothing) return {};
      if (more.what == arrival::kind::closed) {
        was_reset_ = more.was_reset;
        engine_->finish();
      } else {
        engine_->receive(more.bytes);
      }
    }
  }

  void half_close() override {
    say_farewell();
    inner_->half_close();
  }
  void close() override {
    say_farewell();
    inner_->close();
  }
  void reset() override { inner_->reset(); }

 private:
  std::string take_output() {
    std::string out(engine_->output());
    engine_->sent(out.size());
    return out;
  }
  void flush(millis deadline) {
    if (const auto out = take_output(); !out.empty()) inner_->send(out, deadline);
  }
  void say_farewell() {
    if (!engine_) return;
    engine_->close();
    flush(millis(100));
  }
  tls_outcome over(tls_outcome outcome) {
    over_ = true;
    return outcome;
  }

  // The peer must end the connection; what it sends meanwhile are records of its own handshake.
  tls_outcome spoil_it(const conformance::tls_opening& how, clock::time_point until) {
    const std::string first = how.in_front + std::string(spoiled(how.spoil));
    if (!first.empty()) inner_->send(first, left_until(until));
    if (how.spoil == spoil::close) inner_->half_close();
    bool checked = !how.came.empty();
    while (true) {
      const auto more = inner_->receive(left_until(until));
      if (more.what == arrival::kind::nothing) return over({tls_outcome::kind::nothing, {}, {}});
      if (more.what == arrival::kind::closed) {
        return over({tls_outcome::kind::ended, "the connection was closed instead of a handshake", {}});
      }
      if (!std::exchange(checked, true) && !may_be_tls(more.bytes)) {
        return over({tls_outcome::kind::clear, {}, more.bytes});
      }
    }
  }

  std::unique_ptr<connection> inner_;
  std::shared_ptr<const peer::tls_identity> identity_;
  std::unique_ptr<peer::tls_engine> engine_;
  bool over_ = false, was_reset_ = false, answered_farewell_ = false;
};

}  // namespace

std::unique_ptr<conformance::connection> with_tls(std::unique_ptr<conformance::connection> inner,
                                                  std::shared_ptr<const peer::tls_identity> identity) {
  return std::make_unique<tls_connection>(std::move(inner), std::move(identity));
}

void begin_tls(conformance::connection& link, const std::string& whom, millis deadline) {
  using conformance::mishap;
  conformance::tls_opening how;
  how.as_client = true;
  const auto done = link.start_tls(how, deadline);
  switch (done.what) {
    case tls_outcome::kind::secured:
      return;
    case tls_outcome::kind::nothing:
      throw mishap(mishap::kind::timeout, "tls", "no TLS with " + whom + " in time");
    case tls_outcome::kind::clear:
      throw mishap(mishap::kind::fault, "tls", "no TLS with " + whom + ": what it says is no TLS record");
    case tls_outcome::kind::ended:
      break;
  }
  throw mishap(mishap::kind::fault, "tls", "no TLS with " + whom + ": " + done.text);
}

}  // namespace ampspec::runner
