# `ampspec fuzz` and `ampspec vector from-crash`: faults are found, what has none is left in peace, findings are vectors.
# SPDX-License-Identifier: Apache-2.0
import json
import shutil
import signal
import time
import unittest

from program import AMPSPEC, BROKER, SERVER, Case, copy_of_catalogues


def peer(fault=None, protocol="amp1", scheme="tcp"):
    return [AMPSPEC, "peer", protocol, "--listen", scheme + "://127.0.0.1:{port}", *(["--fault", fault] if fault else [])]


class Fuzz(Case):
    def fuzzed(self, *words, code, cases=400, seconds=10, tail=()):
        report = self.folder / "fuzz.json"
        ended = self.ampspec("fuzz", "--cases", cases, "--seconds", seconds, "--json", report, "--out", "found", *words,
                             *(["--", *tail] if tail else []), code=code)
        return ended, json.loads(report.read_text())

    def signatures(self, fault, *words, protocol="amp1", scheme="tcp"):
        supports = "service" if protocol == "amp1" else "amps"
        _, report = self.fuzzed("--server", "--supports", supports, "--protocol", protocol, "--findings", 1, *words,
                                code=1, cases=3000, tail=peer(fault, protocol, scheme))
        return report["findings"][0]["signature"]

    def peer_that_is_up(self, *words):
        """Its address, as it tells it."""
        child = self.start("peer", *words)
        line = child.stdout.readline().decode()
        self.assertRegex(line, r"^listening \w+://127\.0\.0\.1:\d+\n$")
        return line.split()[1]

    def test_the_reference_is_left_in_peace(self):
        ended, report = self.fuzzed(code=0)
        self.assertEqual((report["cases"], report["next"], report["findings"]), (400, 400, []))
        self.assertIn("go on with    ampspec fuzz reference --seed 1 --from 400", ended.out)
        self.assertFalse((self.folder / "found").exists())

    def test_so_are_its_broker_and_its_codec(self):
        self.fuzzed("--protocol", "amps", code=0, cases=200)
        self.fuzzed("--role", "codec", code=0)
        self.fuzzed("--codec", code=0, tail=[AMPSPEC, "adapter", "serve"])

    def test_faults_are_found(self):
        self.assertIn("/error UNKNOWN", self.signatures("unhandled-as-unknown"))
        self.assertIn("/close", self.signatures("unhandled-closes"))
        self.assertIn("close(", self.signatures("kindless-box-answered"))

    def test_servers_of_amp_are_left_in_peace_inside_tls(self):
        ended, report = self.fuzzed("--transport", "tls", code=0)
        self.assertEqual((report["cases"], report["transport"], report["findings"]), (400, "tls", []))
        self.assertIn("go on with    ampspec fuzz reference --transport tls --seed 1 --from 400", ended.out)
        self.fuzzed("--transport", "tls", "--protocol", "amp2", code=0, cases=200)

    def test_faults_are_found_inside_tls(self):
        def found(fault, scheme="tcps"):
            return self.signatures(fault, "--transport", "tls", scheme=scheme)
        self.assertIn("/error UNKNOWN", found("unhandled-as-unknown"))
        self.assertIn("close(", found("kindless-box-answered"))
        self.assertEqual(found("fin-ignored", "{scheme}"), "close(end)/open")

    def test_a_server_inside_tls_that_is_up_is_named_by_its_uri(self):
        uri = self.peer_that_is_up("amp1", "--listen", "tcps://127.0.0.1:0", "--fault", "unhandled-closes")
        ended, report = self.fuzzed("--server", uri, "--supports", "service", "--findings", 1, code=1)
        self.assertEqual(report["transport"], "tls")
        self.assertIn("again       ampspec fuzz --server " + uri + " --supports service --seed", ended.out)
        target = self.folder / "target.yaml"
        target.write_text(f'name: t\nroles: {{server: {{uri: "{uri}"}}}}\nsupports: [amp1, service]\n')
        self.fuzzed(target, "--findings", 1, code=1)

    def test_who_has_no_tls_is_told_so(self):
        for protocol in ("amp1", "amps"):
            ended = self.ampspec("fuzz", "--server", "--transport", "tls", "--protocol", protocol, "--",
                                 *peer(protocol=protocol), code=3)
            self.assertIn("no TLS with the ", ended.err)

    def test_a_finding_is_brought_down_and_is_a_vector_that_waits_for_a_review(self):
        tail = peer("tag-case-folded")
        ended, report = self.fuzzed("--server", "--supports", "service", "--findings", 1, code=1, cases=3000, tail=tail)
        found = report["findings"][0]
        self.assertLess(len(found["octets"]) // 2, 120)
        self.assertIn("again       ampspec fuzz --server", ended.out)
        written = list((self.folder / "found").glob("*.yaml"))
        self.assertEqual(len(written), 1)
        self.assertEqual(written[0].with_suffix(".bin").read_bytes(), bytes.fromhex(found["octets"]))
        self.vectors = copy_of_catalogues(self.folder / "vectors")
        (self.vectors / "amp1" / "found").mkdir(parents=True)
        shutil.copy(written[0], self.vectors / "amp1" / "found")
        linted = self.ampspec("lint", code=0)
        self.assertIn("warning: not reviewed yet", linted.out)
        self.ampspec("run", "--role", "server", code=0)
        self.ampspec("run", "--server", "--supports", "service", "--", *tail, code=1)

    def test_who_dies_where_the_connection_was_to_end_is_caught_and_brought_down(self):
        for tail, most, words in (([*SERVER, "crashes-on-long-key"], 10, ()), ([*BROKER, "crashes-on-unknown-command"], 20, ("--protocol", "amps"))):
            with self.subTest(tail=tail):
                _, report = self.fuzzed("--server", *words, code=1, cases=120, tail=tail)
                deaths = [f for f in report["findings"] if f["signature"] == "alive/crash:SIGSEGV"]
                self.assertTrue(deaths)
                for found in deaths:
                    self.assertTrue(found["again"], found)
                    self.assertLess(len(found["octets"]) // 2, most)

    def test_a_delivery_that_nobody_asked_for_is_caught(self):
        _, report = self.fuzzed("--server", "--protocol", "amps", "--findings", 1, code=1, cases=300, tail=[*BROKER, "delivers-unasked"])
        self.assertIn(report["findings"][0]["signature"], ("silence/p", "p/for an unknown subscription"))

    def test_an_interrupted_hunt_tells_what_it_has(self):
        child = self.start("fuzz", "--server", "--supports", "service", "--out", "found", "--json", "fuzz.json",
                           "--findings", 1000, "--", *peer("unhandled-as-unknown"))
        until = time.monotonic() + 20
        while not list(self.folder.glob("found/*.yaml")) and time.monotonic() < until:
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        ended = self.wait(child)
        self.assertEqual(ended.code, 130, ended)
        self.assertIn("FOUND", ended.out)
        self.assertTrue(json.loads((self.folder / "fuzz.json").read_text())["findings"])

    def test_only_this_machine_is_attacked_unasked(self):
        self.usage_error("fuzz", "--server", "tcp://192.0.2.1:4000", tells="--allow 192.0.2.1")
        self.usage_error("fuzz", "--server", tells="--server needs a URI")
        self.usage_error("fuzz", "--server", "tcps://192.0.2.1:4000", "--protocol", "amp1", tells="--allow 192.0.2.1")

    def test_what_carries_what_is_told(self):
        self.usage_error("fuzz", "--transport", "ws", tells="AMP goes over tcp or tls; ws is for AMPS, with --protocol amps")
        self.usage_error("fuzz", "--server", "wss://127.0.0.1:1", "--protocol", "amp1", tells="wss is for AMPS")
        self.usage_error("fuzz", "--server", "tcps://127.0.0.1:1", tells="write --protocol amp1, amp2 or amps")
        self.usage_error("fuzz", "--server", "tls://127.0.0.1:1", tells="such as tcps://127.0.0.1:1")
        self.usage_error("fuzz", "--server", "tcp://127.0.0.1:1", "--transport", "tls", tells="which says tcp")
        self.usage_error("fuzz", "--role", "codec", "--transport", "tls", tells="leave it out")

    def test_what_does_not_start_is_no_finding(self):
        ended = self.ampspec("fuzz", "--server", "--", "/bin/false", code=3)
        self.assertIn("exit-1", ended.err)


class FromCrash(Case):
    def test_octets_of_the_wire_become_a_vector(self):
        (self.folder / "crash-1").write_bytes(b"\0\1a\0\3xyz\0\0" + b"\0\1b\0\1c\0\0" + b"\1\0" + b"k" * 300)
        ended = self.ampspec("vector", "from-crash", "crash-1", code=0)
        self.assertIn("reject(key-too-long)", ended.out)
        self.assertIn("octets       2, brought down from 320", ended.out)
        self.assertIn("review: needed", (self.folder / "crash-1.yaml").read_text())

    def test_settings_of_a_target_are_taken_off(self):
        (self.folder / "crash-2").write_bytes(b"\x81\0\0\0" + b"\0\0\0\x02{}")
        ended = self.ampspec("vector", "from-crash", "crash-2", "--target", "amps_decode", "--out", "broken.yaml",
                             code=0)
        self.assertIn("protocol: amps", (self.folder / "broken.yaml").read_text())
        self.assertIn("naive", ended.out)

    def test_what_stops_at_it_is_asked_again_and_again(self):
        program = self.folder / "stops_at_zz"
        program.write_text("#!/bin/sh\ngrep -q zz \"$1\" || exit 0\n"
                           "echo 'ampspec-oracle: split: a == b (x.cpp:1)' >&2\nexit 1\n")
        program.chmod(0o755)
        (self.folder / "crash-4").write_bytes(b"\x81\0\0\0" + b"\0\1a\0\1b\0\0" + b"\0\3key\0\x08 azz haz\0\0")
        ended = self.ampspec("vector", "from-crash", "crash-4", "--target", "amp_feed", "--program", program, code=0)
        self.assertIn("seen         oracle split\n", ended.out)
        octets = int(ended.out.split("octets       ")[1].split(",")[0])
        self.assertLessEqual(octets, 12)
        self.assertIn("zz", (self.folder / "crash-4.yaml").read_text())

    def test_scripts_are_refused(self):
        (self.folder / "crash-3").write_bytes(b"abc")
        self.usage_error("vector", "from-crash", "crash-3", "--target", "amp_session", tells="are no octets of a wire")


if __name__ == "__main__":
    unittest.main()
