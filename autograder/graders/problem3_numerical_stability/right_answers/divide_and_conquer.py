"""Halves the axis again and again and joins the halves by a logaddexp of its own."""

import numpy as np


def _join(a, b):
    high, low = np.maximum(a, b), np.minimum(a, b)
    with np.errstate(invalid="ignore"):
        gap = low - high
    return high + np.log1p(np.exp(np.where(np.isnan(gap), -np.inf, gap)))


def _halves(x):
    if len(x) == 1:
        return x[0]
    middle = len(x) // 2
    return _join(_halves(x[:middle]), _halves(x[middle:])).astype(x.dtype)


def logsumexp(x, axis=-1):
    x = np.asarray(x, dtype=np.result_type(x.dtype, np.float32) if x.dtype.kind == "f" else np.float64)
    return _halves(np.rollaxis(x, axis))


def log_softmax(x, axis=-1):
    x = np.asarray(x, dtype=np.result_type(x.dtype, np.float32) if x.dtype.kind == "f" else np.float64)
    y = np.rollaxis(x, axis) - np.rollaxis(x, axis).max(axis=0)
    y = y - _halves(y)
    return np.moveaxis(y, 0, axis)


def is_stable(log_softmax_fn):
    def fails():
        x = np.array([1000.0, 2000.0, 3000.0])
        y = np.asarray(log_softmax_fn(x.copy()), dtype=float)
        yield y.shape != (3,)
        yield not np.isfinite(y).all()
        yield not np.allclose(y, x - 3000.0, rtol=0, atol=1e-2)
        moved = np.asarray(log_softmax_fn(x.copy() + 123.0), dtype=float)
        yield not np.allclose(y, moved, rtol=0, atol=1e-2)

    try:
        return not any(fails())
    except Exception:
        return False


def max_difference_from_torch(x, axis=-1):
    import torch

    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    x = np.require(x.copy(), requirements="C")
    theirs = torch.special.log_softmax(torch.from_numpy(x), axis).numpy()
    ours = log_softmax(x, axis=axis)
    with np.errstate(invalid="ignore"):
        gap = np.abs(np.subtract(ours, theirs))
    return np.max(gap, where=ours != theirs, initial=0)
