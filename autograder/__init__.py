"""Auto-graded exercises on linear algebra for deep learning."""

__version__ = "0.1.0"
