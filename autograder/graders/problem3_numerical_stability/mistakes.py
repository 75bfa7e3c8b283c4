"""Known mistakes of problem 3, from the crudest to those that show in one corner only."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numerical_stability import _as_floating, log_softmax

from autograder.grading import mistake

# logsumexp ----------------------------------------------------------------------------------------------


@mistake("logsumexp", hint="Take each slice's maximum away before `np.exp`, and add it again after `np.log`.")
def naive_sum(x: np.ndarray, axis: int = -1) -> Any:
    """takes the exponentials as they are, so that large logits overflow and very negative ones vanish"""
    with np.errstate(all="ignore"):
        return np.log(np.sum(np.exp(_as_floating(x)), axis=axis))


@mistake("logsumexp", hint="log(sum(exp(x))) = max + log(sum(exp(x - max))): the maximum comes back at the end.")
def forgets_the_maximum(x: np.ndarray, axis: int = -1) -> Any:
    """subtracts the maximum and does not add it back"""
    x = _as_floating(x)
    with np.errstate(all="ignore"):
        return np.log(np.sum(np.exp(x - np.max(x, axis=axis, keepdims=True)), axis=axis))


@mistake("logsumexp", hint="The shift was taken away inside the exponential, so it has to be added outside.")
def subtracts_it_twice(x: np.ndarray, axis: int = -1) -> Any:
    """subtracts the maximum once more at the end, where it should be added"""
    x = _as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(all="ignore"):
        return np.log(np.sum(np.exp(x - shift), axis=axis)) - np.squeeze(shift, axis)


@mistake("logsumexp", hint="Subtract each slice's own maximum: `x.max(axis=axis, keepdims=True)`.")
def subtracts_global_max(x: np.ndarray, axis: int = -1) -> Any:
    """subtracts the maximum of the whole array, so that slices far below it underflow"""
    x = _as_floating(x)
    largest = x.max() if np.isfinite(x.max()) else 0
    with np.errstate(all="ignore"):
        return np.log(np.sum(np.exp(x - largest), axis=axis)) + largest


@mistake("logsumexp", hint="Only the largest entry itself makes every exponent 0 or less, whatever its sign.")
def shifts_by_largest_size(x: np.ndarray, axis: int = -1) -> Any:
    """shifts by the largest absolute value, which underflows where the logits are very negative"""
    x = _as_floating(x)
    shift = np.max(np.abs(x), axis=axis, keepdims=True, where=np.isfinite(x), initial=0)
    with np.errstate(all="ignore"):
        return np.log(np.sum(np.exp(x - shift), axis=axis)) + np.squeeze(shift, axis)


@mistake("logsumexp", hint="After subtracting the mean, an entry 1000 above it still overflows; subtract the maximum.")
def shifts_by_the_mean(x: np.ndarray, axis: int = -1) -> Any:
    """shifts by the mean, which leaves large positive exponents"""
    x = _as_floating(x)
    with np.errstate(all="ignore"):
        shift = np.mean(np.where(np.isfinite(x), x, 0), axis=axis, keepdims=True)
        return np.log(np.sum(np.exp(x - shift), axis=axis)) + np.squeeze(shift, axis)


@mistake("logsumexp", hint="The largest entry is only a lower bound; the other entries add to it.")
def returns_the_maximum(x: np.ndarray, axis: int = -1) -> Any:
    """returns the maximum and leaves the logarithm of the sum out"""
    return np.max(_as_floating(x), axis=axis)


@mistake("logsumexp", hint="It is a sum of exponentials, not their average: the two differ by log(n).")
def mean_for_sum(x: np.ndarray, axis: int = -1) -> Any:
    """takes the mean of the exponentials instead of their sum"""
    x = _as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):
        return np.log(np.mean(np.exp(x - shift), axis=axis)) + np.squeeze(shift, axis)


@mistake("logsumexp", hint="Hand `axis` to both `np.max` and `np.sum`.")
def always_the_last_axis(x: np.ndarray, axis: int = -1) -> Any:
    """sums over the last axis, whatever `axis` says"""
    x = _as_floating(x)
    largest = np.max(x, axis=-1, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):
        return np.log(np.sum(np.exp(x - shift), axis=-1)) + np.squeeze(shift, -1)


@mistake("logsumexp", hint="Without `axis`, `np.sum` sums everything. Each slice along `axis` has its own result.")
def sums_everything(x: np.ndarray, axis: int = -1) -> Any:
    """sums over all entries of the array at once"""
    x = _as_floating(x)
    largest = np.max(x)
    shift = largest if np.isfinite(largest) else x.dtype.type(0)
    with np.errstate(divide="ignore"):
        return np.log(np.sum(np.exp(x - shift))) + shift


@mistake("logsumexp", hint="The axis that was summed over is removed: `np.squeeze(result, axis=axis)` drops it.")
def keeps_the_axis(x: np.ndarray, axis: int = -1) -> Any:
    """keeps the summed axis as an axis of size 1"""
    x = _as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):
        return np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True)) + shift


@mistake("logsumexp", hint="`np.squeeze` without an axis removes every axis of size 1; name the one to remove.")
def squeezes_every_axis(x: np.ndarray, axis: int = -1) -> Any:
    """removes every axis of size 1, not only the summed one"""
    x = _as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):
        return np.squeeze(np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True)) + shift)


@mistake("logsumexp", hint="For such a slice the maximum is -inf, and -inf - -inf is NaN: shift it by 0 instead.")
def nan_when_all_masked(x: np.ndarray, axis: int = -1) -> Any:
    """gives NaN for a slice whose entries are all -inf"""
    x = _as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    with np.errstate(all="ignore"):
        return np.log(np.sum(np.exp(x - largest), axis=axis)) + np.squeeze(largest, axis)


@mistake("logsumexp", hint='The value is right. Compute the logarithm inside `with np.errstate(divide="ignore"):`.')
def warns_when_all_masked(x: np.ndarray, axis: int = -1) -> Any:
    """warns about log(0) for a slice whose entries are all -inf"""
    x = _as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    return np.log(np.sum(np.exp(x - shift), axis=axis)) + np.squeeze(shift, axis)


@mistake("logsumexp", hint="An entry of -inf adds exp(-inf) = 0 to the sum; leave it as it is.")
def masked_logits_count_as_zero(x: np.ndarray, axis: int = -1) -> Any:
    """replaces -inf by 0, so that a masked logit takes part as exp(0) = 1"""
    x = np.nan_to_num(_as_floating(x), neginf=0.0)
    largest = np.max(x, axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(x - largest), axis=axis)) + np.squeeze(largest, axis)


@mistake("logsumexp", hint="The sum is at least 1 after the shift: no small number is needed inside the logarithm.")
def adds_a_small_number(x: np.ndarray, axis: int = -1) -> Any:
    """adds a small constant inside the logarithm"""
    x = _as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    return np.log(np.sum(np.exp(x - shift), axis=axis) + x.dtype.type(1e-5)) + np.squeeze(shift, axis)


@mistake("logsumexp", hint="Convert integers only; a float32 array should be computed with as it is.")
def always_float64(x: np.ndarray, axis: int = -1) -> Any:
    """returns float64 for float32 input"""
    x = np.asarray(x, dtype=np.float64)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):
        return np.log(np.sum(np.exp(x - shift), axis=axis)) + np.squeeze(shift, axis)


@mistake("logsumexp", hint="Turn integers into float64 before anything is subtracted: int8 wraps at 127.")
def integers_wrap(x: np.ndarray, axis: int = -1) -> Any:
    """subtracts the maximum in the integers' own dtype, where the difference wraps around"""
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0).astype(x.dtype)
    with np.errstate(all="ignore"):
        total = np.log(np.sum(np.exp(_as_floating(x - shift)), axis=axis))
        return total + np.squeeze(_as_floating(shift), axis)


