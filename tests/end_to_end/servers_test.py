# Servers right and wrong: blame falls on the check that earned it, and a run against the worst of them still ends.
# SPDX-License-Identifier: Apache-2.0
import unittest

from program import AMPSPEC, MiniCase, SERVER, SIMPLE_SERVER

ALL = {"A1-E2E-003 server", "A1-E2E-005 server", "A1-E2E-006 server", "A1-E2E-007/data= server",
       "A1-E2E-007/data=poison server", "A1-E2E-007/data=x server"}
FLAGS = ["--server", "--supports", "amp1,service.core"]


class Servers(MiniCase):
    def run_against(self, command, *flags, code):
        return self.judged(*FLAGS, *flags, tail=command, code=code)

    def blames_only(self, name, mode, verdict):
        ended, results, _ = self.run_against([*SERVER, mode], code=1)
        self.assertEqual(self.verdicts(results), {**dict.fromkeys(ALL, "pass"), name: verdict})
        return ended

    def test_a_right_server_passes(self):
        _, results, _ = self.run_against([*SERVER, "fine"], code=0)
        self.assertEqual(self.verdicts(results), dict.fromkeys(ALL, "pass"))

    def test_a_server_that_somebody_else_has_started_is_reached_by_its_uri(self):
        peer = self.start("peer", "amp1", "--listen", "tcp://127.0.0.1:0")
        uri = peer.stdout.readline().decode().split()[1]
        _, results, _ = self.judged("--server", uri, "--supports", "amp1,service.core", code=0)
        self.assertEqual(self.verdicts(results), dict.fromkeys(ALL, "pass"))

    def test_features_that_are_not_declared_are_skipped_not_passed(self):
        _, results, summary = self.judged("--server", tail=[*SERVER, "fine"], code=0)
        told = self.verdicts(results)
        self.assertEqual({name for name, verdict in told.items() if verdict == "skip"},
                         {name for name in ALL if "-005" in name or "-007" in name})
        self.assertEqual((summary["pass"], summary["skip"]), (2, 4))

    def test_a_crash_is_blamed_on_the_request_that_caused_it(self):
        ended = self.blames_only("A1-E2E-007/data=poison server", "crashes-on-poison", "crash")
        self.assertIn("about to crash", ended.out)

    def test_a_crash_does_not_pass_for_the_close_that_was_expected(self):
        self.blames_only("A1-E2E-003 server", "crashes-on-long-key", "crash")

    def test_a_hang_of_the_whole_server_is_blamed_on_the_request_that_caused_it(self):
        self.blames_only("A1-E2E-007/data=poison server", "hangs-on-poison", "timeout")

    def test_a_server_that_never_answers_times_out_without_a_wait_for_each_check(self):
        _, results, summary = self.run_against([*SIMPLE_SERVER, "mute", "{port}"], code=1)
        self.assertEqual(summary["pass"], 0)
        self.assertEqual(results["A1-E2E-005", "", "server"]["signature"], "timeout@2:box")
        self.assertTrue(any("deadlines were cut short" in remark for remark in summary["remarks"]))

    def test_one_octet_a_second_is_no_answer(self):
        _, results, _ = self.run_against([*SIMPLE_SERVER, "drips", "{port}"], code=1)
        self.assertEqual(results["A1-E2E-005", "", "server"]["verdict"], "timeout")

    def test_a_server_that_closes_at_once_fails_where_an_answer_is_due(self):
        _, results, _ = self.run_against([*SIMPLE_SERVER, "closes", "{port}"], code=1)
        told = self.verdicts(results)
        self.assertEqual({told[name] for name in ALL - {"A1-E2E-003 server"}}, {"fail"})

    def test_boxes_that_nobody_asked_for_fail_every_check(self):
        for mode in ("unasked", "floods"):
            with self.subTest(mode=mode):
                _, results, _ = self.run_against([*SERVER, mode], code=1)
                self.assertEqual(set(self.verdicts(results).values()), {"fail"})

    def test_a_box_without_end_is_not_kept_in_memory_until_the_deadline(self):
        _, results, _ = self.run_against([*SERVER, "never-ends-its-box"], code=1)
        self.assertEqual(results["A1-E2E-005", "", "server"]["signature"], "fail@2:box/endless")

    def test_a_stray_second_answer_is_found_by_the_fence_of_any_vector(self):
        peer = [AMPSPEC, "peer", "amp1", "--listen", "tcp://127.0.0.1:{port}", "--fault", "answers-twice"]
        _, results, _ = self.run_against(peer, "--only", "A1-E2E-005", code=1)
        self.assertEqual(set(self.verdicts(results).values()), {"fail"})

    def not_attached(self, *words, tells, timeout=60):
        """Exit 2 and one line, which tells all of that; no report of a run that was none."""
        ended = self.ampspec("run", "--json", "none.jsonl", *words, code=2, timeout=timeout)
        self.assertEqual(ended.out, "")
        self.assertEqual(len(ended.err.splitlines()), 1, ended.err)
        for text in tells:
            self.assertIn(text, ended.err)
        self.assertFalse((self.folder / "none.jsonl").exists())
        return ended

    def test_a_server_that_ends_before_it_listens_is_told_by_its_own_words(self):
        self.not_attached(*FLAGS, "--", *SIMPLE_SERVER, "dies-at-start", "{port}",
                          tells=["server: ", "exit-4", "no configuration"])

    def test_a_server_that_never_listens_ends_after_the_start_deadline(self):
        self.not_attached(*FLAGS, "--", *SIMPLE_SERVER, "never-listens", "{port}", tells=["did not listen on port"])

    def test_a_server_that_does_not_exist_is_told(self):
        self.not_attached(*FLAGS, "--", self.folder / "no-such-server", "{port}", tells=["No such file"])

    def test_an_address_where_nobody_listens_is_told(self):
        ended = self.not_attached("--server", "tcp://127.0.0.1:1", "--supports", "amp1,service.core",
                                  tells=["tcp://127.0.0.1:1", "Connection refused", "is it up?"])
        self.assertLess(ended.seconds, 10)

    def test_a_server_without_a_port_in_its_command_tells_where_it_listens(self):
        _, results, _ = self.judged(*FLAGS, tail=[AMPSPEC, "peer", "amp1", "--listen", "tcp://127.0.0.1:0"], code=0)
        self.assertEqual(self.verdicts(results), dict.fromkeys(ALL, "pass"))

    def test_a_server_that_tells_no_port_gets_the_advice(self):
        self.not_attached(*FLAGS, "--", "/bin/echo", "hello", tells=["ended before it was ready"])
        target = self.folder / "silent.yaml"
        target.write_text('name: silent\nroles: {server: {command: [/bin/echo, "{port}"]}}\nsupports: [amp1]\n')
        self.not_attached(target, tells=["ended before it was ready"])


if __name__ == "__main__":
    unittest.main()
