// Tests of the engines against scripted subjects: what each verdict is made of.
// SPDX-License-Identifier: Apache-2.0
#include "conformance/check.hpp"
#include "conformance/vectors/loader.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace ampspec::conformance {
namespace {

vectors::catalogue catalogue() {
  vectors::catalogue c;
  const auto add = [&](const std::string& id, vectors::level l, const std::string& source) {
    vectors::requirement r;
    r.id = id;
    r.strength = l;
    r.source = source;
    c.requirements[id] = r;
  };
  add("T-MUST", vectors::level::must, "protocol");
  add("T-SHOULD", vectors::level::should, "protocol");
  add("T-MAY", vectors::level::may, "protocol");
  add("T-OURS", vectors::level::must, "project");
  return c;
}

vectors::suite_file suite(const std::string& role, const std::string& body, const std::string& cites = "T-MUST") {
  return vectors::load_suite_text(
      "suite: amp1/test\nprotocol: amp1\nids: T\nvectors:\n- id: T-001\n  title: t\n  cites: [" + cites +
          "]\n  roles: [" + role + "]\n" + body,
      "amp1/test.yaml");
}

// A codec that answers as the test says.
class scripted_codec : public codec_subject {
 public:
  std::function<decode_outcome(std::string, const cutting&)> decodes;
  std::function<encode_outcome()> encodes;
  decode_outcome decode(const vectors::octets& o, const cutting& c) override { return decodes(o.str(), c); }
  encode_outcome encode(const std::vector<std::pair<vectors::octets, vectors::octets>>&) override { return encodes(); }
  double cpu_seconds() override { return 0; }
};

check_result decoded(const std::string& body, const std::function<decode_outcome(std::string, const cutting&)>& answer,
                     const std::string& cites = "T-MUST") {
  const auto file = suite("codec", body, cites);
  const auto known = catalogue();
  settings s;
  s.catalogue = &known;
  scripted_codec codec;
  codec.decodes = answer;
  patience p;
  return run(checks_of(file.vectors.front(), {vectors::role::codec}).front(), codec, s, p);
}

const std::string one_box = "  decode: {box: {a: x}}\n  expect: {delivers: [{a: x}], end: clean}\n";
const plain_box a_x{{"a", "x"}};

TEST(CodecPlay, PassesWhatIsAsExpectedUnderEverySegmentation) {
  const auto r = decoded(one_box, [](auto&&, auto&&) { return decode_outcome{{a_x}, false, {}}; });
  EXPECT_EQ(r.what, verdict::pass);
  EXPECT_EQ(r.plays, 2u + 1 + 7);  // whole, the refusal's (nothing to refuse), every octet, each place of 8 octets
}

TEST(CodecPlay, NamesTheCutThatFails) {
  const auto r = decoded(one_box, [](auto&&, const cutting& c) {
    return decode_outcome{
        c.before == std::vector<std::uint64_t>{3} ? std::vector<plain_box>{} : std::vector<plain_box>{a_x}, false, {}};
  });
  EXPECT_EQ(r.what, verdict::fail);
  EXPECT_EQ(r.cut, "before octet 3");
  EXPECT_EQ(r.signature, "fail@decode:boxes/fewer");
}

TEST(CodecPlay, TheClauseDecidesWhatADeviationIs) {
  const auto wrong = [](auto&&, auto&&) { return decode_outcome{{}, true, {}}; };
  EXPECT_EQ(decoded(one_box, wrong).what, verdict::fail);
  EXPECT_EQ(decoded(one_box, wrong, "T-SHOULD").what, verdict::warn);
  EXPECT_EQ(decoded(one_box, wrong, "T-MAY").what, verdict::observed);
  EXPECT_EQ(decoded(one_box, wrong, "T-OURS").what, verdict::warn) << "our own definition binds nobody else";
}

TEST(CodecPlay, HoldsWhoDeclaresAFeatureToOurDefinitionOfIt) {
  const auto file = suite("codec", "  requires: [ours]\n" + one_box, "T-OURS");
  const auto known = catalogue();
  scripted_codec codec;
  codec.decodes = [](auto&&, auto&&) { return decode_outcome{{}, false, {}}; };
  const auto verdict_of = [&](const std::set<std::string>& declared, bool foreign) {
    settings s;
    s.catalogue = &known;
    s.foreign = foreign;
    s.supports[vectors::role::codec] = declared;
    patience p;
    return run(checks_of(file.vectors.front(), {vectors::role::codec}).front(), codec, s, p).what;
  };
  EXPECT_EQ(verdict_of({"ours"}, true), verdict::fail);
  EXPECT_EQ(verdict_of({"amp1"}, true), verdict::warn);
  EXPECT_EQ(verdict_of({"amp1"}, false), verdict::fail) << "our own implementations keep our definitions";
}

TEST(Check, KnowsWhoProvidesWhatAClauseAsksFor) {
  auto known = catalogue();
  known.features["amp1.more"] = {"amp1.more", "", {"T-MUST", "T-SHOULD"}, {}};
  known.features["service.core"] = {"service.core", "", {"T-MAY"}, {}};
  const std::map<std::string, std::vector<std::string>> adapter{{"adapter", {"service", "amp1.more"}}};
  EXPECT_EQ(provider_of({"T-MUST"}, adapter, known), "adapter");
  EXPECT_EQ(provider_of({"T-MUST", "T-SHOULD"}, adapter, known), "adapter");
  EXPECT_EQ(provider_of({"T-MUST", "T-OURS"}, adapter, known), "") << "not all of it";
  EXPECT_EQ(provider_of({"T-OURS"}, {{"adapter", {"T-OURS"}}}, known), "adapter") << "named itself";
  EXPECT_EQ(provider_of({"T-MAY"}, adapter, known), "") << "a test service is an instrument";
  EXPECT_EQ(provider_of({"T-MUST"}, {{"adapter", {"service"}}}, known), "");
}

const std::string refused_at_two =
    "  decode: {hex: \"0100\"}\n  expect: {delivers: [], end: {reject: {class: key-too-long, by: \"2\", not_before: "
    "\"1\", at: \"0\"}}}\n";

TEST(CodecPlay, HandsOverTheRefusedOctetsAlone) {
  const auto late = decoded("  decode: {hex: \"010061\"}\n  expect: {delivers: [], end: {reject: {by: \"2\"}}}\n",
                            [](const std::string& s, auto&&) {
                              return s.size() < 3 ? decode_outcome{{}, true, {}} : decode_outcome{{}, false, refusal{}};
                            });
  EXPECT_EQ(late.signature, "fail@decode:reject/late");
  const auto early = decoded(refused_at_two, [](auto&&, auto&&) {
    return decode_outcome{{}, false, refusal{"key-too-long", 0, ""}};
  });
  EXPECT_EQ(early.signature, "fail@decode:not-yet/reject");
}

TEST(CodecPlay, ComparesClassAndOffsetOnlyWhereTheyAreTold) {
  const auto with = [](std::string word, std::optional<std::uint64_t> at) {
    return decoded(refused_at_two, [=](const std::string& s, auto&&) {
      return s.size() < 2 ? decode_outcome{{}, true, {}} : decode_outcome{{}, false, refusal{word, at, ""}};
    });
  };
  EXPECT_EQ(with("key-too-long", 0).what, verdict::pass);
  EXPECT_EQ(with("", {}).what, verdict::pass);
  EXPECT_EQ(with("value-too-long", 0).signature, "fail@decode:class/other-class");
  EXPECT_EQ(with("key-too-long", 1).signature, "fail@decode:offset/other-offset");
}

TEST(CodecPlay, CallsAMishapByItsName) {
  EXPECT_EQ(
      decoded(one_box, [](auto&&, auto&&) -> decode_outcome { throw mishap(mishap::kind::crash, "SIGSEGV", "gone"); })
          .signature,
      "crash:SIGSEGV");
  EXPECT_EQ(
      decoded(one_box, [](auto&&, auto&&) -> decode_outcome { throw mishap(mishap::kind::timeout, "answer", "late"); })
          .what,
      verdict::timeout);
  EXPECT_EQ(
      decoded(one_box,
              [](auto&&, auto&&) -> decode_outcome { throw mishap(mishap::kind::bad_frame, "bad-frame", "print"); })
          .what,
      verdict::fail);
  EXPECT_EQ(
      decoded(one_box, [](auto&&, auto&&) -> decode_outcome { throw mishap(mishap::kind::harness, "x", "ours"); }).what,
      verdict::harness);
  EXPECT_EQ(decoded(one_box, [](auto&&, auto&&) -> decode_outcome { throw unsupported("decode"); }).what, verdict::fail)
      << "what no feature frees can't be left out";
}

// A server whose connections answer each request as the test says; nothing is ever waited for.
class scripted_server : public server_subject {
 public:
  std::function<std::string(const std::string&)> answers;
  bool closes = false;

