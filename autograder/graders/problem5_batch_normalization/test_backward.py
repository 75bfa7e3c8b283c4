"""Hidden graders of BatchNorm2d.backward.

What is right depends on x, gamma, eps and the mode alone: in inference the statistics are assigned here, so
that a wrong running update costs nothing.

How it can be wrong: the batch's statistics taken for constants, or one of the two terms left out; the terms
of inference and training mixed up; N instead of N*H*W, m - 1 instead of m; gamma left out, used twice, or in
grad_gamma; x instead of the normalized x; eps left out of the inverse deviation; sums over the batch axis
alone, kept dimensions; gradients averaged, or added up over calls; the cache of another layer or of another
call, none of inference calls; x kept by reference, which the caller changes; float32 sums; no RuntimeError;
grad_output changed; results overwritten later.

Where eps is not the point, images and gradients have a spread of 1e3 (grad_x is then of size 1).
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from batch_norm_stand_ins import PARAMETERS, same_contents
from batch_norm_steps import (
    EPS,
    SHAPES,
    TWO_PASS,
    VIEWS,
    WIDE,
    Array,
    Draw,
    Rng,
    Step,
    assert_gradients,
    assert_precise,
    gradients,
    images,
    integers,
    is_close,
    little_variation,
    new_layer,
    put,
    run,
    scales,
    statistics,
    step,
)

from autograder.grading import Case, assert_matches, assert_raises, fail, task


def grads(rng: Rng, x: Array, size: float = WIDE) -> Array:
    """Gradients whose mean over a channel is not 0."""
    return size * (rng.normal(size=x.shape) + rng.uniform(-1, 1, (1, x.shape[1], 1, 1)))


def wide(rng: Rng, *shape: int, **parameters: Any) -> Step:
    x = images(rng, *shape, spread=WIDE)
    return step(x, grads(rng, x), **parameters)


def backward(student: Any, due: Step) -> Any:
    """Forward and backward of a layer of the student's."""
    layer = new_layer(student, due)
    run(layer, due)
    return layer.backward(due.grad_output)


def assert_grad_output_unchanged(student: Any) -> None:
    if student.calls[-1].changed:
        fail("`backward` changed grad_output while it ran; work on a copy or on new arrays instead.")


def trained(*shape: int) -> Draw:
    return lambda rng: wide(rng, *shape)


TRAINING = [Case(name, trained(*shape)) for name, shape in SHAPES.items()]


@task("BatchNorm2d.backward", "grad_x after training: mean and variance depend on x", weight=4)
@pytest.mark.parametrize("case", TRAINING, ids=str)
def test_grad_x(student: Any, case: Step) -> None:
    grad_x, _, _ = gradients(backward(student, case))
    assert_matches(grad_x, case.grad_x, what="grad_x after a training call")


@task("BatchNorm2d.backward", "grad_gamma and grad_beta after training", weight=2)
@pytest.mark.parametrize("case", TRAINING, ids=str)
def test_grad_gamma_and_beta(student: Any, case: Step) -> None:
    _, grad_gamma, grad_beta = gradients(backward(student, case))
    assert_matches(grad_gamma, case.grad_gamma, what="grad_gamma after a training call")
    assert_matches(grad_beta, case.grad_beta, what="grad_beta after a training call")


def inference(rng: Rng, *shape: int) -> Step:
    return wide(rng, *shape, **statistics(rng, shape[1], spread=WIDE), training=False)


@task("BatchNorm2d.backward", "after inference, where the statistics are constants", weight=3)
@pytest.mark.parametrize(
    "case",
    [
        Case("3 channels", lambda rng: inference(rng, 4, 3, 2, 5)),
        Case("1 channel", lambda rng: inference(rng, 2, 1, 3, 4)),
        Case("one value a channel", lambda rng: inference(rng, 1, 5, 1, 1)),
        Case("as many images as channels", lambda rng: inference(rng, 2, 2, 2, 3)),
    ],
    ids=str,
)
def test_inference(student: Any, case: Step) -> None:
    assert_gradients(backward(student, case), case, "after an inference call")


def scaled(rng: Rng, *shape: int, training: bool = True) -> Step:
    """A step with a gamma of either sign, one of them 0."""
    parameters = scales(rng, shape[1])
    if shape[1] > 2:
        parameters["gamma"][rng.integers(shape[1])] = 0.0
    if not training:
        parameters |= statistics(rng, shape[1], spread=WIDE)
    return wide(rng, *shape, **parameters, training=training)


