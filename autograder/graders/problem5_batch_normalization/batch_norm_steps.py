"""Drawn steps of batch normalization with the right answers: `nn.BatchNorm2d` and its autograd in float64."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.grading import assert_matches, fail

Array = np.ndarray
Rng = np.random.Generator
Draw = Callable[[Rng], Any]

EPS, MOMENTUM = 1e-5, 0.1  # the defaults of the exercise and of nn.BatchNorm2d
INITIAL = {"gamma": 1.0, "beta": 0.0, "running_mean": 0.0, "running_var": 1.0}

# A spread of the images at which eps = 1e-5 cannot be seen, so that a slip with eps costs one behaviour.
WIDE = 1e3

# What a two-pass algorithm in float64 reaches for values of mean 1e4 and spread 1, 20 to 100 a channel:
# NumPy 2e-12, and a sequential sum, Welford, y = a*x + b and PyTorch 1e-11. E[x^2] - E[x]^2 is 2e-8 off.
TWO_PASS = 5e-10

SHAPES = {
    "3 channels": (4, 3, 5, 6),
    "1 channel": (5, 1, 3, 2),
    "2 channels, as many images": (2, 2, 4, 3),
    "5 channels of one image": (1, 5, 2, 3),
    "images of one pixel": (7, 3, 1, 1),
    "images of one row": (3, 4, 1, 5),
    "two values a channel": (2, 3, 1, 1),
    "one column of one image": (1, 2, 3, 1),
    "all sizes equal": (3, 3, 3, 3),
}


@dataclass(frozen=True)
class Step:
    """One forward call and its backward: what goes in, and what comes out of `nn.BatchNorm2d`."""

    x: Array
    grad_output: Array
    gamma: Array
    beta: Array
    running_mean: Array
    running_var: Array
    eps: float
    momentum: float
    training: bool
    output: Array
    new_mean: Array
    new_var: Array
    grad_x: Array
    grad_gamma: Array
    grad_beta: Array

    @property
    def channels(self) -> int:
        return int(self.x.shape[1])


def step(
    x: Array,
    grad_output: Array | None = None,
    *,
    gamma: Array | None = None,
    beta: Array | None = None,
    mean: Array | None = None,
    var: Array | None = None,
    eps: float = EPS,
    momentum: float = MOMENTUM,
    training: bool = True,
) -> Step:
    """Let PyTorch do one step, in float64, from these parameters (the initial ones where none are given)."""
    channels = x.shape[1]
    grad_output = np.zeros(x.shape) if grad_output is None else grad_output
    gamma = np.ones(channels) if gamma is None else gamma
    beta = np.zeros(channels) if beta is None else beta
    mean = np.zeros(channels) if mean is None else mean
    var = np.ones(channels) if var is None else var
    layer = torch.nn.BatchNorm2d(channels, eps, momentum).double().train(training)
    parameters = {"weight": gamma, "bias": beta, "running_mean": mean, "running_var": var}
    layer.load_state_dict({name: tensor(values) for name, values in parameters.items()}, strict=False)
    leaf = tensor(x).requires_grad_()
    output = layer(leaf)
    gradients = torch.autograd.grad(output, [leaf, layer.weight, layer.bias], tensor(grad_output))
    after = {name: values.numpy() for name, values in layer.named_buffers()}
    return Step(
        x, grad_output, gamma, beta, mean, var, eps, momentum, training,
        output.detach().numpy(), after["running_mean"], after["running_var"],
        *(gradient.numpy() for gradient in gradients),
    )  # fmt: skip


def tensor(array: Array) -> torch.Tensor:
    """A float64 copy, whatever the dtype and strides."""
    return torch.from_numpy(np.array(array, dtype=np.float64, order="C"))


def images(rng: Rng, *shape: int, offset: float | Array = 0.0, spread: float = 1.0, dtype: Any = np.float64) -> Array:
    """Images (N, C, H, W) whose channels differ in mean and spread, around `offset`."""
    channels = (1, shape[1], 1, 1)
    mean = offset + 2 * spread * rng.uniform(-1, 1, channels)
    values: Array = mean + spread * rng.uniform(0.5, 2, channels) * rng.normal(size=shape)
    return values.astype(dtype)


def integers(rng: Rng, dtype: str, *shape: int, near: int = 0, reach: int = 10**8) -> Array:
    """Integers over the whole range of a short dtype; of a long one, those within `reach` of `near`."""
    limits = np.iinfo(dtype)
    low, high = limits.min, limits.max
    if high > near + reach:
        low, high = max(low, near - reach), near + reach
    values: Array = rng.integers(low, high, shape, dtype=dtype, endpoint=True)
    return values


def little_variation(rng: Rng) -> Array:
    """Images with spreads from far below sqrt(eps) to above it, and a channel of one value only."""
    x: Array = images(rng, 4, 5, 3, 2) * np.array([1e-4, 1e-3, 3e-3, 0.1, 1.0]).reshape(1, 5, 1, 1)
    x[:, rng.integers(5)] = rng.normal()
    return x


def scales(rng: Rng, channels: int) -> dict[str, Any]:
    """A gamma of either sign, and a beta."""
    gamma = rng.uniform(0.5, 2, channels) * rng.choice([-1.0, 1.0], channels)
    return {"gamma": gamma, "beta": rng.normal(size=channels)}


def statistics(rng: Rng, channels: int, spread: float = 1.0) -> dict[str, Any]:
    """Running statistics that are not those of any batch."""
    mean, var = spread * rng.normal(size=channels), spread**2 * rng.uniform(0.3, 3, channels)
    return {"mean": mean, "var": var}


def new_layer(student: Any, due: Step, *, positional: bool = False) -> Any:
    """A layer of the student's in the state in which `due` begins."""
    if positional:
        layer = student.BatchNorm2d(due.channels, due.eps, due.momentum)
    elif (due.eps, due.momentum) == (EPS, MOMENTUM):
        layer = student.BatchNorm2d(due.channels)
    else:
        layer = student.BatchNorm2d(num_features=due.channels, eps=due.eps, momentum=due.momentum)
    put(layer, due)
    return layer


