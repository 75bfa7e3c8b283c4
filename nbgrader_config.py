"""nbgrader's configuration: run nbgrader and JupyterLab from this folder, and it is the course."""

from pathlib import Path

from autograder.nbgrader.config import configure

c = get_config()  # type: ignore[name-defined]  # noqa: F821  nbgrader defines it

configure(c, Path(__file__).resolve().parent)

# What lateness costs, where an assignment has a due date (set it in formgrader): a share of the score for
# each day begun, at most `at_most`, after some minutes' grace. per_day = 0 turns it off.
c.LatePenalty.per_day = 0.1
c.LatePenalty.at_most = 0.5
c.LatePenalty.grace_minutes = 15

# The verdicts, shared with `autograder grade --output results`, and how many processes compute them.
c.AutogradeByEngine.results = "results"
c.AutogradeByEngine.jobs = 1

# Whether worksheets are also run, in the sandbox, for people to look at in formgrader and feedback (marks never
# depend on it), and after how many seconds one is ended.
c.AutogradeByEngine.execute_worksheets = False
c.AutogradeByEngine.worksheet_seconds = 60
