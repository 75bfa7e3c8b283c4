"""What `pytest` prints in this folder: how far each task is, what to fix first, what hidden tests check too.

You need not read this file. It needs pytest only.
"""

import itertools
import json
import re
import textwrap
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
TASKS: dict[str, Any] = json.loads((HERE / "tasks.json").read_text(encoding="utf-8"))

PACKAGES = ("matplotlib", "numpy", "torch")  # what the exercises are written with
MOST_LINES = 24  # of what an exception says
WIDTH = 78  # of a line of text


def pytest_addoption(parser: pytest.Parser) -> None:
    """The two options of these exercises."""
    group = parser.getgroup("exercise")
    group.addoption("--task", metavar="TASK", help="run the examples of one task only")
    group.addoption(
        "--hint", metavar="TASK", nargs="?", const="", help="print a hint for a task; TASK:2 prints two, and so on"
    )


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """`--hint TASK` prints and runs nothing."""
    request = config.getoption("--hint") or config.getoption("--task") or ""
    name = request.partition(":")[0]
    known = [task["name"] for task in TASKS["tasks"]]
    if config.getoption("--hint") == "":
        raise pytest.UsageError(f"For which task? The tasks are: {', '.join(known)}.")
    if request and name not in known:
        raise pytest.UsageError(f"There is no task {name!r}. The tasks are: {', '.join(known)}.")
    if config.getoption("--hint"):
        print(hints(request))
        return 0
    return None


def hints(request: str) -> str:
    """The first hints of a task: "logsumexp" asks for one, "logsumexp:2" for two."""
    name, _, count = request.partition(":")
    every = next(task["hints"] for task in TASKS["tasks"] if task["name"] == name)
    shown = min(max(int(count) if count.isdigit() else 1, 1), len(every))
    lines = [f"Hint {number} of {len(every)}: {text}" for number, text in enumerate(every[:shown], start=1)]
    if shown < len(every):
        lines.append(f"For the next one: pytest --hint {name}:{shown + 1}")
    return "\n".join(textwrap.fill(line, WIDTH, break_on_hyphens=False) for line in lines)


def pytest_configure(config: pytest.Config) -> None:
    """Let the summary below replace pytest's own."""
    config.pluginmanager.register(Progress(config.getoption("--task")), "progress")


class Progress:
    """Collects what happened to the examples of each task, and prints it at the end."""

    def __init__(self, only: str | None) -> None:
        self.only = only
        self.tasks = [task for task in TASKS["tasks"] if only in (None, task["name"])]
        self.outcomes: dict[str, list[str]] = {task["name"]: [] for task in self.tasks}
        self.first: tuple[str, list[str]] | None = None  # the first thing to fix: its task, what to read
        self.broken: list[str] = []  # why the module or the examples cannot be run at all

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the examples of the task that was asked for; put them in the order of the exercise."""
        if self.only:
            config.hook.pytest_deselected(items=[item for item in items if task_of(item) != self.only])
            items[:] = [item for item in items if task_of(item) == self.only]
        order = list(self.outcomes)
        items.sort(key=lambda item: order.index(task_of(item)) if task_of(item) in order else len(order))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Judge one example."""
        report = yield
        task = task_of(item)
        if task in self.outcomes and (call.when == "call" or call.excinfo):
            outcome, lines = judge(task, item, call.excinfo)
            self.outcomes[task].append(outcome)
            if outcome == "failed" and self.first is None:
                self.first = task, lines
        return report

    def pytest_exception_interact(self, node: object, call: pytest.CallInfo[None]) -> None:
        """The module or the examples cannot be imported."""
        if isinstance(node, pytest.Collector) and not self.broken and call.excinfo:
            self.broken = why_broken(call.excinfo.value)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        """No dots: the summary says it in words."""
        return report.outcome, "", ""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """The whole text."""
        write = terminalreporter.write_line
        if self.broken:
            for line in self.broken:
                write(line, red=True)
            return
        part = max(len(task["part"]) for task in self.tasks)
        width = max(len(task["name"]) for task in self.tasks)
        for task in self.tasks:
            words, color = standing(self.outcomes[task["name"]])
            write(f"{task['part']:<{part}}  {task['name']:<{width}}  {words}", **{color: True})
        write("")
        self.write_also_checked(write)
        if self.first:
            name, lines = self.first
            write("")
            write(f"The first thing to fix: {name}", bold=True)
            for line in [*lines, f"Stuck? pytest --hint {name}"]:
                write(f"  {line}")
        elif waiting := [task["name"] for task in self.tasks if "not started" in self.outcomes[task["name"]]]:
            write("")
            write(f"Next: {waiting[0]}, in {TASKS['module']}. A nudge: pytest --hint {waiting[0]}")

    def write_also_checked(self, write: Callable[..., None]) -> None:
        """The examples are not the grade: say what else is checked, for the tasks whose examples pass."""
        done = [task for task in self.tasks if standing(self.outcomes[task["name"]])[1] == "green"]
        if not done:
            write("The examples come first; hidden tests check more, and give the points.")
            return
        write("These examples are not the grade. Hidden tests will also check:", bold=True)
        for task in done:
            text = f"{task['name']}: {'; '.join(task['also_checked'])}"
            for line in textwrap.wrap(text, width=WIDTH, initial_indent="  ", subsequent_indent="    "):
                write(line)


