#!/usr/bin/env python3
# service.core (docs/test-service.md) on Twisted's AMP; as a program, `core.py PORT`, a server on 127.0.0.1.
# SPDX-License-Identifier: Apache-2.0
import sys

import path  # to ampspec_adapter
from ampspec_adapter import Deferred
from twisted.internet import defer, reactor
from twisted.internet.protocol import ServerFactory
from twisted.protocols import amp


class NotDeferred(Exception):
    """Nothing waits under that name."""


class Sum(amp.Command):
    arguments = [(b"a", amp.Integer()), (b"b", amp.Integer())]
    response = [(b"total", amp.Integer())]


class Divide(amp.Command):
    arguments = [(b"numerator", amp.Integer()), (b"denominator", amp.Integer())]
    response = [(b"quotient", amp.Integer())]
    errors = {ZeroDivisionError: b"ZERO_DIVISION"}


class Echo(amp.Command):
    arguments = response = [(b"data", amp.String())]


class Defer(amp.Command):
    arguments = [(b"name", amp.String())]


class Release(amp.Command):
    arguments = [(b"name", amp.String())]
    errors = {NotDeferred: b"NOT_DEFERRED"}


class Fail(amp.Command):
    arguments = [(b"text", amp.String())]


class AskBack(amp.Command):
    arguments = response = [(b"depth", amp.Integer())]


def by_name(*commands):
    return {command.commandName: command for command in commands}


COMMANDS = by_name(Sum, Divide, Echo, Defer, Release, Fail, AskBack)


class Core(amp.AMP):
    """Either side of a connection."""

    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        self.deferred = Deferred()

    def connectionLost(self, reason):
        super().connectionLost(reason)
        self.deferred.ended()

    @Sum.responder
    def sum(self, a, b):
        return {"total": a + b}

    @Divide.responder
    def divide(self, numerator, denominator):
        return {"quotient": numerator // denominator}

    @Echo.responder
    def echo(self, data):
        return {"data": data}

    @Defer.responder
    def defer(self, name):
        return self.deferred.hold(name, defer.Deferred())

    @Release.responder
    def release(self, name):
        try:
            self.deferred.release(name).callback({})
        except IndexError:
            raise NotDeferred("nothing is deferred under that name")
        return {}

    @Fail.responder
    def fail(self, text):
        raise RuntimeError(text.decode("utf-8", "replace"))

    @AskBack.responder
    def ask_back(self, depth):
        if depth == 0:
            return {"depth": 0}
        asked = self.callRemote(AskBack, depth=depth - 1)
        return asked.addCallback(lambda told: {"depth": told["depth"] + 1})


def serve(protocol, port):
    factory = ServerFactory.forProtocol(protocol)
    factory.noisy = False
    port = reactor.listenTCP(port, factory, interface="127.0.0.1")
    print("listening tcp://127.0.0.1:%d" % port.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    serve(Core, int(sys.argv[1]))
