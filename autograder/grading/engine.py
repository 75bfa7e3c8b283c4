"""Grading one submission of one problem: from a module's text to a Result."""

import time
from collections.abc import Callable

import msgspec

from autograder.grading.declare import Mistake
from autograder.grading.diagnose import Diagnosis
from autograder.grading.graders import Graders
from autograder.grading.rehearsal import Rehearsal
from autograder.grading.results import Outcome, PlotData, PlotLine, Result, TaskResult, TestResult
from autograder.grading.run import BehaviourRun, CaseRun, InfrastructureError, run_task
from autograder.grading.variants import variant_of
from autograder.problems import Problem, Task
from autograder.sandbox.ahead import AskingAhead, Worker
from autograder.sandbox.axes import AxesView
from autograder.sandbox.limits import Limits
from autograder.sandbox.student import Student, StudentRaised, WorkerStopped
from autograder.submissions import Submission

OpenWorker = Callable[[tuple[str, ...], Limits], Worker]


class ProblemGrader:
    """Grades submissions of one problem, each in confined workers of its own.

    What it learns about the tests from one submission to the next is kept in `rehearsal`.
    """

    def __init__(
        self,
        graders: Graders,
        fingerprint: str,
        open_worker: OpenWorker,
        rehearsal: Rehearsal[CaseRun] | None = None,
    ) -> None:
        self._graders = graders
        self._fingerprint = fingerprint
        self._open_worker = open_worker
        self._rehearsal = rehearsal or Rehearsal[CaseRun]()
        self._diagnosis = Diagnosis(graders, self._rehearsal)
        self._proven: set[int] = set()

    def grade(self, submission: Submission) -> Result:
        """The result of a submission. What fails on our side gives an infrastructure error, never a zero."""
        problem = self._graders.problem
        begin = time.perf_counter()
        tasks: tuple[TaskResult, ...] = ()
        message = submission.refusal
        failed = False
        try:
            if submission.text is None:
                tasks = tuple(_refused(task, submission) for task in problem.tasks)
            else:
                variant = variant_of(submission.student)
                self._prove(variant)
                tasks = self._grade_text(submission.text, variant)
        except Exception as error:
            failed, message = True, f"{type(error).__name__}: {error}"
        result = Result(
            student=submission.student,
            assignment=submission.assignment,
            max_score=problem.max_score,
            status="infrastructure_error" if failed else "missing" if submission.missing else "graded",
            submission_sha256=submission.sha256,
            grader=self._fingerprint,
            seconds=round(time.perf_counter() - begin, 4),
            message=message,
            notes=submission.notes,
            tasks=tasks,
        )
        if failed:
            return result
        return _scored(result)

    def _prove(self, variant: int) -> None:
        """The reference must get full marks on these inputs, in this sandbox, before anyone is judged by them."""
        if variant in self._proven:
            return
        for task in self._grade_text(self._graders.problem.reference(), variant):
            if task.outcome != "passed":
                raise InfrastructureError(
                    f"the reference solution does not pass {task.name}: {task.message} Nobody was graded."
                )
        self._proven.add(variant)

    def _grade_text(self, text: str, variant: int) -> tuple[TaskResult, ...]:
        session = _Session(self._graders.problem, text, self._open_worker)
        try:
            return tuple(self._grade_task(task, session, variant) for task in self._graders.problem.tasks)
        finally:
            session.close()

    def _grade_task(self, task: Task, session: "_Session", variant: int) -> TaskResult:
        behaviours = self._graders.behaviours[task.name]
        runs = list(run_task(self._graders, behaviours, task, variant, lambda: session.student(task), self._rehearsal))
        lost = [run for run in runs if run.outcome != "passed"]
        mistakes: tuple[Mistake, ...] = ()
        message = hint = ""
        outcome: Outcome = "passed"
        if lost:
            first = next((run for run in lost if run.outcome == "forbidden"), lost[0])
            outcome, message = first.outcome, first.message
            if outcome in ("failed", "error"):
                mistakes = self._diagnosis.explain(task, variant, runs)
            if mistakes:
                message = " ".join(f"It looks as if your code {mistake.words}." for mistake in mistakes)
                message += f" What was seen: {first.message}"
                hint = " ".join(mistake.hint for mistake in mistakes)
        earned = sum(run.behaviour.weight for run in runs if run.outcome == "passed")
        share = 0.0 if outcome == "forbidden" else earned / sum(run.behaviour.weight for run in runs)
        return TaskResult(
            name=task.name,
            part=task.part,
            score=round(task.points * share, 2),
            max_score=task.points,
            outcome=outcome,
            mistakes=tuple(mistake.name for mistake in mistakes),
            message=message,
            hint=hint,
            tests=_tests(runs),
            output=_output(runs),
            plot=_plot(runs),
        )


