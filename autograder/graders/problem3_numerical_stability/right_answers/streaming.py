"""The one-pass (online) algorithm: running maximum and running sum over the axis, entry by entry."""

import sys

import numpy as np


def _stream(x, axis):
    x = np.asarray(x)
    if x.dtype.kind != "f":
        x = x.astype(np.float64)
    rows = np.moveaxis(x, axis, 0)
    top = np.full(rows.shape[1:], -np.inf, dtype=x.dtype)
    total = np.zeros(rows.shape[1:], dtype=x.dtype)
    for row in rows:
        new = np.maximum(top, row)
        safe = np.where(np.isneginf(new), 0, new).astype(x.dtype)
        total = total * np.exp(top - safe) + np.exp(row - safe)
        top = new
    return x, top, total


def logsumexp(x, axis=-1):
    _, top, total = _stream(x, axis)
    with np.errstate(divide="ignore"):
        return np.where(np.isneginf(top), top, top + np.log(total))


def log_softmax(x, axis=-1):
    x, top, total = _stream(x, axis)
    return (x - np.expand_dims(top, axis)) - np.expand_dims(np.log(total), axis)


def is_stable(log_softmax_fn):
    try:
        first = np.asarray(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0], dtype=np.float32)))
        second = np.asarray(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])))
    except Exception:
        return False
    due = np.array([-2000.0, -1000.0, 0.0])
    return bool((abs(first - due) < 0.09).all() and (abs(second - due) < 0.09).all())


def max_difference_from_torch(x, axis=-1):
    import torch.nn.functional as F
    from torch import from_numpy

    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    module = sys.modules[__name__]
    mine, theirs = module.log_softmax(x, axis), F.log_softmax(from_numpy(np.array(x)), dim=axis).numpy()
    both = np.isneginf(mine) & np.isneginf(theirs)
    return np.max(np.abs(np.where(both, 0, mine) - np.where(both, 0, theirs)))