def task_of(item: pytest.Item) -> str:
    """The task that an example is marked with."""
    marker = item.get_closest_marker("task")
    return str(marker.args[0]) if marker else ""


def standing(outcomes: list[str]) -> tuple[str, str]:
    """How far a task is, in words, and the colour for it."""
    bad = outcomes.count("failed")
    if bad:
        return f"failing: {bad} of {len(outcomes)} examples", "red"
    if "not started" in outcomes or not outcomes:
        return "not started", "yellow"
    return f"examples pass ({len(outcomes)})", "green"


def judge(task: str, item: pytest.Item, excinfo: Any) -> tuple[str, list[str]]:
    """One example: "passed", "failed" or "not started", and for a failure what to read."""
    if excinfo is None or excinfo.errisinstance(pytest.skip.Exception):
        return "passed", []
    if excinfo.errisinstance(NotImplementedError):
        missing = str(excinfo.value).partition(":")[0]
        if missing == task:
            return "not started", []
        return "failed", [f"It uses {missing or 'something'}, which is not written yet."]
    lines = what_was_said(excinfo)[:MOST_LINES]
    places = [entry for entry in excinfo.traceback if entry.path.name == TASKS["module"]]
    if places:
        lines.append(f"raised in {places[-1].path.name}, line {places[-1].lineno + 1}")
    lines.append(f"the example: {item.name} in {item.path.name}, line {(item.location[1] or 0) + 1}")
    return "failed", lines


def what_was_said(excinfo: Any) -> list[str]:
    """The words of an exception; of a failed `assert` its message, or else the comparison that failed."""
    said = excinfo.exconly(tryshort=True)
    lines = [line.rstrip() for line in said.splitlines() if line.strip() and not line.lstrip().startswith("+")]
    if excinfo.errisinstance(AssertionError):
        lines[0] = lines[0].removeprefix("AssertionError:").strip()
        message = list(itertools.takewhile(lambda line: not line.startswith("assert "), lines))
        lines = [line for line in message if line] or lines
    return textwrap.dedent("\n".join(lines)).splitlines()


def why_broken(error: BaseException) -> list[str]:
    """Why nothing could be run, in words."""
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, SyntaxError) and error.filename:
        where = f"{Path(error.filename).name}, line {error.lineno},"
        return [f"{where} is not valid Python: {error.msg}.", f"    {(error.text or '').strip()}"]
    if isinstance(error, ModuleNotFoundError) and error.name in PACKAGES:
        return [f"{error.name} is not installed where this pytest runs: pip install {error.name}"]
    missing = re.match(r"cannot import name '(\w+)' from '(\w+)'", str(error))
    if missing:
        return [f"{missing[2]}.py has no {missing[1]!r}: was it renamed or removed?"]
    where = TASKS["module"]
    trace = error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.parent == HERE:
            where = f"{path.name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return [f"{where}: cannot be run: {type(error).__name__}: {error}"]
