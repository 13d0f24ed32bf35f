# The adapter for the vendor's JavaScript client of AMPS, with a double in its place: the client itself is never run here.
# SPDX-License-Identifier: Apache-2.0
import shutil
import unittest

from program import ROOT, Case
from websocket_test import PLACE, install

DOUBLE = ROOT / "tests" / "amps_js" / "double"


class AmpsJs(Case):
    def test_without_its_place_it_is_not_judged_and_one_line_says_why(self):
        done = self.ampspec("run", "amps-js", code=2, env={"AMPSPEC_AMPS_JS": ""})
        self.assertEqual(done.out, "")
        self.assertRegex(done.err, r"\A[^\n]*amps-js is not judged: AMPSPEC_AMPS_JS is not set[^\n]*\n\Z")

    @unittest.skipUnless(shutil.which("npm") and shutil.which("node"), "npm is not installed: the adapter is not run")
    def test_the_adapter_carries_the_vectors_to_the_documented_api(self):
        install()
        env = {"AMPSPEC_AMPS_JS": str(DOUBLE), "NODE_PATH": str(PLACE / "node_modules")}
        only = ["AS-CLW-*", "AS-CLU-00*", "AS-CLQ-00*", "AS-CLA-00*"]
        flags = [flag for name in only for flag in ("--only", name)]
        _, results, summary = self.judged("amps-js", *flags, code=0, env=env, timeout=200)
        self.assertEqual({r["verdict"] for r in results.values()} - {"pass", "observed", "skip"}, set())
        self.assertGreater(summary["pass"], 30)


if __name__ == "__main__":
    unittest.main()
