// Values that are text or octets, lists, records, and the arguments of a command as a box.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/types.hpp"

#include "reference/naive/big_string.hpp"
#include "reference/naive/text.hpp"
#include "reference/naive/type_parts.hpp"

#include <algorithm>
#include <set>

namespace ampspec::naive {

using enum fault;

namespace {

using octet_text = std::optional<std::string>;

std::size_t number(std::string_view two) {
  return static_cast<unsigned char>(two[0]) * 256u + static_cast<unsigned char>(two[1]);
}
std::string length_octets(std::size_t n) { return {static_cast<char>(n / 256 % 256), static_cast<char>(n % 256)}; }

// ---- Text and Path: AMP1-TYPE-009 to -013

/// Octets of the character at the front of `text`, by its first octet and what the faults let through; 0 if it is none.
std::size_t character(std::string_view text, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  if (const std::size_t good = utf8_character(text); good > 0 || text.empty()) return good;
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = octet(0);
  const std::size_t size = first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return 0;
  }
  const bool surrogate = first == 0xed;
  const bool beyond = first > 0xf4 || (first == 0xf4 && octet(1) > 0x8f);
  const fault allowed = surrogate ? text_surrogates_accepted
                        : beyond  ? text_beyond_unicode_accepted
                                  : text_overlong_accepted;
  return on(allowed) ? size : 0;
}

std::u32string composed(const std::u32string& text) {
  std::u32string result;
  for (char32_t c : text) {
    if (c == 0x301 && !result.empty() && result.back() == U'e') {
      result.back() = 0xe9;
    } else {
      result += c;
    }
  }
  return result;
}

std::optional<std::u32string> parse_text(std::string_view octets, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::u32string text;
  if (on(text_as_latin_1)) {
    for (char c : octets) text += static_cast<unsigned char>(c);
    return text;
  }
  if (on(text_cut_at_nul)) octets = octets.substr(0, octets.find('\0'));
  if (on(text_byte_order_mark_removed) && octets.starts_with("\xef\xbb\xbf")) octets.remove_prefix(3);
  while (!octets.empty()) {
    const std::size_t size = character(octets, broken);
    const unsigned first = static_cast<unsigned char>(octets[0]);
    if (size == 0) {  // AMP1-TYPE-010
      if (on(text_cut_tail_dropped) && octets.size() < 4 && first >= 0xc2) break;
      if (!on(text_wrong_octets_replaced)) return std::nullopt;
      text += 0xfffd;
      octets.remove_prefix(1);
      continue;
    }
    char32_t c = size == 1 ? first : size == 2 ? first % 32 : size == 3 ? first % 16 : first % 8;
    for (std::size_t i = 1; i < size; ++i) c = c * 64 + static_cast<unsigned char>(octets[i]) % 64;
    text += c;
    octets.remove_prefix(size);
  }
  return on(text_composed) ? composed(text) : text;
}

octet_text print_text(const std::u32string& text, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::string octets = on(prints_byte_order_mark) ? "\xef\xbb\xbf" : "";
  for (char32_t c : on(prints_text_composed) ? composed(text) : text) {
    if (c > 0x10ffff) return std::nullopt;
    if (c >= 0xd800 && c <= 0xdfff && !on(prints_surrogates)) {  // AMP1-TYPE-011
      if (!on(prints_surrogates_replaced)) return std::nullopt;
      c = 0xfffd;
    }
    if (on(prints_text_as_latin_1) && c < 0x100) {
      octets += static_cast<char>(c);
    } else if (on(prints_nul_in_two_octets) && c == 0) {
      octets += "\xc0\x80";
    } else if (on(prints_surrogate_pairs) && c > 0xffff) {
      octets += utf8_of(0xd800 + (c - 0x10000) / 1024) + utf8_of(0xdc00 + (c - 0x10000) % 1024);
    } else {
      octets += utf8_of(c);
    }
  }
  if (on(prints_text_limit_of_16383) && text.size() > 16383) return std::nullopt;
  if (on(prints_text_cut_at_limit)) return cut_text(octets, max_value);
  return octets;
}

std::string with_escapes(const std::string& path) {
  std::string text;
  for (char c : path) {
    const char* const digits = "0123456789ABCDEF";
    const auto u = static_cast<unsigned char>(c);
    text += u < 0x80 ? std::string(1, c) : std::string("%") + digits[u / 16] + digits[u % 16];
  }
  return text;
}

std::string without_escapes(std::string_view path) {
  std::string text;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const std::string two(path.substr(i + 1 < path.size() ? i + 1 : i, 2));
    const bool escape =
        path[i] == '%' && two.size() == 2 && two.find_first_not_of("0123456789abcdefABCDEF") == two.npos;
    text += escape ? static_cast<char>(std::stoi(two, nullptr, 16)) : path[i];
    if (escape) i += 2;
  }
  return text;
}

