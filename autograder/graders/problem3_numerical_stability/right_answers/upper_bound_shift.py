"""Shifts by max + log(n), an upper bound of logsumexp; is_stable tries integers and lists as well."""

import numpy as np


def _bound(x, axis):
    n = x.shape[axis]
    top = x.max(axis=axis, keepdims=True)
    return np.where(top == -np.inf, 0, top + np.log(n).astype(x.dtype))


def logsumexp(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype("d")
    bound = _bound(x, axis)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(x - bound).sum(axis=axis)) + bound.reshape(np.delete(x.shape, axis))


def log_softmax(x, axis=-1):
    x = x if x.dtype.kind == "f" else x.astype("d")
    y = x - _bound(x, axis)
    y = y - np.log(np.exp(y).sum(axis=axis, keepdims=True))
    return y


def is_stable(log_softmax_fn):
    for make in (list, np.array, np.float64, np.float32):
        try:
            result = np.array(log_softmax_fn(make([1000, 2000, 3000])))
            ok = result.shape == (3,) and np.abs(result + [2000, 1000, 0]).max() < 0.1
        except Exception:
            ok = False
        if not ok:
            return False
    return True


def max_difference_from_torch(x, axis=-1):
    import torch

    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    ours = torch.from_numpy(log_softmax(x, axis=axis).copy())
    theirs = torch.nn.functional.log_softmax(torch.from_numpy(x.copy()), dim=axis)
    if torch.isnan(ours).any() or torch.isnan(theirs).any():
        return float("nan")
    finite = torch.isfinite(ours) & torch.isfinite(theirs)
    if not torch.equal(ours[~finite], theirs[~finite]):
        return float("inf")
    return float((ours - theirs)[finite].abs().max()) if finite.any() else 0.0
