"""The worker: the only code that runs a submission. It answers requests; it knows nothing of right or wrong.

The same class serves in the grading process for our own modules (references and mistakes), without a sandbox.
"""

import contextlib
import functools
import io
import linecache
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from typing import IO, Any, TextIO, cast

from autograder.sandbox import axes, tracing, wire
from autograder.sandbox.imports import AllowedImports, ForbiddenImport

Ask = Callable[[wire.Callback, list[wire.Buffer]], tuple[wire.CallbackReply, list[Any]]]


class Worker:
    """One submission's module and the objects that a test made of it.

    `ask` calls a function of the grading process. `imports` is the import rule in force, None for our own modules.
    """

    def __init__(self, ask: Ask, imports: AllowedImports | None = None) -> None:
        self._ask = ask
        self._imports = imports
        self._module = types.ModuleType("not_loaded")
        self._replaced: dict[str, Any] = {}
        self._shown = False
        self.output = _Output()
        self._forget()

    def handle(self, request: wire.Request, buffers: list[Any]) -> tuple[wire.Reply, list[wire.Buffer]]:
        """Do what is asked, and pack what came of it."""
        if request.fresh:
            self._forget()
        call = _CallContext(self, buffers)
        packer = wire.Packer(self._keep)
        try:
            with call.watched():
                value = self._do(request.action, call)
                node = packer.pack(value)
        except BaseException as error:
            return self._raised(request.sequence, error, call), []
        return wire.Returned(request.sequence, node, call.report()), packer.buffers

    def _forget(self) -> None:
        """Drop the objects of the test before."""
        self._objects: dict[int, Any] = {}
        self._refs: dict[int, Any] = {}
        self._memory: dict[int, bytearray] = {}  # of each array passed, by its id

    def _do(self, action: wire.Action, call: "_CallContext") -> Any:
        match action:
            case wire.Call():
                self._shown = False
                self._watch_show()
                target = self._find(action.target)
                function = _attribute(target, action.name) if action.name else target
                args = [call.unpack(node) for node in action.args]
                kwargs = {name: call.unpack(node) for name, node in action.kwargs.items()}
                call.watch(args, kwargs)
                if action.traced:
                    with tracing.record(self._filename) as recording:
                        value = recording.call(function, args, kwargs)
                    call.trace = tuple(recording.ops)
                    return value
                return function(*args, **kwargs)
            case wire.Get():
                return _attribute(self._find(action.target), action.name)
            case wire.Set():
                return setattr(self._find(action.target), action.name, call.unpack(action.value))
            case wire.Replace():
                names = self._module.__dict__
                if action.name in names:
                    self._replaced.setdefault(action.name, names[action.name])
                names[action.name] = call.unpack(action.value)
            case wire.Restore():
                del self._module.__dict__[action.name]
                if action.name in self._replaced:
                    self._module.__dict__[action.name] = self._replaced.pop(action.name)
            case wire.Change():
                call.unpack(action.value)
            case wire.StandIn():
                module = types.ModuleType("stand_in")
                for name, node in action.functions.items():
                    module.__dict__[name] = call.unpack(node)
                exec(_stand_in_code(action.text), module.__dict__)
                return module
            case wire.Load():
                self._load(action)
        return None

    def _load(self, action: wire.Load) -> None:
        filename = f"{action.module}.py"
        linecache.cache[filename] = (len(action.text), None, action.text.splitlines(keepends=True), filename)
        code = compile(action.text, filename, "exec", dont_inherit=True)
        try:
            self._run(action.module, filename, code)
        except ImportError:
            if self._imports is None:
                raise
            # Not guarded by the module itself: let it load around a placeholder, for the tasks that do not use it.
            self._imports.stand_in = True
            self._run(action.module, filename, code)
        if self._imports is not None:
            self._imports.loading = False

    def _run(self, name: str, filename: str, code: types.CodeType) -> None:
        self._module = types.ModuleType(name)
        self._module.__file__ = filename
        sys.modules[name] = self._module
        self._watch_show()
        exec(code, self._module.__dict__)

    def _watch_show(self) -> None:
        """From now on it is this worker that plt.show tells: several of ours take turns in the grading process."""

        def show(*_: Any, **__: Any) -> None:  # a function: pyplot gives it a signature
            self._shown = True

        if pyplot := sys.modules.get("matplotlib.pyplot"):
            pyplot.__dict__["show"] = show

    @property
    def _filename(self) -> str:
        return f"{self._module.__name__}.py"

    def _find(self, number: int) -> Any:
        return self._module if number == 0 else self._objects[number]

    def _keep(self, value: Any) -> wire.Object:
        """What is not data stays here, under a number: the same for the same object."""
        number = next((number for number, kept in self._objects.items() if kept is value), len(self._objects) + 1)
        self._objects[number] = value
        name = f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins.")
        if hasattr(type(value), "dtype") and hasattr(type(value), "shape"):
            name += f" of dtype {value.dtype} and shape {tuple(value.shape)}"
        view = axes.describe(value, number, self._shown) if "matplotlib.axes" in sys.modules else None
        return wire.Object(number, wire.bounded(name, wire.MAX_MESSAGE), callable(value), view)

    def resolve(self, node: Any, buffers: list[Any]) -> Any:
        """The object that an Array, Random, Function or Object node of a request stands for."""
        match node:
            case wire.Array():
                return self._array(node, buffers)
            case wire.Random():
                return self._generator(node)
            case wire.Function():
                return self._function(node)
            case wire.Object():
                return self._find(node.id)
        raise wire.WireError("not a value")

    def _array(self, node: wire.Array, buffers: list[Any]) -> Any:
        known = self._refs.get(node.ref)
        if known is None:
            known = self._refs[node.ref] = wire.make_array(node, buffers)
            self._memory[id(known)] = buffers[node.buffer]
        else:  # the same object again, with what its owner has in it now
            self._memory[id(known)][:] = buffers[node.buffer]
        return known

    def contents(self, part: Any) -> Any:
        """What is in an argument: an array's shape and bytes, or a container's very items."""
        if isinstance(part, list | tuple):
            return [id(item) for item in part]
        if isinstance(part, dict):
            return [(id(key), id(item)) for key, item in part.items()]
        return tuple(part.shape), part.dtype, bytes(self._memory[id(part)])

    def _generator(self, node: wire.Random) -> Any:
        import msgspec
        import numpy as np

        state = msgspec.json.decode(node.state)
        if node.ref not in self._refs:
            seed = int(state["state"]["state"])  # of what `rng.spawn` gives: equal for equal generators
            self._refs[node.ref] = np.random.Generator(np.random.PCG64(seed))
        state["state"] = {name: int(number) for name, number in state["state"].items()}
        self._refs[node.ref].bit_generator.state = state
        return self._refs[node.ref]

    def _function(self, node: wire.Function) -> Any:
        def call_back(*args: Any, **kwargs: Any) -> Any:
            packer = wire.Packer(self._keep)
            message = wire.Callback(
                node.id,
                tuple(packer.pack(arg) for arg in args),
                {name: packer.pack(arg) for name, arg in kwargs.items()},
            )
            reply, buffers = self._ask(message, packer.buffers)
            if isinstance(reply, wire.CallbackRaised):
                raise _exception(reply.exception)(reply.message)
            for position, changed in reply.changed:
                args[position][...] = wire.make_array(changed, buffers)
            return wire.unpack(reply.value, buffers, lambda node: self._new(node, buffers))

        call_back.__name__ = call_back.__qualname__ = node.name
        return tracing.as_one_operation(node.name, call_back)

    def _new(self, node: Any, buffers: list[Any]) -> Any:
        return wire.make_array(node, buffers) if isinstance(node, wire.Array) else self.resolve(node, buffers)

    def _raised(self, sequence: int, error: BaseException, call: "_CallContext") -> wire.Raised:
        try:
            message = wire.bounded(str(error), wire.MAX_MESSAGE)
        except BaseException:
            message = ""
        if isinstance(error, KeyError) and len(error.args) == 1:
            message = f"key {message}"
        types_ = tuple(kind.__name__ for kind in type(error).__mro__ if kind is not object)
        line = None
        if isinstance(error, SyntaxError):
            line = error.lineno
            message = str(error.msg)
        with contextlib.suppress(Exception):
            for frame in traceback.extract_tb(error.__traceback__):
                if frame.filename == self._filename:
                    line = frame.lineno
        package = error.package if isinstance(error, ForbiddenImport) else ""
        return wire.Raised(sequence, types_, message, line, package, call.report())


