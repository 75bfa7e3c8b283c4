"""Reports: what pages, tables, the terminal and Gradescope say of a made-up class."""

import csv
import importlib.util
import io
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any, Literal, cast

import msgspec
import numpy as np
import pytest
from rich.console import Console

from autograder.cli import main as autograder
from autograder.grading.differences import difference
from autograder.grading.results import PlotData, PlotLine, Result, TaskResult, TestResult, from_json, to_json
from autograder.problems import ROOT, Problem, load_problem, problem_names
from autograder.reports import (
    GradingProgress,
    feedback_fragment,
    feedback_page,
    fragment_style,
    gradescope_results,
    print_feedback,
    print_summary,
    task_fragment,
    write_feedback,
    write_grades,
    write_grades_for,
    write_gradescope_archive,
    write_report,
)
from autograder.reports.gradescope import Visibility
from autograder.reports.on_gradescope import find_module, main, student_of
from autograder.reports.pages import feedback_link, feedback_path
from autograder.reports.plots import student_plot
from autograder.reports.summary import summarise
from autograder.reports.text import number, plain, prose
from autograder.tests import sample_results

PROBLEMS = {problem.name: problem for problem in sample_results.problems()}
RESULTS = sample_results.results()
STABILITY = PROBLEMS["problem3_numerical_stability"]
HOSTILE = sample_results.HOSTILE


def of(student: str, start: str) -> tuple[Result, Problem]:
    """The made-up result of a student for the assignment whose name starts so."""
    result = next(one for one in RESULTS if one.student == student and one.assignment.startswith(start))
    return result, PROBLEMS[result.assignment]


def one_task(**changes: Any) -> TaskResult:
    fields = {
        "name": "log_softmax",
        "part": "3a",
        "score": 2.0,
        "max_score": 6.0,
        "outcome": "failed",
        "message": "The result has shape (3,); it should have shape (4,).",
        "tests": (
            TestResult(name="large logits", outcome="passed"),
            TestResult(name="masked entries", outcome="failed", message="It returned NaN."),
        ),
    }
    return msgspec.convert(fields | changes, TaskResult)


def one_result(*tasks: TaskResult, **changes: Any) -> Result:
    fields = {
        "student": "alice",
        "assignment": STABILITY.name,
        "score": sum(task.score for task in tasks),
        "max_score": 20.0,
        "status": "graded",
        "submission_sha256": "ab" * 32,
        "grader": "cd" * 32,
        "seconds": 0.1,
        "tasks": tasks,
    }
    return msgspec.convert(fields | changes, Result)


