"""einsum for the sums, a mask for -inf; NumPy scalars come back from one-dimensional input."""

from typing import Callable

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]


class Shifted:
    """Logits moved to the last axis, with the maximum of each slice taken away."""

    def __init__(self, x: np.ndarray, axis: int) -> None:
        self.axis = axis
        x = np.swapaxes(x, axis, -1)
        self.x = x if x.dtype.kind == "f" else x.astype(np.float64)
        self.seen = self.x > -np.inf
        self.top = np.max(self.x, axis=-1, keepdims=True, where=self.seen, initial=np.finfo(self.x.dtype).min)
        self.logits = np.where(self.seen, self.x, self.top) - self.top
        self.exponentials = np.exp(self.logits) * self.seen
        self.total = np.einsum("...i->...", self.exponentials)[..., None]


def logsumexp(x: np.ndarray, axis: int = -1) -> Array:
    s = Shifted(x, axis)
    with np.errstate(divide="ignore"):
        out = np.where(s.seen.any(axis=-1, keepdims=True), np.log(s.total) + s.top, -np.inf)
    return np.swapaxes(out.astype(s.x.dtype), axis, -1).squeeze(axis)[()]


def log_softmax(x: np.ndarray, axis: int = -1) -> Array:
    s = Shifted(x, axis)
    out = np.where(s.seen, s.logits - np.log(s.total), s.x.dtype.type(-np.inf))
    return np.swapaxes(out, axis, -1)


def is_stable(log_softmax_fn: Callable) -> bool:
    try:
        x = np.array([1000.0, 2000.0, 3000.0])
        return bool(np.abs(log_softmax_fn(x) - np.array([-2000.0, -1000.0, 0.0])).sum() < 0.05)
    except Exception as error:
        print("it raised", error)
        return False


def max_difference_from_torch(x: np.ndarray, axis: int = -1) -> float:
    import torch
    import torch.nn.functional as F

    x = x if x.dtype.kind == "f" else x.astype(np.float64)
    module_function = globals()["log_softmax"]
    ours = np.asarray(module_function(np.copy(x), axis=axis))
    theirs = np.asarray(F.log_softmax(torch.from_numpy(np.copy(x)), dim=axis))
    gap = np.empty(ours.shape)
    for index in np.ndindex(*ours.shape):
        a, b = float(ours[index]), float(theirs[index])
        gap[index] = 0.0 if a == b else abs(a - b)
    return np.float64(gap.max())
