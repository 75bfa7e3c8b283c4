"""The corpus: one module a file, which says in its docstring what it attacks and what it may earn."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from autograder.problems import ROOT
from autograder.submissions import Submission, read_submission

CORPUS = Path(__file__).parent / "corpus"
PROBLEM = "problem3_numerical_stability"

# Found in a result, these words were stolen: from a file of another student, from this process's memory and
# environment, from the reference, the graders, the system's files, or a listing of a folder that holds
# them.
STOLEN = "the-secret-of-another-student"
LEAKS = (STOLEN, "_as_floating", "stability_inputs", "root:x:0:0", "### BEGIN SOLUTION", "AUTOGRADER_")


@dataclass(frozen=True)
class Attack:
    """One file of the corpus.

    `task` is attacked; the whole module may earn `earns` points, for what is honest in it. `outcome` is the
    task's, where it matters. `naive`: it succeeds where no process stands between it and the tests.
    `everywhere`: it is tried in every mode of the sandbox.
    """

    name: str
    words: str
    problem: str
    task: str
    earns: float
    outcome: str
    naive: bool
    everywhere: bool
    template: str

    def text(self, secret: Path) -> str:
        """The module, knowing what an attacker could find out about the machine that grades."""
        return (
            self.template.replace("@ROOT@", str(ROOT))
            .replace("@SECRET@", str(secret))
            .replace("@PARENT@", str(os.getpid()))
        )

    def submission(self, folder: Path, student: str = "mallory") -> Submission:
        """The module as it is handed in; `folder` holds what the student should not read."""
        from autograder.problems import load_problem

        problem = load_problem(self.problem)
        place = folder / student / self.problem
        place.mkdir(parents=True, exist_ok=True)
        (place / problem.module_file).write_bytes(self.text(folder / "secret.txt").encode())
        return read_submission(student, problem, place)


def corpus() -> list[Attack]:
    """Every attack, by name."""
    return [_attack(path) for path in sorted(CORPUS.glob("*.py"))]


def _attack(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    docstring = text.split('"""')[1]
    said = dict(re.findall(r"^(\w+): (.+)$", docstring, flags=re.MULTILINE))
    return Attack(
        name=path.stem,
        words=docstring.strip().splitlines()[0],
        problem=said.get("problem", PROBLEM),
        task=said["task"],
        earns=float(said.get("earns", 0)),
        outcome=said.get("outcome", ""),
        naive=said.get("unprotected") == "succeeds",
        everywhere="everywhere" in said,
        template=text,
    )