def words(html: str) -> str:
    """The text of a page as a screen reader has it: without style, tags and what is only to be seen."""
    for unheard in (r"<style>.*?</style>", r'<span aria-hidden="true">[^<]*</span>'):
        html = re.sub(unheard, "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


# Feedback


def test_a_card_for_each_task_in_the_order_of_the_exercise() -> None:
    page = feedback_page(*of("alice", "problem3"))
    assert re.findall(r'<article[^>]* id="task-([^"]+)"', page) == [task.name for task in STABILITY.tasks]


def test_a_card_says_mistake_observation_and_hint() -> None:
    message = "It looks as if your code subtracts one maximum. What was seen: The result is -inf."
    text = words(task_fragment(one_task(message=message, hint="Use `axis=axis`."), STABILITY))
    assert "It looks as if your code subtracts one maximum. The result is -inf." in text
    assert "What to look at Use axis=axis ." in text
    assert "Earned: large logits" in text
    assert "Not yet: masked entries It returned NaN." in text
    assert "2 out of 6" in text


def test_a_card_shows_where_an_array_is_wrong() -> None:
    wrong = np.zeros((2, 3, 4), dtype=bool)
    wrong[1, :, 2] = True
    tests = (TestResult(name="every `axis`", outcome="failed", differs=difference(wrong) or msgspec.UNSET),)
    page = task_fragment(one_task(tests=tests), STABILITY)
    said = (
        "In the array of shape (2, 3, 4) that your code returned, 3 of 24 entries are wrong, only at index 1 of axis 0."
    )
    assert words(page).count(said) == 1
    assert page.count("<path class=") == 4  # wrong and right, in the picture and in its key
    assert all(name in page for name in ("axis 0 →", "axis 1 ↓", "axis 2 →"))
    assert "Seen in the check “every axis ”." in words(page)


def test_a_card_says_what_to_read_again_and_links_it_where_a_course_gives_an_address() -> None:
    task = replace(STABILITY.tasks[1], source='section 4 "stability"')
    plain_text = replace(STABILITY, tasks=(STABILITY.tasks[0], task))
    assert 'To read again: section 4 "stability".' in words(task_fragment(one_task(), plain_text))
    page = task_fragment(one_task(), replace(plain_text, source_url="https://book.example/4?a=1&b=2"))
    assert '<a href="https://book.example/4?a=1&amp;b=2">section 4 &#34;stability&#34;</a>' in page
    assert "read again" not in task_fragment(one_task(outcome="passed", score=6.0), plain_text)


def test_results_without_a_picture_are_as_before() -> None:
    line = to_json(one_result(one_task()))
    assert b"differs" not in line
    assert from_json(line).tasks[0].tests[0].differs is msgspec.UNSET


def test_a_reason_is_not_given_twice() -> None:
    raised = "Your code raised ValueError: sizes {} differ (line 5)."
    tests = [{"name": f"case {n}", "outcome": "error", "message": raised.format(n)} for n in range(4)]
    page = task_fragment(one_task(outcome="error", score=0.0, message=raised.format(0), tests=tests), None)
    assert page.count("raised ValueError") == 1


def test_what_concerns_the_whole_module_is_said_once() -> None:
    page = feedback_page(*of("lars", "problem2"))
    assert page.count("SyntaxError") == 1
    assert "<article" not in page


def test_missing_module_and_infrastructure_error() -> None:
    missing = words(feedback_page(*of("omar", "problem2")))
    assert "There was no module to grade." in missing
    assert "There is no einsum_mastery.py" in missing
    failed = words(feedback_page(*of("ivo", "problem3")))
    assert "no marks are lost" in failed
    assert "– out of 20" in failed
    assert "0 out of 20" not in failed


def test_why_the_grader_failed_is_for_the_instructor_only(tmp_path: Path) -> None:
    trace = 'Traceback:\n  File "test_hidden.py", line 3\n    assert secret == 4\n\n\nTypeError: no [b]such[/b]'
    result = one_result(status="infrastructure_error", message=trace)
    for page in (feedback_page(result, STABILITY), feedback_fragment(result, STABILITY)):
        assert "secret" not in page
        assert "TypeError" not in page
    report = words(write_report([result], [STABILITY], tmp_path / "report.html").read_text())
    assert "TypeError: no [b]such[/b] the whole message Traceback" in report
    shown = printed(lambda console: print_feedback(result, STABILITY, console))
    assert "TypeError: no [b]such[/b]" in shown


def test_hints_come_in_steps_and_only_where_something_is_left_to_find() -> None:
    assert "Nearly the idea" in task_fragment(one_task(), STABILITY)
    assert "Nearly the idea" not in task_fragment(one_task(outcome="passed", message=""), STABILITY)


def test_unknown_problem_is_still_shown() -> None:
    result, _ = of("alice", "problem3")
    assert "problem3_numerical_stability" in feedback_page(result, None)


def html_of(results: dict[str, Any]) -> list[str]:
    """What Gradescope is told to take for HTML (names it takes for text)."""
    return [results["output"], *(test["output"] for test in results["tests"])]


@pytest.mark.parametrize("field", ["name", "message", "hint", "output", "student", "note", "test", "plot"])
def test_nothing_becomes_markup(field: str) -> None:
    plot = PlotData(
        lines=(PlotLine(HOSTILE, (1.0, 2.0), (1.0, None)),),
        x_scale=HOSTILE,
        y_scale="log",
        x_label=HOSTILE,
        y_label=HOSTILE,
        title=HOSTILE,
        legend=(HOSTILE,),
    )
    changes: dict[str, dict[str, Any]] = {
        "test": {"tests": [{"name": HOSTILE, "outcome": "failed", "message": HOSTILE}]},
        "plot": {"plot": plot},
        **{name: {name: HOSTILE} for name in ("name", "message", "hint", "output")},
    }
    task = one_task(**changes.get(field, {}))
    result = one_result(
        task,
        student=HOSTILE if field == "student" else "alice",
        notes=(HOSTILE,) if field == "note" else (),
        message=HOSTILE if field == "message" else "",
    )
    pages = [
        feedback_page(result, STABILITY),
        task_fragment(task, STABILITY),
        *html_of(gradescope_results(result, STABILITY)),
    ]
    for page in pages:
        assert "<script" not in page.lower()


def test_pages_are_self_contained_and_reproducible(tmp_path: Path) -> None:
    result, problem = of("gustaf", "problem4")
    page = feedback_page(result, problem)
    report = write_report(RESULTS, PROBLEMS.values(), tmp_path / "report.html").read_text()
    for text in (page, report):
        assert not re.search(r"https?://|\bsrc=|<script|<iframe|@import|url\(", text)
        assert "default-src 'none'" in text
    assert feedback_page(result, problem) == page
    assert write_report(RESULTS, PROBLEMS.values(), tmp_path / "again.html").read_text() == report


def test_fragment_with_and_without_its_style() -> None:
    result, problem = of("alice", "problem3")
    assert "<style>" in feedback_fragment(result, problem)
    assert "<style>" not in feedback_fragment(result, problem, style=False)
    assert "prefers-color-scheme" in fragment_style()


# Names and paths


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc", "a\0b", "..\\x"])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name"):
        write_feedback(one_result(student=name), STABILITY, tmp_path)
    with pytest.raises(ValueError, match="cannot be the name"):
        feedback_path(tmp_path, "alice", name)