bool is_ascii(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

/// A Path is taken as it stands, relative or not (AMP1-TYPE-036, AMP1-TYPE-037).
std::optional<std::u32string> parse_path(std::string_view octets, const faults& broken) {
  if (broken.has(path_ascii_only) && !is_ascii(octets)) return std::nullopt;
  faults as_text = broken;
  if (broken.has(path_as_latin_1)) as_text = {text_as_latin_1};
  return parse_text(broken.has(path_escapes_read) ? without_escapes(octets) : std::string(octets), as_text);
}

octet_text print_path(const std::u32string& path, const faults& broken) {
  auto octets = print_text(path, broken);
  if (octets && broken.has(prints_path_escaped)) octets = with_escapes(*octets);
  return octets;
}

// ---- Boolean: AMP1-TYPE-014, AMP1-TYPE-015

std::optional<bool> parse_boolean(std::string_view octets, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::string word(octets);
  if (on(boolean_trimmed)) word = trimmed(word);
  if (on(boolean_case_ignored) && lower(word) == "true") word = "True";
  if (on(boolean_case_ignored) && lower(word) == "false") word = "False";
  if (word == "True" || (on(boolean_digits_accepted) && word == "1")) return true;
  if (word == "False" || (on(boolean_digits_accepted) && word == "0")) return false;
  if (on(boolean_by_first_letter) && (word.starts_with("T") || word.starts_with("F"))) return word[0] == 'T';
  return on(boolean_else_false) ? std::optional(false) : std::nullopt;
}

std::string print_boolean(bool truth, const faults& broken) {
  if (broken.has(prints_boolean_digits)) return truth ? "1" : "0";
  if (broken.has(prints_boolean_lower_case)) return truth ? "true" : "false";
  return truth ? "True" : "False";
}

// ---- bytes: AMP1-TYPE-008

octet_text parse_bytes(std::string_view octets, const faults& broken) {
  if (broken.has(bytes_utf8_only) && !is_utf8(octets)) return std::nullopt;
  if (broken.has(bytes_empty_refused) && octets.empty()) return std::nullopt;
  return broken.has(bytes_cut_at_nul) ? up_to_nul(octets) : std::string(octets);
}

std::string print_bytes(const std::string& octets, const faults& broken) {
  if (broken.has(prints_bytes_replaced)) return with_replacements(octets);
  return broken.has(prints_bytes_cut_at_nul) ? up_to_nul(octets) : octets;
}

// ---- ListOf: elements with their lengths, nothing else (AMP1-TYPE-038)

std::optional<std::vector<typed_value>> parse_list(const argument_type& element, std::string_view octets,
                                                   const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::vector<typed_value> items;
  if (on(list_with_count) && octets.size() >= 2) octets.remove_prefix(2);
  if (on(list_limited_to_a_chunk) && octets.size() > max_value) return std::nullopt;  // else AMP2-017
  if (on(list_empty_is_one_empty) && octets.empty()) octets = std::string_view("\0\0", 2);
  while (!octets.empty()) {
    const bool half_length = octets.size() == 1;
    if (half_length && (on(list_dangling_octet_ignored) || on(list_tail_dropped))) break;
    if (half_length) return std::nullopt;  // AMP1-TYPE-041
    std::size_t size = number(octets);
    if (on(list_length_swapped)) size = size % 256 * 256 + size / 256;
    if (on(list_length_signed) && size > 32767) return std::nullopt;
    octets.remove_prefix(2);
    if (size > octets.size() && on(list_tail_dropped)) break;
    if (size > octets.size()) return std::nullopt;  // AMP1-TYPE-041
    std::string one(octets.substr(0, size));
    octets.remove_prefix(size);
    while (on(list_elements_in_chunks) && size == max_value && octets.size() >= 2) {
      size = number(octets);
      one += octets.substr(2, size);
      octets.remove_prefix(std::min(2 + size, octets.size()));
    }
    if (on(list_empty_elements_dropped) && one.empty()) continue;  // else AMP1-TYPE-039
    if (on(list_nested_read_flat) && element.is == kind::list) one = length_octets(size) + one;
    auto item = parse(element, one, broken);
    if (!item && on(list_bad_element_skipped)) continue;
    if (!item && on(list_bad_element_ends)) break;
    if (!item) return std::nullopt;  // AMP1-TYPE-040
    items.push_back(std::move(*item));
  }
  return items;
}

octet_text print_list(const argument_type& element, const std::vector<typed_value>& items, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::string octets = on(prints_list_with_count) ? length_octets(items.size()) : "";
  for (const typed_value& item : items) {
    auto one = print(element, item, broken, on(prints_list_elements_in_chunks) ? format::amp2 : format::amp1);
    if (one && on(prints_list_elements_in_chunks)) {
      for (; one->size() >= max_value; one->erase(0, max_value))
        octets += length_octets(max_value) + one->substr(0, max_value);
    }
    if (!one && on(prints_list_length_wrapped) && element.is == kind::bytes) one = item.octets;
    if (!one) return std::nullopt;  // AMP1-TYPE-042
    if (on(prints_list_without_empty_elements) && one->empty()) continue;
    if (on(prints_list_65533_refused) && one->size() == max_value - 2) return std::nullopt;  // else AMP1-TYPE-043
    if (on(prints_list_cut_at_limit) && octets.size() + 2 + one->size() > max_value) break;
    octets += (on(prints_nested_lists_flat) && element.is == kind::list ? "" : length_octets(one->size())) + *one;
  }
  if (on(prints_empty_list_as_one_empty) && items.empty()) octets += length_octets(0);
  if (on(prints_list_with_terminator)) octets += length_octets(0);
  return octets;
}

// ---- AmpList: whole boxes, nothing else (AMP1-TYPE-045)

/// The boxes of these octets by the first two zero octets of each: what only a fault does.
std::vector<std::string> split_at_zeros(std::string_view octets) {
  std::vector<std::string> parts;
  while (!octets.empty()) {
    const std::size_t end = std::min(octets.find(std::string_view("\0\0", 2)), octets.size());
    parts.emplace_back(octets.substr(0, end + 2));
    octets.remove_prefix(std::min(end + 2, octets.size()));
  }
  return parts;
}

std::optional<std::vector<typed_record>> parse_records(const argument_list& fields, std::string_view octets,
                                                       const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  options with;
  with.broken = broken;
  if (on(records_long_key_accepted)) with.broken.set.set(static_cast<std::size_t>(key_limit_off_by_one));
  if (on(records_empty_is_one_record) && octets.empty()) octets = std::string_view("\0\0", 2);
  std::vector<box> boxes;
  for (const std::string& part : on(records_end_at_zeros) ? split_at_zeros(octets) : std::vector{std::string(octets)}) {
    decoded d = decode(part, with);
    if (d.end == ending::incomplete && !on(records_tail_dropped)) return std::nullopt;    // AMP1-TYPE-048
    if (d.end == ending::rejected && !on(records_long_key_ignored)) return std::nullopt;  // AMP1-TYPE-048
    for (box& b : d.boxes) boxes.push_back(std::move(b));
  }
  std::vector<typed_record> records;
  for (const box& b : boxes) {
    if (on(records_empty_record_dropped) && b.empty()) continue;  // else AMP1-TYPE-046
    const auto known = [&](const auto& pair) {
      return std::any_of(fields.begin(), fields.end(), [&](const argument& f) { return f.name == pair.first; });
    };
    if (on(records_unknown_key_refused) && !std::all_of(b.begin(), b.end(), known)) return std::nullopt;
    auto record = parse(fields, b, broken);
    if (!record && on(records_bad_value_dropped)) continue;
    if (!record) return std::nullopt;  // AMP1-TYPE-047
    records.push_back(std::move(*record));
  }
  return records;
}

octet_text print_records(const argument_list& fields, const std::vector<typed_record>& records, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  std::string octets;
  for (typed_record record : records) {
    for (auto& [name, value] : record) {
      if (on(prints_nested_records_once) && value.records.size() > 1) value.records.resize(1);
    }
    const auto pairs = print(fields, record, broken);
    if (!pairs) return std::nullopt;  // AMP1-TYPE-047
    if (pairs->empty() && on(prints_empty_record_dropped)) continue;
    const encoded one = encode(*pairs, broken);
    if (!one.refused.empty()) return std::nullopt;
    octets += (on(prints_records_with_lengths) ? length_octets(one.bytes.size()) : "") + one.bytes;
  }
  if (on(prints_records_without_last_terminator) && !records.empty()) octets.resize(octets.size() - 2);
  return octets;
}

// ---- values over several keys: AMP1-BIGSTR

bool is_big(const argument_type& type) { return type.is == kind::big || type.is == kind::flocker; }
big_names names_of(const argument_type& type) {
  return type.is == kind::big ? big_names::from_two : big_names::from_zero;
}

bool has_clash(const argument_list& fields) {  // AMP1-BIGSTR-016
  for (const argument& field : fields) {
    for (const argument& other : fields) {
      if (is_big(field.type) && is_chunk(other.name, field.name, names_of(field.type))) return true;
    }
  }
  return false;
}

/// Adds the value of a field, if there is one; false if the box must be refused.
bool take_big(const argument& field, const std::string& name, const box& pairs, typed_record& record,
              const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  joined all = join_big(name, pairs, names_of(field.type), broken);
  if (all.what == joined::how::wrong) return false;
  if (all.what == joined::how::absent && !(field.optional && on(big_absent_is_empty)))
    return field.optional;  // AMP1-BIGSTR-008, AMP1-BIGSTR-015
  std::string octets = all.octets();
  if (field.optional && octets.empty() && on(big_empty_is_absent)) return true;
  typed_value v;
  if (field.type.element.at(0).is == kind::bytes) {
    v.octets = octets;
  } else {
    const bool by_chunk = on(big_text_checked_by_chunk) || on(big_text_replaced_by_chunk);
    if (on(big_text_replaced_by_chunk) || on(big_text_unchecked)) octets.clear();
    for (const std::string& chunk : all.chunks) {
      if (by_chunk && !is_utf8(chunk) && on(big_text_checked_by_chunk)) return false;
      if (on(big_text_replaced_by_chunk)) octets += with_replacements(chunk);
    }
    if (on(big_text_unchecked)) octets = with_replacements(all.octets());
    const auto text = parse_text(octets, broken);  // AMP1-BIGSTR-012
    if (!text) return false;
    v.text = *text;
  }
  record.push_back({field.name, std::move(v)});
  return true;
}

std::optional<box> print_big(const argument& field, const std::string& name, const typed_value& v,
                             const faults& broken) {
  if (field.type.element.at(0).is == kind::bytes) return split_big(name, v.octets, names_of(field.type), broken);
  const auto octets = print_text(v.text, broken);
  return octets ? split_big(name, *octets, names_of(field.type), broken) : std::nullopt;
}

// ---- names

const std::set<std::string_view> reserved = {"_ask",   "_answer",     "_command",
                                             "_error", "_error_code", "_error_description"};

bool has_reserved(const argument_list& fields) {
  return std::any_of(fields.begin(), fields.end(),
                     [](const argument& f) { return reserved.count(f.name) > 0 || has_reserved(f.type.fields); });
}

std::string wire_name(std::string name, const faults& broken) {  // AMP1-TYPE-056: as it is
  if (broken.has(names_hyphen_changed)) std::replace(name.begin(), name.end(), '-', '_');
  if (broken.has(names_case_folded)) name = lower(name);
  if (broken.has(names_capitalised) && (name == "class" || name == "print")) name[0] = static_cast<char>(name[0] - 32);
  return name;
}

bool is_countable(kind k) {
  return k == kind::integer || k == kind::floating || k == kind::boolean || k == kind::decimal || k == kind::datetime;
}

/// A value as a careless program fills it in: zero, false, empty.
typed_value nothing_of(const argument_type& type) {
  typed_value v;
  if (type.is == kind::integer) v.digits = "0";
  if (type.is == kind::datetime) v.time.offset = 0;
  return v;
}

}  // namespace

