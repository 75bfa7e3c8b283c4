"""xavier_uniform, he_normal, small_random (4a). How they go wrong:

- scale: fan_out for fan_in, one for the sum, 1/n for 2/n, the variance for the standard deviation, a missing or a
  second square root, limit and standard deviation mixed up, the default in place of `std`, right only for n_in = n_out
  or for large widths;
- shape of the distribution: uniform for normal, half of it, truncated, clipped, rounded;
- dependence: one row, column or number repeated, mirrored halves, symmetric squares, sums made exact afterwards;
- randomness: `np.random`, a seed of one's own, a copy of `rng` (so that calls repeat), results kept by shape;
- the transposed shape, float32, a nested list.

Every draw's seed and size is the course's; what is checked is the distribution (see weight_draws.py).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from weight_draws import (
    Floats,
    assert_independent,
    assert_limit,
    assert_normal,
    assert_not_adjusted,
    assert_spread,
    assert_uniform,
    entries,
)

from autograder.grading import Case, fail, task

Sampler = Callable[..., Any]


@dataclass(frozen=True)
class Draw:
    """What to draw: a generator's seed, a matrix's size, and a standard deviation for `small_random`."""

    seed: int
    n_in: int
    n_out: int
    std: float

    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)


def drawing(name: str, n_in: tuple[int, int], n_out: tuple[int, int]) -> Case:
    """A case with sizes from these ranges (ends included)."""

    def draw(rng: np.random.Generator) -> Draw:
        return Draw(
            seed=int(rng.integers(2**62)),
            n_in=int(rng.integers(*n_in, endpoint=True)),
            n_out=int(rng.integers(*n_out, endpoint=True)),
            std=float(10 ** rng.uniform(0.2, 0.8) * rng.choice([0.1, 1.0])),  # neither 1 nor near its square
        )

    return Case(name, draw)


SCALES = [
    drawing("few inputs, many outputs", (20, 30), (80, 100)),
    drawing("many inputs, few outputs", (80, 100), (20, 30)),
    drawing("one input", (1, 1), (2000, 2500)),
    drawing("one output", (2000, 2500), (1, 1)),
]
# Only where both widths are small does one input more or less show in sqrt(6 / (n_in + n_out)).
SMALL = [drawing("small matrices", (5, 6), (7, 8))]
SHAPE = [drawing("a large matrix", (110, 130), (130, 150))]
MATRIX = [drawing("a matrix", (85, 95), (55, 65)), drawing("a square matrix", (49, 49), (49, 49))]
SIZES = [
    drawing("three by five", (3, 3), (5, 5)),
    drawing("one input", (1, 1), (4, 7)),
    drawing("one output", (4, 7), (1, 1)),
    drawing("one input and one output", (1, 1), (1, 1)),
]
SEEDS = [drawing("seeds", (6, 9), (10, 14))]


def drawn(sample: Sampler, case: Draw, calls: int = 1) -> Floats:
    """All entries of one matrix, or of several with a generator for each."""
    size = case.n_in, case.n_out
    generators = (np.random.default_rng(case.seed + call) for call in range(calls))
    return np.concatenate([entries(sample(*size, rng), *size).ravel() for rng in generators])


def check_independence(sample: Sampler, case: Draw, std: float) -> None:
    """The entries of one matrix."""
    matrix = drawn(sample, case).reshape(case.n_in, case.n_out)
    assert_independent(matrix, "the entries")
    assert_not_adjusted(matrix, std, "the entries")


def check_size(sample: Sampler, case: Draw) -> None:
    """Shape and dtype, for a positional and a keyword call, of something that could be random."""
    by_position = sample(case.n_in, case.n_out, case.rng())
    by_name = sample(n_in=case.n_in, n_out=case.n_out, rng=case.rng())
    for value in (by_position, by_name):
        entries(value, case.n_in, case.n_out)  # numbers, not all of them the same
        if value.shape != (case.n_in, case.n_out):
            fail(f"The result should have the shape (n_in, n_out); its shape is {value.shape}.")
        if value.dtype != np.float64:
            fail(f"The result should have the dtype float64; it has dtype {value.dtype}.")


def check_seeds(sample: Sampler, case: Draw) -> None:
    """The result is a function of the generator's state, and drawing advances the generator."""

    def draw(rng: np.random.Generator) -> Floats:
        return entries(sample(case.n_in, case.n_out, rng), case.n_in, case.n_out)

    one, twin, other = case.rng(), case.rng(), np.random.default_rng(case.seed + 1)
    first, elsewhere, again, second, second_again = draw(one), draw(other), draw(twin), draw(one), draw(twin)
    if not np.array_equal(first, again) or not np.array_equal(second, second_again):
        fail("Generators with equal seeds gave different weights: is all randomness drawn from `rng`?")
    if alike(first, elsewhere):
        fail("Generators with different seeds gave the same weights: is all randomness drawn from `rng`?")
    if alike(first, second):
        fail("A second call with the same generator gave the same weights again; it should give new ones.")


def alike(first: Floats, second: Floats) -> bool:
    """Whether a tenth of the entries or more agree, signs aside."""
    return first.shape == second.shape and float(np.mean(np.abs(first) == np.abs(second))) >= 0.1


