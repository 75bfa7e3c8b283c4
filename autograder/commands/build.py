"""`autograder build`: `assignments/` from `solutions/`."""

import argparse

from autograder.build import build

USAGE_ERRORS: tuple[type[Exception], ...] = ()


def run(options: argparse.Namespace) -> int:
    """Build the named problems and say what changed."""
    changed = build(options.problems)
    for line in changed:
        print(line)
    print(f"assignments/ is up to date; {len(changed)} files changed.")
    return 0
