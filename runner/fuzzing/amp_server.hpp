// Cases against a server of AMP over TCP or TLS.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "runner/fuzzing/amp_plan.hpp"
#include "runner/fuzzing/arena.hpp"
#include "runner/subjects/server.hpp"

#include <memory>

namespace ampspec::runner::fuzzing {

class amp_server : public arena {
 public:
  /// `tls`: connections are inside TLS from the first octet, whatever certificate is shown. Our end is close_notify and
  /// FIN then; where its own end lacks close_notify, that is not held against the server.
  amp_server(server& host, amp_rules rules, bool tls = false) : host_(host), rules_(std::move(rules)), tls_(tls) {}

  /// Asks what it makes of a repeated key, where the rules do not say. Throws mishap where it does not answer a
  /// known-good call, or has no TLS though it should.
  void calibrate(millis deadline);

  played play(std::span<const std::string> cases, millis deadline) override;
  std::uint64_t peak_rss_kib() const override { return host_.peak_rss_kib(); }
  /// 16 KiB for each call that nobody released: the test service keeps those of connections that have ended.
  std::uint64_t kept_kib() const override { return 16 * never_released_; }
  std::string log() const override { return host_.log(); }
  std::string shape(std::string_view stream) const override { return shape_of(stream, rules_.version); }
  std::vector<std::string> smaller(const std::string& stream) const override;

  const amp_rules& rules() const { return rules_; }
  /// The plan that a stream on its own gets.
  amp_plan plan(const std::string& stream) const { return plan_of(std::span(&stream, 1), rules_); }

 private:
  std::optional<difference> play(const amp_plan&, millis deadline);
  difference gone(const conformance::mishap&);

  server& host_;
  amp_rules rules_;
  const bool tls_;
  std::uint64_t generation_ = 0;      // of the process in use; 0: it is to be started
  bool met_ = false;                  // the last play had a connection
  std::uint64_t never_released_ = 0;  // calls of `Defer`
  std::vector<std::string> before_;   // the cases of the last play
};

/// Streams of boxes that say less: without a box, without a pair, with shorter keys and values, cut, with plainer
/// octets.
std::vector<std::string> smaller_boxes(const std::string& stream, naive::format);

}  // namespace ampspec::runner::fuzzing