@pytest.mark.parametrize("name", ["Zoë Müller", "李明", "a.b", "100% #1?", "\udcff", "<b>&'\""])
def test_any_name_of_a_folder_is_a_name_of_a_page(tmp_path: Path, name: str) -> None:
    path = write_feedback(one_result(student=name), STABILITY, tmp_path)
    assert path == tmp_path / name / f"{STABILITY.name}.html"
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert not re.search(r"[^A-Za-z0-9%/._~-]", feedback_link(name, STABILITY.name))


def test_an_interrupted_write_leaves_no_half_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_feedback(one_result(), STABILITY, tmp_path)
    before = path.read_text()

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        write_feedback(one_result(message="something else"), STABILITY, tmp_path)
    assert path.read_text() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


# Words


def test_prose() -> None:
    assert prose("Use `x.max()`, not <b>.") == "<p>Use <code>x.max()</code>, not &lt;b&gt;.</p>"
    shown = prose("In line 2:\n    def f(:\n          ^\nSee there.\n\nThen again.")
    assert shown == "<p>In line 2:</p><pre>    def f(:\n          ^</pre><p>See there.</p><p>Then again.</p>"
    assert prose("") == ""
    assert prose("a lone ` stays") == "<p>a lone ` stays</p>"


def test_plain_removes_what_a_terminal_would_act_upon() -> None:
    assert plain("\x1b[31mred\x1b[0m\r\n\0\x9b1m") == "�[31mred�[0m\n��1m"
    assert plain("tab\tand\nline, ü, 李") == "tab\tand\nline, ü, 李"


def test_numbers() -> None:
    assert [number(value) for value in (20.0, 13.5, 10 / 3, 0.0, 100.0)] == ["20", "13.5", "3.33", "0", "100"]


# The class


def test_counts_of_the_class() -> None:
    summary = summarise(RESULTS, PROBLEMS.values())
    assert len(summary.students) == 30
    assert (summary.graded, summary.missing, len(summary.errors)) == (146, 2, 1)
    assert [problem.assignment for problem in summary.problems] == sorted(PROBLEMS)
    for problem in summary.problems:
        assert sum(problem.histogram()) == len(problem.scores)
        assert all(task.count == len(problem.scores) for task in problem.tasks.values())
        assert all(sum(task.shares.values()) == task.count for task in problem.tasks.values())


def test_mistakes_by_name_with_counts_and_who() -> None:
    task = one_task(
        mistakes=("subtracts_global_max", "ignores_axis"),
        message="It looks as if your code subtracts one maximum, e.g. of all. It looks as if your code "
        "ignores `axis`. What was seen: The result is -inf.",
    )
    alone = one_task(mistakes=("ignores_axis",), message="Something else is said.")
    results = [
        one_result(task),
        one_result(alone, student="bruno"),
        one_result(one_task(outcome="passed", score=6.0, message=""), student="chidi"),
    ]
    first, second = summarise(results, [STABILITY]).mistakes
    assert (first.name, first.students, first.of) == ("ignores_axis", ["alice", "bruno"], 3)
    assert (first.words, second.words) == ("ignores `axis`", "subtracts one maximum, e.g. of all")
    only = summarise([one_result(alone)], [STABILITY]).mistakes[0]
    assert only.words == "ignores axis"


