"""`check("task")` runs the visible examples of one task from the worksheet, on the module as it is on disk.

You need not read this file. It needs pytest only.
"""

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent


class ExamplesFail(AssertionError):
    """An example of the task fails; the message says which and why."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the message alone, for the traceback would be this file's."""
        return str(self).splitlines()


def check(task: str) -> None:
    """Print how far `task` is; raise ExamplesFail when one of its examples fails."""
    printed = io.StringIO()
    options = ["--rootdir", str(HERE), "--capture=sys", "--color=no", "-p", "no:faulthandler"]
    with modules_set_aside(), plots_left_alone(), contextlib.redirect_stdout(printed):
        failed = pytest.main([*options, "--task", task, str(HERE / "test_examples.py")])
    if failed:
        raise ExamplesFail(printed.getvalue().strip())
    print(printed.getvalue().strip())


@contextlib.contextmanager
def modules_set_aside() -> Iterator[None]:
    """The examples import this folder's files afresh; the notebook keeps the modules that it has."""
    kept = {name: sys.modules.pop(name) for name in modules_here()}
    path = list(sys.path)
    try:
        yield
    finally:
        for name in modules_here():
            del sys.modules[name]
        sys.modules.update(kept)
        sys.path[:] = path


def modules_here() -> list[str]:
    """Names of the imported modules whose files lie in this folder, this one aside."""
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    return [name for name, file in files.items() if file and Path(file).parent == HERE and name != __name__]


@contextlib.contextmanager
def plots_left_alone() -> Iterator[None]:
    """The notebook's plots stay as they are: its backend, and no figure of an example in its output."""
    backend = sys.modules["matplotlib"].get_backend() if "matplotlib" in sys.modules else None
    figures = sys.modules["matplotlib.pyplot"].get_fignums() if "matplotlib.pyplot" in sys.modules else []
    try:
        yield
    finally:
        if "matplotlib.pyplot" in sys.modules:
            pyplot = sys.modules["matplotlib.pyplot"]
            for number in set(pyplot.get_fignums()) - set(figures):
                pyplot.close(number)
        if backend:
            sys.modules["matplotlib"].use(backend)
