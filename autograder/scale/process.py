"""A grading process: it holds hidden graders and zygotes, and grades one order after another."""

import contextlib
import ctypes
import os
import signal
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from autograder.grading.fingerprint import fingerprint
from autograder.grading.results import Result
from autograder.problems import load_problem
from autograder.sandbox.spawn import Sandbox
from autograder.submissions import Submission

if TYPE_CHECKING:
    from autograder.grading.engine import ProblemGrader

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Settings:
    """How a run grades. The seed is secret: it is not in the representation that logs show."""

    seed: int = field(repr=False)
    confined: bool = True


@dataclass(frozen=True)
class Order:
    """One submission to be graded, by graders of exactly this fingerprint."""

    submission: Submission = field(repr=False)
    max_score: float
    grader: str
    settings: Settings


def grade(order: Order) -> Result:
    """Grade one submission in this process. Whatever fails on our side is a result too, with its reason."""
    try:
        grader, here = _grader(order.submission.assignment, order.settings)
        if here != order.grader:
            return failure(order, "this worker has another version of the kit, its graders or its libraries")
        return grader.grade(order.submission)
    except Exception as error:
        return failure(order, f"{type(error).__name__}: {error}")


def failure(order: Order, message: str) -> Result:
    """An infrastructure error: ours, and never a zero for the student."""
    return Result(
        student=order.submission.student,
        assignment=order.submission.assignment,
        max_score=order.max_score,
        status="infrastructure_error",
        submission_sha256=order.submission.sha256,
        grader=order.grader,
        seconds=0.0,
        message=message,
    )


def start(core: int | None) -> None:
    """Prepare a local grading process: it leaves Ctrl-C to the command, ends with it, and stays on one core."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if core is not None:
            stay_on(core)


def stay_on(core: int) -> None:
    """Run on this core only. A worker inherits it: the two take turns, which costs a third of a call across cores."""
    os.sched_setaffinity(0, {core})
    # Not woken by each answer: the worker goes on to the next question meanwhile.
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


@cache
def _grader(assignment: str, settings: Settings) -> "tuple[ProblemGrader, str]":
    # Imported here, where something is graded: the command that hands out orders does not need torch.
    from autograder.grading.engine import ProblemGrader
    from autograder.grading.graders import collect

    problem = load_problem(assignment)
    here = fingerprint(problem, settings.seed)
    sandbox = _sandbox(settings.confined)
    return ProblemGrader(collect(problem, settings.seed), here, sandbox.open_worker), here


@cache
def _sandbox(confined: bool) -> Sandbox:
    return Sandbox(confined)
