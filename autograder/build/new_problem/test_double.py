"""`double`. Ways to be wrong: adding 2, squaring, changing the argument, another dtype."""

import numpy as np
import pytest
from numpy.random import Generator

from autograder.grading import Case, assert_matches, assert_unchanged, task


class Doubling:
    """An input and its double."""

    def __init__(self, x: np.ndarray) -> None:
        self.x = x
        self.expected = 2.0 * x.astype(np.float64)


def floats(rng: Generator, dtype: type) -> Doubling:
    return Doubling(rng.normal(size=(3, 5)).astype(dtype))


CASES = [Case("float64", lambda rng: floats(rng, np.float64)), Case("float32", lambda rng: floats(rng, np.float32))]


@task("double", "doubles each entry, and leaves its argument alone")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_values(student, case):  # type: ignore[no-untyped-def]
    assert_matches(student.double(case.x), case.expected, dtype=case.x.dtype)
    assert_unchanged(student)
