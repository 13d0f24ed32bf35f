// Connections of a play: what is sent in its cuts, what came, and the box or message at its head.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/overloaded.hpp"
#include "conformance/wire_play.hpp"
#include "reference/amp/box_decoder.hpp"
#include "reference/amp/box_encoder.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <random>

namespace ampspec::conformance {

std::string encoded(std::initializer_list<amp::pair_view> pairs) {
  std::string out;
  [[maybe_unused]] const auto refused = amp::encode({pairs.begin(), pairs.size()}, out);
  assert(!refused);
  return out;
}

std::string framed(std::initializer_list<std::pair<std::string_view, std::string_view>> header) {
  std::string text;
  for (const auto& [key, value] : header) {
    const std::string_view quote = key == "s" ? "" : "\"";
    text.append(text.empty() ? "{\"" : ",\"").append(key).append("\":").append(quote).append(value).append(quote);
  }
  text += '}';
  std::string out;
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(text.size() >> shift & 0xff);
  return out + text;
}

std::string close_in_words(bool was_reset) {
  return was_reset ? "the connection was reset" : "the connection was closed";
}

std::string word_of_its_own() {
  static const unsigned run = std::random_device{}();
  static std::atomic<unsigned> count;
  std::string word;
  for (const std::uint64_t number : {std::uint64_t{run}, std::uint64_t{++count}}) {
    for (int shift = 28; shift >= 0; shift -= 4) word += "0123456789abcdef"[number >> shift & 15];
  }
  return word;
}

wire_play::~wire_play() {
  try {
    reset_all();
  } catch (const mishap&) {  // the play is over: what the implementation does now is the next play's business
  }
}

end_point& wire_play::open(const std::string& name) {
  auto& side = ends_[name];
  if (!side.link) {
    side.link =
        world_.server ? world_.server->connect(patience_.for_answer()) : world_.client->attach(patience_.for_answer());
    record_.note(step_, name, world_.server ? "connected" : "the implementation connected");
    if (amps_) begin_amps(side, name);
  }
  return side;
}

void wire_play::reset_all() {
  for (auto& [name, side] : ends_) {
    if (side.link) side.link->reset();
  }
  ends_.clear();
  if (world_.client) world_.client->reset(patience_.limit());
}

void wire_play::deviate(std::string expected_word, std::string got_word, std::string expected, std::string got,
                        bool by_deadline) {
  throw deviation{where(),    std::move(expected_word), std::move(got_word), std::move(expected), std::move(got),
                  by_deadline};
}

std::string wire_play::send(end_point& side, const std::string& name, const octets& bytes, bool hold_last) {
  record_.ours(step_, name, bytes);
  constexpr std::size_t most_fields = 100'000;  // far more than there are cuts
  if (check_.vector->cut && fields.size() < most_fields) {
    for (auto f : bytes.fields()) {
      f.offset += sent;
      fields.push_back(std::move(f));
    }
    if (sent > 0) borders.push_back(sent);
  }
  std::string chunk;
  for (std::uint64_t at = 0; at < bytes.size();) {
    const auto next = std::min(bytes.size(), next_cut(sent + at) - sent);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(next - at, send_chunk));
    chunk.resize(size);
    bytes.read(at, chunk);
    at += size;
    if (hold_last && at == bytes.size()) break;
    side.link->send(chunk, patience_.limit());
    if (at == next && at < bytes.size()) side.link->settle();
  }
  sent += bytes.size();
  unanswered_ += bytes.size();
  return hold_last ? chunk : std::string();
}

std::uint64_t wire_play::next_cut(std::uint64_t at) const {
  if (cut_.every > 0) return at + cut_.every;
  const auto it = std::upper_bound(cut_.before.begin(), cut_.before.end(), at);
  return it == cut_.before.end() ? ~std::uint64_t{0} : *it;
}

