"""Diagnosis: which known mistake gives, on the same inputs, what the student's code gave."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np
import torch

from autograder.grading.checks import TOLERANCES
from autograder.grading.declare import Mistake
from autograder.grading.graders import Graders
from autograder.grading.rehearsal import Rehearsal
from autograder.grading.run import BehaviourRun, CaseRun, run_task
from autograder.problems import Task
from autograder.sandbox.axes import AxesView
from autograder.sandbox.local import load_locally
from autograder.sandbox.student import CallRecord, RemoteObject, Student

Runs = Iterable[BehaviourRun]
_Place = tuple[int, int]  # of a case: its behaviour's number, and its own


class KnownMistake:
    """A mistake and what it gives on one variant. Its behaviours are run once, each when it is first looked at."""

    def __init__(self, mistake: Mistake, runs: Iterator[BehaviourRun]) -> None:
        self.mistake = mistake
        self._rest = runs
        self._runs: list[BehaviourRun] = []

    def runs(self) -> Iterator[BehaviourRun]:
        """In the order of the task."""
        yield from self._runs
        for run in self._rest:
            self._runs.append(run)
            yield run


class Diagnosis:
    """Names mistakes. What each known mistake gives is computed once per variant, as far as it is needed."""

    def __init__(self, graders: Graders, rehearsal: Rehearsal[CaseRun]) -> None:
        self._graders = graders
        self._rehearsal = rehearsal
        self._known: dict[tuple[str, int], list[KnownMistake]] = {}

    def explain(self, task: Task, variant: int, runs: Sequence[BehaviourRun]) -> tuple[Mistake, ...]:
        """The one mistake, or else the two mistakes, that explain every case of a failed task; none otherwise."""
        return explanation(runs, self._known_mistakes(task, variant))

    def _known_mistakes(self, task: Task, variant: int) -> list[KnownMistake]:
        key = (task.name, variant)
        if key not in self._known:
            self._known[key] = [
                KnownMistake(mistake, run_mistake(self._graders, mistake, task, variant, self._rehearsal))
                for mistake in self._graders.mistakes[task.name]
            ]
        return self._known[key]


def run_mistake(
    graders: Graders, mistake: Mistake, task: Task, variant: int, rehearsal: Rehearsal[CaseRun] | None = None
) -> Iterator[BehaviourRun]:
    """Run a mistake's module in this process: it is ours. It is asked what a worker would be asked, in that order."""
    loaded: list[Student] = []

    def student() -> Student:
        if not loaded or not loaded[-1].channel.alive:
            loaded.append(load_locally(graders.problem.module, graders.wrong_submission(mistake)))
        return loaded[-1]

    return run_task(graders, graders.behaviours[task.name], task, variant, student, rehearsal)


def explanation(runs: Sequence[BehaviourRun], known: Sequence[KnownMistake]) -> tuple[Mistake, ...]:
    """The one mistake that gives the same as a failed submission, or the two that do together; none otherwise."""
    for one in known:
        if alike(runs, one.runs()):
            return (one.mistake,)
    return _pair(runs, known)


def alike(mine: Runs, theirs: Runs) -> bool:
    """Every case came out alike, and every failed one with the same values."""
    return all(_alike(one, other) for _, one, other in _cases(mine, theirs))


def _pair(runs: Sequence[BehaviourRun], known: Sequence[KnownMistake]) -> tuple[Mistake, ...]:
    """Two mistakes in different places: each failed case is explained by one of them, and each explains some."""
    failed = {place for place, case, _ in _cases(runs, runs) if case.outcome != "passed"}
    if not any(_explained(runs, one, min(failed)) for one in known):  # which is soon found out
        return ()
    explained = [(one.mistake, places) for one in known if (places := _explained(runs, one))]
    for number, (one, left) in enumerate(explained):
        for two, right in explained[:number]:
            if left | right == failed and left - right and right - left:
                return (two, one)
    return ()


