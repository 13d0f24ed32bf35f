# Adapters right and wrong: each costs its own verdict, is told what it did, and ends with the run.
# SPDX-License-Identifier: Apache-2.0
import unittest

from program import ADAPTER, AMPSPEC, MiniCase, ROOT, SIMPLE_ADAPTER

REFERENCE = [AMPSPEC, "adapter", "serve"]
CODEC = {"A1-E2E-001 codec", "A1-E2E-002/n=1 codec", "A1-E2E-002/n=254 codec", "A1-E2E-002/n=255 codec",
         "A1-E2E-003 codec", "A1-E2E-004 codec", "A1-E2E-009 codec"}
HANDSHAKE = 4  # requests before the first vector's: hello, an unknown op, a good box, a bad box


def wrong(mode):
    return [*ADAPTER, mode, *REFERENCE]


def simple(mode, count=0):
    return [*SIMPLE_ADAPTER, mode, count]


class GoodAdapters(MiniCase):
    def test_the_reference_behind_an_adapter_conforms_as_a_codec(self):
        _, results, _ = self.judged("--codec", tail=REFERENCE, code=0)
        self.assertEqual(self.verdicts(results), dict.fromkeys(CODEC, "pass"))

    def test_the_reference_behind_an_adapter_conforms_as_a_client(self):
        _, results, _ = self.judged("--client", tail=REFERENCE, code=0)
        self.assertEqual(self.verdicts(results), {"A1-E2E-003 client": "pass", "A1-E2E-008 client": "pass"})

    def test_twisted_conforms_in_all_roles_with_one_should_broken(self):
        _, results, summary = self.judged(ROOT / "runner" / "targets" / "twisted.yaml", code=0)
        self.assertEqual({role for _, _, role in results}, {"codec", "server", "client"})
        told = self.verdicts(results)
        self.assertEqual([name for name, verdict in told.items() if verdict != "pass"], ["A1-E2E-009 codec"])
        self.assertEqual(told["A1-E2E-009 codec"], "warn")
        self.assertNotEqual(summary["target_version"], "")

    def test_a_named_fault_is_found_where_it_is_and_nowhere_else(self):
        _, results, _ = self.judged("--codec", tail=[*REFERENCE, "--fault", "key-limit-off-by-one"], code=1)
        told = self.verdicts(results)
        self.assertEqual([name for name, verdict in told.items() if verdict == "fail"], ["A1-E2E-003 codec"])

    def test_an_adapter_may_speak_over_tcp_and_print_what_it_likes(self):
        target = self.folder / "target.yaml"
        command = ", ".join(f'"{word}"' for word in simple("fine"))
        target.write_text(f"name: by-tcp\nroles:\n  codec: {{command: [{command}], transport: tcp}}\n")
        _, results, _ = self.judged(target, "--only", "A1-E2E-00[1-4]", "--only", "A1-E2E-001", code=0)
        self.assertEqual(self.verdicts(results), {"A1-E2E-001 codec": "pass"})


