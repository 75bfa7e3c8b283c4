"""The wire: values and messages as a typed msgspec header plus raw array buffers. Never pickle.

Both sides use it. What comes from a worker is checked before anything is allocated for it: a message that
is not exactly of these types, with buffers of exactly the announced sizes, is a `WireError`.
"""

import ctypes
import functools
import math
import struct
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import msgspec

from autograder.sandbox.tracing import Op

MAX_HEADER = 4 << 20
MAX_BUFFERS = 10_000
MAX_BYTES = 16 << 20  # the arrays of one message
MAX_DEPTH = 16
MAX_ITEMS = 10_000  # of all containers of one value together
MAX_TEXT = 10_000
MAX_OUTPUT = 4_000
MAX_MESSAGE = 2_000
MAX_WARNINGS = 20
_CHUNK = 1 << 16  # most messages arrive whole with one system call

_PREFIX = struct.Struct("<II")
_NUMPY_DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 complex64 complex128".split()
)
_TORCH_DTYPES = _NUMPY_DTYPES | {"bfloat16"}


class WireError(Exception):
    """The other side sent something that is not a message."""


# Values ------------------------------------------------------------------------------------------------


class Array(msgspec.Struct, frozen=True, tag=True):
    """An ndarray or tensor: `strides` and `offset` (bytes) place it in its buffer; `ref` names the object."""

    library: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    buffer: int
    ref: int = 0


class Scalar(msgspec.Struct, frozen=True, tag=True):
    """A NumPy scalar, as the bytes of one element."""

    dtype: str
    data: bytes


class Items(msgspec.Struct, frozen=True, tag=True):
    """A list or tuple."""

    kind: str
    items: tuple["Node", ...]


class Pairs(msgspec.Struct, frozen=True, tag=True):
    """A dict, in its order."""

    items: tuple[tuple["Node", "Node"], ...]


class Random(msgspec.Struct, frozen=True, tag=True):
    """A NumPy Generator: its bit generator's state as JSON text."""

    state: str
    ref: int


class Function(msgspec.Struct, frozen=True, tag=True):
    """A function of the grading process, to be called back."""

    id: int
    name: str


class Object(msgspec.Struct, frozen=True, tag=True):
    """Anything else: it stays in the worker, under this number. `view` describes a Matplotlib Axes."""

    id: int
    type_name: str
    callable: bool
    view: dict[str, Any] | None = None


# Keys of a dict: other kinds could be made to have one hash, and a dict of many such keys takes for ever.
_KEYS = (str, int, float, bool, type(None))

Node = None | bool | int | float | str | Array | Scalar | Items | Pairs | Random | Function | Object


# Requests: grading process -> worker -------------------------------------------------------------------


class Load(msgspec.Struct, frozen=True, tag=True):
    """Run the module's text under its own name."""

    module: str
    text: str
    written_with: str


class Call(msgspec.Struct, frozen=True, tag=True):
    """Call attribute `name` of object `target` (0 is the module), or the object itself when `name` is empty."""

    target: int
    name: str
    args: tuple[Node, ...] = ()
    kwargs: dict[str, Node] = {}
    traced: bool = False


class Get(msgspec.Struct, frozen=True, tag=True):
    """Read attribute `name` of object `target`."""

    target: int
    name: str


class Set(msgspec.Struct, frozen=True, tag=True):
    """Assign attribute `name` of object `target`."""

    target: int
    name: str
    value: Node


class Replace(msgspec.Struct, frozen=True, tag=True):
    """Swap the module's global `name` until `Restore`."""

    name: str
    value: Node


class Restore(msgspec.Struct, frozen=True, tag=True):
    """Undo `Replace`."""

    name: str


class Change(msgspec.Struct, frozen=True, tag=True):
    """Overwrite the contents of an array passed before."""

    value: Array


class StandIn(msgspec.Struct, frozen=True, tag=True):
    """Run a small module of the grader's beside the student's; `functions` are globals of it."""

    text: str
    functions: dict[str, Node]


Action = Load | Call | Get | Set | Replace | Restore | Change | StandIn


