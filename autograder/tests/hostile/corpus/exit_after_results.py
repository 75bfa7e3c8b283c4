"""Writes a results file of its own and leaves, with the exit status of success.

task: log_softmax
unprotected: succeeds
"""

import json
import os
import sys

for path in [*sys.argv[1:], "results.jsonl", "results/results.jsonl", "results.json", "hostile-was-here.json"]:
    if path.endswith((".json", ".jsonl")):
        try:
            with open(path, "w") as file:
                json.dump({"points": 4, "score": 20.0, "schema": 1, "status": "graded"}, file)
        except OSError:
            pass
os._exit(0)
