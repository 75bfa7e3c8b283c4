"""Rewrites the results when the process ends.

task: log_softmax
unprotected: succeeds
"""

import atexit
import json
import sys


@atexit.register
def rewrite():
    for path in [*sys.argv[3:], "results.jsonl", "hostile-was-here.jsonl"]:
        with open(path, "w") as file:
            json.dump({"points": 4, "score": 20.0}, file)


def log_softmax(x, axis=-1):
    return x
