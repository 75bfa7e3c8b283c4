"""Leaves data where the next submission could find it, and looks for what the last one left.

task: log_softmax
everywhere: yes
"""

import os
import tempfile

PLACES = [".", "/tmp", "/var/tmp", "/dev/shm", "/", tempfile.gettempdir(), os.environ.get("MPLCONFIGDIR", "."), ".."]


def log_softmax(x, axis=-1):
    found = []
    for place in PLACES:
        path = os.path.join(place, "hostile-was-here-for-you")
        try:
            if os.path.exists(path) and not started_here:
                found.append(path)
            with open(path, "w") as file:
                file.write("answers")
        except OSError:
            pass
    raise RuntimeError(f"AUTOGRADER_ found {found}" if found else "nothing")


started_here = False
try:
    log_softmax(None)
except RuntimeError as error:
    at_start = str(error)
started_here = True
inner = log_softmax


def log_softmax(x, axis=-1):
    raise RuntimeError(at_start)
