"""Hidden graders of mode_difference, with layers of the grader's (see batch_norm_stand_ins).

How it can be wrong: a signed, mean or relative difference; the inference output taken after the training call
has moved the statistics; the running statistics not put back (one of them, or a reference saved instead of a
copy); put back, but what `backward` needs is lost; gamma or beta left out in a formula of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from batch_norm_stand_ins import LIKE_THE_STUDENTS, PARAMETERS, forward_numbers, same_contents
from batch_norm_steps import VIEWS, Array, Draw, Rng, Step, images, integers, put, scales, statistics, step

from autograder.grading import Case, assert_matches, assert_unchanged, fail, task

WHAT = "the largest difference between the layer's training and inference outputs"


@dataclass(frozen=True)
class Question:
    """A layer that begins as `due` does, perhaps after the call `before`; how far its modes are apart."""

    before: Step | None
    due: Step
    difference: float


def question(rng: Rng, x: Array, *, sign: int = 0, before: bool | None = None, **parameters: Any) -> Question:
    """With `sign`, the largest difference is one where training is above (+1) or below (-1) inference.

    `before` is the mode of an earlier call, if there was one.
    """
    channels = x.shape[1]
    parameters = scales(rng, channels) | statistics(rng, channels) | parameters
    earlier = None
    if before is not None:
        first = images(rng, 2, channels, 3, 4)
        earlier = step(first, rng.normal(size=first.shape), **parameters, training=before)
        parameters.update(mean=earlier.new_mean, var=earlier.new_var)
    due = step(x, **parameters)
    difference = due.output - step(x, **parameters, training=False).output
    if sign and np.abs(difference).max() != (sign * difference).max():
        due = step(x, **(parameters | {"gamma": -parameters["gamma"]}))
    return Question(earlier, due, float(np.abs(difference).max()))


def of(*shape: int, **options: Any) -> Draw:
    return lambda rng: question(rng, images(rng, *shape), **options)


def make(student: Any, case: Question) -> tuple[Any, Any, Any]:
    """The helpers beside the student's code, the layer's class, and a layer in the state of the case."""
    helpers = student.stand_in(LIKE_THE_STUDENTS, forward_of=forward_numbers)
    layer_class = helpers.like(student.mode_difference)
    begin = case.before or case.due
    layer = layer_class(begin.channels, begin.eps, begin.momentum)
    put(layer, begin)
    if case.before is not None:
        layer.forward(case.before.x, training=case.before.training)
    return helpers, layer_class, layer


def twice(*shape: int, **options: Any) -> Draw:
    """Two questions about one layer, which the first should leave as it was."""

    def draw(rng: Rng) -> tuple[Question, Question]:
        first = question(rng, images(rng, *shape), **options)
        layer: dict[str, Any] = {"gamma": first.due.gamma, "beta": first.due.beta, "momentum": first.due.momentum}
        layer |= {"mean": first.due.running_mean, "var": first.due.running_var}
        return first, question(rng, images(rng, *shape), **layer)

    return draw


def alike(rng: Rng, *shape: int) -> Question:
    """Running statistics all but equal to the batch's: a small difference is a difference too."""
    x = images(rng, *shape)
    return question(rng, x, mean=x.mean((0, 2, 3)), var=(1 + 1e-5) * x.var((0, 2, 3)))


INITIAL = {"gamma": np.ones(4), "beta": np.zeros(4), "mean": np.zeros(4), "var": np.ones(4)}

VALUES = [
    Case("training above inference", of(3, 2, 4, 5, sign=1)),
    Case("training below inference", of(2, 3, 5, 4, sign=-1)),
    Case("one channel of one image", of(1, 1, 2, 4, sign=-1)),
    Case("images of one pixel", of(6, 3, 1, 1, momentum=1.0)),
    Case("another eps", of(2, 2, 3, 5, eps=0.5, momentum=0.3)),
    Case("new layer", of(3, 4, 2, 4, **INITIAL)),
    Case("a mean of 1e4", lambda rng: question(rng, 1e4 + images(rng, 2, 3, 4, 4), mean=np.full(3, 1e4))),
    Case("modes all but alike", lambda rng: alike(rng, 3, 2, 4, 4)),
]


