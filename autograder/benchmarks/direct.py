"""The limit: a submission in the very process that holds the test bodies. No isolation, no transport, no pytest."""

import contextlib
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from autograder.grading.graders import Graders
from autograder.sandbox import axes, tracing
from autograder.sandbox.student import CallRecord, StudentRaised, Trace
from autograder.sandbox.wire import Raised


class Direct:
    """A module as graders see it, called directly. Fit for a stopwatch only: it protects nothing."""

    def __init__(self, module: str, source: str) -> None:
        self._source = source
        self.calls: list[CallRecord] = []
        self._trace: Trace | None = None
        self._module = types.ModuleType(module)
        sys.modules[module] = self._module
        exec(compile(source, f"{module}.py", "exec"), self._module.__dict__)

    def begin_test(self) -> None:
        """Forget the calls of the test before."""
        self.calls = []

    def read(self, reading: Callable[..., Any], *arguments: Any) -> Any:
        """What a function makes of the module's text."""
        return reading(self._source, *arguments)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: self._call(name, args, kwargs)

    def _call(self, name: str, args: Any, kwargs: Any) -> Any:
        record = CallRecord(name)
        self.calls.append(record)
        function = getattr(self._module, name)
        try:
            if self._trace is None:
                value = function(*map(_back, args), **{key: _back(arg) for key, arg in kwargs.items()})
            else:
                with tracing.record(f"{self._module.__name__}.py") as recording:
                    value = recording.call(function, args, kwargs)
                self._trace.ops.extend(recording.ops)
        except Exception as error:
            types_ = tuple(kind.__name__ for kind in type(error).__mro__)
            record.error = StudentRaised(Raised(0, types_, str(error)))
            raise record.error from error
        record.value = _Instance(self, value) if isinstance(value, _classes(self._module)) else _seen(value)
        return record.value

    @contextlib.contextmanager
    def replaced(self, name: str, value: Any) -> Iterator[None]:
        """Swap a global of the module."""
        before = self._module.__dict__.get(name)
        self._module.__dict__[name] = tracing.as_one_operation(name, value) if callable(value) else value
        try:
            yield
        finally:
            self._module.__dict__[name] = before

    @contextlib.contextmanager
    def traced(self) -> Iterator[Trace]:
        """Record torch operations."""
        self._trace = Trace()
        try:
            yield self._trace
        finally:
            self._trace = None

    def change(self, array: Any, values: Any) -> None:
        """Overwrite an array."""
        array[...] = values

    def stand_in(self, text: str, **functions: Any) -> Any:
        """A small module of the grader's."""
        module = types.ModuleType("stand_in")
        module.__dict__.update(functions)
        exec(compile(text, "<stand-in>", "exec"), module.__dict__)
        return _Copying(self, module)

    def new_axes(self) -> Any:
        """An Axes."""
        return _seen(self.stand_in(axes.HELPERS).new_axes())

    def close_figures(self) -> None:
        """Close all figures."""
        self.stand_in(axes.HELPERS).close_figures()


class _Instance:
    """An object of a class of the module; errors of its methods become StudentRaised."""

    def __init__(self, student: Direct, value: Any) -> None:
        self.__dict__["_student"], self.__dict__["_value"] = student, value

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._value, name)
        if not callable(found):
            return found

        def method(*args: Any, **kwargs: Any) -> Any:
            try:
                return found(*args, **kwargs)
            except Exception as error:
                types_ = tuple(kind.__name__ for kind in type(error).__mro__)
                raise StudentRaised(Raised(0, types_, str(error))) from error

        return method

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._value, name, value)


class _Copying:
    """A stand-in, whose functions get copies of the arguments, as over the wire: they may change them."""

    def __init__(self, student: Direct, module: types.ModuleType) -> None:
        self._student = student
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if isinstance(found, type):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._student.calls.append(CallRecord(name))
            return found(*map(_copy, args), **{key: _copy(arg) for key, arg in kwargs.items()})

        return call


def _copy(value: Any) -> Any:
    value = _back(value)
    if isinstance(value, list | tuple):
        return type(value)(map(_copy, value))
    return value.copy() if type(value).__name__ == "ndarray" else value


_axes: dict[int, Any] = {}


def _seen(value: Any) -> Any:
    described = axes.describe(value, id(value), False) if "matplotlib.axes" in sys.modules else None
    if described is None:
        return value
    _axes[id(value)] = value
    return axes.view(described)


def _back(value: Any) -> Any:
    if isinstance(value, axes.AxesView):
        return _axes[value.id]
    return value._value if isinstance(value, _Instance) else value


def _classes(module: types.ModuleType) -> tuple[type, ...]:
    return tuple(
        value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__
    )


def run_bodies(graders: Graders, student: Direct, variant: int = 0) -> None:
    """Every test body of a problem, once, on the cases drawn before."""
    for behaviours in graders.behaviours.values():
        for behaviour in behaviours:
            for case in behaviour.cases:
                student.begin_test()
                arguments = {} if case is None else {"case": graders.draw(variant, behaviour, case)}
                behaviour.function(student=student, **arguments)
