"""A made-up class for the tests of reports: 30 students, 5 problems, all that can happen to a submission."""

import math
import random

import msgspec
import numpy as np

from autograder.grading.differences import difference
from autograder.grading.results import Difference, Outcome, PlotData, PlotLine, Result, TaskResult, TestResult
from autograder.problems import Problem, Task
from autograder.sandbox.limits import Limits

HOSTILE = "<script>alert(1)</script>"  # as a folder's name it would hold a slash; as a name it must stay text
HOSTILE_FOLDER = "<script>alert(1)<!--"

STUDENTS = [
    "alice", "bruno", "chidi", "dana.k", "emil", "farah", "gustaf", "hana-li", "ivo", "jun", "katya",
    "lars", "mei", "nadia", "omar", "petra", "quentin", "rosa", "sven", "tomás", "ümit", "vera", "wen",
    "xenia", "yusuf", "zoë", "李明", "O'Brien&sons", "=1+1", HOSTILE_FOLDER,
]  # fmt: skip

Mistakes = list[tuple[str, str, str, str]]  # name, words, what was seen, hint

_TASKS: dict[str, tuple[str, str, list[tuple[str, str, float, str, list[str], Mistakes]]]] = {
    "problem1_tensor_manipulation": (
        "Tensor manipulation",
        "tensor_manipulation",
        [
            (
                "to_channels_last",
                "1a",
                4,
                "move the channel axis of a batch of images to the end",
                ["every value in its place", "every dtype stays, exactly", "axes of size 1 stay"],
                [
                    (
                        "reshapes_instead_of_permuting",
                        "reshapes the images, which keeps the memory order, instead of permuting the axes",
                        "the result has the right shape, (4, 6, 7, 3), but its values are in other places.",
                        "`reshape` cuts the same row of numbers into other lengths; `permute` moves axes.",
                    )
                ],
            ),
            (
                "spatial_mean",
                "1b",
                4,
                "the mean of each channel of each image",
                ["the mean over height and width", "float64 stays float64", "integer images"],
                [
                    (
                        "averages_over_channels",
                        "averages over the channels instead of over height and width",
                        "the result has shape (4, 6, 7), it should have shape (4, 3).",
                        "Which axes must disappear? `dim=(2, 3)` names them.",
                    )
                ],
            ),
            (
                "channel_std",
                "1c",
                6,
                "the standard deviation of each channel over the batch",
                ["the population convention", "accurate when the mean is large", "integer images"],
                [
                    (
                        "divides_by_n_minus_one",
                        "divides by N·H·W - 1, the sample convention, instead of by N·H·W",
                        "every value is 1.006 times as large as it should be.",
                        "`std` divides by m - 1 unless it is told otherwise: see `correction`.",
                    ),
                    (
                        "subtracts_squares",
                        "computes E[x²] - E[x]², which cancels when the mean is large",
                        "the result is off by 0.7 where the mean is 1e4 and the spread 1, in float32.",
                        "Subtract the mean first, then average the squares.",
                    ),
                ],
            ),
            (
                "broadcast_shape",
                "warm-up",
                6,
                "NumPy's broadcasting rules, written out",
                [
                    "shapes of equal length",
                    "shapes of different length",
                    "sizes 0 and 1",
                    "what does not fit is refused",
                ],
                [
                    (
                        "aligns_on_the_left",
                        "lines the shapes up at their first axes instead of their last",
                        "(3, 1) for two shapes of different length, it should be (2, 3).",
                        "Broadcasting compares from the last axis backwards.",
                    )
                ],
            ),
        ],
    ),
    "problem2_einsum": (
        "Einsum mastery",
        "einsum_mastery",
        [
            (
                "batch_trace",
                "2a",
                4,
                "the trace of each matrix of a batch",
                ["the trace", "matrices of size 1"],
                [],
            ),
            (
                "attention_scores",
                "2b",
                6,
                "scaled query-key products of multi-head attention",
                ["the products", "the scale 1/√D", "one query, one key"],
                [
                    (
                        "forgets_the_scale",
                        "leaves the scores unscaled",
                        "every value is √D times as large as it should be.",
                        "Divide by the square root of the size of the contracted axis.",
                    )
                ],
            ),
            (
                "contract_4d",
                "2c",
                4,
                "contract two four-dimensional tensors",
                ["the contraction", "sizes of 1"],
                [],
            ),
            (
                "attention",
                "further",
                6,
                "scaled dot-product attention",
                ["the output", "weights sum to one", "large scores"],
                [],
            ),
        ],
    ),
    "problem3_numerical_stability": (
        "Numerical stability",
        "numerical_stability",
        [
            (
                "logsumexp",
                "3a",
                4,
                "the logarithm of a sum of exponentials, without overflow",
                ["moderate logits along every axis", "large logits", "masked (-inf) entries"],
                [
                    (
                        "exponentiates_directly",
                        "takes the exponential of the logits as they are",
                        "the result is inf for logits near 1000.",
                        "exp(1000) is larger than any float. What may be subtracted from every logit first?",
                    )
                ],
            ),
            (
                "log_softmax",
                "3a",
                6,
                "the logarithm of the softmax, without overflow",
                [
                    "moderate logits along every axis",
                    "large logits",
                    "masked (-inf) entries",
                    "float32 in, float32 out",
                    "no warnings",
                ],
                [
                    (
                        "subtracts_global_max",
                        "subtracts the maximum of the whole array instead of each slice's own",
                        "the result is -inf in 2 of 5 slices along axis 0.",
                        "Subtract each slice's own maximum: `x.max(axis=axis, keepdims=True)`.",
                    ),
                    (
                        "ignores_axis",
                        "always works along the last axis, whatever `axis` is",
                        "the slices along axis 0 do not sum to one after `exp`.",
                        "Every reduction needs `axis=axis`.",
                    ),
                ],
            ),
            (
                "is_stable",
                "3b",
                5,
                "your own test of an implementation",
                ["accepts right ones", "rejects faulty ones"],
                [],
            ),
            (
                "max_difference_from_torch",
                "3c",
                5,
                "compare with PyTorch",
                ["the difference", "uses your log_softmax"],
                [],
            ),
        ],
    ),
    "problem4_initialization": (
        "Initialization experiments",
        "initialization",
        [
            (
                "he_normal",
                "4a",
                5,
                "weights drawn from N(0, 2/n_in)",
                ["shape and dtype", "the spread", "equal seeds, equal weights"],
                [
                    (
                        "takes_variance_for_std",
                        "uses the variance 2/n_in where the standard deviation belongs",
                        "the standard deviation of 200 × 300 weights is 0.0100, it should be near 0.1000.",
                        "`rng.normal` takes a standard deviation: the square root of the variance.",
                    )
                ],
            ),
            (
                "forward",
                "4b",
                5,
                "the activation after each ReLU",
                ["every layer's activation", "one layer"],
                [],
            ),
            (
                "activation_variances",
                "4c",
                4,
                "the variance of each layer's activations",
                ["the variances"],
                [],
            ),
            (
                "plot_variances",
                "4c",
                6,
                "one line for each scheme over the layers, with a logarithmic y axis and a legend",
                [
                    "one line a scheme",
                    "logarithmic y axis",
                    "axis labels",
                    "a legend that names each scheme",
                    "draws on `ax`",
                ],
                [
                    (
                        "leaves_the_axis_linear",
                        "leaves the y axis linear",
                        "the scale of the y axis is linear, it should be log.",
                        "An Axes has a method that sets the scale of its y axis.",
                    )
                ],
            ),
        ],
    ),
    "problem5_batch_normalization": (
        "2-D batch normalization",
        "batch_normalization",
        [
            (
                "BatchNorm2d.forward",
                "5a",
                8,
                "normalize over N, H and W; keep running statistics",
                ["the output in training", "the running statistics", "inference", "wrong shapes are refused"],
                [
                    (
                        "normalizes_with_unbiased_variance",
                        "normalizes with the unbiased variance",
                        "every output is 0.992 times as large as it should be.",
                        "Of the two variances the biased one normalizes, the unbiased one is remembered.",
                    ),
                    (
                        "remembers_biased_variance",
                        "updates `running_var` with the biased variance",
                        "`running_var` is too small by a factor that depends on N·H·W.",
                        "PyTorch remembers the unbiased variance: divide by m - 1 there.",
                    ),
                ],
            ),
            (
                "BatchNorm2d.backward",
                "5a",
                8,
                "the gradients of the last forward call",
                ["gradients in training", "gradients in inference"],
                [],
            ),
            (
                "mode_difference",
                "5c",
                4,
                "how far training and inference differ",
                ["the difference", "the layer stays as it was"],
                [],
            ),
        ],
    ),
}


