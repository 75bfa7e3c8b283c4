"""Reading a module's text: is anything contracted outside torch.einsum in what a task's function reaches?

The recording of what really runs (`einsum_trace`) decides; the text is read for what a recording on three inputs
cannot show (a branch not taken), for ways to hide from a recording, and to name the line. What a task does not
reach is nobody's business: another function, a comment, a try-out under `if __name__ == "__main__":`.
"""

import ast
import builtins
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

# Functions that contract (or take a diagonal), wherever they are: torch.X, torch.nn.functional.X, numpy.X, operator.X.
CONTRACTIONS = frozenset(
    """matmul bmm mm mv dot vdot vecdot inner tensordot baddbmm addbmm addmm addmv chain_matmul multi_dot
    matrix_power kron trace diagonal linear bilinear Linear LazyLinear Bilinear conv1d conv2d conv3d Conv1d
    Conv2d Conv3d
    conv_transpose1d conv_transpose2d conv_transpose3d cdist pdist scaled_dot_product_attention
    multi_head_attention_forward MultiheadAttention cosine_similarity CosineSimilarity cov corrcoef trapz trapezoid
    cumulative_trapezoid sumprod einsum contract __matmul__ imatmul""".split()
)
# Methods of a tensor that do, on anything of which the text does not say what it is (unless the module defines one).
METHODS = frozenset(
    """matmul bmm mm mv dot vdot inner baddbmm baddbmm_ addbmm addbmm_ addmm addmm_ addmv addmv_ trace diagonal kron
    __matmul__ __rmatmul__ __imatmul__""".split()
)
LIBRARIES = frozenset(["torch", "numpy", "operator", "math", "scipy", "opt_einsum", "einops"])
EINSUM = frozenset(["torch.einsum", "torch.functional.einsum"])

# Where neither the text nor the recording shows what happens.
HIDDEN_BUILTINS = frozenset(["exec", "eval", "compile", "__import__", "globals", "vars", "__builtins__"])
HIDDEN_MODULES = (
    *("torch._C", "torch._VF", "torch.ops", "torch._ops", "torch.overrides", "torch.utils._python_dispatch"),
    *("torch._dynamo", "torch._functorch", "torch.jit", "torch.compile", "torch.library", "torch.fx"),
    *("torch.multiprocessing", "torch.utils.cpp_extension", "sys.modules", "sys._getframe", "sys.settrace"),
    *("sys.setprofile", "importlib", "builtins", "ctypes", "gc", "marshal", "types.FunctionType", "types.CodeType"),
    *("inspect.currentframe", "inspect.stack", "threading", "_thread", "multiprocessing", "subprocess", "concurrent"),
)
HIDDEN_ATTRIBUTES = frozenset(
    """__code__ __globals__ __builtins__ __closure__ __defaults__ __kwdefaults__ __subclasses__ __getattribute__
    __torch_function__ __torch_dispatch__ __loader__ __spec__ f_globals f_locals f_back tb_frame gi_frame""".split()
)
AT_LOADING = frozenset(["exec", "eval", "__import__"])  # elsewhere in a module the others are harmless

Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, order=True)
class Finding:
    """Something that may not be there: the line, and what it is in words."""

    line: int
    words: str


def findings(source: str, task: str, tasks: Collection[str]) -> list[Finding]:
    """What is forbidden in the code that `task` runs, in order of lines. Other tasks' functions are not entered."""
    module = _read(source)
    if module is None:
        return []
    return sorted({*module.reach(task, frozenset(tasks)).findings, *module.loading})


def tasks_called(source: str, task: str, tasks: Collection[str]) -> list[str]:
    """The other tasks' functions that the code of `task` uses."""
    module = _read(source)
    return [] if module is None else sorted(module.reach(task, frozenset(tasks)).tasks)


@lru_cache(maxsize=4)
def _read(source: str) -> "_Module | None":
    try:
        return _Module(ast.parse(source.removeprefix("\ufeff")))
    except (SyntaxError, ValueError, RecursionError):  # then it did not load either
        return None


@dataclass
class _Reached:
    """What a task's function reaches: forbidden things, and other tasks."""

    findings: set[Finding] = field(default_factory=set)
    tasks: set[str] = field(default_factory=set)


