"""Hidden graders of compare_with_torch, with layers of the grader's (see batch_norm_stand_ins) in place of BatchNorm2d.

How it can be wrong: constants, or one layer compared with itself; a signed, mean, summed or relative
difference; keys swapped; eps or momentum not passed on (to one layer or to both); the PyTorch layer in float32; PyTorch
in inference mode, or no update of its statistics; another gradient than `grad_output`, or none; more than one step;
NumPy's `var` compared with running_var; arguments changed; views that PyTorch does not take.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from batch_norm_stand_ins import QUANTITIES, FlawedLayer
from batch_norm_steps import EPS, MOMENTUM, VIEWS, Array, Rng, images, integers

from autograder.grading import Case, assert_matches, assert_unchanged, fail, task

# Two right layers differ by rounding: 1e-14 for values of size 1, 1e-11 for x around 1e3. Float32 is 1e-7 off and more.
ROUNDING = 1e-10


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
    values: Array = rng.uniform(0.01, 1) * rng.uniform(-0.8, 0.8, shape)
    values.flat[rng.integers(values.size)] = rng.choice([-1, 1]) * rng.uniform(1, 2)
    return values


def compare(student: Any, case: Comparison, *args: Any, **kwargs: Any) -> tuple[dict[str, Any], FlawedLayer]:
    """What the student's function says of a layer with the errors of the case."""
    layer = FlawedLayer(case.errors)
    with layer.put_into(student):
        result = student.compare_with_torch(case.x, case.grad_output, *args, **kwargs)
    if not isinstance(result, dict) or set(result) != set(QUANTITIES):
        fail(f"`compare_with_torch` should return a dict with the keys {', '.join(QUANTITIES)}.")
    return result, layer


def assert_differences(result: dict[str, Any], case: Comparison, names: tuple[str, ...] = QUANTITIES) -> None:
    for name in names:
        assert_matches(result[name], case.due[name], what=f"the difference in {name!r}")
        if not case.due[name] and not abs(result[name]) <= ROUNDING:
            fail(
                f"The difference in {name!r} should be no more than rounding in float64 (1e-10) when the layer is "
                f"right, but it is {float(result[name]):.2g}: is everything float64, the PyTorch layer too?"
            )


def flawed(*wrong: str, shape: tuple[int, ...] = (2, 3, 4, 5)) -> Case:
    name = ", ".join(wrong) + " wrong" if wrong else "a right layer"
    return Case(f"{name} {shape}", lambda rng: comparison(rng, images(rng, *shape), wrong))


OTHERS = {name: tuple(other for other in QUANTITIES if other != name) for name in QUANTITIES}


@task("compare_with_torch", "says how far the outputs are apart", weight=2)
@pytest.mark.parametrize(
    "case",
    [
        flawed("output"),
        flawed("output", shape=(3, 1, 2, 4)),
        flawed("output", shape=(5, 2, 1, 1)),
        flawed(*OTHERS["output"]),
        flawed(),
    ],
    ids=str,
)
def test_output(student: Any, case: Comparison) -> None:
    result, _ = compare(student, case)
    assert_differences(result, case, ("output",))


GRADIENTS = ("grad_x", "grad_gamma", "grad_beta")
STATISTICS = ("running_mean", "running_var")


@task("compare_with_torch", "says how far the gradients are apart", weight=2)
@pytest.mark.parametrize(
    "case",
    [
        *map(flawed, GRADIENTS),
        flawed(*GRADIENTS, shape=(2, 1, 3, 2)),
        flawed("output", *STATISTICS),
        flawed(),
    ],
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
        flawed("output", *GRADIENTS),
        flawed(shape=(2, 2, 1, 1)),
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
    result, layer = compare(student, case, case.eps, case.momentum)
    assert_differences(result, case)
    _assert_called(layer, case, case.eps, case.momentum)
    result, _ = compare(student, case, momentum=case.momentum, eps=case.eps)
    assert_differences(result, case)
    result, layer = compare(student, case)
    assert_differences(result, case)
    _assert_called(layer, case, EPS, MOMENTUM)


def _assert_called(layer: FlawedLayer, case: Comparison, eps: float, momentum: float) -> None:
    """The layer that was compared had the arguments that were given."""
    if not any(call["training"] and _equal(call["x"], case.x) for call in layer.forwards):
        fail("`compare_with_torch` should call forward of this module's BatchNorm2d in training mode on `x`.")
    if not any(_equal(seen, case.grad_output) for seen in layer.backwards):
        fail("`compare_with_torch` should call backward of this module's BatchNorm2d with `grad_output`.")
    if any((call["eps"], call["momentum"]) != (eps, momentum) for call in layer.forwards):
        fail(
            "`compare_with_torch` should make this module's BatchNorm2d with the eps and momentum that it is given."
        )


def _equal(one: Any, other: Array) -> bool:
    return isinstance(one, np.ndarray) and np.array_equal(one, other)


DTYPES = [
    Case(
        "float32",
        lambda rng: comparison(
            rng,
            images(rng, 3, 2, 4, 3, offset=1e3, dtype=np.float32),
            ("grad_x", "running_var"),
            grad_output=images(rng, 3, 2, 4, 3, dtype=np.float32),
        ),
    ),
    Case(
        "integers",
        lambda rng: comparison(
            rng,
            integers(rng, "uint8", 2, 3, 3, 4),
            ("output",),
            grad_output=integers(rng, "int8", 2, 3, 3, 4),
        ),
    ),
]


@task("compare_with_torch", "compares in float64 for float32 and integer arrays too")
@pytest.mark.parametrize("case", DTYPES, ids=str)
def test_dtypes(student: Any, case: Comparison) -> None:
    result, _ = compare(student, case)
    assert_differences(result, case)


def view(rng: Rng, draw: Any) -> Comparison:
    return comparison(rng, draw(rng), ("output", "grad_gamma"), grad_output=draw(rng))


@task("compare_with_torch", "takes any views and does not change them")
@pytest.mark.parametrize(
    "case", [Case(name, lambda rng, draw=draw: view(rng, draw)) for name, draw in VIEWS.items()], ids=str
)
def test_views(student: Any, case: Comparison) -> None:
    result, _ = compare(student, case)
    assert_differences(result, case)
    assert_unchanged(student)
