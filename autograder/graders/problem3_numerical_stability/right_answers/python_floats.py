"""A vector's logsumexp is a NumPy scalar made from its dtype; is_stable works with plain Python numbers."""

import math

import numpy as np


def logsumexp(x, axis=-1):
    kind = x.dtype.type if np.issubdtype(x.dtype, np.inexact) else np.float64
    if x.ndim == 1:
        top = float(x.max())
        if math.isinf(top):
            return kind(top)
        return kind(top + math.log(sum(math.exp(float(value) - top) for value in x)))
    columns = np.moveaxis(x, axis, -1)
    return np.stack([logsumexp(row) for row in columns]) if columns.ndim > 1 else logsumexp(columns)


def log_softmax(x, axis=-1):
    dtype = x.dtype if np.issubdtype(x.dtype, np.inexact) else np.dtype(float)
    z = x.astype(np.longdouble)
    z = z - z.max(axis=axis, keepdims=True)
    return (z - np.log(np.exp(z).sum(axis=axis, keepdims=True))).astype(dtype)


def is_stable(log_softmax_fn):
    try:
        got = [float(value) for value in log_softmax_fn([1000.0, 2000.0, 3000.0])]
    except Exception:
        return False
    return len(got) == 3 and all(
        math.isclose(value, due, rel_tol=0, abs_tol=1e-3) for value, due in zip(got, (-2000, -1000, 0), strict=True)
    )


def max_difference_from_torch(x, axis=-1):
    import torch

    x = x if x.dtype.kind == "f" else x.astype(np.float64)

    def difference(a, b):
        return 0.0 if a == b else abs(a - b)

    theirs = torch.nn.functional.log_softmax(torch.from_numpy(np.flip(np.flip(x).copy()).copy()), dim=axis)
    pairs = zip(log_softmax(x, axis=axis).ravel(), theirs.numpy().ravel(), strict=True)
    return float(np.max([difference(float(a), float(b)) for a, b in pairs]))
