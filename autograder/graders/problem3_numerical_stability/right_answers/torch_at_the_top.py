"""Imports PyTorch at the top, for 3c alone; is_stable compares with this module's own log_softmax on several inputs."""

import numpy as np
import torch
from torch.nn import functional as F


def logsumexp(x: np.ndarray, axis: int = -1) -> np.ndarray:
    x = np.asarray(x, dtype=x.dtype if x.dtype in (np.float32, np.float64) else np.float64)
    m = np.amax(x, axis=axis, keepdims=True)
    safe = np.nan_to_num(m, neginf=0.0, posinf=0.0, nan=0.0) if np.isinf(m).any() else m
    s = np.exp(x - safe).sum(axis=axis)
    out = np.full(s.shape, -np.inf, dtype=x.dtype)
    np.log(s, out=out, where=s > 0)
    return out + np.squeeze(safe, axis)


def log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    x = np.asarray(x, dtype=x.dtype if x.dtype in (np.float32, np.float64) else np.float64)
    z = x - np.amax(x, axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def is_stable(log_softmax_fn) -> bool:
    rng = np.random.default_rng(0)
    trials = [
        (np.array([1000.0, 2000.0, 3000.0]), -1),
        (rng.normal(size=(4, 5)) * 500, 0),
        (rng.normal(size=(4, 5)) * 500, 1),
        (np.array([[1.0, -np.inf, 3.0], [-1e4, 0.0, 1e4]]), 1),
        (np.array([1e300, 0.0, -1e300]) / 4, -1),
    ]
    for x, axis in trials:
        expected = log_softmax(x, axis)
        try:
            with np.errstate(all="ignore"):
                result = log_softmax_fn(x.copy(), axis)
            if np.shape(result) != x.shape or not np.allclose(result, expected, rtol=1e-9, atol=1e-3):
                return False
        except Exception:
            return False
    return True


def max_difference_from_torch(x: np.ndarray, axis: int = -1) -> float:
    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    ours = torch.as_tensor(np.array(log_softmax(x, axis)))
    theirs = F.log_softmax(torch.as_tensor(np.array(x)), axis)
    gap = torch.where(ours == theirs, torch.zeros_like(theirs), (ours - theirs).abs())
    return gap.max().item()
