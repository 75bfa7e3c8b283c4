"""Everything is computed in float64 and cast back at the end; 3c returns inf for a NaN."""

import numpy as np


def _wide(x):
    wide = np.array(x, dtype=np.float64)
    dtype = x.dtype if x.dtype.kind == "f" else np.float64
    return wide, dtype


def logsumexp(x, axis=-1):
    wide, dtype = _wide(x)
    if axis < 0:
        axis += wide.ndim
    top = wide.max(axis)
    nothing = np.isneginf(top)
    shift = np.expand_dims(np.where(nothing, 0.0, top), axis)
    total = np.exp(wide - shift).sum(axis)
    result = np.where(nothing, -np.inf, np.log(np.where(nothing, 1.0, total)) + shift.squeeze(axis))
    return result.astype(dtype)


def log_softmax(x, axis=-1):
    wide, dtype = _wide(x)
    wide -= wide.max(axis, keepdims=True)
    wide -= np.log(np.exp(wide).sum(axis, keepdims=True))
    return wide.astype(dtype)


def is_stable(log_softmax_fn):
    good = False
    try:
        y = np.array(log_softmax_fn(np.array([1000.0, 2000.0, 3000.0])), dtype=float)
        good = y.shape == (3,) and np.max(np.abs(y - [-2000.0, -1000.0, 0.0])) < 1e-6
    finally:
        return bool(good)  # noqa: B012


def max_difference_from_torch(x, axis=-1):
    import numpy
    import torch

    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    ours = log_softmax(x, axis=axis)
    theirs = torch.log_softmax(torch.from_numpy(numpy.array(x, order="C")), dim=axis).numpy()
    worst = 0.0
    equal = ours == theirs
    if not equal.all():
        gaps = numpy.abs(ours[~equal].astype(float) - theirs[~equal].astype(float))
        worst = float("inf") if numpy.isnan(gaps).any() else float(gaps.max())
    return worst
