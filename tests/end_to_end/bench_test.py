# `ampspec bench`: figures of a sane shape, reasons where there are none, and never a claim about how fast this machine is.
# SPDX-License-Identifier: Apache-2.0
import json
import unittest

from program import Case, HERE, PYTHON

WAYS = ["idle", "stream", "bigstring", "amp2", "bulk"]
BRIEFLY = ["--megabytes", 1, "--seconds", 0.2]


class Bench(Case):
    def target(self, mode):
        """A target file for the server of the fixtures."""
        file = self.folder / f"{mode}.yaml"
        file.write_text(f'name: {mode}\nroles:\n  server: {{command: [{PYTHON}, {HERE}/fixtures/server.py, "{{port}}", {mode}], '
                        "ready: listening}\nsupports: [amp1, service.core]\n")
        return file

    def measured(self, *words, code=0):
        """How it ended, and the ways of its JSON by name."""
        file = self.folder / "bench.json"
        ended = self.ampspec("bench", "interactivity", *words, *BRIEFLY, "--json", file, code=code)
        result = json.loads(file.read_text())
        self.assertEqual((result["bench"], result["megabytes"]), ("interactivity", 1))
        return ended, {w["way"]: w for w in result["ways"]}

    def assert_sane(self, way):
        self.assertGreaterEqual(way["calls"], 50, way)
        self.assertLess(0, way["p50_ns"])
        self.assertLessEqual(way["p50_ns"], way["p99_ns"])
        self.assertLessEqual(way["p99_ns"], way["worst_ns"])
        for side in ("ours_peak_rss_kib", "theirs_peak_rss_kib"):
            self.assertLess(1000, way[side])

    def test_the_reference_is_measured_each_way_that_it_offers(self):
        ended, ways = self.measured()
        self.assertEqual(list(ways), WAYS)
        for name, way in ways.items():
            with self.subTest(way=name):
                self.assert_sane(way)
                if name != "idle":
                    self.assertGreaterEqual(way["transfers"], 1)
                    self.assertLess(0, way["megabytes_per_second"])
        lines = [line.split()[0] for line in ended.out.splitlines() if line.strip()]
        self.assertEqual(lines[1:7], ["way", "idle", "stream", "BigString", "AMPv2", "bulk"])

    def test_chosen_ways_are_measured_beside_the_idle_connection(self):
        _, ways = self.measured("--way", "bigstring")
        self.assertEqual(list(ways), ["idle", "bigstring"])

    def test_a_server_without_large_values_offers_none_and_that_is_no_failure(self):
        ended, ways = self.measured(self.target("fine"))
        self.assert_sane(ways["idle"])
        for name in WAYS[1:]:
            self.assertEqual(set(ways[name]), {"way", "not_offered"}, name)
        self.assertIn("not offered: it has no command StreamOpen", ended.out)

    def test_a_server_that_speaks_no_amp_fails_with_the_reason(self):
        ended, ways = self.measured(self.target("floods"), "--way", "stream", code=1)
        self.assertIn("octets are no boxes", ways["idle"]["failed"])
        self.assertIn("failed: ", ended.out)

    def test_the_page_and_the_report_show_the_same_numbers(self):
        page, report = self.folder / "bench.html", self.folder / "report.html"
        ended, _ = self.measured("--way", "stream", "--html", page)
        self.ampspec("run", "--only", "A1-LIM-001", "--html", report, "--bench", self.folder / "bench.json", code=0)
        line = next(line for line in ended.out.splitlines() if line.startswith("idle"))
        told = [cell.strip() for cell in line.split("  ") if cell.strip()]
        self.assertEqual(len(told), 9)
        for file in (page, report):
            html = file.read_text()
            self.assertTrue('<section id="bench"' in html)
            for cell in told[1:]:
                self.assertTrue(f"<td>{cell}</td>" in html, f"{cell} is not in {file.name}")
            self.assertNotRegex(html, r'(?:src|href)="https?:')
        self.assertNotIn("@BENCH@", report.read_text())

    def test_a_report_without_results_has_no_such_section(self):
        report = self.folder / "report.html"
        self.ampspec("run", "--only", "A1-LIM-001", "--html", report, code=0)
        self.assertNotIn('id="bench"', report.read_text())

    def test_calls_are_compared_with_an_echo(self):
        ended = self.ampspec("bench", "calls", "--seconds", 0.5, code=0)
        rows = [line.split() for line in ended.out.splitlines() if line and line[0].isdigit()]
        self.assertEqual([row[0] for row in rows], ["1", "64"])
        for row in rows:
            echoes, calls, ratio = int(row[1].replace(",", "")), int(row[2].replace(",", "")), float(row[3])
            self.assertLess(0, calls)
            self.assertLess(0, echoes)
            self.assertLess(0, ratio)
        ended = self.ampspec("bench", "calls", self.target("fine"), "--seconds", 0.5, code=0)
        self.assertNotIn("goal", ended.out)

    def test_mistakes_are_told_before_anything_is_measured(self):
        codec = self.folder / "codec.yaml"
        codec.write_text("name: codec\nroles:\n  codec: {command: [true]}\nsupports: [amp1]\n")
        (self.folder / "other.json").write_text('{"bench": "calls"}')
        for words, tells in ((["bench"], "subcommand"),
                             (["bench", "interactivity", "no-such-target"], "no-such-target"),
                             (["bench", "interactivity", codec], "no server role"),
                             (["bench", "calls", codec], "no server role"),
                             (["bench", "publishes", "--server", "localhost"], "write tcp://HOST:PORT"),
                             (["bench", "publishes", "--server", "tcp://127.0.0.1:1"], "is it up?"),
                             (["bench", "interactivity", "--way", "pigeon"], "there is no way pigeon"),
                             (["bench", "interactivity", "--megabytes", 0], "--megabytes"),
                             (["bench", "interactivity", "--json", self.folder], "--json"),
                             (["run", "--bench", "x.json"], "give --html"),
                             (["run", "--html", "r.html", "--bench", "x.json"], "cannot read x.json"),
                             (["run", "--html", "r.html", "--bench", "other.json"], "other.json")):
            with self.subTest(words=words):
                self.usage_error(*words, tells=tells)


if __name__ == "__main__":
    unittest.main()
