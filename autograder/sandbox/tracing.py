"""A recording of what PyTorch does while a student's function runs, for graders that ask how it was done.

Two of PyTorch's own hooks are used. `TorchFunctionMode` sees public functions: from it come the calls of
`torch.einsum`, each shown as one operation whatever it does inside. `TorchDispatchMode` sees every operation
below (aten): whichever function or operator a product was written with, it arrives here as `aten.bmm` and
the like. The worker does not judge; it hands over a list of `Op`.

torch is imported when the first recording begins. What is recorded stays alive until the recording ends, so
that a number stands for one tensor.
"""

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

MAX_OPS = 3_000
MAX_TEXT = 80
MAX_LEFT = 64

# What a tensor is printed with runs operations of its own, which are none of the student's.
PRINTING = frozenset({"__repr__", "__str__", "__format__"})
# Ways for numbers to leave PyTorch of which no operation tells.
LEAVING = frozenset(
    ["numpy", "tolist", "__array__", "__dlpack__", "storage", "untyped_storage", "data_ptr", "__reduce_ex__"]
)


class Op(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. Tensors are numbers; two that show the same memory in the same way have the same one.

    `name` is "torch.einsum"; "aten.bmm" and the like; "leave.tolist" and the like where numbers leave
    PyTorch; "changed" where such a tensor was written to by no operation; "call.NAME" for a function of the
    grading process called back; "argument" and "result", one for each tensor that the student's function was
    given and gave; "too many" when the recording ends before the function does. `within` is the public function
    that was called ("matmul"), `line` the line of the student's module. `storages` are numbers of the memory
    behind the inputs, then behind the outputs. In `input_shapes` an axis that only repeats what it shows
    (stride 0) counts as of size 1.
    """

    name: str
    within: str = ""
    line: int = 0
    pointwise: bool = False
    view: bool = False
    floating: bool = False  # the first input
    inputs: list[int] = []
    outputs: list[int] = []
    storages: list[int] = []
    input_shapes: list[list[int]] = []
    output_shapes: list[list[int]] = []
    arguments: list[str] = []


class Recording:
    """The operations of one call. `filename` is the one that the student's module was compiled with."""

    def __init__(self, filename: str) -> None:
        self.ops: list[Op] = []
        self._filename = filename
        self._within = ""
        self._quiet = 0
        self._alive: list[Any] = []
        self._left: dict[int, tuple[Any, bytes]] = {}  # memory that others may write to: a tensor of it, its bytes
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._storages: dict[Any, int] = {}

    def call(self, function: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Call the student's function, and note what it was given and what it gave."""
        for tensor in _tensors([*args, *kwargs.values()]):
            self._add("argument", [], [tensor])
        value = function(*args, **kwargs)
        self.look_for_changes()
        for tensor in _tensors([value]):
            self._add("result", [tensor], [])
        return value

    def function_called(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """A public function of PyTorch, called by the student's code."""
        name = _name(func)
        if self._quiet or len(self.ops) >= MAX_OPS:
            return func(*args, **kwargs)
        if name in PRINTING:
            with self.quiet():
                return func(*args, **kwargs)
        if _is_einsum(func):
            self.look_for_changes()
            with self.quiet():
                value = func(*args, **kwargs)
            self._add("torch.einsum", _tensors(args[1:]), _tensors([value]), arguments=[_text(args[0])])
            return value
        if name in LEAVING:
            self._add(f"leave.{name}", _tensors(args), [])
            for tensor in _tensors(args):
                self._watch(tensor)
        outer, self._within = self._within, self._within or name
        try:
            return func(*args, **kwargs)
        finally:
            self._within = outer

    def operation_ran(self, func: Any, args: Sequence[Any], kwargs: Mapping[str, Any], value: Any) -> None:
        """An operation below the public functions."""
        if self._quiet:
            return
        inputs = _tensors([*args, *kwargs.values()])
        plain = [arg for arg in args if not isinstance(arg, _tensor_class()) and not _is_tensors(arg)]
        name, pointwise, view = _kind(func)
        arguments = [*map(_text, plain)]
        named = {key: arg for key, arg in kwargs.items() if not isinstance(arg, _tensor_class())}
        arguments += [f"{key}={_text(arg)}" for key, arg in named.items()]
        self._add(name, inputs, _tensors([value]), pointwise=pointwise, view=view, arguments=arguments)
        for memory, (tensor, _) in self._left.items():  # the operation may have written there itself
            self._left[memory] = tensor, self._bytes(tensor)

    def look_for_changes(self) -> None:
        """Before an operation: who was written to since the last one, from outside PyTorch?"""
        if self._quiet:
            return
        for memory, (tensor, before) in self._left.items():
            now = self._bytes(tensor)
            if now != before:
                self._left[memory] = tensor, now
                self._add("changed", [tensor], [tensor])

    def called_back(self, name: str, args: Iterable[Any], value: Any) -> None:
        """A function of the grading process was called, here as one operation."""
        if not self._quiet:
            self._add(f"call.{name}", _tensors(args), _tensors([value]))

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Record nothing meanwhile."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def _add(
        self,
        name: str,
        inputs: list[Any],
        outputs: list[Any],
        *,
        pointwise: bool = False,
        view: bool = False,
        arguments: list[str] | None = None,
    ) -> None:
        if len(self.ops) == MAX_OPS:
            self.ops.append(Op(name="too many", line=self._line()))
        if len(self.ops) > MAX_OPS and name != "result":
            return
        with self.quiet():
            seen = [self._number(tensor) for tensor in inputs]
            made = [self._number(tensor) for tensor in outputs]
            op = Op(
                name=name,
                within=self._within,
                line=self._line(),
                pointwise=pointwise,
                view=view,
                floating=bool(inputs) and bool(inputs[0].dtype.is_floating_point),
                inputs=[number for number, _ in seen],
                outputs=[number for number, _ in made],
                storages=[storage for _, storage in [*seen, *made]],
                input_shapes=[_extent(tensor) for tensor in inputs],
                output_shapes=[list(tensor.shape) for tensor in outputs],
                arguments=arguments or [],
            )
        self.ops.append(op)

    def _number(self, tensor: Any) -> tuple[int, int]:
        """Of the tensor, and of its memory."""
        tensor = _unwrapped(tensor)
        try:
            memory = tensor.untyped_storage()._cdata
            key: tuple[Any, ...] = (
                memory,
                tensor.storage_offset(),
                tuple(tensor.shape),
                tensor.stride(),
                str(tensor.dtype),
            )
        except (RuntimeError, AttributeError):  # sparse and other tensors without strides
            memory, key = (id(tensor),), (id(tensor),)
        if key not in self._numbers:
            self._alive.append(tensor)
        storage = self._storages.setdefault(memory, len(self._storages) + 1)
        return self._numbers.setdefault(key, len(self._numbers) + 1), storage

    def _watch(self, tensor: Any) -> None:
        """From now on code outside PyTorch may write to this tensor's memory."""
        with self.quiet():
            _, memory = self._number(tensor)
        if memory in self._left:
            return
        if len(self._left) < MAX_LEFT:
            self._left[memory] = tensor, self._bytes(tensor)
        else:
            self._add("changed", [tensor], [tensor])  # as it may be: so many are not watched

    def _bytes(self, tensor: Any) -> bytes:
        """All of a tensor's memory."""
        import torch

        with self.quiet():
            try:
                memory = _unwrapped(tensor).untyped_storage()
                return bytes(torch.empty(0, dtype=torch.uint8).set_(memory).numpy().tobytes())
            except (RuntimeError, AttributeError):  # sparse and other tensors without strides
                return b""

    def _line(self) -> int:
        """The line of the student's module that runs now; 0 when none does."""
        frame: Any = sys._getframe(1)
        while frame is not None:
            if frame.f_code.co_filename == self._filename:
                return int(frame.f_lineno)
            frame = frame.f_back
        return 0


_active: list[Recording] = []


@contextmanager
def record(filename: str = "") -> Iterator[Recording]:
    """Record what PyTorch does inside: `with record(file) as recording: recording.call(f, args, kwargs)`."""
    function_mode, dispatch_mode = _modes()
    recording = Recording(filename)
    _active.append(recording)
    try:
        with function_mode(recording), dispatch_mode(recording):
            yield recording
    finally:
        _active.remove(recording)


def as_one_operation(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function; in a recording, one operation called "call.NAME", whatever it does."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if not _active:
            return function(*args, **kwargs)
        recording = _active[-1]
        recording.look_for_changes()
        with recording.quiet():
            value = function(*args, **kwargs)
        recording.called_back(name, [*args, *kwargs.values()], value)
        return value

    return wrapper


def prepare() -> None:
    """Look up what a recording needs, the real einsum above all: before any code of a student's runs."""
    import torch

    _genuine_einsum()
    with record() as recording:
        recording.call(torch.einsum, ["ij,jk->ik", torch.ones(2, 2), torch.ones(2, 2)], {})


@functools.cache
def _genuine_einsum() -> tuple[Any, Any]:
    import torch

    return torch.functional.einsum, torch.functional.einsum.__code__


@functools.cache
def _tensor_class() -> type:
    import torch

    return torch.Tensor


@functools.cache
def _modes() -> tuple[Any, Any]:
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    class Functions(TorchFunctionMode):  # type: ignore[misc,no-untyped-call,unused-ignore]
        def __init__(self, recording: Recording) -> None:
            super().__init__()
            self._recording = recording

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            return self._recording.function_called(func, args, kwargs or {})

    class Operations(TorchDispatchMode):  # type: ignore[misc,no-untyped-call,unused-ignore]
        def __init__(self, recording: Recording) -> None:
            super().__init__()  # type: ignore[no-untyped-call,unused-ignore]
            self._recording = recording

        @classmethod
        def _should_skip_dynamo(cls) -> bool:
            return False  # nothing is compiled here, and to switch that off would import 800 modules

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            self._recording.look_for_changes()
            value = func(*args, **(kwargs or {}))
            self._recording.operation_ran(func, args, kwargs or {}, value)
            return value

    return Functions, Operations


def _is_einsum(func: Any) -> bool:
    einsum, code = _genuine_einsum()
    return func is einsum and func.__code__ is code


def _name(func: Any) -> str:
    """`matmul` for any way to call it; the attribute's name where one is read (`T`)."""
    name = getattr(func, "__name__", "")
    if name in ("__get__", "__set__"):
        name = getattr(getattr(func, "__self__", None), "__name__", name)
    return str(name)[:MAX_TEXT]


@functools.cache
def _kind(func: Any) -> tuple[str, bool, bool]:
    """An operation's name without its overload; whether it works entry by entry; whether it gives a view."""
    import torch

    schema = func._schema
    view = any(result.alias_info is not None and not result.alias_info.is_write for result in schema.returns)
    return schema.name.replace("::", "."), torch.Tag.pointwise in func.tags, view


def _tensors(values: Iterable[Any]) -> list[Any]:
    """Every tensor in there, in order."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, _tensor_class()):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += _tensors(value)
        elif isinstance(value, dict):
            found += _tensors(value.values())
    return found


def _is_tensors(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(_tensors(value))


def _unwrapped(tensor: Any) -> Any:
    """The tensor itself where `torch.vmap` passes one around in a wrapper."""
    from torch._C import _functorch

    while _functorch.is_functorch_wrapped_tensor(tensor):
        tensor = _functorch.get_unwrapped(tensor)
    return tensor


def _extent(tensor: Any) -> list[int]:
    """The shape, with 1 for an axis along which nothing changes."""
    try:
        strides = tensor.stride()
    except (RuntimeError, NotImplementedError):
        return list(tensor.shape)
    return [size if stride else 1 for size, stride in zip(tensor.shape, strides, strict=True)]


def _text(value: Any) -> str:
    """A number, a name, a list of numbers; nothing of a student's own is asked to describe itself."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_text, value[:12])) + "]"
    if type(value) in (int, float, bool, str, type(None)):
        return str(value)[:MAX_TEXT]
    return type(value).__name__