class Request(msgspec.Struct, frozen=True, tag=True):
    """One action; `fresh` first forgets the objects of the test before."""

    sequence: int
    fresh: bool
    action: Action


# Replies: worker -> grading process --------------------------------------------------------------------


class Report(msgspec.Struct, frozen=True):
    """What else was seen during a call."""

    warnings: tuple[str, ...] = ()
    output: str = ""
    changed: tuple[str, ...] = ()
    random: tuple[tuple[int, str], ...] = ()
    trace: tuple[Op, ...] = ()


class Returned(msgspec.Struct, frozen=True, tag=True):
    """The call gave a value."""

    sequence: int
    value: Node
    report: Report = Report()


class Raised(msgspec.Struct, frozen=True, tag=True):
    """The call raised: the exception's class and its bases, its text, and the line of the student's module."""

    sequence: int
    types: tuple[str, ...]
    message: str
    line: int | None = None
    package: str = ""
    report: Report = Report()


class Callback(msgspec.Struct, frozen=True, tag=True):
    """The student's code calls a function of the grading process."""

    function: int
    args: tuple[Node, ...]
    kwargs: dict[str, Node]


Reply = Returned | Raised | Callback


class CallbackReturned(msgspec.Struct, frozen=True, tag=True):
    """What that function gave, and the arrays among its positional arguments that it changed."""

    value: Node
    changed: tuple[tuple[int, Array], ...] = ()


class CallbackRaised(msgspec.Struct, frozen=True, tag=True):
    """That function raised: the exception's class by name, and its text."""

    exception: str
    message: str


CallbackReply = CallbackReturned | CallbackRaised

encode = msgspec.msgpack.Encoder().encode
decode_request = msgspec.msgpack.Decoder(Request | CallbackReply).decode
decode_reply = msgspec.msgpack.Decoder(Reply).decode

Buffer = bytes | bytearray | memoryview
Message = tuple[Any, Sequence[Buffer]]


# Values to nodes and back ------------------------------------------------------------------------------


