"""What several modules of tests share."""

from collections.abc import Iterator

import pytest

from autograder.sandbox.spawn import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Zygotes for the tests of one module."""
    sandbox = Sandbox()
    yield sandbox
    sandbox.close()
