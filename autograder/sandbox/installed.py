"""What a worker may read: the interpreter, and the files of the allowed libraries and of all that these require."""

import importlib.metadata
import os
import re
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

_OURS = "msgspec"  # the wire
_FOUND_BY_METADATA = "matplotlib-inline"  # the backend of a worksheet's plots
_SITE = ("site-packages", "dist-packages")
_NOT_FOR_STUDENTS = {*_SITE, "test", "idlelib", "ensurepip", "__pycache__"}
_PACKAGE_ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Packages:
    """The files of some distributions, and the names by which they are imported."""

    paths: tuple[str, ...]
    names: frozenset[str]


def packages(libraries: tuple[str, ...]) -> Packages:
    """The libraries with all that they require, by the installed metadata."""
    paths: set[str] = set()
    names: set[str] = set()
    queue = [_OURS, *libraries]
    seen: set[str] = set()
    while queue:
        name = re.sub(r"[-_.]+", "-", queue.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        for line in (distribution.read_text("RECORD") or "").splitlines():
            top = line.partition(",")[0].partition("/")[0].strip('"')
            if top.endswith(".dist-info") and name == _FOUND_BY_METADATA:
                paths.add(str(distribution.locate_file(top)))
            elif top not in ("..", "__pycache__") and not top.endswith((".dist-info", ".pth")):
                paths.add(str(distribution.locate_file(top)))
                names.add(top.partition(".")[0])
        for text in distribution.requires or ():
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                queue.append(requirement.name)
    return Packages(tuple(sorted(filter(os.path.exists, paths))), frozenset(names))


def interpreter() -> tuple[str, ...]:
    """Python itself, the system's shared libraries, and the sandbox's own code; no site-packages."""
    standard = Path(sysconfig.get_path("stdlib"))
    entries = [entry for entry in standard.iterdir() if entry.name not in _NOT_FOR_STUDENTS]
    # Debian's sitecustomize.py is a link into /etc, which a worker does not see.
    own = [entry for entry in entries if entry.resolve().is_relative_to(standard.resolve())]
    return _existing(*_program(), *map(str, own))


def mounts() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """For bubblewrap: what to show of the interpreter, and the folders inside that to hide again."""
    standard = sysconfig.get_path("stdlib")
    return _existing(*_program(), standard), _existing(*(f"{standard}/{name}" for name in _SITE))


def _program() -> list[str]:
    base = Path(sys.base_prefix)
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    system = [f"/lib/{multiarch}", f"/usr/lib/{multiarch}"] if multiarch else ["/usr/lib"]
    return [
        sys.executable,
        os.path.realpath(sys.executable),
        f"{sys.prefix}/pyvenv.cfg",
        *map(str, base.glob("lib/libpython*")),
        *system,
        "/lib64",
        "/usr/lib64",
        "/etc/ld.so.cache",
        str(_PACKAGE_ROOT / "autograder" / "__init__.py"),
        str(_PACKAGE_ROOT / "autograder" / "sandbox"),
    ]


def _existing(*paths: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(os.path.exists, paths)))
