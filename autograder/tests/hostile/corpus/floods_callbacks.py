"""Calls the function that it was given for ever, and with all that fits in a message.

task: is_stable
"""

import numpy as np

calls = 0


def is_stable(log_softmax_fn):
    global calls
    calls += 1
    big = np.zeros(120 << 20, dtype=np.int8)
    while True:
        log_softmax_fn(big if calls == 1 else np.zeros(3))
