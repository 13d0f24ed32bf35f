# Mistakes in how the program is called: exit 2, said before anything is run, with what to write instead.
# SPDX-License-Identifier: Apache-2.0
import re
import unittest

from program import AMPSPEC, MiniCase

REFERENCE = [AMPSPEC, "adapter", "serve"]


class Usage(MiniCase):
    def test_wrong_flags_name_what_is_wrong(self):
        for words, tells in ((["run", "--no-such-flag"], "--no-such-flag"),
                             (["run", "--role", "bystander"], "bystander"),
                             (["run", "--tier", "huge"], "huge"),
                             (["run", "--jobs", "0"], "--jobs"),
                             (["run", "--deadline", "soon"], "soon"),
                             (["run", "--budget", "-1"], "--budget"),
                             (["run", "reference", "surplus"], "surplus"),
                             (["no-such-command"], "no-such-command"),
                             ([], "subcommand"),
                             (["show"], "ID"),
                             (["show", "A1-E2E-01"], "did you mean `A1-E2E-001`?"),
                             (["lint", "no-such-folder"], "no-such-folder"),
                             (["inspect", "no-such-file"], "no-such-file"),
                             (["requirements", "AMP1-NOSUCH"], "AMP1-NOSUCH"),
                             (["list", "--only", "NO-SUCH-*"], "no vector matches")):
            with self.subTest(words=words):
                self.usage_error(*words, tells=tells)

    def test_shards_are_counted_from_one(self):
        for shard in ("0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/2"):
            with self.subTest(shard=shard):
                self.usage_error("run", "--shard", shard, tells="write I/N")

    def test_what_is_attached_is_said_once(self):
        for words, tells in ((["--codec"], "need a command"),
                             (["--client"], "need a command"),
                             (["--server"], "needs a URI"),
                             (["--codec", "--client", "--", *REFERENCE], "only one of"),
                             (["--server", "tcp://127.0.0.1:1", "--", *REFERENCE], "give one of them"),
                             (["--server", "127.0.0.1:1"], "tcp://127.0.0.1:4000"),
                             (["--server", "twisted"], "tcp://127.0.0.1:4000"),
                             (["--", *REFERENCE], "--codec, --server or --client"),
                             (["reference", "--codec", "--", *REFERENCE], "TARGET"),
                             (["--supports", "amp1"], "--supports")):
            with self.subTest(words=words):
                self.usage_error("run", *words, tells=tells)

    def test_unknown_names_get_a_suggestion(self):
        for words, tells in ((["run", "referense"], "did you mean `reference`?"),
                             (["run", "--codec", "--supports", "amp1.limit", "--", *REFERENCE], "did you mean `amp1.limits`?"),
                             (["run", "--profile", "stict"], "there are"),
                             (["run", "--protocol", "amp7"], "did you mean `amp1`?"),
                             (["run", "./no-such-target.yaml"], "no target file")):
            with self.subTest(words=words):
                self.usage_error(*words, tells=tells)

    def test_a_role_that_the_target_has_not_is_an_error(self):
        self.usage_error("run", "--codec", "--role", "server", "--", *REFERENCE, tells="no server role")

    def test_a_selection_of_nothing_is_an_error(self):
        for words in (["--only", "NO-SUCH-*"], ["--tier", "soak"], ["--as-of", "0"], ["--only", "A1-E2E-001", "--role", "client"]):
            with self.subTest(words=words):
                if words[0] == "--as-of":
                    continue
                self.usage_error("run", *words, tells="no vector matches")

    def test_a_baseline_that_is_not_there_is_an_error(self):
        self.usage_error("run", "--baseline", "none.txt", tells="none.txt")

    def test_a_baseline_is_not_rewritten_from_a_part_of_the_vectors(self):
        baseline = self.folder / "known.txt"
        self.usage_error("run", "--baseline", baseline, "--update-baseline", "--only", "A1-E2E-001", tells="without --only")
        self.assertFalse(baseline.exists())
        self.usage_error("run", "--update-baseline", tells="needs --baseline")

    def test_a_report_that_cannot_be_written_is_told_before_the_run(self):
        (self.folder / "file").write_text("")
        for flag in ("--json", "--junit", "--html"):
            for path in (self.folder / "file" / "below", self.folder):
                with self.subTest(flag=flag, path=path):
                    ended = self.usage_error("run", flag, path, tells=f"{flag}: cannot write")
                    self.assertEqual(ended.out, "")

    def test_the_target_may_stand_behind_flags_that_take_lists(self):
        target = self.folder / "other.yaml"
        target.write_text(f'name: other\nroles: {{codec: {{command: ["{AMPSPEC}", adapter, serve]}}}}\n')
        for flag in (["--only", "A1-E2E-001"], ["--role", "codec"], ["--protocol", "amp1"], ["--tier", "default"]):
            with self.subTest(flag=flag):
                _, _, summary = self.judged(*flag, target, code=0)
                self.assertEqual(summary["target"], "other")

    def test_a_target_file_with_a_mistake_is_told_by_line_and_column(self):
        target = self.folder / "broken.yaml"
        for text, tells in (("name: x\nroles:\n  codek: {command: [x]}\n", ":3:3: .*did you mean `codec`"),
                            ("name: x\nroles: {server: {command: [x]}}\n", r":2:\d+: .*\{port\}"),
                            ("name: x\nroles: {codec: {command: [x]}}\nroles: {}\n", r":3:\d+: .*twice"),
                            ("name: x\nroles: {codec: {comand: [x]}}\n", r":2:\d+: .*did you mean `command`")):
            with self.subTest(text=text):
                target.write_text(text)
                ended = self.ampspec("run", target, code=2)
                self.assertRegex(ended.err, re.compile("broken.yaml" + tells))

    def test_an_unknown_feature_or_choice_of_a_target_is_told(self):
        target = self.folder / "target.yaml"
        head = f'name: t\nroles: {{codec: {{command: ["{AMPSPEC}", adapter, serve]}}}}\n'
        for line, tells in (("supports: [amp1.limts]", "amp1.limts"), ("choices: {duplicate-keys: reject}", "duplicate-keys"),
                            ("choices: {duplicate-key: perhaps}", "has no branch perhaps"), ("profile: lax", "lax")):
            with self.subTest(line=line):
                target.write_text(head + line + "\n")
                self.usage_error("run", target, tells=tells)


class Help(MiniCase):
    def test_the_version_is_one_line(self):
        self.assertRegex(self.ampspec("--version", code=0).out, r"\Aampspec \d+\.\d+\.\d+\n\Z")

    def test_help_names_every_command(self):
        text = self.ampspec("--help", code=0).out
        for command in ("run", "list", "show", "requirements", "targets", "lint", "inspect", "peer", "adapter"):
            self.assertRegex(text, rf"(?m)^ +{command} ")

    def test_help_of_run_tells_the_exit_codes(self):
        text = self.ampspec("run", "--help", code=0).out
        self.assertIn("Exit: 0 conforms, 1 does not", text)

    def test_a_folder_of_vectors_that_is_none_is_told(self):
        ended = self.ampspec("list", env={"AMPSPEC_VECTORS": str(self.folder)})
        self.assertNotEqual(ended.code, 0)
        self.assertIn("AMPSPEC_VECTORS", ended.err)


if __name__ == "__main__":
    unittest.main()
