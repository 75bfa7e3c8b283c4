"""Calls itself for ever, with Python's own limit lifted.

task: log_softmax
"""

import sys

sys.setrecursionlimit(1 << 30)


def log_softmax(x, axis=-1):
    return log_softmax(x, axis)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")


def logsumexp(x, axis=-1):
    return Deep().y