@mistake("logsumexp", hint="`x -= ...` writes into the caller's array; `x = x - ...` makes a new one.")
def shifts_in_place(x: np.ndarray, axis: int = -1) -> Any:
    """subtracts the maximum in place, in the caller's array"""
    x = _as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    x -= shift
    with np.errstate(divide="ignore"):
        return np.log(np.sum(np.exp(x), axis=axis)) + np.squeeze(shift, axis)


@mistake("logsumexp", hint="A dtype is kept in any number of dimensions: do not ask for float64 in between.")
def float64_for_batches_of_matrices(x: np.ndarray, axis: int = -1) -> Any:
    """returns float64 for float32 input of more than two dimensions"""
    x = _as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, np.zeros_like(largest))
    with np.errstate(divide="ignore"):
        total = np.log(np.sum(np.exp(x - shift), axis=axis, dtype=np.float64 if x.ndim > 2 else x.dtype))
    return total + np.squeeze(shift, axis)


# log_softmax --------------------------------------------------------------------------------------------


@mistake("log_softmax", hint="Expand the logarithm of the quotient first, then shift by the maximum.")
def log_of_naive_softmax(x: np.ndarray, axis: int = -1) -> Any:
    """takes the logarithm of a softmax whose exponentials overflow"""
    with np.errstate(all="ignore"):
        exponentials = np.exp(_as_floating(x))
        return np.log(exponentials / np.sum(exponentials, axis=axis, keepdims=True))


