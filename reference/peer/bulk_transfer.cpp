// Steps of a transfer, by what the rules say to each answer.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/bulk_transfer.hpp"

#include "reference/peer/surroundings.hpp"

#include <algorithm>
#include <utility>

namespace ampspec::peer {

namespace {

constexpr std::size_t piece_size = 64 * 1024;

std::string hash_of(const bulk::octet_source& body) {
  const auto hash = real_surroundings().hash();
  std::string piece;
  for (std::uint64_t at = 0; at < body.size; at += piece.size()) {
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, body.size - at)));
    body.read(at, piece);
    hash->update(piece);
  }
  return hash->finish();
}

}  // namespace

bulk_transfer::bulk_transfer(std::uint64_t number, std::unique_ptr<bulk::transfer_rules> rules, bulk::direction way,
                             std::string resource, bulk::octet_source body)
    : number_(number), rules_(std::move(rules)), way_(way), resource_(std::move(resource)), body_(std::move(body)) {}

behaviour::plain_box bulk_transfer::arguments() const {
  if (way_ == bulk::direction::download) return {{"direction", "download"}, {"resource", resource_}};
  return {{"direction", "upload"},
          {"resource", resource_},
          {"size", std::to_string(body_.size)},
          {"sha256", hash_of(body_)}};
}

void bulk_transfer::opened(const behaviour::call_end& end) {
  if (end.how == "answer") return take(rules_->opened(end.box));
  end_ = end;
  end_->number = number_;
}

void bulk_transfer::take(bulk::client_turn turn) {
  if (!turn.request) return finish(std::move(turn.how), std::move(turn.text));
  running_ = std::make_shared<http_request>(std::move(*turn.request), body_, real_surroundings().hash);
  waiting_ = running_;
}

void bulk_transfer::not_connected(std::string why) {
  running_.reset();
  finish("error", std::move(why));
}

void bulk_transfer::look() {
  if (!running_ || !running_->over()) return;
  last_ = std::exchange(running_, nullptr)->outcome();
  if (last_.status == 0) return finish("error", "no response came");
  take(rules_->responded(last_.status, last_.headers, last_.complete));
}

void bulk_transfer::finish(std::string how, std::string text) {
  behaviour::call_end end;
  end.number = number_;
  end.how = std::move(how);
  end.text = std::move(text);
  if (end.how == "error") end.kind = "unknown";
  if (end.how == "answer") {
    const bool up = way_ == bulk::direction::upload;
    end.box = {{"size", std::to_string(up ? body_.size : last_.size)}, {"sha256", up ? hash_of(body_) : last_.sha256}};
  }
  end_ = std::move(end);
}

}  // namespace ampspec::peer
