// Tells what the AMPS codecs read, and hands them what they are to write.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/amps_codec.hpp"

#include "reference/amps/composite.hpp"
#include "reference/amps/field_values.hpp"
#include "reference/amps/frame_decoder.hpp"
#include "reference/amps/frame_encoder.hpp"
#include "reference/amps/plain_message.hpp"
#include "reference/amps/sow_batch.hpp"
#include "reference/amps/uri.hpp"
#include "reference/naive/amps_codec.hpp"

#include <optional>
#include <string>
#include <utility>

namespace ampspec::peer {

using behaviour::plain_box;

namespace {

rejection rejected(const wire::failure& why) {
  return {std::string(amps::class_word(why.code)), why.offset,
          why.code.message() + " (" + std::string(why.broken) + ")"};
}

std::string joined(const std::vector<std::string_view>& pieces) {
  std::string all;
  for (const auto piece : pieces) all += piece;
  return all;
}

decoding decode_messages(const std::vector<std::string_view>& pieces) {
  decoding all;
  amps::frame_decoder decoder;
  for (const auto piece : pieces) {
    const std::string lent(piece);  // gone when the next comes
    decoder.feed(lent);
    while (const auto frame = decoder.next()) {
      if (all.refused) continue;
      if (frame->header.what() != amps::command::sow || frame->body.empty()) {
        all.boxes.push_back(amps::plain_message(frame->header, frame->body));
        continue;
      }
      // A refused batch ends the stream as a refused header does.
      amps::sow_reader records(frame->header, frame->body);
      while (const auto record = records.next()) all.boxes.push_back(amps::plain_message(record->header, record->body));
      if (!records.error()) continue;
      all.refused = rejected(*records.error());
      all.refused->offset.reset();
    }
  }
  if (!all.refused && decoder.error()) all.refused = rejected(*decoder.error());
  if (!all.refused) all.incomplete = decoder.finish().has_value();
  return all;
}

plain_box numbered(const std::vector<std::string>& items) {
  plain_box box;
  for (const auto& item : items) box.emplace_back(std::to_string(box.size() + 1), item);
  return box;
}

plain_box told(const amps::uri& uri) {
  plain_box box{{"transport", uri.transport}};
  if (uri.user) box.emplace_back("user", *uri.user);
  if (uri.password) box.emplace_back("password", *uri.password);
  box.emplace_back("host", uri.host);
  box.emplace_back("port", std::to_string(uri.port));
  const auto put = [&](const char* name, const std::vector<std::string>& parts, const char* between) {
    std::string text;
    for (const auto& part : parts) text.append(text.empty() ? "" : between).append(part);
    if (!parts.empty()) box.emplace_back(name, text);
  };
  put("path", uri.extra, "/");
  box.emplace_back("protocol", uri.protocol);
  if (uri.message_type) box.emplace_back("message_type", *uri.message_type);
  std::vector<std::string> options;
  for (const auto& [key, value] : uri.options) options.push_back(key + "=" + value);
  put("options", options, "&");
  return box;
}

std::string told(const amps::bookmark& b) {
  using kind = amps::bookmark::kind;
  switch (b.what) {
    case kind::epoch:
      return "epoch";
    case kind::now:
      return "now";
    case kind::message:
      return "message " + std::to_string(b.publisher) + " " + std::to_string(b.sequence);
    case kind::time:
      return "time " + amps::timestamp_text(b.at).substr(0, 15);
  }
  return {};
}

plain_box told(const amps::bookmarks& all) {
  plain_box box;
  if (all.range) {
    box.emplace_back("range", std::string(all.begin_open ? "(" : "[") + (all.end_open ? ")" : "]"));
  }
  int n = 0;
  for (const auto& b : all.list) box.emplace_back(std::to_string(++n), told(b));
  return box;
}

template <class T>
decoding one(const wire::result<T>& read) {
  decoding all;
  if (read) {
    all.boxes.push_back(told(*read));
  } else {
    all.refused = rejected(read.error());
  }
  return all;
}

decoding decode_composite(std::string_view body, std::optional<std::uint64_t> count) {
  decoding all;
  amps::composite_reader reader(body, count);
  std::vector<std::string> parts;
  while (const auto part = reader.next()) parts.emplace_back(*part);
  if (reader.error()) {
    all.refused = rejected(*reader.error());
    return all;
  }
  all.boxes.push_back(numbered(parts));
  if (count) all.boxes.back().emplace_back("rest", reader.rest());
  return all;
}

decoding decode_value(wire_protocol as, const std::string& text) {
  decoding all;
  switch (as) {
    case wire_protocol::amps_options: {
      std::vector<std::string> items;
      for (const auto& [name, value] : amps::options_from(text)) {
        items.push_back(value ? std::string(name).append("=").append(*value) : std::string(name));
      }
      all.boxes.push_back(numbered(items));
      return all;
    }
    case wire_protocol::amps_acks: {
      using enum amps::ack_type;
      const auto asked = amps::ack_types_from(text);
      auto& box = all.boxes.emplace_back();
      for (const auto type : {received, processed, completed, persisted, stats}) {
        if (asked.has(type)) box.emplace_back(amps::word_of(type), "");
      }
      return all;
    }
    case wire_protocol::amps_bookmark:
      return one(amps::bookmarks_from(text));
    default:
      break;
  }
  if (const auto at = amps::timestamp_from(text)) {
    all.boxes.push_back({{"basic", amps::timestamp_text(*at)}});
  } else {
    all.refused = rejection{std::string(amps::class_word(amps::errc::bad_value)), std::nullopt, {}};
  }
  return all;
}

std::string_view form_of(wire_protocol as) {
  switch (as) {
    case wire_protocol::amps_uri:
      return "uri";
    case wire_protocol::amps_options:
      return "options";
    case wire_protocol::amps_acks:
      return "acks";
    case wire_protocol::amps_bookmark:
      return "bookmark";
    case wire_protocol::amps_timestamp:
      return "timestamp";
    case wire_protocol::amps_composite:
      return "composite";
    case wire_protocol::amps_composite_of_2:
      return "composite 2";
    default:
      return {};
  }
}

std::string_view class_of(wire_protocol as) {
  if (as == wire_protocol::amps_uri) return "bad-uri";
  return form_of(as).starts_with("composite") ? "bad-part" : "bad-value";
}

}  // namespace

decoding decode_amps(wire_protocol as, const std::vector<std::string_view>& pieces) {
  if (as == wire_protocol::amps) return decode_messages(pieces);
  const auto text = joined(pieces);
  if (as == wire_protocol::amps_uri) return one(amps::parse_uri(text));
  if (as == wire_protocol::amps_composite) return decode_composite(text, std::nullopt);
  if (as == wire_protocol::amps_composite_of_2) return decode_composite(text, 2);
  return decode_value(as, text);
}

encoding encode_amps(wire_protocol as, const plain_box& box) {
  encoding out;
  std::optional<wire::failure> refused;
  if (as == wire_protocol::amps) {
    amps::header header;
    std::string_view body;
    for (const auto& [name, text] : box) {
      const auto field = amps::field_named(name);
      if (name == "body") {
        body = text;
      } else if (!field) {
        out.refused = rejection{{}, std::nullopt, "no field is called " + name};
        return out;
      } else {
        const auto command = amps::command_named(text);
        const bool known = *field == amps::field::command && command != amps::command::unknown;
        header.set(*field, known ? amps::written_word(command) : std::string_view(text));
      }
    }
    refused = amps::encode(header, body, out.bytes);
  } else {
    for (const auto& [number, part] : box) {
      if (!refused) refused = amps::append_part(part, out.bytes);
    }
  }
  if (refused) {
    out.refused = rejected(*refused);
    out.refused->offset.reset();  // a place in octets that were never written helps nobody
  }
  return out;
}

decoding decode_naive_amps(wire_protocol as, const std::vector<std::string_view>& pieces, const naive::faults& broken) {
  decoding all;
  if (as != wire_protocol::amps) {
    if (auto read = naive::read_amps(form_of(as), joined(pieces), broken)) {
      all.boxes.push_back(std::move(*read));
    } else {
      all.refused = rejection{std::string(class_of(as)), std::nullopt, {}};
    }
    return all;
  }
  naive::amps_reader reader({.broken = broken});
  const auto keep = [&](std::vector<naive::amps_message> messages) {
    for (auto& message : messages) all.boxes.push_back(std::move(message));
  };
  for (const auto piece : pieces) keep(reader.feed(piece));
  keep(reader.finish());
  all.incomplete = reader.end() == naive::ending::incomplete;
  if (reader.end() == naive::ending::rejected) all.refused = {reader.refused().word, reader.refused().offset, {}};
  return all;
}

encoding encode_naive_amps(wire_protocol as, const plain_box& box, const naive::faults& broken) {
  if (as == wire_protocol::amps) {
    auto [bytes, word] = naive::encode_amps(box, {.broken = broken});
    encoding out{std::move(bytes), std::nullopt};
    if (!word.empty()) out.refused = {std::move(word), std::nullopt, {}};
    return out;
  }
  encoding out;
  if (auto bytes = naive::write_amps(form_of(as), box, broken)) {
    out.bytes = std::move(*bytes);
  } else {
    out.refused = rejection{{}, std::nullopt, "no such form is written"};
  }
  return out;
}

}  // namespace ampspec::peer
