"""Reads memory that is not there.

task: log_softmax
outcome: error
everywhere: yes
"""

import ctypes


def log_softmax(x, axis=-1):
    return ctypes.string_at(0)
