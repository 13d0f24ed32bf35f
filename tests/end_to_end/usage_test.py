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
                             (["requirements", "AMP1-FRAM-"], "did you mean `AMP1-FRAME`?"),
                             (["list", "--protocol", "apms"], "did you mean `amps`?"),
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
                             (["--server", "127.0.0.1:1"], "tcp://127.0.0.1:1"),
                             (["--server", "twisted"], "tcp://127.0.0.1:4000"),
                             (["--", *REFERENCE], "--codec, --server or --client"),
                             (["reference", "--codec", "--", *REFERENCE], "TARGET"),
                             (["--supports", "amp1"], "--supports")):
            with self.subTest(words=words):
                self.usage_error("run", *words, tells=tells)

    def test_who_forgets_the_dashes_or_the_folder_is_helped(self):
        program = self.folder / "my-adapter"
        program.write_text("#!/bin/sh\n")
        self.usage_error("run", "./my-adapter", tells="ampspec run --codec -- ./my-adapter")
        self.usage_error("run", "--codec", "./my-adapter", tells="a command stands behind --: -- ./my-adapter")
        self.usage_error("adapter", "check", "./my-adapter", tells="ampspec adapter check -- ")
        self.usage_error("run", "--codec", "--", "my-adapter", tells="the one in this folder is ./my-adapter")
        self.usage_error("run", "--server", "localhost:4001", tells="such as tcp://localhost:4001")

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
        for words in (["--only", "NO-SUCH-*"], ["--tier", "soak"], ["--only", "A1-E2E-001", "--role", "client"]):
            with self.subTest(words=words):
                self.usage_error("run", *words, tells="no vector matches")

    def test_a_version_that_never_was_is_an_error_that_lists_the_others(self):
        for version in ("9.9", "0", "0.1", "newest", "0.1.0x"):
            with self.subTest(version=version):
                ended = self.usage_error("run", "--as-of", version, tells=f"--as-of {version}: the suite never had")
                self.assertIn("write one of 0.1.0, ", ended.err)
        self.ampspec("list", "--as-of", "0.1.0", code=0)

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
        for line, tells in (("supports: [amp1.limts]", "target.yaml:3:12: .*did you mean `amp1.limits`"),
                            ("supports: {codec: [amp1.limts]}", "target.yaml:3:20: .*did you mean `amp1.limits`"),
                            ("provided_by: {adapter: [servise.core]}", "target.yaml:3:25: .*did you mean `service.core`"),
                            ("choices: {duplicate-keys: reject}", "target.yaml:3:11: .*did you mean `duplicate-key`"),
                            ("choices: {duplicate-key: perhaps}", "target.yaml:3:26: .*has no branch `perhaps`; write one of"),
                            ("profile: lax", "target.yaml:3:10: .*lax.*there are lenient")):
            with self.subTest(line=line):
                target.write_text(head + line + "\n")
                self.assertRegex(self.ampspec("run", target, code=2).err, tells)

    def test_a_misspelt_placeholder_is_told_and_other_braces_are_left_alone(self):
        self.usage_error("run", "--server", "--", "./server", "{sheme}://127.0.0.1:{port}", tells="did you mean `{scheme}`?")
        self.usage_error("run", "--codec", "--", "./adapter", "{port}", tells="stands for nothing in the command of an adapter")
        target = self.folder / "target.yaml"
        target.write_text('name: t\nroles: {server: {command: [./server, "{prot}"]}}\n')
        self.assertRegex(self.ampspec("run", target, code=2).err, r"target.yaml:2:\d+: .*did you mean `\{port\}`")
        self.judged("--codec", tail=["/bin/sh", "-c", "exec \"$0\" adapter serve # ${port} {} {print}", AMPSPEC], code=0)

    def test_what_carries_a_server_by_flags_is_declared_or_asked_for(self):
        self.usage_error("run", "--server", "ws://127.0.0.1:1", "--protocol", "amp1", tells="write --protocol amps")
        self.usage_error("run", "--server", "tcps://127.0.0.1:1", "--supports", "service.core", tells="only AMPS is played over TLS")
        self.usage_error("run", "--server", "wss://127.0.0.1:1", "--supports", "amps,amps.websocket", tells="add --supports amps.tls")

    def test_flags_and_faults_of_another_protocol_are_told(self):
        for words, tells in ((["peer", "amp1", "--users"], "it is one of amps"),
                             (["peer", "amps", "--max-box", "10"], "it is one of amp1, amp2"),
                             (["peer", "echo", "--trace"], "it is one of amp1, amp2, amps"),
                             (["peer", "amp1", "--fault", "broker-ack-unasked"], "ampspec peer amps --fault"),
                             (["peer", "amps", "--fault", "answers-twice"], "ampspec peer amp1 --fault"),
                             (["peer", "amp1", "--fault", "answers-twise"], "did you mean `answers-twice`?"),
                             (["adapter", "serve", "--fault", "broker-ack-unasked"], "ampspec peer amps --fault"),
                             (["peer", "amp1", "--listen", "tcp://0.0.0.0:0"], "--any-address"),
                             (["peer", "amps", "--listen", "tcp://0.0.0.0:0"], "--any-address")):
            with self.subTest(words=words):
                self.usage_error(*words, tells=tells)

    def test_where_nothing_was_judged_the_flag_that_is_missing_is_told(self):
        peer = [AMPSPEC, "peer", "amps", "--listen", "tcp://127.0.0.1:{port}"]
        self.vectors = None
        ended = self.ampspec("run", "--server", "--only", "AV-LOG-001", "--", *peer, code=2)
        self.assertIn("add --protocol amps", ended.out)
        ended = self.ampspec("run", "--codec", "--supports", "amp1", "--only", "AS-NAM-001", "--", *REFERENCE, code=2)
        self.assertIn("add --supports amps", ended.out)


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