bool wire_play::more(end_point& side, const std::string& name, clock::time_point until) {
  if (side.closed) return true;
  const auto left = std::chrono::duration_cast<millis>(until - clock::now());
  auto a = side.link->receive(std::max(left, millis(0)));
  if (a.what == arrival::kind::octets) {
    record_.theirs(step_, name, a.bytes);
    unanswered_ = 0;
    if (side.ws) {
      take_websocket(side, name, a.bytes);
    } else {
      side.in += a.bytes;
    }
    if (side.large) read_large(side, std::exchange(side.in, {}));
    return true;
  }
  if (a.what == arrival::kind::nothing) return false;
  side.closed = true;
  side.was_reset = a.was_reset;
  record_.note(step_, name, close_in_words(a.was_reset));
  return true;
}

std::optional<parsed> wire_play::head_box(const end_point& side) {
  if (side.whole) return side.whole;
  if (side.large) return std::nullopt;
  if (amps_) return head_message(side);
  amp::box_decoder decoder({.version = version_});
  decoder.feed(side.in);
  const auto view = decoder.next();
  if (!view) {
    if (const auto& f = decoder.error()) {
      deviate("box", "malformed", "well-formed boxes",
              "octets that are no box: " + f->code.message() + " at octet " + std::to_string(f->offset) +
                  " of what came (" + std::string(f->broken) + ")");
    }
    if (side.in.size() > largest_box && !will_stream()) {
      deviate("box", "endless", "a box", "a box without end: " + std::to_string(side.in.size()) + " octets of it came");
    }
    return std::nullopt;
  }
  parsed p;
  for (const auto& pair : *view) p.box.emplace_back(pair.key, pair.value);
  p.size = side.in.size() - decoder.unread().size();
  return p;
}

std::optional<parsed> wire_play::head_message(const end_point& side) {
  auto at_head = first_message(side.in);
  if (!at_head.wrong.empty()) deviate(word_, "malformed", "well-formed messages", at_head.wrong);
  if (!at_head.message) {
    if (side.in.size() > largest_box && !will_stream())
      deviate(word_, "endless", "a message",
              "a message without end: " + std::to_string(side.in.size()) + " octets of it came");
    return std::nullopt;
  }
  auto& m = *at_head.message;
  return parsed{std::move(m.box), m.size, {}, std::move(m.written)};
}

plain_box wire_play::as_asked(const vectors::box_matcher& want, const parsed& got) {
  auto box = got.box;
  for (const auto& [key, value] : want.pairs) {
    const auto* text = key.size() == 1 ? std::get_if<vectors::text_atom>(&key.front().what) : nullptr;
    if (text != nullptr && text->text.text == "written") box.emplace_back("written", got.written);
  }
  return box;
}

void wire_play::remove_head(end_point& side, const parsed& p) {
  side.in.erase(0, p.size);
  side.whole.reset();
}

void wire_play::stop_holding(end_point& side) {
  if (!will_stream() || side.large || side.whole || side.in.size() <= largest_held) return;
  if (amps_) {
    side.large = std::make_unique<large_message>(hope_, names_);
  } else {
    side.large = std::make_unique<large_box>(hope_, names_);
  }
  read_large(side, std::exchange(side.in, {}));
}

void wire_play::read_large(end_point& side, const std::string& octets) {
  const bool whole = side.large->take(octets);
  if (const auto wrong = side.large->wrong(); !wrong.empty())
    deviate(word_, "malformed", amps_ ? "well-formed messages" : "well-formed boxes", wrong);
  if (side.large->endless()) {
    deviate(word_, "endless", "a " + noun_,
            "a " + noun_ + " without end: " + std::to_string(side.large->octets()) + " octets of it came");
  }
  if (!whole) return;
  side.whole = parsed{std::move(side.large->box), 0, std::move(side.large->large), std::move(side.large->written)};
  side.in = std::move(side.large->rest);
  side.large.reset();
}

const std::string* wire_play::find(const plain_box& box, std::string_view key) {
  for (const auto& [k, v] : box) {
    if (k == key) return &v;
  }
  return nullptr;
}

