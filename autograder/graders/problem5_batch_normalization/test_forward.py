"""Hidden graders of BatchNorm2d.forward.

How it can be wrong: statistics over the wrong axes (each image, each pixel, all channels together), which
only shows when sizes differ, N > 1, or C > 1; the unbiased variance in the output or the biased one in the
running update (visible for few values); momentum the wrong way round, fixed, or a standard deviation
averaged; eps left out, fixed, or outside the root (visible for little variation only); gamma and beta left
out, broadcast along W, or in one mode only; running statistics not used, changed in inference, kept per
class, replaced by those of the last batch; E[x^2] - E[x]^2; float32 or integer arithmetic; missing checks,
where broadcasting hides a wrong shape (C = 1); one value per channel refused in inference too, H = W = 1 or
N = 1 refused in training; state changed by a refused call; memoizing; results overwritten later; x changed.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from batch_norm_steps import (
    EPS,
    INITIAL,
    SHAPES,
    TWO_PASS,
    VIEWS,
    WIDE,
    Array,
    Draw,
    Rng,
    Step,
    assert_precise,
    images,
    integers,
    little_variation,
    new_layer,
    put,
    run,
    scales,
    statistics,
    step,
)

from autograder.grading import Case, assert_matches, assert_raises, assert_unchanged, task


def wide(*shape: int) -> Draw:
    return lambda rng: step(images(rng, *shape, spread=WIDE))


@task("BatchNorm2d.forward", "normalizes each channel by the batch's mean and biased variance", weight=4)
@pytest.mark.parametrize("case", [Case(name, wide(*shape)) for name, shape in SHAPES.items()], ids=str)
def test_training_output(student: Any, case: Step) -> None:
    layer = student.BatchNorm2d(case.channels)
    assert_matches(layer.forward(case.x, training=True), case.output, what="the training output")


def chain(*batches: Array, **parameters: Any) -> tuple[Step, ...]:
    """Training steps of one layer, each of which begins where the one before ended."""
    steps = [step(batches[0], **parameters)]
    for x in batches[1:]:
        parameters.update(mean=steps[-1].new_mean, var=steps[-1].new_var)
        steps.append(step(x, **parameters))
    return tuple(steps)


RUNNING = [
    Case("one step of a new layer", lambda rng: chain(images(rng, 4, 3, 2, 5))),
    Case("three steps", lambda rng: chain(*(images(rng, n, 2, 3, 2) for n in (3, 1, 4)))),
    Case("momentum 0.3", lambda rng: chain(images(rng, 3, 5, 4, 1), momentum=0.3, **statistics(rng, 5))),
    Case("momentum 0", lambda rng: chain(images(rng, 3, 2, 2, 2), momentum=0.0, **statistics(rng, 2))),
    Case("momentum 1", lambda rng: chain(images(rng, 2, 3, 1, 4), momentum=1.0, **statistics(rng, 3))),
    Case("two values a channel", lambda rng: chain(images(rng, 2, 3, 1, 1))),
    Case("one channel of one image", lambda rng: chain(images(rng, 1, 1, 2, 4))),
    Case("many values a channel", lambda rng: chain(images(rng, 4, 2, 17, 16))),
    Case(
        "float32 images",
        lambda rng: chain(images(rng, 3, 3, 4, 2, offset=10.0, dtype=np.float32), momentum=1.0),
    ),
    Case("uint8 images", lambda rng: chain(integers(rng, "uint8", 2, 2, 5, 3), momentum=1.0)),
    Case("large mean", lambda rng: chain(images(rng, 3, 3, 4, 5, offset=1e4), momentum=1.0)),
]


@task("BatchNorm2d.forward", "moves the running statistics, with the unbiased variance", weight=3)
@pytest.mark.parametrize("case", RUNNING, ids=str)
def test_running_statistics(student: Any, case: tuple[Step, ...]) -> None:
    layer = new_layer(student, case[0])
    why = "compute the batch's mean first, then the squared deviations from it, both in float64."
    for number, due in enumerate(case, start=1):
        run(layer, due)
        when = f"after {number} training call{'s' if number > 1 else ''}"
        for name, values in (("running_mean", due.new_mean), ("running_var", due.new_var)):
            assert_precise(getattr(layer, name), values, _bound(values), what=f"{name} {when}", why=why)


def _bound(values: Array) -> float:
    """For numbers up to 1e4 that of the two-pass formula. For larger ones, which integers give, float64's."""
    return max(TWO_PASS, 1e-13 * float(np.abs(values).max()))


