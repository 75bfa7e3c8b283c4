"""Layers of the grader's in place of the student's BatchNorm2d: a mistake in it then costs 5b and 5c nothing.

They run beside the student's code; their numbers come from here, by PyTorch: the solution does not travel.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from batch_norm_steps import Array, step, tensor

PARAMETERS = ("gamma", "beta", "running_mean", "running_var")


def forward_numbers(
    x: Array, parameters: list[Array], eps: float, momentum: float, training: bool
) -> tuple[Array, Array, Array]:
    """The output of a forward call, and the running statistics after it. `parameters` are named above."""
    gamma, beta, mean, var = map(tensor, parameters)
    output = torch.nn.functional.batch_norm(tensor(x), mean, var, gamma, beta, training, momentum, eps)
    return output.numpy(), mean.numpy(), var.numpy()


# 5b: an ordinary layer. The functions that it calls add errors of known size to what is right.
LAYER = """
import numpy as np

class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.last = None

    def forward(self, x, training=True):
        parameters = self.gamma, self.beta, self.running_mean, self.running_var
        parameters = [np.array(values, dtype=np.float64) for values in parameters]
        x = np.array(x, dtype=np.float64)
        self.last = [x, parameters, float(self.eps), float(self.momentum), bool(training)]
        output, self.running_mean, self.running_var = forward_of(*self.last)
        return output

    __call__ = forward

    def backward(self, grad_output):
        if self.last is None:
            raise RuntimeError("backward before forward")
        return backward_of(np.array(grad_output, dtype=np.float64), *self.last)
"""

QUANTITIES = ("output", "grad_x", "grad_gamma", "grad_beta", "running_mean", "running_var")


@dataclass
class FlawedLayer:
    """A right layer, but off by `errors` (quantity -> array) in training; it remembers how it was called."""

    errors: dict[str, Array] = field(default_factory=dict)
    forwards: list[dict[str, Any]] = field(default_factory=list)
    backwards: list[Array] = field(default_factory=list)

    def in_place_of_the_students(self, student: Any) -> Any:
        """A context in which the student's module has this layer for its BatchNorm2d."""
        module = student.stand_in(LAYER, forward_of=self._forward, backward_of=self._backward)
        return student.replaced("BatchNorm2d", module.BatchNorm2d)

    def _forward(
        self, x: Array, parameters: list[Array], eps: float, momentum: float, training: bool
    ) -> tuple[Array, ...]:
        self.forwards.append({"x": x, "eps": eps, "momentum": momentum, "training": training})
        numbers = forward_numbers(x, parameters, eps, momentum, training)
        if not training:
            return numbers
        names = ("output", "running_mean", "running_var")
        return tuple(self._off(name, value) for name, value in zip(names, numbers, strict=True))

    def _backward(
        self,
        grad_output: Array,
        x: Array,
        parameters: list[Array],
        eps: float,
        momentum: float,
        training: bool,
    ) -> tuple[Array, ...]:
        self.backwards.append(grad_output)
        gamma, _, mean, var = parameters
        due = step(x, grad_output, gamma=gamma, mean=mean, var=var, eps=eps, training=training)
        return tuple(self._off(name, getattr(due, name)) for name in ("grad_x", "grad_gamma", "grad_beta"))

    def _off(self, name: str, value: Array) -> Array:
        error = self.errors.get(name)
        return value if error is None or error.shape != value.shape else value + error


# 5c: a layer that is made as the student's class makes one, keeps for its backward what that class keeps, and
# updates its running statistics as that class does (in place, or by new arrays), but whose numbers are right.
# So a mode_difference that saves and restores what its own class keeps, by name or whole, is right here too.
LIKE_THE_STUDENTS = """
import inspect

import numpy as np

NAMES = ("gamma", "beta", "running_mean", "running_var")

def like(function):
    names = getattr(inspect.unwrap(function), "__globals__", {})
    own = names.get("BatchNorm2d")
    base = own if isinstance(own, type) else object

    def by_the_students(method, *args):
        # What fails here is judged elsewhere. The module's own name means its own class meanwhile.
        before = names.get("BatchNorm2d")
        names["BatchNorm2d"] = own
        try:
            getattr(base, method)(*args)
        except (Exception, SystemExit):
            pass
        finally:
            names["BatchNorm2d"] = before

    class BatchNorm2d(base):
        def __init__(self, num_features, eps=1e-5, momentum=0.1):
            by_the_students("__init__", self, num_features, eps, momentum)
            self.num_features, self.eps, self.momentum = num_features, eps, momentum
            self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
            self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)

        def forward(self, x, training=True):
            held = [getattr(self, name) for name in NAMES]
            before = [np.array(values, dtype=np.float64) for values in held]
            x = np.array(x, dtype=np.float64)
            output, *running = forward_of(x, before, float(self.eps), float(self.momentum), bool(training))
            by_the_students("forward", self, x.copy(), training)
            for name, array, old, new in zip(NAMES, held, before, [*before[:2], *running]):
                now = getattr(self, name)
                if np.array_equal(now, new):
                    continue
                if now is array and not np.array_equal(now, old):
                    now[...] = new
                else:
                    setattr(self, name, new)
            return output

        def __call__(self, x, training=True):
            return self.forward(x, training)

    BatchNorm2d.__module__, BatchNorm2d.__qualname__ = function.__module__, "BatchNorm2d"
    return BatchNorm2d

def gradients(layer, grad_output):
    # What a pending backward gives, or that none is pending; None where the student's backward is of no use.
    before = {name: np.array(getattr(layer, name)) for name in NAMES}
    try:
        return [np.array(part, dtype=np.float64) for part in layer.backward(grad_output.copy())]
    except Exception as error:
        return "none pending" if type(error) is RuntimeError else None
    finally:
        for name, values in before.items():
            if not np.array_equal(getattr(layer, name), values):
                setattr(layer, name, values)

def state(layer):
    slots = [slot for kind in type(layer).__mro__ for slot in getattr(kind, "__slots__", ())]
    return contents([vars(layer), {slot: getattr(layer, slot, None) for slot in slots}])

def contents(value, depth=0):
    # Everything that an object holds, as data.
    if isinstance(value, np.ndarray) and value.dtype != object:
        return value.copy()
    if depth == 8:
        return "more"
    if isinstance(value, (list, tuple)):
        return [contents(item, depth + 1) for item in value]
    if isinstance(value, dict):
        items = sorted((str(key), item) for key, item in value.items() if item is not None)
        return [[key, contents(item, depth + 1)] for key, item in items]
    if hasattr(value, "__dict__") and not callable(value):
        return contents(vars(value), depth + 1)
    return repr(value)
"""


def same_contents(one: Any, other: Any) -> bool:
    """Compare what was told of a layer before and after."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_contents, one, other))
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"))
    return isinstance(one, str | float) and isinstance(other, str | float) and one == other
