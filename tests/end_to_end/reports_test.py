# results.jsonl, junit.xml, report.html and the console: whole, of the fixed shape, and safe to look at whatever an implementation says.
# SPDX-License-Identifier: Apache-2.0
import json
import os
import pty
import stat
import subprocess
import unittest
import xml.etree.ElementTree

from program import ADAPTER, AMPSPEC, Case, MiniCase

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

    def test_a_report_that_cannot_be_written_costs_the_others_nothing(self):
        junit = self.folder / "junit.xml"
        ended = self.ampspec("run", "--role", "codec", "--json", "/dev/full", "--junit", junit, code=3)
        self.assertIn("cannot write /dev/full: No space left on device", ended.err)
        self.assertIn("conforms", ended.out)
        self.assertEqual(xml.etree.ElementTree.parse(junit).getroot().tag, "testsuites")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/full").st_mode), "replaced by a file")
        self.assertEqual(self.ampspec("run", "--role", "codec", "--json", "/dev/stdout", code=0).out.count('"summary"'), 1)

    def test_output_that_cannot_be_written_is_no_success(self):
        with open("/dev/full", "w") as full:
            self.assertEqual(subprocess.run([AMPSPEC, "list"], stdout=full, stderr=subprocess.PIPE, timeout=60).returncode, 3)

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

    def target(self, *lines):
        path = self.folder / "target.yaml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def adapter_lines(self, mode):
        return "  codec: {command: " + json.dumps([*ADAPTER, mode, *REFERENCE]) + ', env: {TOKEN: "env:AMPSPEC_TEST_TOKEN"}}'

    def test_a_secret_from_the_environment_is_in_no_report_unless_it_is_wanted_there(self):
        target = self.target("name: telling", "roles:", self.adapter_lines("tells-token"), "supports: [amp1]")
        secret, env = "open-Sesame-42", {"AMPSPEC_TEST_TOKEN": "open-Sesame-42"}
        shown = []
        for flag in ([], ["--show-secrets"]):
            paths = [self.folder / name for name in ("r.jsonl", "r.xml", "r.html")]
            ended = self.ampspec("run", target, "--trace", *flag, "--json", paths[0], "--junit", paths[1], "--html", paths[2],
                                 code=1, env=env)
            texts = [ended.out + ended.err, *(p.read_text() for p in paths)]
            shown.append([secret in text or secret.encode().hex() in text for text in texts])
            if not flag:
                self.assertTrue(all("no right for " + "*" * len(secret) in text for text in texts[1:]))
        self.assertEqual(shown, [[False] * 4, [True] * 4])

    def test_excluded_clauses_stand_in_the_reports_with_their_reasons(self):
        _, _, summary, _, html = self.all_reports(code=0)
        reasons = summary["clauses"]["excluded_for"]
        self.assertEqual(len(reasons), summary["clauses"]["excluded"])
        for clause, reason in reasons.items():
            self.assertIn(json.dumps(reason, ensure_ascii=False)[1:-1], html, clause)

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


class Providers(Case):
    """Who provides what; with vectors of the suite."""

    def judge(self, *provided):
        target = self.folder / "target.yaml"
        command = json.dumps([*REFERENCE, "--fault", "big-reads-zero"])
        target.write_text("\n".join(["name: another", "roles:", "  codec: {command: " + command + "}",
                                     "supports: [amp1, amp1.types, amp1.bigstring]", *provided]) + "\n")
        junit, html = self.folder / "junit.xml", self.folder / "report.html"
        ended, results, summary = self.judged(target, "--only", "A1-BSJ-*", "--only", "A1-LIM-00*", "--junit", junit, "--html", html,
                                              code=1)
        return ended, results, summary, xml.etree.ElementTree.parse(junit).getroot(), html.read_text()

    def test_what_an_adapter_provides_is_no_finding_about_the_library(self):
        _, of_library, library, _, _ = self.judge()
        ended, results, summary, junit, html = self.judge("provided_by: {adapter: [service, amp1.bigstring]}")
        big = [key for key in results if key[0].startswith("A1-BSJ")]
        self.assertGreater(len(big), 30)
        for key, row in results.items():
            self.assertEqual(row["provided_by"], "adapter" if key in big else "")
            self.assertEqual(row["verdict"], of_library[key]["verdict"], key)  # it is judged all the same
        self.assertIn("AMP1-BIGSTR-010", library["clauses"]["broken"])
        self.assertEqual(library["provided_by"], {})
        self.assertEqual(summary["clauses"]["broken"], {})
        told = summary["provided_by"]["adapter"]
        self.assertEqual((told["features"], told["checks"]), (["service", "amp1.bigstring"], len(big)))
        self.assertEqual(told["broken"], summary["fail"])
        self.assertIn(f"{len(big)} checks of that", ended.out)
        self.assertIn("[adapter]", ended.out)
        named = [p.get("value") for p in junit.iter("property") if p.get("name") == "provided_by"]
        self.assertEqual(named, ["adapter"] * len(big))
        self.assertIn('"provided_by":"adapter"', html)


if __name__ == "__main__":
    unittest.main()
