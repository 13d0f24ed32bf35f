# Frames and octets of the adapter protocol (docs/adapter-protocol.md) for adapters in Python, and calls that wait.
# SPDX-License-Identifier: Apache-2.0
import collections
import json
import os
import select
import sys


class Unsupported(Exception):
    """The library has no such thing; the text is the feature."""


def write(frame):
    """Writes it at once, also where an event loop has made the standard output non-blocking."""
    while frame:
        try:
            frame = frame[os.write(1, frame) :]
        except BlockingIOError:
            select.select([], [1], [])


class Adapter:
    """Hands each request to the method `op_NAME`, which gives the answer as a dict; octets in it are bytes.

    What the runner sends goes to `received`, in whatever pieces; frames to it are written at once. `serve` does both for a
    library that needs no event loop. A subclass has `name`, `version` and `supports`.
    """

    def __init__(self):
        self.buffer, self.blob = b"", b""

    def serve(self):
        """Does what the runner asks, on standard input and output, until it has gone."""
        while data := sys.stdin.buffer.read1():
            self.received(data)

    # A frame: AS1 <json-length> <blob-length>\n<json><blob>
    def received(self, data):
        self.buffer += data
        while True:
            head, newline, rest = self.buffer.partition(b"\n")
            if not newline:
                return
            magic, *lengths = head.split()
            assert magic == b"AS1"
            size, blob = map(int, lengths)
            if len(rest) < size + blob:
                return
            self.blob, self.buffer = rest[size : size + blob], rest[size + blob :]
            self.answer(json.loads(rest[:size]))

    def answer(self, request):
        op = getattr(self, "op_" + request["op"], None)
        try:
            answer = op(request) if op else {"unsupported": request["op"]}
        except Unsupported as lack:
            answer = {"unsupported": str(lack)}
        except Exception as e:  # the adapter's own mistake
            answer = {"fault": repr(e)}
        self.send({"n": request["n"], **answer})

    def send(self, message):
        blob = bytearray()

        def plain(value):
            if isinstance(value, bytes):
                if len(value) <= 1024:
                    return value.hex()
                blob.extend(value)
                return {"at": len(blob) - len(value), "len": len(value)}
            if isinstance(value, (list, tuple)):
                return [plain(v) for v in value]
            return {k: plain(v) for k, v in value.items()} if isinstance(value, dict) else value

        text = json.dumps(plain(message)).encode()
        write(b"AS1 %d %d\n" % (len(text), len(blob)) + text + bytes(blob))

    def octets(self, value):
        if isinstance(value, str):
            return bytes.fromhex(value)
        return self.blob[value["at"] : value["at"] + value["len"]]

    def pairs(self, request):
        return [(self.octets(key), self.octets(value)) for key, value in request["box"]]

    def chunks(self, request):
        """The input of `decode` and `feed`, cut as asked."""
        data, at = self.octets(request["bytes"]), 0
        if "every" in request:
            every = request["every"]
            return [data[i : i + every] for i in range(0, len(data), every)]
        chunks = []
        for size in request.get("chunks", ()):
            chunks.append(data[at : at + size])
            at += size
        return chunks + [data[at:]]

    def op_hello(self, request):
        ops = [name[3:] for name in dir(self) if name.startswith("op_")]
        facts = {"name": self.name, "version": self.version, "supports": self.supports}
        return {"ok": "ready", "ops": ops, "api": 1, **facts}

    def op_reset(self, request):
        return {"ok": True}

    def op_bye(self, request):
        return {"ok": True}  # the end of the input ends the process


class Call:
    """A call that the runner wants made over `connection`. How it ended is told once."""

    def __init__(self, client, number, command, pairs, ask=True):
        self.client, self.connection, self.number = client, client.connection, number
        self.command, self.pairs, self.ask = command, pairs, ask

    def ended(self, how, **more):
        """`answer` with its `box`, `sent`, `lost`, or `refused`: by the library, and nothing was sent."""
        self.client.event(self.connection, "ended", call=self.number, how=how, **more)

    def error(self, kind, code, description):
        """An error came, `declared`, `unhandled`, `unknown`, or an answer that is `undecodable`; text is told as UTF-8."""
        self.ended("error", kind=kind, code=octets(code), description=octets(description))


def octets(text):
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "surrogateescape")


class Client(Adapter):
    """A library's client with one connection at a time, whose events come unasked.

    A subclass has `connect(host, port)`, which gives the connection; `call(call)`, which begins a call, and whose exceptions
    are the library's refusals; and `close(connection, now)`. It tells what happens by `connected`, `closed` and what a Call
    has. What an operation starts, starts when it is answered, and a call not before the connection is there.
    """

    def __init__(self):
        super().__init__()
        self.connection, self.waiting, self.due = None, None, []

    def answer(self, request):
        super().answer(request)
        due, self.due = self.due, []
        for begin in due:
            begin()

    def start(self, begin, call, *more):
        def begun():
            try:
                begin(call, *more)
            except Exception as e:
                call.ended("refused", text=repr(e))

        (self.due if self.waiting is None else self.waiting).append(begun)
        return {"ok": True}

    def event(self, connection, event, **more):
        # Of one that was reset, or that another came after, nothing is told.
        if connection is self.connection:
            self.send({"event": event, **more})

    def connected(self, connection):
        if connection is not self.connection:
            return self.close(connection, True)
        self.event(connection, "connected")
        waiting, self.waiting = self.waiting, None
        for begin in waiting:
            begin()

    def closed(self, connection):
        self.event(connection, "closed")

    def op_connect(self, request):
        host, port = request["uri"].replace("tcp://", "").split(":")
        self.waiting = []
        self.connection = self.connect(host, int(port))
        return {"ok": True}

    def op_call(self, request):
        command, pairs = self.octets(request["command"]), self.pairs(request)
        return self.start(self.call, Call(self, request["n"], command, pairs, request["ask"]))

    def op_disconnect(self, request):
        self.close(self.connection, False)
        return {"ok": True}

    def op_reset(self, request):
        connection, self.connection, self.waiting = self.connection, None, None
        if connection is not None:
            self.close(connection, True)
        return {"ok": True}


class NotDeferred(Exception):
    """Nothing waits under that name."""


class Deferred:
    """The calls of a server that `Release` ends, by their connection and name; those of connections that have ended stay known."""

    def __init__(self):
        self.waiting = collections.defaultdict(list)

    def hold(self, connection, name, call):
        self.waiting[connection, name].append(call)
        return call

    def release(self, connection, name):
        """The oldest call of that name, of this connection before those that have ended."""
        for key in ((connection, name), (None, name)):
            if self.waiting[key]:
                return self.waiting[key].pop(0)
            del self.waiting[key]
        raise NotDeferred("nothing is deferred under that name")

    def ended(self, connection):
        for key in [key for key in self.waiting if key[0] is connection]:
            self.waiting[None, key[1]] += self.waiting.pop(key)