def test_what_hidden_tests_catch_and_examples_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.problems.GRADERS", tmp_path)
    (tmp_path / STABILITY.name).mkdir()
    (tmp_path / STABILITY.name / "past_examples.txt").write_text("# of abc\nwraps\nin_place\n")
    made = {
        "ann": ("wraps",),
        "bob": ("wraps", "in_place"),
        "cy": ("wraps", "crude"),  # the examples catch one of the two
        "dee": (),  # not recognised: not known
    }
    results = [
        one_result(
            one_task(
                mistakes=mistakes, message=" ".join(f"It looks as if your code does {name}." for name in mistakes)
            ),
            student=student,
        )
        for student, mistakes in made.items()
    ]
    results.append(one_result(one_task(outcome="passed", score=6.0), student="eve"))
    (found,) = summarise(results, [STABILITY]).unseen
    assert (found.task, found.students, found.of) == ("log_softmax", ["ann", "bob"], 4)
    assert found.mistakes == {"does wraps": ["ann", "bob"], "does in_place": ["bob"]}
    page = words(write_report(results, [STABILITY], tmp_path / "report.html").read_text())
    assert "2 of 4 who lost points" in page
    told = {result.student: "examples in your folder pass" in feedback_page(result, STABILITY) for result in results}
    assert told == {"ann": True, "bob": True, "cy": False, "dee": False, "eve": False}
    assert summarise(results, [replace(STABILITY, name="without_a_list")]).unseen == []


def test_the_last_result_of_a_submission_counts() -> None:
    early, late = one_result(one_task(score=1.0)), one_result(one_task(score=2.0))
    summary = summarise([early, late], [STABILITY])
    assert summary.problems[0].scores == [2.0]


def test_report_says_infrastructure_errors_first_and_links_what_is_there(tmp_path: Path) -> None:
    for result in RESULTS[:40]:
        write_feedback(result, PROBLEMS[result.assignment], tmp_path / "feedback")
    page = write_report(RESULTS, PROBLEMS.values(), tmp_path / "report.html").read_text()
    headings = re.findall(r"<h2[^>]*>([^<]*)", page)
    assert headings[0] == "Could not be graded"
    assert headings[1:] == [
        "Scores",
        "The most frequent mistakes",
        "Task by task",
        "What hidden tests catch and the examples do not",
        "Behaviours most often missed",
        "Time-outs, refusals and errors",
        "Marks",
    ]
    assert "no pidfd (EMFILE)" in page
    links = set(re.findall(r'href="(feedback/[^"]+)"', page))
    assert len(links) == 40
    text = words(page)
    assert re.search(r"\d of 30 averages over the channels instead of over height and width", text)
    assert "49.83 + ?" in text


def test_report_of_hostile_names_and_of_nothing(tmp_path: Path) -> None:
    task = one_task(mistakes=(HOSTILE,), tests=[{"name": HOSTILE, "outcome": "failed"}], message=HOSTILE)
    results = [
        one_result(task, student=HOSTILE, assignment="<img src=x onerror=alert(1)>"),
        one_result(one_task(outcome="timeout", message=HOSTILE), student=HOSTILE + "2"),
        one_result(student=HOSTILE + "3", status="infrastructure_error", message=HOSTILE),
    ]
    page = write_report(results, [], tmp_path / "report.html").read_text()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "No known mistake" in write_report([], [], tmp_path / "empty.html").read_text()


# Tables


def rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_grades_csv(tmp_path: Path) -> None:
    head, *body = rows(write_grades(RESULTS, tmp_path / "grades.csv"))
    assert head[:5] == ["student", "assignment", "status", "score", "max_score"]
    assert len(body) == len(RESULTS)
    table = {(row[0], row[1]): row for row in body}
    assert table["ivo", STABILITY.name][2:5] == ["infrastructure_error", "", "20"]
    assert table["omar", "problem2_einsum"][2:5] == ["missing", "0", "20"]
    assert table["'=1+1", STABILITY.name][2] == "graded"
    for result in RESULTS:
        if result.status == "graded" and not result.student.startswith("="):
            assert float(table[result.key][3]) == pytest.approx(cast(float, result.score))


