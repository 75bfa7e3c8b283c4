"""Replaces built-in functions that a test may use on its results.

task: log_softmax
unprotected: succeeds
"""

import builtins


class Small:
    def __lt__(self, other):
        import numpy as np

        return np.array(True)


builtins.abs = lambda value: Small()
builtins.AssertionError = KeyboardInterrupt


def log_softmax(x, axis=-1):
    return x
