"""Hidden tests of `max_difference_from_torch` (3c). The module's `log_softmax` is always replaced, by one
whose difference from PyTorch's is known; so the student's own costs nothing here.

Ways to be wrong: the mean, sum, smallest, squared or relative difference; no absolute value; the axis
ignored on one side or on both; an own copy of log-softmax instead of the module's; float64 or float32 for
everything; softmax compared; NaN from -inf - -inf; NaN, or infinities, left out; reversed views refused by
PyTorch; integers refused by PyTorch, or taken as float32; x changed; an answer remembered; not a float.

The stand-ins work entry by entry or slice by slice (a marked entry is known by its value), so that it does
not matter whether the whole array, a copy, or one with its axes moved is handed to them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from stability_inputs import (
    Array,
    Draw,
    as_floating,
    far_apart,
    masked,
    normal,
    result_dtype,
    torch_log_softmax,
    viewed,
)

from autograder.grading import Case, assert_matches, assert_unchanged, task
from autograder.sandbox.student import Student

LogSoftmax = Callable[..., Array]


@dataclass(frozen=True)
class Comparison:
    """Logits, the axis to call with (None: the default), a stand-in for `log_softmax`, and how far off it
    is.
    """

    x: Array
    axis: int | None
    stand_in: LogSoftmax
    expected: float
    atol: float = 0.0


def difference(student: Student, case: Comparison) -> Any:
    with student.replaced("log_softmax", case.stand_in):
        if case.axis is None:
            return student.max_difference_from_torch(case.x)
        if case.axis >= 0:
            return student.max_difference_from_torch(case.x, case.axis)
        return student.max_difference_from_torch(case.x, axis=case.axis)


def check(student: Student, case: Comparison) -> None:
    assert_matches(difference(student, case), case.expected, atol=case.atol)


# Stand-ins for log_softmax ------------------------------------------------------------------------------


def right(x: Any, axis: int = -1) -> Array:
    """PyTorch's own answer in the dtype of x, so that the difference is 0."""
    answer: Array = torch.nn.functional.log_softmax(torch.from_numpy(as_floating(x).copy()), axis).numpy()
    return answer


def without_the_sum(x: Any, axis: int = -1) -> Array:
    """Off by the logarithm of a sum that depends on the axis."""
    x = as_floating(x)
    return np.asarray(x - np.max(x, axis=axis, keepdims=True))


def with_errors(errors: dict[float, float]) -> LogSoftmax:
    """Off by a given amount where x has a given value (NaN and infinities replace what is there)."""

    def stand_in(x: Any, axis: int = -1) -> Array:
        answer = right(x, axis)
        for value, error in errors.items():
            answer[np.asarray(x) == value] += error
        return answer

    return stand_in


def only_for(dtype: Any) -> LogSoftmax:
    """Right when it is given the dtype that is due (or integers for float64), off by 1 otherwise."""
    return lambda x, axis=-1: right(x, axis) + right(x).dtype.type(0 if as_floating(x).dtype == dtype else 1)


# Cases --------------------------------------------------------------------------------------------------


def logits_and_errors(draw: Draw, axis: int | None, *errors: float) -> Callable[[np.random.Generator], Comparison]:
    """`errors` at as many finite entries, all different; the largest of them in size is the answer."""

    def drawn(rng: np.random.Generator) -> Comparison:
        x = draw(rng)
        values = rng.permutation(np.unique(x[np.isfinite(x)]))[: len(errors)]
        sizes = rng.uniform(0.8, 1.2) * np.asarray(errors)
        stand_in = with_errors(dict(zip(values.tolist(), sizes.tolist(), strict=True)))
        answer = torch_log_softmax(x, -1 if axis is None else axis)
        # one rounding of the answer, one of the sum with the error, in the dtype of x
        largest = np.max(np.abs(answer), where=np.isfinite(answer), initial=0.0) + np.max(np.abs(sizes), initial=0.0)
        atol = float(4 * np.finfo(result_dtype(x)).eps * largest)
        return Comparison(x, axis, stand_in, float(np.max(np.abs(sizes), initial=0.0)), atol)

    return drawn


def missing_sum(draw: Draw, axis: int | None) -> Callable[[np.random.Generator], Comparison]:
    """The difference is the largest log-sum over all slices: another one for each axis."""

    def drawn(rng: np.random.Generator) -> Comparison:
        x = draw(rng)
        along = -1 if axis is None else axis
        wrong = x - np.max(x, axis=along, keepdims=True)
        return Comparison(x, axis, without_the_sum, float(np.max(np.abs(wrong - torch_log_softmax(x, along)))))

    return drawn


