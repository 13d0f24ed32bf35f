// Frames and headers, read token by token, and the places where a fault of the codec acts.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/amps_codec.hpp"

#include "reference/naive/text.hpp"

#include <algorithm>
#include <array>

namespace ampspec::naive {

using enum fault;

namespace {

struct name_row {
  std::string name;                 // the short one
  std::vector<std::string> others;  // AMPS-HDR-006
  int width = 0;                    // of a number: 32 or 64 bits; 0: a text
};

const std::vector<name_row>& name_table() {
  static const std::vector<name_row> rows = {
      {"c", {"cmd"}},
      {"t", {"topic"}},
      {"cid", {"cmd_id"}},
      {"a", {"ack", "ack_type"}},
      {"client_name", {}},
      {"user_id", {}},
      {"pw", {"auth_key", "password"}},
      {"mt", {"message_type"}},
      {"version", {"v"}},
      {"x", {"correlation_id"}},
      {"opts", {"o"}},
      {"filter", {"f"}},
      {"orderby", {"order_by"}},
      {"sub_id", {}},
      {"sids", {"sub_ids"}},
      {"query_id", {}},
      {"bs", {"batch_size"}, 32},
      {"top_n", {}, 32},
      {"k", {"sow_key"}},
      {"sow_keys", {}},
      {"e", {"expiration"}, 32},
      {"s", {"seq"}, 64},
      {"bm", {"bookmark"}},
      {"ts", {"timestamp"}},
      {"lp", {"leaseperiod"}},
      {"l", {"msg_len"}, 32},
      {"gseq", {"group_seq_num"}, 32},
      {"status", {}},
      {"reason", {}},
      {"matches", {}, 32},
      {"topic_matches", {}, 32},
      {"records_returned", {}, 32},
      {"records_inserted", {}, 32},
      {"records_updated", {}, 32},
      {"records_deleted", {}, 32},
      {"heartbeat", {}},
      {"timeout_interval", {}, 32},
      {"data_only", {}},
      {"send_empty", {}},
      {"send_keys", {}},
      {"send_oof", {}},
      {"use_ns", {}},
      {"max_msgs", {}},
      {"src", {}},
  };
  return rows;
}

const name_row* row_of(const std::string& key, const faults& broken) {
  for (const name_row& row : name_table()) {
    if (row.name == key) return &row;
    if (broken.has(amps_long_names_unknown)) continue;
    if (std::ranges::find(row.others, key) != row.others.end()) return &row;
  }
  return nullptr;
}

std::string in_full(const std::string& command, const faults& broken) {
  return command == "p" && !broken.has(amps_p_not_publish) ? "publish" : command;  // AMPS-HDR-008
}

std::uint64_t big_endian(std::string_view octets) {
  std::uint64_t n = 0;
  for (const char c : octets) n = n * 256 + static_cast<unsigned char>(c);
  return n;
}

std::string four_octets(std::uint64_t n) {
  std::string out;
  for (const std::uint64_t unit : {16777216u, 65536u, 256u, 1u}) out += static_cast<char>(n / unit % 256);
  return out;
}

std::string reversed(std::string text) {
  std::ranges::reverse(text);
  return text;
}

std::string utf8_of(std::uint32_t c) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xc0 | (c >> 6)), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xe0 | (c >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xf0 | (c >> 18)), tail(12), tail(6), tail(0)};
}

bool is_base64_text(const std::string& text) {
  const std::string allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
  return text.find_first_not_of(allowed) == std::string::npos;
}

// Thrown inside the object reader, caught at its border.
struct wrong_object {
  std::string word;
  std::size_t at;
};

class object_reader {
 public:
  object_reader(std::string_view octets, const faults& broken) : octets_(octets), broken_(broken) {}

  amps_object run() {
    amps_object object;
    try {
      read(object);
      object.size = at_;
    } catch (const wrong_object& w) {
      object.wrong = w.word;
      object.at = w.at;
    }
    return object;
  }

 private:
  bool on(fault f) const { return broken_.has(f); }
  [[noreturn]] void fail(const char* word) const { throw wrong_object{word, at_}; }
  char look() const {
    if (at_ >= octets_.size()) throw wrong_object{"header-cut", octets_.size()};
    return octets_[at_];
  }
  void blanks() {
    if (on(amps_blanks_refused)) return;
    while (at_ < octets_.size() && std::string(" \t\r\n").find(octets_[at_]) != std::string::npos) ++at_;
  }

