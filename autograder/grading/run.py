"""Running the behaviours of one task on one submission: outcomes, messages, and what every call gave."""

import os
import re
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from autograder.grading.checks import Forbidden, kind
from autograder.grading.graders import Behaviour, Graders
from autograder.grading.rehearsal import Rehearsal, number_of
from autograder.grading.results import Difference, Outcome
from autograder.problems import GRADERS, Task
from autograder.sandbox.ahead import Diverged
from autograder.sandbox.student import CallRecord, NotData, Student, StudentRaised, WorkerStopped

_CALLS_PER_TASK = 6  # once a task has taken as long as this many of the longest calls, no further check is tried
_MESSAGE = 200  # characters kept of what an exception says


class InfrastructureError(Exception):
    """Something of ours failed: never a zero for the student."""


@dataclass
class CaseRun:
    """One case of a behaviour: what became of it, and the calls it made."""

    outcome: Outcome
    message: str = ""
    calls: list[CallRecord] = field(default_factory=list)
    difference: Difference | None = None


@dataclass
class BehaviourRun:
    """One behaviour: the outcome and message of its first case that did not pass, and all its cases."""

    behaviour: Behaviour
    outcome: Outcome
    message: str
    cases: list[CaseRun]

    @property
    def difference(self) -> Difference | None:
        """The picture that goes with the message, if there is one."""
        return next((case.difference for case in self.cases if case.outcome != "passed"), None)


def run_task(
    graders: Graders,
    behaviours: Iterable[Behaviour],
    task: Task,
    variant: int,
    open_student: Callable[[], Student],
    rehearsal: Rehearsal[CaseRun] | None = None,
) -> Iterator[BehaviourRun]:
    """Run behaviours in order, each when it is asked for.

    `open_student` gives the submission's worker, a new one after the last has died. The `rehearsal` remembers tests
    from one submission to the next.
    """
    late = False
    seconds = 0.0
    for behaviour in behaviours:
        if late or seconds > _CALLS_PER_TASK * graders.problem.limits.seconds_per_call:
            message = "Not tried, because earlier checks of this task did not finish in time."
            yield BehaviourRun(behaviour, "timeout", message, [])
            continue
        begin = time.monotonic()
        cases: list[CaseRun] = []
        try:
            # Graders compute with what students return: NaN, infinities, empty arrays.
            with warnings.catch_warnings(action="ignore"):
                for index, case in enumerate(behaviour.cases):
                    arguments = {} if case is None else {"case": graders.draw(variant, behaviour, case)}
                    student = open_student()
                    run = partial(_run_case, behaviour, index, student, arguments, task)
                    try:
                        cases.append(rehearsal.run(variant, behaviour, index, student, run) if rehearsal else run())
                    except Diverged:
                        rehearsal = None  # the rest of the task is asked as it comes: no more workers for this
                        cases.append(_run_case(behaviour, index, open_student(), arguments, task))
        except WorkerStopped as error:
            late = error.reason == "timeout"
            cases.append(CaseRun("timeout" if late else "error", sentence(str(error))))
        except StudentRaised as error:  # while the module loaded
            cases.append(_raised(error, task, loading=True))
        seconds += time.monotonic() - begin
        yield _behaviour_run(behaviour, cases)


def _run_case(behaviour: Behaviour, index: int, student: Student, arguments: dict[str, Any], task: Task) -> CaseRun:
    student.begin_test(number_of(behaviour, index))
    try:
        behaviour.function(student=student, **arguments)
        run = CaseRun("passed")
    except (WorkerStopped, Diverged, InfrastructureError):
        raise
    except StudentRaised as error:
        run = _raised(error, task)
    except Forbidden as error:
        run = CaseRun("forbidden", sentence(str(error)))
    except NotData as error:
        run = CaseRun("failed", sentence(str(error)))
    except AssertionError as error:
        run = CaseRun("failed", sentence(str(error) or f"It does not do this: {behaviour.name}"))
        run.difference = getattr(error, "difference", None)
    except Exception as error:
        run = CaseRun("failed", _unusable(error, student))
    for call in student.calls:
        if call.error is not None:
            call.error.__traceback__ = None  # it would keep every value of the test alive
    run.calls = student.calls
    return run


def _raised(error: StudentRaised, task: Task, loading: bool = False) -> CaseRun:
    place = f" (line {error.line} of your module)" if error.line else ""
    by_torch = "not implemented for" in error.message  # PyTorch's word for a dtype that an operation does not take
    if "NotImplementedError" in error.types and not by_torch and not loading:
        return CaseRun("not_attempted", "Not written yet: it raises NotImplementedError.")
    if error.package:
        return CaseRun(
            "forbidden",
            f"It uses `{error.package}`{place}, but this task is to be written with {task.written_with} only.",
        )
    if error.types[0] == "MissingName":
        return CaseRun("error", f"Your module has no `{error.message}`: was it renamed or deleted?")
    said = _without_arrays(error.message)
    what = f"{error.types[0]}: {said}" if said else error.types[0]
    if loading:
        return CaseRun("error", sentence(f"Your module cannot be loaded{place}: {what}"))
    return CaseRun("error", sentence(f"Your code raised {what}{place}"))


def _without_arrays(message: str) -> str:
    """The first line of an exception's text, without what is in brackets: that may be a hidden input."""
    first = message.strip().partition("\n")[0][:_MESSAGE]
    return re.sub(r"\[[^\]]*(\]|$)", "[...]", first)


def _unusable(error: Exception, student: Student) -> str:
    """A grader stumbled over a value of the student's: its form is wrong. A bug of ours is not a student's fault."""
    package = str(GRADERS.parent) + os.sep
    ours = [frame.filename for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(package)]
    if not student.calls or not ours[-1].startswith(str(GRADERS)):
        raise InfrastructureError("".join(traceback.format_exception(error))) from error
    call = student.calls[-1]
    return f"`{call.name}` returned {kind(call.value)}, which is not what is asked for."


def _behaviour_run(behaviour: Behaviour, cases: list[CaseRun]) -> BehaviourRun:
    for case in cases:
        if case.outcome != "passed":
            return BehaviourRun(behaviour, case.outcome, case.message, cases)
    return BehaviourRun(behaviour, "passed", "", cases)


def sentence(text: str) -> str:
    """One paragraph that begins with a capital letter and ends with a full stop."""
    text = " ".join(text.split())
    if "_" in text.partition(" ")[0]:  # a name, not a word
        return text + ("" if text.endswith((".", "!", "?")) else ".")
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