@task("BatchNorm2d.backward", "with gamma and beta other than the initial ones", weight=2)
@pytest.mark.parametrize(
    "case",
    [
        Case("3 channels", lambda rng: scaled(rng, 2, 3, 4, 5)),
        Case("1 channel", lambda rng: scaled(rng, 3, 1, 2, 4)),
        Case("as wide as channels", lambda rng: scaled(rng, 2, 4, 3, 4)),
        Case("3 channels, inference", lambda rng: scaled(rng, 2, 3, 5, 4, training=False)),
        Case("1 channel, inference", lambda rng: scaled(rng, 3, 1, 2, 4, training=False)),
        Case("as high as channels, inference", lambda rng: scaled(rng, 3, 2, 2, 5, training=False)),
    ],
    ids=str,
)
def test_gamma(student: Any, case: Step) -> None:
    assert_gradients(backward(student, case), case, "with gamma and beta assigned")
    assert_grad_output_unchanged(student)


def with_eps(rng: Rng, x: Array, eps: float, training: bool) -> Step:
    channels = x.shape[1]
    mean = x.mean((0, 2, 3)) + np.sqrt(eps) * rng.normal(size=channels)
    var = np.asarray(eps * rng.uniform(0.3, 3, channels))
    return step(x, grads(rng, x, 1.0), mean=mean, var=var, eps=eps, training=training)


@task("BatchNorm2d.backward", "with little variation, where eps matters", weight=2)
@pytest.mark.parametrize(
    "case",
    [
        Case("training", lambda rng: with_eps(rng, little_variation(rng), EPS, True)),
        Case("inference", lambda rng: with_eps(rng, little_variation(rng), EPS, False)),
        Case("eps 0.5, training", lambda rng: with_eps(rng, images(rng, 3, 2, 4, 3), 0.5, True)),
        Case("eps 0.5, inference", lambda rng: with_eps(rng, images(rng, 2, 3, 2, 5), 0.5, False)),
    ],
    ids=str,
)
def test_eps(student: Any, case: Step) -> None:
    assert_gradients(backward(student, case), case, "where eps matters")


def large_mean(rng: Rng, *shape: int) -> Step:
    x = images(rng, *shape, offset=1e4)
    return step(x, grads(rng, x, 1.0), eps=1e-12)  # a slip with eps is judged above


# Of right algorithms the worst is 5e-11 off in grad_x and 8e-10 in grad_gamma, where the error of the mean meets the
# sum of grad_output; those with E[x^2] - E[x]^2 are at least 3e-9 off in grad_x.
BOUNDS = {"grad_x": TWO_PASS, "grad_gamma": 8 * TWO_PASS, "grad_beta": 8 * TWO_PASS}


@task("BatchNorm2d.backward", "keeps its precision where the mean is large against the spread")
@pytest.mark.parametrize(
    "case",
    [
        Case("3 channels", lambda rng: large_mean(rng, 3, 3, 4, 5)),
        Case("1 channel", lambda rng: large_mean(rng, 4, 1, 3, 5)),
        Case("5 channels", lambda rng: large_mean(rng, 2, 5, 5, 4)),
    ],
    ids=str,
)
def test_large_mean(student: Any, case: Step) -> None:
    layer = new_layer(student, case)
    output = run(layer, case)
    result = gradients(layer.backward(case.grad_output))
    # Gradients can be no better than what forward keeps for them, and that is judged in forward.
    precise = is_close(output, case.output, TWO_PASS)
    why = "subtract the mean from x before anything is squared or summed."
    for actual, (name, bound) in zip(result, BOUNDS.items(), strict=True):
        due = getattr(case, name)
        assert_precise(actual, due, bound if precise else np.inf, what=f"{name} for a mean of 1e4", why=why)


def of_dtype(dtype: str, mode: str) -> Draw:
    """Float32 gradients that all but cancel in the sum: a float32 sum would lose what is left."""

    def draw(rng: Rng) -> Step:
        if dtype == "float32":
            x = images(rng, 4, 2, 3, 3, offset=1e5, spread=WIDE, dtype=np.float32)
            half = 1e3 * rng.normal(size=(2, 2, 3, 3)).astype(np.float32)
            grad_output = np.concatenate([half, -half]) + rng.normal(size=x.shape).astype(np.float32)
        else:
            x = integers(rng, dtype, 3, 2, 4, 3, near=5 * 10**8, reach=10**4)  # float32 holds no such integers
            grad_output = integers(rng, dtype, 3, 2, 4, 3)
        if mode == "training":
            return step(x, grad_output)
        mean, var = x.mean((0, 2, 3), dtype=np.float64), x.var((0, 2, 3), dtype=np.float64)
        return step(x, grad_output, mean=mean + 1, var=2 * var, training=False)

    return draw


@task("BatchNorm2d.backward", "works in float64 for float32 and integer arrays too")
@pytest.mark.parametrize(
    "case",
    [
        Case(f"{dtype}, {mode}", of_dtype(dtype, mode))
        for mode, dtypes in {
            "training": ("float32", "int8", "uint8", "int32"),
            "inference": ("float32", "uint8", "int64"),
        }.items()
        for dtype in dtypes
    ],
    ids=str,
)
def test_dtypes(student: Any, case: Step) -> None:
    assert_gradients(backward(student, case), case, f"for {case.grad_output.dtype} arrays")