def problems() -> list[Problem]:
    """The five made-up problems."""
    return [
        Problem(
            name,
            title,
            f"13. Linear Algebra for Deep Learning, section {number}, practice problem {number}",
            module,
            Limits(),
            tuple(
                Task(
                    name=task,
                    part=part,
                    points=points,
                    summary=summary,
                    also_checked=(*behaviours, "inputs that are views of other arrays"),
                    hints=(
                        "Which axes must disappear, and which must stay?",
                        "Write the shapes under each other before writing code.",
                        "One argument of the reduction keeps a reduced axis with size 1: `keepdims=True`.",
                    ),
                    libraries=("numpy",),
                    written_with="NumPy",
                )
                for task, part, points, summary, behaviours, _ in tasks
            ),
        )
        for number, (name, (title, module, tasks)) in enumerate(_TASKS.items(), start=1)
    ]


def results() -> list[Result]:
    """The results of the class: the same on every call."""
    rng = random.Random(5)
    gifts = {student: rng.betavariate(3, 1.4) for student in STUDENTS}
    return [
        _submission(problem, student, gifts[student], rng)
        for problem in problems()
        for student in STUDENTS
        if not (student == "quentin" and problem.name == "problem5_batch_normalization")
    ]


def _submission(problem: Problem, student: str, gift: float, rng: random.Random) -> Result:
    if student == "ivo" and problem.module == "numerical_stability":
        return _without_score(problem, student, "RuntimeError: the sandbox could not start: no pidfd (EMFILE)")
    if student == "omar" and problem.module in ("einsum_mastery", "initialization"):
        return _all(
            problem,
            student,
            "not_attempted",
            f"There is no `{problem.module_file}` in this submission.",
            "missing",
        )
    if student == "lars" and problem.module == "einsum_mastery":
        words = "Your module cannot be loaded (line 12 of your module): SyntaxError: '(' was never closed."
        return _all(problem, student, "error", words, "graded")
    tasks = tuple(_task(problem, task, student, gift, rng) for task in problem.tasks)
    notes = ("`torch.py` beside the module is ignored.",) if student == "sven" else ()
    return _result(problem, student, tasks, "graded", notes=notes)


