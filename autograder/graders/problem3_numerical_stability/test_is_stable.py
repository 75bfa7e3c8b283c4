"""Hidden tests of `is_stable` (3b): right and faulty implementations, handed over as functions.

Ways to be wrong: a constant answer; only finiteness, the shape, the sign or the sum of the probabilities
checked; tried on small logits only; a tolerance of more than 0.1 somewhere (relative ones, too) or of
nothing at all; NaN slipping through a comparison; an exception, or some kinds of it, not caught; the
expected answer computed from an array that the implementation has overwritten; one entry checked;
probabilities compared, where all but one are 0; the verdict upside down or not a bool.

What the stub says of the implementations is kept to the letter. A faulty one has the right shape, and
is off by 0.1 or more, NaN, infinite or raises on [1000, 2000, 3000], given as a list, an integer or a
floating array of any dtype (`x - max` is right on that vector, so it is not here). A right one is right for
everything that a test may try: lists, integers, any axis, -inf entries, huge logits, float32 in and out.
Every behaviour holds right and faulty ones, so that a constant earns nothing.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from stability_inputs import Array, as_floating, judge_alone, plain_log_softmax, plain_logsumexp

from autograder.grading import Case, assert_matches, task
from autograder.sandbox.student import Student

Implementation = Callable[..., Array]

RIGHT, FAULTY = True, False


def check(student: Student, case: tuple[Implementation, bool]) -> None:
    function, verdict = case

    def implementation(x: Any, axis: int = -1) -> Array:  # all go by this one name
        with np.errstate(all="ignore"):
            return function(x, axis)

    def once() -> None:
        what = f"the verdict on {'a right' if verdict else 'a faulty'} implementation"
        assert_matches(student.is_stable(implementation), verdict, what=what)

    judge_alone(student, once, log_softmax=plain_log_softmax, logsumexp=plain_logsumexp)


def fixed(name: str, function: Implementation, verdict: bool) -> Case:
    """An implementation with nothing to draw."""
    return Case(name, lambda rng: (function, verdict))


def drawn(name: str, draw: Callable[[np.random.Generator], Implementation]) -> Case:
    """A faulty implementation with something random in it."""
    return Case(name, lambda rng: (draw(rng), FAULTY))


# Right implementations ----------------------------------------------------------------------------------


def by_pytorch(x: Any, axis: int = -1) -> Array:
    x = as_floating(x)
    answer: Array = torch.nn.functional.log_softmax(torch.from_numpy(x.copy()), axis).numpy()
    return answer


def by_logaddexp(x: Any, axis: int = -1) -> Array:
    x = as_floating(x)
    shifted = x - x.max(axis=axis, keepdims=True)
    return np.asarray(shifted - np.expand_dims(np.logaddexp.reduce(shifted, axis=axis), axis))


def slice_by_slice(x: Any, axis: int = -1) -> Array:
    def of_vector(vector: Array) -> Array:
        largest = vector.max()
        return np.asarray(vector - largest - np.log(math.fsum(np.exp(vector - largest))))

    x = as_floating(x)
    return np.apply_along_axis(of_vector, axis, x).astype(x.dtype)


def in_powers_of_ten(x: Any, axis: int = -1) -> Array:
    """Right, but not to the last digit of -2000 and -1000: log10(e) * log(10) is not quite 1 in binary."""
    floating = as_floating(x)
    wide = floating.astype(np.float64)
    digits = (wide - wide.max(axis=axis, keepdims=True)) * np.log10(math.e)
    answer = (digits - np.log10(np.sum(10.0**digits, axis=axis, keepdims=True))) * np.log(10)
    return np.asarray(answer.astype(floating.dtype))


def in_place(x: Any, axis: int = -1) -> Array:
    """Turns the array that it is given into the result."""
    x = as_floating(x)
    x -= x.max(axis=axis, keepdims=True)
    x -= np.log(np.sum(np.exp(x), axis=axis, keepdims=True))
    return np.asarray(x)


def with_a_scratch_array(x: Any, axis: int = -1) -> Array:
    """Uses the array that it is given for the exponentials, and leaves it so."""
    x = as_floating(x)
    answer = x - x.max(axis=axis, keepdims=True)
    np.exp(answer, out=x)
    answer -= np.log(np.sum(x, axis=axis, keepdims=True))
    return np.asarray(answer)


# Faulty implementations ---------------------------------------------------------------------------------


def softmax(x: Any, axis: int = -1) -> Array:
    x = as_floating(x)
    exponentials = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=axis, keepdims=True))


def naive_softmax(x: Any, axis: int = -1) -> Array:
    exponentials = np.exp(as_floating(x))
    return np.asarray(exponentials / exponentials.sum(axis=axis, keepdims=True))


def naive_log_softmax(x: Any, axis: int = -1) -> Array:
    x = as_floating(x)
    return np.asarray(x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True)))


def log_of(probabilities: Implementation) -> Implementation:
    return lambda x, axis=-1: np.asarray(np.log(probabilities(x, axis)))


def shifted_by(statistic: Callable[..., Array]) -> Implementation:
    """Subtracts something that is not the maximum."""

    def implementation(x: Any, axis: int = -1) -> Array:
        x = as_floating(x)
        return naive_log_softmax(x - statistic(x, axis=axis, keepdims=True), axis)

    return implementation


def then(change: Callable[[Array], Array]) -> Implementation:
    """A right answer, spoiled afterwards."""
    return lambda x, axis=-1: np.asarray(change(plain_log_softmax(x, axis)))


def first(change: Callable[[Array], Array]) -> Implementation:
    """The right answer for other logits."""
    return lambda x, axis=-1: plain_log_softmax(change(as_floating(x)), axis)


def with_entry(index: int, value: float) -> Implementation:
    """One entry of the right answer (of every slice along the last axis) replaced."""

    def change(answer: Array) -> Array:
        answer[..., index % answer.shape[-1]] = value
        return answer

    return then(change)


def off_at(index: int, sign: int) -> Callable[[np.random.Generator], Implementation]:
    """One entry is off by a little more than 0.1."""

    def draw(rng: np.random.Generator) -> Implementation:
        amount = sign * rng.uniform(0.102, 0.13)

        def change(answer: Array) -> Array:
            answer[..., index % answer.shape[-1]] += amount
            return answer

        return then(change)

    return draw


def log_of_softmax_plus_eps(low: float, high: float) -> Callable[[np.random.Generator], Implementation]:
    """The eps that forums recommend against log(0)."""

    def draw(rng: np.random.Generator) -> Implementation:
        eps = 10 ** rng.uniform(low, high)
        return lambda x, axis=-1: np.log(softmax(x, axis) + eps)

    return draw


def raising(error: Exception) -> Implementation:
    def implementation(x: Any, axis: int = -1) -> Array:
        raise error

    return implementation


def raising_on_large_logits(x: Any, axis: int = -1) -> Array:
    """math.exp raises where np.exp gives infinity: small logits are all right."""
    exponentials = np.vectorize(math.exp)(as_floating(x))
    return np.asarray(np.log(exponentials / exponentials.sum(axis=axis, keepdims=True)))


class NumericalInstability(Exception):
    """An exception type of somebody's own."""