std::optional<typed_value> parse(const argument_type& type, std::string_view octets, const faults& broken) {
  typed_value v;
  const auto keep = [&](auto& place, auto parsed) -> std::optional<typed_value> {
    if (!parsed) return std::nullopt;
    place = std::move(*parsed);
    return v;
  };
  switch (type.is) {
    case kind::integer:
      return keep(v.digits, parse_integer(octets, broken));
    case kind::bytes:
      return keep(v.octets, parse_bytes(octets, broken));
    case kind::text:
      return keep(v.text, parse_text(octets, broken));
    case kind::boolean:
      return keep(v.truth, parse_boolean(octets, broken));
    case kind::floating:
      return keep(v.bits, parse_float(octets, broken));
    case kind::decimal:
      return keep(v.number, parse_decimal(octets, broken));
    case kind::datetime:
      return keep(v.time, parse_datetime(octets, broken));
    case kind::path:
      return keep(v.text, parse_path(octets, broken));
    case kind::list:
      return keep(v.items, parse_list(type.element.at(0), octets, broken));
    case kind::records:
      return keep(v.records, parse_records(type.fields, octets, broken));
    case kind::big:
    case kind::flocker:
      break;  // stands under several keys
  }
  return std::nullopt;
}

std::optional<std::string> print(const argument_type& type, const typed_value& v, const faults& broken,
                                 format version) {
  const auto printed = [&]() -> octet_text {
    switch (type.is) {
      case kind::integer:
        return print_integer(v.digits, broken);
      case kind::bytes:
        return print_bytes(v.octets, broken);
      case kind::text:
        return print_text(v.text, broken);
      case kind::boolean:
        return print_boolean(v.truth, broken);
      case kind::floating:
        return print_float(v.bits, broken);
      case kind::decimal:
        return print_decimal(v.number, broken);
      case kind::datetime:
        return print_datetime(v.time, broken);
      case kind::path:
        return print_path(v.text, broken);
      case kind::list:
        return print_list(type.element.at(0), v.items, broken);
      case kind::records:
        return print_records(type.fields, v.records, broken);
      case kind::big:
      case kind::flocker:
        break;  // stands under several keys
    }
    return std::nullopt;
  }();
  const bool in_characters = type.is == kind::text && broken.has(prints_text_limit_in_characters);
  const bool unlimited =
      (type.is == kind::list && (broken.has(prints_list_over_limit) || broken.has(prints_list_length_wrapped))) ||
      (version == format::amp2 && !(type.is == kind::list && broken.has(prints_list_limited_to_a_chunk)));
  const std::size_t size = !printed ? 0 : in_characters ? v.text.size() : printed->size();
  if (size > max_value && !unlimited) return std::nullopt;  // AMP1-TYPE-012, AMP1-TYPE-042
  return printed;
}

