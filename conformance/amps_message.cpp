// Takes AMPS messages apart with the reference's scanner, and tells their keys as they were written.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/amps_message.hpp"

#include "conformance/matching.hpp"
#include "reference/amps/frame.hpp"
#include "reference/amps/header_scanner.hpp"
#include "reference/amps/json.hpp"

#include <algorithm>
#include <array>

namespace ampspec::conformance {
namespace {

// Names that not every client knows, of fields that all know by another (AMPS-HDR-007).
constexpr std::array<std::string_view, 9> unsafe_names{"password", "message_type", "v",           "correlation_id", "f",
                                                       "sow_key",  "timestamp",    "leaseperiod", "msg_len"};

std::string told_key(const std::string& name) {
  const auto field = amps::field_named(name);
  if (!field || !amps::names_of(*field).safe) return name;
  if (std::find(unsafe_names.begin(), unsafe_names.end(), name) != unsafe_names.end()) return name;
  return std::string(amps::names_of(*field).written);
}

std::string without_leading_zeros(std::string digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return digits;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

// The keys of a header that the scanner has found to be one.
plain_box told_header(std::string_view text) {
  plain_box box;
  const auto parsed = amps::json_document::parse(text);
  if (!parsed) return box;  // raw control characters: AMPS has them on TCP, JSON has not
  for (std::size_t i = 1; i < parsed->nodes().size(); i = (*parsed)[i].next) {
    auto key = told_key(parsed->name(i));
    auto value = parsed->scalar_text(i);
    const auto field = amps::field_named(key);
    if (field == amps::field::command) {
      if (const auto full = amps::full_word(amps::command_named(value)); !full.empty()) value = full;
    } else if (field && amps::names_of(*field).kind != amps::field_kind::text) {
      value = without_leading_zeros(std::move(value));
    }
    box.emplace_back(std::move(key), std::move(value));
  }
  return box;
}

std::uint32_t length_at(std::string_view octets, std::size_t at) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < amps::prefix_size; ++i) length = length << 8 | static_cast<unsigned char>(octets[at + i]);
  return length;
}

std::string in_words(const amps::scanned& end, std::size_t offset) {
  return make_error_code(end.code).message() + " at octet " + std::to_string(offset + end.size) + " of it (" +
         std::string(end.broken) + ")";
}

}  // namespace

const std::string* value_in(const plain_box& box, std::string_view key) {
  const auto found = std::find_if(box.begin(), box.end(), [&](const auto& pair) { return pair.first == key; });
  return found == box.end() ? nullptr : &found->second;
}

header_at_head head_of_message(std::string_view octets) {
  std::size_t at = 0;
  for (;; at += amps::prefix_size) {
    if (octets.size() - at < amps::prefix_size) return {};
    if (length_at(octets, at) != 0) break;
  }
  const std::uint64_t length = length_at(octets, at);
  at += amps::prefix_size;
  header_at_head made;
  if (length > amps::default_limit) {
    made.wrong = "a message of " + std::to_string(length) + " octets, above the limit (AMPS-LIMIT-002)";
    return made;
  }
  const auto here = octets.substr(at, static_cast<std::size_t>(length));
  amps::header_view fields;
  std::string unescaped;
  const auto scanned = amps::scan_header(here, fields, unescaped);
  if (!scanned.ok()) {
    if (here.size() == length) made.wrong = "a message whose header is wrong: " + in_words(scanned, 0);
    return made;
  }
  if (!fields.has(amps::field::command)) {
    made.wrong = "a message without a command (AMPS-HDR-018)";
    return made;
  }
  auto& told = made.message.emplace();
  told.written = here.substr(0, scanned.size);
  told.box = told_header(told.written);
  told.size = at + scanned.size;
  made.body_size = length - scanned.size;
  return made;
}

message_at_head first_message(std::string_view octets) {
  auto head = head_of_message(octets);
  if (!head.message || octets.size() - head.message->size < head.body_size)
    return {std::nullopt, std::move(head.wrong)};
  auto& told = *head.message;
  const auto size = static_cast<std::size_t>(head.body_size);
  told.box.emplace_back("body", octets.substr(told.size, size));
  told.size += size;
  return {std::move(head.message), {}};
}

told_records records_of(const told_message& batch) {
  told_records all;
  const auto* topic = value_in(batch.box, "t");
  const std::string_view body = *value_in(batch.box, "body");
  for (std::size_t at = 0; at < body.size();) {
    const std::string name = "record " + std::to_string(all.records.size() + 1);
    amps::header_view fields;
    std::string unescaped;
    const auto scanned = amps::scan_header(body.substr(at), fields, unescaped);
    if (!scanned.ok()) {
      all.wrong = name + " has no header: " + in_words(scanned, at) + " (AMPS-SOW-009)";
      return all;
    }
    const auto length = fields.read_number(amps::field::message_length);
    if (!length.good()) {
      all.wrong = name + " has no `l` (AMPS-SOW-008)";
      return all;
    }
    auto record = told_header(body.substr(at, scanned.size));
    at += scanned.size;
    if (length.value > body.size() - at) {
      all.wrong = name + " is longer than its frame: `l` is " + std::to_string(length.value) + ", and " +
                  std::to_string(body.size() - at) + " octets follow (AMPS-SOW-008)";
      return all;
    }
    std::erase_if(record, [](const auto& pair) { return pair.first == "l"; });
    if (topic != nullptr) record.insert(record.begin(), {"t", *topic});
    record.emplace_back("body", body.substr(at, static_cast<std::size_t>(length.value)));
    all.records.push_back(std::move(record));
    at += static_cast<std::size_t>(length.value);
  }
  return all;
}

