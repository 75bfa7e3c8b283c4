"""np.apply_along_axis with functions of one vector; max_difference_from_torch goes slice by slice, too."""

import numpy as np


def _vector_lse(v):
    top = np.max(v)
    if np.isneginf(top):
        return top
    return top + np.log(np.sum(np.exp(v - top)))


def _vector_log_softmax(v):
    shifted = v - np.max(v)
    return shifted - np.log(np.sum(np.exp(shifted)))


def _floating(x):
    return x.astype(np.float64) if x.dtype.kind in "iu" else x


def logsumexp(x, axis=-1):
    return np.apply_along_axis(_vector_lse, axis, _floating(x))


def log_softmax(x, axis=-1):
    return np.apply_along_axis(_vector_log_softmax, axis, _floating(x))


def is_stable(log_softmax_fn):
    def run(*rows):
        out = np.asarray(log_softmax_fn(np.array(rows, dtype=float), axis=1))
        assert out.shape == (len(rows), len(rows[0]))
        return out

    try:
        vector = log_softmax_fn(np.array([1000.0, 2000.0, 3000.0]))
        assert np.abs(vector - np.array([-2000.0, -1000.0, 0.0])).max() <= 1e-4
        assert np.abs(run([1000, 2000, 3000]) - vector).max() <= 1e-4
        assert np.abs(np.exp(run([1, 2, 3], [4, 4, 4])).sum(axis=1) - 1).max() <= 1e-4
    except Exception:
        return False
    return True


def max_difference_from_torch(x, axis=-1):
    import torch

    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    rows = np.moveaxis(x, axis, -1)
    rows = rows.reshape(-1, rows.shape[-1])
    worst = []
    for row in rows:
        ours = log_softmax(row)
        theirs = torch.nn.functional.log_softmax(torch.tensor(row.copy()), dim=0).numpy()
        with np.errstate(invalid="ignore"):
            worst.append(np.max(np.where(ours == theirs, 0, np.abs(ours - theirs))))
    return float(np.max(worst))