def put(layer: Any, due: Step) -> None:
    """Assign the parameters that are not as in a new layer: copies, for a layer may update them in place."""
    for name, initial in INITIAL.items():
        values = getattr(due, name)
        if not (values == initial).all():
            setattr(layer, name, values.copy())


def run(layer: Any, due: Step) -> Any:
    """The forward call of the step."""
    return layer.forward(due.x, training=due.training)


def gradients(result: Any) -> tuple[Any, Any, Any]:
    """The three things that backward returned."""
    if not isinstance(result, tuple) or len(result) != 3:
        fail("`backward` should return a tuple of three arrays, (grad_x, grad_gamma, grad_beta).")
    return result


def assert_gradients(result: Any, due: Step, when: str = "") -> None:
    """All three gradients of a step."""
    names = ("grad_x", "grad_gamma", "grad_beta")
    for actual, name in zip(gradients(result), names, strict=True):
        assert_matches(actual, getattr(due, name), what=f"{name} {when}".strip())


def is_close(actual: Any, expected: Array, bound: float) -> bool:
    """Whether `actual` is such an array, to within an absolute `bound`."""
    if not isinstance(actual, np.ndarray) or actual.shape != expected.shape or actual.dtype != expected.dtype:
        return False
    return bool((np.abs(actual - expected) <= bound).all())


def assert_precise(actual: Any, expected: Array, bound: float, *, what: str, why: str) -> None:
    """A match to within `bound`, which is tighter than the defaults."""
    assert_matches(actual, expected, what=what)
    if not is_close(actual, expected, bound):
        fail(f"{what} is right to a few digits only: {why}")


VIEWS: dict[str, Callable[..., Array]] = {
    "channels last in memory": lambda rng, spread=WIDE: images(rng, 3, 5, 4, 2, spread=spread).transpose(0, 3, 1, 2),
    "reversed along every axis": lambda rng, spread=WIDE: images(rng, 4, 3, 2, 5, spread=spread)[
        ::-1, ::-1, ::-1, ::-1
    ],
    "every other row and column": lambda rng, spread=WIDE: images(rng, 3, 2, 7, 6, spread=spread)[:, :, ::2, 1::2],
    "one image repeated": lambda rng, spread=WIDE: np.broadcast_to(
        images(rng, 1, 3, 4, 2, spread=spread), (3, 3, 4, 2)
    ),
}
