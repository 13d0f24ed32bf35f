#!/usr/bin/env python3
# Twisted's AMP behind the adapter protocol (docs/adapter-protocol.md): codec and client, on standard input and output.
# SPDX-License-Identifier: Apache-2.0
import json

import streams
import twisted
from service import COMMANDS, FEATURES, BigString, Service, mirrors, refuse_clash
from twisted.internet import defer, reactor, stdio
from twisted.internet.protocol import ClientCreator, Protocol
from twisted.protocols import amp
from values import Lacks, Notation, as_command, named


TYPES = ["amp1.types." + name for name in (
    "core", "float", "decimal", "datetime", "path", "list", "records", "schemas",
    "big-integers", "fractions", "surrogates", "nan-payloads", "naive-times", "offset-seconds",
)]  # fmt: skip


class Transport:
    """What Twisted's box parser needs of a connection: it asks to be closed when it refuses a key."""

    closed = False

    def loseConnection(self):
        self.closed = True


class Boxes:
    """The receiver that a box parser delivers to."""

    def __init__(self):
        self.boxes = []

    def startReceivingBoxes(self, sender):
        pass

    def ampBoxReceived(self, box):
        self.boxes.append(list(box.items()))

    def stopReceivingBoxes(self, reason):
        pass


def decode(chunks):
    boxes, transport = Boxes(), Transport()
    parser = amp.BinaryBoxProtocol(boxes)
    parser.makeConnection(transport)
    for chunk in chunks:
        parser.dataReceived(chunk)
    answer = {"boxes": boxes.boxes}
    if transport.closed:
        answer["reject"] = {"class": "key-too-long", "text": "TooLong"}
    else:
        # Twisted drops an unfinished box without a word when the connection ends: whether one is there shows only in the parser's state.
        unfinished = parser._unprocessed or parser._currentBox is not None
        answer.update(ok=True, end="incomplete" if unfinished else "clean")
    return answer


def encode(pairs):
    try:
        return {"ok": True, "bytes": amp.AmpBox(dict(pairs)).serialize()}
    except amp.TooLong as e:
        return {"reject": {"class": "key-too-long" if e.isKey else "value-too-long", "text": "TooLong"}}


def judged(work):
    """What the library gave, or that it refused: by whatever exception."""
    try:
        return {"ok": True, **work()}
    except Exception as e:
        return {"reject": {"text": repr(e)[:200]}}


def boxed(values):
    box = amp.AmpBox(values)
    box.serialize()
    return box


class Client(Service):
    gone = False

    def __init__(self, adapter):
        super().__init__()
        self.adapter = adapter

    def connectionMade(self):
        super().connectionMade()
        self.adapter.client_ready(self)

    def connectionLost(self, reason):
        self.gone = True  # pending calls fail with the reason, which may be any exception
        super().connectionLost(reason)
        self.adapter.event(self, {"event": "closed"})