std::optional<typed_record> parse(const argument_list& fields, const box& pairs, const faults& broken) {
  const auto on = [&](fault f) { return broken.has(f); };
  if (has_reserved(fields) && !on(reserved_names_accepted)) return std::nullopt;  // AMP1-TYPE-057
  if (has_clash(fields) && !on(big_clash_accepted)) return std::nullopt;
  typed_record record;
  for (const argument& field : fields) {
    if (is_big(field.type)) {
      if (!take_big(field, wire_name(field.name, broken), pairs, record, broken)) return std::nullopt;
      continue;
    }
    std::optional<std::string> octets = find(pairs, wire_name(field.name, broken));
    const bool empty = octets == "";
    if (field.optional && on(optional_absent_is_empty) && !octets) octets = "";
    if (field.optional && empty && on(optional_empty_is_absent)) octets.reset();
    if (field.optional && empty && is_countable(field.type.is)) {  // else AMP1-TYPE-062
      if (on(optional_empty_number_is_absent)) octets.reset();
      if (on(optional_empty_number_is_zero)) {
        record.push_back({field.name, nothing_of(field.type)});
        continue;
      }
    }
    if (!octets) {
      if (on(records_missing_key_default) && !field.optional) record.push_back({field.name, nothing_of(field.type)});
      const bool needed = !field.optional || on(records_optional_required);
      if (needed && !on(records_missing_key_default)) return std::nullopt;  // AMP1-TYPE-047
      continue;                                                             // AMP1-TYPE-050
    }
    auto value = parse(field.type, *octets, broken);  // an empty one too: AMP1-TYPE-051
    if (!value) return std::nullopt;
    record.push_back({field.name, std::move(*value)});
  }
  return record;
}