class _Session:
    """The workers of one submission: one for each set of libraries that its tasks need."""

    def __init__(self, problem: Problem, text: str, open_worker: OpenWorker) -> None:
        self._problem = problem
        self._text = text
        self._open = open_worker
        self._workers: dict[tuple[str, ...], tuple[AskingAhead, Student]] = {}
        self._unloadable: dict[tuple[str, ...], StudentRaised | WorkerStopped] = {}

    def student(self, task: Task) -> Student:
        """The loaded module in a live worker with the task's libraries; raises again why it does not load."""
        libraries = task.libraries
        if libraries in self._unloadable:
            raise self._unloadable[libraries]
        known = self._workers.get(libraries)
        if known is not None and known[0].alive:
            return known[1]
        worker = AskingAhead(self._open(libraries, self._problem.limits))
        student = Student(worker, self._text)
        self._workers[libraries] = worker, student
        try:
            student.load(self._problem.module, task.written_with)
        except StudentRaised as error:
            self._unloadable[libraries] = error
            raise
        except WorkerStopped as error:
            stopped = WorkerStopped(error.reason, f"your module did not load: {error}")
            self._unloadable[libraries] = stopped
            raise stopped from None
        return student

    def close(self) -> None:
        """End every worker."""
        for worker, _ in self._workers.values():
            worker.close()


def _refused(task: Task, submission: Submission) -> TaskResult:
    return TaskResult(
        name=task.name,
        part=task.part,
        score=0.0,
        max_score=task.points,
        outcome="not_attempted" if submission.missing else "error",
        message=submission.refusal,
    )


def _scored(result: Result) -> Result:
    return msgspec.structs.replace(result, score=round(sum(task.score for task in result.tasks), 2))


def _tests(runs: list[BehaviourRun]) -> tuple[TestResult, ...]:
    """Every behaviour; the first that has a picture of where an array is wrong keeps it."""
    pictured = next((run for run in runs if run.difference), None)
    return tuple(
        TestResult(
            name=run.behaviour.name,
            outcome=run.outcome,
            message=run.message,
            differs=(run.difference if run is pictured else None) or msgspec.UNSET,
        )
        for run in runs
    )


def _output(runs: list[BehaviourRun]) -> str:
    """The first thing that a failing task printed."""
    for run in runs:
        for case in run.cases:
            for call in case.calls:
                if call.output and run.outcome != "passed":
                    return call.output
    return ""


def _plot(runs: list[BehaviourRun]) -> PlotData | None:
    """The first plot that the task drew."""
    for run in runs:
        for case in run.cases:
            for call in case.calls:
                if isinstance(call.value, AxesView) and call.value.lines:
                    view = call.value
                    return PlotData(
                        lines=tuple(PlotLine(line.label, tuple(line.x), tuple(line.y)) for line in view.lines),
                        x_scale=view.xscale,
                        y_scale=view.yscale,
                        x_label=view.xlabel,
                        y_label=view.ylabel,
                        title=view.title,
                        legend=tuple(view.legend or ()),
                    )
    return None
