"""Results: what grading one submission gives, as versioned records (schema 1), one JSON object a submission."""

from typing import Literal

import msgspec

SCHEMA = 1

Outcome = Literal["passed", "failed", "not_attempted", "error", "timeout", "forbidden"]
Status = Literal["graded", "missing", "infrastructure_error"]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Where a student's array is wrong, never what it holds or should hold: a picture of a few hundred squares.

    `rows` has a string for each panel and row, panels first; a panel is the last two axes, the axes before them give
    `panels`, down and across. A square is "." (right), "x" (wrong) or "/" (wrong in a part of what it stands for,
    where an axis is too long to be drawn entry by entry). `words` says the same of the whole array.
    """

    shape: tuple[int, ...]
    panels: tuple[int, int]
    rows: tuple[str, ...]
    words: str


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """One behaviour of a task: earned or not, and in a student's words why not."""

    __test__ = False  # not a test of pytest's

    name: str
    outcome: Outcome
    message: str = ""
    differs: Difference | msgspec.UnsetType = msgspec.UNSET  # for one behaviour of a task at most


class PlotLine(msgspec.Struct, frozen=True):
    """One line of a student's plot, as the artists on the Axes have it."""

    label: str
    x: tuple[float | None, ...]
    y: tuple[float | None, ...]


class PlotData(msgspec.Struct, frozen=True, kw_only=True):
    """A student's plot, described by its artists, so that a page can draw it again without the student's code."""

    lines: tuple[PlotLine, ...]
    x_scale: str
    y_scale: str
    x_label: str
    y_label: str
    title: str
    legend: tuple[str, ...]


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """One task: its marks, and the first thing to fix."""

    name: str
    part: str
    score: float
    max_score: float
    outcome: Outcome
    mistakes: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""
    tests: tuple[TestResult, ...] = ()
    output: str = ""
    plot: PlotData | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One submission. An infrastructure error is ours: it carries a message and no score."""

    schema: int = SCHEMA
    student: str
    assignment: str
    score: float | msgspec.UnsetType = msgspec.UNSET
    max_score: float
    status: Status
    submission_sha256: str
    grader: str
    seconds: float
    message: str = ""
    notes: tuple[str, ...] = ()
    tasks: tuple[TaskResult, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """The submission that this is the result of."""
        return self.student, self.assignment


def to_json(result: Result) -> bytes:
    """One line of results.jsonl, without its newline."""
    return msgspec.json.encode(result)


_decoder = msgspec.json.Decoder(Result)


def from_json(line: bytes | str) -> Result:
    """Read one line of results.jsonl; msgspec.DecodeError when it is not one."""
    return _decoder.decode(line)
