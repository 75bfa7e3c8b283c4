"""Two of nbgrader's converters with what cannot be configured: seams that it does not have.

`install` puts them in the place of nbgrader's own for its commands and for formgrader, which both look the
classes up by name in their modules.
"""

import fnmatch
import glob
import os
import re
from pathlib import Path

import nbgrader.apps.api
import nbgrader.apps.autogradeapp
import nbgrader.apps.generateassignmentapp
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.converters.base import NbGraderException
from traitlets import Bool, Float, Integer, Unicode

from autograder.build.student_folder import NOTEBOOK, write_source
from autograder.nbgrader.links import Refused, refuse_links
from autograder.problems import ProblemError, load_problem, problem_names


def install() -> None:
    """Let nbgrader's commands and formgrader use the classes below."""
    nbgrader.apps.generateassignmentapp.GenerateAssignment = MakeAssignment
    nbgrader.apps.autogradeapp.Autograde = AutogradeByEngine
    nbgrader.apps.api.GenerateAssignment = MakeAssignment
    nbgrader.apps.api.Autograde = AutogradeByEngine


class MakeAssignment(GenerateAssignment):  # type: ignore[misc]
    """generate_assignment, from `solutions/`: nbgrader's source folder is written afresh each time."""

    def init_notebooks(self) -> None:
        """Write the sources that the command is about to read."""
        for name in problem_names():
            if fnmatch.fnmatchcase(name, self.coursedir.assignment_id):
                try:
                    write_source(load_problem(name), Path(self._format_source(name, ".")))
                except ProblemError as error:
                    self.log.error("%s", error)
                    raise NbGraderException(str(error)) from error
        super().init_notebooks()


class AutogradeByEngine(Autograde):  # type: ignore[misc]
    """autograde, with verdicts of the engine, for submissions in whatever state they are."""

    results = Unicode("results", help="Folder of results.jsonl, as `autograder grade --output`.").tag(config=True)
    jobs = Integer(1, help="Grading processes, as `autograder grade --jobs`.").tag(config=True)
    execute_worksheets = Bool(
        False, help="Also run the worksheets, in the sandbox, so that people can look at what their cells show."
    ).tag(config=True)
    worksheet_seconds = Float(60.0, help="After this time a worksheet is ended, and shows what it has.").tag(
        config=True
    )

    def start(self) -> None:
        """Grade; at the end name what was refused."""
        # Here: other commands do not need what these bring.
        from autograder.nbgrader.run_worksheets import Runner
        from autograder.nbgrader.verdicts import Verdicts

        root = Path(self.coursedir.root)
        submitted = Path(self.coursedir.format_path(self.coursedir.submitted_directory, "", "")).resolve()
        self.verdicts = Verdicts(submitted, root / self.results, self.jobs)
        self.refused: list[str] = []
        self.runner = Runner(submitted, self.worksheet_seconds) if self.execute_worksheets else None
        try:
            super().start()
        finally:
            if self.runner:
                self.runner.close()
        if self.refused:
            raise NbGraderException("Not graded: " + "; ".join(self.refused))

    def init_notebooks(self) -> None:
        """Every submission counts, also one without a worksheet; all of them are graded at once, here."""
        self._ensure_recorded()
        found = glob.glob(self._format_source(self.coursedir.assignment_id, self.coursedir.student_id))
        self.assignments = {}
        for folder in sorted(found):
            pattern = os.path.join(glob.escape(folder), f"{self.coursedir.notebook_id}.ipynb")
            worksheet = os.path.join(folder, NOTEBOOK)
            if self._plain(folder):
                self.assignments[folder] = sorted({worksheet, *glob.glob(pattern)})
        if not found:
            super().init_notebooks()  # says what was looked for, and raises
        by_assignment: dict[str, list[str]] = {}
        for folder in self.assignments:
            student, assignment = self._whose(folder)
            by_assignment.setdefault(assignment, []).append(student)
        for assignment, students in by_assignment.items():
            try:
                self.verdicts.prepare(assignment, students)
            except NbGraderException as error:
                self.log.error("Nobody was graded: %s", error)
                raise

    def _plain(self, folder: str) -> bool:
        """Whether a submission is plain files; one that is not is named and left alone, the rest goes on."""
        try:
            if os.path.islink(os.path.dirname(folder)):
                raise Refused("the student's folder is a symbolic link")
            refuse_links(Path(folder))
        except (Refused, OSError) as error:
            student, assignment = self._whose(folder)
            self.log.error("Not graded: %s, %s: %s.", student, assignment, error)
            self.refused.append(f"{student}, {assignment}: {error}")
            return False
        return True

    def _whose(self, folder: str) -> tuple[str, str]:
        pattern = self._format_source("(?P<assignment>.*)", "(?P<student>.*)", escape=True)
        match = re.fullmatch(pattern, folder)
        assert match is not None, folder
        return match["student"], match["assignment"]

    def _ensure_recorded(self) -> None:
        """The gradebook must know the assignment: a fresh clone has the release, but a new gradebook."""
        name = self.coursedir.assignment_id
        if name not in problem_names():
            return
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            try:
                if gradebook.find_assignment(name).notebooks:
                    return
            except MissingEntry:
                pass
        self.log.info("%s is not in the gradebook yet: generating it.", name)
        MakeAssignment(coursedir=self.coursedir, parent=self.parent, force=True).start()
