// Property: groups of WebSocket messages are put together, and refused, as a plain model of them says.
// SPDX-License-Identifier: Apache-2.0
#include "fuzz/support/amps_play.hpp"
#include "fuzz/support/budget.hpp"
#include "fuzz/support/lent.hpp"
#include "fuzz/support/maker.hpp"
#include "fuzz/support/oracle.hpp"
#include "fuzz/targets/targets.hpp"
#include "reference/amps/ws_grouping.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace ampspec::fuzz {
namespace {

using amps::ws_kind;

// Input: as frames, each of them one message; the top bit of its length is set for BINARY. Or, if the settings have a
// limit on values, what messages are made of.
std::vector<amps::ws_message> messages_of(std::string_view stream) {
  std::vector<amps::ws_message> all;
  while (stream.size() >= 4) {
    std::uint32_t said = 0;
    for (std::size_t i = 0; i < 4; ++i) said = said << 8 | static_cast<unsigned char>(stream[i]);
    const ws_kind kind = (said & 0x80000000u) != 0 ? ws_kind::binary : ws_kind::text;
    const std::string_view octets = stream.substr(4, said & 0x7fffffffu);
    all.push_back({kind, std::string(octets)});
    stream.remove_prefix(4 + octets.size());
  }
  return all;
}

// Messages that are nearly right, as a client or a server sends them.
std::vector<amps::ws_message> made_messages(maker from, bool deliveries) {
  constexpr std::array<std::string_view, 5> headers{R"({"c":"publish","t":"a"})", R"({"c":"p","t":"b","l":2})",
                                                    R"({"c":"p","l":0} )", R"({"c":"ack","a":"processed"})",
                                                    R"({"c":"oof","t":"a\u0041"})"};
  std::vector<amps::ws_message> all;
  if (!deliveries) all.push_back({ws_kind::text, from.flag() ? "text" : "binary"});
  while (!from.empty() && all.size() < 48) {
    const std::size_t count = from.below(4), kind = from.below(8);
    const auto body = [&] {
      all.push_back({from.flag() ? ws_kind::text : ws_kind::binary, std::string(from.take(from.below(7)))});
    };
    if (!deliveries) {
      all.push_back({ws_kind::binary, {static_cast<char>(count + 1), '\0', '\0', '\0'}});
      all.push_back({ws_kind::text, std::string(headers[kind % headers.size()])});
      for (std::size_t i = 0; i < count; ++i) body();
    } else if (kind < 4) {
      all.push_back({ws_kind::text, R"({"c":"sow","t":"a","bs":)" + std::to_string(count) + "}"});
      for (std::size_t i = 0; i < count; ++i) {
        all.push_back({ws_kind::text, R"({"k":")" + std::to_string(i) + (i == 1 ? R"(","t":"own"})" : "\"}")});
        body();
      }
    } else {
      all.push_back({ws_kind::text, std::string(headers[kind % headers.size()])});
      if (count > 0) body();
    }
    const std::size_t spoil = from.below(32);
    if (spoil == 1) all.pop_back();
    if (spoil == 2) all.push_back(amps::ws_message(all.back()));
    if (spoil == 3) all.back().kind = all.back().kind == ws_kind::text ? ws_kind::binary : ws_kind::text;
    if (spoil == 4) all.back().octets += "x";
  }
  return all;
}

struct given {
  header_texts header;
  std::string body;
  bool operator==(const given&) const = default;
};

// A header message: an object, and nothing but blanks behind it. The class of what is wrong with it, and where.
std::string wrong_with(const amps::ws_message& m, header_texts& fields, std::size_t& at) {
  at = 0;
  if (m.kind != ws_kind::text) return "header-not-text";
  const auto object = naive::read_object(m.octets, {});
  at = object.at;
  if (!object.wrong.empty()) return object.wrong;
  at = m.octets.find_first_not_of(" \t\r\n", object.size);
  if (at != std::string::npos) return "octets-behind-header";
  at = 0;
  for (const auto& [name, text] : object.fields) fields[name] = text;
  const auto command = fields.find("c");
  return command == fields.end() || command->second.empty() ? "no-command" : "";
}

// What a server makes of a client's messages (AMPS-WS-003, -005, -006).
struct command_model {
  std::string wrong;
  std::uint64_t at = 0, before = 0;
  std::string mode;
  std::uint64_t awaited = 0, size = 0;
  bool has_header = false;
  given now;

