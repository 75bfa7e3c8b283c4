"""The proof of one problem: a list of sentences, each a thing to mend; empty when all holds."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from autograder.build import fresh, leaks
from autograder.build.stubs import make_stub
from autograder.grading.declare import Mistake
from autograder.grading.engine import ProblemGrader
from autograder.grading.graders import Graders, collect
from autograder.grading.results import Result
from autograder.grading.variants import VARIANTS, variant_of
from autograder.problems import Problem
from autograder.proving.examples import stale
from autograder.proving.mutants import equivalent, mutants
from autograder.proving.trivial import trivial_answers
from autograder.sandbox.limits import Limits
from autograder.sandbox.spawn import Sandbox
from autograder.submissions import Submission

FEWEST_MISTAKES = 10
SECONDS_PER_CALL = 5.0


@dataclass
class Counts:
    """What a proof has looked at, for its closing line."""

    graded: int = 0
    mistakes: int = 0
    mutants: int = 0
    right_answers: int = 0


class Proof:
    """Proves a problem in the same sandbox as a class is graded in."""

    def __init__(self, problem: Problem, sandbox: Sandbox, seed: int) -> None:
        # Code of ours that is wrong on purpose may loop: no need to wait for it as long as for a student's.
        self.problem = replace(problem, limits=Limits(seconds_per_call=SECONDS_PER_CALL))
        self.graders: Graders = collect(self.problem, seed)
        self.counts = Counts()
        self._sandbox = sandbox
        self._grader = ProblemGrader(self.graders, "check", sandbox.open_worker)

    def findings(self) -> Iterator[str]:
        """Everything that is not as it should be."""
        yield from self._names()
        yield from fresh(self.problem)
        yield from leaks(self.problem)
        yield from stale(self.problem)
        reference = self.problem.reference()
        for variant in range(VARIANTS):
            result = self.grade(reference, variant)
            if result.status == "infrastructure_error":
                yield f"The reference cannot be graded: {result.message}"
                return  # nothing else can be proven
            if result.notes:
                yield f"The reference: {result.notes[0]}"
        yield from self._stub()
        for task in self.problem.tasks:
            known = self.graders.mistakes[task.name]
            if len(known) < FEWEST_MISTAKES:
                yield f"{task.name}: mistakes.py knows {len(known)} mistakes of it; write at least {FEWEST_MISTAKES}."
            for number, mistake in enumerate(known):
                yield from self._mistake(mistake, number % VARIANTS)

    def mutants(self, step: int = 1) -> Iterator[str]:
        """Each mutant (or every `step`-th) with full marks that is not listed as equivalent, and the reverse."""
        listed = equivalent(self.problem)
        for number, mutant in enumerate(mutants(self.problem.reference())):
            if number % step:
                continue
            self.counts.mutants += 1
            result = self.grade(mutant.text, number % VARIANTS)
            lost = any(task.outcome != "passed" for task in result.tasks)
            if not lost and mutant.name not in listed:
                yield f"The mutant {mutant.name!r} gets full marks: add a case, or list why it is equivalent."
            if lost and mutant.name in listed:
                yield f"The mutant {mutant.name!r} is listed as equivalent, but it loses points."

    def right_answers(self, seed: int | None = None) -> Iterator[str]:
        """Each right answer that loses points, with inputs drawn from another seed if one is given."""
        grader = self._grader
        if seed is not None:
            grader = ProblemGrader(self.graders.with_seed(seed), "check", self._sandbox.open_worker)
        for number, path in enumerate(sorted(self.problem.graders.glob("right_answers/*.py"))):
            self.counts.right_answers += 1
            text = path.read_text(encoding="utf-8")
            student = _student((number + (seed or 0)) % VARIANTS)
            result = grader.grade(Submission(student, self.problem.name, "", text))
            for task in result.tasks:
                if task.outcome != "passed":
                    words = f" (seed {seed})" if seed is not None else ""
                    yield f"The right answer {path.name} loses points in {task.name}{words}: {task.message}"
            if result.status != "graded":
                yield f"The right answer {path.name} cannot be graded: {result.message}"

    def grade(self, text: str, variant: int = 0) -> Result:
        """Grade a module's text on one variant of the hidden inputs."""
        self.counts.graded += 1
        return self._grader.grade(Submission(_student(variant), self.problem.name, "", text))

    def _names(self) -> Iterator[str]:
        defined = _defined(self.problem.reference())
        for task in self.problem.tasks:
            if task.name not in defined:
                yield f"{self.problem.module_file} defines no {task.name}, which problem.toml lists as a task."

    def _stub(self) -> Iterator[str]:
        stub = make_stub(self.problem.reference(), self.problem.module_file)
        for task in self.grade(stub).tasks:
            if task.outcome != "not_attempted":
                yield f"{task.name}: the stub is {task.outcome} where it should be not_attempted: {task.message}"
        for words, text in trivial_answers(stub):
            for task in self.grade(text).tasks:
                if task.score > 0:
                    earned = ", ".join(test.name for test in task.tests if test.outcome == "passed")
                    yield f"{task.name}: a function that returns {words} earns {task.score:g} points ({earned})."

    def _mistake(self, mistake: Mistake, variant: int) -> Iterator[str]:
        self.counts.mistakes += 1
        attribute = self.problem.task(mistake.task).attribute
        for task in self.grade(self.graders.wrong_submission(mistake), variant).tasks:
            if task.name == mistake.task and task.outcome == "passed":
                yield f"{mistake.task}: the mistake {mistake.name} gets full marks: add a case that tells it apart."
            elif task.name == mistake.task and task.mistakes != (mistake.name,):
                said = " and ".join(task.mistakes) or "nothing known"
                yield f"{mistake.task}: the mistake {mistake.name} is diagnosed as {said} ({task.message})"
            elif self.problem.task(task.name).attribute != attribute and task.outcome != "passed":
                yield f"{mistake.task}: the mistake {mistake.name} costs points in {task.name} as well: {task.message}"


def _student(variant: int) -> str:
    """A name that picks this variant."""
    return next(name for name in map(str, range(10_000)) if variant_of(name) == variant)


def _defined(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{item.name}" for item in node.body if isinstance(item, ast.FunctionDef)}
    return names
