#!/usr/bin/env python3
# All that Twisted's AMP can do behind the adapter protocol: codec.py, client.py, typed values, StartTLS, switch, streams.
# SPDX-License-Identifier: Apache-2.0
import streams
from client import TwistedClient, octets, serve
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
    def op_send_box(self, request):
        box = amp.AmpBox(dict(self.pairs(request)))

        def send(connection):
            try:
                connection.sendBox(box)
                how = "sent"
            except Exception:
                how = "refused"
            self.ended(connection, request["n"], how)

        return self.start(send)

    def op_stream_write(self, request):
        if not streams.CLIENT_FEATURES or request["end"] != "leave" or request["window"] != 1:
            return {
                "unsupported": (
                    "stream.writer" if request["end"] == "leave" else "stream." + request["end"]
                )
            }
        pattern = self.octets(request["pattern"])

        def write(connection):
            def ended(how, **more):
                self.ended(connection, request["n"], how, **more)

            def written(told):
                ended("answer", box=[(key.encode(), b"%d" % value) for key, value in told.items()])

            def failed(reason):
                e = reason.value
                if isinstance(e, amp.RemoteAmpError) and not connection.gone:
                    kind = "unhandled" if isinstance(e, amp.UnhandledCommand) else "unknown"
                    ended(
                        "error",
                        kind=kind,
                        code=octets(e.errorCode),
                        description=octets(e.description),
                    )
                else:
                    ended("lost" if connection.gone else "error", text=repr(e))

            defer.maybeDeferred(streams.write, connection, pattern, request["size"]).addCallbacks(
                written, failed
            )

        return self.start(write)

    def op_start_tls(self, request):
        return self.start(self.call, request["n"], b"StartTLS", [], True)

    def op_switch(self, request):
        command = self.octets(request["command"])
        if not issubclass(COMMANDS.get(command, amp.Command), amp.ProtocolSwitchCommand):
            return {"unsupported": "amp1.switch"}
        return self.start(
            self.call, request["n"], command, self.pairs(request), True, mirrors(None)
        )

    def box(self, command, result, connection):
        # Of a switch Twisted gives the new protocol, of StartTLS nothing.
        if command is not None and (
            command is amp.StartTLS or issubclass(command, amp.ProtocolSwitchCommand)
        ):
            return []
        # A BigString stands whole in the box of the adapter protocol.
        whole = {k: t for k, t in command.response if isinstance(t, BigString)} if command else {}
        box = [
            (k, v)
            for k, v in super().box(command, result, connection)
            if k.partition(b".")[0] not in whole
        ]
        for k, t in whole.items():
            held = result[amp._wireNameToPythonIdentifier(k)]
            box += [] if held is None else [(k, t.toString(held))]
        return box


if __name__ == "__main__":
    serve(Whole)
