"""The term in nbgrader's commands: generate, autograde, feedback; what each does when it is run again."""

import re

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
    assert "http" not in re.sub(r"https?://www\.w3\.org/\S+", "", page)
    assert "check(" not in page
