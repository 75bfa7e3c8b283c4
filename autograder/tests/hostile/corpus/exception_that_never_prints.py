"""Raises exceptions whose text, name and traceback are themselves attacks.

task: log_softmax
"""

import time


class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit

    @property
    def __mro__(cls):
        raise KeyboardInterrupt


class Nameless(Exception, metaclass=Meta):
    pass


class Endless(Exception):
    def __str__(self):
        while True:
            time.sleep(1)


class Long(Exception):
    def __str__(self):
        return "l" * 100_000_000


calls = 0


def log_softmax(x, axis=-1):
    global calls
    calls += 1
    raise (Nameless, Long, Endless)[min(calls // 8, 2)]()
