"""Leaves data where the next submission could find it, and looks for what the last one left.

task: log_softmax
everywhere: yes
"""

import os
import tempfile

PLACES = [".", "/tmp", "/var/tmp", "/dev/shm", "/", tempfile.gettempdir(), os.environ.get("MPLCONFIGDIR", "."), ".."]


PATHS = [os.path.join(place, "hostile-was-here-for-you") for place in PLACES]

found = [path for path in PATHS if os.path.exists(path)]
for path in PATHS:
    try:
        with open(path, "w") as file:
            file.write("answers")
    except OSError:
        pass


def log_softmax(x, axis=-1):
    if found:
        raise RuntimeError(f"AUTOGRADER_ found {found}")
    os._exit(1)  # so that another process loads this module again, and looks
