"""Takes a little less than the time limit in every single call.

task: log_softmax
"""

import time


def log_softmax(x, axis=-1):
    time.sleep(1.6)
    return x
