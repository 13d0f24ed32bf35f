// Decodes both directions beside the conversation, for people.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/amps_traced.hpp"

#include <string>
#include <utility>

namespace ampspec::peer {

amps_traced::amps_traced(std::shared_ptr<behaviour::conversation> talk, amps_narrator narrator)
    : talk_(std::move(talk)), narrator_(std::move(narrator)) {
  narrator_.say('-', "connected");
}

void amps_traced::tell(direction& way, std::string_view bytes) {
  way.decoder.feed(bytes);
  while (const auto frame = way.decoder.next()) {
    if (frame->body_at == 0) narrator_.tell(way.sign, frame->header, frame->body, frame->body_size);
  }
  if (const auto& wrong = way.decoder.error(); wrong && !std::exchange(way.refusal_told, true)) {
    narrator_.say(way.sign, "no message: " + wrong->code.message() + " at octet " + std::to_string(wrong->offset));
  }
}

void amps_traced::receive(std::string_view bytes) {
  tell(in_, bytes);
  talk_->receive(bytes);
}

void amps_traced::peer_finished() {
  narrator_.say('<', "end of stream");
  talk_->peer_finished();
}

void amps_traced::lost() {
  narrator_.say('-', "closed");
  talk_->lost();
}

void amps_traced::sent(std::size_t count) {
  tell(back_, talk_->output().substr(0, count));
  talk_->sent(count);
}

}  // namespace ampspec::peer
