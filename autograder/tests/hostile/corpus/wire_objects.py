"""Returns the wire's own structs, and objects that lie about their class.

task: log_softmax
"""

import sys

wire = sys.modules["autograder.sandbox.wire"]


class Liar(wire.Object, tag=True):
    __class__ = property(lambda self: bool)


answers = [
    wire.Object(0, "numpy.ndarray", False),
    wire.Array("numpy", "float64", (3, 7), (56, 8), 0, 0),
    wire.Returned(1, None),
    Liar(0, "bool", False),
    wire.Function(1, "log_softmax"),
    wire.Random("{}", 1),
]
calls = 0


def log_softmax(x, axis=-1):
    global calls
    calls += 1
    return answers[calls % len(answers)]
