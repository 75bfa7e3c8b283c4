"""Links, false names, false times: refused at collect and at autograde, while the class goes on."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect
from traitlets.config import Config

from autograder.nbgrader.collect import Collect
from autograder.nbgrader.links import Refused, copy_plain, refuse_links
from autograder.tests.nbgrader.conftest import Course

FULL = "# double=15\n# Scale.apply=5\n"
NOTHING = "# double=0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "submission"
    (found / "data").mkdir(parents=True)
    (found / "doubling.py").write_text(FULL, encoding="utf-8")
    (found / "data" / "x.txt").write_text("x", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("the solution", encoding="utf-8")
    return found


def link_to_a_file(folder: Path) -> None:
    (folder / "worksheet.ipynb").symlink_to(folder.parent / "secret.txt")


def link_to_a_folder(folder: Path) -> None:
    (folder / "more").symlink_to(folder.parent)


def broken_link(folder: Path) -> None:
    (folder / "data" / "y.txt").symlink_to("nowhere")


def hard_link(folder: Path) -> None:
    os.link(folder.parent / "secret.txt", folder / "worksheet.ipynb")


def fifo(folder: Path) -> None:
    os.mkfifo(folder / "worksheet.ipynb")


def folder_is_a_link(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to(folder.parent / "elsewhere")


TRICKS = [link_to_a_file, link_to_a_folder, broken_link, hard_link, fifo, folder_is_a_link]


def keep(name: str, status: os.stat_result) -> bool:
    return False


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_refused(folder: Path, trick: object) -> None:
    assert callable(trick)
    trick(folder)
    with pytest.raises(Refused):
        refuse_links(folder)
    with pytest.raises(Refused):
        copy_plain(folder, folder.parent / "copy", keep)


def test_plain_files_are_copied(folder: Path) -> None:
    refuse_links(folder)
    copy_plain(folder, folder.parent / "copy", lambda name, _: name == "x.txt")
    assert (folder.parent / "copy" / "doubling.py").read_text(encoding="utf-8") == FULL
    assert list((folder.parent / "copy" / "data").iterdir()) == []


class Exchange:
    """An exchange's inbound folder, written into as a student could, past `nbgrader submit`."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.inbound = course.root / "exchange" / "linear-algebra" / "inbound"
        self.inbound.mkdir(parents=True)

    def put(self, student: str, module: str, stated: datetime | None = None, tag: str = "x") -> Path:
        time = f"{stated or datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
        folder = self.inbound / f"{student}+{self.course.assignment}+{time}+{tag}"
        folder.mkdir()
        (folder / "doubling.py").write_text(module, encoding="utf-8")
        (folder / "timestamp.txt").write_text(time, encoding="utf-8")
        return folder

    def collect(self, kind: type[ExchangeCollect] = Collect) -> dict[str, str]:
        """Student -> module, as collected."""
        config = Config()
        config.CourseDirectory.root = str(self.course.root)
        config.CourseDirectory.course_id = "linear-algebra"
        config.CourseDirectory.submitted_directory = "course/submitted"
        config.CourseDirectory.assignment_id = self.course.assignment
        config.CourseDirectory.max_file_size = 1000
        config.CourseDirectory.db_url = f"sqlite:///{self.course.root}/course/gradebook.db"
        config.Exchange.root = str(self.inbound.parents[1])
        config.ExchangeCollect.update = True
        kind(coursedir=CourseDirectory(config=config), config=config).start()
        return {
            path.parents[1].name: path.read_text(encoding="utf-8")
            for path in self.course.submitted.glob("*/*/doubling.py")
        }


