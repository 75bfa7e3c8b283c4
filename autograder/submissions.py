"""Submissions: what students handed in, read from nbgrader's `submitted` layout without following links."""

import codecs
import hashlib
import io
import os
import stat
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.problems import ASSIGNMENTS, Problem

MAX_MODULE_BYTES = 1 << 20
MAX_NOTES = 20
_NOT_FOR_TEXT = ("idna", "punycode")  # codecs for host names, which take minutes for a megabyte


@dataclass(frozen=True)
class Submission:
    """One student's module for one problem.

    `text` is None when there is nothing to run; `refusal` then says why, and `missing` that there is no module at all.
    `notes` lists what else lay in the folder and was ignored.
    """

    student: str
    assignment: str
    sha256: str
    text: str | None
    refusal: str = ""
    missing: bool = False
    notes: tuple[str, ...] = ()


class _TooLarge(Exception):
    """The module is larger than any that a person writes."""


class SubmissionsError(Exception):
    """The folder of submissions cannot be used as it is asked for; the message says why."""


def find_submissions(
    folder: Path, problems: Iterable[Problem], students: Iterable[str] = ()
) -> tuple[list[Submission], list[str]]:
    """All submissions of these problems (of these students), and sentences on what in the folder is none."""
    if not folder.is_dir():
        raise SubmissionsError(f"There is no folder {folder}: give the folder that holds one folder a student.")
    by_name = {problem.name: problem for problem in problems}
    home_of = {problem.module_file: name for name, problem in by_name.items()}
    wanted = set(students)
    found: list[Submission] = []
    ignored: list[str] = []
    present = set()
    for student in sorted(_entries(folder), key=lambda entry: entry.name):
        if student.name.startswith("."):
            continue
        if not student.is_dir(follow_symlinks=False):
            ignored.append(f"{_shown(student.name)} is not a student's folder and was ignored.")
            continue
        if not _is_text(student.name):
            ignored.append(f"{_shown(student.name)} is no name in UTF-8 and was ignored: rename it, grade again.")
            continue
        present.add(student.name)
        if wanted and student.name not in wanted:
            continue
        try:
            entries = sorted(_entries(Path(student.path)), key=lambda entry: entry.name)
        except OSError as error:
            ignored.append(f"{_shown(student.name)} cannot be read ({error.strerror}) and was ignored.")
            continue
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.name not in by_name:
                place = f"{_shown(student.name)}/{_shown(entry.name)}"
                home = home_of.get(entry.name)
                ignored.append(
                    f"{place} was ignored: it belongs in {_shown(student.name)}/{home}/."
                    if home
                    else f"{place} is not one of the assignments graded here and was ignored."
                )
                continue
            found.append(read_submission(student.name, by_name[entry.name], Path(entry.path)))
    absent = sorted(wanted - present)
    if absent:
        raise SubmissionsError(f"There is no student {', '.join(map(repr, absent))} in {folder}.")
    return found, ignored


def read_submission(student: str, problem: Problem, folder: Path) -> Submission:
    """The submission in `folder`; what cannot be read becomes a refusal in words, never an exception."""
    module = problem.module_file
    if folder.is_symlink() or not folder.is_dir():
        return _none(
            student, problem, f"`{problem.name}` is a link or a file, not a folder; hand in the folder itself."
        )
    try:
        released = {module, *(path.name for path in (ASSIGNMENTS / problem.name).glob("*"))}
        others = sorted(_shown(entry.name) for entry in _entries(folder) if entry.name not in released)
        notes = tuple(f"`{name}` was ignored" for name in others[:MAX_NOTES])
        if len(others) > MAX_NOTES:
            notes += (f"{len(others) - MAX_NOTES} more files were ignored",)
        content = _read(folder / module)
    except FileNotFoundError:
        return _none(student, problem, f"There is no `{module}` in the submission, so there is nothing to grade.")
    except OSError as error:
        return _none(student, problem, f"`{module}` cannot be read ({error.strerror}).")
    except ValueError as error:
        return _none(student, problem, f"`{module}` cannot be graded: {error}.")
    except _TooLarge:
        refusal = f"`{module}` is larger than {MAX_MODULE_BYTES >> 20} MiB and was not run: hand in the code alone."
        return Submission(student, problem.name, _digest(refusal), None, refusal, notes=notes)
    digest = hashlib.sha256(content).hexdigest()
    try:
        text = _decode(content, module)
    except ValueError as error:
        return Submission(student, problem.name, digest, None, str(error), notes=notes)
    return Submission(student, problem.name, digest, text, notes=notes)


def _none(student: str, problem: Problem, refusal: str) -> Submission:
    return Submission(student, problem.name, _digest(refusal), None, refusal, missing=True)


def _digest(refusal: str) -> str:
    return hashlib.sha256(refusal.encode()).hexdigest()


def _is_text(name: str) -> bool:
    """A file name of other bytes could not be written into results."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(name: str) -> str:
    """A name for messages: without line ends, escapes and bytes that are no text."""
    return name if name.isprintable() else ascii(name)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _read(path: Path) -> bytes:
    """A regular file; a symbolic link could show us a file of somebody else's."""
    if path.is_symlink():
        raise ValueError("it is a symbolic link; hand in the file itself")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise ValueError("it is a folder; hand in the file itself")
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a file")
        if status.st_size > MAX_MODULE_BYTES:
            raise _TooLarge
        with open(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_MODULE_BYTES)
    finally:
        os.close(descriptor)


def _decode(content: bytes, module: str) -> str:
    """The text, by its byte order mark or coding comment (PEP 263), with plain line ends."""
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise ValueError(f"`{module}` is empty: was the right file saved and handed in?")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError(f"`{module}` is saved as UTF-16, which Python does not read: save it as UTF-8.")
    if b"\0" in content:
        raise ValueError(f"`{module}` contains null bytes, so Python cannot read it: save it as UTF-8 text.")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        if encoding in _NOT_FOR_TEXT:
            raise LookupError
        text = content.decode(encoding)
        text.encode()  # half a surrogate pair could not be sent to a worker
    except (SyntaxError, UnicodeError, LookupError):
        raise ValueError(f"`{module}` {_unreadable(content)}: save it as UTF-8.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unreadable(content: bytes) -> str:
    """What is wrong with a text, and where."""
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            return f"is not UTF-8 text (byte 0x{line[error.start]:02x} in line {number})"
    return "names an encoding in its first lines that it cannot be read by"