@task("mode_difference", "gives the largest absolute difference between the two modes", weight=2)
@pytest.mark.parametrize("case", VALUES, ids=str)
def test_value(student: Any, case: Question) -> None:
    _, layer_class, layer = make(student, case)
    with student.replaced("BatchNorm2d", layer_class):
        assert_matches(student.mode_difference(layer, case.due.x), case.difference, what=WHAT)


@task("mode_difference", "leaves the parameters and running statistics as they were", weight=2)
@pytest.mark.parametrize(
    "case",
    [
        Case("3 channels", twice(2, 3, 4, 5)),
        Case("1 channel, after a training call", twice(2, 1, 3, 4, momentum=0.9, before=True)),
    ],
    ids=str,
)
def test_statistics_stay(student: Any, case: tuple[Question, Question]) -> None:
    _, layer_class, layer = make(student, case[0])
    before = {name: getattr(layer, name) for name in (*PARAMETERS, "eps", "momentum")}
    x = case[0].due.x.copy()
    with student.replaced("BatchNorm2d", layer_class):
        for asked, when in zip(case, ("", ", asked again after x was changed,"), strict=True):
            student.change(x, asked.due.x)
            assert_matches(student.mode_difference(layer, x), asked.difference, what=WHAT + when)
            for name, values in before.items():
                if not same_contents(getattr(layer, name), values):
                    fail(f"`mode_difference` changed the layer's {name}; it should leave the layer exactly as it was.")


def off_the_record(student: Any, function: Any, *args: Any) -> Any:
    """What a helper tells of the layer: how a student's class keeps things is no part of any mistake."""
    value = function(*args)
    student.calls.pop()
    return value


@task("mode_difference", "leaves what a backward of the layer needs as it was")
@pytest.mark.parametrize(
    "case",
    [
        Case("after a training call", of(2, 3, 4, 5, before=True)),
        Case("after an inference call", of(3, 2, 2, 3, before=False)),
        Case("before any call", of(2, 2, 3, 3)),
    ],
    ids=str,
)
def test_backward_stays(student: Any, case: Question) -> None:
    helpers, layer_class, layer = make(student, case)
    grad_output = np.zeros((1, 1, 1, 1)) if case.before is None else case.before.grad_output
    with student.replaced("BatchNorm2d", layer_class):
        due = off_the_record(student, helpers.gradients, layer, grad_output)
        before = off_the_record(student, helpers.state, layer)
        assert_matches(student.mode_difference(layer, case.due.x), case.difference, what=WHAT)
        if same_contents(off_the_record(student, helpers.state, layer), before):
            return
        # Something was exchanged. It matters if a caller can see it.
        if due is None or not same_contents(off_the_record(student, helpers.gradients, layer, grad_output), due):
            fail(
                "After `mode_difference`, the layer's `backward` is no longer for the `forward` call before "
                "it: the layer should be left exactly as it was, with all that it keeps."
            )


def viewed(draw: Callable[[Rng], Array]) -> Draw:
    return lambda rng: question(rng, draw(rng))


INPUTS = [
    Case("float32", lambda rng: question(rng, images(rng, 3, 2, 4, 3, dtype=np.float32))),
    Case("uint8", lambda rng: question(rng, integers(rng, "uint8", 2, 3, 3, 4))),
    *(Case(name, viewed(VIEWS[name])) for name in ("reversed along every axis", "one image repeated")),
]


@task("mode_difference", "takes any dtype and view of the images and does not change them")
@pytest.mark.parametrize("case", INPUTS, ids=str)
def test_inputs(student: Any, case: Question) -> None:
    _, layer_class, layer = make(student, case)
    with student.replaced("BatchNorm2d", layer_class):
        assert_matches(student.mode_difference(layer, case.due.x), case.difference, what=WHAT)
    assert_unchanged(student, "its images")
