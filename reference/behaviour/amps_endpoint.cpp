// Takes messages apart for the fault and puts together what it makes of them.
// SPDX-License-Identifier: Apache-2.0
#include "reference/behaviour/amps_endpoint.hpp"

#include "reference/amps/header_scanner.hpp"
#include "reference/amps/header_writer.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::behaviour {

namespace {

/// The records of a batch, as far as they can be told apart.
std::optional<std::vector<amps::outgoing_record>> records_in(std::string_view rest) {
  std::vector<amps::outgoing_record> all;
  while (!rest.empty()) {
    amps::header_view fields;
    std::string unescaped;
    const auto scanned = amps::scan_header(rest, fields, unescaped);
    const auto length = scanned.ok() ? fields.read_number(amps::field::message_length) : amps::number();
    if (!scanned.ok() || !length.good() || length.value > rest.size() - scanned.size) return std::nullopt;
    const auto size = static_cast<std::size_t>(length.value);
    all.push_back({std::string(rest.substr(0, scanned.size)), amps::make_payload(rest.substr(scanned.size, size))});
    rest.remove_prefix(scanned.size + size);
  }
  return all;
}

amps::outgoing_message outgoing_from(const amps_message& m) {
  using form = amps::outgoing_message::form;
  amps::outgoing_message made;
  const auto header = amps_header_text(m);
  const auto size = header.size() + m.rest.size();
  for (const int shift : {24, 16, 8, 0}) made.head += static_cast<char>(size >> shift & 0xFF);
  made.head += header;
  if (m.is("sow")) {
    if (auto records = records_in(m.rest)) {
      made.what = form::batch;
      made.records = *std::move(records);
      return made;
    }
  }
  if (!m.rest.empty() || m.is("p") || m.is("publish") || m.is("oof")) {
    made.what = form::with_body;
    made.body = amps::make_payload(m.rest);
  }
  return made;
}

}  // namespace

amps_endpoint::amps_endpoint(const std::shared_ptr<amps::broker>& shared, std::string_view message_type,
                             std::unique_ptr<amps_fault> fault, amps_conversation::clock now)
    : broker_(shared), session_(shared, message_type), fault_(std::move(fault)), now_(std::move(now)) {}

void amps_endpoint::receive(const amps::header_view& header, amps::payload body) {
  if (now_) broker_->advance(now_());
  std::string text;
  // A header can be read and not be written: no business of the fault.
  if (!fault_ || amps::write_header(header, text)) return session_.receive(header, std::move(body));
  for (const auto& m : fault_->in(amps_message_from(text, amps::octets_of(body)))) {
    amps::header_view fields;
    std::string unescaped;
    const auto changed = amps_header_text(m);
    if (!amps::scan_header(changed, fields, unescaped).ok()) continue;
    session_.receive(fields, amps::make_payload(m.rest));
    take_output();
  }
}

bool amps_endpoint::must_wait(const amps::header_view& header) {
  if (session_.wants_close() || !broker_->congested() || !amps::broker_session::publishes(header)) return false;
  session_.await_room();
  return true;
}

void amps_endpoint::lost() {
  session_.lost();
  changed_.clear();
}

const amps::outgoing_message* amps_endpoint::front() {
  if (!fault_) return session_.front();
  take_output();
  return changed_.empty() ? nullptr : &changed_.front();
}

void amps_endpoint::pop_front() {
  if (fault_) {
    changed_.pop_front();
  } else {
    session_.pop_front();
  }
}

void amps_endpoint::take_output() {
  while (const auto* next = session_.front()) {
    std::string rest(amps::octets_of(next->body));
    for (const auto& record : next->records) rest.append(record.header).append(amps::octets_of(record.body));
    auto m = amps_message_from(next->header(), rest);
    session_.pop_front();
    for (const auto& changed : fault_->out(std::move(m))) changed_.push_back(outgoing_from(changed));
  }
}

}  // namespace ampspec::behaviour