@mistake("log_softmax", hint="A tiny probability is 0 in a float, and log(0) is -inf: compute no probability at all.")
def log_of_stable_softmax(x: np.ndarray, axis: int = -1) -> Any:
    """takes the logarithm of a softmax, in which small probabilities have become 0"""
    x = _as_floating(x)
    exponentials = np.exp(x - np.max(x, axis=axis, keepdims=True))
    with np.errstate(divide="ignore"):
        return np.log(exponentials / np.sum(exponentials, axis=axis, keepdims=True))


@mistake("log_softmax", hint="The small number hides the -inf and leaves a wrong value: compute no probability at all.")
def log_of_softmax_plus_eps(x: np.ndarray, axis: int = -1) -> Any:
    """takes the logarithm of a softmax plus a small constant"""
    x = _as_floating(x)
    exponentials = np.exp(x - np.max(x, axis=axis, keepdims=True))
    probabilities = exponentials / np.sum(exponentials, axis=axis, keepdims=True)
    return np.log(probabilities + x.dtype.type(1e-12))


@mistake("log_softmax", hint="Clipping keeps log(0) away, but every smaller probability gets the same logarithm.")
def log_of_clipped_softmax(x: np.ndarray, axis: int = -1) -> Any:
    """clips small probabilities before it takes the logarithm"""
    x = _as_floating(x)
    exponentials = np.exp(x - np.max(x, axis=axis, keepdims=True))
    probabilities = exponentials / np.sum(exponentials, axis=axis, keepdims=True)
    return np.log(np.clip(probabilities, x.dtype.type(1e-15), None))


@mistake("log_softmax", hint="The logarithm of the probabilities is asked for.")
def returns_the_softmax(x: np.ndarray, axis: int = -1) -> Any:
    """returns the probabilities, not their logarithms"""
    x = _as_floating(x)
    exponentials = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return exponentials / np.sum(exponentials, axis=axis, keepdims=True)


@mistake("log_softmax", hint="Shift by the maximum inside the exponential: see `logsumexp`.")
def subtracts_naive_logsumexp(x: np.ndarray, axis: int = -1) -> Any:
    """subtracts log(sum(exp(x))) computed without a shift"""
    x = _as_floating(x)
    with np.errstate(all="ignore"):
        return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))


@mistake("log_softmax", hint="x - max is the numerator's logarithm only; that of the sum has still to be subtracted.")
def forgets_the_sum(x: np.ndarray, axis: int = -1) -> Any:
    """subtracts the maximum only, not the logarithm of the sum"""
    x = _as_floating(x)
    return x - np.max(x, axis=axis, keepdims=True)


@mistake("log_softmax", hint="The sum was taken over exp(x - max): subtract it from x - max, not from x.")
def forgets_to_shift_the_logits(x: np.ndarray, axis: int = -1) -> Any:
    """shifts the logits inside the sum, but not the ones that the sum's logarithm is subtracted from"""
    x = _as_floating(x)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return x - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@mistake("log_softmax", hint="Subtract each slice's own maximum: `x.max(axis=axis, keepdims=True)`.")
