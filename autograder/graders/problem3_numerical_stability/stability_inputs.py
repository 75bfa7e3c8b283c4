"""Hidden logits for problem 3: drawn inputs with PyTorch's answers, and the rounding that a right answer
may have.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from autograder.grading import Case, fail
from autograder.sandbox.student import Student, StudentRaised

Array = npt.NDArray[Any]
Draw = Callable[[np.random.Generator], Array]


@dataclass(frozen=True)
class Sample:
    """Logits, the axis to call with (None: leave it to the default), and the right answer in float64."""

    x: Array
    axis: int | None
    expected: Array
    atol: float
    shift: float = 0.0

    @property
    def dtype(self) -> Any:
        """The dtype that the result must have."""
        return result_dtype(self.x)

    def arguments(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The default axis is left out; others are passed by position (0 and up) or by name (negative
        ones).
        """
        if self.axis is None:
            return (self.x,), {}
        return ((self.x, self.axis), {}) if self.axis >= 0 else ((self.x,), {"axis": self.axis})


def result_dtype(x: Array) -> Any:
    """A floating result keeps its input's dtype; integers are taken as float64."""
    return x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)


def torch_logsumexp(x: Array, axis: int = -1) -> Array:
    """PyTorch's answer in float64."""
    answer: Array = torch.logsumexp(torch.from_numpy(x.astype(np.float64, order="C")), axis).numpy()
    return answer


def torch_log_softmax(x: Array, axis: int = -1) -> Array:
    """PyTorch's answer in float64."""
    tensor = torch.from_numpy(x.astype(np.float64, order="C"))
    answer: Array = torch.nn.functional.log_softmax(tensor, axis).numpy()
    return answer


def rounding(x: Array, axis: int = -1) -> float:
    """How far a right algorithm may be off in the dtype of the result: (n + 4) · eps · (largest |x| + log n).

    `x - logsumexp(x)` rounds once at the size of x itself; adding up n entries one after the other
    (`np.logaddexp.reduce`) rounds n times at that size; subtracting the maximum first rounds at the size of
    the differences, which are at most twice as large as the largest |x|. -inf entries round nothing.
    """
    size = np.max(np.abs(x.astype(np.float64)), where=np.isfinite(x), initial=0.0)
    n = x.shape[axis]
    return float((n + 4) * np.finfo(result_dtype(x)).eps * (size + np.log(n)))


def cases(truth: Callable[..., Array], *rows: tuple[str, Draw, int | None], shift: float = 0.0) -> list[Case]:
    """One case a row: a name, how the logits are drawn, and the axis."""

    def case(name: str, draw: Draw, axis: int | None) -> Case:
        def sample(rng: np.random.Generator) -> Sample:
            x = draw(rng)
            along = -1 if axis is None else axis
            return Sample(x, axis, truth(x, along), rounding(x, along), shift)

        return Case(name, sample)

    return [case(*row) for row in rows]


# How logits are drawn -----------------------------------------------------------------------------------


def normal(*shape: int, scale: float = 3.0, offset: float = 0.0, dtype: Any = np.float64) -> Draw:
    """Logits of an ordinary size, or around an offset."""
    return lambda rng: (offset + scale * rng.standard_normal(shape)).astype(dtype)


def uniform(*shape: int, low: float, high: float, dtype: Any = np.float64) -> Draw:
    """Logits spread evenly between two bounds."""
    return lambda rng: (low + (high - low) * rng.random(shape)).astype(dtype)