def _task(problem: Problem, task: Task, student: str, gift: float, rng: random.Random) -> TaskResult:
    known = next(entry for entry in _TASKS[problem.name][2] if entry[0] == task.name)
    behaviours, mistakes = known[4], known[5]
    plot = sample_plot(rng, log=True) if task.name == "plot_variances" else None
    draw = rng.random()
    if draw < gift:
        return _marked(task, behaviours, ["passed"] * len(behaviours), plot=plot)
    if student in ("jun", HOSTILE_FOLDER) and task.name in ("attention_scores", "is_stable"):
        words = "Not tried, because an earlier check of this task did not finish in time."
        first = "`attention_scores` did not come back within 10 seconds."
        if task.name == "is_stable":
            first = f"`{HOSTILE}` is what your code returned."
        return _marked(task, behaviours, ["timeout"] * len(behaviours), first, tests=words, output=HOSTILE * 3)
    if problem.module == "einsum_mastery" and (draw > 0.95 or student == "vera"):
        words = "It uses `torch.matmul` (line 31 of your module), but this task is to be done by `torch.einsum`."
        rest: list[Outcome] = ["passed"] * (len(behaviours) - 1)
        return _marked(task, behaviours, ["forbidden", *rest], words)
    if draw > 0.93:
        return _marked(
            task,
            behaviours,
            ["not_attempted"] * len(behaviours),
            "Not written yet: it raises NotImplementedError.",
        )
    if draw > 0.9:
        words = "Your code raised ValueError: operands could not be broadcast together (line 22 of your module)."
        return _marked(
            task,
            behaviours,
            ["error"] * len(behaviours),
            words,
            output="x has shape (4, 3)\nmean has shape (3,)\n",
        )
    missed: list[Outcome] = ["passed"] * len(behaviours)
    for index in rng.sample(range(len(behaviours)), rng.randint(1, max(1, len(behaviours) - 1))):
        missed[index] = "failed"
    if mistakes and rng.random() < 0.85:
        name, does, seen, hint = mistakes[0] if rng.random() < 0.7 else mistakes[-1]
        if name == "leaves_the_axis_linear":
            plot = sample_plot(rng, log=False)
        words = f"It looks as if your code {does}. What was seen: {seen[:1].upper()}{seen[1:]}"
        return _marked(task, behaviours, missed, words, hint, (name,), plot=plot, tests=seen[:1].upper() + seen[1:])
    words = "The result has shape (5, 3), it should have shape (3, 5): are two axes swapped?"
    words = {
        "plot_variances": "The plot has no legend.",
        "is_stable": "It accepts an implementation that is wrong.",
    }.get(task.name, words)
    return _marked(
        task,
        behaviours,
        missed,
        words,
        plot=plot,
        tests="The result is a float64 array, it should be float32.",
    )


