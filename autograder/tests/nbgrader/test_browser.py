"""The term in a real browser: a student in JupyterLab, the instructor in formgrader, the real engine.

AUTOGRADER_PICTURES=folder keeps pictures of the pages there.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.problems import ROOT, Problem, load_problems
from autograder.tests.nbgrader.test_lifecycle import without_last_task

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

playwright_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed: pip install -e '.[dev]'"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium")

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SLOW = 90_000  # milliseconds: a busy machine starts kernels and the engine slowly


@dataclass
class Place:
    """A JupyterLab of one person."""

    home: Path
    folder: Path
    port: int = 0
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, exchange: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        tools = os.path.dirname(sys.executable)
        environment = os.environ | {
            "HOME": str(self.home),
            "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
            "AUTOGRADER_EXCHANGE": str(exchange),
            "AUTOGRADER_COURSE": "test-course",
        }
        options = [f"--port={self.port}", "--no-browser", "--allow-root", f"--ServerApp.root_dir={self.folder}"]
        options += ["--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.port_retries=0"]
        log = (self.home / "jupyter.log").open("wb")
        command = [sys.executable, "-m", "jupyterlab", *options]
        self.processes.append(subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log))
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/api", timeout=5).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self.home / "jupyter.log").read_text(encoding="utf-8")
                time.sleep(0.5)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)


@pytest.fixture(scope="module")
def problem() -> Problem:
    return load_problems()[0]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, problem: Problem) -> Iterator[tuple[Place, Place]]:
    """The instructor's JupyterLab in a checkout with the assignment released, and the student's."""
    root = tmp_path_factory.mktemp("browser")
    exchange = root / "exchange"
    exchange.mkdir()
    teacher = Place(root / "teacher", root / "teacher" / "kit")
    student = Place(root / "student", root / "student" / "work")
    teacher.folder.mkdir(parents=True)
    student.folder.mkdir(parents=True)
    shutil.copytree(ROOT / "assignments", teacher.folder / "assignments")
    text = (
        "from pathlib import Path\n"
        "from autograder.nbgrader.config import configure\n"
        "c = get_config()\n"
        "configure(c, Path(__file__).parent)\n"
        "c.AutogradeByEngine.execute_worksheets = True\n"
    )
    (teacher.folder / "nbgrader_config.py").write_text(text, encoding="utf-8")
    (student.home / ".jupyter").mkdir()
    text = f"c = get_config()\nc.CourseDirectory.course_id = 'test-course'\nc.Exchange.root = {str(exchange)!r}\n"
    (student.home / ".jupyter" / "nbgrader_config.py").write_text(text, encoding="utf-8")
    environment = os.environ | {"AUTOGRADER_EXCHANGE": str(exchange), "AUTOGRADER_COURSE": "test-course"}
    for command in ("generate_assignment", "release_assignment"):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", command, problem.name],
            cwd=teacher.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    try:
        teacher.start(exchange)
        student.start(exchange)
        yield teacher, student
    finally:
        teacher.stop()
        student.stop()


@pytest.fixture
def page() -> Iterator["Page"]:
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        found = browser.new_page(viewport={"width": 1280, "height": 860})
        found.set_default_timeout(SLOW)
        yield found
        picture(found, "last")
        browser.close()


def picture(page: "Page", name: str) -> None:
    folder = os.environ.get("AUTOGRADER_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png")


def assignment_list(page: "Page", place: Place) -> None:
    page.goto(f"{place.url}/lab?reset")
    page.get_by_role("menuitem", name="Nbgrader").click()
    page.get_by_role("menuitem", name="Assignment List").click()


def test_the_term(page: "Page", places: tuple[Place, Place], problem: Problem) -> None:
    teacher, student = places
    study(page, student, problem)
    grade(page, teacher, problem)
    read_feedback(page, student, problem)


def study(page: "Page", place: Place, problem: Problem) -> None:
    """Fetch, edit the module, run and validate the worksheet, answer a question, submit."""
    assignment_list(page, place)
    page.get_by_text("Fetch", exact=True).click()
    page.get_by_text("Submit", exact=True).wait_for()
    folder = place.folder / problem.name

    page.goto(f"{place.url}/lab/tree/{problem.name}/{problem.module_file}?reset")
    module = without_last_task(problem)
    page.locator(".jp-FileEditor .cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(module)
    page.keyboard.press("Control+S")
    _until(lambda: (folder / problem.module_file).read_text(encoding="utf-8") == module)

    page.goto(f"{place.url}/lab/tree/{problem.name}/worksheet.ipynb?reset")
    page.locator(".jp-Notebook").wait_for()
    page.get_by_text("(ipykernel) | Idle").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_text(f"{problem.tasks[0].name}  examples pass").first.wait_for()
    page.get_by_text(f"{problem.tasks[-1].name}  not started").first.wait_for()  # an error does not stop the run
    answer = page.locator(".jp-MarkdownCell").filter(has_text="Your answer here.").last
    answer.locator(".jp-MarkdownOutput").dblclick()
    answer.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("Because of **broadcasting**.")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+S")
    _until(lambda: "Because of **broadcasting**." in (folder / "worksheet.ipynb").read_text(encoding="utf-8"))
    page.get_by_text("Validate", exact=True).first.click()
    dialog = page.locator(".jp-Dialog")
    dialog.get_by_text("The following cell failed", exact=False).or_(
        dialog.get_by_text("VALIDATION FAILED", exact=False)
    ).first.wait_for()
    assert "not started" in (dialog.text_content() or "")
    picture(page, "validate")
    page.keyboard.press("Escape")

    assignment_list(page, place)
    page.get_by_text("Submit", exact=True).click()
    page.get_by_text("Fetch Feedback", exact=True).or_(page.get_by_text("Feedback", exact=False)).first.wait_for()
    cells = json.loads((folder / "worksheet.ipynb").read_text(encoding="utf-8"))["cells"]
    assert cells


def grade(page: "Page", place: Place, problem: Problem) -> None:
    """Collect, autograde, grade the written answer, generate and release feedback, by formgrader's buttons."""
    formgrader = f"{place.url}/formgrader"

    def press(where: str, button: str) -> str:
        page.goto(f"{formgrader}/{where}")
        page.locator(f"{button} a").first.click()
        modal = page.locator(".modal.in")
        modal.get_by_text("Success", exact=False).first.wait_for()
        return modal.text_content() or ""

    press("manage_assignments", "td.collect")
    press(f"manage_submissions/{problem.name}", "td.autograde")
    page.goto(f"{formgrader}/gradebook/{problem.name}/worksheet")
    page.get_by_text("Submission #1").click()
    page.locator(".ag").first.wait_for()
    page.locator("img[src^='data:image/png']").first.wait_for()  # a plot of the worksheet, which was run
    page.locator(".ag").last.scroll_into_view_if_needed()
    picture(page, "formgrader")
    written = page.locator("div.nbgrader_cell").filter(has_text="Because of broadcasting.")
    # Before formgrader has fetched the marks its fields save nothing; the placeholders come with the marks.
    written.locator("input.extra-credit[placeholder]").wait_for()
    written.locator("textarea.comment[placeholder]").wait_for()
    enter(page, written.locator("input.score"), "0")
    enter(page, written.locator("input.extra-credit"), "1.5")
    enter(page, written.locator("textarea.comment"), "Nicely put.")
    press("manage_assignments", "td.generate-feedback")
    press("manage_assignments", "td.release-feedback")


def enter(page: "Page", field: "Locator", text: str) -> None:
    """Fill in a field of formgrader and leave it, until it is saved and formgrader has written its fields anew."""
    page.evaluate("() => { window.saved = false; $(document).one('finished_saving', () => { window.saved = true }) }")
    field.fill(text)
    field.press("Tab")
    page.wait_for_function("window.saved")


def read_feedback(page: "Page", place: Place, problem: Problem) -> None:
    """Fetch the feedback in the Assignment List and open it."""
    assignment_list(page, place)
    page.get_by_text("Fetch Feedback", exact=True).first.click()
    feedback = place.folder / problem.name / "feedback"
    _until(lambda: any(feedback.rglob("worksheet.html")))
    (found,) = feedback.rglob("worksheet.html")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(found.as_uri())
    total = problem.max_score - problem.tasks[-1].points + 1.5
    text = page.locator("body").inner_text()
    for expected in (f"{total:g} / {problem.max_score:g}", "Nicely put.", "Not written yet"):
        assert expected in text
    picture(page, "feedback")
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []


def _until(done: "object") -> None:
    assert callable(done)
    deadline = time.monotonic() + 120
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.3)