def test_grades_for_canvas(tmp_path: Path) -> None:
    head, points, *body = rows(write_grades_for("canvas", RESULTS, tmp_path / "c.csv"))
    # What Canvas's importer asks of the header: these columns, in this order, before the assignments.
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *sorted(PROBLEMS)]
    assert "Points Possible" in points[0]
    assert points[5:] == ["20"] * 5
    table = {row[3]: row for row in body}
    assert len(table) == 30
    assert table["ivo"][7] == ""  # an empty cell leaves the grade there as it is
    assert "=1+1" in table


def test_grades_for_moodle(tmp_path: Path) -> None:
    head, *body = rows(write_grades_for("moodle", RESULTS, tmp_path / "m.csv"))
    assert head == ["username", *sorted(PROBLEMS)]
    assert {row[0] for row in body} == set(sample_results.STUDENTS)


def test_grades_for_nbgrader_has_the_columns_of_its_own_export(tmp_path: Path) -> None:
    head, *body = rows(write_grades_for("nbgrader", RESULTS, tmp_path / "n.csv"))
    nbgrader = importlib.util.find_spec("nbgrader")
    assert nbgrader is not None
    source = Path(cast(str, nbgrader.origin)).parent / "plugins" / "export.py"
    keys = re.search(r"keys = \[(.*?)\]", source.read_text(), re.DOTALL)
    assert keys is not None
    assert head == re.findall(r'"(\w+)"', keys[1])
    assert len(body) == len(RESULTS) - 1


# Plots


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
@pytest.mark.parametrize(
    "values",
    [
        (),
        (1.0,),
        (0.0, 0.0),
        (-1.0, 2.0, None),
        (1e-300, 1e300),
        (-1.7e308, 1.7e308),
        (5e-324, 1e-310),
        (float("inf"), float("nan"), 1.0),
        (1e-12, 1e-12),
        (1.0, 1.0 + 1e-15),
        tuple(float(n) for n in range(5000)),
    ],
    ids=lambda values: f"{len(values)} from {values[0] if values else 'nothing'}",
)
def test_any_plot_can_be_drawn(values: tuple[float | None, ...], scale: str) -> None:
    lines = tuple(PlotLine(f"line {n}", tuple(float(i) for i in range(len(values))), values) for n in range(30))
    plot = PlotData(
        lines=lines, x_scale="linear", y_scale=scale, x_label="x", y_label="y", title="", legend=("line 1",)
    )
    picture = student_plot(plot)
    assert not re.search(r'[ "](nan|inf|-inf)', picture)
    assert len(picture) < 100_000


def test_a_plot_shows_lines_ticks_and_words() -> None:
    import random

    plot = sample_results.sample_plot(random.Random(1), log=True)
    picture = student_plot(plot)
    assert "3 lines (xavier, he and random); y axis log, labelled “variance of the activations”" in picture
    assert "10⁻¹²" in picture
    gaps = re.findall(r'<path class="ag-line" d="([^"]*)"', picture)
    assert [path.count("M") for path in gaps] == [1, 1, 2]


# The terminal


def printed(show: Any, *, terminal: bool = False) -> str:
    out = io.StringIO()
    show(Console(file=out, force_terminal=terminal, width=100, color_system="standard" if terminal else None))
    return out.getvalue()


def test_progress_without_a_terminal_is_plain_lines() -> None:
    now = [0.0]

    def show(console: Console) -> None:
        expected = Counter(result.assignment for result in RESULTS)
        with GradingProgress(expected, console, clock=lambda: now[0]) as progress:
            for result in RESULTS:
                now[0] += 1.0
                progress.add(result)

    lines = printed(show).splitlines()
    assert lines[0] == "16 of 149 graded, about 2 minutes left"
    assert sum(": " in line and "graded, mean" in line for line in lines) == 5
    assert sum(line.startswith("could not grade ivo") for line in lines) == 1
    assert not any("\x1b" in line for line in lines)


