"""The `autograder` command: arguments in, one of `autograder.commands` out. Exit 0 done, 1 not all done, 2 usage."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder import __version__
from autograder.problems import ProblemError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    options = _parser().parse_args(arguments)
    # Imported only when chosen: `--help` should not wait for torch.
    command = importlib.import_module(f"autograder.commands.{options.command}")
    try:
        status: int = command.run(options)
    except KeyboardInterrupt:
        print("\nStopped. What was finished is kept: the same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    except (ProblemError, *command.USAGE_ERRORS) as error:
        print(f"autograder {options.command}: {error}", file=sys.stderr)
        return 2
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograder",
        description="Exercises on the mathematics of deep learning: build them, prove them, grade a class.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  autograder grade submitted --output results",
    )
    parser.add_argument("--version", action="version", version=f"autograder {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, words: str, example: str) -> argparse.ArgumentParser:
        return _add_command(commands, name, words, example)

    build = command("build", "make assignments/ from solutions/", "build problem3_numerical_stability")
    build.add_argument("problems", nargs="*", metavar="PROBLEM", help="default: all")

    check = command("check", "prove a problem before its release", "check problem3_numerical_stability")
    check.add_argument("problems", nargs="*", metavar="PROBLEM", help="default: all")

    how_far = check.add_mutually_exclusive_group()
    how_far.add_argument("--mutants", action="store_true", help="every mutant of the reference, and only these")
    how_far.add_argument("--margins", action="store_true", help="print how far right and wrong are from the tolerance")
    how_far.add_argument("--examples", action="store_true", help="write which mistakes the visible examples let pass")
    how_far.add_argument("--soak", type=_positive, metavar="N", help="right answers on N seeds, and only these")

    grade = command(
        "grade",
        "grade a folder of submissions (SUBMISSIONS/<student>/<assignment>/<module>.py)",
        "grade submitted --assignment problem2_einsum --output results --jobs 2",
    )
    grade.add_argument("submissions", type=Path, metavar="SUBMISSIONS")
    grade.add_argument("--assignment", action="append", default=[], metavar="ID", help="only this (repeatable)")
    grade.add_argument("--student", action="append", default=[], metavar="NAME", help="only this (repeatable)")
    grade.add_argument("--output", type=Path, default=Path("results"), metavar="DIR", help="default: results")
    _add_how(grade)
    grade.add_argument("--scheduler", metavar="ADDRESS", help="hand out to the Dask scheduler at this address")
    grade.add_argument("--force", action="store_true", help="grade again what has a result already")

    demo = command("demo", "build, and grade a sample class", "demo --output demo")
    demo.add_argument("--output", type=Path, default=Path("demo"), metavar="DIR", help="default: demo")
    _add_how(demo)

    report = command("report", "write the pages and tables of DIR again from its results", "report results")
    report.add_argument("output", type=Path, metavar="DIR")

    show = command("show", "print one student's feedback", "show alice problem2_einsum --output results")
    show.add_argument("student", metavar="STUDENT")
    show.add_argument("assignment", nargs="?", metavar="ASSIGNMENT", help="default: all")
    show.add_argument("--output", type=Path, default=Path("results"), metavar="DIR", help="default: results")

    new = command("new", "begin a new problem: its two folders, to be filled", "new problem6_attention")
    new.add_argument("name", metavar="PROBLEM")

    export = command("export", "write grades, graders or exercises for another system", "export csv --for canvas")
    kinds = export.add_subparsers(dest="kind", required=True, metavar="WHAT")

    def kind(name: str, words: str, example: str) -> argparse.ArgumentParser:
        return _add_command(kinds, name, words, f"export {example}")

    gradescope = kind(
        "gradescope",
        "an autograder archive of one problem for Gradescope",
        "gradescope problem2_einsum --visibility after_due_date",
    )
    gradescope.add_argument("problem", metavar="PROBLEM")
    gradescope.add_argument("--to", type=Path, metavar="FILE", help="default: PROBLEM.zip")
    gradescope.add_argument(
        "--visibility",
        choices=("visible", "after_due_date", "after_published", "hidden"),
        default="visible",
        help="when students see the feedback on each task (default: visible, that is at once)",
    )
    github = kind(
        "github",
        "one problem as a GitHub repository that runs the visible examples at each push",
        "github problem2_einsum --to problem2",
    )
    github.add_argument("problem", metavar="PROBLEM")
    github.add_argument("--to", type=Path, metavar="FOLDER", help="default: PROBLEM-github")
    github.add_argument(
        "--index", default="", metavar="URL", help="another package index for pip, as PyTorch's for the CPU only"
    )
    table = kind("csv", "grades as another system imports them", "csv --for moodle --output results")
    table.add_argument("--for", dest="platform", required=True, choices=("canvas", "moodle", "nbgrader"))
    table.add_argument("--output", type=Path, default=Path("results"), metavar="DIR", help="default: results")
    table.add_argument("--to", type=Path, metavar="FILE", help="default: DIR/grades-PLATFORM.csv")
    return parser


def _add_command(commands: Any, name: str, words: str, example: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=words,
        description=words[0].upper() + words[1:] + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"example:\n  autograder {example}",
    )
    return parser


def _add_how(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--jobs", type=_positive, metavar="N", help="grading processes (default: one a core)")
    parser.add_argument(
        "--unconfined", action="store_true", help="run submissions without a sandbox: only if you trust each of them"
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)
