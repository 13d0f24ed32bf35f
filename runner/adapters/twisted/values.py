# Typed values of the adapter protocol (docs/adapter-protocol.md, Types) as objects of Twisted's argument types, and back.
# SPDX-License-Identifier: Apache-2.0
import contextlib
import datetime
import decimal
import struct
import sys

from ampspec_adapter import Unsupported
from service import BigString, BigText
from twisted.protocols import amp
from twisted.python.filepath import FilePath

PLAIN = {
    "integer": amp.Integer,
    "bytes": amp.String,
    "text": amp.Unicode,
    "boolean": amp.Boolean,
    "float": amp.Float,
    "decimal": amp.Decimal,
    "datetime": amp.DateTime,
    "path": amp.Path,
}


@contextlib.contextmanager
def any_number_of_digits():
    """Only while the adapter reads its own notation: the library keeps the interpreter's limit."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)


class Notation:
    """`octets` reads octets of the frame in hand."""

    def __init__(self, octets):
        self.octets = octets

    def schema(self, fields):
        return [(self.octets(name), self.type(t, optional)) for name, t, optional in fields]

    def type(self, t, optional=False):
        if isinstance(t, str):
            return PLAIN[t](optional)
        if "list" in t:
            return amp.ListOf(self.type(t["list"]), optional)
        if "big" in t:
            return (BigText if t["big"] == "text" else BigString)(optional)
        if "flocker" in t:
            raise Unsupported("amp1.bigstring.flocker")
        return amp.AmpList(self.schema(t["records"]), optional)

    # From JSON to what the library is handed.

    def pairs(self, fields, value):
        types = {name: t for name, t, _ in fields}
        return [(self.octets(n), self.value(types[n], v)) for n, v in value]

    def value(self, t, v):
        if isinstance(t, dict):
            if "list" in t:
                return [self.value(t["list"], item) for item in v]
            if "big" in t:
                return self.value(t["big"], v)
            return [named(self.pairs(t["records"], item)) for item in v]
        if t == "integer":
            if isinstance(v, dict):
                return float(v["fraction"])
            with any_number_of_digits():
                return int(v)
        if t == "bytes":
            return self.octets(v)
        if t == "text":
            return "".join(map(chr, v))
        if t == "path":
            return FilePath("".join(map(chr, v)))
        if t == "boolean":
            return v
        if t == "float":
            return struct.unpack(">d", bytes.fromhex(v))[0]
        return self.decimal(v) if t == "decimal" else self.datetime(v)

    @staticmethod
    def decimal(v):
        sign, rest = (1, v[1:]) if v.startswith("-") else (0, v)
        if rest == "inf":
            return decimal.Decimal((sign, (0,), "F"))
        for word, kind in (("snan", "N"), ("nan", "n")):
            if rest.startswith(word):
                return decimal.Decimal((sign, tuple(map(int, rest[len(word) :])), kind))
        digits, exponent = rest.split("e")
        return decimal.Decimal((sign, tuple(map(int, digits)), int(exponent)))

    @staticmethod
    def datetime(v):
        if not 1 <= v["year"] <= 9999:
            raise Unsupported("amp1.types.wide-years")
        if v["nanosecond"]:
            raise Unsupported("amp1.types.nanoseconds")
        zone = None
        if v["offset"] is not None:
            if abs(v["offset"]) >= 86400:
                raise Unsupported("amp1.types.wide-offsets")
            zone = datetime.timezone(datetime.timedelta(seconds=v["offset"]))
        fields = (
            v[name] for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")
        )
        return datetime.datetime(*fields, tzinfo=zone)

    # From what the library gave to JSON; octets stay bytes, which the frame tells.

    def told_record(self, fields, objects):
        pairs = []
        for name, t, _ in fields:
            held = objects[amp._wireNameToPythonIdentifier(self.octets(name))]
            if held is not None:
                pairs.append([name, self.told(t, held)])
        return pairs

    def told(self, t, held):
        if isinstance(t, dict):
            if "list" in t:
                return [self.told(t["list"], item) for item in held]
            if "big" in t:
                return self.told(t["big"], held)
            return [self.told_record(t["records"], item) for item in held]
        if t == "integer":
            with any_number_of_digits():
                return str(held)
        if t in ("bytes", "boolean"):
            return held
        if t == "text":
            return [ord(c) for c in held]
        if t == "path":
            return [ord(c) for c in held.asTextMode().path]
        if t == "float":
            return struct.pack(">d", held).hex()
        return self.told_decimal(held) if t == "decimal" else self.told_datetime(held)

    @staticmethod
    def told_decimal(held):
        sign, digits, exponent = held.as_tuple()
        text = "".join(map(str, digits))
        word = {"F": "inf", "n": "nan" + text, "N": "snan" + text}.get(exponent)
        return ("-" if sign else "") + (word or "%se%d" % (text, exponent))

    @staticmethod
    def told_datetime(held):
        offset = held.utcoffset()  # fails where the library took an offset that Python does not
        seconds = None if offset is None else offset.days * 86400 + offset.seconds
        names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return {**{name: getattr(held, name) for name in names}, "offset": seconds}


def named(pairs):
    """Values by the identifiers that the library gives their names."""
    return {amp._wireNameToPythonIdentifier(name): value for name, value in pairs}


def as_command(arguments):
    """A command with these arguments: Twisted reads and writes whole boxes by commands only."""
    return type("Typed", (amp.Command,), {"arguments": arguments})
