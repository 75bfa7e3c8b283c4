"""A gradebook on a real PostgreSQL server, started by the test."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.tests.nbgrader.conftest import Course
from autograder.tests.nbgrader.test_course import FULL, PART, answered

pytest.importorskip("psycopg", reason="SQLAlchemy needs psycopg to reach PostgreSQL")


def _tools() -> Path | None:
    """The folder of initdb and pg_ctl: Debian keeps them out of PATH."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin"), *map(Path, os.environ["PATH"].split(os.pathsep))]
    return next((folder for folder in found if (folder / "initdb").exists()), None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of an empty database."""
    tools = _tools()
    if tools is None:
        pytest.skip("no PostgreSQL server is installed")
    user = None
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            user = pwd.getpwnam("postgres").pw_uid
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
    folder = Path(tempfile.mkdtemp(prefix="autograder-pg-"))
    if user is not None:
        os.chown(folder, user, -1)

    def run(tool: str, *arguments: str) -> None:
        command = [str(tools / tool), *arguments]
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

    data = str(folder / "data")
    run("initdb", "--pgdata", data, "--auth", "trust", "--username", "grader", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run("pg_ctl", "--pgdata", data, "--options", options, "--log", str(folder / "log"), "--wait", "start")
    try:
        run("createdb", "--host", str(folder), "--username", "grader", "gradebook")
        yield f"postgresql+psycopg://grader@/gradebook?host={folder}"
    finally:
        run("pg_ctl", "--pgdata", data, "--mode", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def test_a_term_in_postgresql(course: Course, server: str) -> None:
    (course.root / "course" / "gradebook.db").unlink()
    course.database = server
    course.nbgrader("generate_assignment", course.assignment)
    course.hand_in("ada", FULL)
    course.hand_in("bob", PART, answered(course, "Because."))
    assert "Traceback" not in course.autograde()
    assert course.scores("ada") == {"double": 15.0, "Scale-apply": 5.0, "answer-why": 0.0}
    assert course.scores("bob") == {"double": 7.5, "Scale-apply": 0.0, "answer-why": None}
    with course.gradebook() as book:
        book.find_grade("Scale-apply", "worksheet", course.assignment, "bob").manual_score = 2.0
        book.db.commit()
    course.hand_in("bob", FULL, answered(course, "Because."))
    course.autograde()
    course.nbgrader("generate_assignment", course.assignment)  # the same cells again, with submissions there
    course.nbgrader("generate_feedback", course.assignment)
    assert "<b>17</b> / 20" in course.feedback("bob")
    course.nbgrader("export")
    assert "17.0" in (course.root / "grades.csv").read_text(encoding="utf-8")
    assert not (course.root / "course" / "gradebook.db").exists()
