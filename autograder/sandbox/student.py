"""The proxy through which graders call a submission: it reads like the student's own module.

Calls travel to the worker; only plain data comes back. Anything else is a `RemoteObject`, which refuses to be
compared or tested for truth, so that no object of a student's can answer for itself.
"""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol, TypeVar

import msgspec

from autograder.sandbox import axes, wire
from autograder.sandbox.axes import AxesView
from autograder.sandbox.tracing import Op

MAX_KEPT = 4 << 20  # bytes of one call's value that its record keeps
MAX_CALLBACK = 8 << 20  # bytes of arrays that a student's code may pass to a function of ours
_MAX_ITEMS = 20
_MAX_NAME = 200
_UNPRINTABLE = {code: "\ufffd" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}

Answer = tuple[wire.CallbackReply, list[wire.Buffer]]
Reading = tuple[Callable[..., Any], tuple[Any, ...], Any]
T = TypeVar("T")
_NOTHING = object()
OnCallback = Callable[[wire.Callback, list[Any]], Answer]


@dataclass(frozen=True)
class Heard:
    """A message of a worker: as it came, and what it says."""

    header: bytearray
    buffers: list[bytearray]
    reply: wire.Reply

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.header) + sum(map(len, self.buffers))


class Channel(Protocol):
    """The way to one worker."""

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""

    def exchange(
        self, request: wire.Request, buffers: list[wire.Buffer], on_callback: OnCallback
    ) -> tuple[wire.Returned | wire.Raised, list[Any]]:
        """Send a request and wait for its reply, answering callbacks meanwhile; WorkerStopped if none comes."""

    def close(self) -> None:
        """End the worker."""


class WorkerStopped(Exception):
    """The worker is gone. `reason` is "timeout", "died" or "tampered"; the text says more, in words."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class NotData(AssertionError):
    """A grader looked into a value that is not data: the student's code returned something else."""


class StudentRaised(Exception):
    """The student's code raised: `types` is the exception's class and its bases by name, `line` of the module."""

    def __init__(self, raised: wire.Raised) -> None:
        self.types = tuple(_text(name, _MAX_NAME) for name in raised.types[:_MAX_ITEMS]) or ("Exception",)
        self.message = _text(raised.message, wire.MAX_MESSAGE)
        self.line = raised.line if raised.line and 0 < raised.line <= 1_000_000 else None
        self.package = _text(raised.package, _MAX_NAME)
        super().__init__(self.message)


class TooLarge:
    """Stands in a record for a value that would take too much memory to keep."""


@dataclass
class CallRecord:
    """One call of a test, as the diagnosis looks at it again later."""

    name: str
    value: Any = None
    error: StudentRaised | None = None
    warnings: tuple[str, ...] = ()
    output: str = ""
    changed: tuple[str, ...] = ()


@dataclass
class Trace:
    """The torch operations that ran inside `with student.traced() as trace`."""

    ops: list[Op] = field(default_factory=list)


