// Cases against a codec, behind its adapter or in this process.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "conformance/subject.hpp"
#include "reference/naive/box.hpp"
#include "runner/fuzzing/arena.hpp"
#include "runner/fuzzing/cases.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ampspec::runner::fuzzing {

/// A stream is decoded, and its first box encoded, as the naive implementation does it. Where a key may be refused or
/// win as the last one, both are right unless it is said which.
class codec : public arena {
 public:
  struct process {  ///< behind the adapter; nothing in this process
    std::function<std::uint64_t()> peak_rss_kib;
    std::function<std::string()> log;
  };
  codec(std::unique_ptr<conformance::codec_subject>, dialect, std::optional<bool> refuses_repeated_keys, process = {});

  played play(std::span<const std::string> cases, millis deadline) override;
  std::uint64_t peak_rss_kib() const override { return process_.peak_rss_kib ? process_.peak_rss_kib() : 0; }
  std::string log() const override { return process_.log ? process_.log() : std::string(); }
  std::string shape(std::string_view stream) const override;
  std::vector<std::string> smaller(const std::string& stream) const override;

 private:
  std::optional<difference> decode(const std::string& stream);
  std::optional<difference> encode(const std::string& stream);
  naive::format version() const { return dialect_ == dialect::amp2 ? naive::format::amp2 : naive::format::amp1; }

  std::unique_ptr<conformance::codec_subject> subject_;
  const dialect dialect_;
  const std::optional<bool> refuses_repeated_keys_;
  const process process_;
};

/// Streams of frames that say less.
std::vector<std::string> smaller_frames(const std::string& stream);

/// What the naive implementation makes of a stream: `clean`, `incomplete`, `reject(key-too-long)`, or `half a length`,
/// which it refuses and others may take for incomplete (AMP1-FRAME-014).
std::string outcome_of(std::string_view stream, dialect);

}  // namespace ampspec::runner::fuzzing
