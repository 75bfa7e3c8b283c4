"""A picture of where an array is wrong: a square an entry, a panel for each place on the axes before the last two.

Squares differ by form as well as by colour, and words beside the picture say the same.
"""

import math
from collections.abc import Iterator

from markupsafe import Markup

from autograder.grading.results import Difference

_WIDTH = 320  # pixels that the squares may take
_LARGEST, _SMALLEST = 16, 4
_ABOVE, _BESIDE = 20, 54  # room for the name of an axis
_BETWEEN = 8  # panels
_NAMES = {"x": "wrong", "/": "wrong in part", ".": "right"}
_CLASSES = {"x": "ag-square-wrong", "/": "ag-square-partly", ".": "ag-square-right"}


def where_wrong(differs: Difference) -> Markup:
    """The picture as SVG, a few kB; for the eye only, since `in_words` stands beside it."""
    down, across = differs.panels
    height, width = len(differs.rows) // (down * across), len(differs.rows[0])
    step = max(_SMALLEST, min(_LARGEST, _WIDTH // (across * width) - _BETWEEN // width))
    side = step - (2 if step > 8 else 1)
    axes = len(differs.shape)
    left, top = _BESIDE * (1 + (axes > 3)), _ABOVE * (axes > 2)
    paths = dict.fromkeys(_CLASSES, "")
    for number, row in enumerate(differs.rows):
        panel, line = divmod(number, height)
        x = left + panel % across * (width * step + _BETWEEN)
        y = top + panel // across * (height * step + _BETWEEN) + line * step
        for column, square in enumerate(row):
            paths[square] += _square(square, x + column * step, y, side)
    right = left + max(across * (width * step + _BETWEEN), _BESIDE)
    bottom = top + down * (height * step + _BETWEEN) - _BETWEEN
    opening = Markup('<svg class="ag-where" viewBox="0 0 {0} {1}" width="{0}" aria-hidden="true" focusable="false">')
    return Markup("").join(
        [
            opening.format(right, bottom + _ABOVE),
            *(Markup('<path class="{}" d="{}"/>').format(_CLASSES[kind], path) for kind, path in paths.items() if path),
            *_names(axes, left, top, bottom),
            Markup("</svg>"),
        ]
    )


def key(differs: Difference) -> list[tuple[Markup, str]]:
    """What the squares mean, those that occur: (swatch, words)."""
    swatch = Markup('<svg class="ag-square" viewBox="0 0 12 12" aria-hidden="true"><path class="{}" d="{}"/></svg>')
    return [
        (swatch.format(_CLASSES[kind], _square(kind, 0, 0, 12)), words)
        for kind, words in _NAMES.items()
        if any(kind in row for row in differs.rows)
    ]


def in_words(differs: Difference) -> str:
    """The picture in words."""
    folded = math.prod(differs.shape) > sum(map(len, differs.rows))
    return (
        f"In the array of shape {differs.shape} that your code returned, {differs.words}."
        + " Each square stands for several entries." * folded
    )


def _square(kind: str, x: int, y: int, side: int) -> str:
    if kind == "/":  # its lower half
        return f"M{x} {y}v{side}h{side}z"
    return f"M{x} {y}h{side}v{side}h-{side}z"


def _names(axes: int, left: int, top: int, bottom: int) -> Iterator[Markup]:
    """The name of each axis: the last two beside the first panel, those before them where panels are counted."""
    across = Markup('<text x="{}" y="{}">axis {} →</text>')
    down = Markup('<text x="{}" y="{}" text-anchor="end">axis {} ↓</text>')
    yield across.format(left, bottom + 15, axes - 1)
    yield down.format(left - 8, top + 12, axes - 2)
    if axes > 2:
        yield across.format(left, top - 7, axes - 3)
    if axes > 3:
        yield down.format(left - 8 - _BESIDE, top + 12, axes - 4)
