"""Ours and a plain pytest process on the same submissions: do they judge every behaviour alike?"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

from autograder.benchmarks.tables import Table
from autograder.build.stubs import make_stub
from autograder.grading.engine import ProblemGrader
from autograder.grading.graders import Graders
from autograder.grading.variants import variant_of
from autograder.problems import Problem
from autograder.sandbox.spawn import Sandbox
from autograder.submissions import Submission

_SECONDS = 600
_STUDENT = next(name for name in map(str, range(100)) if variant_of(name) == 0)  # the inputs that the plugin draws


def measure(graders: list[Graders], mistakes: int | None = None) -> Table:
    """References, stubs and mistakes (all, or so many of each problem): every behaviour judged twice."""
    rows: list[tuple[str, int, int, int]] = []
    differences: list[str] = []
    sandbox = Sandbox()
    for each in graders:
        grader = ProblemGrader(each, "", sandbox.open_worker)
        submissions = behaviours = 0
        for name, text in _submissions(each, mistakes):
            ours = _ours(grader, each, text)
            theirs = by_pytest(each.problem, text)
            submissions, behaviours = submissions + 1, behaviours + len(ours)
            differences += [
                f"{each.problem.name}, {name}, {test}: ours {_word(ours[test])}, pytest {_word(theirs.get(test))}"
                for test in ours
                if ours[test] is not theirs.get(test)
            ]
        different = sum(line.startswith(f"{each.problem.name},") for line in differences)
        rows.append((each.problem.name, submissions, behaviours, different))
    sandbox.close()
    return Table(
        "Verdicts of ours and of a pytest process for each submission (same hidden tests, same inputs)",
        ("problem", "submissions", "behaviours judged", "judged differently"),
        rows,
        tuple(differences),
    )


def by_pytest(problem: Problem, text: str) -> dict[str, bool]:
    """Run the hidden graders in a pytest process of its own: by file and function, whether all its cases passed."""
    with tempfile.TemporaryDirectory() as folder:
        module, report = Path(folder, problem.module_file), Path(folder, "report.xml")
        module.write_text(text)
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", "--tb=no"]
        command += ["-p", "autograder.benchmarks.plugin", "--problem", problem.name, "--module", str(module)]
        try:
            subprocess.run(
                [*command, f"--junit-xml={report}", str(problem.graders)],
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            return {}
        verdicts: dict[str, bool] = {}
        for case in ET.parse(report).iter("testcase"):
            test = f"{case.attrib['classname'].rpartition('.')[2]}.{case.attrib['name'].partition('[')[0]}"
            verdicts[test] = verdicts.get(test, True) and len(case) == 0
    return verdicts


def _ours(grader: ProblemGrader, graders: Graders, text: str) -> dict[str, bool]:
    result = grader.grade(Submission(_STUDENT, graders.problem.name, "", text))
    if result.status != "graded":
        raise SystemExit(f"{graders.problem.name} could not be graded: {result.message}")
    functions = {
        (task, behaviour.name): f"{behaviour.function.__module__.rpartition('.')[2]}.{behaviour.function.__name__}"
        for task, behaviours in graders.behaviours.items()
        for behaviour in behaviours
    }
    return {functions[task.name, test.name]: test.outcome == "passed" for task in result.tasks for test in task.tests}


def _submissions(graders: Graders, mistakes: int | None) -> Iterator[tuple[str, str]]:
    problem, reference = graders.problem, graders.problem.reference()
    yield "the reference", reference
    yield "the stub", make_stub(reference, problem.module_file)
    known = [mistake for each in graders.mistakes.values() for mistake in each]
    chosen = known if mistakes is None else known[:: max(1, len(known) // mistakes)][:mistakes]
    for mistake in chosen:
        yield f"{mistake.task} {mistake.name}", graders.wrong_submission(mistake)


def _word(passed: bool | None) -> str:
    return {True: "passed", False: "failed", None: "did not finish"}[passed]
