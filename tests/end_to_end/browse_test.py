# list, show, requirements, targets, lint and inspect: the shapes of their output, and mistakes in vector files.
# SPDX-License-Identifier: Apache-2.0
import json
import shutil
import unittest

from program import Case, HERE, MiniCase, ROOT, copy_of_catalogues


class OwnVectors(Case):
    def test_list_names_every_vector_once(self):
        ids = [json.loads(line)["id"] for line in self.ampspec("list", "--json", code=0).out.splitlines()]
        self.assertEqual(len(ids), len(set(ids)))
        text = self.ampspec("list", code=0).out.splitlines()
        self.assertEqual([line.split()[0] for line in text[:-1]], ids)
        self.assertTrue(text[-1].startswith(f"{len(ids):,} vectors in "), text[-1])

    def test_the_suite_has_no_lint(self):
        ended = self.ampspec("lint", code=0)
        self.assertRegex(ended.out.splitlines()[-1], r"^\d+ files, 0 errors, \d+ warnings?$")

    def test_requirements_come_as_text_and_as_json(self):
        rows = [json.loads(line) for line in self.ampspec("requirements", "AMP1-FRAME", "--json", code=0).out.splitlines()]
        text = self.ampspec("requirements", "AMP1-FRAME", code=0).out
        self.assertGreater(len(rows), 40)
        for row in rows:
            self.assertTrue(row["id"].startswith("AMP1-FRAME-"))
            self.assertIn(row["level"], ("MUST", "SHOULD", "MAY"))
            self.assertIn(row["id"], text)
        self.assertIn(f"{len(rows)} clauses", text.splitlines()[-1])

    def test_an_area_is_what_ids_begin_with_in_either_case(self):
        rows = [json.loads(line)["id"] for line in self.ampspec("requirements", "amps", "--json", code=0).out.splitlines()]
        self.assertGreater(len(rows), 200)
        self.assertEqual({row.split("-")[0] for row in rows}, {"AMPS"})
        self.assertIn("1 clause, ", self.ampspec("requirements", "AMP1-FRAME-013", code=0).out)

    def test_uncovered_requirements_are_those_with_a_missing_role(self):
        rows = [json.loads(line) for line in self.ampspec("requirements", "--json", code=0).out.splitlines()]
        uncovered = [json.loads(line)["id"] for line in
                     self.ampspec("requirements", "--uncovered", "--json", code=0).out.splitlines()]
        self.assertEqual(uncovered, [r["id"] for r in rows if r["missing"] and "excluded" not in r])

    def test_targets_name_the_reference_and_the_target_files(self):
        names = [line.split()[0] for line in self.ampspec("targets", code=0).out.splitlines()]
        self.assertEqual(names[0], "reference")
        for file in (ROOT / "runner" / "targets").glob("*.yaml"):
            self.assertIn(file.stem, names)


