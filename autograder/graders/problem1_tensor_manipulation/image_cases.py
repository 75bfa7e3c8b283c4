"""Hidden images with their right answers, the tolerance that a right algorithm needs, and checks.

Tolerance of the statistics. A sum of m numbers up to `top` in a dtype of unit roundoff u (2**-24 in
float32) is off by some u·top·m·sqrt(m)/3 even when it is summed one by one, so the mean by u·top·sqrt(m)/3;
pairwise sums do better. `rounding` allows 12 times that, 4·u·top·sqrt(m). It counts where the mean is large
against the spread; elsewhere PyTorch's defaults are wider. Measured over 400 draws of float32 with a mean
of 1e4 and a spread of 1, as parts of what is allowed: normalized values: one-by-one sums 0.22, Welford's
updates 0.18, F.batch_norm 0.08; E[x²] - E[x]² 40; deviations (a quarter of it allowed): Welford's updates
0.1, one-by-one sums 0.01; E[x²] - E[x]² 80.
Squares are allowed 4 times `rounding` relatively, for algorithms that shift the data by one of its values.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from autograder.grading import Case, assert_matches, assert_unchanged

Rng = np.random.Generator
Draw = Callable[[Rng], torch.Tensor]

UNIT_ROUNDOFF = {torch.float32: 2.0**-24, torch.float64: 2.0**-53}
INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)


@dataclass(frozen=True)
class Images:
    """An input, the right answer (statistics: in float64), and the dtype that the result should have."""

    x: torch.Tensor
    expected: torch.Tensor
    dtype: torch.dtype
    atol: float = 0.0
    rtol: float = 0.0
    eps: float = 1e-5


@dataclass(frozen=True)
class TwoImages:
    """Two inputs of one shape and dtype, with their answers."""

    one: Images
    other: Images


Answer = Callable[[torch.Tensor], Images]

# Inputs -------------------------------------------------------------------------------------------------


def different_sizes(rng: Rng) -> tuple[int, ...]:
    """Four sizes between 2 and 7, all different."""
    return tuple(int(size) for size in rng.permutation(np.arange(2, 8))[:4])


def noise(rng: Rng, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers, then of mean 0 and spread 1 in each channel precisely: none is bad by chance."""
    x = rng.standard_normal(shape)
    if x[:, 0].size > 1:
        x = (x - x.mean(axis=(0, 2, 3), keepdims=True)) / x.std(axis=(0, 2, 3), keepdims=True)
    return x


