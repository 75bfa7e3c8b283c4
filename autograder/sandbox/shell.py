"""The IPython shell in a worker: runs a worksheet's cells and reports what each of them showed. See `notebook`."""

import base64
import contextlib
import os
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import matplotlib
import msgspec
import numpy as np
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from matplotlib import pyplot
from traitlets.config import Config

from autograder.sandbox.imports import AllowedImports
from autograder.sandbox.notebook import MAX_OUTPUTS, MAX_PNG, MAX_TEXT, PNG, Output, Worksheet

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FILTERS = list(warnings.filters)  # as a notebook has them: the worker watches for all warnings
_show_figures = pyplot.show

matplotlib.use("inline")  # now, in the zygote: Matplotlib finds it by metadata that a worker cannot read


def run(encoded: Any, keep: Callable[[int, Any], None]) -> None:
    """Run a `Worksheet`; `keep` gets each cell's outputs when it is done. Both travel as JSON in arrays of bytes."""
    worksheet = msgspec.json.decode(encoded.tobytes(), type=Worksheet)
    try:
        for name, content in worksheet.files.items():
            Path(name).write_bytes(content)
    except OSError:
        raise OSError("there is no folder to write to, where the sandbox has no namespaces") from None
    shell = _shell()
    with warnings.catch_warnings():
        warnings.filters[:] = _FILTERS  # type: ignore[index]
        warnings.showwarning = _show_warning
        for number, source in enumerate(worksheet.cells):
            _shown.clear()
            with contextlib.redirect_stdout(_Stream("stdout")), contextlib.redirect_stderr(_Stream("stderr")):
                shell.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
            keep(number, np.frombuffer(msgspec.json.encode(_shown.outputs), np.uint8))


def _shell() -> InteractiveShell:
    """A shell in the worker's scratch folder, with plots inline."""
    # That rule says in words what a task may not import. Here the student's own files are to be found; all that
    # cannot be read still cannot.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, AllowedImports)]
    here = os.getcwd()
    sys.path.insert(0, here)
    os.environ |= {"HOME": here, "IPYTHONDIR": f"{here}/.ipython"}
    os.chdir = _stay
    config = Config()
    config.HistoryManager.enabled = False  # it writes from a thread
    shell = _Shell.instance(config=config, profile_dir=_Profile(location=here))
    pyplot.show = _show_figures  # the worker put a note in its place
    shell.enable_matplotlib("inline")  # type: ignore[no-untyped-call]
    return shell


def _stay(path: Any) -> None:
    """pytest returns to the folder that it never left; the sandbox has no other, and no chdir."""
    if os.path.realpath(path) != os.getcwd():
        raise PermissionError(f"{path}: there is one folder only")


class _Outputs:
    """What a cell has shown so far, within bounds."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.outputs: list[Output] = []
        self._text, self._png = MAX_TEXT, MAX_PNG

    def add(self, kind: Any, text: str, png: bytes = b"", name: str = "") -> None:
        text = _COLOURS.sub("", text[: self._text]) + ("\n[cut]" if 0 < self._text < len(text) else "")
        text = text.encode("utf-8", "replace").decode("utf-8")
        png = png if png.startswith(PNG) and len(png) <= self._png else b""
        if not (text or png):
            return
        self._text = max(0, self._text - len(text))
        self._png -= len(png)
        if self.outputs and kind in ("stdout", "stderr") and self.outputs[-1].kind == kind:
            text = self.outputs.pop().text + text
        if len(self.outputs) < MAX_OUTPUTS:
            self.outputs.append(Output(kind, text, png, name))

    def add_data(self, kind: str, data: dict[str, Any]) -> None:
        png = data.get("image/png", b"")
        self.add(kind, str(data.get("text/plain", "")), base64.b64decode(png) if isinstance(png, str) else png)


_shown = _Outputs()


class _Stream:
    """Standard output or error of a cell."""

    encoding = "utf-8"

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def write(self, text: str) -> int:
        _shown.add(self._kind, text)
        return len(text)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


class _Profile(ProfileDir):
    """A profile of no files: a worker may not set the modes of what would be made, and nobody needs it."""

    def _mkdir(self, path: str, mode: int | None = None) -> bool:
        return False


class _Publisher(DisplayPublisher):
    def publish(self, data: dict[str, Any], *_: Any, **__: Any) -> None:
        _shown.add_data("display", data)

    def clear_output(self, wait: bool = False) -> None:
        _shown.clear()


class _Hook(DisplayHook):
    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], *_: Any) -> None:
        _shown.add_data("result", format_dict)


class _Shell(InteractiveShell):
    display_pub_class = _Publisher
    displayhook_class = _Hook

    def enable_gui(self, gui: str | None = None) -> None:
        """There are no windows."""

    def _showtraceback(self, etype: type, evalue: BaseException, stb: Any) -> None:
        _shown.add("error", "\n".join(stb) if isinstance(stb, list) else str(stb), name=etype.__name__)


def _show_warning(
    message: Any, category: Any, filename: str, lineno: int, file: TextIO | None = None, line: str | None = None
) -> None:
    sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))
