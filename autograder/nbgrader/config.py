"""The configuration that makes a checkout a working nbgrader course; `nbgrader_config.py` calls it."""

import os
import sys
from pathlib import Path

from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    GetGrades,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)
from traitlets.config import Config

from autograder.build.student_folder import write_source
from autograder.build.worksheets import ANSWER
from autograder.nbgrader.collect import Collect
from autograder.nbgrader.converters import install
from autograder.nbgrader.late import LatePenalty
from autograder.problems import ProblemError, load_problem, problem_names


def configure(c: Config, root: Path) -> None:
    """Set everything that the assignments need; what an instructor may want to change comes after the call.

    The course's name, exchange and gradebook come from AUTOGRADER_COURSE, AUTOGRADER_EXCHANGE and
    AUTOGRADER_DB.
    """
    course = root / "course"
    os.makedirs(course, exist_ok=True)
    exchange = os.environ.get("AUTOGRADER_EXCHANGE")
    if not exchange:
        exchange = str(course / "exchange")
        os.makedirs(exchange, exist_ok=True)

    c.CourseDirectory.root = str(root)
    c.CourseDirectory.course_id = os.environ.get("AUTOGRADER_COURSE", "linear-algebra")
    c.CourseDirectory.db_url = os.environ.get("AUTOGRADER_DB", f"sqlite:///{course / 'gradebook.db'}")
    c.CourseDirectory.release_directory = "assignments"
    for step in ("source", "submitted", "autograded", "feedback"):
        setattr(c.CourseDirectory, f"{step}_directory", f"course/{step}")
    c.CourseDirectory.max_file_size = 10_000  # kB; larger files of a submission are left behind at collect
    c.Exchange.root = exchange

    # A step that is run again is done again: nbgrader skips without a word what it has done before. Marks
    # and comments given by hand are kept, and verdicts are not computed twice.
    for step in ("GenerateAssignment", "Autograde", "GenerateFeedback"):
        c[step].force = True

    c.ClearSolutions.text_stub = ANSWER
    c.ExchangeFactory.collect = Collect

    # Classes of ours are named, not imported: most commands never need them, nor what they import.
    # The student's module must not be overwritten with the stub that it began as.
    c.Autograde.exclude_overwriting = {}
    c.Autograde.exporter_class = "autograder.nbgrader.worksheets.WorksheetExporter"
    c.Autograde.sanitize_preprocessors = [
        "autograder.nbgrader.worksheets.RestoreWorksheet",
        ClearOutput,
        DeduplicateIds,
        OverwriteKernelspec,
        OverwriteCells,
        CheckCellMetadata,
    ]
    c.Autograde.autograde_preprocessors = [
        "autograder.nbgrader.score.WriteScores",
        "autograder.nbgrader.run_worksheets.RunWorksheet",
        LimitOutput,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    c.AssignLatePenalties.plugin_class = LatePenalty

    c.GenerateFeedback.exporter_class = "autograder.nbgrader.feedback.FeedbackExporter"
    c.GenerateFeedback.preprocessors = [GetGrades]

    # nbgrader makes a gradebook by calling `alembic`, which is found beside it also when no venv is
    # activated.
    tools = os.path.dirname(sys.executable)
    if tools not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] += os.pathsep + tools

    install()
    for name in problem_names():
        try:
            problem = load_problem(name)
            c.Autograde.exclude_overwriting[name] = [problem.module_file]
            source = course / "source" / name
            if not source.exists():  # formgrader lists what it finds there
                write_source(problem, source)
        except ProblemError as error:
            print(f"autograder: {error}", file=sys.stderr)
