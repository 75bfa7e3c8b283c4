"""Hidden graders of compare_with_torch, with layers of the grader's (batch_norm_stand_ins) for BatchNorm2d.

How it can be wrong: constants, or one layer compared with itself; a signed, mean, summed or relative
difference; keys swapped; eps or momentum not passed on (to one layer or to both); the PyTorch layer in
float32 or in inference mode; another gradient than `grad_output`, or none; more than one step; statistics
read before the step; arguments changed; views that PyTorch does not take.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from batch_norm_stand_ins import QUANTITIES, FlawedLayer
from batch_norm_steps import EPS, MOMENTUM, VIEWS, Array, Draw, Rng, images, integers

from autograder.grading import Case, assert_matches, assert_unchanged, fail, task

GRADIENTS = ("grad_x", "grad_gamma", "grad_beta")
STATISTICS = ("running_mean", "running_var")


@dataclass(frozen=True)
class Comparison:
    """Arguments, the errors of the layer that is compared, and so the differences that are due."""

    x: Array
    grad_output: Array
    eps: float
    momentum: float
    errors: dict[str, Array]
    due: dict[str, float]


def comparison(
    rng: Rng,
    x: Array,
    wrong: tuple[str, ...],
    *,
    eps: float = EPS,
    momentum: float = MOMENTUM,
    grad_output: Array | None = None,
) -> Comparison:
    errors = {name: error(rng, x.shape if name in ("output", "grad_x") else x.shape[1:2]) for name in wrong}
    due = {name: float(np.abs(errors[name]).max()) if name in errors else 0.0 for name in QUANTITIES}
    if grad_output is None:
        grad_output = rng.normal(size=x.shape)
    return Comparison(x, grad_output, eps, momentum, errors, due)


def error(rng: Rng, shape: tuple[int, ...]) -> Array:
    """Errors of both signs and different sizes, the largest of either sign."""
    values: Array = rng.uniform(-0.8, 0.8, shape)
    values.flat[rng.integers(values.size)] = rng.choice([-1, 1]) * rng.uniform(1, 2)
    return rng.uniform(0.01, 1) * values


def compare(student: Any, case: Comparison, *args: Any, **kwargs: Any) -> tuple[dict[str, Any], FlawedLayer]:
    """What the student's function says of a layer with the errors of the case."""
    layer = FlawedLayer(case.errors)
    with layer.in_place_of_the_students(student):
        result = student.compare_with_torch(case.x, case.grad_output, *args, **kwargs)
    if not isinstance(result, dict) or set(result) != set(QUANTITIES):
        fail(f"`compare_with_torch` should return a dict with the keys {', '.join(QUANTITIES)}.")
    if not layer.forwards:
        fail(
            "`compare_with_torch` did not call forward of the class that the test had put in place of BatchNorm2d: "
            "make the layer inside the function, by that name, each time it is called."
        )
    return result, layer


# Coarser than what float64 gives, so that a PyTorch layer in float32 costs one behaviour, which is strict.
COARSE = 1e-5


def assert_differences(
    result: dict[str, Any], case: Comparison, names: tuple[str, ...] = QUANTITIES, atol: float = COARSE
) -> None:
    for name in names:
        assert_matches(result[name], case.due[name], atol=atol, what=f"the difference in {name!r}")


def flawed(*wrong: str, shape: tuple[int, ...] = (2, 3, 4, 5)) -> Case:
    name = " and ".join(wrong) + " wrong" if wrong else "a right layer"
    return Case(name, lambda rng: comparison(rng, images(rng, *shape), wrong))


@task("compare_with_torch", "says how far the outputs are apart", weight=2)
@pytest.mark.parametrize(
    "case",
    [flawed("output"), flawed("output", *STATISTICS, shape=(3, 1, 2, 4)), flawed(*GRADIENTS, *STATISTICS)],
    ids=str,
)
def test_output(student: Any, case: Comparison) -> None:
    result, _ = compare(student, case)
    assert_differences(result, case, ("output",))


@task("compare_with_torch", "says how far the gradients are apart", weight=2)
@pytest.mark.parametrize(
    "case",
    [*map(flawed, GRADIENTS), flawed(*GRADIENTS, shape=(3, 1, 2, 2)), flawed("output", *STATISTICS)],
    ids=str,
)
def test_gradients(student: Any, case: Comparison) -> None:
    result, _ = compare(student, case)
    assert_differences(result, case, GRADIENTS)


@task("compare_with_torch", "says how far the running statistics are apart", weight=2)
@pytest.mark.parametrize(
    "case",
    [
        *map(flawed, STATISTICS),
        flawed(*STATISTICS, shape=(1, 5, 3, 2)),
        flawed("output", *GRADIENTS, shape=(2, 2, 1, 1)),
    ],
    ids=str,
)
def test_running_statistics(student: Any, case: Comparison) -> None:
    result, _ = compare(student, case)
    assert_differences(result, case, STATISTICS)