def test_progress_on_a_terminal_has_a_bar_with_the_time_left() -> None:
    def show(console: Console) -> None:
        with GradingProgress({STABILITY.name: 2}, console) as progress:
            progress.add(one_result(one_task()))

    assert "1/2" in printed(show, terminal=True)
    assert "ETA" in printed(show, terminal=True)


def test_summary_table() -> None:
    text = printed(lambda console: print_summary(RESULTS, PROBLEMS.values(), console))
    assert re.search(r"^ivo +10.33 +16 +ERROR +7.5 +16 +49.83 \+ \?", text, re.MULTILINE)
    assert re.search(r"^omar +20 +missing", text, re.MULTILINE)
    assert re.search(r"^problem3_numerical_stability +29 +– +1 ", text, re.MULTILINE)
    assert re.search(r"\d of 30  spatial_mean: averages over the channels", text)
    assert "\x1b" not in text


def test_terminal_does_not_obey_students() -> None:
    name = "[bold]x[/bold]\x1b[2J"
    result = one_result(one_task(message=name, hint=name), student=name, message="")
    for terminal in (False, True):
        text = printed(lambda console: print_feedback(result, STABILITY, console), terminal=terminal)
        assert "[bold]x[/bold]" in text
        assert "\x1b[2J" not in text
    assert "[bold]x[/bold]" in printed(lambda console: print_summary([result], [STABILITY], console))


def test_show_says_what_the_page_says() -> None:
    text = printed(lambda console: print_feedback(*of("alice", "problem3"), console))
    for line in ("Numerical stability  alice", "14.97 / 20", "✗ masked (-inf) entries", "Hint: exp(1000)"):
        assert line in text


def test_show_helps_who_mistypes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "results.jsonl").write_bytes(to_json(one_result(one_task())) + b"\n")
    place = ["--output", str(tmp_path)]
    assert autograder(["show", "alice", STABILITY.name, *place]) == 0
    assert "log_softmax" in capsys.readouterr().out
    assert autograder(["show", "alise", *place]) == 2
    assert capsys.readouterr().err.endswith("has no result of 'alise'. Did you mean 'alice'?\n")
    assert autograder(["show", "alice", "problem2_einsum", *place]) == 2
    assert capsys.readouterr().err.endswith(f"for 'problem2_einsum', but for {STABILITY.name}.\n")


# Gradescope, by its documentation


class _DocumentedTest(msgspec.Struct, forbid_unknown_fields=True):
    """A test case of results.json, in every documented field."""

    score: float
    max_score: float
    name: str
    number: str
    output: str
    visibility: Literal["hidden", "after_due_date", "after_published", "visible"]
    extra_data: dict[str, Any]
    status: Literal["passed", "failed"] | None = None
    name_format: str = "text"
    output_format: str = "text"
    tags: list[str] = []


class _DocumentedResults(msgspec.Struct, forbid_unknown_fields=True):
    """results.json, in every documented field."""

    score: float
    execution_time: int
    output: str
    visibility: Literal["hidden", "after_due_date", "after_published", "visible"]
    stdout_visibility: Literal["hidden", "after_due_date", "after_published", "visible"]
    tests: list[_DocumentedTest]
    extra_data: dict[str, Any] = {}
    output_format: Literal["text", "html", "simple_format", "md", "ansi"] = "simple_format"
    test_output_format: Literal["text", "html", "simple_format", "md", "ansi"] = "text"
    test_name_format: Literal["text", "html", "simple_format", "md", "ansi"] = "text"
    leaderboard: list[dict[str, Any]] = []


def test_gradescope_results_follow_the_documented_schema() -> None:
    for result in RESULTS:
        if result.status == "infrastructure_error":
            with pytest.raises(ValueError, match="could not be graded"):
                gradescope_results(result, PROBLEMS[result.assignment])
            continue
        written = json.dumps(gradescope_results(result, PROBLEMS[result.assignment], "after_published"))
        read = msgspec.json.decode(written, type=_DocumentedResults)
        assert read.score == result.score
        assert sum(test.score for test in read.tests) == pytest.approx(read.score, abs=0.02)
        assert sum(test.max_score for test in read.tests) == result.max_score
        assert read.visibility == "after_published"
        assert read.stdout_visibility == "hidden"


