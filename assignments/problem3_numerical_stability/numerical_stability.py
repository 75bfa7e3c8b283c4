"""Problem 3: numerical stability.

Probabilities live on a scale that floating point does not have: e**1000 is infinity in float64, and
e**-1000 is 0. Here you write the log-sum-exp trick that every deep-learning library uses, a test that tells
a stable log-softmax from an unstable one, and a comparison with PyTorch.

Write with NumPy. PyTorch may be used in part 3c only (import it inside `max_difference_from_torch`); SciPy is
not used at all. In every function `x` is an array with one or more dimensions, each of size 1 or more, in any
memory layout (it may be a transposed, reversed or sliced view), and `axis` is any valid axis of it, negative
ones included. No function ever modifies its arguments, and each call looks at the values that its arguments
have at that time.
"""

from collections.abc import Callable

import numpy as np


def logsumexp(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return log(sum(exp(x))) along `axis`, computed by the log-sum-exp trick (part 3a).

    The result is right for finite logits of any size, as long as their differences can be represented: 1000,
    -1000 or 1e300 are as good as 1. Adding a constant to a slice adds that constant to its result, up to
    rounding.

    Parameters
    ----------
    x : array of one or more dimensions
        The logits: float32, float64 or any integer dtype, finite or -inf. An entry of -inf is a masked logit:
        it contributes nothing to the sum. NaN and +inf are not graded.
    axis : int
        The axis that is summed over, from -x.ndim to x.ndim - 1; the last one by default.

    Returns
    -------
    array with the shape of `x` without `axis` (for one-dimensional `x` a NumPy scalar or an array of shape ())
        The dtype is that of a floating `x` (float32 in, float32 out; float64 in, float64 out). Integers of
        every kind, int8 and uint8 too, are taken as float64. A slice whose entries are all -inf gives -inf.

    Masked entries, and slices that are all -inf, cause neither NaN nor a warning. `x` is not modified.
    Written with NumPy alone: no SciPy, no PyTorch.
    """
    # TODO: your code here
    raise NotImplementedError("logsumexp: not written yet")


def log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return the logarithm of the softmax of `x` along `axis` (part 3a).

    Each entry is x - log(sum(exp(x))), the sum taken over the entry's slice along `axis`, without computing a
    probability on the way: an entry 1000 below its slice's largest has the log-probability -1000, although
    e**-1000 is 0 in floating point. The result is right for finite logits of any size, as long as their
    differences can be represented. Adding a constant to a slice changes nothing but the rounding: subtracting
    your own `logsumexp` from `x` is accepted, and so is subtracting the maximum first.

    Parameters
    ----------
    x : array of one or more dimensions
        The logits: float32, float64 or any integer dtype, finite or -inf. An entry of -inf is a masked
        logit: its log-probability is -inf, and the other entries share the probability. A slice whose
        entries are all -inf is not graded, nor are NaN and +inf.
    axis : int
        The axis along which probabilities sum to 1, from -x.ndim to x.ndim - 1; the last one by default.

    Returns
    -------
    array of the shape of `x`
        The dtype is that of a floating `x` (float32 in, float32 out; float64 in, float64 out). Integers of
        every kind, int8 and uint8 too, are taken as float64.

    Masked entries cause neither NaN nor a warning. `x` is not modified. The result is compared with
    `torch.nn.functional.log_softmax`, evaluated in float64, at a tolerance that fits the dtype of your
    result. Written with NumPy alone: no SciPy, no PyTorch.
    """
    # TODO: your code here
    raise NotImplementedError("log_softmax: not written yet")


def is_stable(log_softmax_fn: Callable[..., np.ndarray]) -> bool:
    """Say whether an implementation of log-softmax is right where a naive one overflows (part 3b).

    This is your own test of somebody else's code. It calls `log_softmax_fn` on the vector [1000, 2000, 3000],
    and on whatever else you want, and says whether the result is right: the log-softmax of that vector is
    [-2000, -1000, 0].

    Parameters
    ----------
    log_softmax_fn : function
        An implementation with the signature `log_softmax_fn(x, axis=-1)`. It is either right, for every
        input that the docstring of `log_softmax` names, up to rounding (its last digits need not be yours);
        or faulty: then its result for [1000, 2000, 3000] is off by 0.1 or more in at least one entry, or
        has a NaN or an infinity in it, or it raises an exception (any subclass of Exception) instead of
        returning. An implementation, right or faulty, may overwrite the array that it is given.

    Returns
    -------
    bool (a Python bool or a NumPy bool)
        True when the implementation is right, False when it is faulty. `is_stable` never raises: an
        implementation that raises is faulty.
    """
    # TODO: your code here
    raise NotImplementedError("is_stable: not written yet")


def max_difference_from_torch(x: np.ndarray, axis: int = -1) -> float:
    """Return the largest absolute difference between this module's `log_softmax` and PyTorch's (part 3c).

    Calls `log_softmax` of this module by its name, so that replacing it in the module changes the answer,
    and `torch.nn.functional.log_softmax` on the same values, with the same dtype and along the same axis,
    and compares the two results entry by entry. Import PyTorch inside this function.

    Parameters
    ----------
    x : array of one or more dimensions
        The logits: float32 or float64 (integers are taken as float64), finite or -inf; any memory layout,
        reversed views included. It is not modified.
    axis : int
        The axis along which probabilities sum to 1; the last one by default.

    Returns
    -------
    float (a Python float or a NumPy floating scalar)
        The largest absolute difference over all entries. Two infinities of the same sign differ by 0 (both
        sides give -inf for a masked logit), an infinity and a finite number by inf. A NaN on one side only
        makes the result NaN or inf, never a number that looks harmless.
    """
    # TODO: your code here
    raise NotImplementedError("max_difference_from_torch: not written yet")
