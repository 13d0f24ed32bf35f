// The two implementations, each put behind the interface.
// SPDX-License-Identifier: Apache-2.0
#include "reference/peer/implementation.hpp"

#include "reference/amp/box_decoder.hpp"
#include "reference/amp/box_encoder.hpp"
#include "reference/amp/schema.hpp"
#include "reference/behaviour/amp_conversation.hpp"
#include "reference/behaviour/sha256.hpp"
#include "reference/bulk/exchange.hpp"
#include "reference/naive/conversation.hpp"
#include "reference/peer/amps_codec.hpp"
#include "reference/peer/naive_bulk.hpp"
#include "reference/peer/naive_values.hpp"
#include "reference/peer/surroundings.hpp"
#include "reference/peer/temporary_file.hpp"

#include <deque>
#include <utility>

namespace ampspec::peer {

using behaviour::call_end;
using behaviour::plain_box;

namespace {

std::vector<std::string_view> supported_by_both() {
  return {"amp1",
          "amp2",
          "service.core",
          "service.note",
          "service.fatal",
          "service.digest",
          "service.big",
          "service.wrong",
          "amp1.schema",
          "amp1.no-answer",
          "amp1.send-box",
          "amp1.types",
          "service.types",
          "amp1.switch",
          "amp1.starttls",
          "service.switch",
          "service.starttls",
          "service.streams",
          "stream",
          "amp1.bigstring",
          "amp1.bigstring.flocker",
          "service.bigstring",
          "service.bulk",
          "service.bulk.clock",
          "bulk.client",
          "amps",
          "amps.uri",
          "amps.fields",
          "amps.composite",
          "amps.tls",
          "amps.websocket",
          "amps.auth",
          "amps.sow",
          "amps.delta",
          "amps.bookmark",
          "amps.store",
          "amps.reconnect",
          "amps.queue",
          "amps.heartbeat"};
}

rejection rejected(const wire::failure& why) {
  return {std::string(amp::class_word(why.code)), why.offset,
          why.code.message() + " (" + std::string(why.broken) + ")"};
}

amp::box owned(const plain_box& plain) {
  amp::box box;
  for (const auto& [key, value] : plain) box.add(key, value);
  return box;
}

amp::limits limits_of(wire_protocol as) {
  return {.version = as == wire_protocol::amp2 ? amp::version::v2 : amp::version::v1};
}

template <class T>
typed<T> told(wire::result<T> read) {
  if (!read) return {{}, rejected(read.error()), {}};
  return {std::move(*read), {}, {}};
}

class reference_implementation final : public implementation {
 public:
  explicit reference_implementation(amp::limits limits) : limits_(limits) {
    state_->streams()->make_file = make_temporary_file;
  }

  std::string_view name() const override { return "ampspec-reference"; }
  std::vector<std::string_view> supports() const override {
    auto all = supported_by_both();
    all.insert(all.end(), {"amp1.limits"});
    return all;
  }

  decoding decode(wire_protocol as, const std::vector<std::string_view>& pieces) override {
    if (is_amps(as)) return decode_amps(as, pieces);
    decoding all;
    amp::box_decoder decoder(limited(as));
    for (const auto piece : pieces) {
      const std::string lent(piece);
      decoder.feed(lent);
      while (const auto box = decoder.next()) {
        auto& plain = all.boxes.emplace_back();
        for (const auto& [key, value] : *box) plain.emplace_back(key, value);
      }
    }
    if (decoder.error()) {
      all.refused = rejected(*decoder.error());
    } else {
      all.incomplete = decoder.finish().has_value();
    }
    return all;
  }

  encoding encode(wire_protocol as, const plain_box& plain) override {
    if (is_amps(as)) return encode_amps(as, plain);
    encoding out;
    if (const auto refused = amp::encode(owned(plain), out.bytes, limits_of(as).version)) {
      out.refused = rejected(*refused);
      out.refused->offset.reset();  // a place in octets that were never written helps nobody
    }
    return out;
  }

  typed<wire::value> parse(const wire::value_type& type, std::string_view bytes) override {
    return told(amp::parse_value(type, bytes));
  }
  typed<std::string> print(wire_protocol as, const wire::value_type& type, const wire::value& given) override {
    typed<std::string> made;
    if (const auto refused = amp::print_value(type, given, made.is, limits_of(as).version))
      made.refused = rejected(*refused);
    return made;
  }
  typed<wire::record_value> parse(const wire::value_schema& schema, const plain_box& plain) override {
    return told(amp::parse_arguments(schema, owned(plain)));
  }
  typed<plain_box> print(wire_protocol as, const wire::value_schema& schema, const wire::record_value& given) override {
    const auto box = amp::print_arguments(schema, given, limits_of(as).version);
    if (!box) return {{}, rejected(box.error()), {}};
    typed<plain_box> made;
    for (const auto& [key, value] : *box) made.is.emplace_back(key, value);
    return made;
  }

