# results.jsonl, junit.xml, report.html and the console: whole, of the fixed shape, and safe to look at whatever an implementation says.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pty
import subprocess
import unittest
import xml.etree.ElementTree

from program import ADAPTER, AMPSPEC, MiniCase

REFERENCE = [AMPSPEC, "adapter", "serve"]
HOSTILE = [*ADAPTER, "hostile", *REFERENCE]
SUMMARY = {"target", "vectors", "checks", "pass", "fail", "warn", "observed", "skip", "xfail", "xpass", "crash", "timeout",
           "harness", "plays", "seconds", "peak_rss_kib", "peer_peak_rss_kib"}
ROW = {"vector", "variant", "protocol", "role", "level", "verdict", "cites", "ms"}
VERDICTS = ["pass", "fail", "warn", "observed", "skip", "xfail", "xpass", "crash", "timeout", "harness"]


class Reports(MiniCase):
    def all_reports(self, *words, code, tail=()):
        paths = [self.folder / "out" / name for name in ("junit.xml", "report.html")]
        ended, results, summary = self.judged("--junit", paths[0], "--html", paths[1], *words, tail=tail, code=code)
        return ended, results, summary, xml.etree.ElementTree.parse(paths[0]).getroot(), paths[1].read_text()

    def test_json_has_a_line_for_each_check_and_ends_with_the_summary(self):
        ended, results, summary = self.judged(code=0)
        self.assertEqual(SUMMARY - summary.keys(), set())
        self.assertEqual(sum(summary[verdict] for verdict in VERDICTS), summary["checks"])
        self.assertEqual((summary["target"], summary["vectors"], summary["checks"]), ("reference", 9, 15))
        for row in results.values():
            self.assertEqual(ROW - row.keys(), set())
        self.assertIn("15 checks of 9 vectors: 15 pass", ended.out)

    def test_junit_has_a_case_for_each_check(self):
        _, results, summary, junit, _ = self.all_reports("--codec", tail=[*ADAPTER, "rejects-all", *REFERENCE], code=1)
        cases = list(junit.iter("testcase"))
        self.assertEqual(len(cases), len(results))
        self.assertEqual(sum(len(case.findall("failure")) for case in cases), summary["fail"])

    def test_the_html_report_is_one_file_with_every_check(self):
        _, results, _, _, html = self.all_reports(code=0)
        for vector, _, _ in results:
            self.assertIn(vector, html)
        self.assertNotRegex(html, r'(?:src|href)="https?:')

    def test_nothing_is_left_beside_the_reports(self):
        self.all_reports(code=0)
        self.assertEqual(sorted(p.name for p in (self.folder / "out").iterdir()), ["junit.xml", "report.html"])

    def test_escapes_and_markup_of_an_implementation_stay_text(self):
        ended, results, _, junit, html = self.all_reports("--codec", "--trace", tail=HOSTILE, code=1)
        # `wait` has seen that no escape is in the console's text.
        self.assertIn("owned", ended.out)
        self.assertNotIn("\u202e", ended.out)
        for text in (html, xml.etree.ElementTree.tostring(junit, encoding="unicode")):
            self.assertNotIn("\x1b", text)
            self.assertNotIn("</script><script>", text)
        self.assertNotIn("<script>document.title", html)
        self.assertTrue(any("owned" in r["got"] for r in results.values()))

    def test_a_trace_shows_passes_too(self):
        ended = self.ampspec("run", "--only", "A1-E2E-005", "--trace", code=0)
        self.assertIn('key "_command"', ended.out)
        ended = self.ampspec("run", "--only", "A1-E2E-005", code=0)
        self.assertNotIn('key "_command"', ended.out)

    def test_the_command_to_look_again_can_be_pasted_into_a_shell(self):
        ended, _, _ = self.judged("--codec", "--only", "A1-E2E-004", tail=[*ADAPTER, "rejects-all", *REFERENCE], code=1)
        begin = ended.out.index("again ") + len("again ")
        again = " ".join(ended.out[begin:ended.out.index("\n\n", begin)].split())
        self.assertTrue(again.startswith("ampspec run --codec "), again)
        environment = {**os.environ, "AMPSPEC_VECTORS": str(self.vectors)}
        shell = subprocess.run(["/bin/sh", "-c", "ampspec() { \"$AMPSPEC\" \"$@\"; }; " + again], env=environment,
                               cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(shell.returncode, 1, shell.stderr)
        self.assertIn("1 check of 1 vector: 0 pass, 1 fail", shell.stdout)

    def test_a_terminal_gets_colours_unless_no_color_is_set(self):
        for no_color, coloured in ((None, True), ("1", False)):
            with self.subTest(NO_COLOR=no_color):
                environment = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
                environment.update({"AMPSPEC_VECTORS": str(self.vectors), "TERM": "xterm"})
                if no_color:
                    environment["NO_COLOR"] = no_color
                ours, theirs = pty.openpty()
                child = subprocess.Popen([AMPSPEC, "run"], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
                                         env=environment, start_new_session=True)
                os.close(theirs)
                text = b""
                try:
                    while piece := os.read(ours, 65536):
                        text += piece
                except OSError:  # how a terminal tells that nobody writes to it any more
                    pass
                os.close(ours)
                self.assertEqual(child.wait(timeout=60), 0)
                self.assertEqual(b"\x1b[3" in text or b"\x1b[1m" in text, coloured, text)


if __name__ == "__main__":
    unittest.main()
