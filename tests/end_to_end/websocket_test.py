# AMPS over WebSocket as an independent library speaks it: npm's ws, pinned in tests/websocket, plays the documented flow.
# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import shutil
import subprocess
import unittest

from program import AMPSPEC, ROOT, Case

SCRIPTS = ROOT / "tests" / "websocket"
PLACE = pathlib.Path(AMPSPEC).resolve().parent / "tests" / "websocket"  # where npm installs, beside the program


def install():
    """The scripts and what their lock file names, installed anew only if that has changed."""
    lock = (SCRIPTS / "package-lock.json").read_bytes()
    PLACE.mkdir(parents=True, exist_ok=True)
    done = PLACE / "installed"
    if not (done.exists() and done.read_bytes() == lock):
        done.unlink(missing_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SCRIPTS / name, PLACE)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=PLACE, check=True, timeout=120)
        done.write_bytes(lock)
    for script in SCRIPTS.glob("*.mjs"):
        shutil.copy(script, PLACE)


@unittest.skipUnless(shutil.which("npm") and shutil.which("node"), "npm is not installed: WebSocket is not judged by npm's ws")
class WebSocket(Case):
    @classmethod
    def setUpClass(cls):
        install()

    def play(self, scheme):
        peer = self.start("peer", "amps", "--listen", f"{scheme}://127.0.0.1:0", "--trace")
        line = peer.stdout.readline().decode()
        self.assertRegex(line, rf"^listening {scheme}://127\.0\.0\.1:\d+\n$")
        played = subprocess.run(["node", "--test", "transcript.test.mjs"], cwd=PLACE, capture_output=True, timeout=100,
                                env={**os.environ, "AMPS_PEER": line.split()[1]})
        self.assertEqual(played.returncode, 0, played.stdout.decode()[-5000:] + played.stderr.decode()[-2000:])
        peer.terminate()
        ended = self.wait(peer)
        self.assertEqual(ended.code, 0, ended.err[-2000:])
        return ended.err

    def test_the_documented_flow(self):
        trace = self.play("ws")
        self.assertIn(" < c=publish t=conf/sow ", trace)
        self.assertIn(" > k=9835947975505047547 l=22 | ", trace)
        self.assertIn(" > close 1002\n", trace)
        self.assertIn(" > no upgrade: 404\n", trace)
        self.assertNotIn("hunter2", trace)

    def test_the_documented_flow_inside_tls(self):
        self.play("wss")


if __name__ == "__main__":
    unittest.main()
