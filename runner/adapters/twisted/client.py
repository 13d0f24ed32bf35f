#!/usr/bin/env python3
# Twisted's AMP as a client behind the adapter protocol, with service.core.
# SPDX-License-Identifier: Apache-2.0
import functools

import core
import twisted
from ampspec_adapter import Client
from twisted.internet import protocol, reactor, stdio
from twisted.protocols import amp


def octets(text):
    return text if isinstance(text, bytes) else str(text).encode("utf-8", "surrogateescape")


def failed(e, command, gone):
    """How a call ended that failed, as an event tells it."""
    for declared, code in {**command.errors, **command.fatalErrors}.items() if command else ():
        if isinstance(e, declared):
            return dict(how="error", kind="declared", code=code, description=octets(e))
    if isinstance(e, amp.UnhandledCommand):
        return dict(how="error", kind="unhandled", code=b"UNHANDLED", description=octets(e))
    if isinstance(e, amp.RemoteAmpError):
        code, description = octets(e.errorCode), octets(e.description)
        return dict(how="error", kind="unknown", code=code, description=description)
    refusals = (amp.InvalidSignature, amp.TooLong, amp.ProtocolSwitched)
    if isinstance(e, refusals) and getattr(e, "isLocal", True):
        return dict(how="refused", text=repr(type(e)))
    return dict(how="lost") if gone else dict(how="error", kind="undecodable", text=repr(e))


class TwistedClient(Client):
    name, version, service, commands = "twisted", twisted.__version__, core.Core, core.COMMANDS
    supports = ["amp1", "amp1.schema", "amp1.no-answer", "service.core"]

    def connect(self, host, port):
        adapter = self

        class Connection(self.service):
            gone = False

            def connectionMade(self):
                super().connectionMade()
                adapter.connected(self)

            def connectionLost(self, reason):
                self.gone = True  # pending calls fail with the reason, which may be any exception
                super().connectionLost(reason)
                adapter.closed(self)

        connection = Connection()
        creator = protocol.ClientCreator(reactor, lambda: connection)
        creator.connectTCP(host, port).addErrback(lambda reason: self.closed(connection))
        return connection

    def close(self, connection, now):
        if connection.transport is not None:
            (connection.transport.abortConnection if now else connection.transport.loseConnection)()

    def call(self, connection, number, name, pairs, ask, *protocols):
        ended = functools.partial(self.ended, connection, number)
        command = self.commands.get(name)
        if command and command.requiresAnswer != ask:
            changed = {"commandName": name, "requiresAnswer": ask}
            command = type(command.__name__, (command,), changed)
        try:
            if command:
                given = self.given(command, pairs, connection)
                result = connection.callRemote(command, *protocols, **given)
            else:  # callRemoteString, for any names
                result = connection._sendBoxCommand(name, amp.AmpBox(dict(pairs)), ask)
        except Exception as e:
            return ended("refused", text=repr(type(e)))
        if result is None:
            return ended("sent")
        result.addCallbacks(
            lambda result: ended("answer", box=self.box(command, result, connection)),
            lambda reason: ended(**failed(reason.value, command, connection.gone)),
        )

    def given(self, command, pairs, connection):
        """Argument by argument, so that the library sees what is missing and what is not declared."""
        types, name = dict(command.arguments), amp._wireNameToPythonIdentifier
        read = lambda k, v: types[k].fromStringProto(v, connection) if k in types else v
        return {name(k): read(k, v) for k, v in pairs}

    def box(self, command, result, connection):
        box = command.makeResponse(result, connection) if command else result
        return [(k, v) for k, v in box.items() if k != b"_answer"]


class Runner(protocol.Protocol):
    """The runner, on standard input and output."""

    def __init__(self, adapter):
        self.adapter = adapter

    def connectionMade(self):
        self.dataReceived = self.adapter(self.transport.write).received

    def connectionLost(self, reason):
        if reactor.running:
            reactor.stop()


def serve(adapter):
    stdio.StandardIO(Runner(adapter))
    reactor.run()


if __name__ == "__main__":
    serve(TwistedClient)