def shifts_by_global_max(x: np.ndarray, axis: int = -1) -> Any:
    """subtracts the maximum of the whole array instead of each slice's own"""
    shifted = _as_floating(x) - np.max(_as_floating(x))
    with np.errstate(all="ignore"):
        return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@mistake("log_softmax", hint="Without `axis`, `np.sum` sums everything. Probabilities sum to 1 in each slice.")
def normalizes_everything(x: np.ndarray, axis: int = -1) -> Any:
    """normalizes over the whole array, not over each slice"""
    shifted = _as_floating(x) - np.max(_as_floating(x))
    return shifted - np.log(np.sum(np.exp(shifted)))


@mistake("log_softmax", hint="Hand `axis` to both `np.max` and `np.sum`.")
def normalizes_the_last_axis(x: np.ndarray, axis: int = -1) -> Any:
    """normalizes along the last axis, whatever `axis` says"""
    x = _as_floating(x)
    shifted = x - np.max(x, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


@mistake("log_softmax", hint="The default is the last axis, -1.")
def default_axis_is_0(x: np.ndarray, axis: int = 0) -> Any:
    """normalizes along the first axis when no axis is given"""
    x = _as_floating(x)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@mistake("log_softmax", hint="Use `keepdims=True`: `[..., None]` puts the axis back at the end, wherever it was.")
def puts_the_axis_at_the_end(x: np.ndarray, axis: int = -1) -> Any:
    """puts the summed axis back at the end, so that other axes do not broadcast as they should"""
    x = _as_floating(x)
    shifted = x - np.max(x, axis=axis)[..., None]
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis))[..., None]


@mistake("log_softmax", hint="Probabilities are at most 1, so their logarithms are 0 or less.")
def flips_the_sign(x: np.ndarray, axis: int = -1) -> Any:
    """returns the negative log-probabilities"""
    x = _as_floating(x)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True)) - shifted


@mistake("log_softmax", hint="A masked logit's log-probability is -inf; there is nothing to repair.")
def masked_become_finite(x: np.ndarray, axis: int = -1) -> Any:
    """turns the log-probability -inf of a masked logit into a large negative number"""
    x = _as_floating(x)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    result = shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    return np.where(np.isneginf(result), np.finfo(x.dtype).min, result)


@mistake("log_softmax", hint="The difference of two logits may be larger than 700: exp of it is 0, which does no harm.")
def clips_the_exponents(x: np.ndarray, axis: int = -1) -> Any:
    """clips the shifted logits at -700"""
    x = _as_floating(x)
    shifted = np.clip(x - np.max(x, axis=axis, keepdims=True), -700, 0)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@mistake("log_softmax", hint="Convert integers only; a float32 array should be computed with as it is.")
def float64_for_float32(x: np.ndarray, axis: int = -1) -> Any:
    """returns float64 for float32 input"""
    x = np.asarray(x, dtype=np.float64)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@mistake("log_softmax", hint="Turn integers into float64 before anything is subtracted: int8 wraps at 127.")
def integer_differences_wrap(x: np.ndarray, axis: int = -1) -> Any:
    """subtracts the maximum in the integers' own dtype, where the difference wraps around"""
    shifted = _as_floating(x - np.max(x, axis=axis, keepdims=True))
    with np.errstate(all="ignore"):
        return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@mistake("log_softmax", hint="`x -= ...` writes into the caller's array; `x = x - ...` makes a new one.")
def works_in_place(x: np.ndarray, axis: int = -1) -> Any:
    """works in the caller's array"""
    x = _as_floating(x)
    x -= np.max(x, axis=axis, keepdims=True)
    return x - np.log(np.sum(np.exp(x), axis=axis, keepdims=True))


@mistake("log_softmax", hint="A single class has probability 1, whose logarithm is 0; no special case is needed.")
def single_class_unchanged(x: np.ndarray, axis: int = -1) -> Any:
    """returns x as it is when there is only one class"""
    x = _as_floating(x)
    if x.shape[axis] == 1:
        return x.copy()
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


