"""Problems as they are, and the sentences for problems that are not as they should be."""

import sys
from pathlib import Path

import pytest

from autograder import problems
from autograder.build.scaffold import scaffold
from autograder.grading.graders import collect
from autograder.problems import POINTS_PER_PROBLEM, ProblemError, load_problem, load_problems
from autograder.proving.examples import stale, write_past_examples

FIVE = [
    "problem1_tensor_manipulation",
    "problem2_einsum",
    "problem3_numerical_stability",
    "problem4_initialization",
    "problem5_batch_normalization",
]


def test_the_five_problems_are_there_and_worth_20_points_each() -> None:
    loaded = {problem.name: problem for problem in load_problems()}
    assert list(loaded) == FIVE
    assert all(problem.max_score == POINTS_PER_PROBLEM for problem in loaded.values())


def test_every_task_tells_what_is_checked_and_gives_hints_in_steps() -> None:
    for problem in load_problems():
        for task in problem.tasks:
            assert task.also_checked, f"{task.name} does not say what hidden inputs cover"
            assert 2 <= len(task.hints) <= 3, f"{task.name} needs two or three hints"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh problem6_example in folders of its own."""
    for module in ("autograder.problems", "autograder.build.scaffold"):
        monkeypatch.setattr(f"{module}.SOLUTIONS", tmp_path / "solutions")
        monkeypatch.setattr(f"{module}.GRADERS", tmp_path / "graders")
    scaffold("problem6_example")
    return tmp_path


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_scaffolded_problem_loads_and_collects(elsewhere: Path) -> None:
    graders = collect(load_problem("problem6_example"), seed=1)
    assert list(graders.behaviours) == ["double"]
    assert [mistake.name for mistake in graders.mistakes["double"]] == ["adds_two", "squares"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("points = 20", "points = 19", "sum to 19, they must sum to 20"),
        ("points = 20", 'points = "many"', "Expected `float`"),
        ("libraries =", 'source_url = "javascript:alert(1)"\nlibraries =', "must begin with https://"),
        ('part = "1a"', 'prat = "1a"', "prat"),
        ("[[task]]", "[[task]", "cannot be read"),
        ('libraries = ["numpy"]', 'libraries = ["pandas"]', "['pandas'] are not known"),
    ],
)
def test_what_is_wrong_in_problem_toml_is_said(elsewhere: Path, old: str, new: str, words: str) -> None:
    rewrite(elsewhere / "solutions/problem6_example/problem.toml", old, new)
    with pytest.raises(ProblemError) as failure:
        load_problem("problem6_example")
    assert words in str(failure.value)
    assert "problem6_example/problem.toml" in str(failure.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("test_double.py", '@task("double", "doubles', '@task("tripled", "doubles', "no task 'tripled'"),
        ("test_double.py", '@task("double", "doubles each entry, and leaves its argument alone")', "", "mark the test"),
        ("test_double.py", "(student, case)", "(student, case, tmp_path)", "not ['tmp_path'"),
        ("test_double.py", 'Case("float32"', 'Case("float64"', "two cases have the same name"),
        ("test_double.py", "import numpy as np", "import nothing_like_it", "cannot be collected"),
        ("test_double.py", "def test_values", "def values", "no test for task 'double'"),
        ("mistakes.py", '@mistake("double", hint="`x', '@mistake("triple", hint="`x', "no task 'triple'"),
    ],
)
def test_what_is_wrong_in_graders_is_said(elsewhere: Path, file: str, old: str, new: str, words: str) -> None:
    rewrite(elsewhere / "graders/problem6_example" / file, old, new)
    with pytest.raises(ProblemError) as failure:
        collect(load_problem("problem6_example"), seed=1)
    assert words in str(failure.value)


@pytest.mark.parametrize("name", ["Problem6", "../evil", "problem6", "problem 6_x"])
def test_a_name_that_cannot_be_a_problems_is_refused(elsewhere: Path, name: str) -> None:
    with pytest.raises(ProblemError, match="cannot name a problem"):
        scaffold(name)


def test_a_problem_is_never_overwritten(elsewhere: Path) -> None:
    with pytest.raises(ProblemError, match="already"):
        scaffold("problem6_example")


def test_an_unknown_problem_is_named_with_those_that_there_are() -> None:
    with pytest.raises(ProblemError, match="problem1_tensor_manipulation"):
        problems.load_problem("problem9_nothing")


def test_mistakes_that_the_examples_do_not_catch(elsewhere: Path) -> None:
    problem = load_problem("problem6_example")
    assert problem.past_examples() == frozenset()
    assert "run: autograder check --examples problem6_example" in next(stale(problem))
    graders = collect(problem, seed=1)
    before = set(sys.modules)
    caught_by_all = write_past_examples(graders)
    assert set(sys.modules) - before == set()
    assert caught_by_all == []
    assert list(stale(problem)) == []
    examples = problem.folder / "test_examples.py"
    rewrite(examples, "[1.0, -2.5]", "[2.0, 2.0]")
    rewrite(examples, "[2.0, -5.0]", "[4.0, 4.0]")
    assert list(stale(problem)) != []
    assert write_past_examples(graders) == ["adds_two", "squares"]
    assert problem.past_examples() == {"adds_two", "squares"}