class MiniVectors(MiniCase):
    def test_list_selects_by_id_glob_suite_clause_and_role(self):
        def listed(*words):
            return [json.loads(line)["id"][-3:] for line in self.ampspec("list", "--json", *words, code=0).out.splitlines()]
        self.assertEqual(listed("--only", "A1-E2E-004"), ["004"])
        self.assertEqual(listed("--only", "A1-E2E-00?", "--role", "client"), ["003", "008"])
        self.assertEqual(listed("--only", "AMP1-FRAME-01*"), ["003", "009"])
        self.assertEqual(len(listed("--only", "amp1/mini")), 9)
        self.assertEqual(listed("--only", "A1-E2E-001,A1-E2E-009"), ["001", "009"])

    def test_list_counts_what_it_shows(self):
        text = self.ampspec("list", "--only", "A1-E2E-004", code=0).out
        self.assertEqual(text.splitlines()[-1], "1 vector in 1 file; distinct: 1")

    def test_show_gives_the_text_the_clause_and_the_octets(self):
        text = self.ampspec("show", "A1-E2E-003", code=0).out
        for part in ("amp1/mini.yaml:", "title: a key length of 256 is refused", "AMP1-FRAME-013", "01 00"):
            self.assertIn(part, text)

    def test_inspect_annotates_hex_and_raw_octets_alike(self):
        raw = b"\0\1a\0\2" + b"13" + b"\0\0"
        (self.folder / "raw").write_bytes(raw)
        (self.folder / "hex").write_text(raw.hex(" ") + "\n")
        text = self.ampspec("inspect", "raw", code=0).out
        self.assertIn('key "a"', text)
        self.assertIn("end of box", text)
        self.assertEqual(self.ampspec("inspect", "hex", code=0).out, text)

    def test_inspect_follows_the_chunks_of_version_2(self):
        (self.folder / "raw").write_bytes(b"\0\1a\xff\xff" + b"x" * 65535 + b"\0\1y\0\0")
        text = self.ampspec("inspect", "--protocol", "amp2", "raw", code=0).out
        self.assertIn("chunk length 65535", text)
        self.assertIn('last chunk "y"', text)

    def test_inspect_names_the_fields_of_an_amps_message(self):
        (self.folder / "raw").write_bytes(b"\0\0\0\x15" + b'{"c":"p","t":"a"}body')
        text = self.ampspec("inspect", "--protocol", "amps", "raw", code=0).out
        self.assertIn('"p"', text)
        self.assertIn("body", text)
        batch = b'{"c":"sow","t":"a","bs":2}{"k":"1","l":2}ok{"k":"2","l":9}cut'
        (self.folder / "raw").write_bytes(len(batch).to_bytes(4, "big") + batch + b"\0\0\0\x03{c}")
        text = self.ampspec("inspect", "--protocol", "amps", "raw", code=0).out
        self.assertIn("body of a record, 3 of 9 octets", text)
        self.assertRegex(text, r"no header: .* at octet \d+ of it \(AMPS-")
        self.assertIn("amp1", self.ampspec("inspect", "--protocol", "amp3", "raw", code=2).err)


