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
from autograder.grading.rehearsal import Rehearsal
from autograder.sandbox.spawn import Sandbox
from autograder.scale.process import stay_on
from autograder.submissions import Submission


def measure(graders: list[Graders], times: int, processes: int) -> Table:
    """Medians for the reference of each problem, on one core."""
    before = os.sched_getaffinity(0)
    stay_on(min(before))  # as a grading process of a class
    sandbox = Sandbox()
    rows = []
    for each in graders:
        submission = Submission("student", each.problem.name, "", each.problem.reference())
        knowing = ProblemGrader(each, "bench", sandbox.open_worker)
        judging = ProblemGrader(each, "bench", sandbox.open_worker, Rehearsal(keep=0))
        ours = _median(partial(_graded, knowing, submission), times)
        new = _median(partial(_graded, judging, submission), times)
        limit = _median(partial(_bare, each), times)
        alone = _median(partial(_subprocess, each), processes, warm_up=0)
        rows.append((each.problem.name, ours, new, limit, ours / limit, new / limit, alone, alone / new))
    sandbox.close()
    os.sched_setaffinity(0, before)
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    return Table(
        "Milliseconds a submission, medians on one core",
        ("problem", "known", "new", "limit", "known/limit", "new/limit", "pytest each", "pytest/new"),
        rows,
        (
            "Known: answers, bit for bit those of an earlier submission, that need no judging. New: all are judged.",
            "The limit: the same test bodies in one warm process, without isolation, transport and pytest.",
        ),
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
