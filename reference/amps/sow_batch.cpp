// Reading and writing the records of a batch.
// SPDX-License-Identifier: Apache-2.0
#include "reference/amps/sow_batch.hpp"

#include "reference/amps/header_scanner.hpp"
#include "reference/amps/header_writer.hpp"

namespace ampspec::amps {

sow_reader::sow_reader(const header_view& common, std::string_view payload, std::uint64_t offset)
    : common_(common), payload_(payload), offset_(offset) {
  common_.erase(field::message_length);  // a length there says nothing about any record
}

std::optional<sow_record> sow_reader::next() {
  if (error_ || at_ == payload_.size()) return std::nullopt;  // AMPS-SOW-009
  record_ = common_;
  const scanned s = scan_header(payload_.substr(at_), record_, unescaped_);
  if (!s.ok()) return fail(s.code, at_ + s.size, "AMPS-SOW-056");
  const number length = record_.read_number(field::message_length);
  if (length.bad()) return fail(errc::bad_number, at_, "AMPS-HDR-038");
  if (!length.good()) return fail(errc::record_without_length, at_, "AMPS-SOW-056");
  const std::size_t body_at = at_ + s.size;
  if (length.value > payload_.size() - body_at) return fail(errc::record_too_long, at_, "AMPS-SOW-056");
  const std::string_view body = payload_.substr(body_at, static_cast<std::size_t>(length.value));
  at_ = body_at + body.size();
  return sow_record{record_, body};
}

std::nullopt_t sow_reader::fail(errc code, std::size_t at, wire::requirement_id broken) {
  error_ = wire::failure{code, offset_ + at, broken};
  return std::nullopt;
}

std::optional<wire::failure> append_record(const header_view& record, std::string_view body, std::string& payload) {
  const header length = header().set(field::message_length, body.size());
  header_view fields = record;
  fields.set(field::message_length, length[field::message_length]);
  if (auto failure = write_object(fields, payload)) return failure;
  payload.append(body);
  return std::nullopt;
}

}  // namespace ampspec::amps