  void read(amps_object& object) {
    blanks();
    if (look() != '{') fail("no-header");
    ++at_;
    blanks();
    if (look() == '}') {
      ++at_;
      return;
    }
    for (bool first = true;; first = false) {
      member(object, first);
      blanks();
      if (look() == '}') break;
      if (look() != ',' && !on(amps_missing_comma_accepted)) fail("header-syntax");
      if (look() == ',') ++at_;
      blanks();
      if (on(amps_trailing_comma_accepted) && look() == '}') break;
    }
    ++at_;
  }

  void member(amps_object& object, bool first) {
    const std::size_t begin = at_;
    if (look() != '"') fail("header-syntax");
    const std::string key = string();
    blanks();
    if (look() != ':' && !on(amps_missing_colon_accepted)) fail("header-syntax");
    if (look() == ':') ++at_;
    blanks();
    std::string kind;
    std::string text = value(kind);
    const name_row* row = row_of(key, broken_);
    if (row == nullptr) {
      if (on(amps_unknown_key_refused)) throw wrong_object{"header-syntax", begin};
      return;  // AMPS-HDR-016
    }
    if (on(amps_command_first_required) && first && row->name != "c") throw wrong_object{"header-syntax", begin};
    if (kind == "null" && !on(amps_null_is_text)) return;  // AMPS-HDR-041
    if (kind == "bare" && row->width == 0 && on(amps_bare_text_refused)) throw wrong_object{"header-syntax", begin};
    if (kind == "bare" && row->width != 0 && on(amps_bare_number_refused)) throw wrong_object{"bad-number", begin};
    if (kind == "string" && row->width != 0 && on(amps_quoted_number_refused)) throw wrong_object{"bad-number", begin};
    if (on(amps_first_name_wins) && row->name == "opts" && object.fields.contains("opts")) return;
    if (on(amps_first_key_wins) && object.fields.contains(row->name)) return;
    if (on(amps_second_key_refused) && object.fields.contains(row->name)) throw wrong_object{"header-syntax", begin};
    if (on(amps_header_utf8_replaced)) text = replaced(text);
    object.fields[row->name] = text;  // AMPS-HDR-015
  }

  std::string replaced(const std::string& text) const {
    std::string out;
    for (const char c : text) out += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "?";
    return out;
  }

  std::string value(std::string& kind) {
    if (look() == '"') {
      kind = "string";
      return string();
    }
    if (look() == '{' || look() == '[') {
      if (!on(amps_nested_value_skipped)) fail("nested-value");
      skip_nested();
      kind = "null";
      return "null";
    }
    std::string token;
    const std::string number = "0123456789+-.eE";
    while (at_ < octets_.size() && number.find(octets_[at_]) != std::string::npos) token += octets_[at_++];
    if (!token.empty()) {
      kind = "bare";
      return token;
    }
    for (const char* word : {"true", "false", "null"}) {
      const std::string w = word;
      const std::string_view here = octets_.substr(at_, w.size());
      if (here == w) {
        at_ += w.size();
        kind = w == "null" ? "null" : "word";
        return w;
      }
      if (here.size() < w.size() && at_ + here.size() == octets_.size() && w.starts_with(here)) {
        throw wrong_object{"header-cut", octets_.size()};
      }
    }
    fail("header-syntax");
  }