class _Module:
    """A module's names, and what each stands for."""

    def __init__(self, tree: ast.Module) -> None:
        self.bound: dict[str, list[ast.AST]] = {}
        self.imported: dict[str, str] = {}
        self.star = False  # from torch import *
        self.defined = {name for node in ast.walk(tree) for name in _own_names(node)}
        self._reached: dict[str, _Reached] = {}
        for node in ast.walk(tree):
            self._import(node)
        statements: list[ast.stmt] = []
        for statement, certain in _statements(tree.body):
            self._bind(statement, certain)
            if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                statements.append(statement)
        self.loading = {
            finding
            for statement in statements
            for node in ast.walk(statement)
            for finding in [*_patches(self, node), *_hidden_builtin(self, node, AT_LOADING, frozenset())]
        }

    def reach(self, task: str, tasks: frozenset[str]) -> _Reached:
        """Read the task's function and everything of the module's that it names, and so on."""
        if task not in self._reached:
            reached = self._reached[task] = _Reached()
            seen, queue = {task}, [task]
            while queue:
                for node in self.bound.get(queue.pop(), []):
                    for name in self._visit(node, frozenset(), reached.findings):
                        if name in tasks:
                            reached.tasks |= {name} - {task}
                        elif name not in seen:
                            seen.add(name)
                            queue.append(name)
        return self._reached[task]

    def path(self, node: ast.AST, local: frozenset[str], depth: int = 0) -> str | None:
        """`torch.nn.functional.linear` for any expression that plainly stands for it, whatever the names."""
        if depth > 8:
            return None
        if isinstance(node, ast.Attribute):
            owner = self.path(node.value, local, depth + 1)
            return f"{owner}.{node.attr}" if owner else None
        if isinstance(node, ast.Call) and _is_getattr(node) and isinstance(node.args[1], ast.Constant):
            owner = self.path(node.args[0], local, depth + 1)
            return f"{owner}.{node.args[1].value!s}" if owner else None
        if not isinstance(node, ast.Name) or (node.id in local and node.id not in self.imported):
            return None
        if node.id in self.bound:
            (*_, value) = self.bound[node.id]
            return self.path(value, frozenset(), depth + 1)
        if node.id in self.imported:
            return self.imported[node.id]
        return f"torch.{node.id}" if self.star and not hasattr(builtins, node.id) else None

    def _import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for name in node.names:
                self.imported[name.asname or name.name.partition(".")[0]] = (
                    name.name if name.asname else name.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for name in node.names:
                if name.name == "*":
                    self.star |= node.module == "torch"
                else:
                    self.imported[name.asname or name.name] = f"{node.module}.{name.name}"

    def _bind(self, statement: ast.stmt, certain: bool) -> None:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            pairs: list[tuple[str, ast.AST]] = [(statement.name, statement)]
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names = [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
            pairs = [(name, statement.value) for name in names]
        else:
            return
        for name, value in pairs:
            uses_itself = any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(value))
            keep = isinstance(statement, ast.AugAssign) or uses_itself or not certain
            self.bound[name] = [*(self.bound.get(name, []) if keep else []), value]

    def _visit(self, node: ast.AST, local: frozenset[str], found: set[Finding]) -> Iterator[str]:
        """Note what is forbidden below a node; yield the module's names that it uses."""
        if isinstance(node, Scope):
            local = local | _locals(node)
        found.update(_patches(self, node))
        found.update(_hidden(self, node, local))
        found.update(_contraction(self, node, local))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in self.bound.keys() - local:
            yield node.id
        for child in ast.iter_child_nodes(node):
            yield from self._visit(child, local, found)


def _statements(body: list[ast.stmt], certain: bool = True) -> Iterator[tuple[ast.stmt, bool]]:
    """What runs when the module loads, and whether it certainly does."""
    for statement in body:
        if isinstance(statement, ast.If) and _is_main(statement.test):
            yield from _statements(statement.orelse, certain)
        elif isinstance(statement, ast.If | ast.Try | ast.With | ast.For | ast.While):
            for name in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(statement, name, []), False)
            for handler in getattr(statement, "handlers", []):
                yield from _statements(handler.body, False)
        else:
            yield statement, certain