class _CallContext:
    """What is watched during one request: warnings, output, arguments that change, generators that advance."""

    def __init__(self, worker: Worker, buffers: list[Any]) -> None:
        self._worker = worker
        self._buffers = buffers
        self._output = worker.output
        self._warnings: list[Any] = []
        self._before: list[tuple[str, Any, Any]] = []
        self._generators: dict[int, Any] = {}
        self.trace: tuple[tracing.Op, ...] = ()

    def unpack(self, node: wire.Node) -> Any:
        return wire.unpack(node, self._buffers, self._resolve)

    def _resolve(self, node: Any) -> Any:
        value = self._worker.resolve(node, self._buffers)
        if isinstance(node, wire.Random):
            self._generators[node.ref] = value
        return value

    def watch(self, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Remember the arguments as they are, to see what the call changes."""
        labelled = [(str(position), arg) for position, arg in enumerate(args)] + list(kwargs.items())
        for label, arg in labelled:
            for part in _parts(arg):
                self._before.append((label, part, self._worker.contents(part)))

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        before = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = self._output.begin()
        try:
            with warnings.catch_warnings(record=True, action="always") as self._warnings:
                yield
        finally:
            sys.stdout, sys.stderr = before

    def report(self) -> wire.Report:
        """Of a finished call."""
        changed = [label for label, part, before in self._before if self._worker.contents(part) != before]
        return wire.Report(
            warnings=tuple(
                wire.bounded(f"{warning.category.__name__}: {warning.message}", wire.MAX_MESSAGE)
                for warning in self._warnings[: wire.MAX_WARNINGS]
            ),
            output=self._output.printed(),
            changed=tuple(dict.fromkeys(changed)),
            random=tuple((ref, _state(generator)) for ref, generator in self._generators.items()),
            trace=self.trace,
        )


class _Output(io.BufferedIOBase):
    """What is printed during a call: its beginning is kept. A student's code that closes it closes nothing."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> TextIO:
        """The stream of the next call: a new one, whatever was done to the last."""
        self._kept = b""
        stream = cast(IO[bytes], self)
        self._text = io.TextIOWrapper(stream, "utf-8", "backslashreplace", newline="", write_through=True)
        return self._text

    def printed(self) -> str:
        """What was printed since."""
        with contextlib.suppress(ValueError):  # detached
            self._text.flush()
        return self._kept.decode("utf-8", "ignore")[: wire.MAX_OUTPUT]

    def write(self, data: Any) -> int:
        if len(self._kept) < 4 * wire.MAX_OUTPUT:
            self._kept += bytes(data[: 4 * wire.MAX_OUTPUT - len(self._kept)])
        return len(data)

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        pass


@functools.cache
def _stand_in_code(text: str) -> types.CodeType:
    return compile(text, "<stand-in>", "exec")


def _attribute(target: Any, name: str) -> Any:
    try:
        return getattr(target, name)
    except AttributeError as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
            raise  # from inside a property of the student's
        raise MissingName(name) from None


class MissingName(AttributeError):
    """The module or object has nothing of that name."""


def _exception(name: str) -> type[Exception]:
    import builtins

    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, Exception):
        return kind
    return type(name, (Exception,), {})


def _parts(value: Any) -> Iterator[Any]:
    """A container and everything in it that a call could change."""
    if isinstance(value, list | tuple):
        yield value
        for item in value:
            yield from _parts(item)
    elif isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _parts(item)
    elif hasattr(value, "dtype") and hasattr(value, "shape"):
        yield value


def _state(generator: Any) -> str:
    import msgspec

    state = dict(generator.bit_generator.state)
    state["state"] = {name: str(number) for name, number in state["state"].items()}
    return msgspec.json.encode(state).decode()
