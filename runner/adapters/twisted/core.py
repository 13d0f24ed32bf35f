# service.core (docs/test-service.md) on Twisted's AMP; as a program, `core.py PORT`, a server on 127.0.0.1.
# SPDX-License-Identifier: Apache-2.0
import sys

from ampspec_adapter import Deferred, NotDeferred
from twisted.internet import defer, protocol, reactor
from twisted.protocols import amp


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
    arguments, errors = [(b"name", amp.String())], {NotDeferred: b"NOT_DEFERRED"}


class Fail(amp.Command):
    arguments = [(b"text", amp.String())]


class AskBack(amp.Command):
    arguments = response = [(b"depth", amp.Integer())]


COMMANDS = {c.commandName: c for c in (Sum, Divide, Echo, Defer, Release, Fail, AskBack)}


class Core(amp.AMP):  # either side of a connection
    deferred = Deferred()
    ended = staticmethod(lambda connection: None)  # a client wants to know

    def connectionLost(self, reason):
        super().connectionLost(reason)
        self.deferred.ended(self)
        self.ended(self)

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
        return self.deferred.hold(self, name, defer.Deferred())

    @Release.responder
    def release(self, name):
        self.deferred.release(self, name).callback({})
        return {}

    @Fail.responder
    def fail(self, text):
        raise RuntimeError(text.decode("utf-8", "replace"))

    @AskBack.responder
    def ask_back(self, depth):
        asked = self.callRemote(AskBack, depth=depth - 1) if depth else defer.succeed({"depth": -1})
        return asked.addCallback(lambda told: {"depth": told["depth"] + 1})


def serve(side, port):
    port = reactor.listenTCP(int(port), protocol.Factory.forProtocol(side), interface="127.0.0.1")
    print("listening tcp://127.0.0.1:%d" % port.getHost().port, flush=True)
    reactor.run()


if __name__ == "__main__":
    serve(Core, sys.argv[1])
