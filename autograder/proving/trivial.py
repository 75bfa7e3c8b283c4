"""Answers that compute nothing: the stub with each task's body replaced by one `return`."""

import ast
from collections.abc import Iterator

_BODIES = {
    "None": "return None",
    "its first argument": "return {first}",
    "0": "return 0.0",
    "True": "return True",
    "a random array": "import numpy; return numpy.random.default_rng().normal(size=(2, 3))",
}


def trivial_answers(stub: str) -> Iterator[tuple[str, str]]:
    """What each returns, in words, and the module's text."""
    for words, body in _BODIES.items():
        tree = _Filler(body).visit(ast.parse(stub))
        yield words, ast.unparse(ast.fix_missing_locations(tree))


class _Filler(ast.NodeTransformer):
    """Puts one body in place of every `raise NotImplementedError`."""

    def __init__(self, body: str) -> None:
        self._body = body

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if isinstance(node.body[-1], ast.Raise):
            arguments = [argument.arg for argument in node.args.args if argument.arg != "self"]
            node.body[-1:] = ast.parse(self._body.format(first=arguments[0] if arguments else "None")).body
        return node
