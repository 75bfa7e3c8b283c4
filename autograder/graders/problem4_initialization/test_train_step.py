"""train_step (further). How it goes wrong:

- the error: a mean, no 1/2, a sign, a sigmoid at the output, the wrong difference;
- w1's gradient: the upstream gradient left out (as in the CS231n summary's own code) or without w2, w2 already
  updated, no slope of the sigmoid, slope s(h) (1 - s(h)) or h (1 + h), tanh's slope, x left out;
- the step: uphill, the gradient returned in place of the weights, one matrix only, learning_rate left out, squared or
  divided by N, the results exchanged, one step an example, momentum, decay, clipping;
- the sigmoid: overflow at -1000 or NaN at 1000, a warning, a clip that is too tight;
- arguments changed in place; sizes of 1 squeezed; integers cut off; single precision; kept by identity.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from autograder.grading import Case, assert_matches, assert_unchanged, fail, task
from autograder.grading.checks import kind

Arguments = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]


@dataclass(frozen=True)
class Step:
    """Arguments of `train_step`, and the weights that are due."""

    arguments: Arguments
    w1: np.ndarray
    w2: np.ndarray


def step(arguments: Arguments) -> Step:
    """One step by PyTorch's autograd, in float64."""
    *arrays, learning_rate = arguments
    x, target, w1, w2 = (torch.tensor(np.ascontiguousarray(a).astype(np.float64)) for a in arrays)
    w1.requires_grad_()
    w2.requires_grad_()
    loss = 0.5 * ((torch.sigmoid(x @ w1) @ w2 - target) ** 2).sum()
    loss.backward()  # type: ignore[no-untyped-call]
    new = [(w - learning_rate * w.grad).detach().numpy() for w in (w1, w2)]  # type: ignore[operator]
    return Step(arguments, *new)


def steps(name: str, draw: Callable[[np.random.Generator], Arguments]) -> Case:
    return Case(name, lambda rng: step(draw(rng)))


def sizes(name: str, n: int, d: int, h: int, k: int, scale: float = 1.0, rate: float | None = None) -> Case:
    """Normal inputs and targets (times `scale`) and weights."""

    def draw(rng: np.random.Generator) -> Arguments:
        x, target = scale * rng.normal(size=(n, d)), scale * rng.normal(size=(n, k))
        w1, w2 = rng.normal(size=(d, h)) / scale, rng.normal(size=(h, k))
        return x, target, w1, w2, float(rng.uniform(0.1, 0.8)) if rate is None else rate

    return steps(name, draw)


STEPS = [
    sizes("all sizes different", 6, 4, 7, 3),
    sizes("a wide hidden layer", 3, 5, 12, 2),
    sizes("a large batch", 20, 3, 5, 4),
    sizes("all sizes equal", 4, 4, 4, 4),
    sizes("a large error", 8, 5, 6, 3, scale=100.0),
    sizes("a large step", 5, 3, 4, 2, rate=2.5),
    sizes("a tiny step", 5, 3, 4, 2, rate=1e-3),
]
SINGLES = [
    sizes("a batch of one", 1, 4, 5, 3),
    sizes("one input", 5, 1, 4, 3),
    sizes("one hidden unit", 5, 4, 1, 3),
    sizes("one output", 5, 3, 4, 1),
    sizes("one of everything", 1, 1, 1, 1),
]


def both(result: Any) -> tuple[Any, Any]:
    """Two results, in a tuple or a list (see `test_tuple`)."""
    if not isinstance(result, tuple | list) or len(result) != 2:
        fail(f"The result should be the tuple (new_w1, new_w2), but it is {kind(result)}.")
    return result[0], result[1]


def assert_steps(result: Any, due: Step) -> None:
    w1, w2 = both(result)
    assert_matches(w2, due.w2, what="`new_w2`")
    assert_matches(w1, due.w1, what="`new_w1`")


@task("train_step", "the step of w1: the error goes back through w2 and the sigmoid", weight=3)
@pytest.mark.parametrize("case", STEPS, ids=str)
def test_w1(student: Any, case: Step) -> None:
    w1, _ = both(student.train_step(*case.arguments))
    assert_matches(w1, case.w1, what="`new_w1`")


@task("train_step", "the step of w2", weight=2)
@pytest.mark.parametrize("case", STEPS, ids=str)
def test_w2(student: Any, case: Step) -> None:
    _, w2 = both(student.train_step(*case.arguments))
    assert_matches(w2, case.w2, what="`new_w2`")


@task("train_step", "sizes of 1")
@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_singles(student: Any, case: Step) -> None:
    assert_steps(student.train_step(*case.arguments), case)


@task("train_step", "the tuple (new_w1, new_w2)")
@pytest.mark.parametrize("case", STEPS[:1], ids=str)
def test_tuple(student: Any, case: Step) -> None:
    x, target, w1, w2, rate = case.arguments
    result = student.train_step(x=x, target=target, w1=w1, w2=w2, learning_rate=rate)
    if not isinstance(result, tuple):
        fail(f"The result should be a tuple, but it is {kind(result)}.")
    assert_steps(result, case)


