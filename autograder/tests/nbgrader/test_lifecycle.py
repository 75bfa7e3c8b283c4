"""A term with real Unix users: an instructor and three students, a real exchange, commands only, the real engine.

Needs root (to make the users) and Linux; skipped elsewhere.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.build.stubs import find_regions
from autograder.problems import ROOT, Problem, load_problems

INSTRUCTOR, GOOD, HALF, MALLORY = "ag-teacher", "ag-ada", "ag-bob", "ag-mallory"

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("useradd"),
    reason="making Unix users needs root on Linux",
)


@dataclass
class World:
    """The users' homes, the exchange, and commands run as one of the users."""

    home: Path
    python: str
    problem: Problem

    @property
    def exchange(self) -> Path:
        return self.home / "exchange"

    @property
    def checkout(self) -> Path:
        return self.home / INSTRUCTOR / "kit"

    def run(self, user: str, *command: str, folder: Path | None = None, code: int | None = 0) -> str:
        """Run python with these arguments as this user."""
        account = pwd.getpwnam(user)
        done = subprocess.run(
            [self.python, *command],
            cwd=folder or self.home / user,
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            umask=0o022,
            env={
                "HOME": str(self.home / user),
                "PATH": f"{self.home}/venv/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                "AUTOGRADER_EXCHANGE": str(self.exchange),
                "AUTOGRADER_COURSE": "test-course",
                "PYTHONDONTWRITEBYTECODE": "1",
                "LANG": "C.UTF-8",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        told = done.stdout + done.stderr
        assert code is None or done.returncode == code, told[-6000:]
        return told

    def teach(self, *arguments: str, code: int | None = 0) -> str:
        return self.run(INSTRUCTOR, "-m", "nbgrader", *arguments, folder=self.checkout, code=code)

    def study(self, student: str, *arguments: str, code: int | None = 0) -> str:
        return self.run(student, "-m", "nbgrader", *arguments, code=code)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    python = next((path for path in _pythons() if _anyone_can_run(path)), None)
    if python is None:
        pytest.skip("no Python of this version that other users can run")
    problem = load_problems()[0]
    home = Path(tempfile.mkdtemp(prefix="autograder-term-"))  # pytest's own folders are closed to other users
    home.chmod(0o755)
    users = [INSTRUCTOR, GOOD, HALF, MALLORY]
    for user in users:
        subprocess.run(["userdel", user], capture_output=True, check=False)
        subprocess.run(["useradd", "--home-dir", str(home / user), "--create-home", user], check=True)
        (home / user).chmod(0o700)
    found = World(home, _environment(home, python), problem)
    found.exchange.mkdir()
    found.exchange.chmod(0o777)
    _install(found)
    try:
        yield found
    finally:
        for user in users:
            subprocess.run(["userdel", user], capture_output=True, check=False)
        shutil.rmtree(home, ignore_errors=True)


def _environment(home: Path, python: str) -> str:
    """A virtual environment that all of the users can run, with the packages that are installed here."""
    subprocess.run([python, "-m", "venv", "--without-pip", str(home / "venv")], check=True)
    (packages,) = (home / "venv" / "lib").glob("*/site-packages")
    for here in (Path(path) for path in sys.path if path.endswith("-packages")):
        for entry in here.iterdir():
            if "autograder" not in entry.name and not (packages / entry.name).exists():
                (packages / entry.name).symlink_to(entry)
    (packages / "kit.pth").write_text(f"{home / INSTRUCTOR / 'kit'}\n", encoding="utf-8")
    alembic = home / "venv" / "bin" / "alembic"  # nbgrader calls it
    found = str(home / "venv" / "bin" / "python")
    alembic.write_text(f"#!{found}\nfrom alembic.config import main\nmain()\n", encoding="utf-8")
    alembic.chmod(0o755)
    return found


def _pythons() -> list[str]:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return [sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"]


def _anyone_can_run(python: str) -> bool:
    nobody = pwd.getpwnam("nobody")
    try:
        done = subprocess.run(
            [python, "-c", ""], user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], check=False, cwd="/"
        )
    except OSError:
        return False
    return done.returncode == 0


def _install(world: World) -> None:
    """The instructor's checkout, and for the students the two settings that a course hands out."""
    world.checkout.mkdir()
    for name in ("autograder", "solutions", "assignments"):
        shutil.copytree(ROOT / name, world.checkout / name, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    text = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    text += "c.AutogradeByEngine.execute_worksheets = True\n"
    (world.checkout / "nbgrader_config.py").write_text(text, encoding="utf-8")
    account = pwd.getpwnam(INSTRUCTOR)
    subprocess.run(["chown", "-R", f"{account.pw_uid}:{account.pw_gid}", str(world.checkout)], check=True)
    for student in (GOOD, HALF, MALLORY):
        settings = world.home / student / ".jupyter"
        settings.mkdir()
        (settings / "nbgrader_config.py").write_text(
            "c = get_config()\n"
            "c.CourseDirectory.course_id = 'test-course'\n"
            f"c.Exchange.root = {str(world.exchange)!r}\n",
            encoding="utf-8",
        )
        account = pwd.getpwnam(student)
        subprocess.run(["chown", "-R", f"{account.pw_uid}:{account.pw_gid}", str(settings)], check=True)


def write_as(user: str, path: Path, text: str) -> None:
    account = pwd.getpwnam(user)
    path.unlink(missing_ok=True)
    path.write_text(text, encoding="utf-8")
    os.chown(path, account.pw_uid, account.pw_gid)


def test_the_term(world: World) -> None:
    problem = world.problem
    name = problem.name
    world.teach("generate_assignment", name)
    world.teach("release_assignment", name)

    for student in (GOOD, HALF, MALLORY):
        assert name in world.study(student, "list")
        world.study(student, "fetch_assignment", name)
        folder = world.home / student / name
        assert (folder / problem.module_file).exists()
        assert (folder / "worksheet.ipynb").exists()
    reference = problem.reference()
    write_as(GOOD, world.home / GOOD / name / problem.module_file, reference)
    _answer(GOOD, world.home / GOOD / name / "worksheet.ipynb")
    write_as(HALF, world.home / HALF / name / problem.module_file, without_last_task(problem))
    told = world.study(HALF, "validate", f"{name}/worksheet.ipynb")
    assert "VALIDATION FAILED" in told
    for student in (GOOD, HALF):
        world.study(student, "submit", name)

    # Mallory writes into the exchange past `submit`: a link to the solution, and a submission in Ada's name.
    world.study(MALLORY, "submit", name)
    solution = world.checkout / "solutions" / name / problem.module_file
    world.run(
        MALLORY,
        "-c",
        STEAL,
        str(world.exchange / "test-course" / "inbound"),
        name,
        problem.module_file,
        str(solution),
        GOOD,
    )

    told = world.teach("collect", name)
    assert "is a symbolic link" in told
    assert f"in the name of {GOOD} but belongs to {MALLORY}" in told
    told = world.teach("autograde", name)
    assert "Traceback" not in told
    scores = _scores(world)
    assert scores[GOOD] == problem.max_score
    assert 0 < scores[HALF] < problem.max_score
    assert scores[MALLORY] == 0  # what he had submitted before, the stub
    results = [json.loads(line) for line in (world.checkout / "results" / "results.jsonl").open(encoding="utf-8")]
    assert scores == {result["student"]: result["score"] for result in results}

    graded = world.checkout / "course" / "autograded" / GOOD / name / "worksheet.ipynb"
    assert "image/png" in graded.read_text(encoding="utf-8")  # the worksheet was run, in an ordinary user's sandbox

    world.teach("generate_feedback", name)
    world.teach("release_feedback", name)
    for student in (GOOD, HALF, MALLORY):
        world.study(student, "fetch_feedback", name)
        (page,) = (world.home / student / name / "feedback").rglob("worksheet.html")
        text = page.read_text(encoding="utf-8")
        assert f"<b>{scores[student]:g}</b> / {problem.max_score:g}" in text
    world.teach("export")
    assert GOOD in (world.checkout / "grades.csv").read_text(encoding="utf-8")

    _no_solution_anywhere(world, problem)


STEAL = """
import os, pathlib, shutil, sys, time
inbound, assignment, module, solution, victim = sys.argv[1:]
stamp = time.strftime("%Y-%m-%d %H:%M:%S.000000 UTC", time.gmtime(time.time() + 5))
for student in (os.environ["HOME"].rsplit("/", 1)[-1], victim):
    folder = pathlib.Path(inbound, f"{student}+{assignment}+{stamp}+forged")
    shutil.copytree(pathlib.Path.home() / assignment, folder)
    (folder / "timestamp.txt").write_text(stamp)
    if student != victim:
        (folder / module).unlink()
        (folder / module).symlink_to(solution)
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755)
"""


def _answer(user: str, path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("answer-"):
            cell["source"] = "Because of the order of the numbers in memory."
    write_as(user, path, json.dumps(notebook))


def without_last_task(problem: Problem) -> str:
    """The reference with the last solution region of a function taken out again."""
    lines = problem.reference().splitlines()
    region = [region for region in find_regions(problem.reference(), "") if region.function][-1]
    body = f'{region.indent}raise NotImplementedError("{region.function}: not written yet")'
    return "\n".join([*lines[: region.begin - 1], body, *lines[region.end :]]) + "\n"


def _scores(world: World) -> dict[str, float]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{world.checkout}/course/gradebook.db", "test-course") as book:
        return {
            submission.student.id: float(submission.score)
            for submission in book.assignment_submissions(world.problem.name)
        }


def _no_solution_anywhere(world: World, problem: Problem) -> None:
    """Only who wrote the solution himself has it: not the release, the stubs, the exchange's way out, or feedback."""
    markers = ("BEGIN SOLUTION", "END SOLUTION")
    for folder in (
        world.checkout / "assignments",
        world.checkout / "course" / "source",
        world.exchange / "test-course" / "outbound",
        world.exchange / "test-course" / "feedback",
        world.checkout / "course" / "submitted" / MALLORY,
        world.checkout / "course" / "autograded" / MALLORY,
        world.checkout / "course" / "feedback",
    ):
        files = [
            path for path in folder.rglob("*") if path.is_file() and GOOD not in path.parts and HALF not in path.parts
        ]
        assert files or folder.name == "feedback", folder
        for path in files:
            text = path.read_text(encoding="utf-8")
            assert not any(marker in text for marker in markers), path
