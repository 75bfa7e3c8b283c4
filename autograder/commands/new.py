"""`autograder new`: the two folders of a new problem."""

import argparse

from autograder.build.scaffold import scaffold
from autograder.problems import ROOT

USAGE_ERRORS: tuple[type[Exception], ...] = ()


def run(options: argparse.Namespace) -> int:
    """Write the folders and say what to do with them."""
    for path in scaffold(options.name):
        print(path.relative_to(ROOT))
    print("Now replace the example in them by your exercise, and ask again and again what is still missing:")
    print(f"  autograder build {options.name} && autograder check {options.name}")
    return 0