def far_apart(*shape: int, axis: int, step: float, dtype: Any = np.float64) -> Draw:
    """Ordinary logits in every slice along `axis`, but each slice lies `step` away from the one before."""

    def draw(rng: np.random.Generator) -> Array:
        slices = np.delete(shape, axis)
        levels = step * (rng.permutation(slices.prod()) - slices.prod() // 2)
        logits = rng.standard_normal(shape) + np.expand_dims(levels.reshape(slices), axis)
        return np.asarray(logits, dtype=dtype)

    return draw


def tied(*shape: int, step: float, dtype: Any = np.float64) -> Draw:
    """Only a few levels, `step` apart: the maximum occurs several times in most slices, some are constant."""
    return lambda rng: (step * rng.integers(-2, 1, shape)).astype(dtype)


def masked(draw: Draw, axis: int, share: float = 0.4, all_masked: bool = False) -> Draw:
    """The same with -inf entries, one finite entry or more in each slice along `axis` (or, `all_masked`,
    some with none).
    """

    def drawn(rng: np.random.Generator) -> Array:
        x = draw(rng)
        mask = rng.random(x.shape) < share
        kept = np.expand_dims(rng.integers(x.shape[axis], size=np.delete(x.shape, axis)), axis)
        np.put_along_axis(mask, kept, False, axis)
        if all_masked:  # every other slice, in a random order
            slices = kept.size
            mask |= np.expand_dims(rng.permutation(slices).reshape(np.delete(x.shape, axis)) % 2 == 0, axis)
        return np.where(mask, x.dtype.type(-np.inf), x)

    return drawn


def integers(dtype: Any, low: int, high: int, *shape: int) -> Draw:
    """Integers from `low` to `high`, both of which occur in every slice along the last axis, and `high`
    twice.
    """

    def draw(rng: np.random.Generator) -> Array:
        x = rng.integers(low, high, size=shape, endpoint=True, dtype=dtype)
        x[..., :3] = [low, high, high]
        return rng.permuted(x, axis=-1)

    return draw


def log_probabilities(*shape: int) -> Draw:
    """Rows that are nearly normalized: their logsumexp lies near 0, where an error cannot hide behind its
    size.
    """

    def draw(rng: np.random.Generator) -> Array:
        x = rng.standard_normal(shape)
        return x - torch_logsumexp(x)[..., None] + 0.01 * rng.standard_normal((*shape[:-1], 1))

    return draw


def one_of_each_slice(*shape: int, low: float, high: float) -> Draw:
    """Everything masked but one entry of each slice along the last axis, all with the same huge logit.

    No finite number is low enough to stand for -inf here.
    """

    def draw(rng: np.random.Generator) -> Array:
        x = np.full(shape, -np.inf)
        x[..., 0] = rng.uniform(low, high)
        return rng.permuted(x, axis=-1)

    return draw


def viewed(draw: Draw, view: Callable[[Array], Array]) -> Draw:
    """A view of what is drawn."""
    return lambda rng: view(draw(rng))


VIEWS: tuple[tuple[str, Draw, int | None], ...] = (
    ("a transposed matrix", viewed(normal(6, 4), np.transpose), -1),
    ("a matrix reversed in both axes", viewed(normal(3, 7), lambda x: x[::-1, ::-1]), -1),
    ("every other row, every third column", viewed(normal(9, 14), lambda x: x[::2, 1::3]), None),
    ("axes in another order", viewed(normal(4, 2, 5), lambda x: np.transpose(x, (1, 2, 0))), -1),
    ("one row seen five times", viewed(normal(1, 6), lambda x: np.broadcast_to(x, (5, 6))), -1),
    ("a reversed vector", viewed(normal(8), lambda x: x[::-1]), None),
)

INTEGERS: tuple[tuple[str, Draw, int | None], ...] = (
    ("int8 over its whole range", integers(np.int8, -128, 127, 4, 6), -1),
    ("uint8 over its whole range", integers(np.uint8, 0, 255, 3, 5), None),
    ("int16 over its whole range", integers(np.int16, -(2**15), 2**15 - 1, 2, 7), 1),
    ("uint16", integers(np.uint16, 0, 40, 3, 6), -1),
    ("int32 over its whole range", integers(np.int32, -(2**31), 2**31 - 1, 2, 5), None),
    ("uint32", integers(np.uint32, 0, 900, 5), 0),
    ("int64 around 0", integers(np.int64, -4, 4, 3, 2, 6), -1),
    ("int64 around a thousand", integers(np.int64, 990, 1010, 4, 5), None),
    ("uint64", integers(np.uint64, 0, 12, 2, 6), None),
    ("int64 that float32 would round", integers(np.int64, 2**26, 2**26 + 20, 3, 6), -1),
)


# Calls and warnings -------------------------------------------------------------------------------------

THREE_CALLS = """
def three_calls(function, first, second, axis):
    return function(first.copy(), axis), function(second.copy(), axis), function(first.copy(), axis)
"""


def three_calls(student: Student, function: Any, first: Array, second: Array, axis: int) -> Any:
    """A function's results for two arrays of one shape and for the first again, all three kept until the end."""
    return student.stand_in(THREE_CALLS).three_calls(function, first, second, axis)


def assert_no_numerical_warnings(student: Student) -> None:
    """NumPy had nothing to complain of. (What a student's code says in warnings of its own is nobody's business.)"""
    for call in student.calls:
        for warning in call.warnings:
            if warning.startswith("RuntimeWarning"):
                fail(f"`{call.name}` gave a warning ({warning}), where none should arise.")


# Judging a task on its own ------------------------------------------------------------------------------


def plain_logsumexp(x: Any, axis: int = -1, keepdims: bool = False) -> Array:
    """A right logsumexp, for tasks that may be built on the student's own."""
    x = as_floating(x)
    largest = np.max(x, axis=axis, keepdims=True)
    shift = np.where(np.isfinite(largest), largest, 0)
    with np.errstate(divide="ignore"):
        total = np.log(np.sum(np.exp(x - shift), axis=axis, keepdims=True)) + shift
    return np.asarray(total if keepdims else np.squeeze(total, axis))


def plain_log_softmax(x: Any, axis: int = -1) -> Array:
    """A right log-softmax, for tasks that may be built on the student's own."""
    x = as_floating(x)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True)))


def as_floating(x: Any) -> Array:
    """An array or a list of numbers as a floating array; integers become float64."""
    x = np.asarray(x)
    return np.asarray(x, dtype=result_dtype(x))


def judge_alone(student: Student, check: Callable[[], None], **others: Callable[..., Array]) -> None:
    """Run `check`; where it fails, try once more with right versions of the other tasks that the code builds on.

    A mistake in another task costs nothing in this one. The student's own
    versions come first: a helper's signature may have been extended. The second try counts if it used a right one.
    """
    try:
        check()
    except (AssertionError, StudentRaised):
        calls = list(student.calls)
        student.calls.clear()
        used: list[str] = []
        try:
            with contextlib.ExitStack() as stack:
                for name, function in others.items():
                    stack.enter_context(student.replaced(name, noting(name, function, used)))
                check()
        except (AssertionError, StudentRaised):
            used.clear()
        if not used:
            student.calls[:] = calls
            raise


def noting(name: str, function: Callable[..., Array], used: list[str]) -> Callable[..., Array]:
    """The same function, which adds its name to `used` at every call."""

    def noted(*args: Any, **kwargs: Any) -> Array:
        used.append(name)
        return function(*args, **kwargs)

    return noted
