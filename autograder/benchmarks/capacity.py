"""How long a class of any size takes, computed from what was measured on one grading process."""

from autograder.benchmarks.tables import Table

_SUBMISSIONS = (1_000, 10_000, 100_000, 1_000_000)
_CORES = (2, 16, 64, 256)


def table(seconds: float, start: float) -> Table:
    """Minutes by submissions and cores, for `seconds` of one core a submission after `start` seconds."""
    rows: list[tuple[str | float, ...]] = [
        (f"{submissions:,}", *((start + submissions * seconds / cores) / 60 for cores in _CORES))
        for submissions in _SUBMISSIONS
    ]
    return Table(
        "Minutes for a course, computed",
        ("submissions", *(f"{cores} cores" for cores in _CORES)),
        rows,
        (
            f"From {seconds * 1e3:.0f} ms of one core a submission, after {start:.0f} s in which each grading process, "
            "one a core, starts and prepares the inputs and mistakes of all problems. A loop that never ends takes "
            "a core until its time is over.",
        ),
    )