@mistake("log_softmax", hint="A dtype is kept in any number of dimensions: do not ask for float64 in between.")
def double_precision_for_batches(x: np.ndarray, axis: int = -1) -> Any:
    """returns float64 for float32 input of more than two dimensions"""
    x = _as_floating(x)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    dtype = np.float64 if x.ndim > 2 else x.dtype
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True, dtype=dtype))


# is_stable ----------------------------------------------------------------------------------------------


@mistake("is_stable", hint="Call the implementation, and compare what it returns with the right answer.")
def always_true(log_softmax_fn: Callable[..., Any]) -> Any:
    """calls every implementation stable"""
    return True


@mistake("is_stable", hint="Print what a right implementation returns, and compare it with what you expect.")
def always_false(log_softmax_fn: Callable[..., Any]) -> Any:
    """calls no implementation stable"""
    return False


@mistake("is_stable", hint="A result can be finite and wrong: compare it with [-2000, -1000, 0].")
def only_finite(log_softmax_fn: Callable[..., Any]) -> Any:
    """checks only that the result is finite"""
    try:
        return bool(np.all(np.isfinite(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])))))
    except Exception:
        return False


@mistake("is_stable", hint="NaN and -inf come back without any exception: look at the result.")
def only_not_raising(log_softmax_fn: Callable[..., Any]) -> Any:
    """accepts everything that does not raise"""
    try:
        log_softmax_fn(np.array([1000.0, 2000.0, 3000.0]))
    except Exception:
        return False
    return True


@mistake(
    "is_stable", hint="Two of the three probabilities are 0 here, whatever their logarithms are: compare all entries."
)
def only_sum_to_one(log_softmax_fn: Callable[..., Any]) -> Any:
    """checks only that the result is finite and that the probabilities sum to 1"""
    try:
        result = log_softmax_fn(np.array([1000.0, 2000.0, 3000.0]))
        return bool(np.all(np.isfinite(result)) and np.isclose(np.sum(np.exp(result)), 1))
    except Exception:
        return False


@mistake("is_stable", hint="exp of -1000 and of -27 are both 0 for `np.allclose`: compare the logarithms.")
def compares_probabilities(log_softmax_fn: Callable[..., Any]) -> Any:
    """compares the probabilities, of which all but one are 0"""
    try:
        return bool(np.allclose(np.exp(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0]))), [0, 0, 1]))
    except Exception:
        return False


@mistake("is_stable", hint="Overflow begins near 710: try [1000, 2000, 3000].")
def tries_small_logits(log_softmax_fn: Callable[..., Any]) -> Any:
    """tries the implementation on small logits only, where a naive one is right"""
    try:
        expected = np.array([1.0, 2.0, 3.0]) - np.log(np.sum(np.exp([1.0, 2.0, 3.0])))
        return bool(np.allclose(log_softmax_fn(np.array([1.0, 2.0, 3.0])), expected))
    except Exception:
        return False


@mistake("is_stable", hint="An error of 0.1 must be seen in every entry, in -2000 too: use `atol` and a small `rtol`.")
def tolerance_too_wide(log_softmax_fn: Callable[..., Any]) -> Any:
    """compares with a relative tolerance that lets an error of 0.1 in -2000 pass"""
    try:
        result = log_softmax_fn(np.array([1000.0, 2000.0, 3000.0]))
        return bool(np.allclose(result, [-2000.0, -1000.0, 0.0], rtol=1e-4, atol=1e-2))
    except Exception:
        return False


@mistake("is_stable", hint="Another right algorithm rounds differently: allow for a small difference.")
def compares_exactly(log_softmax_fn: Callable[..., Any]) -> Any:
    """asks for equality to the last digit"""
    try:
        return bool(np.array_equal(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])), [-2000, -1000, 0]))
    except Exception:
        return False


