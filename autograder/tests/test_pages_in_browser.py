"""The pages in a real browser: silent, self-contained, accessible, fit for a phone, in light and dark.

Uses the system's Chromium through Playwright, and the axe that axe-playwright-python brings along.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.grading.results import Result
from autograder.reports import write_feedback, write_report
from autograder.reports.pages import feedback_path
from autograder.tests import sample_results

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed: pip install -e '.[dev]'"
)
axe_api = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe is not installed: pip install -e '.[dev]'"
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: apt-get install chromium")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# One page of each kind: tasks wrong, a large picture of where, all right with a plot, a wrong plot, no module,
# not loadable, not gradable, a name that is markup.
FEEDBACK = (
    ("alice", "problem3_numerical_stability"),
    ("alice", "problem5_batch_normalization"),
    ("nadia", "problem4_initialization"),
    ("gustaf", "problem4_initialization"),
    ("omar", "problem2_einsum"),
    ("lars", "problem2_einsum"),
    ("ivo", "problem3_numerical_stability"),
    (sample_results.HOSTILE_FOLDER, "problem2_einsum"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's folder: every feedback page and the class report."""
    output = tmp_path_factory.mktemp("results")
    problems = {problem.name: problem for problem in sample_results.problems()}
    results: list[Result] = sample_results.results()
    for result in results:
        write_feedback(result, problems[result.assignment], output / "feedback")
    write_report(results, problems.values(), output / "report.html")
    return output


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with playwright_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield chromium
        chromium.close()


class Visit:
    """A page opened in a window of its own, with everything it asked for and complained of."""

    def __init__(self, browser: "Browser", path: Path, width: int, scheme: Any) -> None:
        self.address = path.as_uri()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        viewport: Any = {"width": width, "height": 900}
        self.page: Page = browser.new_context(viewport=viewport, color_scheme=scheme).new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.goto(self.address)

    def check(self) -> None:
        """No request but for the page, no complaint, nothing wider than the window, nothing for axe."""
        assert [address for address in self.requests if not address.startswith("data:")] == [self.address]
        assert self.complaints == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = axe_api.Axe().run(self.page).response["violations"]
        serious = [
            (one["id"], one["help"], [node["html"] for node in one["nodes"]])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == []


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (1200, "dark"), (360, "light"), (360, "dark")])
def test_class_report(browser: "Browser", folder: Path, width: int, scheme: str) -> None:
    visit = Visit(browser, folder / "report.html", width, scheme)
    visit.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    visit.check()


@pytest.mark.parametrize(("width", "scheme"), [(1000, "light"), (360, "dark")])
@pytest.mark.parametrize(("student", "assignment"), FEEDBACK, ids=lambda name: name[:12])
def test_feedback(browser: "Browser", folder: Path, student: str, assignment: str, width: int, scheme: str) -> None:
    visit = Visit(browser, feedback_path(folder / "feedback", student, assignment), width, scheme)
    visit.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    visit.check()
    assert visit.page.inner_text(".ag-who") == student


def test_light_and_dark_differ_and_print_is_light(browser: "Browser", folder: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light = Visit(browser, folder / "report.html", 1000, "light").page
    dark = Visit(browser, folder / "report.html", 1000, "dark").page
    assert light.evaluate(ground) == "rgb(250, 249, 247)"
    assert dark.evaluate(ground) == "rgb(20, 23, 27)"
    ink = "getComputedStyle(document.body).color"
    dark.emulate_media(media="print", color_scheme="dark")
    assert dark.evaluate(ink) == light.evaluate(ink)


def test_by_keyboard_from_the_score_to_the_first_thing_to_fix(browser: "Browser", folder: Path) -> None:
    page = Visit(browser, feedback_path(folder / "feedback", *FEEDBACK[0]), 1000, "light").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#task-logsumexp")
    hints = page.locator("#task-logsumexp .ag-hints")
    hints.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert hints.locator("summary").nth(1).is_visible()
    assert not hints.locator("p").first.is_visible()  # one step at a time


def test_links_of_the_report_lead_to_the_feedback(browser: "Browser", folder: Path) -> None:
    page = Visit(browser, folder / "report.html", 1200, "light").page
    for name in (sample_results.HOSTILE_FOLDER, "李明", "O'Brien&sons"):
        page.goto((folder / "report.html").as_uri())
        page.locator(".ag-marks tr", has_text=name).locator("a").first.click()
        assert page.inner_text(".ag-who") == name
