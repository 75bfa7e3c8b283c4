"""One submission, again and again: ours, the limit, and a pytest process each."""

import os
import statistics
import time
from collections.abc import Callable
from functools import partial

from autograder.benchmarks.direct import Direct, run_bodies
from autograder.benchmarks.tables import Table
from autograder.benchmarks.verdicts import by_pytest
from autograder.grading.engine import ProblemGrader
from autograder.grading.graders import Graders
from autograder.sandbox.spawn import Sandbox
from autograder.submissions import Submission


def measure(graders: list[Graders], times: int, processes: int) -> Table:
    """Medians for the reference of each problem, on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})  # for the grader and its workers, as in a grading process of a class
    sandbox = Sandbox()
    rows = []
    for each in graders:
        grader = ProblemGrader(each, "bench", sandbox.open_worker)
        submission = Submission("student", each.problem.name, "", each.problem.reference())
        ours = _median(partial(_graded, grader, submission), times)
        limit = _median(partial(_bare, each), times)
        alone = _median(partial(_subprocess, each), processes, warm_up=0)
        rows.append((each.problem.name, ours, limit, ours / limit, alone, alone / ours))
    sandbox.close()
    os.sched_setaffinity(0, before)
    return Table(
        "Milliseconds a submission, medians on one core",
        ("problem", "ours", "limit", "ratio", "pytest each", "ratio"),
        rows,
        ("The limit: the same test bodies in one warm process, without isolation, transport and pytest.",),
    )


def _median(run: Callable[[], None], times: int, warm_up: int = 2) -> float:
    taken = []
    for number in range(times + warm_up):
        begin = time.perf_counter()
        run()
        if number >= warm_up:
            taken.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(taken)


def _graded(grader: ProblemGrader, submission: Submission) -> None:
    result = grader.grade(submission)
    if result.score != result.max_score:
        raise SystemExit(f"the reference does not get full marks: {result.message}")


def _bare(graders: Graders) -> None:
    run_bodies(graders, Direct(graders.problem.module, graders.problem.reference()))


def _subprocess(graders: Graders) -> None:
    verdicts = by_pytest(graders.problem, graders.problem.reference())
    if not verdicts or not all(verdicts.values()):
        raise SystemExit(f"{graders.problem.name}: the reference fails in a pytest process")