  std::shared_ptr<behaviour::asking_conversation> converse(wire_protocol as) override {
    return std::make_shared<behaviour::amp_conversation>(state_, limited(as));
  }

  std::shared_ptr<behaviour::asking_conversation> amps_client(const client_setup& setup) override {
    return reference_amps_client(setup);
  }

  void set_bulk_origin(std::string origin) override { office_->origin = std::move(origin); }
  std::unique_ptr<bulk::http_exchange> serve_http() override { return std::make_unique<bulk::exchange>(office_->desk); }
  std::unique_ptr<bulk::transfer_rules> transfer(bulk::direction way) override {
    return std::make_unique<bulk::client>(way);
  }

 private:
  amp::limits limited(wire_protocol as) const {
    auto made = limits_;
    made.version = limits_of(as).version;
    return made;
  }

  amp::limits limits_;
  std::shared_ptr<behaviour::bulk_office> office_ = std::make_shared<behaviour::bulk_office>(
      behaviour::bulk_office{std::make_shared<bulk::desk>(real_surroundings()), "https://127.0.0.1:443"});
  std::shared_ptr<behaviour::service_state> state_ = [this] {
    auto made = std::make_shared<behaviour::service_state>();
    made->bulk = office_;
    return made;
  }();
};

class naive_conversation final : public behaviour::asking_conversation {
 public:
  naive_conversation(const naive::options& with, std::shared_ptr<naive::service_state> shared)
      : talk_(with, std::move(shared)) {}

  void receive(std::string_view bytes) override { talk_.receive(bytes); }
  void peer_finished() override { talk_.peer_finished(); }
  void lost() override { talk_.lost(); }
  std::string_view output() const override {
    if (done_ == out_.size()) {
      out_ = talk_.output();
      done_ = 0;
    } else {
      out_ += talk_.output();
    }
    return std::string_view(out_).substr(done_);
  }
  void sent(std::size_t count) override { done_ += count; }
  bool wants_input() const override { return !talk_.wants_tls() && out_.size() - done_ < (8u << 20); }
  bool wants_close() const override { return talk_.wants_close(); }
  bool wants_tls() const override { return talk_.wants_tls(); }
  std::string begin_tls() override { return talk_.begin_tls(); }
  std::optional<bool> is_tls_client() const override {
    return talk_.tls_by_asker() ? std::optional(talk_.asked_for_tls()) : std::nullopt;
  }

  void call(std::uint64_t number, std::string_view command, const plain_box& arguments, bool ask) override {
    numbers_[talk_.call_typed(std::string(command), arguments, ask)] = number;
  }
  void send_box(std::uint64_t number, const plain_box& box) override { numbers_[talk_.send_box(box)] = number; }
  void start_tls(std::uint64_t number) override { numbers_[talk_.start_tls()] = number; }
  void call_switch(std::uint64_t number, std::string_view command, const plain_box& arguments) override {
    numbers_[talk_.call_switch(std::string(command), arguments)] = number;
  }
  bool write_stream(std::uint64_t number, const behaviour::stream_order& order) override {
    // It may end at once, and is looked up only when it is told.
    numbers_[talk_.write_stream({order.pattern, order.size, order.window, order.end})] = number;
    return true;
  }
  std::optional<call_end> next_end() override {
    for (auto& e : talk_.events()) ended_.push_back(std::move(e));
    if (ended_.empty()) return std::nullopt;
    auto first = std::move(ended_.front());
    ended_.pop_front();
    call_end end;
    end.number = numbers_[first.call];  // not forgotten: by a fault a call may end twice
    end.how = std::move(first.how);
    end.kind = std::move(first.kind);
    end.box = std::move(first.values);
    end.text = std::move(first.text);
    if (end.how == "error" && end.kind != "undecodable") {
      end.code = std::move(first.code);
      end.description = std::move(first.description);
    }
    return end;
  }

 private:
  mutable naive::conversation talk_;  // it gives its output away, we keep it
  mutable std::string out_;
  mutable std::size_t done_ = 0;
  std::map<std::uint64_t, std::uint64_t> numbers_;
  std::deque<naive::ended> ended_;
};

class naive_implementation final : public implementation {
 public:
  explicit naive_implementation(naive::options with) : with_(std::move(with)) {
    furnish(shared_->bulk);
    shared_->sha256_hex = [](const std::string& octets) {
      behaviour::sha256 hash;
      hash.add(octets);
      return hash.hex();
    };
  }

  std::string_view name() const override { return "ampspec-naive"; }
  std::vector<std::string_view> supports() const override { return supported_by_both(); }

  decoding decode(wire_protocol as, const std::vector<std::string_view>& pieces) override {
    if (is_amps(as)) return decode_naive_amps(as, pieces, with_.broken);
    decoding all;
    naive::reader reader(with(as));
    const auto keep = [&](std::vector<naive::box> boxes) {
      for (auto& box : boxes) all.boxes.push_back(std::move(box));
    };
    for (const auto piece : pieces) keep(reader.feed(piece));
    keep(reader.finish());
    all.incomplete = reader.end() == naive::ending::incomplete;
    if (reader.end() == naive::ending::rejected) all.refused = {reader.refused().word, reader.refused().offset, {}};
    return all;
  }

