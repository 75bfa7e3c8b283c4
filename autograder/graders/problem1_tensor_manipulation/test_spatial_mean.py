"""1b, `spatial_mean`.

Ways to be wrong: other axes (one of the two; the batch or the channels too; those of a channels-last
layout); the averaged axes kept, or axes of size 1 squeezed away with them; another count than H·W; a sum, a
maximum, a median; integers refused by `mean`, rounded down, summed in a dtype that overflows, or scaled by
1/255 because they look like pixels; a result in float32 or float64 whatever came in; `view` on an input
that is not contiguous; a result remembered by object or by shape.
"""

from typing import Any

import torch
from image_cases import (
    FLOATS,
    ONE_NUMBER,
    ONES,
    VIEWS,
    Draw,
    Images,
    TwoImages,
    assert_looks_anew,
    assert_result,
    assert_values,
    averaged,
    double_cancelling,
    each,
    each_two,
    in_dtype,
    integers,
    normal,
)

from autograder.grading import task

SHAPES: dict[str, Draw] = {
    "all sizes different": in_dtype(torch.float32),
    "more rows than columns": lambda rng: normal(rng, 2, 3, 7, 4),
    "more columns than rows": lambda rng: normal(rng, 2, 3, 4, 7),
    "all sizes equal": lambda rng: normal(rng, 3, 3, 3, 3),
    "five channels": lambda rng: normal(rng, 3, 5, 6, 2),
    "many pixels": lambda rng: normal(rng, 2, 3, 17, 16),
}
# Sums overflow in each of the first dtypes; int8 and int64 have means of either sign.
WHOLE: dict[str, Draw] = {
    "uint8": lambda rng: integers(rng, torch.uint8, 0, 255),
    "uint8, bright": lambda rng: integers(rng, torch.uint8, 180, 255),
    "int8": lambda rng: integers(rng, torch.int8, -128, 127),
    "int8, positive": lambda rng: integers(rng, torch.int8, 60, 127),
    "int16": lambda rng: integers(rng, torch.int16, 20_000, 32_767),
    "int32": lambda rng: integers(rng, torch.int32, 2**30, 2**31 - 1),
    "int64": lambda rng: integers(rng, torch.int64, -1000, 1000),
    "int64, beyond int32": lambda rng: integers(rng, torch.int64, 2**33, 2**34),
}


@task("spatial_mean", "one mean over rows and columns for each image and channel", weight=3)
@each(averaged, SHAPES)
def test_mean(student: Any, case: Images) -> None:
    assert_values(student.spatial_mean(case.x), case)


@task("spatial_mean", "axes of size 1: the result is (N, C) all the same")
@each(averaged, ONES | ONE_NUMBER)
def test_sizes_of_one(student: Any, case: Images) -> None:
    assert_values(student.spatial_mean(case.x), case)


@task("spatial_mean", "float32 gives float32, float64 gives float64 with all its digits")
@each(averaged, {"float32": in_dtype(torch.float32), "float64": double_cancelling})
def test_dtypes(student: Any, case: Images) -> None:
    assert_result(student.spatial_mean(case.x), case)


@task("spatial_mean", "integers, taken as the default dtype")
@each(averaged, WHOLE)
def test_integers(student: Any, case: Images) -> None:
    assert_result(student.spatial_mean(case.x), case)


@task("spatial_mean", "images that are views: transposed, sliced, expanded")
@each(averaged, VIEWS)
def test_views(student: Any, case: Images) -> None:
    assert_values(student.spatial_mean(case.x), case)


@task("spatial_mean", "changes nothing, and looks at the images anew in each call")
@each_two(averaged, FLOATS)
def test_looks_anew(student: Any, case: TwoImages) -> None:
    assert_looks_anew(student, student.spatial_mean, case)
