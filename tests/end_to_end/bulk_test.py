# Bulk transfers with curl as the client: BulkOpen over a raw socket, the transfer over HTTPS with the peer's certificate verified.
# SPDX-License-Identifier: Apache-2.0
import hashlib
import shutil
import socket
import struct
import subprocess
import unittest

from program import Case


class Amp:
    """A connection that speaks just enough AMPv1 for calls one at a time."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.file = self.socket.makefile("rb")
        self.tag = 0

    def call(self, command, **arguments):
        self.tag += 1
        pairs = {"_ask": str(self.tag), "_command": command, **arguments}
        out = b""
        for key, value in pairs.items():
            value = value if isinstance(value, bytes) else str(value).encode()
            out += struct.pack(">H", len(key)) + key.encode() + struct.pack(">H", len(value)) + value
        self.socket.sendall(out + b"\0\0")
        box = {}
        while size := struct.unpack(">H", self.file.read(2))[0]:
            key = self.file.read(size).decode()
            box[key] = self.file.read(struct.unpack(">H", self.file.read(2))[0])
        return box

    def close(self):
        self.file.close()
        self.socket.close()


@unittest.skipUnless(shutil.which("curl"), "curl is not installed")
class Bulk(Case):
    def setUp(self):
        super().setUp()
        self.certificate = self.folder / "peer.pem"
        self.peer, self.port = self.start_peer()
        self.amp = self.connect(self.port)

    def start_peer(self):
        peer = self.start("peer", "amp1", "--listen", "tcp://127.0.0.1:0", "--certificate", self.certificate)
        line = peer.stdout.readline().decode()
        self.assertTrue(line.startswith("listening tcp://127.0.0.1:"), line)
        return peer, int(line.rsplit(":", 1)[1])

    def connect(self, port):
        amp = Amp(port)
        self.addCleanup(amp.close)
        return amp

    def open(self, direction, resource, **more):
        box = self.amp.call("BulkOpen", direction=direction, resource=resource, **more)
        self.assertIn("token", box, box)
        return box["url"].decode(), box["token"].decode()

    def curl(self, *words, trust=None):
        """What curl prints (the status, with `body` kept in a file) and its exit code."""
        command = ["curl", "--silent", "--show-error", "--max-time", "60", "--noproxy", "*", "--cacert", str(trust or self.certificate),
                   "--write-out", "%{http_code}", "--output", str(self.folder / "body"), *map(str, words)]
        done = subprocess.run(command, capture_output=True, timeout=90, check=False)
        return done.stdout.decode(), done.returncode

    def header(self, token):
        return ["--header", f"Authorization: Bearer {token}"]

    def put(self, url, token, data, *more):
        file = self.folder / "upload"
        file.write_bytes(data)
        return self.curl("--upload-file", file, *self.header(token), *more, url)

    def stored(self, resource):
        return self.amp.call("BulkStored", resource=resource)

    def test_an_upload_is_stored_and_its_replay_refused(self):
        data = b"the quick brown fox" * 10000
        url, token = self.open("upload", "fox", size=len(data), sha256=hashlib.sha256(data).digest())
        self.assertEqual(self.put(url, token, data), ("201", 0))
        kept = self.stored("fox")
        self.assertEqual((int(kept["size"]), kept["sha256"]), (len(data), hashlib.sha256(data).digest()))
        self.assertEqual(self.put(url, token, b"another"), ("401", 0))
        self.assertEqual(self.stored("fox")["sha256"], hashlib.sha256(data).digest())

    def test_a_download_is_the_resource_once(self):
        url, token = self.open("download", "fill/123456")
        self.assertEqual(self.curl(*self.header(token), url), ("200", 0))
        self.assertEqual((self.folder / "body").read_bytes(), b"x" * 123456)
        self.assertEqual(self.curl(*self.header(token), url), ("401", 0))
        self.assertEqual((self.folder / "body").read_bytes(), b"")

    def test_of_64_racing_curls_exactly_one_is_let_in(self):
        url, token = self.open("upload", "race", size=5)
        file = self.folder / "race"
        file.write_bytes(b"first")
        command = ["curl", "--silent", "--max-time", "60", "--noproxy", "*", "--cacert", str(self.certificate), "--write-out", "%{http_code}",
                   "--output", "/dev/null", "--upload-file", str(file), *self.header(token), url]
        racing = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(64)]
        statuses = sorted(one.communicate(timeout=90)[0].decode() for one in racing)
        self.assertEqual(statuses, ["201"] + ["401"] * 63)
        self.assertEqual(self.stored("race")["size"], b"5")

    def test_curl_waits_for_continue_and_is_refused_without_sending(self):
        data = b"y" * 3_000_000
        url, token = self.open("upload", "wait", size=len(data))
        file = self.folder / "wait"
        file.write_bytes(data)
        expect = ["--header", "Expect: 100-continue", "--expect100-timeout", "30", "--upload-file", file]
        refused = self.curl(*self.header("nobody-knows-this"), *expect, "--write-out", "%{http_code} %{size_upload}", url)
        self.assertEqual(refused, ("401 0", 0))
        self.assertEqual(self.curl(*self.header(token), *expect, "--write-out", "%{http_code} %{size_upload}", url), (f"201 {len(data)}", 0))

    def test_wrong_size_hash_method_and_path_spend_the_token(self):
        right = hashlib.sha256(b"abc").digest()
        for arguments, data, more, status in [
                ({"size": 3}, b"abcd", [], "413"), ({"size": 3}, b"ab", [], "422"), ({"sha256": right}, b"abd", [], "422"),
                ({}, b"abc", ["--request", "POST"], "401"), ({}, b"abc", ["--request", "PATCH"], "401")]:
            with self.subTest(arguments=arguments, data=data, more=more):
                url, token = self.open("upload", "wrong", **arguments)
                self.assertEqual(self.put(url, token, data, *more)[0], status)
                self.assertEqual(self.put(url, token, b"abc")[0], "401")
                self.assertEqual(self.stored("wrong")["_error_code"], b"BULK_NOT_STORED")
        url, token = self.open("upload", "wrong")
        self.assertEqual(self.put(url + "x", token, b"abc")[0], "401")
        self.assertEqual(self.put(url, token, b"abc")[0], "401")

    def test_a_certificate_of_somebody_else_is_no_reason_to_send_a_token(self):
        url, token = self.open("download", "fill/3")
        other = self.folder / "other.pem"
        self.start("peer", "amp1", "--certificate", other).stdout.readline()
        self.assertEqual(self.curl(*self.header(token), url, trust=other), ("000", 60))
        self.assertEqual(self.curl(*self.header(token), url), ("200", 0), "the token was not sent")

    def test_plain_http_is_refused_and_revokes_the_token(self):
        url, token = self.open("download", "fill/3")
        self.assertEqual(self.curl(*self.header(token), url.replace("https:", "http:"))[0], "401")
        self.assertEqual(self.curl(*self.header(token), url)[0], "401")

    def test_tokens_die_with_their_connection_and_with_the_server(self):
        other = self.connect(self.port)
        box = other.call("BulkOpen", direction="download", resource="fill/3")
        url, token = self.open("download", "fill/3")
        other.close()
        self.amp.call("Echo", data="seen")
        self.assertEqual(self.curl(*self.header(box["token"].decode()), url)[0], "401")
        self.assertEqual(self.curl(*self.header(token), url)[0], "200")

        _, token = self.open("download", "fill/3")
        self.end(self.peer)
        _, port = self.start_peer()  # BULK-027: another process knows none of them
        fresh = self.connect(port).call("BulkOpen", direction="download", resource="fill/3")
        self.assertEqual(self.curl(*self.header(token), fresh["url"].decode())[0], "401")

    def test_the_trace_of_the_peer_does_not_tell_tokens(self):
        peer = self.start("peer", "amp1", "--listen", "tcp://127.0.0.1:0", "--trace")
        port = int(peer.stdout.readline().decode().rsplit(":", 1)[1])
        token = self.connect(port).call("BulkOpen", direction="download", resource="fill/3")["token"].decode()
        peer.terminate()
        told = peer.communicate(timeout=20)[1].decode()
        self.assertIn("BulkOpen", told)
        self.assertNotIn(token, told)
        self.assertIn("*" * len(token), told)


if __name__ == "__main__":
    unittest.main()
