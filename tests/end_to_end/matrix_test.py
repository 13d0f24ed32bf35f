# The matrix: what it pins agrees with the lock files, its report says what was not judged, and an embargo holds in every report.
# SPDX-License-Identifier: Apache-2.0
import datetime
import json
import re
import unittest

from program import AMPSPEC, ROOT, Case, MiniCase

LATE = [AMPSPEC, "adapter", "serve", "--fault", "key-limit-missing"]  # breaks A1-E2E-003
MANIFEST = ROOT / "runner" / "matrix" / "manifest.txt"


def pins():
    """(column, registry, package, version, checksum) of each line of the manifest."""
    lines = (line.split() for line in MANIFEST.read_text().splitlines() if not line.startswith("#"))
    return [tuple(words[:5]) for words in lines if words]


class Pins(Case):
    def test_each_package_is_pinned_by_the_lock_file_of_its_registry_too(self):
        for column, registry, package, version, checksum in pins():
            with self.subTest(column=column, package=package):
                if registry == "crates.io":
                    lock = (ROOT / "runner" / "adapters" / column / "Cargo.lock").read_text()
                    one = re.search(rf'name = "{package}"\nversion = "{version}"\nsource = .*\nchecksum = "(\w+)"', lock)
                    self.assertIsNotNone(one)
                    self.assertEqual(one.group(1), checksum)
                elif registry == "PyPI":
                    needs = (ROOT / "runner" / "matrix" / f"{column}.txt").read_text()
                    self.assertRegex(needs, rf"(?m)^{package}=={version} \\\n\s+--hash=sha256:{checksum}")
                else:
                    self.assertEqual(registry, "Debian")

    def test_each_column_has_a_target_and_a_baseline(self):
        known = self.ampspec("targets", code=0).out
        for column in {pin[0] for pin in pins()}:
            self.assertIn(column, known)
            self.assertTrue((ROOT / "runner" / "targets" / f"{column}.baseline").is_file(), column)

    def test_the_findings_in_the_tree_keep_every_embargo(self):
        today = datetime.date.today().isoformat()
        for baseline in (ROOT / "runner" / "targets").glob("*.baseline"):
            findings = ROOT / "docs" / "findings" / f"{baseline.stem}.md"
            if not findings.exists():
                continue
            told = findings.read_text()
            for line in baseline.read_text().splitlines():
                found = re.match(r"([^\s/]+)\S* .* # embargo: (\d{4}-\d\d-\d\d) ", line)
                if found and found.group(2) > today:
                    self.assertNotIn(found.group(1), told, findings.name)

    def test_a_wrong_manifest_is_told_by_its_line(self):
        (self.folder / "manifest").write_text("# fine\none PyPI\n")
        ended = self.ampspec("matrix", "manifest", self.folder)
        self.assertNotEqual(ended.code, 0)
        self.assertIn("manifest:2: 2 words; write COLUMN", ended.err)


class Steady(Case):
    def test_no_play_meets_what_another_left_deferred(self):
        peer = self.start("peer", "amp1", "--listen", "tcp://127.0.0.1:0")
        uri = peer.stdout.readline().decode().split()[1]
        words = []
        for _ in range(2):
            _, results, _ = self.judged("--server", uri, "--supports", "service.core", "--only", "A1-CON-003", "--trace", code=0)
            octets = "".join(entry.get("head", "") for entry in results["A1-CON-003", "", "server"]["transcript"])
            words += [bytes.fromhex(word) for word in re.findall("00046e616d650010([0-9a-f]{32})", octets)]
        self.assertEqual(len(words), 6)
        self.assertEqual([len(set(words[:3])), len(set(words[3:])), len(set(words))], [1, 1, 2])


class Report(MiniCase):
    def setUp(self):
        super().setUp()
        self.results = self.folder / "results"
        self.results.mkdir()
        self.manifest = self.folder / "manifest.txt"
        self.manifest.write_text("late PyPI late-amp 1.0 00 late MIT\naway npm away-amp 2.0 01 away MIT\n")
        self.baseline = self.folder / "known.txt"

    def run_late(self, reason):
        """Judges the implementation that breaks one clause, with this reason in its baseline."""
        flags = ["--codec", "--baseline", self.baseline, "--html", self.results / "late.html", "--junit", self.results / "late.xml"]
        self.judged(*flags, "--update-baseline", tail=LATE, code=1)
        self.baseline.write_text(self.baseline.read_text().replace("# TODO", "# " + reason))
        ended, results, summary = self.judged(*flags, "--trace", tail=LATE, code=0)
        (self.folder / "results.jsonl").rename(self.results / "late.jsonl")
        return ended, next(r for (vector, _, _), r in results.items() if vector == "A1-E2E-003")

    def matrix(self, code):
        return self.ampspec("matrix", self.manifest, self.results, "--json", "m.json", "--html", "m.html", "--markdown", "m.md",
                            "--findings", "findings", code=code)

    def test_what_was_not_judged_is_told_in_words_and_counted(self):
        self.run_late("AMP1-FRAME-013: waits for ever")
        (self.results / "away.why").write_text("the registry is away\n")
        ended = self.matrix(code=2)
        self.assertEqual(ended.out.splitlines()[-1], "judged 1 of 2")
        self.assertIn("not judged: the registry is away", ended.out)
        for name in ("m.html", "m.md"):
            self.assertIn("not judged: the registry is away", (self.folder / name).read_text())
        told = json.loads((self.folder / "m.json").read_text())
        self.assertEqual(told["columns"][1]["not_judged"], "the registry is away")
        self.assertNotIn("checks", told["columns"][1])

    def test_a_known_deviation_is_a_finding_with_its_octets(self):
        _, check = self.run_late("AMP1-FRAME-013: waits for ever")
        self.matrix(code=2)
        text = (self.folder / "findings" / "late.md").read_text()
        self.assertIn("**Effect**: waits for ever.", text)
        self.assertIn("A1-E2E-003", text)
        self.assertIn(check["expected"], text)
        self.assertFalse((self.folder / "findings" / "away.md").exists())

    def test_under_an_embargo_no_report_has_the_octets(self):
        _, open_check = self.run_late("AMP1-FRAME-013: waits for ever")
        secrets = {open_check["expected"], open_check["got"], open_check["title"]}
        secrets |= {entry["head"] for entry in open_check["transcript"] if len(entry.get("head", "")) > 4}
        self.assertGreaterEqual(len(secrets), 3)
        self.baseline.unlink()
        ended, check = self.run_late("embargo: 9998-01-01 AMP1-FRAME-013: waits for ever")
        self.assertEqual(check["verdict"], "xfail")
        self.matrix(code=2)
        files = [self.results / "late.jsonl", self.results / "late.html", self.results / "late.xml", self.folder / "m.json",
                 self.folder / "m.html", self.folder / "m.md", self.folder / "findings" / "late.md"]
        for file in files:
            text = file.read_text()
            for secret in secrets:
                self.assertNotIn(secret, text, file.name)
                self.assertNotIn(" ".join(re.findall("..", secret)), text, file.name)
        text = files[-1].read_text()
        self.assertIn("**Effect**: waits for ever.", text)
        self.assertIn("withheld until 9998-01-01", text)
        self.assertNotIn("A1-E2E-003", text)

    def test_an_embargo_that_is_over_hides_nothing(self):
        _, check = self.run_late("embargo: 2020-01-01 AMP1-FRAME-013: waits for ever")
        self.assertTrue(check["transcript"])


if __name__ == "__main__":
    unittest.main()