def test_gradescope_students_and_modules(tmp_path: Path) -> None:
    metadata = tmp_path / "submission_metadata.json"
    assert student_of(metadata) == "student"
    metadata.write_text(json.dumps({"users": [{"id": 7, "email": "b@example.com"}, {"id": 3, "email": "a/@x"}]}))
    assert student_of(metadata) == "a_@x"
    metadata.write_text('{"users": [{"id": 7}]}')
    assert student_of(metadata) == "7"
    metadata.write_text('{"users": []}')
    assert student_of(metadata) == "student"
    for folder in ("__MACOSX", "deep/deeper", "deep"):
        (tmp_path / "submission" / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "submission" / folder / "module.py").touch()
    assert find_module(tmp_path / "submission", "module.py") == tmp_path / "submission/deep/module.py"
    assert find_module(tmp_path / "submission", "other.py") is None


def test_gradescope_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["only one"]) == 2
    assert "VISIBILITY" in capsys.readouterr().err


@pytest.mark.parametrize("visibility", ["visible", "after_due_date", "after_published", "hidden"])
def test_gradescope_visibility_reaches_what_students_see(tmp_path: Path, visibility: str) -> None:
    target = tmp_path / "archive.zip"
    command = ["export", "gradescope", STABILITY.name, "--visibility", visibility, "--to", str(target)]
    assert autograder(command) == 0
    with zipfile.ZipFile(target) as content:
        assert f" {STABILITY.name} {visibility} " in content.read("run_autograder").decode()
    shown = gradescope_results(of("alice", "problem3")[0], STABILITY, cast(Visibility, visibility))
    assert {shown["visibility"], *(test["visibility"] for test in shown["tests"])} == {visibility}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_SEED", "20260101")
        folder = tmp_path_factory.mktemp("gradescope")
        problem = load_problem("problem3_numerical_stability")
        first = write_gradescope_archive(problem, folder / "one.zip")
        second = write_gradescope_archive(problem, folder / "two.zip")
    assert first.read_bytes() == second.read_bytes()
    return first


def test_gradescope_archive_has_what_is_needed_and_no_other_problem(archive: Path) -> None:
    with zipfile.ZipFile(archive) as content:
        names = content.namelist()
        scripts = {name: content.getinfo(name).external_attr >> 16 for name in ("setup.sh", "run_autograder")}
        run = content.read("run_autograder").decode()
        requirements = content.read("requirements.txt").decode()
        assert content.read("course/seed") == b"20260101"
    assert scripts == {"setup.sh": 0o100755, "run_autograder": 0o100755}
    assert run.startswith("#!")
    assert len(names) == len(set(names))
    assert "solutions/problem3_numerical_stability/problem.toml" in names
    assert "autograder/reports/templates/gradescope_run.sh.j2" in names
    others = [name for name in problem_names() if name != "problem3_numerical_stability"]
    assert not [name for name in names if any(other in name for other in others)]
    assert not [name for name in names if "/tests/" in name or "__pycache__" in name]
    assert "numpy" in requirements
    assert "nbgrader" not in requirements


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_gradescope_scripts_are_shell(archive: Path, script: str) -> None:
    with zipfile.ZipFile(archive) as content:
        text = content.read(script)
    assert subprocess.run(["bash", "-n"], input=text, check=False).returncode == 0


def test_gradescope_archive_grades_in_a_bare_directory(archive: Path, tmp_path: Path) -> None:
    """Laid out as the documentation says; only the virtual environment is not of setup.sh's making."""
    base = tmp_path / "autograder"
    for name in ("source", "submission", "results", "venv/bin"):
        (base / name).mkdir(parents=True)
    with zipfile.ZipFile(archive) as content:
        content.extractall(base / "source")
    (base / "run_autograder").write_bytes((base / "source" / "run_autograder").read_bytes())
    python = base / "venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    users = [{"email": "student@example.com", "id": 1234, "name": "Student User"}]
    (base / "submission_metadata.json").write_text(json.dumps({"id": 1, "users": users}))
    reference = ROOT / "solutions/problem3_numerical_stability/numerical_stability.py"
    (base / "submission" / "numerical_stability.py").write_bytes(reference.read_bytes())

    done = subprocess.run(
        ["bash", str(base / "run_autograder")],
        cwd=base,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    read = msgspec.json.decode((base / "results/results.json").read_bytes(), type=_DocumentedResults)
    assert read.score == 20.0
    assert {test.status for test in read.tests} == {"passed"}