def with_parameters(rng: Rng, wrong: tuple[str, ...]) -> Comparison:
    eps, momentum = rng.uniform(0.1, 1), rng.uniform(0.2, 0.9)
    return comparison(rng, images(rng, 3, 2, 4, 5), wrong, eps=eps, momentum=momentum)


@task("compare_with_torch", "passes on x, grad_output, eps and momentum as given")
@pytest.mark.parametrize(
    "case",
    [
        Case("a right layer", lambda rng: with_parameters(rng, ())),
        Case("everything wrong", lambda rng: with_parameters(rng, QUANTITIES)),
    ],
    ids=str,
)
def test_arguments(student: Any, case: Comparison) -> None:
    result, layer = compare(student, case)
    assert_called(layer, case, EPS, MOMENTUM)  # what fails with the defaults has nothing to do with them
    assert_differences(result, case)
    result, layer = compare(student, case, case.eps, case.momentum)
    assert_called(layer, case, case.eps, case.momentum)
    assert_differences(result, case)
    result, layer = compare(student, case, momentum=case.momentum)
    assert_called(layer, case, EPS, case.momentum)
    assert_differences(result, case)
    result, layer = compare(student, case, eps=case.eps)
    assert_called(layer, case, case.eps, MOMENTUM)
    assert_differences(result, case)


def assert_called(layer: FlawedLayer, case: Comparison, eps: float, momentum: float) -> None:
    """The layer that was compared had the arguments that were given."""
    if not any(call["training"] and _equal(call["x"], case.x) for call in layer.forwards):
        fail("`compare_with_torch` should call forward of the module's BatchNorm2d in training mode on `x`.")
    if not any(_equal(seen, case.grad_output) for seen in layer.backwards):
        fail("`compare_with_torch` should call backward of the module's BatchNorm2d with `grad_output`.")
    if any((call["eps"], call["momentum"]) != (eps, momentum) for call in layer.forwards):
        fail("`compare_with_torch` should make the module's BatchNorm2d with the eps and momentum it is given.")


def _equal(one: Any, other: Array) -> bool:
    return isinstance(one, np.ndarray) and np.array_equal(one, other)


def far_from_0(dtype: Any) -> Draw:
    """Of a size at which float32 is far off: by 1e-4 in the output, by more in the sums of gradients."""

    def draw(rng: Rng) -> Comparison:
        x, grad_output = (images(rng, 3, 2, 4, 3, offset=1e3, dtype=dtype) for _ in range(2))
        return comparison(rng, x, ("grad_x", "running_var"), grad_output=grad_output)

    return draw


def whole_numbers(rng: Rng) -> Comparison:
    x, grad_output = integers(rng, "uint8", 2, 3, 3, 4), integers(rng, "int8", 2, 3, 3, 4)
    return comparison(rng, x, ("output",), grad_output=grad_output)


def slight(rng: Rng) -> Comparison:
    """An error that is gone when the differences are rounded to six digits."""
    x, errors = images(rng, 2, 3, 3, 4), {"output": 2.5e-7 * rng.choice([-1.0, 1.0], (2, 3, 3, 4))}
    due = dict.fromkeys(QUANTITIES, 0.0) | {"output": 2.5e-7}
    return Comparison(x, rng.normal(size=x.shape), EPS, MOMENTUM, errors, due)


@task("compare_with_torch", "compares in float64 for float32 and integer arrays too")
@pytest.mark.parametrize(
    "case",
    [
        Case("float64", far_from_0(np.float64)),
        Case("float32", far_from_0(np.float32)),
        Case("integers", whole_numbers),
        Case("a slight error", slight),
    ],
    ids=str,
)
def test_dtypes(student: Any, case: Comparison) -> None:
    result, _ = compare(student, case)
    assert_differences(result, case, atol=0.0)


def viewed(draw: Callable[..., Array]) -> Draw:
    wrong = ("output", "grad_gamma")  # with a spread of 1 rounding is too small to be seen by the diagnosis
    return lambda rng: comparison(rng, draw(rng, spread=1.0), wrong, grad_output=draw(rng, spread=1.0))


@task("compare_with_torch", "takes any views and does not change them")
@pytest.mark.parametrize(
    "case",
    [
        Case(name, viewed(VIEWS[name]))
        for name in ("channels last in memory", "reversed along every axis", "one image repeated")
    ],
    ids=str,
)
def test_views(student: Any, case: Comparison) -> None:
    result, _ = compare(student, case)
    assert_differences(result, case)
    assert_unchanged(student)
