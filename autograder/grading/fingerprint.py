"""What a verdict depends on beside the submission: one hash a problem, and the course's secret seed."""

import hashlib
import importlib.metadata
import os
import platform
import secrets
from pathlib import Path

from autograder.problems import ROOT, Problem, ProblemError

SEED_FILE = ROOT / "course" / "seed"
_PACKAGE = Path(__file__).resolve().parent.parent
_ENGINE = ("grading", "sandbox", "problems.py", "submissions.py")
LIBRARIES = ("matplotlib", "msgspec", "numpy", "pytest", "torch")


def fingerprint(problem: Problem, seed: int) -> str:
    """Changes with the engine, the problem's graders, reference or points, the libraries' versions and the seed."""
    digest = hashlib.sha256(f"{platform.python_version()} {seed}".encode())
    for library in LIBRARIES:
        digest.update(f"{library} {importlib.metadata.version(library)}\n".encode())
    files = [path for name in _ENGINE for path in _files(_PACKAGE / name)]
    files += [problem.folder / "problem.toml", problem.folder / problem.module_file, *_files(problem.graders)]
    for path in files:
        digest.update(f"{path.name}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def course_seed() -> int:
    """The seed of the hidden inputs, to be kept secret: AUTOGRADER_SEED, or `course/seed`, made at first use."""
    text = os.environ.get("AUTOGRADER_SEED", "")
    if not text:
        try:
            text = _read_or_make()
        except OSError as error:
            raise ProblemError(
                f"The course's secret seed cannot be kept in {SEED_FILE} ({error.strerror}); "
                "set AUTOGRADER_SEED to a large number of your own instead."
            ) from error
    if not text.strip().isdecimal():
        raise ProblemError("The course's secret seed (AUTOGRADER_SEED, or course/seed) must be a whole number.")
    return int(text)


def _read_or_make() -> str:
    SEED_FILE.parent.mkdir(exist_ok=True)
    try:
        descriptor = os.open(SEED_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return SEED_FILE.read_text()
    seed = str(secrets.randbits(63))
    with open(descriptor, "w") as file:
        file.write(seed)
    return seed


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(path.rglob("*.py"))
