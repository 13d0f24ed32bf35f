# All of the test service (docs/test-service.md) that Twisted can do, on top of core.py; as a program a server on loopback.
# SPDX-License-Identifier: Apache-2.0
import datetime
import functools
import hashlib
import sys

import core
import streams
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from twisted.internet import ssl
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols import amp


class FatalError(Exception):
    pass


class BigErrorText(Exception):
    pass


class NoSwitch(Exception):
    pass


class Note(amp.Command):
    arguments = [(b"text", amp.String())]
    requiresAnswer = False


class Noted(amp.Command):
    response = [(b"notes", amp.String())]


class Fatal(amp.Command):
    fatalErrors = {FatalError: b"FATAL"}


class Big(amp.Command):
    arguments = [(b"size", amp.Integer())]
    response = [(b"data", amp.String())]


class BigError(amp.Command):
    arguments = [(b"size", amp.Integer())]
    errors = {BigErrorText: b"BIG"}


class Wrong(amp.Command):
    arguments = [(b"how", amp.String())]
    response = [(b"value", amp.Integer())]


class BigString(amp.Argument):
    """One value over several keys: name, name.2, name.3, ... Twisted has no such argument; this is the adapter's own."""

    chunk = 65535

    def retrieve_chunks(self, strings, name):
        chunks = []
        while True:
            key = name if not chunks else b"%s.%d" % (name, len(chunks) + 1)
            if key not in strings:
                break
            chunks.append(strings[key])
        if any(
            self.is_chunk(key, name) and int(key[len(name) + 1 :]) > len(chunks) for key in strings
        ):
            raise ValueError("a chunk of %r is missing" % name)
        return chunks

    @staticmethod
    def is_chunk(key, name):
        dot, digits = key[len(name) : len(name) + 1], key[len(name) + 1 :]
        return (
            key.startswith(name)
            and dot == b"."
            and digits.isdigit()
            and digits[:1] != b"0"
            and digits != b"1"
        )

    def fromBox(self, name, strings, objects, proto):
        chunks = self.retrieve_chunks(strings, name)
        if not chunks and not self.optional:
            raise KeyError(name)
        objects[amp._wireNameToPythonIdentifier(name)] = (
            self.fromStringProto(b"".join(chunks), proto) if chunks else None
        )

    def toBox(self, name, strings, objects, proto):
        held = objects.get(amp._wireNameToPythonIdentifier(name))
        if held is None:
            if not self.optional:
                raise KeyError(name)
            return
        data = self.toStringProto(held, proto)
        for number, at in enumerate(range(0, max(len(data), 1), self.chunk), 1):
            strings[name if number == 1 else b"%s.%d" % (name, number)] = data[at : at + self.chunk]

    def fromString(self, data):
        return data

    def toString(self, held):
        return held


class BigText(BigString):
    def fromString(self, data):
        return data.decode("utf-8")

    def toString(self, held):
        return held.encode("utf-8")


def refuse_clash(schema):
    """A name that is a chunk of another can't be told from it."""
    for name, argument in schema:
        for other, _ in schema:
            if isinstance(argument, BigString) and argument.is_chunk(other, name):
                raise ValueError("%r is a chunk of %r" % (other, name))


class EchoBig(amp.Command):
    arguments = response = [(b"data", BigString()), (b"note", BigText(True))]


class DigestBig(amp.Command):
    arguments = [(b"data", BigString())]
    response = [(b"size", amp.Integer()), (b"sha256", amp.String())]


class EchoTypes(amp.Command):
    arguments = response = [
        (b"integer", amp.Integer(True)),
        (b"bytes", amp.String(True)),
        (b"text", amp.Unicode(True)),
        (b"boolean", amp.Boolean(True)),
        (b"float", amp.Float(True)),
        (b"decimal", amp.Decimal(True)),
        (b"datetime", amp.DateTime(True)),
        (b"path", amp.Path(True)),
        (b"a-b", amp.Unicode(True)),
        (b"class", amp.Unicode(True)),
        (b"print", amp.Unicode(True)),
        (b"integers", amp.ListOf(amp.Integer(), True)),
        (b"texts", amp.ListOf(amp.Unicode(), True)),
        (b"grid", amp.ListOf(amp.ListOf(amp.Integer()), True)),
        (
            b"records",
            amp.AmpList(
                [
                    (b"x", amp.Integer()),
                    (b"note", amp.Unicode(True)),
                    (b"tags", amp.ListOf(amp.Unicode(), True)),
                ],
                True,
            ),
        ),
    ]


