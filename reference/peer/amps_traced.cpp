// Decodes both directions beside the conversation, for people.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/amps_traced.hpp"

#include "reference/peer/escaped.hpp"

#include <ostream>
#include <utility>

namespace ampspec::peer {

amps_traced::amps_traced(std::shared_ptr<behaviour::conversation> talk, std::uint64_t number, std::ostream& out,
                         bool show_secrets)
    : talk_(std::move(talk)), label_(std::to_string(number)), out_(out), show_secrets_(show_secrets) {
  say('-', "connected");
}

void amps_traced::say(char sign, const std::string& text) {
  out_ << '#' << label_ << ' ' << sign << ' ' << text << std::endl;
}

void amps_traced::tell(direction& way, std::string_view bytes) {
  constexpr std::size_t most = 64;
  way.decoder.feed(bytes);
  while (const auto frame = way.decoder.next()) {
    if (frame->body_at > 0) continue;
    std::string text;
    frame->header.for_each([&](amps::field f, std::string_view value) {
      if (!text.empty()) text += ' ';
      text += std::string(amps::names_of(f).written) + '=';
      text += f == amps::field::password && !show_secrets_ ? std::string(value.size(), '*')
                                                           : escaped(value.substr(0, 4 * most));
    });
    if (frame->body_size > 0) text += " | " + escaped(frame->body.substr(0, most));
    if (frame->body_size > most) text += "... (" + std::to_string(frame->body_size) + " octets)";
    say(way.sign, text);
  }
  if (const auto& wrong = way.decoder.error(); wrong && !std::exchange(way.refusal_told, true)) {
    say(way.sign, "no message: " + wrong->code.message() + " at octet " + std::to_string(wrong->offset));
  }
}

void amps_traced::receive(std::string_view bytes) {
  tell(in_, bytes);
  talk_->receive(bytes);
}

void amps_traced::peer_finished() {
  say('<', "end of stream");
  talk_->peer_finished();
}

void amps_traced::lost() {
  say('-', "closed");
  talk_->lost();
}

void amps_traced::sent(std::size_t count) {
  tell(back_, talk_->output().substr(0, count));
  talk_->sent(count);
}

}  // namespace ampspec::peer