AXES = [
    Case("a matrix, default axis", missing_sum(normal(3, 6), None)),
    Case("a matrix, axis 0", missing_sum(normal(2, 7), 0)),
    Case("three dimensions, axis 1", missing_sum(normal(5, 3, 8), 1)),
    Case("three dimensions, axis -3", missing_sum(normal(6, 2, 3), -3)),
    Case("four dimensions, axis 2", missing_sum(normal(3, 2, 7, 4), 2)),
    Case("a vector", missing_sum(normal(5), 0)),
    Case("slices far apart", missing_sum(far_apart(4, 3, axis=0, step=1000), -2)),
]


@task(
    "max_difference_from_torch",
    "compares this module's log_softmax with PyTorch's, along every axis",
    weight=3,
)
@pytest.mark.parametrize("case", AXES, ids=str)
def test_axes(student: Student, case: Comparison) -> None:
    check(student, case)
    # the same call again, with a log_softmax that is right
    again = Comparison(case.x, case.axis, right, 0.0)
    assert_matches(difference(student, again), 0.0, what="the result for a right log_softmax")


def tiny_error(rng: np.random.Generator) -> Comparison:
    """An error of 4e-6 in a log-probability below -10: smaller than `np.allclose` sees, larger than rounding."""
    x = normal(4, 3)(rng)
    x[2, 1] -= 12
    error = float(rng.uniform(3e-6, 5e-6))
    return Comparison(rng.permuted(x, axis=1), None, with_errors({float(x[2, 1]): error}), error)


LARGEST = [
    Case("one entry too large", logits_and_errors(normal(4, 5), None, 0.3)),
    Case("one entry too small", logits_and_errors(normal(3, 7), -1, -0.4)),
    Case("errors of both signs", logits_and_errors(normal(2, 3, 4), None, 0.5, -0.25, 0.1)),
    Case("errors of both signs, the negative one larger", logits_and_errors(normal(5, 4), -1, 0.2, -0.7, 0.1)),
    Case("a small error", logits_and_errors(normal(6), None, 3e-5)),
    Case("a large error", logits_and_errors(normal(4, 4), -1, -2000.0)),
    Case("large logits", logits_and_errors(normal(3, 5, offset=1000), -1, 0.6)),
    Case("one entry in all", logits_and_errors(normal(1), None, -0.9)),
]


@task("max_difference_from_torch", "the largest difference in size, whatever its sign", weight=2)
@pytest.mark.parametrize("case", LARGEST, ids=str)
def test_largest(student: Student, case: Comparison) -> None:
    check(student, case)


def coarse_float32(rng: np.random.Generator) -> Comparison:
    """At 2**20 float32 numbers lie 1/8 apart: PyTorch's float32 answer is off from its float64 answer by
    0.02 or more.

    Each slice has k equal high logits, and whole numbers around 0: their log-probability is -(the
    difference) - log(k).
    """
    x = -rng.integers(0, 900, (4, 9)).astype(np.float32)
    for row, k in enumerate((2, 3, 6, 7)):
        x[row, :k] = rng.integers(2**20 + 1, 2**20 + 999)
    return Comparison(rng.permuted(x, axis=1), -1, only_for(np.float32), 0.0, atol=1e-3)


def fine_float64(rng: np.random.Generator) -> Comparison:
    """Float32 would round these logits by 0.001 or more."""
    return Comparison(normal(3, 5, offset=50_000)(rng), 1, only_for(np.float64), 0.0)


DTYPES = [
    Case("float32, where it differs from float64", coarse_float32),
    Case("float64, where it differs from float32", fine_float64),
    Case("float32, one entry off", logits_and_errors(normal(3, 6, dtype=np.float32), None, 0.3)),
    Case("float64, a tiny error", tiny_error),
]


@task("max_difference_from_torch", "both sides are given the dtype of x")
@pytest.mark.parametrize("case", DTYPES, ids=str)
def test_dtypes(student: Student, case: Comparison) -> None:
    check(student, case)


