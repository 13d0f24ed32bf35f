// The faults around the protocol switch and StartTLS, each seen without it and with it.
// SPDX-License-Identifier: Apache-2.0
#include "reference/naive/testing.hpp"

namespace ampspec::naive::testing {
namespace {

using enum fault;
using observation = std::function<std::string(const options&)>;
using play = std::function<std::string(conversation&)>;

observation side(const play& of) {
  return [=](const options& with) {
    conversation c(with);
    return of(c);
  };
}

/// All that it shows, and whether TLS is to begin.
std::string look(conversation& c) { return shown(c) + (c.wants_tls() ? " tls" : ""); }

/// Reads these, one after the other.
observation served(const std::vector<std::string>& reads) {
  return side([=](conversation& c) {
    for (const auto& read : reads) c.receive(read);
    return look(c);
  });
}

/// Asks for a change, then makes a call, then reads these.
observation asked(bool tls, bool calls, const std::vector<std::string>& reads) {
  return side([=](conversation& c) {
    if (tls) {
      c.start_tls();
    } else {
      c.call_switch("Switch", {});
    }
    c.output();
    if (calls) c.call("Sum", {}, true);
    for (const auto& read : reads) c.receive(read);
    return look(c);
  });
}

/// What it shows until TLS begins, whether octets are left for TLS, and what it shows then.
std::string secured(conversation& c) {
  const std::string before = look(c);
  const std::string first = c.begin_tls();
  return before + (first.empty() ? " / none / " : " / some / ") + look(c);
}

const std::string start = request("t", "StartTLS"), to_switch = request("s", "Switch");
const std::string sum = request("1", "Sum", {{"a", "1"}, {"b", "2"}}), total = answer("1", {{"total", "3"}});
const std::string not_now = error("1", "NO_SWITCH", ""), no_tls = error("1", "TLS_ERROR", "");
const std::string refused_switch = "1:error/declared(NO_SWITCH|) ", refused_tls = "1:error/unknown(TLS_ERROR|) ";

/// Served StartTLS, and is inside.
void inside(conversation& c) {
  c.receive(start);
  c.output();
  c.begin_tls();
}

std::vector<demonstration> all() {
  std::vector<demonstration> list;
  const auto add = [&](fault knob, const observation& observe, const std::string& without, const std::string& with) {
    list.push_back({knob, observe, without, with});
  };

  const auto behind_request = served({to_switch + sum}), behind_answer = asked(false, false, {answer("1") + sum});
  const std::string echoed = "{_ask=1 _command=Sum a=1 b=2} ";
  add(switch_behind_request_parsed, behind_request, "{_answer=s} " + echoed + "open", "{_answer=s} open");
  add(switch_behind_request_lost, behind_request, "{_answer=s} " + echoed + "open", "{_answer=s} open");
  add(switch_behind_answer_parsed, behind_answer, echoed + "1:answer{} open", "1:answer{} open");
  add(switch_behind_answer_lost, behind_answer, echoed + "1:answer{} open", "1:answer{} open");
  add(switch_answers_meanwhile, asked(false, false, {sum}), "open", "{_answer=1 total=3} open");
  add(switch_calls_meanwhile, asked(false, true, {}), "2:refused(a switch is pending) open",
      "{_ask=2 _command=Sum} open");
  add(switch_refused_closes, asked(false, false, {not_now}), refused_switch + "open", refused_switch + "closing");
  add(switch_refused_stays_locked, asked(false, false, {not_now, sum}),
      "{_answer=1 total=3} " + refused_switch + "open", refused_switch + "open");
  add(switch_refused_switches, asked(false, false, {not_now, hex("ff")}), refused_switch + "closing",
      "raw \\xff " + refused_switch + "open");
  const std::string refusal = "{_error=s _error_code=NO_SWITCH _error_description=as asked} open / ";
  add(switch_refuses_and_switches, side([](conversation& c) {
        c.receive(request("s", "Switch", {{"refuse", "yes"}}));
        const std::string first = look(c);
        c.receive(hex("ff"));
        return first + " / " + look(c);
      }),
      refusal + "closing", refusal + "raw \\xff open");
  add(switch_late_answers_sent, side([](conversation& c) {
        c.receive(request("q", "AskSwitch"));
        c.output();
        c.receive(answer("1"));
        return look(c);
      }),
      "open", "{_answer=q code=} open");
  add(switch_without_ask_performed, served({without_ask("Switch"), hex("ff")}), "closing", "raw \\xff open");
  add(switch_owed_answers_lost, asked(false, false, {sum, not_now}), "{_answer=1 total=3} " + refused_switch + "open",
      refused_switch + "open");
  const auto after_sum = [](const std::vector<std::string>& reads, bool lost) {
    return side([=](conversation& c) {
      c.call("Sum", {}, true);
      c.call_switch("Switch", {});
      c.output();
      for (const auto& read : reads) c.receive(read);
      if (lost) c.lost();
      return look(c);
    });
  };
  add(switch_wait_ignores_answers, after_sum({total}, false), "1:answer{total=3} open", "open");
  add(switch_pending_calls_hang, after_sum({answer("2")}, true), "2:answer{} 1:lost open", "2:answer{} open");

  add(tls_answer_inside, served({start}), "{_answer=t} open tls", "open tls");
  add(tls_answer_has_values, served({start}), "{_answer=t} open tls", "{_answer=t ready=yes} open tls");
  add(tls_parameters_sent, side([](conversation& c) {
        c.start_tls();
        return look(c);
      }),
      "{_ask=1 _command=StartTLS} open", "{_ask=1 _command=StartTLS tls_localCertificate=mine} open");
  add(tls_roles_by_asker, side([](conversation& c) { return std::string(c.tls_by_asker() ? "asker" : "connection"); }),
      "connection", "asker");
  add(tls_calls_in_clear, asked(true, true, {}), "open", "{_ask=2 _command=Sum} open");
  add(tls_answers_in_clear, asked(true, false, {sum}), "open", "{_answer=1 total=3} open");
  add(tls_held_lost, side([](conversation& c) {
        c.start_tls();
        c.output();
        c.call("Sum", {}, true);
        c.receive(answer("1"));
        return secured(c);
      }),
      "1:answer{} open tls / none / {_ask=2 _command=Sum} open", "1:answer{} open tls / none / open");
  const std::string sent_then = "{_ask=2 _command=Sum} ";
  add(tls_refused_holds_for_ever, asked(true, true, {no_tls}), sent_then + refused_tls + "open", refused_tls + "open");
  add(tls_refused_loses_held, asked(true, true, {no_tls}), sent_then + refused_tls + "open", refused_tls + "open");
  add(tls_refused_closes, asked(true, false, {no_tls}), refused_tls + "open", refused_tls + "closing");
  const auto twice = side([](conversation& c) {
    c.start_tls();
    c.output();
    c.start_tls();
    return look(c);
  });
  const std::string second = "2:refused(a change is pending, or made) ";
  add(tls_second_performed, twice, second + "open", "{_ask=2 _command=StartTLS} open");
  add(tls_second_written, twice, second + "open", "{_ask=2 _command=StartTLS} " + second + "open");
  add(tls_never_answered, served({start}), "{_answer=t} open tls", "open");
  const auto failed = side([](conversation& c) {
    c.start_tls();
    c.output();
    c.call("Sum", {}, true);
    c.lost();
    return look(c);
  });
  add(tls_failure_succeeds, failed, "1:lost 2:lost open", "1:lost 2:answer{} open");
  add(tls_failure_hangs_held, failed, "1:lost 2:lost open", "1:lost open");
  add(tls_behind_request_executed, side([](conversation& c) {
        c.receive(start + sum);
        return secured(c);
      }),
      "{_answer=t} open tls / some / open", "{_answer=t} open tls / none / {_answer=1 total=3} open");
  add(tls_behind_answer_taken, side([](conversation& c) {
        c.start_tls();
        c.output();
        c.call("Sum", {}, true);
        c.receive(answer("1") + answer("2", {{"total", "3"}}));
        return secured(c);
      }),
      "1:answer{} open tls / some / {_ask=2 _command=Sum} open",
      "1:answer{} 2:answer{total=3} open tls / none / {_ask=2 _command=Sum} open");
  const auto with_hello = side([](conversation& c) {
    c.start_tls();
    c.output();
    c.receive(answer("1") + hex("16 03"));
    return secured(c);
  });
  add(tls_behind_answer_parsed, with_hello, "1:answer{} open tls / some / open", "1:answer{} closing / none / closing");
  add(tls_behind_answer_lost, with_hello, "1:answer{} open tls / some / open", "1:answer{} open tls / none / open");
  add(tls_pending_requests_lost, side([](conversation& c) {
        c.receive(request("d", "Defer", {{"name", "n"}}));
        inside(c);
        c.receive(request("r", "Release", {{"name", "n"}}));
        return look(c);
      }),
      "{_answer=d} {_answer=r} open", "{_answer=r} open");
  add(tls_pending_calls_lost, side([](conversation& c) {
        c.call("Sum", {}, true);
        inside(c);
        return look(c);
      }),
      "open", "1:lost open");
  add(tls_tags_restart, side([](conversation& c) {
        c.call("Sum", {}, true);
        inside(c);
        c.call("Sum", {}, true);
        return look(c);
      }),
      "{_ask=2 _command=Sum} open", "{_ask=1 _command=Sum} open");
  add(tls_without_ask_performed, served({without_ask("StartTLS")}), "open", "open tls");
  add(tls_without_ask_closes, served({without_ask("StartTLS")}), "open", "closing");
  const auto with_argument = served({request("t", "StartTLS", {{"x", "y"}})});
  add(tls_arguments_refused, with_argument, "{_answer=t} open tls",
      "{_error=t _error_code=UNKNOWN _error_description=Unknown Error} closing");
  add(tls_arguments_echoed, with_argument, "{_answer=t} open tls", "{_answer=t x=y} open tls");
  add(tls_boxes_again_after_reject, side([](conversation& c) {
        inside(c);
        c.receive(sum + u16(256));
        c.receive("x");
        return look(c);
      }),
      "{_answer=1 total=3} closing", "{_answer=1 total=3} {_answer=1 total=3} closing");
  return list;
}

}  // namespace

const std::vector<demonstration>& change_demonstrations() {
  static const auto list = all();
  return list;
}

}  // namespace ampspec::naive::testing
