"""Hidden tests of `logsumexp` (3a).

Ways to be wrong: overflow (no shift, or a shift by anything smaller than the maximum: mean, first entry,
0), underflow (no shift for very negative logits; the maximum of the whole array, or of |x|, for slices that
lie below it), the maximum not added back, the wrong axis, all axes at once, an axis kept or too many
squeezed, log2, mean for sum, an eps in the logarithm, NaN or a warning where a slice is all -inf, masked
entries counted, float64 out for float32 in, integer arithmetic that wraps, x changed, results remembered by
identity or shape.
"""

from typing import Any

import numpy as np
import pytest
from stability_inputs import (
    INTEGERS,
    VIEWS,
    Sample,
    assert_no_numerical_warnings,
    cases,
    far_apart,
    integers,
    log_probabilities,
    masked,
    normal,
    one_of_each_slice,
    rounding,
    three_calls,
    tied,
    torch_logsumexp,
    uniform,
)

from autograder.grading import Case, assert_matches, assert_unchanged, task
from autograder.sandbox.student import Student


def check(student: Student, sample: Sample) -> None:
    args, kwargs = sample.arguments()
    value = number(student.logsumexp(*args, **kwargs))
    assert_matches(value, sample.expected, dtype=sample.dtype, atol=sample.atol)
    if sample.shift:  # what remains without it is compared at its own size, not at that of the shift
        expected = np.asarray(sample.expected - sample.shift)
        assert_matches(np.asarray(value - sample.shift), expected, atol=sample.atol, what="the result less the shift")


def number(value: Any) -> Any:
    """For a one-dimensional x, a Python float is as good as the NumPy scalar of the same precision."""
    return np.float64(value) if type(value) is float else value


EVERY_AXIS = cases(
    torch_logsumexp,
    ("a matrix, default axis", normal(3, 7), None),
    ("a vector", normal(6), None),
    ("a vector, axis 0", normal(5), 0),
    ("a matrix, axis 0", normal(4, 6), 0),
    ("a square matrix, axis -2", normal(5, 5), -2),
    ("three dimensions, axis 1", normal(2, 5, 3), 1),
    ("three dimensions, axis -3", normal(4, 3, 2), -3),
    ("three dimensions, default axis", normal(2, 3, 4), None),
    ("four dimensions, axis 2", normal(3, 2, 5, 4), 2),
    ("five dimensions, axis -4", normal(2, 5, 1, 3, 2), -4),
    ("one entry", normal(1), None),
    ("one entry a slice", normal(3, 1, 4), -2),
    ("one slice, other axes of size 1", normal(1, 6, 1), 1),
    ("a long axis", normal(2, 700), -1),
    ("four dimensions, axis 1", normal(2, 4, 3, 5), 1),
    ("log-probabilities, whose logsumexp is 0", log_probabilities(16, 300), 1),
)


@task("logsumexp", "matches PyTorch along every axis", weight=3)
@pytest.mark.parametrize("case", EVERY_AXIS, ids=str)
def test_every_axis(student: Student, case: Sample) -> None:
    check(student, case)


LARGE = [
    *cases(
        torch_logsumexp,
        ("around 1000", normal(3, 5, offset=1000), -1),
        ("around -1000", normal(4, 3, offset=-1000), 0),
        ("slices far apart", far_apart(5, 4, axis=1, step=1500), None),
        ("slices far apart, axis 0", far_apart(3, 2, 4, axis=0, step=900), -3),
        ("from -3000 to 3000 within a slice", uniform(6, 5, low=-3000, high=3000), 1),
        ("repeated maxima", tied(5, 6, step=1000), -1),
        ("around 1e300", uniform(3, 4, low=-1e300, high=1e300), -1),
        ("up to the largest differences there are", uniform(2, 6, low=-8.9e307, high=8.9e307), 0),
        ("a vector around -1e5", normal(7, offset=-1e5), None),
    ),
    *cases(torch_logsumexp, ("shifted by 8192", normal(4, 6, scale=2, offset=8192), -1), shift=8192),
    *cases(torch_logsumexp, ("shifted by -2**20", normal(3, 5, scale=2, offset=-(2**20)), 0), shift=-(2**20)),
]


@task("logsumexp", "large logits of either sign: neither overflow nor underflow", weight=3)
@pytest.mark.parametrize("case", LARGE, ids=str)
def test_large_logits(student: Student, case: Sample) -> None:
    check(student, case)


MASKED = cases(
    torch_logsumexp,
    ("some entries", masked(normal(5, 6), axis=1), -1),
    ("most entries", masked(normal(3, 8), axis=0, share=0.8), 0),
    ("a vector", masked(normal(7), axis=0), None),
    ("large logits", masked(normal(2, 4, 5, offset=2000), axis=1), -2),
    ("one huge negative logit a row", one_of_each_slice(3, 6, low=-4e299, high=-1e299), -1),
)


