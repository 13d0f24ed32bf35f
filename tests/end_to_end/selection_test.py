# Which checks are run, in what order of events the run ends, and what makes two runs the same.
# SPDX-License-Identifier: Apache-2.0
import json
import unittest

from program import ADAPTER, AMPSPEC, Case, MiniCase

REFERENCE = [AMPSPEC, "adapter", "serve"]


class OwnVectors(Case):
    def test_shards_together_are_the_whole_and_share_nothing(self):
        choice = ["--only", "A1-LIM-*", "--role", "codec,client"]
        _, whole, _ = self.judged(*choice, code=0)
        parts = [self.judged(*choice, "--shard", f"{i}/3", code=0)[1] for i in (1, 2, 3)]
        self.assertEqual(sum(len(part) for part in parts), len(whole))
        self.assertEqual(set().union(*parts), set(whole))
        self.assertTrue(all(parts))

    def test_a_seed_gives_the_same_cuts_again(self):
        def first_verdicts(seed):
            _, results, summary = self.judged("--only", "A1-KEY-*", "--role", "codec", "--seed", seed, code=0)
            self.assertEqual(summary["seed"], str(seed))
            return {check: (r["verdict"], r["plays"]) for check, r in results.items()}
        self.assertEqual(first_verdicts(7), first_verdicts(7))

    def test_a_server_by_flags_speaks_the_protocol_that_is_asked_for(self):
        peer = [AMPSPEC, "peer", "amps", "--listen", "tcp://127.0.0.1:{port}"]
        _, results, summary = self.judged("--server", "--protocol", "amps", "--only", "AV-LOG-001", tail=peer, code=0)
        self.assertGreaterEqual(summary["pass"], 1)


class Selection(MiniCase):
    def selected(self, *words):
        _, results, _ = self.judged(*words, code=0)
        return set(self.verdicts(results))

    def test_only_takes_ids_globs_suites_and_clauses(self):
        self.assertEqual(self.selected("--only", "A1-E2E-004"), {"A1-E2E-004 codec"})
        self.assertEqual(self.selected("--only", "*-00[4]", "--only", "A1-E2E-00?", "--role", "client"),
                         {"A1-E2E-003 client", "A1-E2E-008 client"})
        self.assertEqual(self.selected("--only", "AMP1-FRAME-001"), {"A1-E2E-004 codec"})
        self.assertEqual(len(self.selected("--only", "amp1/*")), 15)
        self.assertEqual(self.selected("--only", "A1-E2E-001,A1-E2E-009"), {"A1-E2E-001 codec", "A1-E2E-009 codec"})

    def test_only_files_that_may_hold_what_is_selected_are_loaded(self):
        with (self.vectors / "amp1" / "broken.yaml").open("w") as file:
            self.addCleanup((self.vectors / "amp1" / "broken.yaml").unlink)
            file.write("suite: amp1/broken\nprotocol: amp1\nids: A1-BRK\nvectors: none\n")
        self.assertEqual(self.selected("--only", "A1-E2E-004"), {"A1-E2E-004 codec"})
        self.assertIn("broken.yaml:4", self.ampspec("run", "--only", "A1-*", code=2).err)

    def test_fail_fast_stops_at_the_first_failure(self):
        flags = ["--codec", "--jobs", "1", "--fail-fast"]
        _, results, summary = self.judged(*flags, tail=[*ADAPTER, "rejects-all", *REFERENCE], code=1)
        self.assertEqual((summary["fail"], summary["checks"]), (1, 1))

    def test_strict_fails_a_broken_should(self):
        faulty = [*REFERENCE, "--fault", "waits-for-second-octet"]
        _, results, _ = self.judged("--codec", tail=faulty, code=0)
        self.assertEqual(self.verdicts(results)["A1-E2E-009 codec"], "warn")
        _, results, _ = self.judged("--codec", "--strict", tail=faulty, code=1)
        self.assertEqual(self.verdicts(results)["A1-E2E-009 codec"], "fail")

    def test_a_budget_that_is_used_up_is_no_verdict(self):
        ended, results, summary = self.judged("--codec", "--jobs", "1", "--budget", "0.2",
                                              tail=[*ADAPTER, "slow", *REFERENCE], code=4)
        self.assertTrue(summary["out_of_time"])
        self.assertLess(len(results), 7)
        self.assertEqual({r["verdict"] for r in results.values()} - {"pass"}, set())
        self.assertIn("were not run", ended.out)

    def test_a_budget_that_is_not_used_up_changes_nothing(self):
        _, _, summary = self.judged("--budget", "100", code=0)
        self.assertFalse(summary["out_of_time"])
        self.assertEqual(summary["checks"], 15)

    def test_a_budget_does_not_hide_a_failure(self):
        hanging = [*ADAPTER, "hangs-on-encode", *REFERENCE]
        self.judged("--codec", "--only", "A1-E2E-004", "--deadline", "1600", "--budget", "3", tail=hanging, code=1)

    def test_a_choice_that_is_pinned_otherwise_fails(self):
        target = self.folder / "target.yaml"
        target.write_text(f'name: pinned\nroles: {{codec: {{command: ["{AMPSPEC}", adapter, serve]}}}}\n'
                          "choices: {duplicate-key: last-wins}\n")
        self.vectors = None  # the suite's own, which have that choice
        listed = [json.loads(line) for line in self.ampspec("list", "--json", "--role", "codec", code=0).out.splitlines()]
        repeats = [v["id"] for v in listed if v["suite"] == "amp1/frame/repeats"]
        _, results, _ = self.judged(target, "--only", ",".join(repeats), code=1)
        self.assertIn("fail@decode:pinned/other", {r["signature"] for r in results.values()})


if __name__ == "__main__":
    unittest.main()
