# Every fault of fuzz/faults fits the sources exactly, changes one file for one clause, and names targets that exist; every target has a floor.
# SPDX-License-Identifier: Apache-2.0
import pathlib
import re
import subprocess
import tempfile
import unittest

import fault_table
import run_faults
import smoke
import targets as fuzz


class Faults(unittest.TestCase):
    def test_there_are_enough(self):
        self.assertGreaterEqual(len(run_faults.faults()), 25)

    def test_each_applies_without_fuzz_and_changes_something(self):
        for fault in run_faults.faults():
            with self.subTest(fault=fault["id"]), tempfile.TemporaryDirectory() as folder:
                self.assertEqual(len(fault["files"]), 1)
                run_faults.patched_copy(fault, pathlib.Path(folder, "copy"))
                name = fault["files"][0]
                self.assertNotEqual(pathlib.Path(folder, "copy", name).read_text(), (fuzz.ROOT / name).read_text())
                self.assertRegex(name, r"^(reference/(wire|amp|amps|bulk)/|reference/peer/adapter_frame|conformance/(vectors/|annotate))")

    def test_a_stale_patch_is_refused(self):
        fault = dict(run_faults.faults()[0])
        with tempfile.TemporaryDirectory() as folder:
            stale = pathlib.Path(folder, "stale.patch")
            lines = fault["path"].read_text().splitlines(True)
            kept = next(i for i, line in enumerate(lines) if line.startswith(" ") and line.strip())
            lines[kept] = " something else stands here\n"
            stale.write_text("".join(lines))
            fault["path"] = stale
            with self.assertRaises(subprocess.CalledProcessError):
                run_faults.patched_copy(fault, pathlib.Path(folder, "copy"))

    def test_the_headers_of_a_fault_stand_in_front_of_the_trees(self):
        entry = {"command": "c++ -I/tree -O2 -o a.o -c /tree/a.cpp"}
        words = run_faults.command_for({"flags": ["-fsanitize=bool"]}, "/copy", entry, "/copy/a.cpp", "/copy/a.o")
        self.assertEqual(words, ["c++", "-I/copy", "-I/tree", "-O2", "-o", "/copy/a.o", "-fsanitize=bool", "-c", "/copy/a.cpp"])

    def test_each_has_a_clause_of_the_catalogue_and_targets_that_exist(self):
        catalogue = "".join(p.read_text() for p in (fuzz.ROOT / "vectors/requirements").glob("*.yaml"))
        ids = set(re.findall(r"id: ([A-Z0-9-]+)", catalogue))
        seen = set()
        for fault in run_faults.faults():
            with self.subTest(fault=fault["id"]):
                # What our own tools read has no clause, but a document.
                self.assertTrue(fault["clause"] in ids or fault["clause"].startswith("docs/") and (fuzz.ROOT / fault["clause"]).is_file())
                self.assertTrue(set(fault["targets"]) <= set(fuzz.targets()) and fault["targets"])
                self.assertEqual(fault["path"].name, f"{fault['id']}-{fault['name']}.patch")
                self.assertNotIn(fault["name"], seen)
                seen.add(fault["name"])


class Results(unittest.TestCase):
    @staticmethod
    def row(target, *oracles):
        return {"fault": "F01", "name": "n", "target": target, "runs": [{"executions": 9, "seconds": 1, "oracle": oracle} for oracle in oracles]}

    def test_the_target_that_the_patch_names_first_stands_for_a_fault(self):
        rows = [self.row("amp_feed", "split", "split"), self.row("amp_decode", None, "differential")]
        row, hits = run_faults.shown(rows, run_faults.faults()[0])
        self.assertEqual((row["target"], len(hits)), ("amp_decode", 1))
        self.assertIsNone(run_faults.shown(rows, run_faults.faults()[1]))

    def test_a_target_alone_sees_what_no_other_has_seen(self):
        told = fault_table.killers([self.row("amp_decode", None, "limit"), self.row("amp_feed", None, None)])
        self.assertIn("| `amp_decode` | 1 | F01 |", told)
        self.assertIn("| `amp_feed` | 0 | none |", told)
        self.assertIn("| `amp_decode` | 1 | none |", fault_table.killers([self.row("amp_decode", "limit"), self.row("amp_feed", "split")]))


class Oracles(unittest.TestCase):
    def test_what_ended_a_run_is_told_by_its_name(self):
        for text, name in (("x\nampspec-oracle: live-octets: a <= b (f:1)\n==1== ERROR: libFuzzer: deadly signal", "live-octets"),
                           ("==1==ERROR: AddressSanitizer: heap-use-after-free on", "heap-use-after-free"),
                           ("==1==ERROR: LeakSanitizer: detected memory leaks", "leak"),
                           ("a.cpp:1: void f(): Assertion `x' failed.\n==1== ERROR: libFuzzer: deadly signal", "assertion"),
                           ("==1== ERROR: libFuzzer: timeout after 5", "timeout"),
                           ("b.cpp:1:2: runtime error: load of value 7", "undefined")):
            self.assertEqual(fuzz.oracle_of(text), name)


class Floors(unittest.TestCase):
    def test_each_target_has_one(self):
        self.assertEqual(set(smoke.FLOORS), set(fuzz.targets()))
        self.assertTrue(all(floor > 0 for floor in smoke.FLOORS.values()))


if __name__ == "__main__":
    unittest.main()