@task("logsumexp", "masked (-inf) entries count for nothing, without NaN or a warning")
@pytest.mark.parametrize("case", MASKED, ids=str)
def test_masked_entries(student: Student, case: Sample) -> None:
    check(student, case)
    assert_no_numerical_warnings(student)


ALL_MASKED = cases(
    torch_logsumexp,
    ("every other row", masked(normal(6, 4), axis=1, all_masked=True), -1),
    ("some columns, large logits", masked(normal(3, 5, offset=1000), axis=0, all_masked=True), 0),
    ("three dimensions", masked(normal(2, 3, 4), axis=1, all_masked=True), 1),
    ("one entry a slice", masked(normal(5, 1), axis=1, all_masked=True), None),
    ("a vector with nothing in it", lambda rng: np.full(rng.integers(2, 9), -np.inf), None),
)


@task("logsumexp", "a slice that is all -inf gives -inf, without a warning")
@pytest.mark.parametrize("case", ALL_MASKED, ids=str)
def test_all_masked(student: Student, case: Sample) -> None:
    check(student, case)
    assert_no_numerical_warnings(student)


FLOAT32 = cases(
    torch_logsumexp,
    ("ordinary logits", normal(4, 7, dtype=np.float32), None),
    ("a vector", normal(6, dtype=np.float32), -1),
    ("three dimensions, axis 1", normal(2, 5, 3, dtype=np.float32), 1),
    ("around 100, where float32 overflows", normal(3, 6, offset=100, dtype=np.float32), -1),
    ("around -200", normal(5, 4, offset=-200, dtype=np.float32), None),
    ("around 1e38", uniform(3, 4, low=-1.6e38, high=1.6e38, dtype=np.float32), -1),
    ("masked entries", masked(normal(3, 6, dtype=np.float32), axis=1), -1),
    ("nothing but -inf", lambda rng: np.full((3, 4), -np.inf, np.float32), -1),
)


@task("logsumexp", "float32 in, float32 out")
@pytest.mark.parametrize("case", FLOAT32, ids=str)
def test_float32(student: Student, case: Sample) -> None:
    if np.isneginf(case.x).all():  # its value is the matter of another behaviour
        value = student.logsumexp(case.x)
        dtype = value.dtype if isinstance(value, np.ndarray) else type(value)
        assert dtype == np.float32, f"a result that is all -inf has dtype {dtype}; it should be float32"
    else:
        check(student, case)


WHOLE_NUMBERS = [
    *cases(torch_logsumexp, *INTEGERS),
    *cases(torch_logsumexp, ("int8, logsumexp near 0", integers(np.int8, -7, -3, 20, 50), None)),
]


@task("logsumexp", "integers of every kind are taken as float64")
@pytest.mark.parametrize("case", WHOLE_NUMBERS, ids=str)
def test_integers(student: Student, case: Sample) -> None:
    check(student, case)


@task("logsumexp", "any strided view: transposed, reversed, sliced")
@pytest.mark.parametrize("case", cases(torch_logsumexp, *VIEWS), ids=str)
def test_views(student: Student, case: Sample) -> None:
    check(student, case)


UNCHANGED = cases(
    torch_logsumexp,
    ("ordinary logits", normal(3, 5), -1),
    ("large logits", normal(4, 3, offset=1000), -1),
    ("masked entries", masked(normal(4, 4), axis=1), None),
    ("one entry a slice", normal(4, 1), -1),
    ("integers", integers(np.int64, -9, 9, 3, 5), -1),
)


@task("logsumexp", "leaves x as it is")
@pytest.mark.parametrize("case", UNCHANGED, ids=str)
def test_unchanged(student: Student, case: Sample) -> None:
    check(student, case)
    assert_unchanged(student, "x")


def two_of_a_shape(rng: np.random.Generator) -> tuple[Sample, Sample]:
    first, second = normal(3, 5)(rng), normal(3, 5, offset=2)(rng)
    return (
        Sample(first, 1, torch_logsumexp(first, 1), rounding(first, 1)),
        Sample(second, 1, torch_logsumexp(second, 1), rounding(second, 1)),
    )


@task("logsumexp", "looks at x anew at every call")
@pytest.mark.parametrize("case", [Case("a matrix", two_of_a_shape)], ids=str)
def test_anew(student: Student, case: tuple[Sample, Sample]) -> None:
    first, second = case
    results = three_calls(student, student.logsumexp, first.x, second.x, 1)
    expected = (first.expected, second.expected, first.expected)
    assert_matches(results, expected, what="three results in a row")
    x = first.x.copy()
    assert_matches(student.logsumexp(x, 1), first.expected)
    student.change(x, second.x)  # the same array, other contents
    assert_matches(student.logsumexp(x, 1), second.expected, what="the result after x was changed")
