"""Reads another student's submission by its path, by links and by way of /proc.

task: log_softmax
everywhere: yes
"""

import os

PATHS = ["@SECRET@", "/proc/self/root@SECRET@", "/proc/1/root@SECRET@", "/proc/@PARENT@/root@SECRET@", "/proc/@PARENT@/cwd"]


def log_softmax(x, axis=-1):
    for make in (os.symlink, os.link):
        for name in ("hostile-was-here", "/tmp/hostile-was-here"):
            try:
                make("@SECRET@", name)
                PATHS.append(name)
            except OSError:
                pass
    seen = []
    for path in PATHS:
        try:
            with open(path) as file:
                seen.append(file.read())
        except OSError:
            pass
    raise RuntimeError(f"seen: {seen}")
