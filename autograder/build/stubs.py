"""Stubs: the reference without its solutions, which is the module that a student starts from.

A region between `### BEGIN SOLUTION` and `### END SOLUTION` in a function becomes a TODO that raises
NotImplementedError and names the function; a region at module or class level (private helpers, imports that
only the solution needs) is dropped without a trace.
"""

import ast
import re
from dataclasses import dataclass

from autograder.problems import Problem, ProblemError

_MARKER = re.compile(r"^(?P<indent>[ \t]*)#+ *(?P<kind>BEGIN|END) SOLUTION\s*$")
_MENTION = re.compile(r"\b(BEGIN|END) SOLUTION\b")


@dataclass(frozen=True)
class Region:
    """One solution region: 1-based lines of its two markers, the indentation, and the function around it."""

    begin: int
    end: int
    indent: str
    function: str | None


def make_stub(reference: str, where: str) -> str:
    """The student's module for the text of a reference; ProblemError names `where` and the line to mend."""
    lines = reference.splitlines()
    stub: list[str] = []
    position = 0
    for region in find_regions(reference, where):
        stub += lines[position : region.begin - 1]
        if region.function is not None:
            stub.append(f"{region.indent}# TODO: your code here")
            stub.append(f'{region.indent}raise NotImplementedError("{region.function}: not written yet")')
        position = region.end
    stub += lines[position:]
    text = _squeeze("\n".join(stub))
    try:
        ast.parse(text)
    except SyntaxError as error:
        raise ProblemError(
            f"{where}: without its solution regions the module is not valid Python any more "
            f"(line {error.lineno} of the stub: {error.msg}); put the markers around whole statements."
        ) from error
    return text


def find_regions(reference: str, where: str) -> list[Region]:
    """The solution regions of a reference, in order; ProblemError for markers that do not pair up."""
    try:
        tree = ast.parse(reference)
    except SyntaxError as error:
        raise ProblemError(f"{where}:{error.lineno}: not valid Python: {error.msg}.") from error
    regions: list[Region] = []
    begin: tuple[int, str] | None = None
    for number, line in enumerate(reference.splitlines(), start=1):
        marker = _MARKER.match(line)
        if marker is None:
            if _MENTION.search(line):
                raise ProblemError(
                    f"{where}:{number}: a solution marker stands alone on its line, as ### BEGIN SOLUTION."
                )
        elif marker["kind"] == "BEGIN":
            if begin is not None:
                raise ProblemError(f"{where}:{number}: BEGIN SOLUTION inside the region of line {begin[0]}.")
            begin = number, marker["indent"]
        else:
            if begin is None:
                raise ProblemError(f"{where}:{number}: END SOLUTION without a BEGIN SOLUTION before it.")
            function = _enclosing_function(tree, begin[0]) if begin[1] else None
            regions.append(Region(begin[0], number, begin[1], function))
            begin = None
    if begin is not None:
        raise ProblemError(f"{where}:{begin[0]}: BEGIN SOLUTION without an END SOLUTION after it.")
    return regions


def solution_lines(problem: Problem) -> set[str]:
    """Lines of the solution that must not turn up in what students get, stripped.

    Short lines (`return x`, `count = n * h * w`) are anyone's; so is what the given part of the module,
    the visible examples or a docstring says already.
    """
    reference = problem.reference()
    inside: set[str] = set()
    lines = reference.splitlines()
    for region in find_regions(reference, problem.module_file):
        inside.update(line.strip() for line in lines[region.begin : region.end - 1])
    given = {line.strip() for line in make_stub(reference, problem.module_file).splitlines()}
    return {line for line in inside - given if len(line) >= 24 and not line.startswith(("import ", "from "))}


def _enclosing_function(tree: ast.Module, line: int) -> str | None:
    """The qualified name of the innermost function around `line`; None at module or class level."""
    name: str | None = None
    path: list[str] = []
    body: list[ast.stmt] = tree.body
    while True:
        around = [
            node
            for node in body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            and node.lineno <= line <= (node.end_lineno or node.lineno)
        ]
        if not around:
            return name
        (node,) = around
        path.append(node.name)
        name = None if isinstance(node, ast.ClassDef) else ".".join(path)
        body = node.body


def _squeeze(text: str) -> str:
    """Close the gaps that dropped regions leave: at most two blank lines, one inside a block."""
    text = re.sub(r"\n{4,}", "\n\n\n", text)
    text = re.sub(r"\n{3,}(?=[ \t])", "\n\n", text)
    return text.strip("\n") + "\n"
