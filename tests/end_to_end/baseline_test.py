# The life of a baseline: written with TODO, given reasons, and stale as soon as it does not tell the truth.
# SPDX-License-Identifier: Apache-2.0
import unittest

from program import AMPSPEC, MiniCase

LATE = [AMPSPEC, "adapter", "serve", "--fault", "key-limit-missing"]        # breaks 003
WAITS = [AMPSPEC, "adapter", "serve", "--fault", "waits-for-second-octet"]  # breaks the SHOULD of 009
RIGHT = [AMPSPEC, "adapter", "serve"]


class Baseline(MiniCase):
    def setUp(self):
        super().setUp()
        self.file = self.folder / "known.txt"

    def against(self, tail, *flags, code, tells=()):
        ended, results, summary = self.judged("--codec", "--baseline", self.file, *flags, tail=tail, code=code)
        for text in tells:
            self.assertIn(text, " ".join(ended.out.split()))
        return self.verdicts(results), summary

    def lines(self):
        return [line for line in self.file.read_text().splitlines() if not line.startswith("#")]

    def written(self, tail):
        """A baseline of that implementation, each reason given."""
        self.against(tail, "--update-baseline", code=1)
        self.file.write_text(self.file.read_text().replace("# TODO", "# ticket 12"))
        self.against(tail, code=0)

    def test_a_new_baseline_fails_until_each_reason_is_given(self):
        told, summary = self.against(LATE, "--update-baseline", code=1, tells=["still TODO"])
        self.assertTrue(self.lines())
        for line in self.lines():
            self.assertRegex(line, r"^A1-E2E-003 codec \w+@\S+:\S+/\S+ # TODO$|^A1-E2E-009 codec \S+ # TODO$")
        self.against(LATE, code=1, tells=["still TODO"])
        self.file.write_text(self.file.read_text().replace("# TODO", "# ticket 12"))
        told, summary = self.against(LATE, code=0)
        self.assertEqual(told["A1-E2E-003 codec"], "xfail")
        self.assertEqual(summary["stale_baseline"], [])

    def test_an_update_keeps_the_reasons_that_are_given(self):
        self.written(LATE)
        before = self.lines()
        self.against(LATE, "--update-baseline", code=0)
        self.assertEqual(self.lines(), before)

    def test_an_update_of_a_file_with_a_line_that_cannot_be_read_changes_nothing(self):
        self.written(LATE)
        good = self.file.read_text()
        for line, tells in (("A1-E2E-003 codek fail@decode:reject/accepted # ticket 7", "not `VECTOR ROLE SIGNATURE # reason`"),
                            (self.lines()[0], "stands in line")):
            with self.subTest(line=line):
                text = good + line + "\n"
                self.file.write_text(text)
                number = text.count("\n")
                ended = self.usage_error("run", "--codec", "--baseline", self.file, "--update-baseline", "--", *LATE,
                                         tells=f"known.txt:{number}: ")
                self.assertIn(tells, ended.err)
                self.assertEqual(self.file.read_text(), text)

    def test_an_update_drops_what_passes_now(self):
        self.written(LATE)
        self.against(RIGHT, "--update-baseline", code=0)
        self.assertEqual(self.lines(), [])

    def test_a_listed_check_that_passes_fails_the_run_and_is_named(self):
        self.written(LATE)
        told, summary = self.against(RIGHT, code=1, tells=["known.txt:2: A1-E2E-003 codec passes now"])
        self.assertEqual(told["A1-E2E-003 codec"], "xpass")

    def test_a_listed_check_that_fails_otherwise_fails_the_run(self):
        self.written(LATE)
        told, _ = self.against([AMPSPEC, "adapter", "serve", "--fault", "waits-for-second-octet"], code=1)
        self.file.write_text("A1-E2E-003 codec crash:SIGSEGV # ticket 12\n")
        told, _ = self.against(LATE, code=1, tells=["now gives", "not crash:SIGSEGV"])
        self.assertEqual(told["A1-E2E-003 codec"], "fail")

    def test_a_listed_check_that_was_not_run_fails_the_run(self):
        self.written(LATE)
        with self.file.open("a") as file:
            file.write("A1-E2E-777 codec fail@decode:reject/accepted # ticket 13\n"
                       "A1-E2E-005 server timeout@2:box # ticket 14\n")
        self.against(LATE, code=1, tells=["A1-E2E-777 codec was not run", "A1-E2E-005 server was not run"])

    def test_lines_outside_of_the_part_that_was_chosen_are_left_alone(self):
        self.written(LATE)
        self.against(LATE, "--only", "A1-E2E-001", code=0)

    def test_a_line_without_a_reason_fails_the_run(self):
        self.written(LATE)
        self.file.write_text(self.file.read_text().replace(" # ticket 12", ""))
        self.against(LATE, code=1, tells=["no reason"])

    def test_a_line_that_cannot_be_read_fails_the_run(self):
        self.file.write_text("A1-E2E-003 fail@decode:reject/accepted # ticket 12\n")
        self.against(RIGHT, code=1, tells=["known.txt:1:", "VECTOR ROLE SIGNATURE # reason"])

    def test_a_warning_can_be_excused_under_strict(self):
        self.written(WAITS)
        told, _ = self.against(WAITS, "--strict", code=0)
        self.assertEqual(told["A1-E2E-009 codec"], "xfail")

    def test_points_of_a_matrix_can_be_listed_one_by_one(self):
        cut = [AMPSPEC, "adapter", "serve", "--fault", "key-limit-255-refused"]  # breaks 002 for n=255
        self.written(cut)
        self.assertEqual([line.split(" ")[0] for line in self.lines()], ["A1-E2E-002/n=255"])


if __name__ == "__main__":
    unittest.main()
