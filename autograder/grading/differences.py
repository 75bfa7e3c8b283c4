"""How a wrong array differs from the right one, in words that give away neither the input nor the answer."""

import numpy as np

from autograder.grading.results import Difference

Array = np.ndarray

_SQUARES = 12  # a picture has at most so many along each of the last two axes,
_PANELS = (3, 4)  # and so many panels down and across, for the two axes before them
_NAMED = 3  # so many slices are named one by one


def wrong_entries(actual: Array, expected: Array, rtol: float, atol: float) -> Array:
    """A mask of the entries that are wrong; integers must be equal, NaN matches NaN."""
    if actual.dtype.kind not in "fc":
        return np.asarray(actual != expected)
    with np.errstate(all="ignore"):
        return np.asarray(~np.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True))


def difference(wrong: Array) -> Difference | None:
    """The picture of a mask of wrong entries; None where words do as well: of one axis, or if all is right or wrong.

    It tells a student which of the entries that his own code returned are right, which he is told in numbers
    anyway; of the input it tells the shape.
    """
    count = int(np.count_nonzero(wrong))
    if wrong.ndim < 2 or count in (0, wrong.size):
        return None
    # Axes before the last four have one square: whatever is wrong anywhere along them shows.
    most = (*[1] * (wrong.ndim - 4), *_PANELS, _SQUARES, _SQUARES)[-wrong.ndim :]
    shares = wrong.astype(np.float32)
    for axis, squares in enumerate(most):
        shares = _fold(shares, axis, squares)
    down, across, _, width = (*[1] * 4, *shares.shape)[-4:]
    rows = tuple(
        "".join("." if share == 0 else "x" if share == 1 else "/" for share in row)
        for row in shares.reshape(-1, width).tolist()
    )
    return Difference(
        shape=wrong.shape,
        panels=(down, across),
        rows=rows,
        words=f"{count} of {wrong.size} entries {'is' if count == 1 else 'are'} wrong, {_place(wrong)}",
    )


def _fold(shares: Array, axis: int, squares: int) -> Array:
    """At most `squares` along an axis, each the mean of the entries that it stands for."""
    length = shares.shape[axis]
    if length <= squares:
        return shares
    edges = np.arange(squares) * length // squares
    counts = np.diff(np.append(edges, length)).astype(np.float32)
    sums = np.add.reduceat(shares, edges, axis=axis)
    means: Array = sums / counts.reshape([-1 if other == axis else 1 for other in range(shares.ndim)])
    return means


def describe(actual: Array, expected: Array, rtol: float, atol: float, what: str) -> str:
    """One or two sentences on two arrays of one shape and dtype that do not match: the plainest thing to be seen."""
    wrong = wrong_entries(actual, expected, rtol, atol)
    where = _where(wrong)
    if actual.dtype.kind not in "fc":
        return f"{what} has wrong values {where}."
    if (strange := np.isnan(actual) & ~np.isnan(expected)).any():
        return f"{what} contains NaN {_where(strange)}, where a number is due."
    if (strange := np.isinf(actual) & ~np.isinf(expected)).any():
        return f"{what} is infinite {_where(strange)}, where a finite number is due."
    if (strange := ~np.isinf(actual) & np.isinf(expected)).any():
        return f"{what} is finite {_where(strange)}, where an infinity is due."
    relation = _relation(actual, expected, rtol, atol)
    if relation:
        return f"{what} is wrong: {relation}."
    finite = wrong & np.isfinite(actual) & np.isfinite(expected)
    largest = float(np.max(np.abs(actual[finite] - expected[finite]), initial=0.0))
    return f"{what} has wrong values {where}; the largest difference is {largest:.2g}."


def _relation(actual: Array, expected: Array, rtol: float, atol: float) -> str:
    """A simple law that takes the right array to the wrong one, if there is one."""

    def same(candidate: Array) -> bool:
        # Looser than the check itself: a law is recognised although both sides carry rounding errors.
        return candidate.shape == actual.shape and bool(
            np.allclose(actual, candidate, rtol=max(10 * rtol, 1e-4), atol=10 * atol, equal_nan=True)
        )

    finite = np.isfinite(expected) & np.isfinite(actual)
    if finite.sum() < 2:
        return ""
    mine, due = actual[finite].astype(np.float64), expected[finite].astype(np.float64)
    if not mine.any():
        return "every entry is 0"
    if np.ptp(mine) == 0 and np.ptp(due) > 0:
        return "every entry is the same number"
    if same(-expected):
        return "every sign is flipped"
    largest = np.argmax(np.abs(due))
    factor = mine[largest] / due[largest] if due[largest] else 0.0
    if factor and np.isfinite(factor) and same(expected * factor) and abs(factor - 1) > 1e-4:
        return f"every entry is {factor:.4g} times what it should be"
    offset = float(np.median(mine - due))
    if abs(offset) > 100 * atol and same(expected + offset):
        return f"every entry is off by the same amount, {offset:.4g}"
    for axis in range(expected.ndim):
        if expected.shape[axis] > 1 and same(np.flip(expected, axis)):
            return f"the entries are in reverse order along axis {axis}"
    for first in range(expected.ndim):
        for second in range(first):
            if expected.shape[first] == expected.shape[second] > 1 and same(expected.swapaxes(first, second)):
                return f"axes {second} and {first} are exchanged"
    if np.allclose(mine, due, rtol=1e-3, atol=1e-6 * float(np.max(np.abs(due)))):
        return "the numbers agree to a few digits only, as when precision is lost by a smaller dtype or by cancellation"
    if np.allclose(np.sort(mine), np.sort(due), rtol=max(rtol, 1e-4), atol=atol):
        return "the right numbers are there, but in other places (another order or layout)"
    return ""


def _where(wrong: Array) -> str:
    """Which entries, as briefly as they can be told: all, one slice of an axis, or how many and the first."""
    count, total = int(wrong.sum()), wrong.size
    if count == total:
        return "everywhere" if total > 1 else "in its only entry"
    place = _place(wrong)
    return place if place.startswith("only") else f"in {count} of {total} entries, {place}"


def _place(wrong: Array) -> str:
    """The one wrong entry; or the few slices of an axis that hold all that is wrong; or else the first wrong entry."""
    first = tuple(int(index) for index in np.unravel_index(np.argmax(wrong), wrong.shape))
    index = str(first[0] if len(first) == 1 else first)
    if np.count_nonzero(wrong) == 1:
        return f"only at index {index}"
    axes = range(wrong.ndim)
    touched = [np.flatnonzero(wrong.any(axis=tuple(other for other in axes if other != axis))) for axis in axes]
    for named in range(1, _NAMED + 1):
        for axis, slices in enumerate(touched):
            if len(slices) == named < wrong.shape[axis]:
                *most, last = map(str, slices)
                indices = f"indices {', '.join(most)} and {last}" if most else f"index {last}"
                return f"only at {indices} of axis {axis}"
    return f"first at index {index}"
