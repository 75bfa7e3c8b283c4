"""Prints megabytes, to every descriptor and through every way out.

task: log_softmax
"""

import os
import sys
import warnings


def log_softmax(x, axis=-1):
    for _ in range(20):
        print("y" * 1_000_000)
        sys.stderr.write("z" * 1_000_000)
        for descriptor in (1, 2):
            os.write(descriptor, b"x" * 100_000)
    for number in range(5_000):
        warnings.warn(f"{number} " + "w" * 1000)
    return x