def overwriting(fill: Callable[[Array], Array], answer: Callable[[Array, int], Array]) -> Implementation:
    """Overwrites its argument, and answers for what it wrote: consistent with x afterwards, and wrong."""

    def implementation(x: Any, axis: int = -1) -> Array:
        filled = fill(as_floating(x))
        if isinstance(x, np.ndarray):
            x[...] = filled
        return np.asarray(answer(filled, axis))

    return implementation


NAIVE = [
    fixed("right: shifted by the maximum", plain_log_softmax, RIGHT),
    fixed("faulty: log of the naive softmax", log_of(naive_softmax), FAULTY),
    fixed("faulty: x - log(sum(exp(x)))", naive_log_softmax, FAULTY),
    fixed("right: by logaddexp", by_logaddexp, RIGHT),
    fixed("faulty: shifted by the mean", shifted_by(np.mean), FAULTY),
    fixed("faulty: shifted by the minimum", shifted_by(np.min), FAULTY),
    fixed("faulty: log of a stable softmax", log_of(softmax), FAULTY),
    fixed("right: PyTorch's own", by_pytorch, RIGHT),
]


@task("is_stable", "accepts the log-sum-exp trick, rejects overflow and underflow", weight=3)
@pytest.mark.parametrize("case", NAIVE, ids=str)
def test_naive(student: Student, case: tuple[Implementation, bool]) -> None:
    check(student, case)


FINITE = [
    fixed("right: slice by slice", slice_by_slice, RIGHT),
    drawn("faulty: log(softmax + a tiny eps)", log_of_softmax_plus_eps(-300, -250)),
    drawn("faulty: log(softmax + eps)", log_of_softmax_plus_eps(-13, -6)),
    fixed("faulty: the softmax itself", softmax, FAULTY),
    fixed("faulty: logits clipped at 500", first(lambda x: np.clip(x, -500, 500)), FAULTY),
    fixed("faulty: logits clipped at 2500", first(lambda x: np.clip(x, -2500, 2500)), FAULTY),
    fixed("faulty: result clipped at -1500", then(lambda answer: np.maximum(answer, -1500.0)), FAULTY),
    fixed("faulty: logits divided by their maximum", first(lambda x: x / np.max(x)), FAULTY),
    fixed("faulty: logits divided by 10", first(lambda x: x / 10), FAULTY),
    fixed(
        "faulty: two entries swapped",
        then(lambda answer: answer[..., [1, 0, *range(2, answer.shape[-1])]]),
        FAULTY,
    ),
    fixed("faulty: sign flipped", then(np.negative), FAULTY),
    fixed("right: shifted by the maximum", plain_log_softmax, RIGHT),
]


