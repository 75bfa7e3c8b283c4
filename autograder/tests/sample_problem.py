"""A small problem to test with: its folder in `solutions/`, and modules that students may write for it."""

from pathlib import Path

NAME = "problem9_doubling"

REFERENCE = '''"""Doubling."""

import numpy as np

### BEGIN SOLUTION
from functools import reduce


def _secret_helper(x):
    return reduce(lambda a, b: a + b, [x, x])


### END SOLUTION


def double(x: np.ndarray) -> np.ndarray:
    """Twice `x`."""
    ### BEGIN SOLUTION
    doubled_by_the_helper = _secret_helper(x)
    return doubled_by_the_helper
    ### END SOLUTION


class Scale:
    """Scales by a factor."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    ### BEGIN SOLUTION
    def _hidden(self) -> float:
        return self.factor

    ### END SOLUTION

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Factor times `x`."""
        ### BEGIN SOLUTION
        return double(x) * self._hidden() / 2
        ### END SOLUTION
'''

STUB = '''"""Doubling."""

import numpy as np


def double(x: np.ndarray) -> np.ndarray:
    """Twice `x`."""
    # TODO: your code here
    raise NotImplementedError("double: not written yet")


class Scale:
    """Scales by a factor."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Factor times `x`."""
        # TODO: your code here
        raise NotImplementedError("Scale.apply: not written yet")
'''

TOML = """
title = "Doubling"
source = "nowhere"
module = "doubling"
libraries = ["numpy"]
written_with = "NumPy"

[[task]]
name = "double"
part = "9a"
points = 15
summary = "twice the argument"
also_checked = ["integers", "empty arrays"]
hints = ["What is x + x?", "Add it to itself."]

[[task]]
name = "Scale.apply"
part = "9b"
points = 5
summary = "a multiple of the argument"
also_checked = ["negative factors"]
hints = ["Multiply.", "By the factor."]
"""

WORKSHEET = """# Doubling

Some story.

```python
import doubling
```

```python task="double"
```

```python task="Scale.apply"
```

<!-- #region question="why" -->
Why twice?
<!-- #endregion -->
"""

EXAMPLES = '''"""Examples."""
import numpy as np
import pytest

from doubling import Scale, double


@pytest.mark.task("double")
def test_two():
    assert double(np.array([2.0])) == 4.0, "twice 2 is 4"


@pytest.mark.task("Scale.apply")
def test_scale():
    assert Scale(3.0).apply(np.array([2.0])) == 6.0, "3 times 2 is 6"
'''

SOLVED = STUB.replace('raise NotImplementedError("double: not written yet")', "return x + x")


def write_problem(solutions: Path) -> None:
    """Write the problem's folder into `solutions`."""
    folder = solutions / NAME
    folder.mkdir(parents=True)
    for name, text in {
        "problem.toml": TOML,
        "doubling.py": REFERENCE,
        "worksheet.md": WORKSHEET,
        "test_examples.py": EXAMPLES,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
