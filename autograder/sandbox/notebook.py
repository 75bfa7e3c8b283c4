"""A worksheet's cells, run in the sandbox for people to look at; nothing of it counts for marks.

No Jupyter kernel: that needs sockets, threads and processes, which a worker does not have. It is an IPython shell
(`shell`) in a worker like that of any submission. What comes back is text and pictures of a student's making.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from autograder.sandbox.limits import Limits
from autograder.sandbox.student import Channel, Student, StudentRaised, WorkerStopped

LIBRARIES = ("ipython", "matplotlib", "numpy", "pytest", "torch")  # what a student's own kernel has
MAX_TEXT = 20_000  # characters that a cell may show
MAX_PNG = 4 << 20  # bytes of pictures that a cell may show
MAX_OUTPUTS = 100  # of one cell
MAX_WORKSHEET = 16 << 20  # bytes of all that a worksheet shows
PNG = b"\x89PNG\r\n\x1a\n"


class Output(msgspec.Struct, frozen=True):
    """One thing that a cell showed: text, with a picture (PNG) or without. `name` is an error's class."""

    kind: Literal["stdout", "stderr", "result", "display", "error"]
    text: str
    png: bytes = b""
    name: str = ""


class Worksheet(msgspec.Struct, frozen=True):
    """What the shell is given: the files beside the worksheet, and the source of each code cell."""

    files: dict[str, bytes]
    cells: list[str]


@dataclass(frozen=True)
class Shown:
    """What each cell showed, None where it did not finish; `ended` says why, in words, or is empty."""

    outputs: list[list[Output] | None]
    ended: str = ""


_decode = msgspec.json.Decoder(list[Output]).decode


def limits(seconds: float, memory_mb: int) -> Limits:
    """A worksheet is one call of the worker, so its deadline is that of a call."""
    return Limits(seconds_per_call=seconds, memory_mb=memory_mb)


def run(worker: Channel, worksheet: Worksheet) -> Shown:
    """Run the cells one after another; each reports when it is done, so what came before an end is kept.

    `worker` is a new one with LIBRARIES, and is ended.
    """
    import numpy as np

    outputs: list[list[Output] | None] = [None] * len(worksheet.cells)
    room = MAX_WORKSHEET

    def keep(number: int, shown: Any) -> None:
        nonlocal room
        if type(shown) is not np.ndarray:  # to look into anything else would ask the worker, and wait for it anew
            raise TypeError("not the bytes of a report")
        content = shown.tobytes()
        room -= len(content)
        if room >= 0 and number in range(len(outputs)) and outputs[number] is None:
            outputs[number] = _checked(content)

    student = Student(worker, "from autograder.sandbox.shell import run")
    ended = ""
    try:
        student.load("worksheet_shell", "")
        student.run(np.frombuffer(msgspec.json.encode(worksheet), np.uint8), keep)
    except StudentRaised as error:
        ended = f"{error.types[0]}: {error.message}"
    except WorkerStopped as error:
        ended = str(error)
    finally:
        worker.close()
    return Shown(outputs, ended)


def _checked(content: bytes) -> list[Output]:
    """The outputs of a cell, when they are what `shell` would send; a ValueError otherwise."""
    outputs = _decode(content)
    if len(outputs) > MAX_OUTPUTS or any(output.png and not output.png.startswith(PNG) for output in outputs):
        raise ValueError("not what a cell shows")
    return outputs


def files_beside(released: Path, module_file: str, module: str) -> dict[str, bytes]:
    """What lies beside a worksheet: the released files, and the student's module in the place of the stub."""
    others = [path for path in sorted(released.iterdir()) if path.is_file() and path.suffix != ".ipynb"]
    return {path.name: path.read_bytes() for path in others} | {module_file: module.encode()}
