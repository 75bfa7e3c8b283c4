"""`make bench` and `make bench-full`: tables of figures, as text and as one JSON file.

python -m autograder.benchmarks speed class          # some of the tables, quick
python -m autograder.benchmarks --full               # all of them, in hours
python -m autograder.benchmarks class --students 300 # of any size
"""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.benchmarks import changes, long_run, peers, speed, verdicts, whole_class
from autograder.benchmarks.tables import Table, machine, write_json
from autograder.grading.graders import collect
from autograder.problems import load_problems

SEED = 1
_SMALL = "problem3_numerical_stability"  # what the quick tables of a class are about


def main() -> None:
    """Print the tables that are asked for."""
    options = _options()
    facts = machine()
    print(", ".join(f"{name} {value}" for name, value in facts.items()), flush=True)
    graders = [collect(problem, SEED) for problem in load_problems(options.problem)]
    small = [each for each in graders if each.problem.name == _SMALL] or graders[:1]
    some = graders if options.full or options.problem else small
    sections: dict[str, Callable[[], Iterator[Table]]] = {
        "speed": lambda: iter([speed.measure(graders, *((40, 5) if options.full else (7, 1)))]),
        "class": lambda: whole_class.measure(some, options.students or (300 if options.full else 20)),
        "long": lambda: iter([long_run.measure(some, options.submissions or (10_000 if options.full else 100))]),
        "changes": lambda: iter([changes.measure(graders[:2], 20 if options.full else 1)]),
        "peers": lambda: iter([peers.measure(small[0], 100 if options.full else 10, 10 if options.full else 2)]),
        "verdicts": lambda: iter([verdicts.measure(some, None if options.full else 2)]),
    }
    quick = ["speed", "class", "long", "changes"]
    tables = []
    for name in options.section or (list(sections) if options.full else quick):
        for table in sections[name]():
            print(table, flush=True)
            tables.append(table)
    write_json(facts, tables, options.json)
    print(f"\nAll of it: {options.json}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m autograder.benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sections = ("speed", "class", "long", "changes", "peers", "verdicts")
    parser.add_argument("section", nargs="*", help=f"any of: {', '.join(sections)}")
    parser.add_argument("--full", action="store_true", help="all problems, all tables, full sizes")
    parser.add_argument("--problem", action="append", default=[], metavar="ID", help="only this (repeatable)")
    parser.add_argument("--students", type=int, metavar="N", help="in the class")
    parser.add_argument("--submissions", type=int, metavar="N", help="in the long run")
    parser.add_argument("--json", type=Path, default=peers.CACHE / "last.json", metavar="FILE")
    options = parser.parse_args()
    for name in options.section:
        if name not in sections:
            parser.error(f"there is no table {name!r}; there are: {', '.join(sections)}")
    return options


if __name__ == "__main__":
    main()
