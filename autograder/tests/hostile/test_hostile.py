"""No attack earns more than what is honest in it, none is still running afterwards, and none harms the next student.

The whole corpus runs in the sandbox's default mode, in this process; some of it in every other mode, as
other users, in a process of its own. The control runs the same forgeries unprotected.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from autograder.grading.results import to_json
from autograder.problems import ROOT, load_problem
from autograder.tests.hostile.arena import MARK, Arena, Mode, Outcome, arena
from autograder.tests.hostile.attacks import LEAKS, PROBLEM, Attack, corpus

ATTACKS = corpus()
FORGERIES = [attack for attack in ATTACKS if attack.naive]
LONGEST = 60.0  # on a busy machine; most take less than a second
AN_ORDINARY_USER = ("unshare", "--user", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True)
class Setting:
    """A way to run the sandbox: who starts it, and what it has to do without."""

    name: str
    prefix: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    numpy_only: bool = True

    def options(self) -> list[str]:
        """For the command."""
        return ["--without", *self.without, *(["--numpy-only"] if self.numpy_only else [])]

    def __str__(self) -> str:
        return self.name


SETTINGS = [
    Setting("without bubblewrap", (), ("bubblewrap",)),
    Setting("without namespaces", (), ("bubblewrap", "namespaces")),
    Setting("bubblewrap alone", (), ("landlock",)),
    Setting("an ordinary user", AN_ORDINARY_USER),
    Setting("an ordinary user without bubblewrap", AN_ORDINARY_USER, ("bubblewrap",), numpy_only=False),
    Setting("an ordinary user without namespaces", AN_ORDINARY_USER, ("bubblewrap", "namespaces")),
    Setting("an ordinary user with bubblewrap alone", AN_ORDINARY_USER, ("landlock",)),
]
EVERYWHERE = [attack for attack in ATTACKS if attack.everywhere]


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    tmp_path_factory.getbasetemp()  # before temporary files go to the arena's own folder, which is removed
    with arena() as ready:
        yield ready


@pytest.fixture(scope="module", params=SETTINGS, ids=str)
def elsewhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What came of the attacks in another setting."""
    setting: Setting = request.param
    if setting.prefix and shutil.which(setting.prefix[0]) is None:
        pytest.skip(f"{setting.prefix[0]} is not installed")
    if setting.prefix and subprocess.run([*setting.prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody make a user namespace, so no ordinary user can be had")
    only = [attack.name for attack in EVERYWHERE]
    module = [sys.executable, "-m", "autograder.tests.hostile.arena"]
    done = subprocess.run(
        [*setting.prefix, *module, *setting.options(), "--only", *only],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    mode = msgspec.json.decode(first, type=Mode)
    if "bubblewrap" not in setting.without and not mode.bubblewrap:
        pytest.skip("bubblewrap is not installed here, or may not start")
    if "namespaces" not in setting.without and not mode.namespaces:
        pytest.skip("this machine gives a process no namespaces of its own")
    assert mode.bubblewrap == ("bubblewrap" not in setting.without)
    assert mode.namespaces == ("namespaces" not in setting.without)
    assert mode.landlock == ("landlock" not in setting.without)
    outcomes = [msgspec.json.decode(line, type=Outcome) for line in lines]
    return {outcome.name: outcome for outcome in outcomes}


def assert_contained(attack: Attack, outcome: Outcome) -> None:
    result = outcome.result
    assert result.status == "graded", result.message
    assert isinstance(result.score, float)
    earned = {task.name: [test.name for test in task.tests if test.outcome == "passed"] for task in result.tasks}
    assert result.score <= attack.earns, earned
    (task,) = (task for task in result.tasks if task.name == attack.task)
    assert task.outcome != "passed"
    assert attack.outcome in ("", task.outcome), task
    assert task.message
    assert outcome.seconds < LONGEST
    assert outcome.next_score == 1.0
    assert outcome.left == ()
    line = to_json(result)
    assert [words for words in LEAKS if words.encode() in line] == []
    assert len(line) < 100_000
    assert b"\\u001b" not in line, "an escape sequence could reach a terminal"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_every_attack_is_contained(ready: Arena, attack: Attack) -> None:
    assert_contained(attack, ready.attack(attack))


@pytest.mark.parametrize("attack", EVERYWHERE, ids=lambda attack: attack.name)
def test_contained_in_every_setting(elsewhere: dict[str, Outcome], attack: Attack) -> None:
    assert_contained(attack, elsewhere[attack.name])


@pytest.mark.parametrize("attack", FORGERIES, ids=lambda attack: attack.name)
def test_the_same_forgery_succeeds_unprotected(attack: Attack, tmp_path: Path) -> None:
    """The control: module and tests in one process. Without it, a corpus of duds would prove nothing."""
    module, results = tmp_path / "module.py", tmp_path / "results.json"
    module.write_text(attack.text(tmp_path / "secret.txt"))
    reference = load_problem(PROBLEM).folder / "numerical_stability.py"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "autograder.tests.hostile.naive", reference, module, results],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert results.exists(), done.stderr.decode()
    assert json.loads(results.read_text())["points"] > 0, done.stderr.decode()


def test_a_wrong_module_earns_nothing_unprotected_either(tmp_path: Path) -> None:
    """The control's control: without an attack, the naive tests reject the same wrong answer."""
    module, results = tmp_path / "module.py", tmp_path / "results.json"
    module.write_text("def log_softmax(x, axis=-1):\n    return x\n\n\ndef logsumexp(x, axis=-1):\n    return x\n")
    reference = load_problem(PROBLEM).folder / "numerical_stability.py"
    subprocess.run(
        [sys.executable, "-m", "autograder.tests.hostile.naive", reference, module, results],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert json.loads(results.read_text())["points"] == 0


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(ATTACKS) >= 60
    assert len(FORGERIES) >= 12
    assert len(EVERYWHERE) >= 12
    assert all(attack.words.endswith(".") for attack in ATTACKS)


def test_nothing_was_left_anywhere(ready: Arena) -> None:
    """After everything above: not in the folder that pytest was started in either."""
    assert ready.right(PROBLEM) == 1.0
    assert [path for path in Path.cwd().iterdir() if MARK in path.name] == []