  encoding encode(wire_protocol as, const plain_box& box) override {
    if (is_amps(as)) return encode_naive_amps(as, box, with_.broken);
    auto [bytes, word] = naive::encode(box, with_.broken, with(as).version);
    encoding out{std::move(bytes), std::nullopt};
    if (!word.empty()) out.refused = {std::move(word), std::nullopt, {}};
    return out;
  }

  typed<wire::value> parse(const wire::value_type& type, std::string_view bytes) override {
    const auto read = naive::parse(to_naive(type), bytes, with_.broken);
    if (!read) return {{}, rejection{}, {}};
    return {from_naive(type, *read), {}, {}};
  }
  typed<std::string> print(wire_protocol as, const wire::value_type& type, const wire::value& given) override {
    auto bytes = naive::print(to_naive(type), to_naive(type, given), with_.broken, with(as).version);
    if (!bytes) return {{}, rejection{}, {}};
    return {std::move(*bytes), {}, {}};
  }
  typed<wire::record_value> parse(const wire::value_schema& schema, const plain_box& box) override {
    const auto read = naive::parse(to_naive(schema), box, with_.broken);
    if (!read) return {{}, rejection{}, {}};
    return {from_naive(schema, *read), {}, {}};
  }
  typed<plain_box> print(wire_protocol as, const wire::value_schema& schema, const wire::record_value& given) override {
    auto box = naive::print(to_naive(schema), to_naive(schema, given), with_.broken, with(as).version);
    if (!box) return {{}, rejection{}, {}};
    return {std::move(*box), {}, {}};
  }

  std::shared_ptr<behaviour::asking_conversation> converse(wire_protocol as) override {
    return std::make_shared<naive_conversation>(with(as), shared_);
  }
  bool tangled() const override { return with_.broken.set.any(); }

  std::shared_ptr<behaviour::asking_conversation> amps_client(const client_setup& setup) override {
    return naive_amps_client(setup, with_.broken);
  }

  void set_bulk_origin(std::string origin) override { shared_->bulk.origin = std::move(origin); }
  std::unique_ptr<bulk::http_exchange> serve_http() override { return naive_exchange(shared_, with_.broken); }
  std::unique_ptr<bulk::transfer_rules> transfer(bulk::direction way) override {
    return naive_transfer(way, with_.broken);
  }

 private:
  naive::options with(wire_protocol as) const {
    auto options = with_;
    options.version = as == wire_protocol::amp2 ? naive::format::amp2 : naive::format::amp1;
    return options;
  }

  naive::options with_;
  std::shared_ptr<naive::service_state> shared_ = std::make_shared<naive::service_state>();
};

}  // namespace

std::optional<wire_protocol> wire_protocol_named(std::string_view name) {
  if (name == "amp1") return wire_protocol::amp1;
  if (name == "amp2") return wire_protocol::amp2;
  if (name == "amps") return wire_protocol::amps;
  if (name == "amps.uri") return wire_protocol::amps_uri;
  if (name == "amps.options") return wire_protocol::amps_options;
  if (name == "amps.acks") return wire_protocol::amps_acks;
  if (name == "amps.bookmark") return wire_protocol::amps_bookmark;
  if (name == "amps.timestamp") return wire_protocol::amps_timestamp;
  if (name == "amps.composite") return wire_protocol::amps_composite;
  if (name == "amps.composite-of-2") return wire_protocol::amps_composite_of_2;
  return std::nullopt;
}

typed<wire::value> implementation::parse(const wire::value_type&, std::string_view) { return {{}, {}, "amp1.types"}; }
typed<std::string> implementation::print(wire_protocol, const wire::value_type&, const wire::value&) {
  return {{}, {}, "amp1.types"};
}
typed<wire::record_value> implementation::parse(const wire::value_schema&, const plain_box&) {
  return {{}, {}, "amp1.types"};
}
typed<plain_box> implementation::print(wire_protocol, const wire::value_schema&, const wire::record_value&) {
  return {{}, {}, "amp1.types"};
}

std::unique_ptr<implementation> make_implementation(bool naive, const std::string& fault, std::string& why,
                                                    std::uint64_t max_box) {
  amp::limits limits;
  if (max_box != 0) limits.max_box = max_box;
  if (fault.empty() && !naive) return std::make_unique<reference_implementation>(limits);
  naive::options with;
  if (!fault.empty()) {
    const auto named = naive::fault_named(fault);
    if (!named) {
      why = "unknown fault '" + fault + "' (vectors/faults.yaml lists them)";
      return nullptr;
    }
    with.broken = {*named};
  }
  return std::make_unique<naive_implementation>(with);
}

}  // namespace ampspec::peer