  std::unique_ptr<connection> connect(millis) override {
    class link : public connection {
     public:
      explicit link(scripted_server& s) : server_(s) {}
      void send(std::string_view bytes, millis) override { out_ += server_.answers(std::string(bytes)); }
      void settle() override {}
      arrival receive(millis) override {
        if (!out_.empty()) return {arrival::kind::octets, std::exchange(out_, {}), false};
        return {server_.closes ? arrival::kind::closed : arrival::kind::nothing, {}, false};
      }
      void half_close() override {}
      void close() override {}
      void reset() override {}

     private:
      scripted_server& server_;
      std::string out_;
    };
    return std::make_unique<link>(*this);
  }
};

check_result served(const std::string& steps, const std::function<std::string(const std::string&)>& answers,
                    bool closes = false, const std::string& cites = "T-MUST") {
  const auto file = suite("server", "  cuts: none\n" + steps, cites);
  const auto known = catalogue();
  settings s;
  s.catalogue = &known;
  scripted_server server;
  server.answers = answers;
  server.closes = closes;
  patience p;
  return run(checks_of(file.vectors.front(), {vectors::role::server}).front(), server, s, p);
}

std::string pair(std::string_view k, std::string_view v) {
  std::string s;
  for (const auto part : {k, v}) {
    s += static_cast<char>(part.size() >> 8);
    s += static_cast<char>(part.size());
    s += part;
  }
  return s;
}
const std::string end(2, '\0');

// Answers fences (unknown commands) as UNHANDLED and everything else with `reply`.
std::function<std::string(const std::string&)> replying(const std::string& reply) {
  return [reply](const std::string& request) {
    const auto at = request.find("fence-");
    if (at == std::string::npos) return reply;
    return pair("_error", request.substr(at, 7)) + pair("_error_code", "UNHANDLED") + pair("_error_description", "") +
           end;
  };
}

const std::string asks =
    "  steps:\n  - send: {box: {_ask: \"1\", _command: Sum}}\n  - expect: {box: {_answer: \"1\", total: \"94\"}}\n";

TEST(WirePlay, PassesAnAnswerAndNothingElse) {
  EXPECT_EQ(served(asks, replying(pair("_answer", "1") + pair("total", "94") + end)).what, verdict::pass);
}

TEST(WirePlay, ShowsTheDifferenceOfAnAnswer) {
  const auto r = served(asks, replying(pair("_answer", "1") + pair("total", "95") + end));
  EXPECT_EQ(r.signature, "fail@2:box/other");
  EXPECT_NE(r.got.find("\"95\""), std::string::npos);
}

TEST(WirePlay, FindsASecondAnswerByItsFence) {
  const auto answer = pair("_answer", "1") + pair("total", "94") + end;
  EXPECT_EQ(served(asks, replying(answer + answer)).signature, "fail@end:silence/box");
}

TEST(WirePlay, TellsAnAnswerThatNeverComesFromAConnectionThatEnds) {
  EXPECT_EQ(served(asks, replying("")).signature, "timeout@2:box");
  EXPECT_TRUE(served(asks, replying("")).by_deadline);
  EXPECT_EQ(served(asks, replying(""), true).signature, "fail@2:box/close");
  EXPECT_EQ(served(asks, replying(""), false, "T-SHOULD").signature, "warn@2:box/nothing");
}

TEST(WirePlay, TellsOctetsThatAreNoBox) {
  EXPECT_EQ(served(asks, replying("HTTP/1.1 400")).signature, "fail@2:box/malformed");
  EXPECT_EQ(served(asks, replying(pair("a", "1") + pair("a", "2") + end)).signature, "fail@2:box/malformed")
      << "a key twice";
}

const std::string refuses = "  decode: {hex: \"0100\"}\n  expect: {delivers: [], end: {reject: {by: \"2\"}}}\n";

TEST(WirePlay, DemandsThatRefusedOctetsEndTheConnection) {
  EXPECT_EQ(served(refuses, replying(""), true).what, verdict::pass);
  EXPECT_EQ(served(refuses, replying("")).signature, "fail@1:close/open");
  EXPECT_EQ(served(refuses, replying(pair("_error", "1") + end), true).signature, "fail@1:close/octets");
}

const std::string either =
    "  steps:\n  - send: {box: {_command: Sum}}\n  - choice: c\n    one_of:\n      stays:\n      - expect_silence: "
    "{}\n      closes:\n      - expect_close: {}\n";

TEST(WirePlay, RecordsTheBranchOfAChoice) {
  const auto stays = served(either, replying(""));
  EXPECT_EQ(stays.what, verdict::observed);
  EXPECT_EQ(stays.choices.at("c"), "stays");
  EXPECT_EQ(served(
                either, [](auto&&) { return std::string(); }, true)
                .choices.at("c"),
            "closes");
  EXPECT_EQ(served(either, replying(pair("_answer", "") + end)).signature, "fail@2:choice/box");
}

TEST(Supported, ANameCoversWhatLiesBelowIt) {
  EXPECT_TRUE(supported({"service"}, "service.core"));
  EXPECT_TRUE(supported({"service.core"}, "service.core"));
  EXPECT_FALSE(supported({"service.core"}, "service"));
  EXPECT_FALSE(supported({"serv"}, "service.core"));
  vectors::catalogue known;
  known.features["amp1"];
  known.features["amp1.limits"];
  EXPECT_FALSE(supported({"amp1"}, "amp1.limits", &known));
  EXPECT_TRUE(supported({"amp1"}, "amp1", &known));
  EXPECT_TRUE(supported({"amp1.types"}, "amp1.types.core", &known));
}

TEST(WirePlay, RepeatsStepsWithACounter) {
  const std::string steps =
      "  steps:\n  - repeat:\n      times: 3\n      as: i\n      steps:\n      - send: {box: {_ask: {fill: \"61\", "
      "size: $i + 1}}}\n"
      "      - expect: {box: {_answer: {fill: \"61\", size: $i + 1}}}\n";
  const auto echoing = [](const std::string& request) {
    const auto fence = replying("")(request);
    if (!fence.empty()) return fence;
    return pair("_answer", request.substr(8, static_cast<std::size_t>(request[7]))) + end;
  };
  EXPECT_EQ(served(steps, echoing).what, verdict::pass);
  EXPECT_EQ(served(steps, replying(pair("_answer", "a") + end)).signature, "fail@1:box/other");
}

std::string write_of(const std::string& id, const std::string& data) {
  return pair("_ask", "w") + pair("_command", "StreamWrite") + pair("streamId", id) + pair("data", data) + end;
}

TEST(WirePlay, TakesAStreamInWhateverChunksItComes) {
  const std::string steps =
      "  steps:\n  - send: {bytes: go}\n  - take_writes: {id: \"7\", data: abcd, until: 1}\n  - take_writes: {id: "
      "\"7\", data: abcd}\n";
  const auto writing = [](const std::string& writes) {
    return [writes](const std::string& request) {
      return request == "go"                                ? writes
             : request.find("_answer") == std::string::npos ? replying("")(request)
                                                            : std::string();
    };
  };
  EXPECT_EQ(served(steps, writing(write_of("7", "abcd"))).what, verdict::pass);
  EXPECT_EQ(served(steps, writing(write_of("7", "a") + write_of("7", "") + write_of("7", "bcd"))).what, verdict::pass);
  EXPECT_EQ(served(steps, writing(write_of("7", "a") + write_of("7", "bxd"))).signature, "fail@3:write/octets");
  EXPECT_EQ(served(steps, writing(write_of("7", "abcde"))).signature, "fail@2:write/octets");
  EXPECT_EQ(served(steps, writing(write_of("8", "abcd"))).signature, "fail@2:write/id");
  EXPECT_EQ(served(steps, writing(write_of("7", "a"))).signature, "timeout@3:box");
  EXPECT_EQ(served(steps, writing(write_of("7", "abcd") + write_of("7", "e"))).signature, "fail@end:silence/box");
  EXPECT_EQ(served("  steps:\n  - send: {bytes: go}\n  - take_writes: {id: \"7\", data: ab, hold: h}\n  - send: {box: "
                   "{x: {same: h}}}\n",
                   writing(write_of("7", "ab")))
                .what,
            verdict::pass);
}

}  // namespace
}  // namespace ampspec::conformance
