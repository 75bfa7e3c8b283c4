"""`autograder check`: prove problems before their release."""

import argparse
from collections.abc import Iterator

from autograder.grading.fingerprint import course_seed
from autograder.grading.graders import collect
from autograder.problems import ROOT, ProblemError, load_problem, problem_names
from autograder.proving.examples import write_past_examples
from autograder.proving.margins import margins
from autograder.proving.proof import Counts, Proof
from autograder.sandbox.spawn import Sandbox, SandboxError

USAGE_ERRORS = (SandboxError,)
QUICK_MUTANTS = 8  # without --mutants, every eighth


def run(options: argparse.Namespace) -> int:
    """Prove each problem, and say everything that is to be mended; 1 when there is anything."""
    if options.margins:
        return _print_margins(options)
    if options.examples:
        return _write_past_examples(options)
    sandbox = Sandbox()
    done = True
    for name in options.problems or problem_names():
        print(name, flush=True)
        found = 0
        try:
            proof = Proof(load_problem(name), sandbox, course_seed())
            for found, sentence in enumerate(_findings(proof, options), start=1):  # noqa: B007  (counted)
                print(f"  - {sentence}", flush=True)
        except ProblemError as error:
            found += 1
            print(f"  - {error}")
        done = done and not found
        if found:
            print(f"  {found} to mend.")
        else:
            print(f"  proven: {_said(proof.counts)}.")
    return 0 if done else 1


def _said(counts: Counts) -> str:
    parts = [
        (counts.mistakes, "mistakes rejected and named"),
        (counts.mutants, "mutants rejected or equivalent"),
        (counts.right_answers, "right answers with full marks"),
    ]
    return ", ".join(f"{count:,} {words}" for count, words in parts if count)


def _write_past_examples(options: argparse.Namespace) -> int:
    for name in options.problems or problem_names():
        problem = load_problem(name)
        graders = collect(problem, course_seed())
        passed = write_past_examples(graders)
        known = sum(map(len, graders.mistakes.values()))
        file = problem.past_examples_file.relative_to(ROOT)
        print(f"{file}: the visible examples catch {known - len(passed)} of {known} known mistakes.", flush=True)
    return 0


def _print_margins(options: argparse.Namespace) -> int:
    print(f"{'task':28}{'worst right':>12}  {'':32}{'best wrong':>12}   (parts of the tolerance)")
    for name in options.problems or problem_names():
        for margin in margins(collect(load_problem(name), course_seed())):
            right = f"{margin.right:12.3f}  {margin.right_answer[:30]:32}"
            print(f"{margin.task:28}{right}{margin.wrong:12.3g}   {margin.mistake}")
    return 0


def _findings(proof: Proof, options: argparse.Namespace) -> Iterator[str]:
    if options.soak:
        for seed in range(options.soak):
            yield from proof.right_answers(seed)
        return
    if not options.mutants:
        yield from proof.findings()
        yield from proof.right_answers()
    yield from proof.mutants(1 if options.mutants else QUICK_MUTANTS)
