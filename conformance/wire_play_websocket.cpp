// A play over WebSocket: the upgrade from both sides, frames of ours, and what came as TCP would carry it.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/wire_play.hpp"
#include "conformance/ws_client.hpp"
#include "conformance/ws_server.hpp"

#include <algorithm>

namespace ampspec::conformance {

std::string wire_play::path_of_upgrade() const {
  const auto& path = check_.vector->upgrade.path;
  return path.empty() ? "/amps/json" : vectors::realize(path, names_.names).str();
}

std::size_t wire_play::await_head(end_point& side, const std::string& name, const std::string& expected) {
  const auto until = clock::now() + patience_.for_answer();
  std::size_t end = 0;
  while ((end = side.in.find("\r\n\r\n")) == side.in.npos) {
    if (side.closed) deviate("upgrade", "close", expected, close_in_words(side.was_reset));
    if (side.in.size() > largest_box || !more(side, name, until))
      deviate("upgrade", "nothing", expected, "nothing in time", true);
  }
  return end + 4;
}

void wire_play::accept_upgrade(end_point& side, const std::string& name) {
  const auto& how = check_.vector->upgrade;
  const auto from = record_.entries();
  const std::string expected = "a request for the upgrade at " + path_of_upgrade();
  const auto size = await_head(side, name, expected);
  const std::string head = side.in.substr(0, size), rest = side.in.substr(size);
  side.in.clear();
  if (const auto wrong = wrong_upgrade_request(head, path_of_upgrade()); !wrong.empty())
    deviate("upgrade", "other", expected, wrong);
  for (const auto& [key, value] : plain(how.headers.pairs, names_)) {
    const auto told = http_header(head, key);
    if (told == value) continue;
    deviate("upgrade", "other", "the header " + key + ": " + show_octets(value),
            told ? key + ": " + show_octets(*told) : "no such header");
  }
  const auto answer = ws_upgrade_answer(head);
  record_.ours(step_, name, octets::from(answer));
  side.link->send(answer, patience_.limit());
  side.text_mode = how.mode != "binary";
  side.ws = std::make_unique<ws_commands>(side.text_mode);
  record_.fold(from, step_, name, "it upgraded at " + path_of_upgrade());
  if (!rest.empty()) take_websocket(side, name, rest);
}

bool wire_play::upgrade(end_point& side, const std::string& name) {
  const auto& how = check_.vector->upgrade;
  const auto from = record_.entries();
  const std::string path = path_of_upgrade();
  const auto request = ws_upgrade_request(path, plain(how.headers.pairs, names_));
  record_.ours(step_, name, octets::from(request));
  side.link->send(request, patience_.limit());
  const std::string expected = how.status.empty() ? "the upgrade" : "the upgrade to be refused with " + how.status;
  const auto size = await_head(side, name, expected);
  const std::string head = side.in.substr(0, size);
  if (!how.status.empty()) {
    const auto status = std::to_string(http_status(head));
    const bool fits = how.status.ends_with("xx") ? status[0] == how.status[0] : status == how.status;
    if (!fits) deviate("upgrade", "other", expected, "status " + status);
    side.in.clear();
    side.ours_ended = true;  // what an HTTP server does with the connection is its business
    return false;
  }
  if (const auto wrong = wrong_upgrade(head); !wrong.empty()) deviate("upgrade", "other", expected, wrong);
  side.text_mode = how.mode != "binary";
  side.ws = std::make_unique<ws_messages>(side.text_mode);
  record_.fold(from, step_, name, "upgraded at " + path);
  if (how.mode != "none") side.link->send(ws_frame(ws_opcode::text, how.mode), patience_.limit());
  const std::string rest = side.in.substr(size);
  side.in.clear();
  if (!rest.empty()) take_websocket(side, name, rest);
  return true;
}

void wire_play::take_websocket(end_point& side, const std::string& name, std::string_view octets) {
  auto& ws = *side.ws;
  ws.feed(octets);
  side.in += ws.take();
  for (; !ws.pings.empty(); ws.pings.pop_front())
    side.link->send(ws_frame(ws_opcode::pong, ws.pings.front(), as_ours()), patience_.limit());
  if (!ws.wrong().empty()) deviate(word_, "malformed", "messages over WebSocket", ws.wrong());
  if (!ws.closed || side.closed) return;
  side.closed = true;
  record_.note(step_, name, "the connection was closed with code " + std::to_string(ws.closed->code));
  const char code[] = {static_cast<char>(ws.closed->code >> 8), static_cast<char>(ws.closed->code & 0xff)};
  const std::string_view told(code, ws.closed->code == 1005 ? 0 : 2);
  if (!side.ours_ended && !side.said_close)
    side.link->send(ws_frame(ws_opcode::close, told, as_ours()), patience_.limit());
  if (world_.client) side.link->half_close();  // the server ends the connection first (RFC 6455, 7.1.1)
}

std::string wire_play::carried(const end_point& side, std::string framed) const {
  if (!side.ws) return framed;
  if (world_.client) return ws_deliveries(framed, side.text_mode);
  return ws_command(std::string_view(framed).substr(4), {}, side.text_mode);
}

octets wire_play::carried(const end_point& side, const octets& framed) const {
  return side.ws ? octets::from(ws_deliveries(framed.str(), side.text_mode)) : framed;
}

bool wire_play::send_large(end_point& side, const std::string& name, const vectors::send_step& s) {
  if (!side.ws || world_.client || s.messages.size() != 1) return false;
  const auto body = vectors::realize(s.messages.front().body, names_.names, names_.captured);
  if (body.size() <= largest_held) return false;
  const auto header = vectors::realize(s.messages.front().header, names_.names, names_.captured).str();
  send(side, name, octets::from(ws_command_head(header, body.size(), side.text_mode)));
  record_.note(step_, name, "and behind it a body of " + std::to_string(body.size()) + " octets");
  std::string chunk;
  for (std::uint64_t at = 0; at < body.size(); at += chunk.size()) {
    chunk.resize(static_cast<std::size_t>(std::min<std::uint64_t>(body.size() - at, send_chunk)));
    body.read(at, chunk);
    ws_mask(chunk, at);
    side.link->send(chunk, patience_.limit());
  }
  unanswered_ += body.size();
  return true;
}

octets wire_play::sent_by(end_point& side, const vectors::send_step& s) {
  const auto made = [&](const vectors::recipe& r) { return vectors::realize(r, names_.names, names_.captured); };
  if (!side.ws) return made(s.bytes);
  if (world_.client && s.ws.empty()) return carried(side, made(s.bytes));
  if (s.messages.empty() && s.ws.empty()) return made(s.bytes);
  octets all;
  for (const auto& m : s.messages)
    all.append(octets::from(ws_command(made(m.header).str(), made(m.body).str(), side.text_mode)));
  for (const auto& item : s.ws) {
    const auto opcode = item.kind == "text"           ? ws_opcode::text
                        : item.kind == "binary"       ? ws_opcode::binary
                        : item.kind == "continuation" ? ws_opcode::continuation
                        : item.kind == "ping"         ? ws_opcode::ping
                        : item.kind == "pong"         ? ws_opcode::pong
                                                      : ws_opcode::close;
    side.said_close = side.said_close || opcode == ws_opcode::close;
    all.append(
        octets::from(ws_frame(opcode, made(item.payload).str(), {item.last, item.masked && world_.server != nullptr})));
  }
  return all;
}

void wire_play::expect(end_point& side, const std::string& name, const vectors::expect_pong_step& s) {
  const std::string expected = "a pong " + describe(s.payload, names_);
  const auto until = clock::now() + patience_.for_answer();
  while (side.ws->pongs.empty()) {
    if (side.closed) deviate("pong", "close", expected, close_in_words(side.was_reset));
    if (!more(side, name, until)) deviate("pong", "nothing", expected, "nothing in time", true);
  }
  const auto got = std::exchange(side.ws->pongs.front(), {});
  side.ws->pongs.pop_front();
  if (!matches(s.payload, got, names_)) deviate("pong", "other", expected, "a pong " + show_octets(got));
}

}  // namespace ampspec::conformance
