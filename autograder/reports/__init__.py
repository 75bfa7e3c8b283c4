"""Reports: results as pages, tables, terminal output and for Gradescope. They only read results."""

from autograder.reports.feedback import (
    feedback_fragment,
    feedback_page,
    fragment_style,
    task_fragment,
    write_feedback,
)
from autograder.reports.gradescope import gradescope_results, write_gradescope_archive
from autograder.reports.report import write_report
from autograder.reports.tables import PLATFORMS, write_grades, write_grades_for
from autograder.reports.terminal import GradingProgress, print_feedback, print_summary

__all__ = [
    "PLATFORMS",
    "GradingProgress",
    "feedback_fragment",
    "feedback_page",
    "fragment_style",
    "gradescope_results",
    "print_feedback",
    "print_summary",
    "task_fragment",
    "write_feedback",
    "write_grades",
    "write_grades_for",
    "write_gradescope_archive",
    "write_report",
]
