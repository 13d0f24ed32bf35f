// Types of one room changed into those of the other.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/naive_bulk.hpp"

#include "reference/peer/surroundings.hpp"

#include <algorithm>
#include <utility>

namespace ampspec::peer {

namespace {

bulk::response changed(naive::http_response from) {
  bulk::response made;
  made.status = from.status;
  made.headers = std::move(from.headers);
  made.tells_length = from.tells_length;
  made.missing = from.missing;
  const auto body = std::make_shared<const std::string>(std::move(from.body));
  made.body.size = body->size();
  made.body.read = [body](std::uint64_t at, std::span<char> out) {
    std::copy_n(body->data() + at, out.size(), out.data());
  };
  return made;
}

class exchange final : public bulk::http_exchange {
 public:
  exchange(std::shared_ptr<naive::service_state> state, const naive::faults& broken)
      : state_(std::move(state)), visit_(state_->bulk, broken) {}

  bulk::beginning begin(const bulk::request_head& head) override {
    naive::http_request request{head.method, head.target, head.headers, std::nullopt, head.secure};
    if (head.length) request.length = static_cast<std::size_t>(*head.length);
    auto begun = visit_.head(request);
    bulk::beginning made{begun.say_continue, std::nullopt};
    if (begun.answer) made.answer = changed(std::move(*begun.answer));
    return made;
  }
  std::optional<bulk::response> take(std::string_view piece) override {
    auto early = visit_.piece(piece);
    if (!early) return std::nullopt;
    return changed(std::move(*early));
  }
  bulk::response finish() override { return changed(visit_.end()); }
  void aborted() override { visit_.aborted(); }

 private:
  std::shared_ptr<naive::service_state> state_;
  naive::bulk_visit visit_;
};

class transfer final : public bulk::transfer_rules {
 public:
  transfer(bulk::direction way, const naive::faults& broken) : client_(way == bulk::direction::upload, broken) {}

  bulk::client_turn opened(const bulk::header_list& answer) override { return changed(client_.opened(answer)); }
  bulk::client_turn responded(int status, const bulk::header_list& headers, bool complete) override {
    return changed(client_.responded(status, headers, complete));
  }

 private:
  static bulk::client_turn changed(naive::bulk_client::next from) {
    if (!from.request) return {std::nullopt, std::move(from.how), std::move(from.text)};
    auto place = bulk::place_of(from.request->url);
    if (!place) return {std::nullopt, "refused", "no URL"};
    return {bulk::client_request{std::move(*place), from.request->verify, std::move(from.request->method),
                                 std::move(from.request->headers)},
            "", ""};
  }
  naive::bulk_client client_;
};

}  // namespace

void furnish(naive::bulk_shop& shop) {
  const auto around = real_surroundings();
  shop.now = around.now;
  shop.random = around.random;
  shop.sha256 = [](const std::string& octets) { return sha256(octets); };
}

std::unique_ptr<bulk::http_exchange> naive_exchange(std::shared_ptr<naive::service_state> state,
                                                    const naive::faults& broken) {
  return std::make_unique<exchange>(std::move(state), broken);
}
std::unique_ptr<bulk::transfer_rules> naive_transfer(bulk::direction way, const naive::faults& broken) {
  return std::make_unique<transfer>(way, broken);
}

}  // namespace ampspec::peer