@pytest.fixture
def exchange(course: Course, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    # All of these students are one Unix user here; the lifecycle test has real ones.
    monkeypatch.setattr("autograder.nbgrader.collect._user", lambda uid: "root")
    return Exchange(course)


def test_collect_refuses_links_and_goes_on(exchange: Exchange, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("the solution", encoding="utf-8")
    for student in ("ada", "eve", "mallory", "zoe"):
        exchange.put(student, FULL)
    eve, mallory = sorted(exchange.inbound.glob("[em]*"))
    (eve / "doubling.py").unlink()
    (eve / "doubling.py").symlink_to(tmp_path / "secret.py")
    os.link(tmp_path / "secret.py", mallory / "worksheet.ipynb")
    assert exchange.collect() == {"ada": FULL, "zoe": FULL}


def test_stock_collect_follows_links(exchange: Exchange, tmp_path: Path) -> None:
    """The control: what the test above guards against is real."""
    (tmp_path / "secret.py").write_text("the solution", encoding="utf-8")
    folder = exchange.put("eve", FULL)
    (folder / "doubling.py").unlink()
    (folder / "doubling.py").symlink_to(tmp_path / "secret.py")
    assert exchange.collect(ExchangeCollect) == {"eve": "the solution"}


def test_an_honest_submission_is_behind_a_refused_one(exchange: Exchange) -> None:
    exchange.put("ada", FULL, datetime.now(UTC) - timedelta(seconds=60))
    folder = exchange.put("ada", NOTHING, tag="y")
    (folder / "link").symlink_to("/etc/passwd")
    assert exchange.collect() == {"ada": FULL}


def test_too_large_files_stay_behind(exchange: Exchange) -> None:
    folder = exchange.put("ada", FULL)
    (folder / "data.bin").write_bytes(bytes(2_000_000))
    assert exchange.collect() == {"ada": FULL}
    assert not list(exchange.course.submitted.rglob("data.bin"))


def test_forged_times(exchange: Exchange) -> None:
    """The clock of the exchange counts, and the collected copy says so to nbgrader's lateness."""
    exchange.put("ada", FULL, datetime.now(UTC) - timedelta(days=20))
    exchange.put("bob", NOTHING, datetime.now(UTC) + timedelta(days=20))
    exchange.collect()
    for student in ("ada", "bob"):
        path = exchange.course.submitted / student / exchange.course.assignment / "timestamp.txt"
        stated = datetime.strptime(path.read_text(encoding="utf-8"), "%Y-%m-%d %H:%M:%S.%f UTC")
        assert abs(stated.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(minutes=2)


def test_a_file_changed_later_is_a_later_submission(exchange: Exchange) -> None:
    folder = exchange.put("ada", NOTHING)
    later = folder.with_name(folder.name.replace("+x", "+z"))
    exchange.collect()
    path = exchange.course.submitted / "ada" / exchange.course.assignment / "timestamp.txt"
    first = path.read_text(encoding="utf-8")
    assert not later.exists()
    exchange.put("ada", FULL, tag="later")
    assert exchange.collect() == {"ada": FULL}
    assert path.read_text(encoding="utf-8") > first


def test_another_students_name(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who owns a submission in the exchange decides, not the name on it; stock nbgrader only warns."""
    exchange.put("ada", FULL, datetime.now(UTC) - timedelta(seconds=60))
    forged = exchange.put("ada", NOTHING, tag="forged")
    owners = {os.lstat(forged).st_uid: "root", 4711: "mallory", 4712: "ada"}
    monkeypatch.setattr("autograder.nbgrader.collect._user", lambda uid: owners[uid])
    os.chown(forged, 4711, -1)
    os.chown(next(iter(exchange.inbound.glob("*+x"))), 4712, -1)
    assert exchange.collect() == {"ada": FULL}


def test_odd_names(exchange: Exchange) -> None:
    exchange.put("..", FULL)
    exchange.put("o'brien + sons", FULL)
    assert exchange.collect() == {"o'brien + sons": FULL}


def test_autograde_refuses_links_and_grades_the_rest(course: Course, tmp_path: Path) -> None:
    """For what came into `submitted` past collect (by hand, from an archive)."""
    course.hand_in("ada", FULL)
    eve = course.hand_in("eve", FULL)
    (eve / "worksheet.ipynb").unlink()
    (eve / "worksheet.ipynb").symlink_to(course.root / "solutions" / course.assignment / "doubling.py")
    ivan = course.hand_in("ivan", FULL)
    shutil.move(ivan, tmp_path / "elsewhere")
    ivan.symlink_to(tmp_path / "elsewhere")
    told = course.autograde(code=1)
    assert "Traceback" not in told
    assert "Not graded: eve, problem9_doubling: worksheet.ipynb is a symbolic link" in told
    assert "Not graded: ivan" in told
    assert (course.scores("ada") or {})["double"] == 15.0
    assert course.scores("eve") is None
    assert course.scores("ivan") is None
