"""Hidden tests of `log_softmax` (3a).

Ways to be wrong: all of those of `logsumexp` (see there), and: the logarithm of a softmax (-inf or log(eps)
for small probabilities, NaN for large logits), the softmax itself, the sum or its logarithm forgotten, the
maximum subtracted once too often or too seldom, normalized over the whole array, slices or axes mixed up,
sign flipped, log2, probabilities or logits clipped, masked entries made large and finite.

`x - logsumexp(x)` is accepted: it rounds at the size of x (see `stability_inputs.rounding`), no more. A
student whose `log_softmax` calls the module's `logsumexp` loses nothing here by a mistake over there
(`judge_alone`).
"""

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
    judge_alone,
    masked,
    normal,
    one_of_each_slice,
    plain_logsumexp,
    rounding,
    three_calls,
    tied,
    torch_log_softmax,
    uniform,
)

from autograder.grading import Case, assert_matches, assert_unchanged, task
from autograder.sandbox.student import Student


def check(student: Student, sample: Sample, *, warnings: bool = True, unchanged: bool = False) -> None:
    args, kwargs = sample.arguments()

    def once() -> None:
        value = student.log_softmax(*args, **kwargs)
        assert_matches(value, sample.expected, dtype=sample.dtype, atol=sample.atol)
        if not warnings:
            assert_no_numerical_warnings(student)
        if unchanged:
            assert_unchanged(student, "x")

    judge_alone(student, once, logsumexp=plain_logsumexp)


EVERY_AXIS = cases(
    torch_log_softmax,
    ("a matrix, default axis", normal(3, 7), None),
    ("a vector", normal(6), None),
    ("a vector, axis 0", normal(5), 0),
    ("a matrix, axis 0", normal(4, 6), 0),
    ("a square matrix, axis -2", normal(5, 5), -2),
    ("three dimensions, axis 1", normal(2, 5, 3), 1),
    ("three dimensions, axis -3", normal(4, 3, 2), -3),
    ("three dimensions, default axis", normal(2, 3, 4), None),
    ("a cube, axis 0", normal(3, 3, 3), 0),
    ("four dimensions, axis 2", normal(3, 2, 5, 4), 2),
    ("five dimensions, axis -4", normal(2, 5, 1, 3, 2), -4),
    ("one entry", normal(1), None),
    ("one entry a slice", normal(3, 1, 4), -2),
    ("one slice, other axes of size 1", normal(1, 6, 1), 1),
    ("a long axis", normal(2, 700), -1),
    ("four dimensions, axis 1", normal(2, 4, 3, 5), 1),
)


@task("log_softmax", "matches PyTorch along every axis", weight=3)
@pytest.mark.parametrize("case", EVERY_AXIS, ids=str)
def test_every_axis(student: Student, case: Sample) -> None:
    check(student, case)


LARGE = cases(
    torch_log_softmax,
    ("around 1000", normal(3, 5, offset=1000), -1),
    ("around -1000", normal(4, 3, offset=-1000), 0),
    ("shifted by a million", normal(2, 6, offset=1e6), None),
    ("shifted by -1e8", normal(3, 4, offset=-1e8), -2),
    ("slices far apart", far_apart(5, 4, axis=1, step=1500), None),
    ("slices far apart, axis 0", far_apart(3, 2, 4, axis=0, step=900), -3),
    ("repeated maxima", tied(5, 6, step=1000), -1),
    ("around 1e300", uniform(3, 4, low=-1e300, high=1e300), -1),
    ("up to the largest differences there are", uniform(2, 6, low=-8.9e307, high=8.9e307), 0),
    ("a vector around -1e5", normal(7, offset=-1e5), None),
)


@task("log_softmax", "large logits of either sign: neither overflow nor NaN", weight=3)
@pytest.mark.parametrize("case", LARGE, ids=str)
def test_large_logits(student: Student, case: Sample) -> None:
    check(student, case)


SMALL_PROBABILITIES = cases(
    torch_log_softmax,
    ("probabilities of 1e-13 to 1e-7", uniform(3, 6, low=-30, high=12), -1),
    ("probabilities of 1e-150", uniform(4, 5, low=-350, high=0), 0),
    ("probabilities that float64 does not have", uniform(3, 8, low=-4000, high=4000), None),
    ("a vector", uniform(9, low=-900, high=600), 0),
    ("most of the probability in one entry", tied(2, 5, 3, step=760), 1),
)


