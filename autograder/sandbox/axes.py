"""Matplotlib Axes, described by their artists: what a grader may look at without touching a student's object."""

import math
from typing import Annotated, Any

import msgspec

MAX_LINES = 64
MAX_VALUES = 4096
MAX_WORDS = 200

Words = Annotated[str, msgspec.Meta(max_length=MAX_WORDS)]
Numbers = Annotated[list[float | None], msgspec.Meta(max_length=MAX_VALUES)]

# Runs in the worker, beside the student's module (see Student.new_axes and Student.close_figures).
HELPERS = """
import matplotlib.pyplot as plt

def new_axes():
    return plt.subplots()[1]

def close_figures():
    plt.close("all")
"""


class LineView(msgspec.Struct, frozen=True):
    """One Line2D: its label and data (None where the data is not finite), and how it is drawn."""

    label: Words
    x: Numbers
    y: Numbers
    visible: bool = True
    linestyle: Words = ""
    marker: Words = ""


class AxesView(msgspec.Struct, frozen=True):
    """An Axes: its artists and texts. `id` is the same for the same Axes; `shown` says that plt.show was called."""

    id: int
    lines: Annotated[list[LineView], msgspec.Meta(max_length=MAX_LINES)]
    xscale: Words
    yscale: Words
    xlabel: Words
    ylabel: Words
    title: Words
    legend: Annotated[list[Words], msgspec.Meta(max_length=MAX_LINES)] | None
    shown: bool


def describe(value: Any, number: int, shown: bool) -> dict[str, Any] | None:
    """The AxesView of `value` as a plain dict, or None when it is not a Matplotlib Axes."""
    try:
        from matplotlib.axes import Axes
    except ImportError:
        return None
    if not isinstance(value, Axes):
        return None
    legend = value.get_legend()
    view = AxesView(
        id=number,
        lines=[_line(line) for line in value.get_lines()[:MAX_LINES]],
        xscale=value.get_xscale(),
        yscale=value.get_yscale(),
        xlabel=_words(value.get_xlabel()),
        ylabel=_words(value.get_ylabel()),
        title=_words(value.get_title()),
        legend=None if legend is None else [_words(text.get_text()) for text in legend.get_texts()[:MAX_LINES]],
        shown=shown,
    )
    plain: dict[str, Any] = msgspec.to_builtins(view)
    return plain


def view(plain: dict[str, Any]) -> AxesView:
    """The AxesView of what a worker sent; msgspec.ValidationError when it is not one."""
    return msgspec.convert(plain, AxesView)


def _line(line: Any) -> LineView:
    return LineView(
        label=_words(line.get_label()),
        x=_numbers(line.get_xdata(orig=False)),
        y=_numbers(line.get_ydata(orig=False)),
        visible=bool(line.get_visible()),
        linestyle=_words(line.get_linestyle()),
        marker=_words(line.get_marker()),
    )


def _numbers(values: Any) -> list[float | None]:
    numbers = [float(value) for value in list(values)[:MAX_VALUES]]
    return [number if math.isfinite(number) else None for number in numbers]


def _words(text: Any) -> str:
    return str(text)[:MAX_WORDS]
