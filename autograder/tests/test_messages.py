"""The words of feedback, kept as golden text, so that a change in wording is seen in review.

`AUTOGRADER_GOLDEN=write pytest autograder/tests/test_messages.py` writes the file anew.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading.engine import ProblemGrader
from autograder.grading.graders import collect
from autograder.grading.results import TaskResult
from autograder.problems import load_problem, problem_names
from autograder.sandbox.spawn import Sandbox
from autograder.submissions import Submission

GOLDEN = Path(__file__).parent / "golden"
SEED = 13
MISTAKES_PER_PROBLEM = 6


# What no mistake of ours explains: observations only.
UNKNOWN = {
    "problem1_tensor_manipulation": ("spatial_mean", "images.double().mean((2, 3)).to(images.dtype) + 0.25"),
    "problem2_einsum": ("contract_4d", "torch.einsum('abcd,cdef->abef', left, right) * 1.5"),
    "problem3_numerical_stability": ("log_softmax", "np.cumsum(x, axis=axis)"),
    "problem4_initialization": ("activation_variances", "np.array([0.5] * len(activations))"),
    "problem5_batch_normalization": ("mode_difference", "'a lot'"),
}
SIGNATURES = {
    "spatial_mean": "images",
    "contract_4d": "left, right",
    "log_softmax": "x, axis=-1",
    "activation_variances": "activations",
    "mode_difference": "layer, x",
}


def wrong_modules(name: str) -> Iterator[tuple[str, str, str]]:
    """Label, task and text of wrong submissions of a problem."""
    graders = collect(load_problem(name), SEED)
    reference = graders.problem.reference()
    known = [mistake for mistakes in graders.mistakes.values() for mistake in mistakes]
    for mistake in known[:: max(1, len(known) // MISTAKES_PER_PROBLEM)][:MISTAKES_PER_PROBLEM]:
        yield mistake.name, mistake.task, graders.wrong_submission(mistake)
    task, expression = UNKNOWN[name]
    yield "unknown", task, f"{reference}\n\ndef {task}({SIGNATURES[task]}):\n    return {expression}\n"
    yield "raises", task, f"{reference}\n\ndef {task}({SIGNATURES[task]}):\n    return undefined_name\n"
    yield "forgets to return", task, f"{reference}\n\ndef {task}({SIGNATURES[task]}):\n    pass\n"


def told(task: TaskResult) -> str:
    """What a student reads first, wrapped as in a letter."""
    return task.message + (f" Hint: {task.hint}" if task.hint else "")


@pytest.mark.parametrize("name", problem_names())
def test_messages_are_as_reviewed(name: str) -> None:
    grader = ProblemGrader(collect(load_problem(name), SEED), "golden", Sandbox().open_worker)
    lines = []
    for label, task_name, text in wrong_modules(name):
        result = grader.grade(Submission("student", name, "", text))
        (task,) = [task for task in result.tasks if task.name == task_name]
        assert task.outcome != "passed", f"{label} passes {task_name}"
        lines.append(f"{task_name}, {label}: {told(task)}")
    path = GOLDEN / f"{name}.txt"
    written = "\n\n".join(lines) + "\n"
    if os.environ.get("AUTOGRADER_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8"), "review the new wording, then write the golden text anew"


@pytest.mark.parametrize("name", problem_names())
def test_messages_are_short(name: str) -> None:
    for paragraph in (GOLDEN / f"{name}.txt").read_text(encoding="utf-8").split("\n\n"):
        seen = paragraph.partition(" Hint: ")[0]
        sentences = [part for part in re.split(r"[.!?](?:\s|$)", seen) if part.strip()]
        assert len(sentences) <= 4, f"more than four sentences: {paragraph}"
