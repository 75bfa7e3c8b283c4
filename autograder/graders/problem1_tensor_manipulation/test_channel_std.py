"""1c, `channel_std`.

Ways to be wrong: m - 1 for m; the variance; the mean of the images' own deviations, or the deviation of
their means; other axes (one image or one position at a time, everything at once, those of a channels-last
layout); `reshape(C, -1)` without moving the channels first (right for one image); a count that forgets N;
something added under or beside the root; axes kept or squeezed; E[x²] - E[x]², which cancels; absolute
distances; integers refused, centred or squared in their own dtype; a result in float32 or float64 whatever
came in; `view` on an input that is not contiguous; the mean subtracted in place; a result remembered by
object or by shape.
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
    TwoImages,
    assert_looks_anew,
    assert_result,
    assert_values,
    deviation,
    double_around,
    each,
    each_two,
    in_dtype,
    integers,
    normal,
)

from autograder.grading import fail, task

SHAPES: dict[str, Draw] = {
    "all sizes different": in_dtype(torch.float32),
    "two images": lambda rng: normal(rng, 2, 3, 4, 5),
    "many images of few pixels": lambda rng: normal(rng, 9, 2, 2, 3),
    "all sizes equal": lambda rng: normal(rng, 3, 3, 3, 3),
    "five channels": lambda rng: normal(rng, 3, 5, 2, 4),
    "two values a channel": lambda rng: normal(rng, 2, 3, 1, 1),
    "many values a channel": lambda rng: normal(rng, 4, 3, 15, 13),
}
# Squares overflow in each of these dtypes but the last, in part distances from the mean do too.
WHOLE: dict[str, Draw] = {
    "uint8": lambda rng: integers(rng, torch.uint8, 0, 255),
    "int8": lambda rng: integers(rng, torch.int8, -128, 127),
    "int16": lambda rng: integers(rng, torch.int16, -32_768, 32_767),
    "int32": lambda rng: integers(rng, torch.int32, -(10**6), 10**6),
    "int64": lambda rng: integers(rng, torch.int64, -1000, 1000),
}


@task("channel_std", "the population standard deviation over N, H and W", weight=4)
@each(deviation, SHAPES)
def test_std(student: Any, case: Images) -> None:
    assert_values(student.channel_std(case.x), case)


@task("channel_std", "axes of size 1: the result is (C,) all the same")
@each(deviation, ONES)
def test_sizes_of_one(student: Any, case: Images) -> None:
    assert_values(student.channel_std(case.x), case)


@task("channel_std", "accurate when the mean is large against the spread (float32)", weight=2)
@each(deviation, LARGE_MEANS)
def test_large_means(student: Any, case: Images) -> None:
    assert_values(student.channel_std(case.x), case)


@task("channel_std", "0 for a channel whose values are all equal")
@each(deviation, CONSTANTS)
def test_constant_channels(student: Any, case: Images) -> None:
    result = student.channel_std(case.x)
    assert_values(result, case)
    # Zeros know no rounding: the smallest number added under or beside the root shows here.
    if result[0] != 0:
        fail("A channel of zeros only should have the standard deviation 0 exactly: nothing is added to it.")


@task("channel_std", "float32 gives float32, float64 gives float64 with all its digits")
@each(deviation, {"float32": in_dtype(torch.float32), "float64": double_around})
def test_dtypes(student: Any, case: Images) -> None:
    assert_result(student.channel_std(case.x), case)


@task("channel_std", "integers, taken as the default dtype")
@each(deviation, WHOLE)
def test_integers(student: Any, case: Images) -> None:
    assert_result(student.channel_std(case.x), case)


@task("channel_std", "images that are views: transposed, sliced, expanded")
@each(deviation, VIEWS)
def test_views(student: Any, case: Images) -> None:
    assert_values(student.channel_std(case.x), case)


@task("channel_std", "changes nothing, and looks at the images anew in each call")
@each_two(deviation, FLOATS)
def test_looks_anew(student: Any, case: TwoImages) -> None:
    assert_looks_anew(student, student.channel_std, case)