  void skip_nested() {
    int depth = 0;
    do {
      const char c = look();
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (depth > 0);
  }

  std::string string() {
    ++at_;
    std::string text;
    while (look() != '"') {
      if (look() == '\\') {
        text += escape();
      } else {
        text += octets_[at_++];
        if (on(amps_brace_ends_header) && text.back() == '}') {
          --at_;
          throw wrong_object{"header-cut", at_};
        }
      }
    }
    ++at_;
    return text;
  }

  std::string escape() {
    const std::size_t begin = at_;
    ++at_;
    const char letter = look();
    if (on(amps_escaped_quote_ends_string) && letter == '"') return "\\";
    ++at_;
    if (on(amps_escapes_kept)) return std::string("\\") + letter;
    const std::map<char, std::string> short_ones = {{'"', "\""}, {'\\', "\\"}, {'/', "/"},  {'b', "\b"},
                                                    {'f', "\f"}, {'n', "\n"},  {'r', "\r"}, {'t', "\t"}};
    if (letter != 'u') {
      if (on(amps_short_escapes_lost) && short_ones.contains(letter) && letter != '"' && letter != '\\') {
        return std::string(1, letter);
      }
      if (on(amps_slash_escape_refused) && letter == '/') throw wrong_object{"bad-escape", begin};
      if (short_ones.contains(letter)) return short_ones.at(letter);
      if (on(amps_bad_escape_accepted)) return std::string(1, letter);
      throw wrong_object{"bad-escape", begin};
    }
    const std::uint32_t unit = hex(begin);
    if (on(amps_u_escapes_kept)) return std::string(octets_.substr(begin, 6));
    if (unit < 0xd800 || unit > 0xdfff || on(amps_surrogates_apart)) return utf8_of(unit);
    if (unit > 0xdbff) return lone(begin);
    if (look() != '\\') return lone(begin);
    ++at_;
    if (look() != 'u') {
      --at_;
      return lone(begin);
    }
    const std::size_t second = at_ - 1;
    ++at_;
    const std::uint32_t low = hex(begin);
    if (low < 0xdc00 || low > 0xdfff) {
      at_ = second;
      return lone(begin);
    }
    return utf8_of(0x10000 + (unit - 0xd800) * 0x400 + (low - 0xdc00));
  }

  std::string lone(std::size_t begin) const {
    if (on(amps_lone_surrogate_replaced)) return utf8_of(0xfffd);
    throw wrong_object{"bad-escape", begin};  // AMPS-HDR-037
  }

  std::uint32_t hex(std::size_t begin) {
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = look();
      const std::string digits = "0123456789abcdefABCDEF";
      const std::size_t digit = digits.find(c);
      if (digit == std::string::npos) {
        if (on(amps_bad_hex_digit_is_zero)) {
          ++at_;
          unit *= 16;
          continue;
        }
        throw wrong_object{"bad-escape", begin};
      }
      unit = unit * 16 + static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
      ++at_;
    }
    return unit;
  }

  std::string_view octets_;
  const faults& broken_;
  std::size_t at_ = 0;
};

// The told form of a message: numbers as digits, the command in full. Nothing, with the class, for a bad number.
std::optional<amps_message> told(const std::map<std::string, std::string>& fields, std::string_view body,
                                 const faults& broken) {
  amps_message message;
  for (const auto& [name, text] : fields) {
    const name_row* row = row_of(name, broken);
    if (name == "c") {
      message.emplace_back(name, in_full(text, broken));
    } else if (row != nullptr && row->width != 0) {
      const auto digits = amps_number(text, row->width == 64, broken);
      if (!digits) return std::nullopt;
      message.emplace_back(name, *digits);
    } else {
      message.emplace_back(name, text);
    }
  }
  message.emplace_back("body", std::string(body));
  return message;
}

}  // namespace

amps_object read_object(std::string_view octets, const faults& broken) { return object_reader(octets, broken).run(); }

