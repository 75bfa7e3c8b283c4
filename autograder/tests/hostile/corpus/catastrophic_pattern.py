"""A regular expression that backtracks for longer than the course lasts.

task: log_softmax
outcome: timeout
"""

import re


def log_softmax(x, axis=-1):
    re.match(r"(a+)+$", "a" * 64 + "b")
    return x