def inference(rng: Rng, *shape: int, before: Array | None = None) -> SimpleNamespace:
    """An inference call with statistics unlike its batch's, perhaps after a training call on `before`."""
    x = images(rng, *shape, spread=WIDE)
    due = step(x, **statistics(rng, shape[1], spread=WIDE), training=False)
    return SimpleNamespace(before=before, due=due)


INFERENCE = [
    Case("3 channels", lambda rng: inference(rng, 4, 3, 2, 5)),
    Case("1 channel", lambda rng: inference(rng, 2, 1, 3, 4)),
    Case("5 channels of one image", lambda rng: inference(rng, 1, 5, 1, 2)),
    Case("as many images as channels", lambda rng: inference(rng, 2, 2, 2, 3)),
    Case("after training", lambda rng: inference(rng, 4, 3, 3, 2, before=images(rng, 2, 3, 4, 2))),
]


@task("BatchNorm2d.forward", "in inference uses the running statistics and leaves them alone", weight=3)
@pytest.mark.parametrize("case", INFERENCE, ids=str)
def test_inference(student: Any, case: Any) -> None:
    due: Step = case.due
    layer = student.BatchNorm2d(due.channels)
    if case.before is not None:
        layer.forward(case.before, training=True)
    put(layer, due)
    for _ in range(2):
        assert_matches(layer.forward(due.x, training=False), due.output, what="the inference output")
        assert_matches(layer.running_mean, due.running_mean, what="running_mean after inference")
        assert_matches(layer.running_var, due.running_var, what="running_var after inference")


def both_modes(rng: Rng, *shape: int, **parameters: Any) -> tuple[Step, Step]:
    x = images(rng, *shape, spread=WIDE)
    parameters |= statistics(rng, shape[1], spread=WIDE)
    return step(x, **parameters, training=False), step(x, **parameters)


@task("BatchNorm2d.forward", "scales by gamma and shifts by beta in both modes", weight=2)
@pytest.mark.parametrize(
    "case",
    [
        Case("3 channels", lambda rng: both_modes(rng, 2, 3, 4, 5, **scales(rng, 3))),
        Case("1 channel", lambda rng: both_modes(rng, 3, 1, 2, 4, **scales(rng, 1))),
        Case("as wide as channels", lambda rng: both_modes(rng, 2, 4, 3, 4, **scales(rng, 4))),
        Case("as high as channels", lambda rng: both_modes(rng, 3, 2, 2, 5, **scales(rng, 2))),
    ],
    ids=str,
)
def test_gamma_and_beta(student: Any, case: tuple[Step, Step]) -> None:
    layer = student.BatchNorm2d(case[0].channels)
    for name, values in INITIAL.items():
        assert_matches(getattr(layer, name), np.full(case[0].channels, values), what=f"{name} of a new layer")
    put(layer, case[0])
    for due, mode in zip(case, ("inference", "training"), strict=True):
        assert_matches(run(layer, due), due.output, what=f"the {mode} output with gamma and beta assigned")


def inference_of(rng: Rng, x: Array, eps: float) -> Step:
    var = np.asarray(eps * rng.uniform(0.3, 3, x.shape[1]))
    return step(x, mean=x.mean((0, 2, 3)), var=var, eps=eps, training=False)


EPS_MATTERS = [
    Case("little variation", lambda rng: step(little_variation(rng))),
    Case(
        "one constant channel",
        lambda rng: step(np.full((2, 1, 3, 2), np.round(100 * rng.normal())), beta=rng.normal(size=1)),
    ),
    Case("eps 0.5", lambda rng: step(images(rng, 3, 2, 4, 3), eps=0.5)),
    Case("eps 1e-3", lambda rng: step(images(rng, 2, 3, 3, 4, spread=0.1), eps=1e-3)),
    Case("eps 1e-12", lambda rng: step(images(rng, 3, 3, 2, 2, spread=1e-3), eps=1e-12)),
    Case("little variation, inference", lambda rng: inference_of(rng, little_variation(rng), EPS)),
    Case("eps 0.5, inference", lambda rng: inference_of(rng, images(rng, 2, 4, 2, 3), 0.5)),
    Case("new layer, inference", lambda rng: step(images(rng, 3, 3, 2, 4), training=False)),
]


@task("BatchNorm2d.forward", "adds the layer's eps to the variance, inside the square root", weight=2)
@pytest.mark.parametrize("case", EPS_MATTERS, ids=str)
def test_eps(student: Any, case: Step) -> None:
    layer = new_layer(student, case, positional=True)
    assert_matches(run(layer, case), case.output, what="the output where eps matters")


