"""Replies with arrays of negative, overflowing, unknown and enormous shapes, strides, offsets and dtypes.

task: log_softmax
everywhere: yes
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


ARRAYS = [
    ("numpy", "float64", (-1, 8), (64, 8), 0),
    ("numpy", "float64", (1 << 62, 1 << 62), (8, 8), 0),
    ("numpy", "float64", (8,), (1 << 60,), 0),
    ("numpy", "float64", (8,), (8,), -4096),
    ("numpy", "float64", (8,), (-8,), 0),
    ("numpy", "float4", (8,), (8,), 0),
    ("numpy", "float", (8,), (8,), 0),
    ("numpy", "object", (8,), (8,), 0),
    ("numpy", "object64", (8,), (8,), 0),
    ("numpy", "O8", (8,), (8,), 0),
    ("numpy", "float0", (8,), (8,), 0),
    ("numpy", "9" * 5000, (8,), (8,), 0),
    ("numpy", "float64", (1,) * 40, (8,) * 40, 0),
    ("numpy", "float64", (1 << 40, 0), (8, 8), 0),
    ("torch", "float64", (8,), (1 << 60,), 0),
    ("torch", "float64", (8,), (-8,), 0),
    ("torch", "float64", (8,), (3,), 1 << 40),
    ("torch", "float64", (1 << 40, 0), (8, 8), 0),
    ("torch", "float64", (1 << 62, 0, 1 << 62), (8, 8, 8), 0),
    ("torch", "nn", (8,), (8,), 0),
    ("os", "float64", (8,), (8,), 0),
]


def log_softmax(x, axis=-1):
    number = sequence()
    library, dtype, shape, strides, offset = ARRAYS[number % len(ARRAYS)]
    array = wire.Array(library, dtype, shape, strides, offset, -(number % 2))
    send(b"".join(wire.frame(wire.Returned(number, array), [bytes(64)])))
    return x
