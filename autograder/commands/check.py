"""`autograder check`: prove problems before their release."""

import argparse

from autograder.grading.fingerprint import course_seed
from autograder.problems import ProblemError, load_problem, problem_names
from autograder.proving.proof import Proof
from autograder.sandbox.spawn import Sandbox, SandboxError

USAGE_ERRORS = (SandboxError,)


def run(options: argparse.Namespace) -> int:
    """Prove each problem, and say everything that is to be mended; 1 when there is anything."""
    sandbox = Sandbox()
    mended = True
    for name in options.problems or problem_names():
        print(f"{name}")
        found = 0
        try:
            proof = Proof(load_problem(name), sandbox, course_seed())
            for found, sentence in enumerate(proof.findings(), start=1):
                print(f"  - {sentence}", flush=True)
        except ProblemError as error:
            found += 1
            print(f"  - {error}")
        if found:
            mended = False
            print(f"  {found} to mend.")
        else:
            counts = proof.counts
            print(f"  proven: {counts.graded} submissions graded, {counts.mistakes} mistakes rejected and named.")
    return 0 if mended else 1
