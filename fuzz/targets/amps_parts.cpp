// Property: batches, composites, URIs and the syntaxes inside fields are read as the naive implementation reads them.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amps_play.hpp"
#include "fuzz/support/lent.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amps/composite.hpp"
#include "reference/amps/field_values.hpp"
#include "reference/amps/sow_batch.hpp"
#include "reference/amps/uri.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ampspec::fuzz {
namespace {

using naive::box;

box numbered(const std::vector<std::string>& items) {
  box made;
  for (const auto& item : items) made.emplace_back(std::to_string(made.size() + 1), item);
  return made;
}

// Records of a batch by a plain walk; what is wrong with the first one that is, and where.
void batch(std::string_view payload) {
  amps::header common(amps::command::sow);
  common.set(amps::field::topic, "topic").set(amps::field::message_length, std::uint64_t{3});
  amps::sow_reader reader(common, payload, 100);
  std::size_t at = 0;
  std::string again;
  std::vector<std::pair<std::string, std::string>> written;  // key and body of each record
  while (const auto record = reader.next()) {
    const std::string before = again;
    const auto refused = amps::append_record(record->header, record->body, again);
    if (!refused) written.emplace_back(record->header[amps::field::sow_key], record->body);
    AMPSPEC_ORACLE("sticky", !refused || again == before);
    const auto object = naive::read_object(payload.substr(at), {});
    AMPSPEC_ORACLE("differential", object.wrong.empty() && object.fields.contains("l"));
    auto fields = object.fields;
    fields.emplace("c", "sow");
    fields.emplace("t", "topic");
    AMPSPEC_ORACLE("differential", texts_of(record->header) == fields);
    const auto size = naive::amps_number(object.fields.at("l"), false, {});
    AMPSPEC_ORACLE("differential", size && record->body == payload.substr(at + object.size, std::stoull(*size)));
    AMPSPEC_ORACLE("differential", record->body.size() == std::stoull(*size));
    at += object.size + record->body.size();
  }
  AMPSPEC_ORACLE("sticky", !reader.next());
  amps::sow_reader second(common, again, 0);
  for (const auto& [key, body] : written) {
    const auto record = second.next();
    AMPSPEC_ORACLE("round-trip", record && record->body == body && record->header[amps::field::sow_key] == key);
  }
  AMPSPEC_ORACLE("round-trip", !second.next() && !second.error());
  AMPSPEC_ORACLE("model", (at == payload.size()) == !reader.error());
  if (!reader.error()) return;
  const auto object = naive::read_object(payload.substr(at), {});
  std::string word = object.wrong;
  std::size_t where = at + (word.empty() ? 0 : object.at);
  if (word.empty()) {
    const auto length = object.fields.find("l");
    const auto size = length == object.fields.end() ? std::nullopt : naive::amps_number(length->second, false, {});
    word = length == object.fields.end() ? "record-without-length" : size ? "record-too-long" : "bad-number";
    if (size) AMPSPEC_ORACLE("differential", std::stoull(*size) > payload.size() - at - object.size);
  }
  AMPSPEC_ORACLE("differential",
                 word == amps::class_word(reader.error()->code) && reader.error()->offset == 100 + where);
}

// The payload of a batch that is nearly right: records with an `l` that is mostly theirs.
std::string made_batch(maker from) {
  std::string payload;
  for (int records = 0; !from.empty() && records < 16; ++records) {
    const std::string body(from.take(from.below(6)));
    std::string header = "{";
    const auto add = [&](const std::string& pair) { header.append(header.size() > 1 ? "," : "").append(pair); };
    const std::size_t fields = from.octet();
    if ((fields & 1) != 0) add(R"("k":")" + std::to_string(fields) + "\"");
    if ((fields & 2) != 0) add(R"("t":"other")");
    if ((fields & 4) != 0) add(R"("x":"Zg==")");
    const auto length = static_cast<std::int64_t>(body.size());
    switch (from.below(12)) {
      case 0:
        add(R"("l":)" + std::to_string(length + 1));
        break;
      case 1:
        if (length > 0) add(R"("l":)" + std::to_string(length - 1));
        break;
      case 2:
        add(R"("l":"4294967296")");
        break;
      case 3:
        add(R"("l":")" + std::to_string(length) + "\"");
        break;
      default:
        add(R"("l":)" + std::to_string(length));
    }
    payload += header + "}" + body;
  }
  return payload;
}

void composite(std::string_view body, std::optional<std::uint64_t> count) {
  amps::composite_reader reader(body, count);
  std::vector<std::string> parts;
  while (const auto part = reader.next()) parts.emplace_back(*part);
  const auto want = naive::read_amps(count ? "composite " + std::to_string(*count) : "composite", body, {});
  AMPSPEC_ORACLE("differential", want.has_value() == !reader.error());
  AMPSPEC_ORACLE("sticky", !reader.next());
  if (!want) return;
  box got = numbered(parts);
  if (count) got.emplace_back("rest", reader.rest());
  AMPSPEC_ORACLE("differential", got == *want);
  std::string again;
  for (const auto& part : parts) AMPSPEC_ORACLE("model", !amps::append_part(part, again));
  AMPSPEC_ORACLE("round-trip", again + std::string(reader.rest()) == body);
}