def viewed(draw: Callable[[Rng], Array]) -> Draw:
    return lambda rng: step(draw(rng), draw(rng))


@task("BatchNorm2d.backward", "takes any view of grad_output and does not change it")
@pytest.mark.parametrize(
    "case",
    [Case(name, viewed(draw)) for name, draw in VIEWS.items()],
    ids=str,
)
def test_views(student: Any, case: Step) -> None:
    assert_gradients(backward(student, case), case, "for arrays that are views")
    assert_grad_output_unchanged(student)


def calls(rng: Rng, *shape: int) -> SimpleNamespace:
    """Calls of two layers, in both modes and on images of different sizes."""
    count, channels, height, width = shape
    parameters = scales(rng, channels) | statistics(rng, channels, spread=WIDE)
    return SimpleNamespace(
        train=wide(rng, *shape, **parameters),
        infer=wide(rng, count + 1, channels, width, height, **parameters, training=False),
        later=(
            wide(rng, count + 1, channels, width, height, **parameters, training=False),
            wide(rng, *shape, **parameters),
        ),
        other=wide(rng, *shape, **scales(rng, channels)),
    )


@task("BatchNorm2d.backward", "is for the last forward call of this very layer", weight=2)
@pytest.mark.parametrize("case", [Case("3 channels", lambda rng: calls(rng, 2, 3, 4, 5))], ids=str)
def test_last_call(student: Any, case: Any) -> None:
    train, infer, other = case.train, case.infer, case.other
    layer, second = new_layer(student, infer), new_layer(student, other)
    run(layer, infer)
    run(layer, train)
    run(second, other)
    assert_gradients(layer.backward(train.grad_output), train, "after several forward calls of two layers")
    assert_gradients(second.backward(other.grad_output), other, "after several forward calls of two layers")
    put(layer, infer)
    run(layer, infer)
    assert_gradients(layer.backward(infer.grad_output), infer, "for the last of several forward calls")
    for due in case.later:
        put(layer, due)
        x = due.x.copy()
        layer.forward(x, training=due.training)
        assert_gradients(layer.backward(due.grad_output), due, "for the last of several forward calls")
        student.change(x, x[::-1] + 1)
        assert_gradients(layer.backward(due.grad_output), due, "when the caller changes x after forward")


CALLER = """
def first_of_two(layer, grad_output, other):
    first = layer.backward(grad_output)
    layer.backward(other)
    return first
"""


def repeated(rng: Rng, training: bool) -> tuple[Step, ...]:
    x, parameters = images(rng, 3, 2, 4, 2, spread=WIDE), scales(rng, 2)
    if not training:
        parameters |= statistics(rng, 2, spread=WIDE)
    return tuple(step(x, grads(rng, x), **parameters, training=training) for _ in range(2))


@task("BatchNorm2d.backward", "may be called again, and adds nothing up")
@pytest.mark.parametrize(
    "case",
    [
        Case("training", lambda rng: repeated(rng, training=True)),
        Case("inference", lambda rng: repeated(rng, training=False)),
    ],
    ids=str,
)
def test_repeated(student: Any, case: tuple[Step, ...]) -> None:
    layer = new_layer(student, case[0])
    run(layer, case[0])
    parameters = [getattr(layer, name) for name in PARAMETERS]
    grad_output = case[0].grad_output.copy()
    for due in (case[0], case[0], case[1]):
        student.change(grad_output, due.grad_output)
        assert_gradients(layer.backward(grad_output), due, "when backward is called several times")
    for name, before in zip(PARAMETERS, parameters, strict=True):
        if not same_contents(getattr(layer, name), before):
            fail(f"`backward` changed the layer's {name}; only a training call of `forward` may change the layer.")
    caller = student.stand_in(CALLER)
    first = caller.first_of_two(layer, case[0].grad_output, case[1].grad_output)
    assert_gradients(first, case[0], "of one call, looked at after the next,")


@task("BatchNorm2d.backward", "raises RuntimeError when there was no forward call")
@pytest.mark.parametrize("case", [Case("new layer", lambda rng: wide(rng, 2, 3, 4, 2))], ids=str)
def test_no_forward(student: Any, case: Step) -> None:
    why = "backward is called before forward"
    assert_raises(RuntimeError, student.BatchNorm2d(case.channels).backward, case.grad_output, why=why)
    layer = student.BatchNorm2d(case.channels)
    run(layer, case)
    assert_raises(RuntimeError, student.BatchNorm2d(case.channels).backward, case.grad_output, why=why)
    _, _, grad_beta = gradients(layer.backward(case.grad_output))
    assert_matches(grad_beta, case.grad_beta, what="grad_beta after a forward call")