def large_mean(rng: Rng, *shape: int, offset: float | Array) -> Step:
    """With a tiny eps, so that a slip with eps costs no more than its own behaviour."""
    return step(images(rng, *shape, offset=offset), eps=1e-12)


LARGE_MEAN = [
    Case("3 channels", lambda rng: large_mean(rng, 3, 3, 4, 5, offset=1e4)),
    Case("1 channel of one image", lambda rng: large_mean(rng, 1, 1, 6, 7, offset=-1e4)),
    Case(
        "5 channels of either sign",
        lambda rng: large_mean(rng, 4, 5, 3, 2, offset=rng.choice([-1e4, 1e4], (1, 5, 1, 1))),
    ),
]


@task("BatchNorm2d.forward", "keeps its precision where the mean is large against the spread", weight=2)
@pytest.mark.parametrize("case", LARGE_MEAN, ids=str)
def test_large_mean(student: Any, case: Step) -> None:
    output = run(new_layer(student, case), case)
    why = "where the mean is large, E[x^2] - E[x]^2 cancels; subtract the mean first, then square."
    what = "the output for a mean of 1e4 and a spread of 1"
    assert_precise(output, case.output, TWO_PASS, what=what, why=why)


def of_dtype(dtype: str, training: bool) -> Draw:
    def draw(rng: Rng) -> Step:
        if dtype == "float32":
            x = images(rng, 3, 2, 4, 3, offset=1e5, spread=WIDE, dtype=np.float32)
        else:
            x = integers(rng, dtype, 3, 2, 4, 3, near=5 * 10**8, reach=10**4)  # float32 holds no such integers
        if training:
            return step(x, eps=1e-12)
        mean, var = x.mean((0, 2, 3), dtype=np.float64), x.var((0, 2, 3), dtype=np.float64)
        return step(x, mean=mean + 1, var=2 * var, eps=1e-12, training=False)

    return draw


@task("BatchNorm2d.forward", "works in float64 for float32 and integer images too", weight=2)
@pytest.mark.parametrize(
    "case",
    [
        *(
            Case(name, of_dtype(name, training=True))
            for name in ("float32", "int8", "uint8", "int16", "int32", "int64")
        ),
        *(Case(f"{name}, inference", of_dtype(name, training=False)) for name in ("float32", "uint8", "int64")),
    ],
    ids=str,
)
def test_dtypes(student: Any, case: Step) -> None:
    output = run(new_layer(student, case), case)
    assert_matches(output, case.output, what=f"the output for {case.x.dtype} images")


def viewed(draw: Callable[[Rng], Array]) -> Draw:
    return lambda rng: step(draw(rng))


@task("BatchNorm2d.forward", "takes any view of the images and does not change them")
@pytest.mark.parametrize("case", [Case(name, viewed(draw)) for name, draw in VIEWS.items()], ids=str)
def test_views(student: Any, case: Step) -> None:
    layer = student.BatchNorm2d(case.channels)
    output = layer.forward(case.x, training=True)
    assert_matches(output, case.output, what="the output for images that are a view")
    layer.forward(case.x, training=False)
    assert_unchanged(student, "its images")


@task("BatchNorm2d.forward", "trains when no mode is given, and takes the mode by position")
@pytest.mark.parametrize("case", [Case("both modes", lambda rng: both_modes(rng, 3, 2, 4, 5))], ids=str)
def test_default_mode(student: Any, case: tuple[Step, Step]) -> None:
    inferring, training = case
    layer = new_layer(student, inferring)
    output = layer.forward(inferring.x, False)
    assert_matches(output, inferring.output, what="the output of forward(x, False)")
    output = layer.forward(training.x, True)
    assert_matches(output, training.output, what="the output of forward(x, True)")
    layer = new_layer(student, training)
    output = layer.forward(training.x)
    assert_matches(output, training.output, what="the output of forward(x), which should train,")


CALLER = """
def first_of_two(layer, x, other):
    first = layer.forward(x, training=True)
    layer.forward(other, training=True)
    return first

def write_into(layer, numbers):
    for name, number in numbers.items():
        try:
            getattr(layer, name)[...] = number
        except (TypeError, ValueError):  # not a list's or a read-only array's to be written into
            pass
"""


def interleaved(rng: Rng, *shape: int) -> tuple[tuple[Step, ...], ...]:
    """Steps of two layers. With momentum 0.5 a momentum the wrong way round is no matter here."""
    return tuple(
        chain(
            *(images(rng, *shape, spread=WIDE) for _ in range(2)),
            momentum=0.5,
            **statistics(rng, shape[1], spread=WIDE),
        )
        for _ in range(2)
    )


