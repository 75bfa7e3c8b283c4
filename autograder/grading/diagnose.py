"""Diagnosis: which known mistake gives, on the same inputs, what the student's code gave."""

from collections.abc import Sequence
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

Runs = Sequence[BehaviourRun]


class Diagnosis:
    """Names mistakes. What each known mistake gives is computed once per variant, when first needed."""

    def __init__(self, graders: Graders, rehearsal: Rehearsal[CaseRun]) -> None:
        self._graders = graders
        self._rehearsal = rehearsal
        self._known: dict[tuple[str, int], list[tuple[Mistake, list[BehaviourRun]]]] = {}

    def explain(self, task: Task, variant: int, runs: Runs) -> tuple[Mistake, ...]:
        """The one mistake, or else the two mistakes, that explain every case of a failed task; none otherwise."""
        known = self._runs_of_mistakes(task, variant)
        for mistake, theirs in known:
            if alike(runs, theirs):
                return (mistake,)
        return _pair(runs, known)

    def _runs_of_mistakes(self, task: Task, variant: int) -> list[tuple[Mistake, list[BehaviourRun]]]:
        key = (task.name, variant)
        if key not in self._known:
            graders, rehearsal = self._graders, self._rehearsal
            self._known[key] = [
                (mistake, run_mistake(graders, mistake, task, variant, rehearsal))
                for mistake in graders.mistakes[task.name]
            ]
        return self._known[key]


def run_mistake(
    graders: Graders, mistake: Mistake, task: Task, variant: int, rehearsal: Rehearsal[CaseRun] | None = None
) -> list[BehaviourRun]:
    """Run a mistake's module in this process: it is ours. It is asked what a worker would be asked, in that order."""
    loaded: list[Student] = []

    def student() -> Student:
        if not loaded or not loaded[-1].channel.alive:
            loaded.append(load_locally(graders.problem.module, graders.wrong_submission(mistake)))
        return loaded[-1]

    return run_task(graders, graders.behaviours[task.name], task, variant, student, rehearsal)


def alike(mine: Runs, theirs: Runs) -> bool:
    """Every case came out alike, and every failed one with the same values."""
    return all(_alike(one, other) for one, other in _cases(mine, theirs))


def _pair(runs: Runs, known: list[tuple[Mistake, list[BehaviourRun]]]) -> tuple[Mistake, ...]:
    """Two mistakes in different places: each failed case is explained by one of them, and each explains some."""
    failed = [index for index, (case, _) in enumerate(_cases(runs, runs)) if case.outcome != "passed"]
    explained: list[tuple[Mistake, set[int]]] = []
    for mistake, theirs in known:
        pairs = list(_cases(runs, theirs))
        alike = {index for index in failed if _alike(*pairs[index]) and _errors_agree(*pairs[index])}
        # A mistake that would also break what the student has right is not the student's.
        breaks = any(mine.outcome == "passed" != other.outcome for mine, other in pairs)
        if alike and not breaks:
            explained.append((mistake, alike))
    for first, (one, left) in enumerate(explained):
        for two, right in explained[:first]:
            if left | right == set(failed) and left - right and right - left:
                return (two, one)
    return ()


def _cases(mine: Runs, theirs: Runs) -> list[tuple[CaseRun, CaseRun]]:
    pairs = []
    for run, other in zip(mine, theirs, strict=True):
        cases = list(other.cases)
        for index, case in enumerate(run.cases):
            pairs.append((case, cases[index] if index < len(cases) else CaseRun("timeout")))
        pairs.extend((CaseRun("timeout"), case) for case in cases[len(run.cases) :])
    return pairs


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
