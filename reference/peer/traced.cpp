// Trace lines: decoded apart from the conversation, so that a wrong one is shown as what it is.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/traced.hpp"

#include "reference/peer/escaped.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

namespace ampspec::peer {

std::string shown(amp::box_view box, bool show_secrets) {
  constexpr std::size_t most = 64;
  std::string text = "{";
  for (const auto& [key, value] : box) {
    if (text.size() > 1) text += ", ";
    const bool hidden = key == "token" && !show_secrets;
    text += escaped(key) + ": " +
            (hidden ? std::string(std::min(value.size(), most), '*') : escaped(value.substr(0, most)));
    if (value.size() > most) text += "... (" + std::to_string(value.size()) + " octets)";
  }
  return text + "}";
}

traced::traced(std::shared_ptr<behaviour::conversation> talk, amp::version v, std::uint64_t number, std::ostream& out,
               bool show_secrets)
    : talk_(std::move(talk)),
      label_(std::to_string(number)),
      out_(out),
      show_secrets_(show_secrets),
      in_('<', v),
      back_('>', v) {
  say('-', "connected");
}

void traced::say(char sign, const std::string& text) {
  out_ << '#' << label_ << ' ' << sign << ' ' << text << std::endl;
}

void traced::tell(direction& way, std::string_view bytes) {
  way.decoder->feed(bytes);
  while (const auto box = way.decoder->next()) say(way.sign, shown(*box, show_secrets_));
  if (const auto& wrong = way.decoder->error(); wrong && !std::exchange(way.refusal_told, true)) {
    say(way.sign, "not a box: " + wrong->code.message() + " at octet " + std::to_string(wrong->offset));
  }
}

void traced::receive(std::string_view bytes) {
  tell(in_, bytes);
  talk_->receive(bytes);
}

std::unique_ptr<amp::box_decoder> traced::fresh(amp::version v) {
  return std::make_unique<amp::box_decoder>(amp::limits{.refuse_duplicates = false, .version = v});
}

std::string traced::begin_tls() {
  say('-', "TLS begins");
  for (auto* way : {&in_, &back_}) {
    way->decoder = fresh(way->version);  // octets of the handshake may have been taken for boxes
    way->refusal_told = false;
  }
  return talk_->begin_tls();
}

void traced::peer_finished() {
  say('<', "end of stream");
  talk_->peer_finished();
}

void traced::lost() {
  say('-', "closed");
  talk_->lost();
}

void traced::sent(std::size_t count) {
  tell(back_, talk_->output().substr(0, count));
  talk_->sent(count);
}

}  // namespace ampspec::peer
