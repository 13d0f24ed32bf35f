# Twisted's box parser and serializer behind the adapter protocol: the codec.
# SPDX-License-Identifier: Apache-2.0
import twisted
from ampspec_adapter import Adapter
from twisted.protocols import amp


class Connection:
    """What a box parser needs: a receiver of boxes, and a transport that it closes when it refuses a key."""

    def __init__(self):
        self.boxes, self.closed = [], False

    def startReceivingBoxes(self, sender):
        pass

    def ampBoxReceived(self, box):
        self.boxes.append(list(box.items()))

    def loseConnection(self):
        self.closed = True


class Codec(Adapter):
    name, version, supports = "twisted", twisted.__version__, ["amp1"]

    def op_decode(self, request):
        connection = Connection()
        parser = amp.BinaryBoxProtocol(connection)
        parser.makeConnection(connection)
        for chunk in self.chunks(request):
            parser.dataReceived(chunk)
        boxes = {"boxes": connection.boxes}
        if connection.closed:
            return {"reject": {"class": "key-too-long", "text": "TooLong"}, **boxes}
        # When the connection ends an unfinished box is dropped without a word: it shows only in the parser's state.
        unfinished = parser._unprocessed or parser._currentBox is not None
        return {"ok": True, "end": "incomplete" if unfinished else "clean", **boxes}

    op_feed = op_decode

    def op_encode(self, request):
        try:
            return {"ok": True, "bytes": amp.AmpBox(dict(self.pairs(request))).serialize()}
        except amp.TooLong as e:
            word = "key-too-long" if e.isKey else "value-too-long"
            return {"reject": {"class": word, "text": "TooLong"}}


if __name__ == "__main__":
    Codec().serve()
