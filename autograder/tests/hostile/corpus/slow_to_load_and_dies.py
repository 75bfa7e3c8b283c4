"""Takes its time to load, and dies in every call, so that it must be loaded again.

task: log_softmax
"""

import os
import time

time.sleep(0.5)


def log_softmax(x, axis=-1):
    os._exit(3)