def _own_names(node: ast.AST) -> Iterator[str]:
    """Names that the module gives to attributes of its own: methods, fields, `SimpleNamespace(trace=...)`."""
    if isinstance(node, ast.FunctionDef):
        yield node.name
    elif isinstance(node, ast.ClassDef):
        for statement in node.body:
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            yield from (target.id for target in targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _locals(scope: Scope) -> frozenset[str]:
    """The names that a function binds for itself."""
    arguments = scope.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    names = {argument.arg for argument in every if argument}
    declared: set[str] = set()
    pending: list[ast.AST] = list(scope.body) if isinstance(scope.body, list) else [scope.body]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Global):
            declared.update(node.names)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if not isinstance(node, Scope):
            pending.extend(ast.iter_child_nodes(node))
    return frozenset(names - declared)


def _contraction(module: _Module, node: ast.AST, local: frozenset[str]) -> Iterator[Finding]:
    line = getattr(node, "lineno", 0)
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
        yield Finding(line, "uses `@`, which contracts outside torch.einsum")
    path = _used_path(module, node, local)
    if path:
        library, _, _ = path.partition(".")
        name = path.rpartition(".")[2]
        if library in LIBRARIES and name in CONTRACTIONS and path not in EINSUM:
            if name in ("einsum", "contract"):
                yield Finding(line, f"uses `{path}`, which is not torch.einsum")
            else:
                yield Finding(line, f"uses `{path}`, which contracts outside torch.einsum")
        return
    name = ""
    if isinstance(node, ast.Attribute) and not _is_own(module, node.value, local):
        name = node.attr
    elif isinstance(node, ast.Call) and _is_getattr(node) and isinstance(node.args[1], ast.Constant):
        name = str(node.args[1].value)
    if name in METHODS - module.defined:
        yield Finding(line, f"uses `.{name}`, which contracts outside torch.einsum")


def _used_path(module: _Module, node: ast.AST, local: frozenset[str]) -> str | None:
    """What a node that names something stands for; not a name that merely leads to a binding read elsewhere."""
    if isinstance(node, ast.Attribute | ast.Call):
        return module.path(node, local)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in module.bound:
        return module.path(node, local)
    return None


def _is_own(module: _Module, node: ast.AST, local: frozenset[str]) -> bool:
    """`self`, or a class or function of the module: its attributes are the student's own."""
    if not isinstance(node, ast.Name):
        return False
    values = module.bound.get(node.id, []) if node.id not in local else []
    own = ast.FunctionDef | ast.ClassDef
    return node.id in ("self", "cls") or any(isinstance(value, own) for value in values)


def _is_getattr(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) >= 2


def _hidden(module: _Module, node: ast.AST, local: frozenset[str]) -> Iterator[Finding]:
    line = getattr(node, "lineno", 0)
    yield from _hidden_builtin(module, node, HIDDEN_BUILTINS, local)
    if isinstance(node, ast.Attribute) and node.attr in HIDDEN_ATTRIBUTES:
        yield _cannot_read(line, f".{node.attr}")
    if isinstance(node, ast.FunctionDef) and node.name in HIDDEN_ATTRIBUTES:
        yield _cannot_read(line, node.name)
    path = _used_path(module, node, local) or ""
    for hidden in HIDDEN_MODULES:
        if path == hidden or path.startswith(f"{hidden}."):
            yield _cannot_read(line, path)
            break
    if isinstance(node, ast.Call) and _is_getattr(node) and not isinstance(node.args[1], ast.Constant):
        owner = node.args[0]
        if not (isinstance(owner, ast.Name) and owner.id in ("self", "cls")):
            yield _cannot_read(line, "getattr")


def _hidden_builtin(module: _Module, node: ast.AST, names: frozenset[str], local: frozenset[str]) -> Iterator[Finding]:
    if isinstance(node, ast.Name) and node.id in names and node.id not in local and node.id not in module.bound:
        yield _cannot_read(node.lineno, node.id)


def _patches(module: _Module, node: ast.AST) -> Iterator[Finding]:
    """Something of PyTorch's is replaced (switches in torch.backends may be set)."""
    owner: ast.AST | None = None
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        owner = node
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("setattr", "delattr"):
        owner = node.args[0] if node.args else None
    path = module.path(owner, frozenset()) if owner is not None else None
    if path and (f"{path}.").startswith(("torch.", "sys.modules.", "builtins.")) and "torch.backends" not in path:
        yield Finding(node.lineno, f"changes `{path}`, after which nobody can tell what torch.einsum is")  # type: ignore[attr-defined]


def _cannot_read(line: int, what: str) -> Finding:
    return Finding(line, f"uses `{what}`, behind which the grader cannot see how the result is made")