def _explained(runs: Runs, known: KnownMistake, last: _Place | None = None) -> set[_Place]:
    """The failed cases, up to the `last`, that a mistake explains.

    Not one if it would break what the student has right: then it is not the student's.
    """
    explained = set()
    for place, mine, other in _cases(runs, known.runs()):
        if mine.outcome == "passed" != other.outcome:
            return set()
        if mine.outcome != "passed" and _alike(mine, other) and _errors_agree(mine, other):
            explained.add(place)
        if place == last:
            break
    return explained


def _cases(mine: Runs, theirs: Runs) -> Iterator[tuple[_Place, CaseRun, CaseRun]]:
    """The cases of both side by side. One that was not tried counts as out of time."""
    for number, (run, other) in enumerate(zip(mine, theirs, strict=True)):
        pairs = zip_longest(run.cases, other.cases, fillvalue=CaseRun("timeout"))
        yield from (((number, index), *pair) for index, pair in enumerate(pairs))


def _alike(mine: CaseRun, theirs: CaseRun) -> bool:
    """Both pass, or both fail alike with the same values from every call."""
    if mine.outcome != theirs.outcome:
        return False
    if mine.outcome == "passed":
        return True
    return len(mine.calls) == len(theirs.calls) and all(
        _same_call(one, other) for one, other in zip(mine.calls, theirs.calls, strict=True)
    )


def _errors_agree(mine: CaseRun, theirs: CaseRun) -> bool:
    """The same words from every exception: an exception's type alone is too little to name one of two mistakes."""
    return all(
        one.error is None or other.error is None or one.error.message == other.error.message
        for one, other in zip(mine.calls, theirs.calls, strict=True)
    )


def _same_call(one: CallRecord, other: CallRecord) -> bool:
    if one.error is not None or other.error is not None:
        return one.error is not None and other.error is not None and one.error.types == other.error.types
    if bool(one.warnings) != bool(other.warnings) or one.changed != other.changed:
        return False
    return same_value(one.value, other.value)


def same_value(one: Any, other: Any) -> bool:
    """The same kind, shape and dtype, and values that differ by rounding only."""
    if isinstance(one, RemoteObject) and isinstance(other, RemoteObject):
        return True  # what such an object does is seen in the calls and reads that follow
    if isinstance(one, AxesView) and isinstance(other, AxesView):
        return _plot_alike(one, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same_value, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and _same_numbers(
            one.float().numpy() if one.dtype in (torch.bfloat16, torch.float16) else one.numpy(),
            other.float().numpy() if other.dtype in (torch.bfloat16, torch.float16) else other.numpy(),
            str(one.dtype)[6:],
        )
    if isinstance(one, np.ndarray | np.generic):
        return one.dtype == other.dtype and _same_numbers(np.asarray(one), np.asarray(other), one.dtype.name)
    if isinstance(one, float):
        return _same_numbers(np.asarray(one), np.asarray(other), "float64")
    return bool(one == other)


def _plot_alike(one: AxesView, other: AxesView) -> bool:
    """The same lines, scales and legend; the words of a label are the student's own."""
    return (
        [(line.x, line.y, line.visible) for line in one.lines]
        == [(line.x, line.y, line.visible) for line in other.lines]
        and (one.xscale, one.yscale, one.legend, one.shown) == (other.xscale, other.yscale, other.legend, other.shown)
        and (bool(one.xlabel), bool(one.ylabel)) == (bool(other.xlabel), bool(other.ylabel))
    )


def _same_numbers(one: np.ndarray, other: np.ndarray, dtype: str) -> bool:
    if one.shape != other.shape:
        return False
    if one.dtype.kind not in "fc":
        return bool(np.array_equal(one, other))
    rtol, _ = TOLERANCES[dtype]
    with np.errstate(all="ignore"):
        scale = float(np.max(np.abs(other[np.isfinite(other)]), initial=0.0))
        return bool(np.allclose(one, other, rtol=10 * rtol, atol=10 * rtol * scale + 1e-12, equal_nan=True))
