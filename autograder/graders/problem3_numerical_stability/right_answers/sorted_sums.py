"""Sums the exponentials in sorted order, and prints and warns while it is at it."""

import functools
import warnings

import numpy as np

print("numerical stability, loaded")


def _floats(function):
    @functools.wraps(function)
    def wrapper(x, axis=-1):
        print("called", function.__name__, x.shape)
        return function(x if x.dtype in ("float32", "float64") else x.astype("float64"), axis=axis)

    return wrapper


@_floats
def logsumexp(x, axis=-1):
    rising = np.sort(x, axis=axis)
    top = np.take(rising, [-1], axis=axis)
    finite = np.isfinite(top)
    difference = np.subtract(rising, top, out=np.full_like(rising, -np.inf), where=finite)
    total = np.add.reduce(np.exp(difference), axis=axis, keepdims=True)
    log_total = np.log(total, out=np.full_like(total, -np.inf), where=finite)
    return np.add(top, log_total).squeeze(axis=axis)


@_floats
def log_softmax(x, axis=-1):
    top = np.take(np.sort(x, axis=axis), [-1], axis=axis)
    return (x - top) - np.log(np.add.reduce(np.sort(np.exp(x - top), axis=axis), axis=axis, keepdims=True))


def is_stable(log_softmax_fn):
    warnings.warn("trying something out", UserWarning, stacklevel=2)
    try:
        result = log_softmax_fn(x=np.array([1000.0, 2000.0, 3000.0]))
        print(result)
        np.testing.assert_allclose(result, [-2000.0, -1000.0, 0.0], rtol=1e-6, atol=1e-6)
    except (Exception, AssertionError):
        return False
    else:
        return True


def max_difference_from_torch(x, axis=-1):
    warnings.warn("slow", DeprecationWarning, stacklevel=2)
    import torch

    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    a = log_softmax(x, axis=axis)
    b = torch.nn.functional.log_softmax(torch.from_numpy(x[...].copy()), axis, _stacklevel=3).numpy()
    a, b = np.broadcast_arrays(a, b)
    with np.errstate(all="ignore"):
        d = a - b
    d[(a == b)] = 0
    return max(abs(d.max()), abs(d.min())) if np.isfinite(d).all() else float(np.abs(d).max())
