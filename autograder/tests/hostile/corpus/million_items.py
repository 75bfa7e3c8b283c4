"""Returns lists of a million items, and lists that lie about their length.

task: log_softmax
"""


class Short(list):
    __len__ = lambda self: 3


class Endless(list):
    __iter__ = lambda self: iter(int, 1)


calls = 0


def log_softmax(x, axis=-1):
    global calls
    calls += 1
    return [[0.0] * 1_000_000, Short([0.0] * 1_000_000), Endless([0.0]), ([0.0] * 9_999,) * 500][calls % 4]
