"""1a, `to_channels_last`: a permutation of axes, so every check is exact.

Ways to be wrong: `reshape` or `view` to the right shape; another permutation (rows and columns exchanged;
the inverse one); the axes left alone, or only the strides changed (channels_last memory format); axes of
size 1 squeezed away; C = 3 taken for granted; the layout guessed from sizes that look like channels;
channels reversed (BGR); values converted (float32 keeps 24 bits, NumPy has no bfloat16); `view` on an input
that is not contiguous; the argument turned in place; a result remembered by object or by shape.
"""

from typing import Any

import torch
from image_cases import (
    FLOATS,
    INTEGERS,
    ONE_NUMBER,
    ONES,
    VIEWS,
    Draw,
    Images,
    Rng,
    TwoImages,
    assert_looks_anew,
    different_sizes,
    each,
    each_two,
    in_dtype,
    in_dtype_due,
    moved,
    normal,
)

from autograder.grading import assert_matches, fail, task

SHAPES: dict[str, Draw] = {
    "all sizes different": in_dtype(torch.float32),
    "like the text's, smaller": lambda rng: normal(rng, 4, 3, 8, 8),
    "as many columns as channels": lambda rng: normal(rng, 2, 3, 5, 3),
    "as many rows as channels": lambda rng: normal(rng, 2, 4, 4, 3),
    "all sizes equal": lambda rng: normal(rng, 3, 3, 3, 3),
    "two channels": lambda rng: normal(rng, 3, 2, 5, 4),
    "many channels": lambda rng: normal(rng, 2, 9, 3, 4),
    "many pixels": lambda rng: normal(rng, 2, 5, 17, 16),
}


def every_bit(dtype: torch.dtype) -> Draw:
    """Values that need every bit of the dtype."""

    def draw(rng: Rng) -> torch.Tensor:
        shape = different_sizes(rng)
        if dtype.is_floating_point:
            # Of any size, too: bfloat16 holds numbers that float16 does not.
            powers = 7 if dtype == torch.float16 else 119
            scale = 2.0 ** rng.integers(-powers, powers, shape, endpoint=True)
            return (normal(rng, *shape, dtype=torch.float64) * torch.from_numpy(scale)).to(dtype)
        if dtype == torch.bool:
            return torch.from_numpy(rng.random(shape) < 0.5)
        limits = torch.iinfo(dtype)
        return torch.from_numpy(rng.integers(limits.min, limits.max, shape, endpoint=True)).to(dtype)

    return draw


FLOATING = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
DTYPES = {str(dtype).removeprefix("torch."): every_bit(dtype) for dtype in (torch.bool, *INTEGERS, *FLOATING)}


def assert_exact(actual: Any, case: Images) -> None:
    """Shape, dtype, and every value to the last bit."""
    assert_matches(actual, case.expected)
    if not torch.equal(actual, case.expected):
        fail("The values should be exactly those of the images, but some came back rounded or changed.")


def assert_moved(actual: Any, case: Images) -> None:
    """The same, but another floating dtype than is due costs only the behaviour that is about dtypes."""
    assert_exact(in_dtype_due(actual, case), case)


@task("to_channels_last", "the channel axis moves to the end and every value keeps its place", weight=3)
@each(moved, SHAPES)
def test_axes(student: Any, case: Images) -> None:
    assert_moved(student.to_channels_last(case.x), case)


@task("to_channels_last", "axes of size 1 stay")
@each(moved, ONES | ONE_NUMBER)
def test_sizes_of_one(student: Any, case: Images) -> None:
    assert_moved(student.to_channels_last(case.x), case)


@task("to_channels_last", "every dtype stays, with exactly the same values")
@each(moved, DTYPES)
def test_dtypes(student: Any, case: Images) -> None:
    assert_exact(student.to_channels_last(case.x), case)
    if case.dtype == torch.float64:
        # Complex numbers too, but not for who converts float64: PyTorch warns of that once a process only.
        both = moved(torch.complex(case.x, -case.x))
        assert_exact(student.to_channels_last(both.x), both)


@task("to_channels_last", "images that are views: transposed, sliced, expanded")
@each(moved, VIEWS)
def test_views(student: Any, case: Images) -> None:
    assert_moved(student.to_channels_last(case.x), case)


@task("to_channels_last", "changes nothing, and looks at the images anew in each call")
@each_two(moved, FLOATS)
def test_looks_anew(student: Any, case: TwoImages) -> None:
    assert_looks_anew(student, student.to_channels_last, case)
