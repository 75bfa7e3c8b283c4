"""What many autograders do, and the control of this suite: module and tests in one process, marks counted there.

    python -m autograder.tests.hostile.naive REFERENCE.py MODULE.py RESULTS.json

Each test compares in another of the usual ways; a forgery has succeeded when any of them is earned.
"""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np


def load(path: str, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_large(student: Any, x: Any, expected: Any) -> None:
    np.testing.assert_allclose(student.log_softmax(x), expected, rtol=1e-6)


def test_close(student: Any, x: Any, expected: Any) -> None:
    actual = student.log_softmax(x)
    assert actual.shape == expected.shape
    assert np.allclose(actual, expected)


def test_difference(student: Any, x: Any, expected: Any) -> None:
    assert (abs(student.log_softmax(x) - expected) < 1e-6).all()


def test_equal(student: Any, x: Any, expected: Any) -> None:
    assert student.logsumexp(x) == float(round(expected.max(), 6))


TESTS = [test_large, test_close, test_difference, test_equal]
points = 0


def main() -> None:
    global points
    reference = load(sys.argv[1], "reference")
    try:
        student = load(sys.argv[2], "student_module")
        for test in TESTS:
            x = 100 * np.random.default_rng().normal(size=(3, 5))
            expected = reference.log_softmax(x)
            try:
                test(student, x, expected)
            except Exception:
                continue
            points += 1
    finally:
        Path(sys.argv[3]).write_text(json.dumps({"points": points}))


if __name__ == "__main__":
    main()