class Student:
    """A submission's module. `student.f(...)` calls its function `f`."""

    def __init__(self, channel: Channel, source: str) -> None:
        self.channel = channel
        self._trace: Trace | None = None
        self._methods: set[str] = set()
        self._functions: dict[int, Callable[..., Any]] = {}
        self._source = source
        self.begin_test()

    def begin_test(self, number: int = 0) -> None:
        """Forget the objects and calls of the test before. The questions of this one are numbered from `number`."""
        self._sequence = number
        self.calls: list[CallRecord] = []
        self.asked: list[tuple[wire.Request, list[wire.Buffer]]] = []
        self.readings: list[Reading] = []
        self.passed_answers_on = False  # an array that the worker gave was given back to it
        self._answers: dict[int, Any] = {}
        self._methods.clear()
        self._fresh = True
        self._refs: dict[int, tuple[int, Any]] = {}
        self._functions.clear()

    def read(self, reading: Callable[..., T], *arguments: Any) -> T:
        """What a function makes of the module's text: `reading(text, *arguments)`."""
        self.readings.append((reading, arguments, _NOTHING))  # if it raises, nothing else reads alike
        value = reading(self._source, *arguments)
        self.readings[-1] = reading, arguments, value
        return value

    def reads_alike(self, readings: list[Reading]) -> bool:
        """Whether the same functions make the same of this module's text."""
        return all(reading(self._source, *arguments) == value for reading, arguments, value in readings)

    def load(self, module: str, written_with: str) -> None:
        """Run the module's text in the worker. One that holds half a module is of no use to a later task."""
        try:
            self._do(wire.Load(module, self._source, written_with), [])
        except StudentRaised:
            self.channel.close()
            raise

    def __getattr__(self, name: str) -> "RemoteObject":
        if name.startswith("_"):
            raise AttributeError(name)
        return RemoteObject(self, 0, name)

    @contextmanager
    def replaced(self, name: str, value: Any) -> Iterator[None]:
        """Swap the module's own global `name` for a local function or a remote object."""
        packer = self._packer()
        self._do(wire.Replace(name, packer.pack(value)), packer.buffers)
        try:
            yield
        finally:
            self._do(wire.Restore(name), [])

    @contextmanager
    def traced(self) -> Iterator[Trace]:
        """Record the torch operations of the calls made inside."""
        self._trace = Trace()
        try:
            yield self._trace
        finally:
            self._trace = None

    def change(self, array: Any, values: Any) -> None:
        """The caller overwrites the contents of an array that was passed before, here and in the worker."""
        array[...] = values
        packer = self._packer()
        self._do(wire.Change(packer.pack(array)), packer.buffers)  # type: ignore[arg-type]

    def stand_in(self, text: str, **functions: Callable[..., Any]) -> "RemoteObject":
        """Run a small module of the grader's beside the student's; `functions` are called back from it."""
        packer = self._packer()
        nodes = {name: packer.pack(function) for name, function in functions.items()}
        module: RemoteObject = self._do(wire.StandIn(text, nodes), packer.buffers)
        return module

    def new_axes(self) -> AxesView:
        """A Matplotlib Axes in the worker, to be passed as an argument."""
        view: AxesView = self.stand_in(axes.HELPERS).new_axes()
        return view

    def close_figures(self) -> None:
        """Close every Matplotlib figure of the worker."""
        self.stand_in(axes.HELPERS).close_figures()

    def call(self, target: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call an attribute of the module (0) or of a remote object, and record what came of it."""
        packer = self._packer()
        action = wire.Call(
            target,
            name,
            tuple(packer.pack(arg) for arg in args),
            {key: packer.pack(arg) for key, arg in kwargs.items()},
            traced=self._trace is not None,
        )
        record = CallRecord(name)
        self.calls.append(record)
        return self._do(action, packer.buffers, record)

    def get(self, target: int, name: str) -> Any:
        """An attribute of a remote object: data as a copy, a method as something to call."""
        if name in self._methods:
            return RemoteObject(self, target, name)
        value = self._do(wire.Get(target, name), [])
        if isinstance(value, RemoteObject) and value.is_callable:
            self._methods.add(name)
            return RemoteObject(self, target, name)
        self.calls.append(CallRecord(name, value))
        return value

    def set(self, target: int, name: str, value: Any) -> None:
        """Assign an attribute of a remote object."""
        packer = self._packer()
        self._do(wire.Set(target, name, packer.pack(value)), packer.buffers)

    def _do(self, action: wire.Action, buffers: list[wire.Buffer], record: CallRecord | None = None) -> Any:
        request = wire.Request(self._sequence, self._fresh, action)
        self.asked.append((request, buffers))
        self._sequence += 1
        self._fresh = False
        reply, received = self.channel.exchange(request, buffers, self._call_back)
        if reply.sequence != request.sequence:
            raise self._tampered("the answer was not to the question asked")
        report = reply.report
        if record:
            record.warnings = tuple(_text(words, wire.MAX_MESSAGE) for words in report.warnings[: wire.MAX_WARNINGS])
            record.output = _text(report.output, wire.MAX_OUTPUT)
            record.changed = tuple(_text(label, _MAX_NAME) for label in report.changed[:_MAX_ITEMS])
        if self._trace is not None:
            self._trace.ops.extend(report.trace)
        for ref, state in report.random:
            self._advance(ref, state)
        if isinstance(reply, wire.Raised):
            error = StudentRaised(reply)
            if record:
                record.error = error
            raise error
        value = self._unpack(reply.value, received)
        if record:
            record.value = value if sum(map(len, received)) <= MAX_KEPT else TooLarge()
        return value

    def _tampered(self, words: str) -> WorkerStopped:
        """Nothing more is believed of this worker."""
        self.channel.close()
        return WorkerStopped("tampered", words)

    def _unpack(self, node: wire.Node, buffers: list[Any]) -> Any:
        def other(node: Any) -> Any:
            match node:
                case wire.Array():
                    array = wire.make_array(node, buffers, dense=True)
                    self._answers[id(array)] = array
                    return array
                case wire.Object(view=dict(view)):
                    return axes.view(view)
                case wire.Object():
                    return RemoteObject(self, node.id, "", _text(node.type_name, _MAX_NAME), node.callable)
            raise wire.WireError("not a value")

        try:
            return wire.unpack(node, buffers, other)
        except (wire.WireError, msgspec.ValidationError, RecursionError) as error:
            raise self._tampered(f"the answer was not a value: {error}") from None

    def _packer(self) -> wire.Packer:
        return wire.Packer(self._pack_other, self._ref)

    def _ref(self, value: Any) -> int:
        """The number of an object in this test; holding the object keeps its id from being used again."""
        self.passed_answers_on |= id(value) in self._answers
        return self._refs.setdefault(id(value), (len(self._refs) + 1, value))[0]

    def _pack_other(self, value: Any) -> wire.Node:
        if isinstance(value, RemoteObject):
            return wire.Object(value.number, "", False)
        if isinstance(value, AxesView):
            return wire.Object(value.id, "", False)
        if hasattr(value, "bit_generator"):
            state = dict(value.bit_generator.state)
            state["state"] = {name: str(number) for name, number in state["state"].items()}
            return wire.Random(msgspec.json.encode(state).decode(), self._ref(value))
        if callable(value):
            number = len(self._functions) + 1
            self._functions[number] = value
            return wire.Function(number, getattr(value, "__name__", "function"))
        raise TypeError(f"a grader passed a {type(value).__name__}, which cannot travel to a worker")

    def _advance(self, ref: int, text: str) -> None:
        """A generator that the student drew from has advanced: so has the grader's."""
        for number, value in self._refs.values():
            if number == ref and hasattr(value, "bit_generator"):
                try:
                    state = msgspec.json.decode(text)
                    state["state"] = {name: int(number) for name, number in state["state"].items()}
                    value.bit_generator.state = state
                except Exception as error:  # whatever NumPy makes of it
                    raise self._tampered(f"not a generator's state: {type(error).__name__}") from None

    def _call_back(self, message: wire.Callback, buffers: list[Any]) -> Answer:
        """Run a local function for the student's code; the arrays that it changed go back with the result."""
        function = self._functions.get(message.function)
        if function is None:
            raise self._tampered("a function was called that was not passed")
        if sum(map(len, buffers)) > MAX_CALLBACK:
            return wire.CallbackRaised("ValueError", "the arguments are too large to be passed on"), []
        args = [self._unpack(node, buffers) for node in message.args]
        kwargs = {name: self._unpack(node, buffers) for name, node in message.kwargs.items()}
        before = [arg.tobytes() if _is_ndarray(arg) else None for arg in args]
        packer = wire.Packer(self._pack_other, lambda _: 0)
        try:
            value = packer.pack(function(*args, **kwargs))
        except Exception as error:
            error.__traceback__ = None  # graders raise one object again and again: it would collect all these frames
            return wire.CallbackRaised(type(error).__name__, str(error)), []
        changed = tuple(
            (position, packer.pack(arg))
            for position, arg in enumerate(args)
            if before[position] is not None and arg.tobytes() != before[position]
        )
        return wire.CallbackReturned(value, changed), packer.buffers  # type: ignore[arg-type]


class RemoteObject:
    """Something in the worker that is not data: a function, a class, an instance."""

    __slots__ = ("_name", "_number", "_student", "is_callable", "type_name")

    def __init__(
        self, student: Student, number: int, name: str = "", type_name: str = "", is_callable: bool = True
    ) -> None:
        for slot, value in (
            ("_student", weakref.proxy(student)),  # a value that is kept does not keep all that a test was given
            ("_number", number),
            ("_name", name),
            ("type_name", type_name),
            ("is_callable", is_callable),
        ):
            object.__setattr__(self, slot, value)

    @property
    def number(self) -> int:
        """The object's number in the worker; a function named by attribute is looked up first."""
        if not self._name:
            return int(self._number)
        found = self._student._do(wire.Get(self._number, self._name), [])
        if not isinstance(found, RemoteObject):
            raise TypeError(f"{self._name} is data, not an object of the student's")
        return int(found._number)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object in the worker."""
        return self._student.call(self._number, self._name, args, kwargs)

    def __getattr__(self, name: str) -> Any:
        """An attribute of the object, read in the worker."""
        if name.startswith("__"):
            raise AttributeError(name)
        return self._student.get(self.number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._student.set(self.number, name, value)

    def _refuse(self, *_: Any) -> NoReturn:
        raise NotData(f"a value of type {self.type_name or self._name} came back where data was expected")

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __len__ = __iter__ = __contains__ = __float__ = __int__ = __index__ = __array__ = _refuse
    __hash__ = object.__hash__


def _text(text: str, limit: int) -> str:
    """A student's words, in bounds and without control characters: they are shown on pages and terminals."""
    return text[:limit].translate(_UNPRINTABLE)


def _is_ndarray(value: Any) -> bool:
    return type(value).__name__ == "ndarray"
