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
        self.assertTrue(text[-1].startswith(f"{len(ids)} vectors in "), text[-1])

    def test_the_suite_has_no_lint(self):
        ended = self.ampspec("lint", code=0)
        self.assertRegex(ended.out.splitlines()[-1], r"^\d+ files, 0 errors, \d+ warnings$")

    def test_requirements_come_as_text_and_as_json(self):
        rows = [json.loads(line) for line in self.ampspec("requirements", "AMP1-FRAME", "--json", code=0).out.splitlines()]
        text = self.ampspec("requirements", "AMP1-FRAME", code=0).out
        self.assertGreater(len(rows), 40)
        for row in rows:
            self.assertTrue(row["id"].startswith("AMP1-FRAME-"))
            self.assertIn(row["level"], ("MUST", "SHOULD", "MAY"))
            self.assertIn(row["id"], text)
        self.assertIn(f"{len(rows)} clauses", text.splitlines()[-1])

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

    def test_an_id_that_stands_twice_is_told(self):
        text = self.file.read_text()
        self.file.write_text(text.replace("A1-E2E-002", "A1-E2E-001", 1))
        self.assertRegex(self.ampspec("lint", code=1).out, r"mini.yaml:\d+:\d+: error: .*A1-E2E-001")


if __name__ == "__main__":
    unittest.main()
