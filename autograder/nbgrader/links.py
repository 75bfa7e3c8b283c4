"""Links: a submission is plain files in plain folders, and is copied without ever following anything else.

nbgrader's `collect` and `autograde` follow symlinks: a notebook that is a link to the instructor's solution
is read with the instructor's rights, graded as the student's own, and sent back in the feedback. A hard
link does the same without being visible as a link, a FIFO or device hangs the reader.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

SMALL = 1 << 20  # bytes copied at a time


class Refused(Exception):
    """A submission that is not plain files; the message says which entry, and why."""


def refuse_links(folder: Path) -> None:
    """Raise Refused unless `folder` and all in it are plain folders and plain files of one name."""
    if not stat.S_ISDIR(os.lstat(folder).st_mode):
        raise Refused(f"{folder.name} is not a folder but {_kind(os.lstat(folder))}")
    for parent, folders, files in os.walk(folder, followlinks=False):
        for name in sorted([*folders, *files]):
            path = Path(parent, name)
            _check(os.lstat(path), str(path.relative_to(folder)))


def copy_plain(source: Path, target: Path, skip: Callable[[str, os.stat_result], bool]) -> None:
    """Copy a folder as `refuse_links` would have it, also while its owner changes it under our hands.

    Every entry is opened without following links and judged by its descriptor, so nothing can be swapped
    between the look and the copy. `skip(name, status)` leaves an entry out. Raises Refused.
    """
    parent = os.open(source.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        descriptor = _open(source.name, os.O_RDONLY | os.O_DIRECTORY, parent)
    finally:
        os.close(parent)
    try:
        _copy_folder(descriptor, target, skip, source.name)
    finally:
        os.close(descriptor)


def newest_change(folder: Path) -> float:
    """When anything of a submission was last changed, by the kernel's clock, which its owner cannot set."""
    times = [os.lstat(folder).st_ctime]
    for parent, folders, files in os.walk(folder, followlinks=False):
        times += [os.lstat(Path(parent, name)).st_ctime for name in [*folders, *files]]
    return max(times)


def _copy_folder(source: int, target: Path, skip: Callable[[str, os.stat_result], bool], shown: str) -> None:
    target.mkdir(parents=True)
    for name in sorted(os.listdir(source)):
        status = os.stat(name, dir_fd=source, follow_symlinks=False)
        _check(status, f"{shown}/{name}")
        if skip(name, status):
            continue
        is_folder = stat.S_ISDIR(status.st_mode)
        # Non-blocking, for what was a file at the look may be a FIFO now.
        flags = os.O_RDONLY | os.O_NONBLOCK | (os.O_DIRECTORY if is_folder else 0)
        descriptor = _open(name, flags, source)
        try:
            _check(os.fstat(descriptor), f"{shown}/{name}")
            if is_folder:
                _copy_folder(descriptor, target / name, skip, f"{shown}/{name}")
            else:
                with open(target / name, "wb") as file:
                    while block := os.read(descriptor, SMALL):
                        file.write(block)
        finally:
            os.close(descriptor)


def _open(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise Refused(f"{name} cannot be opened as what it was: {error.strerror}") from error


def _check(status: os.stat_result, shown: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        return
    if not stat.S_ISREG(status.st_mode):
        raise Refused(f"{shown} is {_kind(status)}; hand in plain files only")
    if status.st_nlink > 1:
        raise Refused(f"{shown} is a hard link to a file elsewhere; hand in plain files only")


def _kind(status: os.stat_result) -> str:
    kinds = {
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFREG: "a file",
        stat.S_IFDIR: "a folder",
    }
    return kinds.get(stat.S_IFMT(status.st_mode), "nothing known")
