# Twisted's AMP as a client behind the adapter protocol, with service.core.
# SPDX-License-Identifier: Apache-2.0
import core
import twisted
from ampspec_adapter import Client
from twisted.internet import endpoints, protocol, reactor, stdio
from twisted.protocols import amp

REFUSALS = (amp.InvalidSignature, amp.TooLong, amp.ProtocolSwitched)


class TwistedClient(Client):
    name, version, service, commands = "twisted", twisted.__version__, core.Core, core.COMMANDS
    supports = ["amp1", "amp1.schema", "amp1.no-answer", "service.core"]

    def connect(self, host, port):
        connection, endpoint = self.service(), endpoints.TCP4ClientEndpoint(reactor, host, port)
        connection.ended = self.closed
        made = endpoints.connectProtocol(endpoint, connection)
        made.addCallbacks(self.connected, lambda reason: self.closed(connection))
        return connection

    def close(self, connection, now):
        if transport := connection.transport:
            transport.abortConnection() if now else transport.loseConnection()

    def call(self, call, *protocols):
        connection, command = call.connection, self.commands.get(call.command)
        if command and command.requiresAnswer != call.ask:
            command = type(command.__name__, (command,), {"requiresAnswer": call.ask})
        if command:  # argument by argument, so that the library sees what is missing or undeclared
            types, name = dict(command.arguments), amp._wireNameToPythonIdentifier
            read = lambda k, v: types[k].fromStringProto(v, connection) if k in types else v
            given = {name(k): read(k, v) for k, v in call.pairs}
            result = connection.callRemote(command, *protocols, **given)
        else:  # callRemoteString, for any names
            result = connection._sendBoxCommand(call.command, amp.AmpBox(call.pairs), call.ask)
        if result is None:
            return call.ended("sent")
        result.addCallback(lambda told: call.ended("answer", box=self.box(call, command, told)))
        result.addErrback(lambda reason: self.failed(call, command, reason.value))

    def box(self, call, command, told):
        box = command.makeResponse(told, call.connection) if command else told
        return [(k, v) for k, v in box.items() if k != b"_answer"]

    def failed(self, call, command, e):
        if command and type(e) in command.allErrors:
            call.error("declared", command.allErrors[type(e)], e)
        elif isinstance(e, amp.UnhandledCommand):
            call.error("unhandled", b"UNHANDLED", e)
        elif isinstance(e, amp.RemoteAmpError):
            call.error("unknown", e.errorCode, e.description)
        elif isinstance(e, REFUSALS) and getattr(e, "isLocal", True):
            call.ended("refused", text=repr(e))
        else:  # the end of the connection may be any exception
            lost = call.connection._failAllReason is not None
            call.ended("lost") if lost else call.ended("error", kind="undecodable", text=repr(e))


def serve(client):
    runner = stdio.StandardIO(protocol.Protocol())
    runner.protocol.dataReceived = client().received
    runner.protocol.connectionLost = lambda reason: reactor.stop()
    reactor.run()


if __name__ == "__main__":
    serve(TwistedClient)
