"""Pictures as small inline SVG: a student's plot drawn again from its lines, and the class's histograms.

Hand-made rather than by Matplotlib: a few kB instead of fifty, colours from the page's style sheet (so that
light and dark both look right), text that stays text, and the same bytes for the same data.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.grading.results import PlotData, PlotLine
from autograder.reports.text import counted, listed, plain

COLOURS = 6  # of the style sheet: ag-c1 ... ag-c6
MOST_LINES = 12
MOST_POINTS = 400
_LARGEST = 1e300  # so that differences stay finite

_WIDTH, _HEIGHT = 440, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 12, 12, 42


@dataclass(frozen=True)
class _Axis:
    """A scale from data to pixels, with its ticks (position in the data, text)."""

    place: Callable[[float], float]
    ticks: list[tuple[float, str]]
    usable: Callable[[float], bool]


def student_plot(plot: PlotData) -> Markup:
    """A student's plot as SVG; what cannot be shown (NaN, infinite, not positive on a log axis) is a gap."""
    lines = plot.lines[:MOST_LINES]
    x_axis = _axis(plot.x_scale, [x for line in lines for x in line.x], _LEFT, _WIDTH - _RIGHT, 8)
    y_axis = _axis(plot.y_scale, [y for line in lines for y in line.y], _HEIGHT - _BOTTOM, _TOP, 6)
    parts = [
        Markup('<svg class="ag-plot" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            _WIDTH, _HEIGHT, f"Your plot: {describe_plot(plot)}"
        )
    ]
    for value, text in y_axis.ticks:
        y = y_axis.place(value)
        parts.append(
            Markup('<line class="ag-grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
                _LEFT, _WIDTH - _RIGHT, y, y
            )
        )
        parts.append(Markup('<text x="{}" y="{:.1f}" text-anchor="end">{}</text>').format(_LEFT - 7, y + 4, text))
    for value, text in x_axis.ticks:
        parts.append(
            Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
                x_axis.place(value), _HEIGHT - _BOTTOM + 17, text
            )
        )
    parts.append(
        Markup('<line class="ag-axis" x1="{0}" x2="{1}" y1="{2}" y2="{2}"/>').format(
            _LEFT, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
        )
    )
    for index, line in enumerate(lines):
        parts.append(_line(line, x_axis, y_axis, index))
    parts.append(
        Markup('<text class="ag-label" x="{}" y="{}" text-anchor="middle">{}</text>').format(
            (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 6, _short(plot.x_label)
        )
    )
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts.append(
        Markup('<text class="ag-label" transform="translate(11 {}) rotate(-90)" text-anchor="middle">{}</text>').format(
            middle, _short(plot.y_label)
        )
    )
    return Markup("").join([*parts, Markup("</svg>")])


def legend(plot: PlotData) -> list[tuple[str, Markup]]:
    """The plot's legend as (text, swatch), the swatch empty where no line has that label."""
    labels = [line.label for line in plot.lines[:MOST_LINES]]
    return [
        (plain(text), _swatch(labels.index(text)) if text in labels else Markup(""))
        for text in plot.legend[:MOST_LINES]
    ]


def describe_plot(plot: PlotData) -> str:
    """The plot in words: what is drawn, not which values (these are the grader's)."""
    names = [_short(line.label) for line in plot.lines if line.label and not line.label.startswith("_")]
    lines = counted(len(plot.lines), "line") + (f" ({listed(names[:MOST_LINES])})" if names else "")
    axes = (
        f"{name} axis {scale}, {f'labelled “{_short(label)}”' if label.strip() else 'without a label'}"
        for name, scale, label in (("y", plot.y_scale, plot.y_label), ("x", plot.x_scale, plot.x_label))
    )
    return plain("; ".join([lines, *axes, "with a legend." if plot.legend else "without a legend."]))


def histogram(counts: Sequence[int], edges: Sequence[str], median: float | None, label: str) -> Markup:
    """A histogram: `counts[i]` between `edges[i]` and `edges[i + 1]`; `median` in 0..1 of the whole width."""
    width, height, top, bottom = 300, 142, 18, 30  # below the bars: the median's mark, then the ends of the scale
    step = width / len(counts)
    tallest = max(max(counts), 1)
    parts = [
        Markup('<svg class="ag-histogram" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(width, height, label)
    ]
    for index, count in enumerate(counts):
        bar = (height - top - bottom) * count / tallest
        x = index * step + 2
        if count:
            parts.append(
                Markup('<rect class="ag-bar" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"/>').format(
                    x, height - bottom - bar, step - 4, bar
                )
            )
            parts.append(
                Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>').format(
                    x + step / 2 - 2, height - bottom - bar - 4, count
                )
            )
    parts.append(Markup('<line class="ag-axis" x1="0" x2="{0}" y1="{1}" y2="{1}"/>').format(width, height - bottom))
    if median is not None:
        parts.append(
            Markup('<path class="ag-median" d="M{:.1f} {} l-5 8 h10 z"/>').format(
                min(max(median * width, 5), width - 5), height - bottom + 2
            )
        )
    for position, anchor, text in ((0, "start", edges[0]), (width, "end", edges[-1])):
        parts.append(
            Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(position, height - 5, anchor, text)
        )
    return Markup("").join([*parts, Markup("</svg>")])


def _line(line: PlotLine, x_axis: _Axis, y_axis: _Axis, index: int) -> Markup:
    """One line: a path with gaps, and a marker of its own shape (colour is never the only difference)."""
    commands: list[str] = []
    markers: list[Markup] = []
    pen = "M"
    for x, y in list(zip(line.x, line.y, strict=False))[:MOST_POINTS]:
        if x is None or y is None or not x_axis.usable(x) or not y_axis.usable(y):
            pen = "M"
            continue
        at = x_axis.place(x), y_axis.place(y)
        commands.append(f"{pen}{at[0]:.1f} {at[1]:.1f}")
        markers.append(_marker(index, *at))
        pen = "L"
    path = Markup('<path class="ag-line" d="{}"/>').format(" ".join(commands))
    shown = markers if len(markers) <= 40 else []
    return Markup('<g class="ag-c{}">{}{}</g>').format(index % COLOURS + 1, path, Markup("").join(shown))


def _marker(index: int, x: float, y: float) -> Markup:
    match index % 4:
        case 0:
            return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3"/>').format(x, y)
        case 1:
            return Markup('<rect x="{:.1f}" y="{:.1f}" width="5.6" height="5.6"/>').format(x - 2.8, y - 2.8)
        case 2:
            return Markup('<path d="M{:.1f} {:.1f} l3.6 6.2 h-7.2 z"/>').format(x, y - 3.8)
        case _:
            return Markup('<path d="M{:.1f} {:.1f} l3.8 3.8 -3.8 3.8 -3.8 -3.8 z"/>').format(x, y - 3.8)


def _swatch(index: int) -> Markup:
    return Markup(
        '<svg class="ag-swatch ag-c{}" viewBox="0 0 24 10" aria-hidden="true">'
        '<path class="ag-line" d="M1 5H23"/>{}</svg>'
    ).format(index % COLOURS + 1, _marker(index, 12, 5))


def _axis(scale: str, values: Sequence[float | None], start: float, end: float, most: int) -> _Axis:
    """The axis for `values` between two pixel positions; any scale but "log" is drawn as linear."""
    log = scale == "log"

    def usable(value: float) -> bool:
        return math.isfinite(value) and (value > 0 or not log)

    def position(value: float) -> float:
        return math.log10(value) if log else max(-_LARGEST, min(_LARGEST, value))

    shown = [position(value) for value in values if value is not None and usable(value)]
    low, high = (min(shown), max(shown)) if shown else (0.0, 1.0)
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # one value: some room around it
        low, high = (low - 1, high + 1) if log or low == 0 else (low - abs(low) / 2, high + abs(high) / 2)
    room = 0.04 * (high - low)
    low, high = low - room, high + room

    def place(value: float) -> float:
        return start + (position(value) - low) / (high - low) * (end - start)

    ticks = _decades(low, high, most) if log else _round_numbers(low, high, most)
    return _Axis(place, ticks, usable)


def _decades(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Powers of ten within the exponents low..high; where there is none, the nearest round numbers."""
    first, last = math.ceil(low), math.floor(high)
    if last < first:
        return [(10**low * 1.0, f"{10**low:.2g}"), (10**high * 1.0, f"{10**high:.2g}")] if abs(high) < 300 else []
    step = max(1, -(-(last - first + 1) // most))
    exponents = range(first, last + 1, step)
    return [(10.0**e, _power(e)) for e in exponents if -307 <= e <= 307]


def _power(exponent: int) -> str:
    if -3 <= exponent <= 3:
        return f"{10.0**exponent:g}"
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _round_numbers(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """At most `most` multiples of 1, 2 or 5 times a power of ten within low..high."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((m * power for m in (1, 2, 5) if m * power >= rough), 10 * power)
    first = math.ceil(low / step)
    values = [index * step for index in range(first, first + most + 1) if index * step <= high]
    return [(value, f"{value:.6g}") for value in values]


def _short(text: str) -> str:
    """A label of the student's, cut to what fits."""
    text = " ".join(plain(text).split())
    return text if len(text) <= 48 else text[:47] + "…"