std::optional<std::string> amps_number(const std::string& text, bool wide, const faults& broken) {
  std::string digits = text;
  if (broken.has(amps_number_empty_is_zero) && digits.empty()) digits = "0";
  if (broken.has(amps_number_fraction_cut)) digits = digits.substr(0, digits.find('.'));
  if (broken.has(amps_number_cut_at_junk)) {
    digits = digits.substr(0, std::min(digits.size(), digits.find_first_not_of("0123456789")));
    if (digits.empty()) digits = "0";
  }
  if (broken.has(amps_negative_wraps) && digits.starts_with("-")) {
    const auto n = std::strtoull(digits.c_str() + 1, nullptr, 10);
    return std::to_string(wide ? 0 - n : (4294967296u - n) % 4294967296u);
  }
  if (broken.has(amps_plus_accepted) && digits.starts_with("+")) digits.erase(0, 1);
  if (digits.empty() || digits.size() > 20) return std::nullopt;
  if (digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  if (broken.has(amps_leading_zero_octal) && digits.starts_with("0") && digits.size() > 1) {
    return std::to_string(std::strtoull(digits.c_str(), nullptr, 8));
  }
  while (digits.size() > 1 && digits.front() == '0') digits.erase(0, 1);
  if (wide && broken.has(amps_sequence_through_double)) {
    const double d = std::strtod(digits.c_str(), nullptr);
    return d >= 18446744073709551615.0 ? "18446744073709551615" : std::to_string(static_cast<std::uint64_t>(d));
  }
  if (wide && broken.has(amps_sequence_32_bits)) {
    return std::to_string(std::strtoull(digits.c_str(), nullptr, 10) % 4294967296u);
  }
  const std::string most =
      wide ? (broken.has(amps_sequence_signed) ? "9223372036854775807" : "18446744073709551615") : "4294967295";
  const bool above = digits.size() > most.size() || (digits.size() == most.size() && digits > most);
  if (!above) return digits;
  if (broken.has(amps_number_wraps)) {
    std::uint64_t n = 0;
    for (const char c : digits) n = n * 10 + static_cast<std::uint64_t>(c - '0');
    return std::to_string(wide ? n : n % 4294967296u);
  }
  if (broken.has(amps_number_saturates)) return most;
  return std::nullopt;  // AMPS-HDR-038
}

// --- frames ----------------------------------------------------------------------------------------------------------

std::vector<amps_message> amps_reader::feed(std::string_view octets) {
  if (rejected_ && !on(amps_reads_after_reject)) return {};
  if (deaf_) return {};
  if (on(amps_split_prefix_lost) && !buffer_.empty() && buffer_.size() < 4) buffer_.clear();
  buffer_ += octets;
  std::vector<amps_message> done;
  while (take(done)) {
    if (on(amps_one_frame_per_read)) {
      before_ += buffer_.size();
      buffer_.clear();
    }
  }
  if (rejected_ && on(amps_messages_before_reject_lost)) done.clear();
  return done;
}

// True if a frame was used up.
bool amps_reader::take(std::vector<amps_message>& done) {
  if ((rejected_ && !on(amps_reads_after_reject)) || deaf_ || buffer_.size() < 4) return false;
  const std::string prefix = buffer_.substr(0, 4);
  std::uint64_t size = big_endian(on(amps_length_little_endian) ? reversed(prefix) : prefix);  // AMPS-FRAME-001
  if (on(amps_length_of_24_bits)) size %= 16777216;
  if (on(amps_length_of_16_bits)) size %= 65536;
  if (on(amps_length_signed) && size >= 2147483648u) size = 0;
  std::uint64_t limit = options_.limit;
  if (on(amps_limit_below_200_million)) limit = 199'999'999;
  if (on(amps_limit_16_mebibytes)) limit = 16'777'216;
  if (on(amps_limit_off_by_one)) limit += 1;
  const bool too_large = size > limit && !on(amps_limit_missing);
  if (too_large && on(amps_limit_waits_for_octet) && buffer_.size() < 5) return false;
  if (too_large) {
    refuse("frame-too-large", before_);  // AMPS-LIMIT-002
    return false;
  }
  if (size == 0) {  // AMPS-FRAME-012
    if (on(amps_zero_frame_refused)) {
      refuse("no-header", before_);
      return false;
    }
    if (on(amps_zero_frame_is_heartbeat)) done.push_back({{"c", "heartbeat"}, {"body", ""}});
    if (on(amps_zero_frame_ends_stream)) deaf_ = true;
    buffer_.erase(0, 4);
    before_ += 4;
    return true;
  }
  if (on(amps_length_counts_prefix)) size = std::max<std::uint64_t>(size, 4) - 4;
  if (on(amps_length_off_by_one)) size -= 1;
  if (buffer_.size() - 4 < size) return false;
  if (on(amps_waits_for_next_octet) && buffer_.size() - 4 < size + 1) return false;
  const std::string frame = buffer_.substr(4, size), behind = buffer_.substr(4 + size);
  for (amps_message& m : read_frame(frame, behind)) done.push_back(std::move(m));
  if (rejected_ && !on(amps_reads_after_reject)) return false;
  buffer_.erase(0, 4 + size);
  before_ += 4 + size;
  return true;
}

std::vector<amps_message> amps_reader::read_frame(std::string_view frame, std::string_view behind) {
  std::string octets(frame);
  amps_object header = read_object(octets, options_.broken);
  if (header.wrong == "header-cut" && on(amps_header_borrows_next_frame)) {
    octets += behind;
    header = read_object(octets, options_.broken);
  }
  if (on(amps_header_error_skipped) && !header.wrong.empty()) return {};
  if (!header.wrong.empty()) {
    refuse(header.wrong, before_ + 4 + header.at);  // AMPS-FRAME-014
    return {};
  }
  if (header.fields["c"].empty()) {
    if (on(amps_no_command_ignored)) return {};
    refuse("no-command", before_ + 4);  // AMPS-HDR-018
    return {};
  }
  if (on(amps_header_ends_at_last_brace)) header.size = octets.rfind('}') + 1;
  std::string body = octets.substr(header.size);
  if (on(amps_separator_expected) && body.starts_with("\n")) body.erase(0, 1);
  if (on(amps_body_trimmed)) {
    while (!body.empty() && std::string(" \r\n").find(body.back()) != std::string::npos) body.pop_back();
  }
  if (on(amps_body_cut_at_nul)) body = body.substr(0, body.find('\0'));
  if (on(amps_body_utf8_only)) body = with_replacements(body);
  if (on(amps_empty_body_refused) && body.empty()) {
    refuse("header-syntax", before_ + 4 + header.size);
    return {};
  }
  if (on(amps_body_cut_at_l) && header.fields.contains("l") && header.fields["c"] != "sow") {
    body = body.substr(0, std::strtoull(header.fields["l"].c_str(), nullptr, 10));
  }
  if (header.fields["c"] == "sow" && !on(amps_batch_is_one_message) && !body.empty()) {
    refusal why;
    if (auto records = read_batch(header.fields, body, options_.broken, why)) return *records;
    refuse(why.word, before_ + 4 + header.size + why.offset);
    return {};
  }
  if (auto message = told(header.fields, body, options_.broken)) return {*message};
  refuse("bad-number", before_ + 4);
  return {};
}

std::vector<amps_message> amps_reader::finish() {
  if (rejected_ || !on(amps_cut_frame_delivered) || buffer_.size() < 5) return {};
  const std::string rest = buffer_.substr(4);
  buffer_.clear();
  auto messages = read_frame(rest, "");
  rejected_ = false;
  return messages;
}

ending amps_reader::end() const {
  if (rejected_) return ending::rejected;
  if (buffer_.empty() || on(amps_cut_frame_clean)) return ending::clean;
  return ending::incomplete;  // AMPS-FRAME-011
}

void amps_reader::refuse(std::string word, std::uint64_t at) {
  if (rejected_) return;
  rejected_ = true;
  refused_ = {std::move(word), at};
}

amps_decoded decode_amps(std::string_view octets, const amps_options& with) {
  amps_reader reader(with);
  amps_decoded result;
  result.messages = reader.feed(octets);
  for (amps_message& m : reader.finish()) result.messages.push_back(std::move(m));
  result.end = reader.end();
  result.refused = reader.refused();
  return result;
}

// --- batches ---------------------------------------------------------------------------------------------------------

std::optional<std::vector<amps_message>> read_batch(const std::map<std::string, std::string>& common,
                                                    std::string_view payload, const faults& broken, refusal& why) {
  std::vector<amps_message> messages;
  const auto refuse = [&](std::string word, std::size_t at) {
    why = {std::move(word), at};
    return std::nullopt;
  };
  std::size_t at = 0;
  while (at < payload.size()) {
    const amps_object record = read_object(payload.substr(at), broken);
    if (!record.wrong.empty()) {
      if (broken.has(amps_batch_junk_ignored)) break;
      return refuse(record.wrong, at + record.at);
    }
    std::size_t body_at = at + record.size;
    std::uint64_t size = payload.size() - body_at;
    if (record.fields.contains("l")) {
      const auto digits = amps_number(record.fields.at("l"), false, broken);
      if (!digits) return refuse("bad-number", at);
      size = std::strtoull(digits->c_str(), nullptr, 10);
      if (broken.has(amps_record_length_off_by_one)) size += 1;
    } else if (!broken.has(amps_record_without_length_accepted)) {
      return refuse("record-without-length", at);  // AMPS-SOW-056
    }
    if (broken.has(amps_record_ends_at_next_brace)) {
      size = std::min(payload.size(), payload.find("{\"k\"", body_at)) - body_at;
    }
    if (size > payload.size() - body_at) {
      if (!broken.has(amps_record_length_clipped)) return refuse("record-too-long", at);
      size = payload.size() - body_at;
    }
    auto fields = record.fields;
    if (!broken.has(amps_record_without_common)) {
      for (const auto& [name, text] : common) {
        if (name != "l") fields.emplace(name, text);  // AMPS-SOW-010: the record's own field stays
      }
    }
    const auto message = told(fields, payload.substr(body_at, size), broken);
    if (!message) return refuse("bad-number", at);
    messages.push_back(*message);
    at = body_at + size;
  }
  return messages;
}

// --- encoding --------------------------------------------------------------------------------------------------------

namespace {

std::string quoted(const std::string& text, const faults& broken) {
  std::string out = "\"";
  for (const char c : text) {
    const std::map<char, std::string> short_ones = {{'"', "\\\""}, {'\\', "\\\\"}, {'\b', "\\b"}, {'\f', "\\f"},
                                                    {'\n', "\\n"}, {'\r', "\\r"},  {'\t', "\\t"}};
    const auto octet = static_cast<unsigned char>(c);
    if (broken.has(amps_encodes_quote_raw) && c == '"') {
      out += c;
    } else if (broken.has(amps_encodes_backslash_raw) && c == '\\') {
      out += c;
    } else if (broken.has(amps_encodes_controls_raw) && octet < 0x20) {
      out += c;
    } else if (short_ones.contains(c) && !(broken.has(amps_encodes_controls_as_u) && octet < 0x20)) {
      out += short_ones.at(c);
    } else if (octet < 0x20 || (broken.has(amps_encodes_non_ascii_as_u) && octet >= 0x80)) {
      const std::string digits = "0123456789abcdef";
      out += std::string("\\u00") + digits[octet / 16] + digits[octet % 16];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

encoded encode_amps(const amps_message& message, const amps_options& with) {
  const faults& broken = with.broken;
  const auto on = [&](fault f) { return broken.has(f); };
  encoded result;
  const auto refuse = [](std::string word) { return encoded{"", std::move(word)}; };
  std::vector<std::string> members;
  std::string body;
  bool has_command = false;
  for (const auto& [name, text] : message) {
    if (name == "body") {
      body = text;
      continue;
    }
    const name_row* row = row_of(name, {});
    if (row == nullptr) return refuse("unknown-field");
    std::string value;
    if (row->width != 0) {
      auto digits = amps_number(text, row->width == 64, broken);
      if (!digits) return refuse("bad-number");
      const bool bare = row->name == "s" || row->name == "bs" || row->name == "top_n";
      value = bare ? *digits : "\"" + *digits + "\"";
    } else {
      if (row->name == "x" && !is_base64_text(text) && !on(amps_encodes_any_correlation_id)) {
        return refuse("bad-correlation-id");  // AMPS-HDR-022
      }
      if (row->name == "c") has_command = !text.empty();
      value = quoted(text, broken);
    }
    const std::string member =
        "\"" + (row->name == "opts" ? "o" : row->name) + (on(amps_encodes_blanks) ? "\": " : "\":") + value;
    const bool in_front = row->name == "c" && !on(amps_encodes_command_in_place);
    members.insert(in_front ? members.begin() : members.end(), member);  // AMPS-HDR-005
  }
  if (!has_command && !on(amps_encodes_without_command)) return refuse("no-command");  // AMPS-HDR-018
  std::string header = "{";
  for (const std::string& m : members) header += (header.size() > 1 ? "," : "") + m;
  header += "}";
  if (on(amps_encodes_separator)) header += "\n";
  if (on(amps_encodes_body_cut_at_nul)) body = body.substr(0, body.find('\0'));
  std::uint64_t size = header.size() + body.size();  // AMPS-FRAME-002
  if (size > with.limit) return refuse("frame-too-large");
  if (on(amps_encodes_length_with_prefix)) size += 4;
  if (on(amps_encodes_length_of_body)) size = body.size();
  const std::string prefix = four_octets(size);
  result.bytes = (on(amps_encodes_length_little_endian) ? reversed(prefix) : prefix) + header + body;
  return result;
}

}  // namespace ampspec::naive
