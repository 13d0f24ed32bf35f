# All that Twisted's AMP can do behind the adapter protocol: codec.py, client.py, typed values, StartTLS, switch, streams.
# SPDX-License-Identifier: Apache-2.0
import streams
from ampspec_adapter import Call
from client import TwistedClient, serve
from codec import Codec
from service import COMMANDS, FEATURES, BigString, Service, mirrors, refuse_clash
from twisted.internet import defer
from twisted.protocols import amp
from values import Notation, as_command, named

PROTOCOL = [
    "amp1",
    "amp1.schema",
    "amp1.no-answer",
    "amp1.send-box",
    "amp1.switch",
    "amp1.starttls",
    "amp1.bigstring",
]
TYPES = [
    "core",
    "float",
    "decimal",
    "datetime",
    "path",
    "list",
    "records",
    "schemas",
    "big-integers",
    "fractions",
]
TYPES += ["surrogates", "nan-payloads", "naive-times", "offset-seconds"]


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


class Whole(Codec, TwistedClient):
    supports = (
        PROTOCOL + FEATURES + streams.CLIENT_FEATURES + ["amp1.types." + name for name in TYPES]
    )
    service, commands = Service, {**COMMANDS, b"StartTLS": amp.StartTLS}

    # Typed values, by the library's own types. What is printed goes into a box, where the library looks at its length.
    def op_parse_value(self, request):
        data, notation = self.octets(request["bytes"]), Notation(self.octets)
        known = notation.type(request["type"])
        return judged(
            lambda: {"value": notation.told(request["type"], known.fromStringProto(data, None))}
        )

    def op_print_value(self, request):
        notation = Notation(self.octets)
        known, given = notation.type(request["type"]), notation.value(
            request["type"], request["value"]
        )
        return judged(
            lambda: {"bytes": boxed({b"value": known.toStringProto(given, None)})[b"value"]}
        )

    def op_parse_arguments(self, request):
        notation, fields = Notation(self.octets), request["schema"]
        schema = notation.schema(fields)
        box = amp.AmpBox(dict(self.pairs(request)))

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

    # The client, besides calls.
    def asked(self, request, command=b"", pairs=()):
        return Call(self, request["n"], command, pairs)

    def op_send_box(self, request):
        box = amp.AmpBox(self.pairs(request))

        def send(call):
            call.connection.sendBox(box)
            call.ended("sent")

        return self.start(send, self.asked(request))

    def op_stream_write(self, request):
        if not streams.CLIENT_FEATURES or request["end"] != "leave" or request["window"] != 1:
            end = "writer" if request["end"] == "leave" else request["end"]
            return {"unsupported": "stream." + end}
        pattern = self.octets(request["pattern"])

        def write(call):
            def written(told):
                box = [(key.encode(), b"%d" % value) for key, value in told.items()]
                call.ended("answer", box=box)

            done = defer.maybeDeferred(streams.write, call.connection, pattern, request["size"])
            done.addCallbacks(written, lambda reason: self.failed(call, None, reason.value))

        return self.start(write, self.asked(request))

    def op_start_tls(self, request):
        return self.start(self.call, self.asked(request, b"StartTLS"))

    def op_switch(self, request):
        command = self.octets(request["command"])
        if not issubclass(COMMANDS.get(command, amp.Command), amp.ProtocolSwitchCommand):
            return {"unsupported": "amp1.switch"}
        return self.start(
            self.call, self.asked(request, command, self.pairs(request)), mirrors(None)
        )

    def box(self, call, command, told):
        # Of a switch Twisted gives the new protocol, of StartTLS nothing.
        if command and issubclass(command, (amp.StartTLS, amp.ProtocolSwitchCommand)):
            return []
        # A BigString stands whole in the box of the adapter protocol.
        whole = {k: t for k, t in command.response if isinstance(t, BigString)} if command else {}
        box = [
            (k, v) for k, v in super().box(call, command, told) if k.partition(b".")[0] not in whole
        ]
        for k, t in whole.items():
            held = told[amp._wireNameToPythonIdentifier(k)]
            box += [] if held is None else [(k, t.toString(held))]
        return box


if __name__ == "__main__":
    serve(Whole)