def normal(rng: Rng, *shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """A centre and a spread of its own for each channel (axis 1), beside which eps is nothing."""
    per_channel = (1, shape[1], 1, 1)
    centre, spread = rng.uniform(-4, 4, per_channel), rng.uniform(2, 5, per_channel)
    return torch.from_numpy(centre + spread * noise(rng, shape)).to(dtype)


def around(rng: Rng, mean: float, *shape: int) -> torch.Tensor:
    """float32 with a spread of about 1 around `mean`, more or less, of another sign in each channel."""
    per_channel = (1, shape[1], 1, 1)
    sign = np.where(np.arange(shape[1]) % 2, -1.0, 1.0).reshape(per_channel)
    centre = sign * mean * rng.uniform(0.8, 1.3, per_channel)
    return torch.from_numpy(centre + rng.uniform(0.9, 1.1, per_channel) * noise(rng, shape)).to(torch.float32)


def double_around(rng: Rng) -> torch.Tensor:
    """float64 with a spread of 30 around some 1e5: a detour over float32 is off by more than is allowed."""
    shape = (3, 5, 4, 6)
    centre = rng.choice([-1e5, 1e5], (1, 5, 1, 1)) * rng.uniform(0.8, 1.3, (1, 5, 1, 1))
    return torch.from_numpy(centre + 30 * noise(rng, shape))


def double_cancelling(rng: Rng) -> torch.Tensor:
    """float64 of size 1e4 with means near 1 over rows and columns: a detour over float32 shows here too."""
    x = 1e4 * rng.standard_normal((3, 5, 4, 6))
    return torch.from_numpy(x - x.mean(axis=(2, 3), keepdims=True) + rng.standard_normal((3, 5, 1, 1)))


def integers(rng: Rng, dtype: torch.dtype, low: int, high: int) -> torch.Tensor:
    """Integers from `low` to `high`, both included."""
    return torch.from_numpy(rng.integers(low, high, different_sizes(rng), endpoint=True)).to(dtype)


def in_dtype(dtype: torch.dtype) -> Draw:
    """Floating images of the given dtype."""
    return lambda rng: normal(rng, *different_sizes(rng), dtype=dtype)


def sized(make: Callable[..., torch.Tensor]) -> Draw:
    """Images made from a generator and four sizes."""
    return lambda rng: make(rng, *different_sizes(rng))


def laid_out(rng: Rng, *order: int) -> torch.Tensor:
    """(N, C, H, W) images whose memory holds their axes in another order."""
    back = [order.index(axis) for axis in range(4)]
    return normal(rng, *different_sizes(rng)).permute(order).contiguous().permute(back)


def sliced(rng: Rng) -> torch.Tensor:
    """Images that are a part of larger ones, with gaps along every axis."""
    x = normal(rng, *different_sizes(rng))
    n, c, h, w = x.shape
    part = normal(rng, 2 * n, c + 1, 2 * h, w + 2)[::2, 1:, 1::2, 1:-1]
    return part.copy_(x)


FLOATS: dict[str, Draw] = {"float32": in_dtype(torch.float32), "float64": in_dtype(torch.float64)}

# An axis of size 1 in every place, and several at once; at least two values per channel.
ONES: dict[str, Draw] = {
    "one image": lambda rng: normal(rng, 1, 3, 4, 5),
    "one channel": lambda rng: normal(rng, 3, 1, 4, 5),
    "one row": lambda rng: normal(rng, 4, 3, 1, 5),
    "one column": lambda rng: normal(rng, 3, 2, 5, 1),
    "one image of one channel": lambda rng: normal(rng, 1, 1, 3, 6),
    "one pixel an image": lambda rng: normal(rng, 6, 2, 1, 1),
    "one image of one row": lambda rng: normal(rng, 1, 5, 1, 7),
    "one channel of one column": lambda rng: normal(rng, 2, 1, 4, 1),
}
ONE_NUMBER: dict[str, Draw] = {"one number": lambda rng: normal(rng, 1, 1, 1, 1)}

# Images that are not contiguous: the views that a caller may hold.
VIEWS: dict[str, Draw] = {
    "transposed": lambda rng: laid_out(rng, 0, 1, 3, 2),
    "channels last in memory": lambda rng: laid_out(rng, 0, 2, 3, 1),
    "channel by channel in memory": lambda rng: laid_out(rng, 1, 0, 2, 3),
    "sliced": sliced,
    "one row for all": sized(lambda rng, n, c, h, w: normal(rng, n, c, 1, w).expand(n, c, h, w)),
    "one image for all": sized(lambda rng, n, c, h, w: normal(rng, 1, c, h, w).expand(n, c, h, w)),
}

# Means that are large against the spread: there E[x²] - E[x]² cancels in float32.
LARGE_MEANS: dict[str, Draw] = {
    "two images": lambda rng: around(rng, 1e4, 2, 3, 6, 7),
    "two channels": lambda rng: around(rng, 1e4, 3, 2, 5, 8),
    "five channels": lambda rng: around(rng, 1e4, 4, 5, 4, 5),
    "fewer rows": lambda rng: around(rng, 1e4, 7, 4, 2, 6),
}


def with_constants(dtype: torch.dtype) -> Draw:
    """Channel 0 is all zeros, channels 1 and 2 hold one number each, channel 3 varies."""

    def draw(rng: Rng) -> torch.Tensor:
        x = 10 * normal(rng, 3, 4, 5, 4, dtype=dtype)
        x[:, 0], x[:, 1], x[:, 2] = 0, rng.uniform(0.5, 4), rng.uniform(-4, -0.5)
        return x

    return draw


def large_constants(rng: Rng) -> torch.Tensor:
    """Channel 0 is all zeros, each other one a large number: one in four shows that E[x²] - E[x]² cancels."""
    numbers = torch.from_numpy(rng.uniform(500, 4000, 60) * rng.choice([-1, 1], 60))
    numbers[0] = 0
    return numbers[None, :, None, None].repeat(2, 1, 3, 5)


CONSTANTS: dict[str, Draw] = {
    "float32": with_constants(torch.float32),
    "float64": with_constants(torch.float64),
    "large numbers in float64": large_constants,
}


def over(*cases: Case) -> pytest.MarkDecorator:
    """Run the test for every case."""
    return pytest.mark.parametrize("case", cases, ids=str)


def each(answer: Answer, inputs: Mapping[str, Draw]) -> pytest.MarkDecorator:
    """Run the test for every input."""

    def answered(draw: Draw) -> Callable[[Rng], Images]:
        return lambda rng: answer(draw(rng))

    return over(*[Case(name, answered(draw)) for name, draw in inputs.items()])


def each_two(answer: Answer, inputs: Mapping[str, Draw]) -> pytest.MarkDecorator:
    """Run the test for every input and a second one: its values with the other sign, in another order."""

    def answered(draw: Draw) -> Callable[[Rng], TwoImages]:
        def two(rng: Rng) -> TwoImages:
            x = draw(rng)
            shuffled = torch.from_numpy(rng.permutation(-x.flatten().numpy())).reshape(x.shape)
            return TwoImages(answer(x), answer(shuffled))

        return two

    return over(*[Case(name, answered(draw)) for name, draw in inputs.items()])


# Right answers ------------------------------------------------------------------------------------------


def floating(x: torch.Tensor) -> torch.dtype:
    """The dtype of a statistic of `x`: its own, or the default dtype for integers."""
    return x.dtype if x.is_floating_point() else torch.get_default_dtype()


def rounding(x: torch.Tensor, count: int) -> float:
    """What a mean of `count` entries of `x` may be off by, as part of the largest entry."""
    return 4 * UNIT_ROUNDOFF[floating(x)] * math.sqrt(count)


def largest(x: torch.Tensor) -> float:
    """The largest absolute value."""
    return float(x.double().abs().max())


def moved(x: torch.Tensor) -> Images:
    """The answer of `to_channels_last`."""
    return Images(x, x.permute(0, 2, 3, 1).contiguous(), x.dtype)


def averaged(x: torch.Tensor) -> Images:
    """The answer of `spatial_mean`."""
    off = rounding(x, x[0, 0].numel())
    return Images(x, x.double().mean(dim=(2, 3)), floating(x), atol=off * largest(x))


def deviation(x: torch.Tensor) -> Images:
    """The answer of `channel_std`."""
    expected = x.double().std(dim=(0, 2, 3), correction=0)
    off = rounding(x, x[:, 0].numel())
    return Images(x, expected, floating(x), atol=off * largest(x) / 4, rtol=4 * off)


def normalized(x: torch.Tensor, eps: float = 1e-5) -> Images:
    """The answer of `normalize_channels`."""
    exact = x.double()
    expected = F.batch_norm(exact, None, None, training=True, eps=eps)
    smallest = float((exact.var(dim=(0, 2, 3), correction=0) + eps).sqrt().min())
    off = rounding(x, x[:, 0].numel())
    return Images(x, expected, floating(x), atol=off * largest(x) / smallest, rtol=4 * off, eps=eps)


# Checks -------------------------------------------------------------------------------------------------


def assert_result(actual: Any, case: Images) -> None:
    """Shape, dtype and values."""
    assert_matches(actual, case.expected, dtype=case.dtype, rtol=case.rtol, atol=case.atol)


def assert_values(actual: Any, case: Images) -> None:
    """The same, but another floating dtype than is due costs only the behaviour that is about dtypes."""
    assert_result(in_dtype_due(actual, case), case)


def in_dtype_due(actual: Any, case: Images) -> Any:
    """A floating result in the floating dtype that is due."""
    floats = isinstance(actual, torch.Tensor) and actual.is_floating_point() and case.dtype.is_floating_point
    return actual.to(case.dtype) if floats else actual


def assert_near(actual: Any, case: Images, when: str) -> None:
    """Values as they must be for the input, digits aside: those are graded elsewhere."""
    actual, what = in_dtype_due(actual, case), f"the result {when}"
    assert_matches(actual, case.expected, dtype=case.dtype, rtol=1e-4, atol=1e-4, what=what)


# Runs in the worker: results of which the first is kept during the second call.
IN_A_ROW = """
def in_a_row(function, first, second):
    return function(first.clone()), function(second.clone())
"""


def assert_looks_anew(student: Any, function: Any, case: TwoImages) -> None:
    """Each call answers for what its argument holds now, whatever was asked before, and changes nothing."""
    x = case.one.x.clone()
    assert_near(function(x), case.one, "of a first call")
    assert_unchanged(student, "its images")
    first, second = student.stand_in(IN_A_ROW).in_a_row(function, case.other.x, case.one.x)
    assert_near(second, case.one, "for images that were there before")
    assert_near(first, case.other, "of one call, looked at after another call with images of the same shape,")
    student.change(x, case.other.x)
    assert_near(function(x), case.other, "after the caller put other values into the images")
    assert_unchanged(student, "its images")