class MistakesInVectors(Case):
    def setUp(self):
        super().setUp()
        self.vectors = copy_of_catalogues(self.folder / "vectors")
        shutil.copytree(HERE / "fixtures" / "vectors" / "amp1", self.vectors / "amp1")
        self.file = self.vectors / "amp1" / "mini.yaml"

    def mistake(self, old, new, tells):
        """Replaces `old` and expects lint to fail and list to refuse, both with file:line of the change."""
        text = self.file.read_text()
        line = text[:text.index(old)].count("\n") + 1
        self.file.write_text(text.replace(old, new, 1))
        place = f"mini.yaml:{line}:"
        for command in (["lint"], ["run", "--only", "A1-E2E-004"]):
            ended = self.ampspec(*command)
            self.assertEqual(ended.code, 1 if command == ["lint"] else 2, ended)
            self.assertRegex(ended.out + ended.err, rf"{place}\d+: .*{tells}")
        self.file.write_text(text)

    def test_a_typo_is_told_with_its_place_and_the_fix(self):
        self.mistake("  roles: [codec]", "  rolls: [codec]", "did you mean `roles`")
        self.mistake("  roles: [codec]", "  roles: [codex]", "did you mean `codec`")
        self.mistake("  expect: {delivers", "  expects: {delivers", "did you mean `expect`")
        self.mistake("  title: a box is delivered", "  title: [a box]", "title")
        self.mistake('{u16: 0}', '{u61: 0}', "did you mean `u16`")
        self.mistake("end: clean", "end: cleen", "did you mean `clean`")

    def test_a_key_that_stands_twice_is_told(self):
        self.mistake("  roles: [codec]", "  title: again", "twice")

    def test_what_only_lint_can_see_is_told_with_its_place(self):
        text = self.file.read_text()
        self.file.write_text(text.replace("AMP1-FRAME-002", "AMP1-FRAME-902", 1))
        ended = self.ampspec("lint", code=1)
        self.assertRegex(ended.out, r"mini.yaml:\d+:\d+: error: .*AMP1-FRAME-902")
        self.ampspec("lint", self.vectors / "amp1", code=1)

    def test_lint_of_a_folder_without_vectors_or_of_a_file_elsewhere_says_what_to_do(self):
        (self.folder / "empty").mkdir()
        self.assertIn("ampspec vector new", self.ampspec("lint", self.folder / "empty", code=2).err)
        shutil.copy(self.file, self.folder / "elsewhere.yaml")
        self.assertIn("AMPSPEC_VECTORS", self.ampspec("lint", self.folder / "elsewhere.yaml", code=1).out)
        self.file.unlink()
        self.assertIn("ampspec vector new", self.ampspec("lint", code=2).err)

    def test_a_target_file_is_linted_as_one(self):
        target = self.folder / "mine.yaml"
        right = "name: mine\nroles:\n  codec: {command: [x]}\nsupports: [amp1]\n"
        for text, tells, code in ((right, r"1 file, 0 errors", 0), (right + "choice: {}\n", r"mine.yaml:5:1: .*`choice`", 1),
                                  (right.replace("amp1", "amp1.limit"), r"mine.yaml:4:\d+: there is no feature `amp1.limit`", 1)):
            with self.subTest(text=text):
                target.write_text(text)
                self.assertRegex(self.ampspec("lint", target, code=code).out, tells)

    def test_a_folder_of_ones_own_is_linted_by_its_own_catalogues(self):
        own, self.vectors = self.vectors, None
        (own / "features.yaml").write_text((own / "features.yaml").read_text().replace("service.core", "service.mine"))
        self.assertIn("unknown feature `service.core`", self.ampspec("lint", own, code=1).out)

    def test_a_new_vector_is_one_of_its_folder(self):
        for suite, role, tells in (("amps/server/mine", None, "conf/plain"), ("amps/client/mine", None, "expect_ended"),
                                   ("amps/codec/mine", None, "delivers"), ("amp1/mine2", "client", "_command: Sum"),
                                   ("bulk/mine", None, "roles: [server]")):
            with self.subTest(suite=suite):
                file = self.vectors / f"{suite}.yaml"
                words = ["--role", role] if role else []
                self.ampspec("vector", "new", file, "--ids", "X-" + suite.replace("/", "").upper(), *words, code=0)
                self.assertIn(tells, file.read_text())
                told = self.ampspec("lint", file, code=1).out
                self.assertEqual(told.count("error: "), told.count("TODO"), told)
        self.assertIn("did you mean `amps`", self.ampspec("vector", "new", self.vectors / "amsp/x.yaml", "--ids", "X", code=2).err)

    def test_misspelt_names_of_amps_are_told(self):
        file = self.vectors / "amps" / "x.yaml"
        file.parent.mkdir()
        head = ("suite: amps/x\nprotocol: amps\nids: X\nvectors:\n- id: X-001\n  title: t\n  cites: [AMPS-PUB-001]\n"
                "  roles: [server]\n  steps:\n")
        for steps, tells in (("  - send: {frame: {header: {c: publsh, t: a}}}\n", "warning: AMPS has no command `publsh`; did you mean `publish`"),
                             ("  - send: {frame: {header: {c: publish, topc: a}}}\n", "warning: AMPS has no field `topc`; did you mean `topic`"),
                             ("  - expect: {frame: {header: {c: p, t: a}}}\n", "error: no message has the command `p`.* write `publish`"),
                             ("  - expect: {frame: {header: {c: publish, topic: a}}}\n", "error: no message has a field `topic`.*`t`")):
            with self.subTest(steps=steps):
                file.write_text(head + steps + "  since: 0.4.0\n")
                self.assertRegex(self.ampspec("lint", file).out, r"x.yaml:10:\d+: " + tells)
        file.write_text(head + """  - send: {frame: {header: {c: {raw: '"publsh"'}, t: a}}}\n""" + "  since: 0.4.0\n")
        self.ampspec("lint", file, code=0)

    def test_an_id_that_stands_twice_is_told(self):
        text = self.file.read_text()
        self.file.write_text(text.replace("A1-E2E-002", "A1-E2E-001", 1))
        self.assertRegex(self.ampspec("lint", code=1).out, r"mini.yaml:\d+:\d+: error: .*A1-E2E-001")


if __name__ == "__main__":
    unittest.main()
