"""Visible examples: they catch crude mistakes. The hidden tests check more, so passing these is not the grade."""

import numpy as np
import pytest
from $module import double


@pytest.mark.task("double")
def test_doubles_each_entry():
    result = double(np.array([1.0, -2.5]))
    assert list(result) == [2.0, -5.0], "each entry should be doubled"
