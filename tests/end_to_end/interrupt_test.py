# Ctrl-C and other ends from outside: prompt, with no process left and no blame for what we ended ourselves.
# SPDX-License-Identifier: Apache-2.0
import json
import signal
import time
import unittest

from program import ADAPTER, AMPSPEC, Case, MiniCase, SIMPLE_ADAPTER, SIMPLE_SERVER, left_of_session

REFERENCE = [AMPSPEC, "adapter", "serve"]


def wait_for(condition):
    until = time.monotonic() + 20
    while not condition() and time.monotonic() < until:
        time.sleep(0.01)


def has_children(child, count=1):
    return lambda: len(left_of_session(child.pid)) > count


class Interrupted(MiniCase):
    def interrupted(self, *words, tail, number=signal.SIGINT, hangs=False):
        report = self.folder / "results.jsonl"
        child = self.start("run", "--json", report, *words, "--", *tail)
        wait_for((self.folder / "hanging").exists if hangs else has_children(child))
        began = time.monotonic()
        child.send_signal(number)
        ended = self.wait(child)  # which sees that nothing is left
        self.assertEqual(ended.code, 130, ended)
        self.assertLess(time.monotonic() - began, 8)  # 2 s by design; the rest is for a machine under load
        rows = [json.loads(line) for line in report.read_text().splitlines()]
        summary = rows.pop()["summary"]
        self.assertTrue(any("interrupted" in remark for remark in summary["remarks"]))
        return ended, rows, summary

    def test_a_sleeping_codec_does_not_hold_the_program(self):
        _, rows, _ = self.interrupted("--codec", tail=[*ADAPTER, "hangs-on-encode", *REFERENCE], hangs=True)
        self.assertEqual({r["verdict"] for r in rows} - {"pass"}, set())  # ended by us, so not its crash

    def test_a_client_that_never_connects_does_not_hold_the_program(self):
        self.interrupted("--client", "--deadline", "60000", tail=[*SIMPLE_ADAPTER, "never-connects"])

    def test_an_adapter_that_never_says_hello_does_not_hold_the_program(self):
        self.interrupted("--codec", tail=[*SIMPLE_ADAPTER, "sleeps", "0"])

    def test_an_adapter_that_ignores_signals_does_not_hold_the_program(self):
        self.interrupted("--codec", tail=[*ADAPTER, "ignores-signals", *REFERENCE], hangs=True)

    def test_a_server_that_never_answers_does_not_hold_the_program(self):
        self.interrupted("--server", "--deadline", "60000", tail=[*SIMPLE_SERVER, "mute", "{port}"])

    def test_a_server_that_never_listens_does_not_hold_the_program(self):
        self.interrupted("--server", tail=[*SIMPLE_SERVER, "never-listens", "{port}"])

    def test_termination_is_an_interruption_too(self):
        self.interrupted("--codec", tail=[*ADAPTER, "hangs-on-encode", *REFERENCE], hangs=True, number=signal.SIGTERM)

    def test_children_end_even_if_the_program_is_killed(self):
        child = self.start("run", "--codec", "--", *SIMPLE_ADAPTER, "sleeps", "0")
        wait_for(has_children(child))
        child.kill()
        self.assertEqual(self.wait(child).code, -signal.SIGKILL)  # and `wait` sees that nothing is left


class OwnVectors(Case):
    def test_a_run_of_the_whole_suite_can_be_interrupted(self):
        child = self.start("run")
        wait_for(has_children(child, 2))
        child.send_signal(signal.SIGINT)
        ended = self.wait(child)
        self.assertEqual(ended.code, 130)
        self.assertIn("interrupted", ended.out)
        self.assertNotIn("crash", ended.out)


if __name__ == "__main__":
    unittest.main()
