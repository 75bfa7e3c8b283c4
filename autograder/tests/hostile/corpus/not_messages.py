"""Sends bytes that are no message at all.

task: log_softmax
"""

import os
import struct
import sys

import msgspec

wire = sys.modules["autograder.sandbox.wire"]


def sequence():
    frame = sys._getframe()
    while not hasattr(frame.f_locals.get("request"), "sequence"):
        frame = frame.f_back
    return frame.f_locals["request"].sequence


def send(data):
    """In the place of the reply that the sandbox is about to write."""
    write = os.write

    def instead(descriptor, reply):
        os.write = write
        rest = memoryview(data)
        while rest:
            rest = rest[write(descriptor, rest) :]
        return len(reply)

    os.write = instead


def log_softmax(x, axis=-1):
    rubbish = [
        b"",
        b"\xc1" * 64,
        b"\x00" * 64,
        msgspec.msgpack.encode({"type": "Returned", "sequence": "1", "value": None}),
        msgspec.msgpack.encode({"type": "Returned", "sequence": 1 << 63, "value": {"type": "Nothing"}}),
        msgspec.msgpack.encode({"type": "Call", "target": 0, "name": "log_softmax"}),
        msgspec.msgpack.encode({"type": "Returned", "sequence": 1}) + b"more",
        b"\xda\x00\x04\xff\xfe\xfd\xfc",
        msgspec.msgpack.encode(msgspec.msgpack.Ext(1, b"x")),
    ]
    header = rubbish[sequence() % len(rubbish)]
    send(struct.pack("<II", len(header), 0) + header)
    return x
