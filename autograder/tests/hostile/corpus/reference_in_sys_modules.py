"""Calls a reference solution that lies in `sys.modules`.

task: log_softmax
unprotected: succeeds
"""

import sys


def log_softmax(x, axis=-1):
    for name, module in list(sys.modules.items()):
        function = getattr(module, "log_softmax", None)
        if function is not None and function is not log_softmax and name != __name__:
            return function(x, axis)
    return x
