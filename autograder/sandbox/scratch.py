"""A zygote's folder in the temporary directory, which does not outlive its owner for long."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "autograder-sandbox-"


class Scratch:
    """`path`, and in it `own`, where each worker mounts its private files. Locked for as long as the owner lives.

    Whoever makes one first removes those whose owners were killed: they are the ones without a lock.
    """

    def __init__(self) -> None:
        _remove_abandoned()
        while True:
            self.path = tempfile.mkdtemp(prefix=_PREFIX)
            try:
                self._lock = _locked(self.path)
                os.chmod(self.path, 0o755)
                os.mkdir(self.own)
                return
            except FileNotFoundError:  # someone took it for abandoned before it was locked
                continue

    @property
    def own(self) -> str:
        """The mount point."""
        return f"{self.path}/own"

    def close(self) -> None:
        """Remove the folder."""
        _remove(self.path)
        os.close(self._lock)


def _locked(path: str, flags: int = 0) -> int:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | flags)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _remove_abandoned() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if path.lstat().st_uid != os.geteuid():
                continue
            lock = _locked(str(path), fcntl.LOCK_NB)
        except OSError:  # its owner lives, or has just removed it, or it is none of ours
            continue
        _remove(str(path))
        os.close(lock)


def _remove(path: str) -> None:
    os.chmod(path, 0o700)  # the zygote had made it read-only
    shutil.rmtree(path, ignore_errors=True)
