"""is_stable tries everything that the text promises of a right implementation; the rest is two lines each."""

import numpy as np


def logsumexp(x, axis=-1):
    x = x.astype(np.promote_types(x.dtype, np.float32) if x.dtype.kind == "f" else np.float64, copy=False)
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isneginf(top), 0.0, top).astype(x.dtype)
    with np.errstate(divide="ignore"):
        return (np.log(np.exp(x - top).sum(axis=axis, keepdims=True)) + top).squeeze(axis)


def log_softmax(x, axis=-1):
    return x - np.expand_dims(logsumexp(x, axis), axis)


def is_stable(log_softmax_fn):
    def call(x, axis=-1):
        x = np.array(x)
        out = log_softmax_fn(x.copy(), axis=axis)
        assert isinstance(out, np.ndarray)
        assert out.shape == x.shape
        assert out.dtype == (x.dtype if x.dtype.kind == "f" else np.float64)
        assert not np.isnan(out).any()
        assert (out <= 0).all()
        assert np.allclose(np.exp(out).sum(axis=axis), 1, atol=1e-5)
        return out

    try:
        due = np.array([-2000.0, -1000.0, 0.0])
        assert np.allclose(call([1000.0, 2000.0, 3000.0]), due, atol=1e-6)
        assert np.allclose(call([1000, 2000, 3000]), due, atol=1e-6)
        assert np.allclose(call(np.array([1000, 2000, 3000], dtype=np.float32)), due, atol=1e-3)
        assert np.allclose(call([[1000.0], [2000.0], [3000.0]], axis=0)[:, 0], due, atol=1e-6)
        assert np.allclose(call(np.full((2, 3, 4), 5e3), axis=-2), -np.log(3))
        assert np.array_equal(call([-np.inf, 7.0]), [-np.inf, 0.0])
        assert np.allclose(call([-1e5, -1e5 - 1, -1e5]), call([0.0, -1.0, 0.0]))
        assert np.allclose(call([1e300, 5e299]), [0, -5e299])
        assert np.allclose(call(np.arange(6, dtype=np.uint8)), call(np.arange(6.0)))
        assert np.allclose(call([0.0]), 0)
    except Exception:
        return False
    return True


def max_difference_from_torch(x, axis=-1):
    import torch

    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    theirs = torch.nn.functional.log_softmax(torch.tensor(np.ascontiguousarray(x)), dim=axis)
    ours = log_softmax(x, axis=axis)
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(ours == np.asarray(theirs), 0, np.abs(ours - np.asarray(theirs)))))