def saturated(name: str, x: Callable[[np.random.Generator], np.ndarray], spread: float) -> Case:
    """Inputs `x` (6, 3) of which the first column meets weights of +-`spread`; large errors, small other weights."""

    def draw(rng: np.random.Generator) -> Arguments:
        w1 = rng.normal(size=(3, 5)) / 10
        w1[0] = spread * np.array([1, -1, 1, -1, 1])
        return (
            x(rng),
            30 * rng.normal(size=(6, 2)),
            w1,
            rng.normal(size=(5, 2)),
            float(rng.uniform(0.1, 0.8)),
        )

    return steps(name, draw)


def beside(rng: np.random.Generator, *first: float) -> np.ndarray:
    """A batch with this first column, in any order, and normal numbers beside it."""
    return np.column_stack([rng.permutation(first), rng.normal(size=(len(first), 2))])


# A sigmoid clipped at 20 (2e-9 for 0) is off by 1e-4 and more here; one clipped at 30 (1e-13) or beyond is right.
SATURATED = [
    saturated("inputs of 1000", lambda rng: beside(rng, 1000, -1000, 1000, -1000, 0.5, -0.5), 1.0),
    saturated("weights of 1000", lambda rng: beside(rng, 1, -1, 1, -1, 0.001, -0.001), 1000.0),
    saturated("from 20 to 800", lambda rng: beside(rng, 20, -35, 100, -300, 720, -800), 1.0),
    saturated("only negative", lambda rng: -np.abs(beside(rng, 1000, 900, 800, 750, 700, 600)), 1.0),
]


@task("train_step", "inputs of 1000 and -1000, without overflow or a warning", weight=2)
@pytest.mark.parametrize("case", SATURATED, ids=str)
def test_saturation(student: Any, case: Step) -> None:
    assert_steps(student.train_step(*case.arguments), case)
    for warning in student.calls[-1].warnings:
        # NumPy's own, of the sigmoid: underflow is right, and some BLAS libraries warn in any large product.
        if warning.startswith("RuntimeWarning") and "underflow" not in warning and "matmul" not in warning:
            fail(f"There was a warning for inputs of about 1000 or -1000, where none should arise: {warning}.")


def integers(name: str, x_dtype: type[np.integer[Any]], target_dtype: type[np.integer[Any]]) -> Case:
    """Integers over the whole range of small dtypes."""

    def draw(rng: np.random.Generator) -> Arguments:
        low, high = max(np.iinfo(x_dtype).min, -300), min(np.iinfo(x_dtype).max, 300)
        x = rng.integers(low, high, size=(6, 4), endpoint=True).astype(x_dtype)
        x[0, :2] = low, high
        target = rng.integers(0, 2, size=(6, 3)).astype(target_dtype)
        return (
            x,
            target,
            rng.normal(size=(4, 5)) / 200,
            rng.normal(size=(5, 3)),
            float(rng.uniform(0.01, 0.1)),
        )

    return steps(name, draw)


def views(rng: np.random.Generator) -> Arguments:
    x, target = rng.normal(size=(4, 6)).T, rng.normal(size=(12, 6))[::-2, ::2]
    return (
        x,
        target,
        rng.normal(size=(4, 5))[::-1, ::-1],
        rng.normal(size=(3, 5)).T,
        float(rng.uniform(0.1, 0.8)),
    )


def repeated(rng: np.random.Generator) -> Arguments:
    x, target = np.broadcast_to(rng.normal(size=4), (6, 4)), np.broadcast_to(rng.normal(size=(6, 1)), (6, 3))
    return x, target, rng.normal(size=(5, 4)).T, rng.normal(size=(10, 3))[::2], float(rng.uniform(0.1, 0.8))


VIEWS = [
    integers("int64 and int64", np.int64, np.int64),
    integers("uint8 and int8", np.uint8, np.int8),
    integers("int8 and uint8", np.int8, np.uint8),
    integers("int16 and uint32", np.int16, np.uint32),
    steps("transposed and reversed", views),
    steps("repeated and sliced", repeated),
]


@task("train_step", "integer inputs and strided views")
@pytest.mark.parametrize("case", VIEWS, ids=str)
def test_views(student: Any, case: Step) -> None:
    assert_steps(student.train_step(*case.arguments), case)


@task("train_step", "leaves its arguments alone, and computes anew in each call")
@pytest.mark.parametrize("case", STEPS[3:4], ids=str)
def test_two_calls(student: Any, case: Step) -> None:
    x, target, w1, w2 = (a.copy() for a in case.arguments[:4])
    rate = case.arguments[4]
    assert_steps(student.train_step(x, target, w1, w2, rate), case)
    assert_unchanged(student)
    assert_steps(student.train_step(x, target, w1, w2, rate), case)  # momentum would show
    student.change(target, case.arguments[1] - 1)
    student.change(w1, 2 * case.arguments[2])
    assert_steps(student.train_step(x, target, w1, w2, rate / 2), step((x, target, w1, w2, rate / 2)))
    assert_unchanged(student)