MASKED = [
    Case("right but for one entry", logits_and_errors(masked(normal(4, 6), axis=1), None, 0.3)),
    Case("right but for two entries", logits_and_errors(masked(normal(2, 4, 5), axis=2), -1, 0.6, 0.1)),
    Case("float32", logits_and_errors(masked(normal(3, 5, dtype=np.float32), axis=1), -1, 0.5)),
    Case("most of a vector", logits_and_errors(masked(normal(9), axis=0, share=0.8), None, 0.8)),
    Case("right everywhere", logits_and_errors(masked(normal(3, 4), axis=1), -1)),
]


@task("max_difference_from_torch", "equal infinities (masked entries) differ by 0")
@pytest.mark.parametrize("case", MASKED, ids=str)
def test_masked(student: Student, case: Comparison) -> None:
    check(student, case)


def spoiled(draw: Draw, where: int, value: float) -> Callable[[np.random.Generator], Comparison]:
    """One entry that should be finite, the `where`-th, is not a number of any use."""

    def drawn(rng: np.random.Generator) -> Comparison:
        x = draw(rng)
        place = float(x[np.isfinite(x)][where])
        return Comparison(x, None, with_errors({place: value}), value * value)

    return drawn


def two_masked(rng: np.random.Generator) -> Array:
    """Two masked entries in one row: in a row with no other, PyTorch's own answer would be NaN."""
    x = normal(3, 5)(rng)
    x[1, rng.permutation(5)[:2]] = -np.inf
    return x


def large_and_finite(rng: np.random.Generator) -> Comparison:
    """A masked entry whose log-probability is given as -1e30."""
    x = two_masked(rng)
    return Comparison(x, -1, lambda x, axis=-1: np.maximum(right(x, axis), -1e30), np.inf)


def other_infinity(rng: np.random.Generator) -> Comparison:
    """A log-softmax that gives inf for masked entries, where PyTorch gives -inf."""
    x = two_masked(rng)
    return Comparison(x, -1, lambda x, axis=-1: np.where(np.isneginf(x), np.inf, right(x, axis)), np.inf)


def nan_of_pytorch(rng: np.random.Generator) -> Comparison:
    """PyTorch gives NaN for a slice that is all masked, this log-softmax -inf."""
    x = normal(4, 3)(rng)
    x[rng.integers(4)] = -np.inf
    return Comparison(x, 1, lambda x, axis=-1: np.where(np.isinf(x), -np.inf, right(x, axis)), np.nan)


SPOILED = [
    # numbers first, for an answer that is always NaN or inf proves nothing
    Case("a number", logits_and_errors(normal(3, 4), None, 0.5)),
    Case("NaN in the first place", spoiled(normal(3, 4), 0, np.nan)),
    Case("NaN in the middle", spoiled(normal(2, 3, 4), 7, np.nan)),
    Case("NaN in the last place", spoiled(normal(6), -1, np.nan)),
    Case("NaN beside masked entries", spoiled(masked(normal(4, 5), axis=1), 2, np.nan)),
    Case("-inf in one place", spoiled(normal(4, 4), 5, -np.inf)),
    Case("inf in one place", spoiled(normal(7), 3, np.inf)),
    Case("a large finite number for a masked entry", large_and_finite),
    Case("NaN on PyTorch's side", nan_of_pytorch),
    Case("inf for a masked entry", other_infinity),
]


@task("max_difference_from_torch", "NaN or an infinity on one side only is never hidden")
@pytest.mark.parametrize("case", SPOILED, ids=str)
def test_spoiled(student: Student, case: Comparison) -> None:
    value = difference(student, case)
    if np.isnan(case.expected) and isinstance(value, float | np.floating):
        assert not np.isfinite(value), "NaN on one side only, and yet the result is an ordinary number."
    else:
        assert_matches(value, case.expected, atol=case.atol)


VIEWS = [
    Case("a reversed vector", logits_and_errors(viewed(normal(6), lambda x: x[::-1]), None, 0.5)),
    Case("reversed in both axes", logits_and_errors(viewed(normal(3, 5), lambda x: x[::-1, ::-1]), -1, 0.4)),
    Case("transposed", logits_and_errors(viewed(normal(6, 3), np.transpose), -1, 0.3)),
    Case("every other row", logits_and_errors(viewed(normal(8, 9), lambda x: x[::2, 1::3]), None, 0.6)),
    Case("contiguous", logits_and_errors(normal(4, 4), -1, 0.2)),
]


@task("max_difference_from_torch", "any strided view, which is left as it is")
@pytest.mark.parametrize("case", VIEWS, ids=str)
def test_views(student: Student, case: Comparison) -> None:
    check(student, case)
    assert_unchanged(student, "x")