def _marked(
    task: Task,
    behaviours: list[str],
    outcomes: list[Outcome],
    message: str = "",
    hint: str = "",
    mistakes: tuple[str, ...] = (),
    plot: PlotData | None = None,
    tests: str = "",
    output: str = "",
) -> TaskResult:
    lost = [outcome for outcome in outcomes if outcome != "passed"]
    share = 0.0 if "forbidden" in lost else outcomes.count("passed") / len(outcomes)
    return TaskResult(
        name=task.name,
        part=task.part,
        score=round(task.points * share, 2),
        max_score=task.points,
        outcome=lost[0] if lost else "passed",
        mistakes=mistakes,
        message=message if lost else "",
        hint=hint,
        tests=tuple(
            TestResult(
                name=name,
                outcome=outcome,
                message="" if outcome == "passed" else tests,
                differs=_differs(task) if outcome == "failed" and outcome not in outcomes[:number] else msgspec.UNSET,
            )
            for number, (name, outcome) in enumerate(zip(behaviours, outcomes, strict=True))
        ),
        output=output,
        plot=plot,
    )


def _differs(task: Task) -> Difference | msgspec.UnsetType:
    """Where an array is wrong: small, with panels, and folded down."""
    wrong = {
        "log_softmax": np.arange(20).reshape(4, 5) % 5 == 2,
        "to_channels_last": np.arange(360).reshape(5, 6, 4, 3) % 7 > 1,
        "BatchNorm2d.forward": np.arange(8 * 3 * 40 * 30).reshape(8, 3, 40, 30) // 30 % 40 > 17,
    }.get(task.name)
    return msgspec.UNSET if wrong is None else difference(wrong) or msgspec.UNSET


def sample_plot(rng: random.Random, log: bool) -> PlotData:
    """A plot of variances over ten layers: three schemes, a value missing, one that is zero."""
    layers = tuple(float(layer) for layer in range(1, 11))
    wobble = rng.uniform(0.9, 1.1)
    return PlotData(
        lines=(
            PlotLine("xavier", layers, tuple(0.35 * wobble * 0.52**layer for layer in layers)),
            PlotLine("he", layers, tuple(0.7 + 0.05 * math.sin(layer) for layer in layers)),
            PlotLine("random", layers, tuple(1e-4 ** (layer / 2) if layer != 4 else None for layer in layers)),
        ),
        x_scale="linear",
        y_scale="log" if log else "linear",
        x_label="layer",
        y_label="variance of the activations" if log else "",
        title="Ten layers, three initializations",
        legend=("xavier", "he", "random") if log else (),
    )


def _all(problem: Problem, student: str, outcome: Outcome, message: str, status: str) -> Result:
    tasks = tuple(
        TaskResult(name=task.name, part=task.part, score=0.0, max_score=task.points, outcome=outcome, message=message)
        for task in problem.tasks
    )
    return _result(problem, student, tasks, status, message)


def _result(
    problem: Problem,
    student: str,
    tasks: tuple[TaskResult, ...],
    status: str,
    message: str = "",
    notes: tuple[str, ...] = (),
) -> Result:
    return Result(
        student=student,
        assignment=problem.name,
        score=round(sum(task.score for task in tasks), 2),
        max_score=problem.max_score,
        status=status,  # type: ignore[arg-type]
        submission_sha256="3f" * 32,
        grader="9c1e5d0b7a24",
        seconds=0.06,
        message=message,
        notes=notes,
        tasks=tasks,
    )


def _without_score(problem: Problem, student: str, message: str) -> Result:
    return Result(
        student=student,
        assignment=problem.name,
        max_score=problem.max_score,
        status="infrastructure_error",
        submission_sha256="3f" * 32,
        grader="9c1e5d0b7a24",
        seconds=0.0,
        message=message,
    )
