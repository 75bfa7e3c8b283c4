"""Loads PyTorch's shared libraries by their path.

task: log_softmax
"""

import ctypes
import glob


def log_softmax(x, axis=-1):
    for path in glob.glob("@ROOT@/.venv/lib/python3.*/site-packages/torch/lib/*.so*"):
        ctypes.CDLL(path)
    ctypes.CDLL("@ROOT@/.venv/lib/python3.11/site-packages/torch/lib/libtorch_cpu.so")
    return x
