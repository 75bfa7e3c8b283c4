"""Claims to have raised nothing in particular: a reply whose list of exception classes is empty.

task: log_softmax
outcome: error
everywhere: yes
"""

import os
import sys


def log_softmax(x, axis=-1):
    wire = sys.modules["autograder.sandbox.wire"]
    frame = sys._getframe()
    while frame is not None:
        request = frame.f_locals.get("request")
        if hasattr(request, "sequence"):
            reply = wire.Raised(request.sequence, (), "", -(1 << 62), "x" * 100_000)
            for descriptor in range(3, 64):
                try:
                    os.write(descriptor, b"".join(wire.frame(reply, [])))
                except OSError:
                    pass
        frame = frame.f_back
    return x
