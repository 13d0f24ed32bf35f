# A client of AMPS that nobody of the project's sources helps: the vectors pass it, and find what it does wrong.
# SPDX-License-Identifier: Apache-2.0
import unittest

from program import Case, HERE, PYTHON

CLIENT = [PYTHON, str(HERE / "fixtures" / "amps_client.py")]


class AnotherClient(Case):
    def run_it(self, *words, code, only=()):
        flags = [flag for name in only for flag in ("--only", name)]
        return self.judged("--client", "--protocol", "amps", *flags, tail=[*CLIENT, *words], code=code, timeout=200)

    def test_a_client_in_another_language_conforms(self):
        _, results, summary = self.run_it(code=0)
        told = {r["verdict"] for r in results.values()}
        self.assertEqual(told - {"pass", "observed", "skip"}, set())
        self.assertGreater(summary["pass"], 100)
        self.assertTrue(all(r["role"] == "client" for r in results.values()))

    def test_what_it_does_not_have_is_skipped(self):
        _, results, _ = self.run_it(code=2, only=["AS-CLS-*"])
        self.assertEqual({r["verdict"] for r in results.values()} - {"skip"}, set())

    def test_what_it_does_wrong_is_found(self):
        for mistake, vector in (("first-id-only", "AS-CLU-002"), ("loses-reason", "AS-CLA-007"),
                                ("ignores-bad-frames", "AS-CLF-015")):
            with self.subTest(mistake):
                _, results, _ = self.run_it(mistake, code=1, only=[vector])
                told = {r["verdict"] for r in results.values()}
                # What is never delivered is waited for in vain; WebSocket it does not have.
                self.assertEqual(told - {"fail", "timeout", "skip"}, set())
                self.assertTrue(told & {"fail", "timeout"})


if __name__ == "__main__":
    unittest.main()
