"""Are these numbers independent draws from the distribution that is due? Checks for random weights, by bounds.

Whatever the order and the method of drawing, a right sampler fails one of these checks with a probability of about
CHANCE = 1e-12, of 2e-12 at most; the graders of this problem make fewer than 200 of them on one submission, so that a
right one loses points to chance less than once in 2e9 gradings. With x = ln(1 / CHANCE) and n entries:

- limit: no entry of a uniform is beyond its limit; all n are below (1 - t) * limit with probability (1 - t)^n, so
  that the largest reaches (1 - x/n) * limit.
- spread: the sum of squares of n standard normals is chi-square, between n - 2 sqrt(n x) and n + 2 sqrt(n x) + 2 x
  (Laurent and Massart 2000, lemma 1).
- shape, whatever the scale: the empirical distribution function is within sqrt((x + ln 2) / 2n) of the true one
  everywhere (Dvoretzky, Kiefer and Wolfowitz with Massart's constant; scaling by the sample's own variance only
  brings it closer, Durbin 1973). It is not closer than 0.15 / sqrt(n) either (Kolmogorov's distribution: 1e-20), as
  the shuffled points of a grid are.
- tails of n normals, scaled by the sample's own variance: the largest is neither missing (truncation) nor absurd,
  P(max |z| < t) = (1 - P(|z| > t))^n (at most twice that after scaling: Basu's theorem). The mean of |z| is not below
  sqrt(2/pi) by more than 1.7 / sqrt(n), as it is when tails are heavy (Chernoff's bound, n >= 1000).
- correlation: the sum of z[i] z[i + lag] over all entries, cyclic in every direction (one FFT), is a quadratic form of
  Frobenius norm <= sqrt(n) and operator norm <= 1; for normal z it is within 2 sqrt(n x) + 2 x (the same lemma), now
  with x = ln(2n / CHANCE) for n lags of both signs. A uniform variable is strictly sub-Gaussian: replacing one after
  the other by a normal of the same variance only enlarges the moment generating function, so that the bound holds
  for it too. The sample's own mean and variance do the scaling; a margin of a third covers what that changes.
- repeats: two of n entries have the same size to twelve digits with probability below 1e-12 n^2 (in single
  precision, about 1e-7 n^2); one in 200 may.
- adjustment: when a matrix is centred or scaled to its exact variance after the draw, its sum is right to 1e-12
  standard errors (by chance: 8e-13); when all its rows or columns are, theirs are, to 1e-9 (by chance: never).
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograder.grading import fail
from autograder.grading.checks import kind

Floats = npt.NDArray[np.float64]

CHANCE = 1e-12
X = math.log(1 / CHANCE)

# The normal distribution function, to 1e-6 when interpolated.
_GRID = np.linspace(-9, 9, 4001)
_NORMAL = np.array([math.erfc(-z / math.sqrt(2)) / 2 for z in _GRID])


def entries(value: Any, n_in: int, n_out: int, what: str = "the result") -> Floats:
    """A student's weights as float64, in the shape they came in: a wrong shape or dtype has its own behaviour."""
    if not isinstance(value, np.ndarray):
        fail(f"{what} should be a NumPy array, but it is {kind(value)}.")
    if value.dtype.kind not in "fiu" or value.size != n_in * n_out:
        fail(f"{what} has shape {value.shape} and dtype {value.dtype}: not n_in times n_out real numbers.")
    numbers = value.astype(np.float64)
    if not np.isfinite(numbers).all():
        fail(f"{what} contains NaN or infinity.")
    if numbers.size > 3 and np.ptp(numbers) == 0:
        fail(f"{what} is not random: all its entries are the same number.")
    return numbers


def assert_limit(numbers: Floats, limit: float, what: str) -> None:
    """The numbers reach up to `limit` in size, and not beyond."""
    reached = float(np.abs(numbers).max()) / limit
    if not 1 - X / numbers.size <= reached <= 1 + 1e-9:
        fail(f"{what} should reach up to the limit and not beyond; the largest is {reached:.6g} times the limit.")


