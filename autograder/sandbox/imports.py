"""Imports in a worker: what a problem's libraries do not include cannot be used, and says so in a sentence.

The files themselves cannot be read (see `confine`); this module only turns the failure into words. A module that
imports something forbidden at its top still loads: there the name stands for an inert placeholder, and using it
inside a task raises `ForbiddenImport`.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any


class ForbiddenImport(ImportError):
    """A task used a package that its problem does not allow."""

    def __init__(self, package: str) -> None:
        super().__init__(f"{package} may not be used in this task")
        self.package = package


class _Placeholder(ModuleType):
    """Stands for a package that may not be used: anything is allowed while the module loads, nothing after."""

    def __init__(self, name: str, finder: "AllowedImports") -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self._finder = finder

    def _use(self, name: str = "") -> "_Placeholder":
        if not self._finder.loading:
            raise ForbiddenImport(self.__name__.partition(".")[0])
        return _Placeholder(self.__name__ + name, self._finder)

    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return "0"
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self._use(f".{name}")

    def __call__(self, *_: Any, **__: Any) -> "_Placeholder":
        return self._use()

    def _operate(self, *_: Any) -> "_Placeholder":
        return self._use()

    __getitem__ = __or__ = __ror__ = __and__ = __rand__ = __invert__ = _operate
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _operate
    __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __neg__ = __abs__ = _operate
    __lt__ = __le__ = __gt__ = __ge__ = _operate

    def __iter__(self) -> Iterator[Any]:
        self._use()
        return iter(())

    def __float__(self) -> float:
        self._use()
        return 0.0

    def __mro_entries__(self, _: Any) -> tuple[type, ...]:
        return (object,)

    def __enter__(self) -> "_Placeholder":
        return self._use()

    def __exit__(self, *_: Any) -> None:
        return None

    def __bool__(self) -> bool:
        return True


class AllowedImports(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """First in the import system of a worker: decides by name what may be imported.

    `stand_in`: a package that is not allowed gives a placeholder instead of the ModuleNotFoundError that a
    module's own `try: import ... except ImportError:` deserves to see. `loading` ends when the module is loaded.
    """

    def __init__(self, packages: frozenset[str]) -> None:
        self.allowed = packages | sys.stdlib_module_names
        self.stand_in = False
        self.loading = True

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """None (go on) for what is allowed; a placeholder's spec or an ImportError for the rest."""
        package = name.partition(".")[0]
        if package in self.allowed or package.startswith("_sysconfigdata"):  # part of the standard library, by platform
            return None
        if not self.loading:
            raise ForbiddenImport(package)
        if not self.stand_in:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The placeholder."""
        return _Placeholder(spec.name, self)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing runs."""