@mistake("is_stable", hint="NaN > tolerance is False: ask whether all differences are small, not whether one is large.")
def lets_nan_pass(log_softmax_fn: Callable[..., Any]) -> Any:
    """asks whether a difference is too large, which is never true of NaN"""
    try:
        difference = np.abs(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])) - np.array([-2000.0, -1000.0, 0.0]))
        return not bool(np.any(difference > 1e-3))
    except Exception:
        return False


@mistake("is_stable", hint="All entries have to be right: `np.all`.")
def one_entry_is_enough(log_softmax_fn: Callable[..., Any]) -> Any:
    """is content when any one entry is right"""
    try:
        return bool(np.any(np.isclose(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])), [-2000, -1000, 0])))
    except Exception:
        return False


@mistake("is_stable", hint="Put the call into `try`, and return False in `except Exception`.")
def lets_exceptions_through(log_softmax_fn: Callable[..., Any]) -> Any:
    """does not catch the exceptions of the implementation"""
    return bool(np.allclose(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])), [-2000, -1000, 0]))


@mistake("is_stable", hint="An implementation may raise anything: `except Exception`.")
def catches_arithmetic_errors_only(log_softmax_fn: Callable[..., Any]) -> Any:
    """catches some kinds of exceptions only"""
    try:
        return bool(np.allclose(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])), [-2000, -1000, 0]))
    except (ArithmeticError, ValueError):
        return False


@mistake("is_stable", hint="Write the expected answer down beforehand, or hand over a copy of your array.")
def expects_after_the_call(log_softmax_fn: Callable[..., Any]) -> Any:
    """computes the expected answer from an array that the implementation may have overwritten"""
    x = np.array([1000.0, 2000.0, 3000.0])
    try:
        return bool(np.allclose(log_softmax_fn(x), log_softmax(x)))
    except Exception:
        return False


@mistake("is_stable", hint="One answer is asked for: `bool(np.all(...))`.")
def returns_an_array(log_softmax_fn: Callable[..., Any]) -> Any:
    """returns one answer for each entry"""
    try:
        return np.isclose(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])), [-2000, -1000, 0])
    except Exception:
        return np.zeros(3, dtype=bool)


@mistake("is_stable", hint="True means that the implementation is right.")
def upside_down(log_softmax_fn: Callable[..., Any]) -> Any:
    """says True of faulty implementations and False of right ones"""
    try:
        return not np.allclose(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])), [-2000, -1000, 0])
    except Exception:
        return True


# max_difference_from_torch ------------------------------------------------------------------------------


@mistake("max_difference_from_torch", hint="Call both functions, and return the largest entry of |ours - theirs|.")
def always_zero(x: np.ndarray, axis: int = -1) -> Any:
    """returns 0 whatever the two functions give"""
    return 0.0


@mistake("max_difference_from_torch", hint="The largest difference is asked for: `np.max`.")
def mean_difference(x: np.ndarray, axis: int = -1) -> Any:
    """returns the mean of the differences"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.mean(np.where(ours == theirs, 0, np.abs(ours - theirs))))


@mistake("max_difference_from_torch", hint="The largest difference is asked for: `np.max`.")
def summed_difference(x: np.ndarray, axis: int = -1) -> Any:
    """returns the sum of the differences"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.sum(np.where(ours == theirs, 0, np.abs(ours - theirs))))


@mistake("max_difference_from_torch", hint="Take the absolute value of each difference before the maximum.")
def forgets_the_absolute_value(x: np.ndarray, axis: int = -1) -> Any:
    """takes the largest signed difference, so that entries that are too small are not seen"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(ours == theirs, 0, ours - theirs)))


@mistake("max_difference_from_torch", hint="First the absolute value of each difference, then their maximum.")
def absolute_value_too_late(x: np.ndarray, axis: int = -1) -> Any:
    """takes the absolute value after the maximum, not before"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(abs(np.max(np.where(ours == theirs, 0, ours - theirs))))


@mistake("max_difference_from_torch", hint="Hand `axis` on to both functions.")
def ignores_the_axis(x: np.ndarray, axis: int = -1) -> Any:
    """compares along the last axis, whatever `axis` says"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), -1).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(ours == theirs, 0, np.abs(ours - theirs))))


@mistake("max_difference_from_torch", hint="PyTorch calls it `dim`: hand it the same axis.")
def ignores_the_axis_in_torch(x: np.ndarray, axis: int = -1) -> Any:
    """asks PyTorch for the last axis, whatever `axis` says"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), -1).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(ours == theirs, 0, np.abs(ours - theirs))))


