"""What an author declares: behaviours of a task, hidden cases, known mistakes."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pytest

Declared = TypeVar("Declared", bound=Callable[..., Any])


def task(name: str, behaviour: str, *, weight: float = 1.0) -> pytest.MarkDecorator:
    """Mark a test function as one behaviour of task `name`, in words that a student would use.

    It earns `weight` parts of the task's points when all its cases pass.
    """
    return pytest.mark.task(name, behaviour, weight)


@dataclass(frozen=True)
class Case:
    """One hidden input: `draw(rng)` makes the arguments and the expected answer, once per variant of the course."""

    name: str
    draw: Callable[[np.random.Generator], Any]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Mistake:
    """A known wrong implementation of a task: a test of the graders, and what feedback is diagnosed with."""

    task: str
    name: str
    words: str
    hint: str
    source: str

    def submission(self, reference: str, imports: str) -> str:
        """The reference with this mistake in it, as the text of a module."""
        attribute = self.task.partition(".")[0]
        return f"{reference}\n\n{imports}\n\n{self.source}\n\n{attribute} = {self.name}\n"


def mistake(task: str, *, hint: str) -> Callable[[Declared], Declared]:
    """Declare a wrong implementation of `task`. Its name is the mistake's; its docstring completes "your code ..."."""

    def declare(implementation: Declared) -> Declared:
        if not implementation.__doc__:
            raise ValueError(f"mistake {implementation.__name__} needs a docstring that completes 'your code ...'")
        implementation.__mistake__ = Mistake(  # type: ignore[attr-defined]
            task=task,
            name=implementation.__name__,
            words=" ".join(implementation.__doc__.split()).rstrip("."),
            hint=hint,
            source=_without_decorators(implementation),
        )
        return implementation

    return declare


def _without_decorators(implementation: Callable[..., Any]) -> str:
    source = textwrap.dedent(inspect.getsource(implementation))
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef | ast.ClassDef)
    return "\n".join(source.splitlines()[definition.lineno - 1 :])
