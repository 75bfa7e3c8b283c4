"""log_softmax is x - logsumexp(x), with a logsumexp that has one more parameter than asked for."""

import numpy as np


def logsumexp(x, axis=-1, keepdims=False):
    if x.dtype.kind in "iu":
        x = x.astype(float)
    m = x.max(axis=axis, keepdims=True)
    m = np.where(m == -np.inf, m.dtype.type(0), m)
    with np.errstate(all="ignore"):
        out = m + np.log(np.exp(x - m).sum(axis=axis, keepdims=True))
    return out if keepdims else out.squeeze(axis)


def log_softmax(x, axis=-1):
    return x - logsumexp(x, axis, keepdims=True)


def is_stable(log_softmax_fn):
    try:
        return np.allclose(log_softmax_fn([1000, 2000, 3000]), [-2000, -1000, 0])
    except Exception:
        return False


def max_difference_from_torch(x, axis=-1):
    import torch

    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    mine = log_softmax(x, axis)
    theirs = torch.log_softmax(torch.from_numpy(np.ascontiguousarray(x)), axis).numpy()
    unequal = mine != theirs
    return np.abs(mine[unequal] - theirs[unequal]).max(initial=0.0)
