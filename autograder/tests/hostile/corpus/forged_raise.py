"""Claims to have raised nothing in particular: the list of exception classes is empty, the line and the package are absurd.

task: log_softmax
outcome: forbidden
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
    if x.ndim == 1:
        reply = wire.Raised(sequence(), (), "", -(1 << 62))
    else:
        reply = wire.Raised(sequence(), ("x",) * 1000, "", 1 << 62, "p" * 100_000)
    send(b"".join(wire.frame(reply, [])))
    return x
