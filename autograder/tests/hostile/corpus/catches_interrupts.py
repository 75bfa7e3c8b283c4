"""Ignores every signal and exception that could stop it.

task: log_softmax
outcome: timeout
"""

import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def log_softmax(x, axis=-1):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
