"""Build: what instructors author in `solutions/` -> nbgrader's source folder -> `assignments/`."""

from autograder.build.release import build, fresh, leaks

__all__ = ["build", "fresh", "leaks"]
