"""Checks for hidden graders: type, shape and dtype first, then values, each with a message for a student."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
import torch

from autograder.grading.differences import describe, difference, wrong_entries
from autograder.grading.results import Difference
from autograder.sandbox.axes import AxesView
from autograder.sandbox.student import RemoteObject, Student, StudentRaised

# The defaults of torch.testing.assert_close (its documentation, "Tensor comparison"), by dtype of the result.
TOLERANCES: dict[str, tuple[float, float]] = {
    "float16": (1e-3, 1e-5),
    "bfloat16": (1.6e-2, 1e-5),
    "float32": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7),
    "complex64": (1.3e-6, 1e-5),
    "complex128": (1e-7, 1e-7),
}


class Failed(AssertionError):
    """A behaviour is not met; the message is for the student, and so is the picture of where an array is wrong."""

    def __init__(self, message: str, difference: Difference | None = None) -> None:
        super().__init__(message)
        self.difference = difference


class Forbidden(Exception):
    """A rule of the problem is broken: the whole task earns nothing; the message is for the student."""


def fail(message: str) -> NoReturn:
    """The behaviour is not met, for this reason in words."""
    raise Failed(message)


def forbid(message: str) -> NoReturn:
    """A rule of the problem is broken, this one in words."""
    raise Forbidden(message)


def assert_matches(
    actual: Any,
    expected: Any,
    *,
    dtype: Any = None,
    rtol: float = 0.0,
    atol: float = 0.0,
    what: str = "the result",
) -> None:
    """`actual` is of the kind, shape and dtype that is due, and its values match `expected` within tolerance.

    `expected` is an ndarray, a tensor, a Python number, string, tuple, list or dict (compared item by item).
    `dtype` is the dtype that is due (default: that of `expected`). The tolerance is that of
    `torch.testing.assert_close` for the dtype of the result, widened to `rtol` and `atol` where these are
    larger. NaN matches NaN only.
    """
    if isinstance(expected, tuple | list | dict):
        _assert_container(actual, expected, dtype=dtype, rtol=rtol, atol=atol, what=what)
    elif isinstance(expected, np.ndarray | torch.Tensor):
        _assert_array(actual, expected, dtype, rtol, atol, what)
    elif isinstance(expected, float):
        _assert_float(actual, expected, rtol, atol, what)
    elif isinstance(expected, bool):
        if not isinstance(actual, bool | np.bool_):
            fail(f"{what} should be True or False, but it is {kind(actual)}.")
        if bool(actual) is not expected:
            fail(f"{what} is {bool(actual)}, which is not right here.")
    elif isinstance(expected, int):
        if isinstance(actual, bool) or not isinstance(actual, int | np.integer):
            fail(f"{what} should be an integer, but it is {kind(actual)}.")
        if int(actual) != expected:
            fail(f"{what} is {int(actual)}, which is not right here.")
    elif type(actual) is not type(expected) or actual != expected:
        fail(f"{what} is {kind(actual)}, which is not what is due here.")


def assert_raises(
    exception: type[Exception],
    function: Callable[..., Any],
    *args: Any,
    mentions: tuple[str, ...] = (),
    why: str,
    **kwargs: Any,
) -> None:
    """`function(*args, **kwargs)` raises `exception` (or a subclass) with a text that contains each of `mentions`."""
    name = exception.__name__
    try:
        value = function(*args, **kwargs)
    except StudentRaised as error:
        if "NotImplementedError" in error.types or error.package:
            raise
        if name not in error.types:
            fail(f"It should raise {name} when {why}, but it raised {error.types[0]}: {error.message}")
        for words in mentions:
            if words not in error.message:
                fail(f"It is right to raise an exception when {why}, but the message of yours does not say {words!r}.")
        return
    fail(f"It should raise {name} when {why}, but it returned {kind(value)}.")


def assert_unchanged(student: Student, what: str = "its arguments") -> None:
    """No call of this test changed an argument."""
    for call in student.calls:
        if call.changed:
            label = call.changed[0]
            which = f"argument {int(label) + 1}" if label.isdigit() else f"`{label}`"
            fail(f"`{call.name}` changed {what} ({which}) while it ran; work on a copy or on new arrays instead.")


def assert_no_warnings(student: Student) -> None:
    """No call of this test gave a warning."""
    for call in student.calls:
        if call.warnings:
            fail(f"`{call.name}` gave a warning ({call.warnings[0]}), where none should arise.")


def kind(value: Any) -> str:
    """What came back, in a few words, without its values."""
    match value:
        case None:
            return "None (is a `return` missing?)"
        case np.ndarray():
            return f"a NumPy array of shape {value.shape} and dtype {value.dtype}"
        case torch.Tensor():
            return f"a tensor of shape {tuple(value.shape)} and dtype {_dtype(value)}"
        case np.generic():
            return f"a NumPy {value.dtype} number"
        case bool() | int() | float():
            return f"the Python {type(value).__name__} {value}"
        case str():
            return "a string"
        case tuple() | list() | dict():
            return f"a {type(value).__name__} of {len(value)} items"
        case RemoteObject():
            return f"an object of type {value.type_name}"
        case AxesView():
            return "a Matplotlib Axes"
    return f"a {type(value).__name__}"


def _assert_array(
    actual: Any, expected: np.ndarray | torch.Tensor, dtype: Any, rtol: float, atol: float, what: str
) -> None:
    torch_due = isinstance(expected, torch.Tensor)
    due = "a tensor" if torch_due else "a NumPy array"
    scalar = not torch_due and expected.shape == () and isinstance(actual, np.generic)
    if not scalar and type(actual) is not (torch.Tensor if torch_due else np.ndarray):
        fail(f"{what} should be {due}, but it is {kind(actual)}.")
    if tuple(actual.shape) != tuple(expected.shape):
        fail(f"{what} has shape {tuple(actual.shape)}; it should have shape {tuple(expected.shape)}.")
    dtype_due = _dtype_name(dtype if dtype is not None else expected.dtype)
    if _dtype(actual) != dtype_due:
        fail(f"{what} has dtype {_dtype(actual)}; it should have dtype {dtype_due}.")
    default_rtol, default_atol = TOLERANCES.get(dtype_due, (0.0, 0.0))
    values, due_values = _plain(actual), _plain(expected)
    tolerance = max(rtol, default_rtol), max(atol, default_atol)
    if not close(values, due_values, *tolerance):
        wrong = wrong_entries(values, due_values, *tolerance)
        raise Failed(describe(values, due_values, *tolerance, what), difference(wrong))


def close(actual: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> bool:
    """Every entry within `atol + rtol * |expected|`; integers exactly; infinities and NaN only where they are due."""
    if actual.dtype.kind not in "fc":
        return bool(np.array_equal(actual, expected))
    with np.errstate(all="ignore"):
        for excess in _watchers:
            shares = np.abs(actual - expected) / (atol + rtol * np.abs(expected))
            excess.append(float(np.max(shares[np.isfinite(shares)], initial=0.0)))
        allowed = atol + rtol * np.abs(expected)
        if np.isfinite(allowed).all():  # mostly; np.allclose would take three times as long
            return bool((np.abs(actual - expected) <= allowed).all())
        return bool(np.allclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True))


_watchers: list[list[float]] = []


@contextmanager
def watch_excess() -> Iterator[list[float]]:
    """Collect, for every comparison made meanwhile, the largest difference as a part of its tolerance."""
    excess: list[float] = []
    _watchers.append(excess)
    try:
        yield excess
    finally:
        _watchers.remove(excess)


def _assert_float(actual: Any, expected: float, rtol: float, atol: float, what: str) -> None:
    if isinstance(actual, bool | np.bool_) or not isinstance(actual, float | int | np.floating):
        fail(f"{what} should be a float, but it is {kind(actual)}.")
    if isinstance(actual, int):
        fail(f"{what} should be a float, but it is {kind(actual)}.")
    if math.isnan(expected) and math.isnan(actual):
        return
    rtol, atol = max(rtol, 1e-7), max(atol, 1e-7)
    if not close(np.asarray(float(actual)), np.asarray(expected), rtol, atol):
        fail(f"{what} is {float(actual):.6g}, which is not right.")


def _assert_container(actual: Any, expected: Any, *, what: str, **tolerance: Any) -> None:
    if type(actual) is not type(expected):
        fail(f"{what} should be a {type(expected).__name__}, but it is {kind(actual)}.")
    if isinstance(expected, dict):
        if set(actual) != set(expected):
            missing = sorted(map(str, set(expected) - set(actual)))
            extra = sorted(map(str, set(actual) - set(expected)))
            words = [f"lacks {', '.join(missing)}"] * bool(missing) + [f"has {', '.join(extra)} too"] * bool(extra)
            fail(f"{what} has the wrong keys: it {' and '.join(words)}.")
        for key, item in expected.items():
            assert_matches(actual[key], item, what=f"{what}[{key!r}]", **tolerance)
        return
    if len(actual) != len(expected):
        fail(f"{what} has {len(actual)} items; it should have {len(expected)}.")
    for position, (mine, due) in enumerate(zip(actual, expected, strict=True)):
        assert_matches(mine, due, what=f"item {position} of {what}", **tolerance)


def _plain(array: Any) -> np.ndarray:
    """As an ndarray for comparing: half and bfloat16 widened, so that NumPy can hold them."""
    if isinstance(array, torch.Tensor):
        array = array.detach()
        widened = array.float() if array.dtype in (torch.bfloat16, torch.float16) else array
        return np.asarray(widened.numpy())
    return np.asarray(array)


def _dtype(array: Any) -> str:
    return _dtype_name(array.dtype)


def _dtype_name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.") if isinstance(dtype, torch.dtype) else np.dtype(dtype).name