class Switch(amp.ProtocolSwitchCommand):
    arguments = [(b"refuse", amp.String(True)), (b"greeting", amp.String(True))]
    errors = {NoSwitch: b"NO_SWITCH"}


class AskSwitch(amp.Command):
    arguments = [(b"greeting", amp.String(True))]
    response = [(b"code", amp.String())]


class AskTls(amp.Command):
    response = [(b"how", amp.String())]


# The parts of docs/test-service.md that stand here.
PARTS = ["core", "note", "fatal", "big", "wrong", "types", "switch", "starttls", "bigstring"]
FEATURES = ["service." + part for part in PARTS] + streams.FEATURES

MORE = [Note, Noted, Fatal, Big, BigError, Wrong, Switch, AskSwitch, AskTls]
MORE += [EchoTypes, EchoBig, DigestBig]
COMMANDS = {**core.COMMANDS, **{command.commandName: command for command in MORE}}


class Mirror(Protocol):
    """The protocol behind a switch: says its greeting, then whatever it hears."""

    def connectionMade(self):
        if self.factory.greeting:
            self.transport.write(self.factory.greeting)

    def dataReceived(self, data):
        self.transport.write(data)


def mirrors(greeting):
    factory = Factory.forProtocol(Mirror)
    factory.noisy, factory.greeting = False, greeting
    factory.clientConnectionLost = factory.clientConnectionFailed = lambda connector, reason: None
    return factory


@functools.lru_cache
def certificate():
    """For StartTLS; self-signed, for nobody to trust. On a curve, since the RSA keys that Twisted makes take seconds on a busy machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ampspec")])
    now = datetime.datetime.utcnow()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    )
    made = (
        made.serial_number(1)
        .not_valid_before(now - datetime.timedelta(1))
        .not_valid_after(now + datetime.timedelta(1))
    )
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    return ssl.PrivateCertificate.loadPEM(
        private + made.sign(key, hashes.SHA256()).public_bytes(encoding)
    )


class Service(streams.Streams, core.Core):
    """Either side of a connection: every command of the test service, part by part."""

    def __init__(self, *args):
        super().__init__(*args)
        self.notes = []

    def connectionLost(self, reason):
        super().connectionLost(reason)
        self.streams_lost()

    @Note.responder
    def note(self, text):
        self.notes.append(text)
        return {}

    @Noted.responder
    def noted(self):
        return {"notes": b",".join(self.notes)}

    @Fatal.responder
    def fatal(self):
        raise FatalError("as asked")

    @Big.responder
    def big(self, size):
        return {"data": b"x" * size}

    @BigError.responder
    def big_error(self, size):
        raise BigErrorText("\u00e9" * size)

    @Wrong.responder
    def wrong(self, how):
        return {} if how == b"missing" else {"value": "no number"}

    @amp.StartTLS.responder
    def start_tls(self):
        # Left alone the library makes an RSA key for every connection.
        return {"tls_localCertificate": certificate()}

    @Switch.responder
    def switch(self, refuse=None, greeting=None):
        if refuse == b"yes":
            raise NoSwitch("as asked")
        return mirrors(greeting).buildProtocol(None)

    @AskSwitch.responder
    def ask_switch(self, greeting=None):
        asked = self.callRemote(Switch, mirrors(greeting))
        # The library replaces the code of an undeclared error; a declared one has it.
        asked.addCallbacks(
            lambda _: {"code": b""},
            lambda reason: {"code": b"NO_SWITCH" if reason.check(NoSwitch) else b"UNKNOWN"},
        )
        return asked

    @AskTls.responder
    def ask_tls(self):
        try:
            asked = self.callRemote(amp.StartTLS, tls_localCertificate=certificate())
        except amp.OnlyOneTLS:
            return {"how": b"refused"}
        return asked.addCallbacks(lambda _: {"how": b"answer"}, lambda _: {"how": b"error"})

    @EchoTypes.responder
    def echo_types(self, **values):
        return values

    @EchoBig.responder
    def echo_big(self, data, note):
        return {"data": data, "note": note}

    @DigestBig.responder
    def digest_big(self, data):
        return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest().encode()}


if __name__ == "__main__":
    core.serve(Service, sys.argv[-1])