void uri(std::string_view text) {
  const auto got = amps::parse_uri(text);
  const auto want = naive::read_amps("uri", text, {});
  AMPSPEC_ORACLE("differential", want.has_value() == got.ok());
  if (!want) {
    AMPSPEC_ORACLE("model", got.error().offset <= text.size());
    return;
  }
  const auto value = [&](const char* name) { return naive::find(*want, name); };
  AMPSPEC_ORACLE("differential", got->transport == value("transport") && got->host == value("host"));
  AMPSPEC_ORACLE("differential", std::to_string(got->port) == value("port") && got->protocol == value("protocol"));
  AMPSPEC_ORACLE("differential", got->user == value("user") && got->password == value("password"));
  AMPSPEC_ORACLE("differential", got->message_type == value("message_type"));
  std::string path, options;
  for (const auto& part : got->extra) path.append(path.empty() ? "" : "/").append(part);
  for (const auto& [key, is] : got->options)
    options.append(options.empty() ? "" : "&").append(key).append("=").append(is);
  AMPSPEC_ORACLE("differential", path == value("path").value_or("") && options == value("options").value_or(""));
}

void options(std::string_view text) {
  std::vector<std::string> items;
  for (const auto& [name, value] : amps::options_from(text)) {
    items.push_back(value ? std::string(name).append("=").append(*value) : std::string(name));
  }
  AMPSPEC_ORACLE("differential", numbered(items) == *naive::read_amps("options", text, {}));
}

void acks(std::string_view text) {
  using enum amps::ack_type;
  const auto asked = amps::ack_types_from(text);
  box got;
  for (const auto type : {received, processed, completed, persisted, stats}) {
    if (asked.has(type)) got.emplace_back(amps::word_of(type), "");
  }
  AMPSPEC_ORACLE("differential", got == *naive::read_amps("acks", text, {}));
}

std::string told(const amps::bookmark& b) {
  using kind = amps::bookmark::kind;
  if (b.what == kind::epoch) return "epoch";
  if (b.what == kind::now) return "now";
  if (b.what == kind::message) return "message " + std::to_string(b.publisher) + " " + std::to_string(b.sequence);
  return "time " + amps::timestamp_text(b.at).substr(0, 15);
}

void bookmarks(std::string_view text) {
  const auto got = amps::bookmarks_from(text);
  const auto want = naive::read_amps("bookmark", text, {});
  AMPSPEC_ORACLE("differential", want.has_value() == got.ok());
  if (!want) return;
  box as_told;
  if (got->range) as_told.emplace_back("range", std::string(got->begin_open ? "(" : "[") + (got->end_open ? ")" : "]"));
  int n = 0;
  for (const auto& b : got->list) {
    as_told.emplace_back(std::to_string(++n), told(b));
    if (b.what != amps::bookmark::kind::message) continue;
    const auto again = amps::bookmark_from(amps::bookmark_text(b.publisher, b.sequence));
    AMPSPEC_ORACLE("round-trip", again && told(*again) == (b.publisher == 0 && b.sequence == 1 ? "now" : told(b)));
  }
  AMPSPEC_ORACLE("differential", as_told == *want);
}

void timestamp(std::string_view text) {
  const auto got = amps::timestamp_from(text);
  const auto want = naive::read_amps("timestamp", text, {});
  AMPSPEC_ORACLE("differential", want.has_value() == got.has_value());
  if (!want) return;
  AMPSPEC_ORACLE("differential", amps::timestamp_text(*got) == naive::find(*want, "basic"));
  AMPSPEC_ORACLE("round-trip", amps::timestamp_from(amps::timestamp_text(*got)) == got);
}

// A URI that is nearly right.
std::string made_uri(maker from) {
  constexpr std::array<std::string_view, 6> schemes{"tcp", "tcps", "ws", "wss", "TCP", "http"};
  constexpr std::array<std::string_view, 6> hosts{"h", "u:p@h", "u@127.0.0.1", "[::1]", "u%40:%3a@h", ""};
  constexpr std::array<std::string_view, 8> ports{"9007", "1", "65535", "65536", "131071", "0", "007", "4294967297"};
  constexpr std::array<std::string_view, 8> paths{"/amps/json",    "/amps", "/amps/json?a=b", "/amps/json?a=b&c=%20",
                                                  "/x/y/amps/fix", "",      "/json",          "/amps/"};
  const auto some = [&](const auto& of) { return std::string(of[from.below(of.size())]); };
  std::string made = some(schemes) + "://";
  made += some(hosts);
  made += ":" + some(ports);
  made += some(paths);
  return made + std::string(from.take(4));
}

}  // namespace

void amps_parts(std::string_view input) {
  maker from(input);
  const std::uint8_t first = from.octet();
  if (first >= 0xe0) return uri(made_uri(from));
  const std::size_t form = first % 9;
  if (form == 8) return batch(made_batch(from));
  const lent copy(from.rest());
  const std::string_view octets = copy;
  switch (form) {
    case 0:
      return batch(octets);
    case 1:
      return composite(octets, std::nullopt);
    case 2:
      return octets.empty() ? void() : composite(octets.substr(1), static_cast<unsigned char>(octets.front()) % 8);
    case 3:
      return uri(octets);
    case 4:
      return options(octets);
    case 5:
      return acks(octets);
    case 6:
      return bookmarks(octets);
    default:
      return timestamp(octets);
  }
}

}  // namespace ampspec::fuzz
