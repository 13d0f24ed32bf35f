# Runs ampspec as a user does, bounded in time, and holds every run to leaving no process behind and no colour in a pipe.
# SPDX-License-Identifier: Apache-2.0
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
AMPSPEC = os.environ["AMPSPEC"]
PYTHON = sys.executable
ADAPTER = [PYTHON, str(HERE / "fixtures" / "adapter.py")]
SERVER = [PYTHON, str(HERE / "fixtures" / "server.py"), "{port}"]
BROKER = [PYTHON, str(HERE / "fixtures" / "broker.py"), "{port}"]
SUBJECTS = ROOT / "runner" / "subjects" / "fixtures"
SIMPLE_ADAPTER = [PYTHON, str(SUBJECTS / "adapter.py")]
SIMPLE_SERVER = [PYTHON, str(SUBJECTS / "server.py")]

Ended = collections.namedtuple("Ended", "code out err seconds")


def left_of_session(session):
    """Processes of that session that still run: 'pid name', zombies not counted."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, fields = stat.read_text(errors="replace").rsplit(")", 1)
        except OSError:  # ended meanwhile
            continue
        state, _, _, its_session = fields.split()[:4]
        if int(its_session) == session and state not in "ZX":
            found.append(name.replace("(", ""))
    return found


class Case(unittest.TestCase):
    """A test with a folder of its own, in which the program is started."""

    vectors = None  # AMPSPEC_VECTORS; none: the suite's own

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="ampspec-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, *words, env=None):
        environment = {k: v for k, v in os.environ.items() if k not in ("AMPSPEC_VECTORS", "NO_COLOR")}
        if self.vectors:
            environment["AMPSPEC_VECTORS"] = str(self.vectors)
        environment.update(env or {})
        child = subprocess.Popen([AMPSPEC, *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, cwd=self.folder, env=environment, start_new_session=True)
        self.addCleanup(self.end, child)
        return child

    def end(self, child):
        if child.poll() is None:
            child.kill()
            child.communicate()

    def wait(self, child, timeout=60):
        began = time.monotonic()
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGTERM)  # so that it ends its children
            out, err = child.communicate(timeout=20)
            self.fail(f"{child.args} has not ended within {timeout} s:\n{(out + err).decode(errors='replace')[-2000:]}")
        seconds = time.monotonic() - began
        until = time.monotonic() + 5  # the kernel takes a moment to end what was killed
        while left := left_of_session(child.pid):
            if time.monotonic() > until:
                self.fail(f"{child.args} has left processes behind: {left}")
            time.sleep(0.01)
        self.assertNotIn(b"\x1b", out + err, "escapes in output that is not a terminal")
        return Ended(child.returncode, out.decode(), err.decode(), seconds)

    def ampspec(self, *words, code=None, timeout=60, env=None):
        ended = self.wait(self.start(*words, env=env), timeout)
        if code is not None:
            self.assertEqual(ended.code, code, f"{words}\n{ended.out[-3000:]}\n{ended.err[-2000:]}")
        return ended

    def judged(self, *words, code=None, timeout=60, tail=(), env=None):
        """`ampspec run` with a JSON report: how it ended, its results by (vector, variant, role), and the summary."""
        report = self.folder / "results.jsonl"
        ended = self.ampspec("run", "--json", report, *words, *(["--", *tail] if tail else []), code=code,
                             timeout=timeout, env=env)
        rows = [json.loads(line) for line in report.read_text().splitlines()]
        summary = rows.pop()["summary"]
        results = {(r["vector"], r["variant"], r["role"]): r for r in rows}
        self.assertEqual(len(results), len(rows), "a check is told twice")
        self.assertEqual(summary["checks"], len(rows))
        return ended, results, summary

    def usage_error(self, *words, tells):
        """Exit 2 within one line or two on standard error that contain `tells`."""
        ended = self.ampspec(*words, code=2)
        self.assertIn(tells, ended.err)
        return ended


def copy_of_catalogues(folder):
    """A folder for AMPSPEC_VECTORS without vectors."""
    folder = pathlib.Path(folder)
    shutil.copytree(ROOT / "vectors" / "requirements", folder / "requirements")
    for name in ("features.yaml", "choices.yaml", "faults.yaml"):
        shutil.copy(ROOT / "vectors" / name, folder)
    return folder


class MiniCase(Case):
    """A test with the few vectors of fixtures/vectors instead of the suite's own, so that ids and counts are known here."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="ampspec-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.vectors = copy_of_catalogues(pathlib.Path(folder.name))
        shutil.copytree(HERE / "fixtures" / "vectors" / "amp1", cls.vectors / "amp1")

    def verdicts(self, results):
        return {vector + ("/" + variant if variant else "") + " " + role: r["verdict"]
                for (vector, variant, role), r in results.items()}