void wire_play::drop_fence_answers(end_point& side) {
  while (!side.fences.empty()) {
    const auto p = head_box(side);
    if (!p) return;
    const auto* tag = answered_fence(p->box);
    if (!tag || side.fences.erase(*tag) == 0) return;
    remove_head(side, *p);
  }
}

const std::string* wire_play::answered_fence(const plain_box& box) const {
  if (amps_) {
    const auto* command = find(box, "c");
    return command && *command == "ack" ? find(box, "cid") : nullptr;
  }
  const auto* tag = find(box, "_answer");
  return tag ? tag : find(box, "_error");
}

wire_play::sight wire_play::look(end_point& side, const std::string& name, millis wait, bool is_answer) {
  const auto began = clock::now();
  auto until = began + wait;
  for (;;) {
    drop_fence_answers(side);
    if (head_box(side)) {
      if (!side.whole && is_answer) patience_.answered_after(std::chrono::duration_cast<millis>(clock::now() - began));
      return sight::box;
    }
    if (side.closed) return sight::closed;
    stop_holding(side);
    if (side.large) until = clock::now() + wait;  // it goes on coming
    if (!side.whole && !more(side, name, until)) return sight::nothing;
  }
}

millis wire_play::wait_of(const std::optional<vectors::expression>& within) const {
  if (within) return millis(vectors::evaluate(*within, names_.names));
  constexpr std::uint64_t most = 10'000;
  return patience_.for_answer() + millis(std::min(unanswered_ / octets_per_ms, most));
}

parsed wire_play::next_box(end_point& side, const std::string& name, const std::string& expected,
                           std::span<const vectors::box_matcher> hope,
                           const std::optional<vectors::expression>& within) {
  hope_ = hope;
  // What a step waits for by the clock is no answer whose time tells anything.
  switch (look(side, name, wait_of(within), !within)) {
    case sight::box:
      break;
    case sight::closed:
      deviate(word_, "close", expected, close_in_words(side.was_reset) + cut_box(side));
    case sight::nothing:
      deviate(word_, "nothing", expected, "nothing in time" + cut_box(side), true);
  }
  hope_ = {};
  auto p = head_box(side);
  remove_head(side, *p);
  hide_token(p->box);
  return std::move(*p);
}

void wire_play::hide_token(const plain_box& box) {
  if (check_.vector->protocol != "bulk") return;
  if (const auto* token = find(box, "token")) record_.hide(*token);
}

std::string wire_play::cut_box(const end_point& side) const {
  return side.in.empty() ? "" : ", behind " + std::to_string(side.in.size()) + " octets of an unfinished " + noun_;
}

void wire_play::await_close(end_point& side, const std::string& name,
                            const std::optional<vectors::expression>& within) {
  const auto until = clock::now() + wait_of(within);
  for (;;) {
    drop_fence_answers(side);  // an answer of our own that was late is no word of its
    if (side.closed || !side.in.empty()) break;
    if (!more(side, name, until)) {
      deviate("close", "open", "the connection to be closed", "it stayed open, and nothing came", true);
    }
  }
  if (!side.in.empty()) deviate("close", "octets", "the connection to be closed without a word", came(side));
}

void wire_play::await_quiet(end_point& side, const std::string& name, const std::string& expected, bool close_allowed,
                            const std::optional<vectors::expression>& lasts) {
  const auto until = clock::now() + (lasts ? wait_of(lasts) : patience_.for_quiet());
  if (lasts) drop_fence_answers(side);
  while (side.in.empty() && !side.closed && more(side, name, until)) {
  }
  if (!side.in.empty()) deviate("silence", "octets", expected, came(side));
  if (side.closed && !close_allowed)
    deviate("silence", "close", "silence on an open connection", close_in_words(side.was_reset));
}

std::string wire_play::came(const end_point& side) {
  if (side.switched) return std::to_string(side.in.size()) + " octets: " + show_octets(side.in);
  if (const auto p = head_box(side)) return "a " + noun_ + ": " + show_box(p->box);
  return std::to_string(side.in.size()) + " octets: " + show_octets(side.in);
}

}  // namespace ampspec::conformance