class Packer:
    """Turns values into nodes and buffers. `other` takes what is neither data nor a container.

    With `layout`, arrays keep their strides and `ref` numbers them; otherwise they travel contiguous.
    """

    def __init__(self, other: Callable[[Any], Node], ref: Callable[[Any], int] | None = None) -> None:
        self.buffers: list[Buffer] = []
        self._other = other
        self._ref = ref
        self._bytes = self._items = 0

    def pack(self, value: Any, depth: int = 0) -> Node:
        """The node for `value`. Subclasses of Python's own types travel as those types."""
        numpy, torch = _loaded("numpy"), _loaded("torch")
        if value is None or isinstance(value, bool):
            return value
        if numpy and type(value) is numpy.ndarray and _name(value.dtype) in _NUMPY_DTYPES:
            return self._numpy(value) if self._fits(value.nbytes) else self._other(value)
        if numpy and isinstance(value, numpy.generic) and _name(value.dtype) in _NUMPY_DTYPES:
            return Scalar(_name(value.dtype), value.tobytes())
        if torch and type(value) in (torch.Tensor, torch.nn.Parameter) and _is_plain_tensor(value):
            return self._torch(value) if self._fits(value.nbytes) else self._other(value)
        if isinstance(value, int):
            number = int.__index__(value)
            return number if -(1 << 63) <= number < 1 << 64 else self._other(value)
        if isinstance(value, float):
            return float.__pos__(value)
        if isinstance(value, str):
            return bounded(str.__str__(value), MAX_TEXT)
        if depth < MAX_DEPTH and isinstance(value, list | tuple):
            kind: Any = tuple if isinstance(value, tuple) else list
            if self._has_room(kind.__len__(value)):
                return Items(kind.__name__, tuple(self.pack(item, depth + 1) for item in kind.__iter__(value)))
        if depth < MAX_DEPTH and isinstance(value, dict) and self._has_room(2 * dict.__len__(value)):
            pairs = [(self.pack(key, depth + 1), self.pack(item, depth + 1)) for key, item in dict.items(value)]
            if all(isinstance(key, _KEYS) for key, _ in pairs):
                return Pairs(tuple(pairs))
        return self._other(value)

    def _fits(self, nbytes: int) -> bool:
        self._bytes += nbytes
        return self._bytes <= MAX_BYTES

    def _has_room(self, items: int) -> bool:
        self._items += items
        return self._items <= MAX_ITEMS

    def _numpy(self, array: Any) -> Array:
        ref = self._ref(array) if self._ref else 0
        if not array.dtype.isnative:
            array = array.astype(array.dtype.newbyteorder("="))
        if self._ref and array.size and not array.flags.c_contiguous:
            reach = [(size - 1) * stride for size, stride in zip(array.shape, array.strides, strict=True)]
            low = sum(step for step in reach if step < 0)
            extent = sum(step for step in reach if step > 0) - low + array.itemsize
            if extent <= _roomy(array.nbytes):
                memory = ctypes.string_at(array.ctypes.data + low, extent)
                return self._place(_name(array.dtype), array.shape, array.strides, -low, memory, "numpy", ref)
        if not array.flags.c_contiguous:
            array = array.copy(order="C")
        return self._place(_name(array.dtype), array.shape, array.strides, 0, array.tobytes(), "numpy", ref)

    def _torch(self, tensor: Any) -> Array:
        ref = self._ref(tensor) if self._ref else 0
        plain = tensor.detach().resolve_conj().resolve_neg()
        itemsize = plain.element_size()
        reach = [(size - 1) * stride for size, stride in zip(plain.shape, plain.stride(), strict=True)]
        offset = plain.storage_offset() * itemsize
        extent = offset + (sum(reach) + 1) * itemsize if plain.numel() else 0
        if not self._ref or extent > _roomy(plain.numel() * itemsize):
            plain = plain.contiguous()
            offset, extent = 0, plain.numel() * itemsize
        memory = ctypes.string_at(plain.data_ptr() - offset, extent) if extent else b""
        strides = tuple(stride * itemsize for stride in plain.stride())
        return self._place(str(plain.dtype)[6:], plain.shape, strides, offset, memory, "torch", ref)

    def _place(
        self,
        dtype: str,
        shape: Sequence[int],
        strides: tuple[int, ...],
        offset: int,
        memory: bytes,
        library: str,
        ref: int,
    ) -> Array:
        self.buffers.append(memory)
        return Array(library, dtype, tuple(shape), strides, offset, len(self.buffers) - 1, ref)


def bounded(text: str, limit: int) -> str:
    """The beginning of a text, as it can be sent: half a surrogate pair is no UTF-8."""
    return text[:limit].encode("utf-8", "replace").decode("utf-8")


def _loaded(name: str) -> Any:
    """The library, if it is loaded here; a worker's placeholder for one is not it."""
    module = sys.modules.get(name)
    return module if type(module) is ModuleType else None


@functools.cache
def _name(dtype: Any) -> str:
    """NumPy works a dtype's name out anew each time, for longer than it takes to send a small array."""
    return str(dtype.name)


def _roomy(nbytes: int) -> int:
    """A view that spans more bytes than this travels as a contiguous copy: gaps are not worth sending."""
    return 16 * int(nbytes) + 4096


def unpack(node: Node, buffers: Sequence[Buffer], other: Callable[[Any], Any]) -> Any:
    """The value of a node. `other` resolves Random, Function and Object nodes (and sees each array made).

    WireError when it is deeper or has more items than a `Packer` would send.
    """
    left = MAX_ITEMS

    def value_of(node: Node, depth: int) -> Any:
        nonlocal left
        if isinstance(node, Items | Pairs):
            left -= len(node.items)
            if depth == MAX_DEPTH or left < 0:
                raise WireError("a value too large")
        if isinstance(node, Items):
            items = [value_of(item, depth + 1) for item in node.items]
            return tuple(items) if node.kind == "tuple" else items
        if isinstance(node, Pairs):
            if not all(isinstance(key, _KEYS) for key, _ in node.items):
                raise WireError("not a key")
            return {key: value_of(item, depth + 1) for key, item in node.items}
        if isinstance(node, Scalar):
            return _scalar(node)
        if isinstance(node, Array | Random | Function | Object):
            return other(node)
        return node

    return value_of(node, 0)


