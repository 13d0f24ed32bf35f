# Streams by the commands of Twisted's own disttrial, where the installed version has them (from 22.10 on); else nothing is offered.
# SPDX-License-Identifier: Apache-2.0
import hashlib
import itertools

from twisted.internet import defer
from twisted.protocols import amp

try:
    from twisted.trial._dist.stream import StreamOpen, StreamReceiver, StreamWrite, chunk, stream
except ImportError:
    StreamReceiver = None

# What of docs/test-service.md is offered, and what a client can do besides.
FEATURES = (
    ["service.streams.core", "service.streams.consume", "service.streams.send"]
    if StreamReceiver
    else []
)
CLIENT_FEATURES = ["stream.writer"] if StreamReceiver else []
LARGEST = 65535


class StreamFailed(Exception):
    pass


class StreamTake(amp.Command):
    arguments = [(b"streamId", amp.Integer()), (b"as", amp.String())]
    response = [
        (b"count", amp.Integer()),
        (b"size", amp.Integer()),
        (b"chunks", amp.ListOf(amp.String(), True)),
        (b"data", amp.String(True)),
        (b"sha256", amp.String(True)),
    ]


class StreamConsume(amp.Command):
    arguments = [(b"streamId", amp.Integer()), (b"as", amp.String()), (b"name", amp.String())]


class StreamOutcome(amp.Command):
    arguments = [(b"name", amp.String())]
    response = [
        (b"how", amp.String()),
        (b"count", amp.Integer()),
        (b"size", amp.Integer()),
        (b"sha256", amp.String(True)),
    ]


class StreamSend(amp.Command):
    arguments = [(b"size", amp.Integer()), (b"pattern", amp.String()), (b"end", amp.String())]
    response = [(b"streamId", amp.Integer()), (b"count", amp.Integer())]
    errors = {StreamFailed: b"STREAM_FAILED"}


def summary(chunks):
    return {"count": len(chunks), "size": sum(map(len, chunks))}


def digest(chunks):
    return hashlib.sha256(b"".join(chunks)).hexdigest().encode()


def repeated(pattern, size):
    """The octets of a stream, cut by the library."""
    return chunk((pattern * (size // len(pattern) + 1))[:size] if size else b"", LARGEST)


def write(protocol, pattern, size):
    """Writes a stream as the library does; the Deferred gives its id and the number of writes."""
    counted = itertools.count()
    chunks = (one for one, _ in zip(repeated(pattern, size), counted))
    written = stream(protocol, chunks)
    if not isinstance(written, defer.Deferred):
        written = defer.Deferred.fromCoroutine(written)
    return written.addCallback(lambda id: {"streamId": id, "count": next(counted)})


if StreamReceiver:

    class Streams(amp.CommandLocator):
        """The receiver of disttrial, and commands that show what it holds."""

        outcomes = {}  # name -> what became of the stream, or whose stream it is

        def __init__(self, *args):
            super().__init__(*args)
            self.receiver = StreamReceiver()
            self.consumed = {}

        def streams_lost(self):
            for id, name in self.consumed.items():
                self.outcomes[name] = {"how": b"aborted", **summary(self.receiver.finish(id))}

        @StreamOpen.responder
        def stream_open(self):
            return {"streamId": self.receiver.open()}

        @StreamWrite.responder
        def stream_write(self, streamId, data):
            self.receiver.write(streamId, data)
            return {}

        @StreamTake.responder
        def stream_take(self, streamId, **more):
            way = more[
                "as"
            ].decode()  # a word of Python, but none of those that the library renames
            chunks = self.receiver.finish(streamId)
            name = self.consumed.pop(streamId, None)
            if name is not None:
                self.outcomes[name] = {
                    "how": b"complete",
                    **summary(chunks),
                    "sha256": digest(chunks),
                }
                return summary(chunks)
            shown = {
                "chunks": lambda: chunks,
                "whole": lambda: b"".join(chunks),
                "digest": lambda: digest(chunks),
            }[way]()
            return {
                **summary(chunks),
                {"whole": "data", "digest": "sha256"}.get(way, "chunks"): shown,
            }

        @StreamConsume.responder
        def stream_consume(self, streamId, name, **more):
            if more["as"] != b"digest":
                raise ValueError("no such consumer")
            self.receiver._streams[streamId]  # must be there
            self.consumed[streamId] = name
            self.outcomes[name] = lambda: {
                "how": b"running",
                **summary(self.receiver._streams[streamId]),
            }
            return {}

        @StreamOutcome.responder
        def stream_outcome(self, name):
            outcome = self.outcomes[name]
            return outcome() if callable(outcome) else outcome

        @StreamSend.responder
        def stream_send(self, size, pattern, end):
            if end != b"leave":
                raise ValueError("the library neither closes nor aborts streams")

            def failed(reason):
                raise StreamFailed(str(getattr(reason.value, "errorCode", b"")))

            return write(self, pattern, size).addErrback(failed)

else:

    class Streams(amp.CommandLocator):
        """For a Twisted without streams."""

        def streams_lost(self):
            pass
