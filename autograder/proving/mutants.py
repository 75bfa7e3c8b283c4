"""Mutants: the reference with one small change each. Graders worth trusting reject every one that changes the answer.

The changes are those of mutation testing (operators, constants, comparisons, conditions, arguments, keywords,
statements) and the ones that numerical code invites (a function left out, max for min, mean for sum, an axis less).
"""

import ast
import copy
import itertools
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.problems import Problem, ProblemError

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_NAMES = {"max": "min", "min": "max", "amax": "amin", "mean": "sum", "sum": "mean", "var": "std", "std": "var",
          "maximum": "minimum", "zeros": "ones", "ones": "zeros", "any": "all", "all": "any", "exp": "expm1",
          "log": "log1p", "abs": "square"}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One changed reference: the function and the change in words (numbered where they repeat), the module's text."""

    name: str
    text: str


def mutants(reference: str) -> Iterator[Mutant]:
    """Every mutant of the reference's functions, in the order of the text; equal texts once."""
    tree = ast.parse(reference)
    seen = {ast.unparse(tree)}
    names: Counter[str] = Counter()
    for function, path in _functions(tree):
        for node in _code(function):
            for change, mutated in _changes(tree, node):
                text = ast.unparse(ast.fix_missing_locations(mutated))
                if text not in seen:
                    seen.add(text)
                    name = f"{path}: {change}"
                    names[name] += 1
                    yield Mutant(name if names[name] == 1 else f"{name} ({names[name]})", text)


def equivalent(problem: Problem) -> dict[str, str]:
    """The mutants that give the same answers, by name, each with the reason."""
    path: Path = problem.graders / "equivalent_mutants.toml"
    if not path.exists():
        return {}
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ProblemError(f"{path.name} of {problem.name} cannot be read: {error}.") from error
    return {str(name): str(reason) for name, reason in listed.items()}


def _functions(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, node.name
        elif isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    yield item, f"{node.name}.{item.name}"


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """What runs: no annotations, no docstring."""
    yield node
    for name, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for number, child in enumerate(children):
            text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            docstring = text and name == "body" and number == 0
            if isinstance(child, ast.AST) and name not in ("annotation", "returns") and not docstring:
                yield from _code(child)


def _changes(tree: ast.Module, node: ast.AST) -> Iterator[tuple[str, ast.Module]]:
    """Whole trees in which `node` is changed, each with the change in words."""
    for replacement in _replacements(node):
        before, after = _short(node), _short(replacement) if replacement else "nothing"
        swapped = copy.deepcopy(replacement) if replacement else None
        memo = {id(node): swapped} if swapped is not None else {id(node): _REMOVED}
        yield f"{before} -> {after}", _without_removed(copy.deepcopy(tree, memo))


class _Removed(ast.Pass):
    """Marks a statement that is left out."""

    def __deepcopy__(self, _: object) -> "_Removed":
        return self


_REMOVED = _Removed()


def _without_removed(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if isinstance(value, list) and _REMOVED in value:
                kept = [item for item in value if item is not _REMOVED]
                setattr(node, name, kept or [ast.Pass()])
    return tree


def _replacements(node: ast.AST) -> Iterator[ast.AST | None]:
    """What may stand in the place of `node`; None leaves a statement out."""
    match node:
        case ast.BinOp(op=op) if type(op) in _OPERATORS:
            yield ast.BinOp(node.left, _OPERATORS[type(op)](), node.right)
            if isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div):
                yield node.left
                yield node.right
        case ast.AugAssign(op=op) if type(op) in _OPERATORS:
            yield ast.AugAssign(node.target, _OPERATORS[type(op)](), node.value)
            yield None
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            yield node.operand
        case ast.Compare(ops=[op]):
            yield ast.Compare(node.left, [_COMPARISONS[type(op)]()], node.comparators)
        case ast.BoolOp(op=op):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), node.values)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(value * 2)
            yield ast.Constant(0.0 if value else 1.0)
        case ast.Constant(value=str(value)) if "->" in value:
            yield from (ast.Constant(equation) for equation in _equations(value))
        case ast.If():
            yield ast.If(ast.Constant(True), node.body, node.orelse)
            yield ast.If(ast.Constant(False), node.body, node.orelse)
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Tuple(elts=[_, _, *_], ctx=ast.Load()):
            yield ast.Tuple(node.elts[1:], ast.Load())
            yield ast.Tuple(node.elts[:-1], ast.Load())
            if not all(isinstance(item, ast.Constant) for item in node.elts):  # the order of axes is free
                yield ast.Tuple([node.elts[1], node.elts[0], *node.elts[2:]], ast.Load())
        case ast.Call():
            yield from _calls(node)
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in _NAMES:
            yield ast.Attribute(node.value, _NAMES[name], ast.Load())
        case ast.Return(value=value) if value is not None:
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Assign():
            yield None
        case ast.Expr(value=value) if not isinstance(value, ast.Constant):
            yield None


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    for keyword in node.keywords:
        yield ast.Call(node.func, node.args, [other for other in node.keywords if other is not keyword])
    if len(node.args) >= 2:
        yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
        yield ast.Call(node.func, node.args[:-1], node.keywords)
    if node.args and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    if isinstance(node.func, ast.Attribute):
        yield node.func.value  # x.copy() -> x


def _equations(equation: str) -> Iterator[str]:
    """Einsum equations with two letters exchanged, in the result or in an operand; or one letter of the result lost."""
    inputs, _, output = equation.partition("->")
    for number, operand in enumerate([*inputs.split(","), output]):
        for first, second in itertools.pairwise(operand):
            parts = [*inputs.split(","), output]
            parts[number] = operand.replace(first, "?").replace(second, first).replace("?", second)
            yield ",".join(parts[:-1]) + "->" + parts[-1]
    if output:
        yield f"{inputs}->{output[:-1]}"


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else text[:67] + "..."