def _scalar(node: Scalar) -> Any:
    import numpy as np

    if node.dtype not in _NUMPY_DTYPES or len(node.data) != np.dtype(node.dtype).itemsize:
        raise WireError("not a scalar")
    return np.frombuffer(node.data, dtype=node.dtype)[0]


def make_array(node: Array, buffers: Sequence[Buffer], dense: bool = False) -> Any:
    """The ndarray or tensor of a node, over its own buffer; WireError when it does not fit there.

    `dense` demands one element of the buffer for each of the array: strides of 0 could announce more elements
    than there is memory.
    """
    try:
        memory = buffers[node.buffer]
        if min(node.shape, default=0) < 0 or not len(node.strides) == len(node.shape) <= 32:
            raise ValueError("not a shape")
        if node.dtype not in _TORCH_DTYPES:
            raise ValueError("not a dtype")
        if dense and math.prod(node.shape) != len(memory) // _itemsize(node.dtype):
            raise ValueError("not dense")
        if node.library == "numpy" and node.dtype in _NUMPY_DTYPES:
            import numpy as np

            return np.ndarray(node.shape, node.dtype, memory, node.offset, node.strides)
        if node.library == "torch" and node.dtype in _TORCH_DTYPES:
            import torch

            dtype = getattr(torch, node.dtype)
            if math.prod(node.shape) == 0:
                return torch.empty(node.shape, dtype=dtype)
            flat = torch.frombuffer(memory, dtype=dtype)
            strides = [stride // dtype.itemsize for stride in node.strides]
            return flat.as_strided(node.shape, strides, node.offset // dtype.itemsize)
    except (ValueError, TypeError, IndexError, RuntimeError, OverflowError) as error:
        raise WireError(f"not an array: {error}") from None
    raise WireError("not an array")


def _itemsize(dtype: str) -> int:
    return 2 if dtype == "bfloat16" else 1 if dtype == "bool" else int("".join(filter(str.isdigit, dtype))) // 8


def _is_plain_tensor(value: Any) -> bool:
    import torch

    return (
        value.layout == torch.strided
        and value.device.type == "cpu"
        and str(value.dtype)[6:] in _TORCH_DTYPES
        and not value.is_quantized
    )


# Frames ------------------------------------------------------------------------------------------------


def frame(message: Any, buffers: Sequence[Buffer]) -> list[Buffer]:
    """The pieces to send, in order."""
    header = encode(message)
    sizes = [len(buffer) for buffer in buffers]
    return [_PREFIX.pack(len(header), len(sizes)) + struct.pack(f"<{len(sizes)}Q", *sizes), header, *buffers]


class Reader:
    """Reads messages; `fill(view)` puts some bytes into a view and says how many, or raises EOFError."""

    def __init__(self, fill: Callable[[memoryview], int]) -> None:
        self._fill = fill
        self._chunk = memoryview(bytearray(_CHUNK))
        self._start = self._end = 0

    def message(self) -> tuple[bytearray, list[bytearray]]:
        """One message's header and buffers. Announced sizes are checked before anything is allocated for them."""
        header_size, count = _PREFIX.unpack(self._read(_PREFIX.size))
        if header_size > MAX_HEADER or count > MAX_BUFFERS:
            raise WireError("a message too large")
        sizes = struct.unpack(f"<{count}Q", self._read(8 * count))
        if sum(sizes) > MAX_BYTES:
            raise WireError("a message too large")
        return self._read(header_size), [self._read(size) for size in sizes]

    def _read(self, size: int) -> bytearray:
        if size <= self._end - self._start:
            self._start += size
            return bytearray(self._chunk[self._start - size : self._start])
        data = bytearray(size)
        rest = memoryview(data)
        while rest:
            if self._start < self._end:
                count = min(len(rest), self._end - self._start)
                rest[:count] = self._chunk[self._start : self._start + count]
                self._start += count
            elif len(rest) >= _CHUNK:
                count = self._fill(rest)
            else:
                self._start, self._end = 0, self._fill(self._chunk)
                continue
            rest = rest[count:]
        return data
