"""Asks for more memory than there is, in one piece.

task: log_softmax
outcome: error
"""

import numpy as np


def log_softmax(x, axis=-1):
    return np.ones(1 << 38)