def assert_spread(numbers: Floats, std: float, what: str) -> None:
    """The numbers have the standard deviation `std` about 0, as n draws from a normal distribution have it."""
    n = numbers.size
    squares = float(np.sum(numbers * numbers)) / std**2
    if not n - 2 * math.sqrt(n * X) <= squares <= n + 2 * math.sqrt(n * X) + 2 * X:
        fail(f"{what} are spread {math.sqrt(squares / n):.3g} times as widely as they should be.")


def assert_uniform(numbers: Floats, what: str) -> None:
    """The numbers are evenly distributed between minus and plus the largest of them."""
    limit = float(np.abs(numbers).max())
    if limit == 0:
        fail(f"{what} are all 0.")
    _assert_distribution((numbers / limit + 1) / 2, what, "uniformly between -limit and limit")


def assert_normal(numbers: Floats, what: str) -> None:
    """The numbers are normally distributed about 0, tails included."""
    std = math.sqrt(float(np.mean(numbers * numbers)))
    if std == 0:
        fail(f"{what} are all 0.")
    z = numbers / std
    largest = float(np.abs(z).max())
    tail = math.erfc(largest / math.sqrt(2))  # P(|z| > largest)
    if z.size * math.log1p(-min(tail, 0.5)) < -X:
        fail(f"{what} end at {largest:.3g} standard deviations; draws from a normal distribution go further.")
    if z.size * tail < CHANCE:
        fail(f"{what} go up to {largest:.3g} standard deviations, which a normal distribution does not.")
    if float(np.mean(np.abs(z))) < math.sqrt(2 / math.pi) - 1.7 / math.sqrt(z.size):
        fail(f"{what} have heavier tails than a normal distribution.")
    _assert_distribution(np.interp(np.sort(z.ravel()), _GRID, _NORMAL), what, "normally, about a mean of 0")


def _assert_distribution(probabilities: Floats, what: str, due: str) -> None:
    """The values of the distribution function are uniform between 0 and 1."""
    n = probabilities.size
    p = np.sort(probabilities.ravel())
    steps = np.arange(n + 1) / n
    distance = float(max((steps[1:] - p).max(), (p - steps[:-1]).max()))
    if distance > math.sqrt((X + math.log(2)) / (2 * n)):
        fail(f"{what} are not distributed as they should be: {due}.")
    if distance < 0.15 / math.sqrt(n):
        fail(f"{what} lie too evenly for independent draws, as if a regular grid were shuffled.")


def assert_independent(numbers: Floats, what: str) -> None:
    """No entry tells anything about another: no repeats, no correlation at any distance, no exact sums."""
    assert_no_repeats(numbers, what)
    n = numbers.size
    z = numbers - numbers.mean()
    z = z / math.sqrt(float(np.mean(z * z)))
    products = np.fft.ifftn(np.abs(np.fft.fftn(z)) ** 2).real.ravel()[1:]
    x = math.log(2 * n / CHANCE)
    if float(np.abs(products).max()) > 4 / 3 * (2 * math.sqrt(n * x) + 2 * x):
        fail(f"{what} depend on each other: those at some fixed distance are correlated.")


def assert_no_repeats(numbers: Floats, what: str) -> None:
    """The entries differ from each other, signs aside."""
    sizes = np.sort(np.abs(numbers.ravel()))
    repeats = int(np.count_nonzero(np.diff(sizes) <= 1e-12 * sizes[-1]))
    if repeats > sizes.size // 200:
        fail(f"{what} should each be a draw of its own, but {repeats} of {sizes.size} repeat others.")


def assert_not_adjusted(numbers: Floats, std: float, what: str) -> None:
    """A matrix (of at least 3 x 3) was not centred, scaled or orthogonalized after it was drawn."""
    z = numbers / std
    total = abs(float(z.sum())) / math.sqrt(z.size)
    excess = abs(math.sqrt(float(np.mean(z * z))) - 1) * math.sqrt(2 * z.size)
    exact = total < 1e-12 or excess < 1e-12
    for axis in (0, 1):
        squares = np.mean(z * z, axis=axis)
        exact |= bool(np.abs(z.mean(axis=axis)).max() < 1e-9 or np.ptp(squares) < 1e-9 * squares.mean())
    if exact:
        fail(f"{what} are not independent draws: sums over them were made exact afterwards.")