def xavier_limit(case: Draw) -> float:
    return math.sqrt(6 / (case.n_in + case.n_out))


@task("xavier_uniform", "the limit is sqrt(6 / (n_in + n_out))", weight=3)
@pytest.mark.parametrize("case", SCALES, ids=str)
def test_xavier_limit(student: Any, case: Draw) -> None:
    assert_limit(drawn(student.xavier_uniform, case), xavier_limit(case), "the entries")


@task("xavier_uniform", "the limit is right for small layers too", weight=1)
@pytest.mark.parametrize("case", SMALL, ids=str)
def test_xavier_small_layers(student: Any, case: Draw) -> None:
    # sqrt(6 / (sum + 1)) for a sum of at most 14 is 3.4 per cent lower: 24 * 35 entries reach within 3.3 of the limit
    assert_limit(drawn(student.xavier_uniform, case, 24), xavier_limit(case), "the entries of small matrices")


@task("xavier_uniform", "evenly distributed on both sides of zero", weight=2)
@pytest.mark.parametrize("case", SHAPE, ids=str)
def test_xavier_distribution(student: Any, case: Draw) -> None:
    assert_uniform(drawn(student.xavier_uniform, case), "the entries")


@task("xavier_uniform", "every entry is a draw of its own")
@pytest.mark.parametrize("case", MATRIX, ids=str)
def test_xavier_independence(student: Any, case: Draw) -> None:
    check_independence(student.xavier_uniform, case, xavier_limit(case) / math.sqrt(3))


@task("xavier_uniform", "a float64 array of shape (n_in, n_out)")
@pytest.mark.parametrize("case", SIZES, ids=str)
def test_xavier_size(student: Any, case: Draw) -> None:
    check_size(student.xavier_uniform, case)


@task("xavier_uniform", "all randomness comes from rng", weight=2)
@pytest.mark.parametrize("case", SEEDS, ids=str)
def test_xavier_seeds(student: Any, case: Draw) -> None:
    check_seeds(student.xavier_uniform, case)


@task("he_normal", "the variance is 2 / n_in", weight=4)
@pytest.mark.parametrize("case", SCALES, ids=str)
def test_he_spread(student: Any, case: Draw) -> None:
    assert_spread(drawn(student.he_normal, case), math.sqrt(2 / case.n_in), "the entries")


@task("he_normal", "normally distributed about 0", weight=2)
@pytest.mark.parametrize("case", SHAPE, ids=str)
def test_he_distribution(student: Any, case: Draw) -> None:
    assert_normal(drawn(student.he_normal, case), "the entries")


@task("he_normal", "every entry is a draw of its own")
@pytest.mark.parametrize("case", MATRIX, ids=str)
def test_he_independence(student: Any, case: Draw) -> None:
    check_independence(student.he_normal, case, math.sqrt(2 / case.n_in))


@task("he_normal", "a float64 array of shape (n_in, n_out)")
@pytest.mark.parametrize("case", SIZES, ids=str)
def test_he_size(student: Any, case: Draw) -> None:
    check_size(student.he_normal, case)


@task("he_normal", "all randomness comes from rng", weight=2)
@pytest.mark.parametrize("case", SEEDS, ids=str)
def test_he_seeds(student: Any, case: Draw) -> None:
    check_seeds(student.he_normal, case)


@task("small_random", "the standard deviation is 0.01 by default", weight=2)
@pytest.mark.parametrize("case", SCALES, ids=str)
def test_small_default_spread(student: Any, case: Draw) -> None:
    assert_spread(drawn(student.small_random, case), 0.01, "the entries")


@task("small_random", "the standard deviation is the one that is asked for", weight=2)
@pytest.mark.parametrize("case", SCALES, ids=str)
def test_small_given_spread(student: Any, case: Draw) -> None:
    size = case.n_in, case.n_out
    by_position = entries(student.small_random(*size, case.rng(), case.std), *size)
    assert_spread(by_position, case.std, "the entries")
    by_name = entries(student.small_random(*size, case.rng(), std=case.std / 40), *size)
    assert_spread(by_name, case.std / 40, "the entries")


@task("small_random", "normally distributed about 0", weight=2)
@pytest.mark.parametrize("case", SHAPE, ids=str)
def test_small_distribution(student: Any, case: Draw) -> None:
    assert_normal(drawn(student.small_random, case), "the entries")


@task("small_random", "every entry is a draw of its own")
@pytest.mark.parametrize("case", MATRIX, ids=str)
def test_small_independence(student: Any, case: Draw) -> None:
    check_independence(student.small_random, case, 0.01)


@task("small_random", "a float64 array of shape (n_in, n_out)")
@pytest.mark.parametrize("case", SIZES, ids=str)
def test_small_size(student: Any, case: Draw) -> None:
    check_size(student.small_random, case)


@task("small_random", "all randomness comes from rng", weight=2)
@pytest.mark.parametrize("case", SEEDS, ids=str)
def test_small_seeds(student: Any, case: Draw) -> None:
    check_seeds(student.small_random, case)