class WrongAdapters(MiniCase):
    def all_alike(self, tail, verdict, signature, **how):
        ended, results, summary = self.judged("--codec", *how.pop("flags", ()), tail=tail, code=1, **how)
        self.assertEqual({(r["verdict"], r["signature"]) for r in results.values()}, {(verdict, signature)}, ended.out)
        self.assertEqual(self.verdicts(results).keys(), CODEC)
        return ended, summary

    def only_encode(self, mode, verdict, signature, flags=()):
        ended, results, _ = self.judged("--codec", *flags, tail=wrong(mode), code=1)
        self.assertEqual(self.verdicts(results), {**dict.fromkeys(CODEC, "pass"), "A1-E2E-004 codec": verdict})
        self.assertEqual(results["A1-E2E-004", "", "codec"]["signature"], signature)
        return ended

    def test_printing_to_standard_output_is_told_as_a_frame_that_is_none(self):
        ended, _ = self.all_alike(simple("prints"), "fail", "fail@adapter:answer/frame")
        self.assertIn("starting up", ended.out)

    def test_never_flushing_ends_after_the_start_deadline_with_the_advice_to_flush(self):
        ended, _ = self.all_alike(simple("never-flushes"), "timeout", "timeout:answer")
        self.assertIn("does it flush after every frame?", ended.out)

    def test_dying_at_once_is_a_crash_of_every_check(self):
        self.all_alike(simple("exits"), "crash", "crash:exit-3")

    def test_a_command_that_does_not_exist_is_told(self):
        ended = self.usage_error("run", "--codec", "--", self.folder / "no-such-adapter", tells="No such file")
        self.assertEqual(len(ended.err.splitlines()), 1)

    def test_the_name_of_an_adapter_by_flags_is_what_it_says(self):
        _, _, summary = self.judged("--codec", "--only", "A1-E2E-001", tail=REFERENCE, code=0)
        self.assertEqual(summary["target"], "ampspec-reference")

    def test_dying_at_the_nth_op_is_the_crash_of_the_check_in_hand(self):
        ended, results, _ = self.judged("--codec", "--jobs", "1", tail=simple("dies", HANDSHAKE + 1), code=1)
        told = self.verdicts(results)
        self.assertEqual(set(told.values()) - {"fail", "warn"}, {"pass", "crash"} & set(told.values()))
        crashed = [r for r in results.values() if r["verdict"] == "crash"]
        self.assertTrue(crashed)
        self.assertEqual({r["signature"] for r in crashed}, {"crash:SIGSEGV"})
        self.assertIn("about to die", ended.out)  # its last words

    def test_hanging_in_one_op_is_the_timeout_of_that_check_alone(self):
        self.only_encode("hangs-on-encode", "timeout", "timeout:answer", flags=["--deadline", "400"])

    def test_garbage_is_the_failure_of_that_check_alone(self):
        self.only_encode("garbage", "fail", "fail@adapter:answer/frame")

    def test_a_fault_is_the_failure_of_that_check_alone(self):
        self.only_encode("hostile-fault", "fail", "fail@adapter:answer/encode")

    def test_answering_out_of_order_is_no_answer(self):
        self.all_alike(simple("wrong-n", 1), "fail", "fail@adapter:answer/answer")

    def test_a_frame_above_the_limit_is_refused_by_its_header(self):
        ended, results, _ = self.judged("--codec", tail=simple("oversize", 1), code=1)
        self.assertEqual({r["verdict"] for r in results.values()}, {"fail"})
        self.assertIn("99999999", ended.out)

    def test_hanging_for_ever_ends_the_run_soon(self):
        ended, summary = self.all_alike(simple("sleeps", HANDSHAKE - 1), "timeout", "timeout:answer",
                                        flags=["--deadline", "400"])
        self.assertEqual(summary["pass"], 0)

    def test_rejecting_everything_is_no_way_to_pass(self):
        ended, results, summary = self.judged("--codec", tail=wrong("rejects-all"), code=1)
        told = self.verdicts(results)
        self.assertEqual([told[name] for name in sorted(told)], ["fail"] * 4 + ["pass", "fail", "pass"])
        self.assertTrue(any("a good box was not decoded" in remark for remark in summary["remarks"]), summary["remarks"])

    def test_accepting_everything_is_no_way_to_pass(self):
        ended, results, summary = self.judged("--codec", tail=wrong("accepts-all"), code=1)
        told = self.verdicts(results)
        self.assertEqual([told[name] for name in sorted(told)], ["fail"] * 6 + ["warn"])
        self.assertTrue(any("was not refused" in remark for remark in summary["remarks"]), summary["remarks"])

    def test_an_ok_to_an_unknown_op_is_remarked(self):
        _, _, summary = self.judged("--codec", "--only", "A1-E2E-001", tail=simple("knows-everything"), code=0)
        self.assertTrue(any("was not answered `unsupported`" in remark for remark in summary["remarks"]))

    def test_a_client_that_never_connects_times_out(self):
        _, results, summary = self.judged("--client", tail=simple("never-connects"), code=1)
        self.assertEqual({r["signature"] for r in results.values()}, {"timeout:connect"})

    def test_a_role_of_which_nothing_is_judged_is_an_error(self):
        self.judged("--server", "--only", "A1-E2E-005", tail=[AMPSPEC, "peer", "amp1", "--listen", "tcp://127.0.0.1:{port}"],
                    code=2)


class AdapterCheck(MiniCase):
    def test_a_right_adapter_passes(self):
        ended = self.ampspec("adapter", "check", "--", *REFERENCE, code=0)
        self.assertIn("the adapter speaks the protocol", ended.out)

    def test_twisted_passes(self):
        self.ampspec("adapter", "check", "--", "/usr/bin/python3", ROOT / "runner/adapters/twisted/adapter.py", code=0)

    def test_wrong_ones_do_not(self):
        for command, tells in ((simple("prints"), "starting up"), (simple("exits"), "exit-3"),
                               (simple("knows-everything"), "was not answered `unsupported`"),
                               (wrong("rejects-all"), "a good box was not decoded"),
                               (wrong("accepts-all"), "was not refused"), (simple("wrong-n", 1), "an answer to request")):
            with self.subTest(command=command[2]):
                ended = self.ampspec("adapter", "check", "--", *command, code=1)
                self.assertIn(tells, ended.out)
                self.assertIn("does not speak the protocol", ended.out)

    def test_without_a_command_it_asks_for_one(self):
        self.usage_error("adapter", "check", tells="ampspec adapter check -- ")


if __name__ == "__main__":
    unittest.main()
