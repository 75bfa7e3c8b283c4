"""A stand-in for `autograder grade`, for tests of what surrounds it: a module states its own marks.

`# double=15` and `# Scale.apply=2.5` in a module are its scores. It keeps the command's contract:
results.jsonl, nothing graded twice, exit code 1 when something could not be graded (a module that says `#
broken`).
"""

import argparse
import hashlib
import re
from pathlib import Path

import msgspec

from autograder.grading.results import Outcome, Result, Status, TaskResult, from_json, to_json

POINTS = {"double": 15.0, "Scale.apply": 5.0}


def main() -> int:
    """Grade like the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("submissions", type=Path)
    parser.add_argument("--assignment", action="append")
    parser.add_argument("--student", action="append")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--jobs")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    path = options.output / "results.jsonl"
    known = {}
    for line in path.read_bytes().splitlines() if path.exists() else ():
        result = from_json(line)
        known[result.key] = result.submission_sha256  # the newest result of a submission counts
    broken = False
    with path.open("ab") as results:
        for assignment in options.assignment:
            for student in options.student:
                module = options.submissions / student / assignment / "doubling.py"
                result = grade(student, assignment, module.read_bytes() if module.exists() else None)
                broken |= result.status == "infrastructure_error"
                if known.get(result.key) != result.submission_sha256:
                    results.write(to_json(result) + b"\n")
    return int(broken)


def grade(student: str, assignment: str, module: bytes | None) -> Result:
    """The marks that a module states."""
    text = (module or b"").decode("utf-8", "replace")
    tasks = []
    for name, points in POINTS.items():
        stated = re.search(rf"# {re.escape(name)}=(\S+)", text)
        score = float(stated[1]) if stated else 0.0
        outcome: Outcome = "passed" if score == points else "failed"
        message = f"observed for {name}"
        tasks.append(TaskResult(name=name, part="9", score=score, max_score=points, outcome=outcome, message=message))
    status: Status = "missing" if module is None else "infrastructure_error" if "# broken" in text else "graded"
    result = Result(
        student=student,
        assignment=assignment,
        max_score=20.0,
        status=status,
        submission_sha256=hashlib.sha256(module or b"").hexdigest(),
        grader="stand-in",
        seconds=0.0,
        message="the engine is broken" if status == "infrastructure_error" else "",
        tasks=tuple(tasks),
    )
    if status == "infrastructure_error":
        return result
    return msgspec.structs.replace(result, score=sum(task.score for task in tasks))


if __name__ == "__main__":
    raise SystemExit(main())