@mistake("max_difference_from_torch", hint="Call this module's `log_softmax`; it is the one to be compared.")
def compares_a_copy_of_its_own(x: np.ndarray, axis: int = -1) -> Any:
    """compares a log-softmax of its own with PyTorch's, not this module's"""
    import torch

    x = _as_floating(x)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    ours = shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(ours == theirs, 0, np.abs(ours - theirs))))


@mistake("max_difference_from_torch", hint="`torch.from_numpy` keeps the dtype of x; PyTorch should compute in it.")
def torch_in_float64(x: np.ndarray, axis: int = -1) -> Any:
    """lets PyTorch compute in float64, also for float32 input"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()).double(), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(ours == theirs, 0, np.abs(ours - theirs))))


@mistake("max_difference_from_torch", hint="`torch.Tensor(x)` is float32; `torch.from_numpy` keeps the dtype of x.")
def torch_in_float32(x: np.ndarray, axis: int = -1) -> Any:
    """lets PyTorch compute in float32, also for float64 input"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.Tensor(x.copy()), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(ours == theirs, 0, np.abs(ours - theirs))))


@mistake("max_difference_from_torch", hint="Hand x to `log_softmax` as it is: float32 is to be compared in float32.")
def both_in_float64(x: np.ndarray, axis: int = -1) -> Any:
    """converts x to float64 before it hands it to either side"""
    import torch

    x = x.astype(np.float64)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(ours == theirs, 0, np.abs(ours - theirs))))


@mistake("max_difference_from_torch", hint="-inf - -inf is NaN: give entries that are equal the difference 0.")
def nan_for_equal_infinities(x: np.ndarray, axis: int = -1) -> Any:
    """gives NaN where both sides are -inf"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.max(np.abs(ours - theirs)))


@mistake("max_difference_from_torch", hint="`np.nanmax` hides NaN; treat equal infinities by themselves.")
def leaves_nan_out(x: np.ndarray, axis: int = -1) -> Any:
    """leaves NaN out, also where only one side has it"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.nanmax(np.abs(ours - theirs)))


@mistake(
    "max_difference_from_torch", hint="An infinity on one side only is an infinite difference, not one to leave out."
)
def only_finite_entries(x: np.ndarray, axis: int = -1) -> Any:
    """compares only where both sides are finite"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), axis).numpy()
    finite = np.isfinite(ours) & np.isfinite(theirs)
    return float(np.max(np.abs(ours[finite] - theirs[finite]), initial=0.0))


@mistake("max_difference_from_torch", hint="PyTorch takes no negative strides: hand it `x.copy()`.")
def refuses_reversed_views(x: np.ndarray, axis: int = -1) -> Any:
    """hands a reversed view to PyTorch as it is, which raises"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(x), axis).numpy()
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(ours == theirs, 0, np.abs(ours - theirs))))


@mistake("max_difference_from_torch", hint="Return a number: `float(...)` or `.item()`.")
def returns_a_tensor(x: np.ndarray, axis: int = -1) -> Any:
    """returns a tensor, not a float"""
    import torch

    x = _as_floating(x)
    ours = torch.from_numpy(log_softmax(x, axis=axis).copy())
    theirs = torch.log_softmax(torch.from_numpy(x.copy()), axis)
    return torch.where(ours == theirs, 0, (ours - theirs).abs()).max()


@mistake(
    "max_difference_from_torch", hint="Compare the logarithms: the difference of two tiny probabilities is nothing."
)
def compares_softmax(x: np.ndarray, axis: int = -1) -> Any:
    """compares probabilities instead of their logarithms"""
    import torch

    x = _as_floating(x)
    ours = log_softmax(x, axis=axis)
    theirs = torch.softmax(torch.from_numpy(x.copy()), axis).numpy()
    return float(np.max(np.abs(np.exp(ours) - theirs)))
