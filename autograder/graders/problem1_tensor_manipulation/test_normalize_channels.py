"""1c, `normalize_channels`.

Ways to be wrong: statistics of each image, each position, or everything at once; `reshape(C, -1)` without
moving the channels first; a mean of shape (C,) that broadcasts along the columns (no error when W = C); m -
1 for m; no root; the mean not subtracted, or nothing divided; eps beside the root, squared, left out, as a
lower bound, fixed at 1e-5, or with another default; E[x²] - E[x]²; NaN for a constant channel; axes
squeezed; integers refused, or normalized to integers; a result in float32 or float64 whatever came in;
`view` on an input that is not contiguous; work done in place; a result, or an eps, remembered.
"""

from typing import Any

import torch
from image_cases import (
    CONSTANTS,
    FLOATS,
    LARGE_MEANS,
    ONES,
    VIEWS,
    Draw,
    Images,
    Rng,
    TwoImages,
    assert_looks_anew,
    assert_near,
    assert_result,
    assert_values,
    different_sizes,
    double_around,
    each,
    each_two,
    in_dtype,
    integers,
    noise,
    normal,
    normalized,
    over,
)

from autograder.grading import Case, assert_unchanged, task

SHAPES: dict[str, Draw] = {
    "all sizes different": in_dtype(torch.float32),
    "as many columns as channels": lambda rng: normal(rng, 2, 3, 4, 3),
    "as many rows as channels": lambda rng: normal(rng, 2, 4, 4, 3),
    "all sizes equal": lambda rng: normal(rng, 3, 3, 3, 3),
    "many images of few pixels": lambda rng: normal(rng, 9, 2, 2, 3),
    "five channels": lambda rng: normal(rng, 3, 5, 2, 4),
    "many values a channel": lambda rng: normal(rng, 4, 2, 13, 11),
}
WHOLE: dict[str, Draw] = {
    "uint8": lambda rng: integers(rng, torch.uint8, 0, 255),
    "int8": lambda rng: integers(rng, torch.int8, -128, 127),
    "int16": lambda rng: integers(rng, torch.int16, -32_768, 32_767),
    "int32": lambda rng: integers(rng, torch.int32, -(10**6), 10**6),
    "int64": lambda rng: integers(rng, torch.int64, -4, 4),
}


def small(rng: Rng) -> torch.Tensor:
    """Spreads from 0.002 to 0.008, near the root of the default eps: there eps decides."""
    shape = different_sizes(rng)
    spread = rng.uniform(0.002, 0.008, (1, shape[1], 1, 1))
    return torch.from_numpy(spread * (noise(rng, shape) + rng.uniform(-1, 1))).to(torch.float32)


def one_bright_pixel(rng: Rng) -> torch.Tensor:
    """In each channel one value far away, whose right answer is about 17: nothing is clipped.

    Not the first one: an algorithm that shifts the data by it would lose digits.
    """
    x = normal(rng, 2, 3, 13, 11)
    x[0, :, int(rng.integers(1, 13)), int(rng.integers(1, 11))] += float(rng.uniform(500, 900))
    return x


def given_eps(low: float, high: float, spread: float = 1.0) -> Case:
    """Images of about this spread, and an eps between the bounds."""

    def draw(rng: Rng) -> Images:
        return normalized(spread * normal(rng, *different_sizes(rng)) / 3, eps=float(rng.uniform(low, high)))

    return Case(f"from {low:g} to {high:g}", draw)


@task("normalize_channels", "each channel by its own mean and variance over N, H and W", weight=4)
@each(normalized, SHAPES | {"one bright pixel a channel": one_bright_pixel})
def test_values(student: Any, case: Images) -> None:
    assert_values(student.normalize_channels(case.x), case)


@task("normalize_channels", "axes of size 1")
@each(normalized, ONES)
def test_sizes_of_one(student: Any, case: Images) -> None:
    assert_values(student.normalize_channels(case.x), case)


@task("normalize_channels", "eps is 1e-5 when it is not given, and added to the variance under the root")
@each(normalized, {"small spreads": small, "other small spreads": small, "more of them": small})
def test_default_eps(student: Any, case: Images) -> None:
    assert_values(student.normalize_channels(case.x), case)


@task("normalize_channels", "another eps, by name and by position")
@over(given_eps(0.01, 0.02), given_eps(0.2, 0.8), given_eps(2, 9), given_eps(1e-7, 1e-6, spread=0.001))
def test_given_eps(student: Any, case: Images) -> None:
    assert_values(student.normalize_channels(case.x, eps=case.eps), case)
    assert_values(student.normalize_channels(case.x, case.eps), case)


@task("normalize_channels", "accurate when the mean is large against the spread (float32)", weight=2)
@each(normalized, LARGE_MEANS)
def test_large_means(student: Any, case: Images) -> None:
    assert_values(student.normalize_channels(case.x), case)


@task("normalize_channels", "0 for a channel whose values are all equal")
@each(normalized, CONSTANTS)
def test_constant_channels(student: Any, case: Images) -> None:
    assert_values(student.normalize_channels(case.x), case)


@task("normalize_channels", "float32 gives float32, float64 gives float64 with all its digits")
@each(normalized, {"float32": in_dtype(torch.float32), "float64": double_around})
def test_dtypes(student: Any, case: Images) -> None:
    assert_result(student.normalize_channels(case.x), case)


@task("normalize_channels", "integers, taken as the default dtype")
@each(normalized, WHOLE)
def test_integers(student: Any, case: Images) -> None:
    assert_result(student.normalize_channels(case.x), case)


@task("normalize_channels", "images that are views: transposed, sliced, expanded")
@each(normalized, VIEWS)
def test_views(student: Any, case: Images) -> None:
    assert_values(student.normalize_channels(case.x), case)


@task("normalize_channels", "changes nothing, and looks at the images anew in each call")
@each_two(normalized, FLOATS)
def test_looks_anew(student: Any, case: TwoImages) -> None:
    assert_looks_anew(student, student.normalize_channels, case)
    student.normalize_channels(case.other.x, eps=3.0)
    assert_near(student.normalize_channels(case.other.x), case.other, "without eps, after a call with another eps")
    assert_unchanged(student, "its images")