class Adapter(Protocol):
    buffer = b""
    client = None
    waiting = ()

    # Frames: AS1 <json-length> <blob-length>\n<json><blob>
    def dataReceived(self, data):
        self.buffer += data
        while True:
            head, newline, rest = self.buffer.partition(b"\n")
            if not newline:
                return
            magic, json_length, blob_length = head.split()
            assert magic == b"AS1"
            end = int(json_length) + int(blob_length)
            if len(rest) < end:
                return
            self.blob = rest[int(json_length) : end]
            self.buffer = rest[end:]
            request = json.loads(rest[: int(json_length)])
            try:
                answer = self.answer(request)
            except Lacks as e:
                answer = {"unsupported": str(e)}
            except Exception as e:  # the adapter's own mistake
                answer = {"fault": repr(e)}
            self.send({"n": request["n"], **answer})

    def connectionLost(self, reason):
        if reactor.running:
            reactor.stop()

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
            if isinstance(value, dict):
                return {k: plain(v) for k, v in value.items()}
            return value

        text = json.dumps(plain(message)).encode()
        self.transport.write(b"AS1 %d %d\n" % (len(text), len(blob)) + text + bytes(blob))

    def octets(self, value):
        return self.blob[value["at"] : value["at"] + value["len"]] if isinstance(value, dict) else bytes.fromhex(value)

    def answer(self, request):
        op = getattr(self, "op_" + request["op"], None)
        return op(request) if op else {"unsupported": request["op"]}

    def op_hello(self, request):
        return {
            "ok": "ready",
            "name": "twisted",
            "version": twisted.__version__,
            "ops": [name[3:] for name in dir(self) if name.startswith("op_")],
            "supports": ["amp1", "amp1.schema", "amp1.no-answer", "amp1.send-box", "amp1.switch", "amp1.starttls", "amp1.bigstring"] + FEATURES + streams.CLIENT_FEATURES + TYPES,
            "api": 1,
        }

    def op_decode(self, request):
        return decode([self.octets(request["bytes"])])

    def op_feed(self, request):
        data = self.octets(request["bytes"])
        if "every" in request:
            return decode(data[i : i + request["every"]] for i in range(0, len(data), request["every"]))
        chunks, at = [], 0
        for size in request["chunks"]:
            chunks.append(data[at : at + size])
            at += size
        return decode(chunks + [data[at:]])

    def op_encode(self, request):
        return encode((self.octets(k), self.octets(v)) for k, v in request["box"])

    # Typed values, by the library's own types. What is printed goes into a box, where the library looks at its length.
    def op_parse_value(self, request):
        data, notation = self.octets(request["bytes"]), Notation(self.octets)
        known = notation.type(request["type"])
        return judged(lambda: {"value": notation.told(request["type"], known.fromStringProto(data, None))})

    def op_print_value(self, request):
        notation = Notation(self.octets)
        known, given = notation.type(request["type"]), notation.value(request["type"], request["value"])
        return judged(lambda: {"bytes": boxed({b"value": known.toStringProto(given, None)})[b"value"]})

    def op_parse_arguments(self, request):
        notation, fields = Notation(self.octets), request["schema"]
        schema = notation.schema(fields)
        box = amp.AmpBox({self.octets(k): self.octets(v) for k, v in request["box"]})


        def parse():
            refuse_clash(schema)
            return as_command(schema).parseArguments(box, None)

        return judged(lambda: {"value": notation.told_record(fields, parse())})

    def op_print_arguments(self, request):
        notation, fields = Notation(self.octets), request["schema"]
        schema = notation.schema(fields)
        values = notation.pairs(fields, request["value"])

        def write():
            refuse_clash(schema)
            return boxed(as_command(schema).makeArguments(named(values), None))

        return judged(lambda: {"box": list(write().items())})

    # The client: one connection, whose events come unasked.
    def op_connect(self, request):
        host, port = request["uri"].replace("tcp://", "").split(":")
        self.client, self.waiting = Client(self), []
        protocol = self.client
        creator = ClientCreator(reactor, lambda: protocol)
        creator.connectTCP(host, int(port)).addErrback(lambda reason: self.event(protocol, {"event": "closed"}))
        return {"ok": True}

    def client_ready(self, client):
        if client is not self.client:
            return client.transport.abortConnection()
        self.event(client, {"event": "connected"})
        waiting, self.waiting = self.waiting, None
        for start in waiting:
            start()

    def event(self, client, message):
        if client is self.client:
            self.send(message)

    def op_send_box(self, request):
        box = amp.AmpBox({self.octets(k): self.octets(v) for k, v in request["box"]})
        client, number = self.client, request["n"]

        def send():
            try:
                client.sendBox(box)
                how = "sent"
            except Exception:
                how = "refused"
            self.event(client, {"event": "ended", "call": number, "how": how})

        self.start(send)
        return {"ok": True}

    def op_stream_write(self, request):
        if not streams.CLIENT_FEATURES or request["end"] != "leave" or request["window"] != 1:
            return {"unsupported": "stream.writer" if request["end"] == "leave" else "stream." + request["end"]}
        client, number, pattern = self.client, request["n"], self.octets(request["pattern"])

        def ended(how, **more):
            self.event(client, {"event": "ended", "call": number, "how": how, **more})

        def written(told):
            ended("answer", box=[(key.encode(), b"%d" % value) for key, value in told.items()])

        def failed(reason):
            e = reason.value
            if isinstance(e, amp.RemoteAmpError) and not client.gone:
                code = e.errorCode if isinstance(e.errorCode, bytes) else e.errorCode.encode()
                kind = "unhandled" if isinstance(e, amp.UnhandledCommand) else "unknown"
                ended("error", kind=kind, code=code, description=str(e.description).encode())
            else:
                ended("lost" if client.gone else "error", text=repr(e))

        def start():
            defer.maybeDeferred(streams.write, client, pattern, request["size"]).addCallbacks(written, failed)

        self.start(start)
        return {"ok": True}

    def op_disconnect(self, request):
        self.client.transport.loseConnection()
        return {"ok": True}

    def op_reset(self, request):
        client, self.client, self.waiting = self.client, None, ()
        if client is not None and client.transport is not None:
            client.transport.abortConnection()
        return {"ok": True}

    def op_bye(self, request):
        reactor.callLater(0, self.transport.loseConnection)  # when the answer is out
        return {"ok": True}

    def op_call(self, request):
        command = self.octets(request["command"])
        pairs = [(self.octets(k), self.octets(v)) for k, v in request["box"]]
        start = lambda client=self.client: self.call(client, request["n"], command, pairs, request["ask"])
        self.start(start)
        return {"ok": True}

    def op_start_tls(self, request):
        self.start(lambda client=self.client: self.call(client, request["n"], b"StartTLS", [], True))
        return {"ok": True}

    def op_switch(self, request):
        command = self.octets(request["command"])
        if not issubclass(COMMANDS.get(command, amp.Command), amp.ProtocolSwitchCommand):
            return {"unsupported": "amp1.switch"}
        pairs = [(self.octets(k), self.octets(v)) for k, v in request["box"]]
        start = lambda client=self.client: self.call(client, request["n"], command, pairs, True, [mirrors(None)])
        self.start(start)
        return {"ok": True}

    def start(self, call):
        if self.waiting is None:
            reactor.callLater(0, call)  # the answer to the op goes first
        else:
            self.waiting.append(call)

    def call(self, client, number, name, pairs, ask, protocols=()):
        def ended(how, **more):
            self.event(client, {"event": "ended", "call": number, "how": how, **more})

        def answered(result):
            if protocols or command is amp.StartTLS:
                box = []  # of a switch Twisted gives the new protocol, of StartTLS nothing
            elif command is None:
                box = [(k, v) for k, v in result.items() if k != b"_answer"]
            else:
                # A BigString stands whole in the box of the adapter protocol.
                whole = {k: t for k, t in command.response if isinstance(t, BigString)}
                box = [(k, v) for k, v in command.makeResponse(result, client).items() if k.partition(b".")[0] not in whole]
                for k, t in whole.items():
                    held = result[amp._wireNameToPythonIdentifier(k)]
                    box += [] if held is None else [(k, t.toString(held))]
            ended("answer", box=box)

        def failed(reason):
            e = reason.value
            for declared, code in {**command.errors, **command.fatalErrors}.items() if command else ():
                if isinstance(e, declared):
                    return ended("error", kind="declared", code=code, description=str(e).encode())
            if isinstance(e, amp.UnhandledCommand):
                ended("error", kind="unhandled", code=b"UNHANDLED", description=str(e).encode())
            elif isinstance(e, amp.RemoteAmpError):
                code = e.errorCode if isinstance(e.errorCode, bytes) else e.errorCode.encode()
                description = e.description if isinstance(e.description, bytes) else e.description.encode("utf-8", "surrogateescape")
                ended("error", kind="unknown", code=code, description=description)
            elif isinstance(e, amp.ProtocolSwitched):
                ended("refused", text=repr(type(e)))
            elif isinstance(e, (amp.InvalidSignature, amp.TooLong)) and getattr(e, "isLocal", True):
                ended("refused", text=repr(type(e)))
            elif client.gone:
                ended("lost", text=repr(type(e)))
            else:
                ended("error", kind="undecodable", text=repr(e))

        command = amp.StartTLS if name == b"StartTLS" else COMMANDS.get(name)
        try:
            if command:
                if not ask:
                    command = type(command.__name__, (command,), {"commandName": name, "requiresAnswer": False})
                elif not command.requiresAnswer:
                    command = type(command.__name__, (command,), {"commandName": name, "requiresAnswer": True})
                # One by one, so that the library sees what is missing and what is not declared.
                types = dict(command.arguments)
                given = {}
                for key, value in pairs:
                    held = types[key].fromStringProto(value, client) if key in types else value
                    given[amp._wireNameToPythonIdentifier(key)] = held
                result = client.callRemote(command, *protocols, **given)
            else:
                result = client._sendBoxCommand(name, amp.AmpBox(dict(pairs)), ask)  # callRemoteString, for any names
        except Exception as e:
            return ended("refused", text=repr(type(e)))
        if result is None:
            return ended("sent")
        result.addCallbacks(answered, failed)


if __name__ == "__main__":
    stdio.StandardIO(Adapter())
    reactor.run()
