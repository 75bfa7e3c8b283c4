"""How a wrong array differs from the right one, in words that give away neither the input nor the answer."""

import numpy as np

Array = np.ndarray


def describe(actual: Array, expected: Array, rtol: float, atol: float, what: str) -> str:
    """One or two sentences on two arrays of one shape and dtype that do not match: the plainest thing to be seen."""
    if actual.dtype.kind not in "fc":
        return f"{what} has wrong values {_where(actual != expected)}."
    with np.errstate(all="ignore"):
        wrong = ~np.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True)
    where = _where(wrong)
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
    for axis in range(wrong.ndim):
        others = tuple(other for other in range(wrong.ndim) if other != axis)
        slices = wrong.any(axis=others)
        if wrong.shape[axis] > 1 and int(slices.sum()) == 1:
            return f"only at index {int(np.argmax(slices))} of axis {axis}"
    first = tuple(int(index) for index in np.argwhere(wrong)[0])
    place = first[0] if len(first) == 1 else first
    return f"in {count} of {total} entries, first at index {place}"