std::optional<box> print(const argument_list& fields, const typed_record& record, const faults& broken,
                         format version) {
  const auto on = [&](fault f) { return broken.has(f); };
  if (has_reserved(fields) && !on(reserved_names_accepted)) return std::nullopt;  // AMP1-TYPE-057
  if (has_clash(fields) && !on(big_clash_accepted)) return std::nullopt;
  box pairs;
  std::size_t used = 0;
  for (const argument& field : fields) {
    const auto given =
        std::find_if(record.begin(), record.end(), [&](const named_value& v) { return v.name == field.name; });
    const std::string name = wire_name(field.name, broken);
    if (given == record.end()) {
      const bool as_empty = field.optional ? on(prints_optional_as_empty) : on(prints_missing_key_as_empty);
      if (as_empty) pairs.emplace_back(name, "");
      if (!field.optional && !as_empty) return std::nullopt;  // AMP1-TYPE-047, AMP1-TYPE-052
      continue;                                               // AMP1-TYPE-050
    }
    ++used;
    if (is_big(field.type)) {
      const auto chunks = print_big(field, name, given->value, broken);
      if (!chunks) return std::nullopt;
      pairs.insert(pairs.end(), chunks->begin(), chunks->end());
      continue;
    }
    const auto octets = print(field.type, given->value, broken, version);
    if (!octets) return std::nullopt;
    if (field.optional && octets->empty() && on(prints_empty_as_absent)) continue;  // else AMP1-TYPE-051
    pairs.emplace_back(name, *octets);
  }
  return used == record.size() ? std::optional(pairs) : std::nullopt;  // AMP1-TYPE-053
}

}  // namespace ampspec::naive