  std::optional<given> take(const amps::ws_message& m, const amps::ws_limits& limits) {
    std::optional<given> done;
    const auto refuse = [&](std::string word, std::uint64_t offset) {
      wrong = std::move(word);
      at = before + offset;
    };
    if (!wrong.empty()) return done;
    if (mode.empty()) {
      if (m.kind != ws_kind::text || (m.octets != "text" && m.octets != "binary")) return refuse("bad-mode", 0), done;
      mode = m.octets;
    } else if (awaited == 0) {
      std::uint64_t count = 0;
      for (std::size_t i = m.octets.size(); i > 0; --i)
        count = count * 256 + static_cast<unsigned char>(m.octets[i - 1]);
      if (m.kind != ws_kind::binary || m.octets.size() != 4 || count == 0) return refuse("bad-count", 0), done;
      if (count > limits.max_group) return refuse("group-too-long", 0), done;
      awaited = count;
      has_header = false;
      size = 0;
      now = {};
    } else {
      if (!has_header && m.kind != ws_kind::text) return refuse("header-not-text", 0), done;
      if (size + m.octets.size() > limits.max_message) return refuse("frame-too-large", 0), done;
      size += m.octets.size();
      if (has_header) {
        now.body += m.octets;
      } else {
        std::size_t where = 0;
        const auto word = wrong_with(m, now.header, where);
        if (!word.empty()) return refuse(word, where), done;
        has_header = true;
      }
      if (--awaited == 0) done = now;
    }
    before += m.octets.size();
    return done;
  }
};

// What a client makes of a server's messages (AMPS-WS-008 to -012, -033).
struct delivery_model {
  std::string wrong;
  std::uint64_t at = 0, before = 0;
  enum { header, body, record, record_body } next = header;
  std::uint64_t size = 0, records = 0;
  header_texts common, own;

  std::optional<given> take(const amps::ws_message& m, const amps::ws_limits& limits) {
    std::optional<given> done;
    const auto refuse = [&](std::string word, std::uint64_t offset) {
      wrong = std::move(word);
      at = before + offset;
    };
    if (!wrong.empty()) return done;
    if (next == header) size = 0;
    if (size + m.octets.size() > limits.max_message) return refuse("frame-too-large", 0), done;
    size += m.octets.size();
    std::size_t where = 0;
    if (next == header) {
      common.clear();
      const auto word = wrong_with(m, common, where);
      if (!word.empty()) return refuse(word, where), done;
      const std::string command = common["c"];
      const auto number = [&](const char* name) {
        const auto found = common.find(name);
        return found == common.end() ? std::nullopt : naive::amps_number(found->second, false, {});
      };
      if (command == "p" || command == "publish" || command == "oof") {
        if (number("l") == "0") {
          done = {common, ""};
        } else {
          next = body;
        }
      } else if (command == "sow") {
        const auto count = number("bs");
        if (!count) return refuse("bad-count", 0), done;
        records = std::stoull(*count);
        if (records > 0) next = record;
      } else {
        done = {common, ""};
      }
    } else if (next == body) {
      done = {common, m.octets};
      next = header;
    } else if (next == record) {
      own = common;
      const auto word = wrong_with(m, own, where);
      if (!word.empty() && word != "no-command") return refuse(word, where), done;
      next = record_body;
    } else {
      done = {own, m.octets};
      next = --records == 0 ? header : record;
    }
    before += m.octets.size();
    return done;
  }
};

// Gives a message to a reader, and shows what comes of it. A server's reader takes pieces too, each from a block of its
// own that is given back before the next.
template <class Reader, class Shown>
void give(Reader& reader, const amps::ws_message& m, const settings& with, Shown&& shown) {
  std::vector<std::size_t> parts{m.octets.size()};
  if constexpr (std::is_same_v<Reader, amps::ws_command_reader>) {
    if (!m.octets.empty()) parts = cuts(with, m.octets.size());
  }
  std::size_t at = 0;
  for (const std::size_t size : parts) {
    const lent octets(std::string_view(m.octets).substr(at, size));
    at += size;
    if constexpr (std::is_same_v<Reader, amps::ws_command_reader>) {
      const auto got = reader.receive(m.kind, octets, at == m.octets.size());
      AMPSPEC_ORACLE("model", !got || at == m.octets.size());
      if (at == m.octets.size()) shown(got);
    } else {
      shown(reader.receive(m.kind, octets));
    }
  }
}