@task("BatchNorm2d.forward", "keeps calls and layers apart", weight=2)
@pytest.mark.parametrize("case", [Case("3 channels", lambda rng: interleaved(rng, 2, 3, 2, 4))], ids=str)
def test_independence(student: Any, case: tuple[tuple[Step, ...], ...]) -> None:
    layers = [new_layer(student, steps[0]) for steps in case]
    for number in range(2):
        for layer, steps in zip(layers, case, strict=True):
            due = steps[number]
            assert_matches(run(layer, due), due.output, what="the output of one of two layers")
            assert_matches(layer.running_mean, due.new_mean, what="running_mean of one of two layers")
    x = case[0][0].x.copy()
    layer = new_layer(student, case[0][0])
    for due in case[0]:
        student.change(x, due.x)
        output = layer.forward(x, training=True)
        assert_matches(output, due.output, what="the output for an array whose contents the caller changed")
        assert_matches(layer.running_mean, due.new_mean, what="running_mean after several calls")
    layer.forward(x, training=True)
    again = 0.5 * case[0][1].new_mean + 0.5 * x.mean((0, 2, 3))
    assert_matches(layer.running_mean, again, what="running_mean after a second call with the same array")
    caller = student.stand_in(CALLER)
    first = caller.first_of_two(layer, case[0][0].x, case[0][1].x)
    assert_matches(first, case[0][0].output, what="the output of one call, looked at after the next,")
    channels = case[0][0].channels
    written, second = student.BatchNorm2d(channels), student.BatchNorm2d(channels)
    caller.write_into(written, dict.fromkeys(INITIAL, 7.0))
    try:
        for layer in (second, student.BatchNorm2d(channels)):
            for name, initial in INITIAL.items():
                what = f"{name} of a layer, when a caller wrote into another layer's,"
                assert_matches(getattr(layer, name), np.full(channels, initial), what=what)
    finally:
        caller.write_into(written, INITIAL)  # so that shared arrays cost this behaviour alone


def refused(rng: Rng, channels: int, *shapes: tuple[int, ...]) -> SimpleNamespace:
    """Images that do not fit, and a call that must still be right after them."""
    x, parameters = images(rng, 2, channels, 3, 2, spread=WIDE), statistics(rng, channels, spread=WIDE)
    return SimpleNamespace(
        wrong=[WIDE * rng.normal(size=shape) for shape in shapes], due=step(x, **parameters, training=False)
    )


@task("BatchNorm2d.forward", "refuses images of another shape in both modes", weight=2)
@pytest.mark.parametrize(
    "case",
    [
        Case("another number of channels", lambda rng: refused(rng, 3, (2, 4, 3, 5), (4, 5, 6, 3))),
        Case("one channel for three", lambda rng: refused(rng, 3, (2, 1, 4, 3))),
        Case("three channels for one", lambda rng: refused(rng, 1, (2, 3, 4, 5))),
        Case("three dimensions", lambda rng: refused(rng, 3, (3, 5, 4), (3, 3, 4), (2, 3, 3))),
        Case("two dimensions or one", lambda rng: refused(rng, 3, (4, 3), (3,))),
        Case("five dimensions", lambda rng: refused(rng, 3, (2, 3, 4, 2, 3), (2, 3, 4, 3, 1))),
        Case("five dimensions, one channel", lambda rng: refused(rng, 1, (2, 1, 3, 2, 1))),
    ],
    ids=str,
)
def test_wrong_shape(student: Any, case: Any) -> None:
    due: Step = case.due
    layer = new_layer(student, due)
    for x in case.wrong:
        why = f"the layer has {due.channels} channel{'s' if due.channels > 1 else ''} and x has shape {x.shape}"
        for training in (True, False):
            assert_raises(ValueError, layer.forward, x, training=training, why=why)
    assert_matches(run(layer, due), due.output, what="the inference output after calls that were refused")


def one_value(channels: int) -> Draw:
    def draw(rng: Rng) -> Step:
        parameters = statistics(rng, channels, spread=WIDE)
        return step(images(rng, 1, channels, 1, 1, spread=WIDE), **parameters, training=False)

    return draw


@task("BatchNorm2d.forward", "refuses to train on one value per channel, but infers", weight=1)
@pytest.mark.parametrize("case", [Case("3 channels", one_value(3)), Case("1 channel", one_value(1))], ids=str)
def test_one_value(student: Any, case: Step) -> None:
    layer = new_layer(student, case)
    why = "training with one value per channel"
    assert_raises(ValueError, layer.forward, case.x, training=True, why=why)
    assert_matches(run(layer, case), case.output, what="the inference output for one value per channel")
