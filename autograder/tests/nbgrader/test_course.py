"""The term in nbgrader's commands: generate, autograde, feedback; what each does when it is run again."""

import re
from datetime import datetime

from nbgrader.api import Gradebook

from autograder.tests.nbgrader.conftest import Course

FULL = "# double=15\n# Scale.apply=5\n"
PART = "# double=7.5\n# Scale.apply=0\n"


def test_scores_and_feedback(course: Course) -> None:
    course.hand_in("ada", FULL)
    course.hand_in("bob", PART)
    told = course.autograde()
    assert "Traceback" not in told
    assert course.scores("ada") == {"double": 15.0, "Scale-apply": 5.0, "answer-why": 0.0}
    assert course.scores("bob") == {"double": 7.5, "Scale-apply": 0.0, "answer-why": 0.0}
    course.nbgrader("generate_feedback", course.assignment)
    page = course.feedback("bob")
    assert "observed for double" in page
    assert re.search(r"<b>7\.5</b> / 20", page)
    assert "://" not in page.replace("http://www.w3.org/2000/svg", "")  # nothing is loaded from anywhere
    assert "check(" not in page
    with course.gradebook() as book:
        assert book.find_submission(course.assignment, "bob").score == 7.5


def test_solution_never_leaves(course: Course) -> None:
    """The reference is in solutions/ alone: not in the source that nbgrader copies, nor anywhere after it."""
    course.hand_in("ada", FULL)
    course.nbgrader("release_assignment", course.assignment)
    course.autograde()
    course.nbgrader("generate_feedback", course.assignment)
    searched = 0
    for folder in ("assignments", "course"):
        for path in (course.root / folder).rglob("*"):
            if path.is_file():
                searched += 1
                assert b"_secret_helper" not in path.read_bytes(), path
    assert searched > 20


def test_again(course: Course) -> None:
    """A new module counts, verdicts are reused, marks and comments given by hand stay."""
    course.hand_in("ada", PART)
    course.hand_in("bob", PART, answered(course, "Because."))
    course.autograde()
    with course.gradebook() as book:
        grade = book.find_grade("answer-why", "worksheet", course.assignment, "bob")
        assert grade.needs_manual_grade
        assert grade.auto_score is None
        grade.manual_score, grade.extra_credit = 0.0, 1.5  # nbgrader counts extra credit beside a score only
        grade.needs_manual_grade = False
        comment = book.find_comment("answer-why", "worksheet", course.assignment, "bob")
        comment.manual_comment = "Well *said*."
        by_hand = book.find_grade("Scale-apply", "worksheet", course.assignment, "bob")
        by_hand.manual_score = 2.0
        book.db.commit()
    course.hand_in("ada", FULL)
    course.autograde()
    course.autograde()
    assert (course.scores("ada") or {})["double"] == 15.0
    lines = (course.root / "results" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3  # ada twice, bob once
    with course.gradebook() as book:
        assert book.find_submission(course.assignment, "bob").score == 7.5 + 2.0 + 1.5
    course.nbgrader("generate_feedback", course.assignment)
    page = course.feedback("bob")
    assert "Well <em>said</em>." in page
    assert "Because." in page
    assert "A person has looked at this task and given 2 of 5 points" in page
    assert "Because." not in course.feedback("ada")


def test_an_older_module_again(course: Course) -> None:
    """Who hands in what was graded before gets the marks of that."""
    for module, points in ((PART, 7.5), (FULL, 15.0), (PART, 7.5)):
        course.hand_in("ada", module)
        course.autograde()
        assert (course.scores("ada") or {})["double"] == points


def test_our_error_is_never_a_zero(course: Course) -> None:
    """What could not be graded keeps its old marks, is named, and the rest of the class is graded."""
    course.hand_in("ada", PART)
    course.autograde()
    course.hand_in("ada", "# broken\n# double=15\n")
    course.hand_in("bob", FULL)
    told = course.autograde(code=1)
    assert "ada, problem9_doubling could not be graded: the engine is broken" in told
    assert (course.scores("ada") or {})["double"] == 7.5
    assert (course.scores("bob") or {})["double"] == 15.0


def test_a_new_gradebook(course: Course) -> None:
    """In a fresh clone the release is there and the gradebook is not: autograde makes it."""
    (course.root / "course" / "gradebook.db").unlink()
    course.hand_in("ada", FULL)
    course.autograde()
    assert (course.scores("ada") or {})["double"] == 15.0


def test_late(course: Course) -> None:
    """Ten per cent a day begun, at most half, after a quarter of an hour; the score itself stays as it is."""
    with course.gradebook() as book:
        book.update_or_create_assignment(course.assignment, duedate=datetime(2026, 3, 2, 12))
        book.db.commit()
    for student, time in {
        "early": "2026-03-01 12:00:00 UTC",
        "grace": "2026-03-02 12:14:00 UTC",
        "day": "2026-03-02 13:00:00 UTC",
        "days": "2026-03-04 18:00:00 UTC",
        "weeks": "2026-05-01 12:00:00 UTC",
    }.items():
        folder = course.hand_in(student, FULL)
        (folder / "timestamp.txt").write_text(time, encoding="utf-8")
    course.autograde()

    def penalty(book: Gradebook, student: str) -> float:
        (notebook,) = book.find_submission(course.assignment, student).notebooks
        assert notebook.score == 20.0
        return float(notebook.late_submission_penalty or 0)

    with course.gradebook() as book:
        assert [penalty(book, student) for student in ("early", "grace", "day", "days", "weeks")] == [
            0,
            0,
            2.0,
            6.0,
            10.0,
        ]
    course.nbgrader("generate_feedback", course.assignment)
    assert "Handed in late" in course.feedback("days")
    assert "<b>14</b> / 20" in course.feedback("days")


def test_export(course: Course) -> None:
    course.hand_in("ada", PART)
    course.autograde()
    course.nbgrader("export")
    assert "7.5" in (course.root / "grades.csv").read_text(encoding="utf-8")


def answered(course: Course, text: str) -> dict[str, object]:
    """The released worksheet with an answer in it."""
    notebook = course.released()
    for cell in notebook["cells"]:
        if cell["id"] == "answer-why":
            cell["source"] = text
    return notebook
