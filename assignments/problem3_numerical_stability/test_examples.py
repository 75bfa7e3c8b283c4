"""Visible examples for problem 3. Run `pytest` in this folder.

They are small, can be checked by hand, and catch the crude mistakes. Passing them is not the grade: the
hidden tests use other sizes (1 in every place, all sizes different, up to five dimensions), every axis, logits up to
1e300, slices that lie far apart, several masked (-inf) entries and slices with nothing else, float32, every integer
dtype, transposed, reversed and sliced views, repeated calls, and arguments that must not change; for `is_stable`
many implementations, right and faulty, of which some raise, some overwrite their argument and some are off by 0.1
in one entry; for `max_difference_from_torch` stand-ins for your `log_softmax`.
"""

import warnings
from collections.abc import Callable

import numerical_stability as student
import numpy as np
import pytest
import torch
import torch.nn.functional as F

LOG2, LOG3 = np.log(2), np.log(3)


def check(actual: object, expected: np.ndarray, dtype: type = np.float64) -> None:
    """Compare kind, shape, dtype and values, in this order, each with a message of its own."""
    assert isinstance(actual, np.ndarray | np.generic), f"a NumPy array was expected, but this came: {actual!r}"
    assert actual.shape == expected.shape, f"shape {actual.shape} instead of {expected.shape}"
    assert actual.dtype == dtype, f"dtype {actual.dtype} instead of {np.dtype(dtype)}"
    assert np.allclose(actual, expected, rtol=1e-6, atol=1e-6), f"\n{actual}\ninstead of\n{expected}"


@pytest.mark.task("logsumexp")
def test_sum_of_equal_logits() -> None:
    # n equal logits x give log(n * exp(x)) = x + log(n)
    check(student.logsumexp(np.array([[0.0, 0.0], [5.0, 5.0]])), np.array([LOG2, 5 + LOG2]))
    check(student.logsumexp(np.array([7.0, 7.0, 7.0])), np.asarray(7 + LOG3))


@pytest.mark.task("logsumexp")
def test_sum_over_the_first_axis() -> None:
    x = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    check(student.logsumexp(x, axis=0), np.array([1 + LOG2, 2 + LOG2, 3 + LOG2]))


@pytest.mark.task("logsumexp")
def test_large_logits_do_not_overflow() -> None:
    x = np.array([[1000.0, 1000.0], [-1000.0, -1000.0]])
    check(student.logsumexp(x), np.array([1000 + LOG2, -1000 + LOG2]))


@pytest.mark.task("logsumexp")
def test_masked_logits_count_for_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # a warning is an error here
        result = student.logsumexp(np.array([[4.0, -np.inf], [-np.inf, -np.inf]]))
    check(result, np.array([4.0, -np.inf]))


@pytest.mark.task("logsumexp")
def test_dtypes() -> None:
    check(student.logsumexp(np.zeros((2, 3), np.float32)), np.array([LOG3, LOG3]), np.float32)
    check(student.logsumexp(np.array([[100, 100]], np.int8)), np.array([100 + LOG2]))


@pytest.mark.task("log_softmax")
def test_equal_logits_share_the_probability() -> None:
    x = np.array([[0.0, 0.0, 0.0], [9.0, 9.0, 9.0]])
    check(student.log_softmax(x), np.full((2, 3), -LOG3))
    check(student.log_softmax(x, axis=0), np.array([[-9.0] * 3, [0.0] * 3]) - np.log1p(np.exp(-9)))


@pytest.mark.task("log_softmax")
def test_large_logits() -> None:
    # exp(-1000) is nothing beside 1, so that the log-probabilities are x - max(x)
    check(student.log_softmax(np.array([1000.0, 2000.0, 3000.0])), np.array([-2000.0, -1000.0, 0.0]))


@pytest.mark.task("log_softmax")
def test_slices_of_different_size() -> None:
    x = np.array([[5000.0, 5000.0], [1.0, 1.0]])
    check(student.log_softmax(x), np.full((2, 2), -LOG2))


@pytest.mark.task("log_softmax")
def test_masked_logit_stays_masked() -> None:
    x = np.array([2.0, -np.inf, 2.0])
    check(student.log_softmax(x), np.array([-LOG2, -np.inf, -LOG2]))


@pytest.mark.task("log_softmax")
def test_log_softmax_dtypes() -> None:
    check(student.log_softmax(np.zeros((1, 2), np.float32)), np.array([[-LOG2, -LOG2]]), np.float32)
    check(student.log_softmax(np.array([3, 3], np.uint8)), np.array([-LOG2, -LOG2]))


def by_pytorch(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """A right implementation."""
    return F.log_softmax(torch.from_numpy(np.array(x, dtype=np.float64)), dim=axis).numpy()


def naive(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """A faulty implementation: it gives NaN for large logits."""
    with np.errstate(all="ignore"):
        exponentials = np.exp(np.asarray(x, dtype=np.float64))
        return np.asarray(np.log(exponentials / np.sum(exponentials, axis=axis, keepdims=True)))


def with_eps(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """A faulty implementation: finite, but log(1e-10) = -23 instead of -1000."""
    return np.asarray(np.log(np.exp(by_pytorch(x, axis)) + 1e-10))


def refusing(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """A faulty implementation: it raises."""
    raise FloatingPointError("overflow encountered in exp")


@pytest.mark.task("is_stable")
@pytest.mark.parametrize(
    ("implementation", "verdict"), [(by_pytorch, True), (naive, False), (with_eps, False), (refusing, False)]
)
def test_verdicts(implementation: Callable[..., np.ndarray], verdict: bool) -> None:
    answer = student.is_stable(implementation)
    assert isinstance(answer, bool | np.bool_), f"True or False was expected, but this came: {answer!r}"
    assert answer == verdict, f"is_stable says {answer} of `{getattr(implementation, '__name__', '')}`"


@pytest.mark.task("max_difference_from_torch")
@pytest.mark.parametrize("error", [0.25, -0.5])
def test_difference_is_found(monkeypatch: pytest.MonkeyPatch, error: float) -> None:
    def off_in_one_entry(x: np.ndarray, axis: int = -1) -> np.ndarray:
        result = by_pytorch(x, axis)
        result[0, 1] += error
        return result

    monkeypatch.setattr(student, "log_softmax", off_in_one_entry)
    difference = student.max_difference_from_torch(np.array([[1.0, 2.0], [3.0, 5.0]]))
    assert isinstance(difference, float | np.floating), f"a float was expected, but this came: {difference!r}"
    assert abs(difference - abs(error)) < 1e-6, f"one entry is off by {error}, and the answer is {difference}"


@pytest.mark.task("max_difference_from_torch")
def test_masked_entries_are_equal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(student, "log_softmax", by_pytorch)
    difference = student.max_difference_from_torch(np.array([[1.0, -np.inf], [3.0, 5.0]]), axis=1)
    assert difference < 1e-6, f"both sides give -inf for the masked entry, and the answer is {difference}"