@task("is_stable", "rejects finite results that are wrong", weight=3)
@pytest.mark.parametrize("case", FINITE, ids=str)
def test_finite(student: Student, case: tuple[Implementation, bool]) -> None:
    check(student, case)


NEARLY = [
    *(drawn(f"faulty: entry {index} too large", off_at(index, 1)) for index in range(3)),
    fixed("right: by logaddexp", by_logaddexp, RIGHT),
    *(drawn(f"faulty: entry {index} too small", off_at(index, -1)) for index in range(3)),
    fixed("faulty: mean for sum", then(lambda answer: answer + np.log(answer.shape[-1])), FAULTY),
    fixed("faulty: all entries too small", then(lambda answer: answer - 0.125), FAULTY),
    *(fixed(f"faulty: NaN at {index}", with_entry(index, np.nan), FAULTY) for index in range(3)),
    *(fixed(f"faulty: -inf at {index}", with_entry(index, -np.inf), FAULTY) for index in (0, 2)),
    fixed("faulty: inf at 1", with_entry(1, np.inf), FAULTY),
    fixed("right: slice by slice", slice_by_slice, RIGHT),
]


@task("is_stable", "rejects a result with one wrong entry", weight=2)
@pytest.mark.parametrize("case", NEARLY, ids=str)
def test_nearly(student: Student, case: tuple[Implementation, bool]) -> None:
    check(student, case)


RAISING = [
    fixed("right: by PyTorch", by_pytorch, RIGHT),
    fixed("faulty: OverflowError on large logits", raising_on_large_logits, FAULTY),
    fixed("faulty: FloatingPointError", raising(FloatingPointError("overflow encountered in exp")), FAULTY),
    fixed("faulty: ValueError", raising(ValueError("logits too large")), FAULTY),
    fixed("faulty: TypeError", raising(TypeError("unsupported operand")), FAULTY),
    fixed("faulty: IndexError", raising(IndexError("index 3 is out of bounds")), FAULTY),
    fixed("faulty: AssertionError", raising(AssertionError("not finite")), FAULTY),
    fixed("faulty: a warning raised", raising(RuntimeWarning("overflow encountered in exp")), FAULTY),
    fixed("faulty: an exception of its own", raising(NumericalInstability("too large")), FAULTY),
    fixed("right: shifted by the maximum", plain_log_softmax, RIGHT),
]


@task("is_stable", "an implementation that raises is faulty, whatever it raises")
@pytest.mark.parametrize("case", RAISING, ids=str)
def test_raising(student: Student, case: tuple[Implementation, bool]) -> None:
    check(student, case)


OVERWRITING = [
    fixed("right: works in place", in_place, RIGHT),
    fixed("right: leaves exponentials in its argument", with_a_scratch_array, RIGHT),
    fixed("faulty: zeros its argument", overwriting(np.zeros_like, plain_log_softmax), FAULTY),
    fixed("faulty: scales its argument", overwriting(lambda x: x / 1000, plain_log_softmax), FAULTY),
    fixed("faulty: clips its argument", overwriting(lambda x: np.clip(x, 0, 700), plain_log_softmax), FAULTY),
    fixed("faulty: exponentials in place", overwriting(softmax, lambda x, axis: x), FAULTY),
]


@task("is_stable", "implementations may overwrite the array that they are given")
@pytest.mark.parametrize("case", OVERWRITING, ids=str)
def test_overwriting(student: Student, case: tuple[Implementation, bool]) -> None:
    check(student, case)


ROUNDING = [
    fixed("right: last digits differ", in_powers_of_ten, RIGHT),
    fixed("right: slice by slice", slice_by_slice, RIGHT),
    fixed("faulty: naive", naive_log_softmax, FAULTY),
    fixed("faulty: uniform", first(np.zeros_like), FAULTY),
]


@task("is_stable", "an implementation may round differently and still be right")
@pytest.mark.parametrize("case", ROUNDING, ids=str)
def test_rounding(student: Student, case: tuple[Implementation, bool]) -> None:
    check(student, case)
