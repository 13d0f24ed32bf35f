// The table of fault names.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/faults.hpp"

namespace ampspec::naive {

const std::vector<std::string_view>& fault_names() {
  static const std::vector<std::string_view> names = {
      "key-limit-missing", "key-limit-off-by-one", "key-limit-255-refused", "key-limit-first-key-only",
      "key-limit-first-box-only", "signed-value-length", "value-length-low-octet", "value-length-swapped",
      "value-65535-refused", "empty-value-ends-box", "empty-value-dropped", "key-cut-at-nul", "key-case-folded",
      "key-trimmed", "value-cut-at-nul", "terminator-in-value", "repeated-key-first-wins", "repeated-key-both",
      "one-box-per-read", "box-again-after-split", "split-length-lost", "cut-box-delivered", "cut-box-clean",
      "clean-end-incomplete", "boxes-before-reject-lost", "parses-after-reject", "boxes-again-after-reject",
      "empty-box-skipped", "pairs-limited-to-255", "box-limited-to-64k", "waits-for-second-octet",
      "value-read-past-read", "encodes-long-key", "encodes-empty-key", "encodes-long-value",
      "encodes-without-empty-values", "encodes-without-terminator", "encodes-length-little-endian", "encodes-key-twice",
      "encodes-value-32768-refused", "encodes-key-cut-at-nul", "encodes-value-65535-refused", "sends-preamble",
      "sends-empty-box", "box-limit-closes-late", "stays-open-after-reject", "unknown-underscore-key-refused",
      "answers-twice", "never-answers", "tag-case-folded", "tag-as-number", "tag-cut-at-255", "tag-utf8-only",
      "answers-without-ask", "errors-without-ask", "closes-without-ask", "note-never-answered", "unhandled-silent",
      "unhandled-as-unknown", "unhandled-without-description", "unhandled-closes", "non-ascii-command-drops",
      "empty-command-drops", "command-case-folded", "command-cut-at-nul", "declared-error-closes",
      "declared-error-as-unknown", "fatal-stays-open", "fatal-without-box", "failure-silent", "failure-code-wrong",
      "stays-open-after-unknown", "bad-argument-silent", "missing-argument-is-zero", "long-response-silent",
      "bad-response-silent", "extra-argument-refused", "description-not-utf8", "answers-in-order",
      "drops-answers-above-64", "tags-shared-between-directions", "never-asks", "duplicate-ask-merged",
      "kindless-box-ignored", "kindless-box-answered", "empty-box-ignored", "ask-without-command-answered",
      "executes-after-loss-crash", "empty-ask-is-none", "starts-requests-in-reverse", "tag-never-again",
      "long-error-text-closes", "unknown-leaks-text", "unsolicited-answer-executes", "tags-shared-between-connections",
      "serves-one-at-a-time", "long-value-breaks-connection", "pending-tag-reused", "tags-decimal",
      "answers-matched-in-order", "tags-compared-as-numbers", "unknown-tag-completes", "second-answer-completes",
      "error-without-code-hangs", "unhandled-not-told-apart", "declared-not-told-apart", "bad-description-closes",
      "undecodable-answer-closes", "undecodable-answer-succeeds", "unknown-response-key-refused", "lost-calls-hang",
      "lost-calls-end-twice", "call-after-loss-hangs", "cut-answer-completes", "no-answer-call-has-empty-ask",
      "undeclared-code-replaced", "empty-error-fields-missing", "boxes-interleave", "large-output-truncated",
      "key-length-low-octet", "signed-key-length", "value-length-of-signed-octets", "key-not-utf8-replaced",
      "value-not-utf8-replaced", "value-trimmed", "value-line-ends-changed", "keys-must-be-sorted",
      "box-waits-for-next-octet", "encodes-value-length-low-octet", "encodes-value-cut-at-nul",
      "encodes-value-cut-at-limit", "encodes-key-cut-at-limit", "encodes-key-case-folded", "reserved-keys-first",
      "answers-before-reject-lost", "tag-trimmed", "answer-has-ask-too", "error-without-tag", "closes-after-answer",
      "command-trimmed", "failure-closes-without-box", "undecodable-argument-is-zero", "argument-cut-at-junk",
      "bad-response-sent", "long-error-text-cut-inside-character", "mixed-kinds-both", "fin-ignored",
      "tags-wrap-at-255", "tags-from-zero", "tags-upper-case", "tags-compared-without-case", "answer-completes-all",
      "error-completes-as-answer", "description-lost", "no-answer-call-after-loss-hangs", "calls-one-at-a-time",
      "lost-calls-succeed", "integer-wraps-at-64-bits", "integer-wraps-at-32-bits", "integer-saturates",
      "integer-smallest-refused", "integer-sign-lost", "integer-octal", "integer-leading-zero-refused",
      "integer-hex-accepted", "integer-point-accepted", "integer-exponent-accepted", "integer-empty-is-zero",
      "integer-sign-alone-is-zero", "integer-cut-at-junk", "integer-true-is-one", "integer-foreign-digits-accepted",
      "integer-double-sign-accepted", "integer-blanks-accepted", "integer-underscores-accepted",
      "prints-integer-with-plus", "prints-integer-padded", "prints-integer-grouped", "prints-integer-through-double",
      "prints-integer-modulo-64-bits", "prints-fraction-truncated", "prints-fraction-with-point", "bytes-utf8-only",
      "bytes-cut-at-nul", "bytes-empty-refused", "prints-bytes-replaced", "prints-bytes-cut-at-nul",
      "text-overlong-accepted", "text-surrogates-accepted", "text-beyond-unicode-accepted",
      "text-wrong-octets-replaced", "text-cut-tail-dropped", "text-byte-order-mark-removed", "text-composed",
      "text-cut-at-nul", "text-as-latin-1", "prints-text-as-latin-1", "prints-nul-in-two-octets",
      "prints-surrogate-pairs", "prints-surrogates", "prints-surrogates-replaced", "prints-text-limit-in-characters",
      "prints-text-limit-of-16383", "prints-text-cut-at-limit", "prints-text-composed", "prints-byte-order-mark",
      "boolean-case-ignored", "boolean-digits-accepted", "boolean-else-false", "boolean-trimmed",
      "boolean-by-first-letter", "prints-boolean-lower-case", "prints-boolean-digits", "float-exponent-refused",
      "float-upper-e-refused", "float-plus-in-exponent-refused", "float-trailing-point-refused", "float-whole-refused",
      "float-inf-refused", "float-nan-refused", "float-infinity-sign-lost", "float-zero-sign-lost",
      "float-hex-accepted", "float-comma-accepted", "float-nan-payload-accepted", "float-cut-at-junk",
      "float-snan-accepted", "float-empty-is-zero", "float-overflow-is-largest", "float-underflow-refused",
      "float-truncates", "float-ties-away", "float-rounded-twice", "float-digits-ignored", "float-scaled-in-doubles",
      "float-subnormals-are-zero", "float-through-single", "prints-float-fixed", "prints-float-six-digits",
      "prints-float-fifteen-digits", "prints-float-sixteen-digits", "prints-float-in-hex", "prints-float-comma",
      "prints-float-zero-sign-lost", "prints-nan-sign", "prints-nan-payload", "prints-infinity-long",
      "prints-nan-in-capitals", "decimal-normalised", "decimal-through-double", "decimal-expanded",
      "decimal-zero-sign-lost", "decimal-zero-exponent-lost", "decimal-nan-refused", "decimal-snan-traps",
      "decimal-snan-is-nan", "decimal-nan-sign-lost", "decimal-infinity-refused", "decimal-empty-is-zero",
      "decimal-hex-accepted", "decimal-cut-at-junk", "decimal-foreign-digits-accepted", "decimal-lower-e-refused",
      "decimal-plus-refused", "decimal-rounded-to-28-digits", "decimal-exponent-clamped", "prints-decimal-plain",
      "prints-decimal-coefficient", "prints-decimal-lower-e", "prints-decimal-without-plus",
      "prints-decimal-infinity-short", "prints-decimal-snan-as-nan", "prints-decimal-comma", "datetime-z-accepted",
      "datetime-without-fraction-accepted", "datetime-offset-without-colon-accepted", "datetime-days-to-31-accepted",
      "datetime-day-zero-accepted", "datetime-month-zero-accepted", "datetime-month-13-accepted",
      "datetime-year-zero-accepted", "datetime-hour-24-accepted", "datetime-minute-60-accepted",
      "datetime-second-60-accepted", "datetime-sign-unchecked", "datetime-leap-by-four", "datetime-no-leap-centuries",
      "datetime-no-leap-days", "datetime-offset-sign-lost", "datetime-moved-to-utc", "datetime-offset-hours-only",
      "datetime-wide-offsets-refused", "datetime-before-1970-refused", "datetime-after-2038-refused",
      "datetime-minus-zero-refused", "datetime-plus-zero-refused", "datetime-separators-unchecked",
      "datetime-columns-lax", "datetime-offset-minutes-unchecked", "datetime-day-offsets-accepted",
      "datetime-month-zero-based", "datetime-milliseconds", "datetime-microseconds-lost", "prints-month-zero-based",
      "prints-milliseconds", "prints-microseconds-unpadded", "prints-offset-sign-lost", "prints-offset-floored",
      "prints-utc-digits", "prints-utc-as-z", "prints-offset-without-colon", "prints-time-behind-blank",
      "prints-year-unpadded", "prints-naive-as-utc", "prints-wide-year", "prints-day-offset", "prints-nanoseconds",
      "prints-nanosecond-carry-lost", "prints-offset-seconds", "path-ascii-only", "path-as-latin-1",
      "path-escapes-read", "prints-path-escaped", "list-tail-dropped", "list-dangling-octet-ignored",
      "list-empty-is-one-empty", "list-with-count", "list-length-swapped", "list-length-signed",
      "list-empty-elements-dropped", "list-bad-element-skipped", "list-bad-element-ends", "prints-list-with-count",
      "prints-list-with-terminator", "prints-empty-list-as-one-empty", "prints-list-without-empty-elements",
      "prints-list-over-limit", "prints-list-length-wrapped", "prints-list-cut-at-limit", "prints-list-65533-refused",
      "prints-nested-lists-flat", "list-nested-read-flat", "records-tail-dropped", "records-long-key-ignored",
      "records-long-key-accepted", "records-empty-is-one-record", "records-empty-record-dropped",
      "records-unknown-key-refused", "records-missing-key-default", "records-optional-required",
      "records-bad-value-dropped", "records-end-at-zeros", "prints-records-without-last-terminator",
      "prints-records-with-lengths", "prints-empty-record-dropped", "prints-missing-key-as-empty",
      "prints-nested-records-once", "optional-absent-is-empty", "prints-optional-as-empty", "optional-empty-is-absent",
      "prints-empty-as-absent", "optional-empty-number-is-absent", "optional-empty-number-is-zero",
      "names-hyphen-changed", "names-capitalised", "names-case-folded", "reserved-names-accepted",
      "calls-without-mandatory", "calls-with-undeclared",
      // --- Protocol switch and StartTLS
      // --- BigString
      // --- AMPv2
      // --- Streams
      "stream-open-id-is-no-integer", "stream-write-answers-size", "stream-ids-equal", "stream-ids-reused",
      "stream-ids-shared-by-directions", "stream-data-as-text", "stream-data-65535-refused", "stream-data-cut-at-nul",
      "stream-zero-length-dropped", "stream-zero-length-ends", "stream-zero-length-refused", "stream-chunks-merged",
      "stream-chunks-in-reverse", "stream-chunks-into-latest", "stream-loses-100th-chunk", "stream-empty-unknown",
      "stream-stall-stops-streams", "stream-stall-stops-commands", "stream-never-withholds",
      "stream-pipelined-in-reverse", "stream-unknown-accepted", "stream-unknown-lands",
      "stream-write-after-close-accepted", "stream-close-aborts", "stream-second-close-accepted",
      "stream-second-take-succeeds", "stream-loss-is-complete", "stream-limit-missing", "stream-limit-closes",
      "stream-bad-id-lands", "stream-commands-wait", "stream-unasked-write-lost", "stream-abort-keeps",
      "stream-close-overtakes-write", "stream-writer-small-ids", "stream-writer-zero-is-no-id",
      "stream-writer-does-not-split", "stream-writer-two-outstanding", "stream-writer-never-waits",
      "stream-writer-skips-octet", "stream-writer-empty-opens-nothing", "stream-writer-stalls-calls",
      "stream-writer-needs-close", "stream-writer-loss-is-done", "stream-writer-ignores-refusal",
      // --- Bulk transfer
      // --- AMPS
  };
  return names;
}

std::string_view name_of(fault f) { return fault_names().at(static_cast<std::size_t>(f)); }

std::optional<fault> fault_named(std::string_view name) {
  for (std::size_t i = 0; i < fault_names().size(); ++i) {
    if (fault_names()[i] == name) return static_cast<fault>(i);
  }
  return std::nullopt;
}

}  // namespace ampspec::naive