namespace {

// A key as it stands if it is one that people read; others are cut as values are, and never make a report invalid.
std::string shown_key(const std::string& name) {
  const bool plain = !name.empty() && name.size() <= 40 &&
                     std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return plain ? name : show_octets(name);
}

class annotator {
 public:
  explicit annotator(std::string_view octets) : octets_(octets) {}

  std::vector<noted_field> all() && {
    while (at_ < octets_.size() && message()) {
    }
    return std::move(fields_);
  }

 private:
  void note(std::size_t size, std::string label) {
    size = std::min(size, octets_.size() - at_);
    fields_.push_back({at_, size, std::move(label)});
    at_ += size;
  }

  bool message() {
    if (octets_.size() - at_ < amps::prefix_size) {
      note(octets_.size() - at_, "a part of a length");
      return false;
    }
    const std::uint64_t length = length_at(octets_, at_);
    note(amps::prefix_size, "length " + std::to_string(length));
    if (length > amps::default_limit) {
      if (at_ < octets_.size()) note(octets_.size() - at_, "octets behind a length over the limit");
      return false;
    }
    const std::size_t end = std::min(octets_.size(), at_ + static_cast<std::size_t>(length));
    const bool cut = octets_.size() - at_ < length;
    bool batch = false;
    if (at_ < end && !header(end, batch)) {
      note(end - at_, cut && cut_short_ ? "the beginning of a message" : why_);
      return !cut;
    }
    while (batch && at_ < end && record(end, cut)) {
    }
    if (at_ < end) note(end - at_, std::string("body") + (cut ? ", cut" : ""));
    return !cut;
  }

  // One of a batch; false where no further one can be told.
  bool record(std::size_t end, bool frame_is_cut) {
    bool ignored = false;
    std::optional<std::uint64_t> length;
    if (!header(end, ignored, &length)) {
      note(end - at_, frame_is_cut && cut_short_ ? "the beginning of a record"
                                                 : "a record without a header (AMPS-SOW-009): " + why_);
      return false;
    }
    const auto left = end - at_;
    if (!length) {
      if (left > 0) note(left, "octets behind a record without `l` (AMPS-SOW-008)");
      return false;
    }
    if (*length > left) {
      const auto of = std::to_string(left) + " of " + std::to_string(*length) + " octets";
      fields_.push_back(
          {at_, left, "body of a record, " + of + (frame_is_cut ? ", cut" : ": the frame ends (AMPS-SOW-008)")});
      at_ = end;
      return false;
    }
    if (*length > 0) note(static_cast<std::size_t>(*length), "body of a record");
    return true;
  }

  // Each key with its value. False if there is no header: `why_` says it.
  bool header(std::size_t end, bool& is_batch, std::optional<std::uint64_t>* body = nullptr) {
    amps::header_view view;
    std::string unescaped;
    const auto text = octets_.substr(at_, end - at_);
    const auto scanned = amps::scan_header(text, view, unescaped);
    cut_short_ = scanned.code == amps::errc::header_cut;
    if (!scanned.ok()) {
      why_ = (scanned.code == amps::errc::no_header ? "" : "no header: ") + in_words(scanned, 0);
      return false;
    }
    is_batch = view.what() == amps::command::sow;
    if (const auto length = view.read_number(amps::field::message_length); body != nullptr && length.good())
      *body = length.value;
    const std::size_t finish = at_ + scanned.size;
    const auto parsed = amps::json_document::parse(text.substr(0, scanned.size));
    if (!parsed) {
      note(scanned.size, "header");
      return true;
    }
    const auto& nodes = parsed->nodes();
    for (std::size_t i = 1; i < nodes.size(); i = nodes[i].next) {
      // From the brace or comma in front to the end of the value, the last one with the closing brace.
      const auto& value = nodes[i];
      const auto from = static_cast<std::size_t>(value.text.data() - octets_.data());
      std::size_t stop = from + value.text.size() + (value.kind == amps::json_kind::string ? 1 : 0);
      if (nodes[i].next >= nodes.size()) stop = finish;
      note(stop - at_, shown_key(parsed->name(i)) + " " + show_octets(parsed->scalar_text(i)));
    }
    if (at_ < finish) note(finish - at_, "header");
    return true;
  }

  std::string_view octets_;
  std::size_t at_ = 0;
  std::vector<noted_field> fields_;
  std::string why_;         // the last header was none
  bool cut_short_ = false;  // since the octets ended within it
};

}  // namespace

std::vector<noted_field> annotate_amps(std::string_view octets) { return annotator(octets).all(); }

}  // namespace ampspec::conformance