@task("log_softmax", "tiny probabilities keep their logarithm", weight=2)
@pytest.mark.parametrize("case", SMALL_PROBABILITIES, ids=str)
def test_small_probabilities(student: Student, case: Sample) -> None:
    check(student, case)


MASKED = cases(
    torch_log_softmax,
    ("some entries", masked(normal(5, 6), axis=1), -1),
    ("most entries", masked(normal(3, 8), axis=0, share=0.8), 0),
    ("a vector", masked(normal(7), axis=0), None),
    ("large logits", masked(normal(2, 4, 5, offset=2000), axis=1), -2),
    ("one huge negative logit a row", one_of_each_slice(3, 6, low=-4e299, high=-1e299), -1),
)


@task("log_softmax", "masked (-inf) entries stay -inf, without NaN or a warning", weight=2)
@pytest.mark.parametrize("case", MASKED, ids=str)
def test_masked_entries(student: Student, case: Sample) -> None:
    check(student, case, warnings=False)


FLOAT32 = cases(
    torch_log_softmax,
    ("ordinary logits", normal(4, 7, dtype=np.float32), None),
    ("a vector", normal(6, dtype=np.float32), -1),
    ("three dimensions, axis 1", normal(2, 5, 3, dtype=np.float32), 1),
    ("around 100, where float32 overflows", normal(3, 6, offset=100, dtype=np.float32), -1),
    ("around -200", normal(5, 4, offset=-200, dtype=np.float32), None),
    ("around 1e38", uniform(3, 4, low=-1.6e38, high=1.6e38, dtype=np.float32), -1),
    ("masked entries", masked(normal(3, 6, dtype=np.float32), axis=1), -1),
)


@task("log_softmax", "float32 in, float32 out", weight=2)
@pytest.mark.parametrize("case", FLOAT32, ids=str)
def test_float32(student: Student, case: Sample) -> None:
    check(student, case)


@task("log_softmax", "integers of every kind are taken as float64")
@pytest.mark.parametrize("case", cases(torch_log_softmax, *INTEGERS), ids=str)
def test_integers(student: Student, case: Sample) -> None:
    check(student, case)


@task("log_softmax", "any strided view: transposed, reversed, sliced")
@pytest.mark.parametrize("case", cases(torch_log_softmax, *VIEWS), ids=str)
def test_views(student: Student, case: Sample) -> None:
    check(student, case)


UNCHANGED = cases(
    torch_log_softmax,
    ("ordinary logits", normal(3, 5), -1),
    ("large logits", normal(4, 3, offset=1000), -1),
    ("masked entries", masked(normal(4, 4), axis=1), None),
    ("one entry a slice", normal(4, 1), -1),
    ("integers", integers(np.int64, -9, 9, 3, 5), -1),
)


@task("log_softmax", "leaves x as it is")
@pytest.mark.parametrize("case", UNCHANGED, ids=str)
def test_unchanged(student: Student, case: Sample) -> None:
    check(student, case, unchanged=True)


def two_of_a_shape(rng: np.random.Generator) -> tuple[Sample, Sample]:
    first, second = normal(3, 5)(rng), normal(3, 5, scale=1)(rng)
    return (
        Sample(first, 1, torch_log_softmax(first, 1), rounding(first, 1)),
        Sample(second, 1, torch_log_softmax(second, 1), rounding(second, 1)),
    )


@task("log_softmax", "looks at x anew at every call")
@pytest.mark.parametrize("case", [Case("a matrix", two_of_a_shape)], ids=str)
def test_anew(student: Student, case: tuple[Sample, Sample]) -> None:
    first, second = case

    def anew() -> None:
        results = three_calls(student, student.log_softmax, first.x, second.x, 1)
        expected = (first.expected, second.expected, first.expected)
        assert_matches(results, expected, what="three results in a row")
        x = first.x.copy()
        assert_matches(student.log_softmax(x, 1), first.expected)
        student.change(x, second.x)  # the same array, other contents
        assert_matches(student.log_softmax(x, 1), second.expected, what="the result after x was changed")

    judge_alone(student, anew, logsumexp=plain_logsumexp)