// Writes what was read, as a client or a server does it, and reads that.
void write(const given& what, const amps::ws_limits& limits, ws_kind body_kind) {
  amps::header header;
  for (const auto& row : amps::all_fields) {
    if (const auto found = what.header.find(std::string(row.written)); found != what.header.end()) {
      header.set(row.id, std::string_view(found->second));
    }
  }
  const auto same = [&](const std::optional<amps::frame_view>& got) {
    if (!got || got->body != what.body) return false;
    return std::all_of(amps::all_fields.begin(), amps::all_fields.end(), [&](const auto& row) {
      return row.kind != amps::field_kind::text || got->header[row.id] == header[row.id];
    });
  };
  const std::string_view body = what.body, halves[] = {body.substr(0, body.size() / 2), body.substr(body.size() / 2)};
  std::vector<amps::ws_message> messages;
  const auto refused = amps::ws_command(header, halves, body_kind, messages, limits);
  if (refused) AMPSPEC_ORACLE("sticky", messages.empty());
  if (!refused) {
    amps::ws_command_reader reader(limits);
    const auto mode = amps::ws_mode_message(body_kind == ws_kind::text ? "json" : "fix");
    AMPSPEC_ORACLE("round-trip", !reader.receive(mode.kind, mode.octets, true) && reader.mode() == body_kind);
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const auto got = reader.receive(messages[i].kind, messages[i].octets, true);
      AMPSPEC_ORACLE("round-trip", !reader.error() && reader.in_group() == (i + 1 < messages.size()));
      AMPSPEC_ORACLE("round-trip", i + 1 < messages.size() ? !got : same(got));
    }
  }
  if (header.what() == amps::command::sow) return;  // its records come by themselves
  std::string head;
  if (amps::ws_delivery_header(header, body.size(), head)) return;
  amps::ws_delivery_reader reader;
  const bool follows = amps::ws_body_follows(header.what(), body.size());
  if (!follows && !body.empty()) return;  // this kind of message has none
  const auto first = reader.receive(ws_kind::text, head);
  AMPSPEC_ORACLE("round-trip", follows ? !first && reader.in_group() : same(first));
  if (follows) AMPSPEC_ORACLE("round-trip", same(reader.receive(body_kind, body)));
  AMPSPEC_ORACLE("round-trip", !reader.in_group() && !reader.error());
}

template <class Reader, class Model>
void play(const std::vector<amps::ws_message>& messages, const amps::ws_limits& limits, const settings& with) {
  Reader reader(limits);
  Model model;
  std::uint64_t octets = 0;
  std::vector<given> all;
  const heap_watch heap;
  for (const auto& m : messages) {
    const auto want = model.take(m, limits);
    octets += m.octets.size();
    give(reader, m, with, [&](const std::optional<amps::frame_view>& got) {
      AMPSPEC_ORACLE("model", got.has_value() == want.has_value());
      if (!got) return;
      AMPSPEC_ORACLE("model", (given{texts_of(got->header), std::string(got->body)}) == *want);
      if (all.size() < 4) all.push_back(*want);
    });
    AMPSPEC_ORACLE("model", reader.error().has_value() == !model.wrong.empty());
    if (reader.error()) {
      AMPSPEC_ORACLE("model", amps::class_word(reader.error()->code) == model.wrong);
      AMPSPEC_ORACLE("model", reader.error()->offset == model.at);
      AMPSPEC_ORACLE("model", amps::ws_close_code(reader.error()->code) ==
                                  (model.wrong == "frame-too-large" || model.wrong == "group-too-long" ? 1009 : 1002));
    }
  }
  AMPSPEC_ORACLE("live-octets", heap.peak() <= 65536 + 64 * octets + 512 * messages.size());
  for (const auto& one : all) write(one, limits, all.size() % 2 == 0 ? ws_kind::text : ws_kind::binary);
}

}  // namespace

void amps_ws(std::string_view input) {
  const auto [with, stream] = read_input(input);
  amps::ws_limits limits;
  limits.max_message = amps_limits(with).max_frame;
  if (with.pairs_limit != 0) limits.max_group = with.pairs_limit;
  auto messages = with.value_limit != 0 ? made_messages(maker(stream), with.lenient) : messages_of(stream);
  if (with.divert) messages.insert(messages.begin(), {ws_kind::text, "text"});  // so that commands can come at once
  if (with.lenient) {
    play<amps::ws_delivery_reader, delivery_model>(messages, limits, with);
  } else {
    play<amps::ws_command_reader, command_model>(messages, limits, with);
  }
}

}  // namespace ampspec::fuzz
