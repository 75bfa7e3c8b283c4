"""Waits for ever without using the processor.

task: log_softmax
outcome: timeout
"""

import select
import time


def log_softmax(x, axis=-1):
    try:
        select.select([], [], [])
    finally:
        time.sleep(1e6)
