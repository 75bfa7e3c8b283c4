"""activation_variances and plot_variances (4c). How they go wrong:

activation_variances: divided by n - 1, or the standard deviation; the mean square; a mean of the variances of units
or of examples, a variance of means; layers taken together, or only if they are equally wide; single
precision, a term added or rounding, which drown tiny variances; integers that overflow; a list; kept by identity.

plot_variances: layers from 0; logarithms plotted, or no logarithmic axis, or the other one; lines missing, through
the wrong numbers, all under one name; labels or legend missing, a legend in another order; pyplot's current Axes
for the given one; the figure, the lines or nothing returned; plt.show().
"""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from autograder.grading import Case, assert_matches, assert_unchanged, fail, task
from autograder.grading.checks import kind
from autograder.sandbox.axes import AxesView, LineView


@dataclass(frozen=True)
class Layers:
    """The argument of `activation_variances`, and the variances that are due."""

    activations: list[np.ndarray]
    expected: np.ndarray


def variances(activations: Sequence[np.ndarray]) -> np.ndarray:
    """PyTorch's answer, in float64."""
    layers = [torch.from_numpy(a.astype(np.float64)) for a in activations]
    return np.array([layer.var(correction=0).item() for layer in layers])


def layers(name: str, draw: Callable[[np.random.Generator], list[np.ndarray]]) -> Case:
    def draw_both(rng: np.random.Generator) -> Layers:
        activations = draw(rng)
        return Layers(activations, variances(activations))

    return Case(name, draw_both)


def relu(rng: np.random.Generator, *shapes: tuple[int, int]) -> list[np.ndarray]:
    """Activations as they come out of layers: half of them 0, each layer on a scale of its own."""
    return [rng.uniform(0.5, 3) * np.maximum(rng.normal(size=shape), 0) for shape in shapes]


def matrices(rng: np.random.Generator, *shapes: tuple[int, int]) -> list[np.ndarray]:
    return [rng.normal(rng.normal(), rng.uniform(0.5, 3), size=shape) for shape in shapes]


WIDTHS = [
    layers("different widths", lambda rng: relu(rng, (6, 4), (6, 9), (6, 3))),
    layers("equal widths", lambda rng: relu(rng, (5, 7), (5, 7), (5, 7), (5, 7))),
    layers("one layer", lambda rng: relu(rng, (4, 6))),
    layers("positive and negative", lambda rng: matrices(rng, (3, 5), (3, 8))),
    layers("square layers", lambda rng: matrices(rng, (4, 4), (4, 4))),
]
SINGLES = [
    layers("a batch of one", lambda rng: matrices(rng, (1, 6), (1, 4), (1, 5))),
    layers("layers of one unit", lambda rng: matrices(rng, (5, 1), (5, 3), (5, 1))),
    layers("layers of one entry", lambda rng: matrices(rng, (1, 1), (1, 4), (1, 1))),
    layers("a dead layer", lambda rng: [*matrices(rng, (4, 3)), np.zeros((4, 5)), np.full((4, 2), rng.normal())]),
]


@task("activation_variances", "the population variance over all entries of each layer", weight=3)
@pytest.mark.parametrize("case", WIDTHS, ids=str)
def test_variances(student: Any, case: Layers) -> None:
    result = student.activation_variances(case.activations)
    if isinstance(result, list | tuple) and all(isinstance(item, float | np.floating) for item in result):
        result = np.array(result, dtype=np.float64)  # the right numbers in a list: a behaviour of its own
    assert_matches(result, case.expected)


@task("activation_variances", "a float64 array of shape (L,), also for sizes of 1 and dead layers")
@pytest.mark.parametrize("case", SINGLES, ids=str)
def test_single_variances(student: Any, case: Layers) -> None:
    assert_matches(student.activation_variances(case.activations), case.expected)


SCALES = [
    layers("a vanishing signal", lambda rng: [10.0 ** (-3 * k) * a for k, a in enumerate(relu(rng, *[(6, 5)] * 8))]),
    # The last layer's squares are beyond single precision's range.
    layers("an exploding signal", lambda rng: [10.0 ** (3 * k) * a for k, a in enumerate(relu(rng, *[(4, 7)] * 8))]),
]


@task("activation_variances", "accurate for signals that vanish or explode")
@pytest.mark.parametrize("case", SCALES, ids=str)
def test_scales(student: Any, case: Layers) -> None:
    result = student.activation_variances(case.activations)
    assert_matches(result, case.expected)
    # Every right algorithm keeps 14 digits here, however small the variance; single precision keeps 7.
    if not np.all(np.abs(result / case.expected - 1) < 1e-10):
        fail("The variances of a signal that vanishes or explodes from layer to layer are not accurate.")


def integers(rng: np.random.Generator, *dtypes: type[np.integer[Any]]) -> list[np.ndarray]:
    """Whole ranges of these dtypes, or a million."""
    ranges = [(max(np.iinfo(d).min, -(10**6)), min(np.iinfo(d).max, 10**6)) for d in dtypes]
    return [rng.integers(*r, size=(5, 6), endpoint=True).astype(d) for d, r in zip(dtypes, ranges, strict=True)]


VIEWS = [
    layers("signed integers", lambda rng: integers(rng, np.int8, np.int16, np.int32, np.int64)),
    layers("unsigned integers", lambda rng: integers(rng, np.uint8, np.uint16, np.uint32, np.uint64)),
    layers(
        "transposed and reversed",
        lambda rng: [m.T for m in matrices(rng, (4, 5))] + [m[::-1, ::-1] for m in matrices(rng, (5, 3))],
    ),
    layers(
        "sliced and repeated",
        lambda rng: (
            [m[::2, 1::3] for m in matrices(rng, (8, 9))] + [np.broadcast_to(m, (4, 6)) for m in matrices(rng, (1, 6))]
        ),
    ),
]


@task("activation_variances", "integer activations and strided views")
@pytest.mark.parametrize("case", VIEWS, ids=str)
def test_variances_of_views(student: Any, case: Layers) -> None:
    assert_matches(student.activation_variances(case.activations), case.expected)


# Runs in the worker: what a caller does who keeps one list.
CALLER = """
def three_calls(activation_variances, activations, new_contents, new_layer):
    first = activation_variances(activations)
    activations[1][...] = new_contents
    second = activation_variances(activations)
    activations[0] = new_layer
    return first, second, activation_variances(activations)
"""


@task("activation_variances", "leaves the activations alone, and computes anew in each call")
@pytest.mark.parametrize("case", WIDTHS[:1], ids=str)
def test_three_calls(student: Any, case: Layers) -> None:
    activations = [a.copy() for a in case.activations]
    assert_matches(student.activation_variances(activations), case.expected)
    assert_unchanged(student)
    new = [2 * a + 1 for a in activations]
    caller = student.stand_in(CALLER)
    first, second, third = caller.three_calls(student.activation_variances, activations, new[1], new[0])
    assert_matches(first, case.expected)
    assert_matches(second, variances([activations[0], new[1], *activations[2:]]))
    assert_matches(third, variances([*new[:2], *activations[2:]]))


@dataclass(frozen=True)
class Schemes:
    """The argument of `plot_variances`."""

    variances: dict[str, Any]

    @property
    def layers(self) -> int:
        return len(next(iter(self.variances.values())))


def schemes(name: str, names: Sequence[str], count: int, smallest: float = -3) -> Case:
    """`count` layers for each name, in any order, as lists and arrays; powers of ten from `smallest` to 2."""

    def draw(rng: np.random.Generator) -> Schemes:
        values = [10 ** rng.uniform(smallest, 2, size=count) for _ in names]
        as_list = rng.permutation(len(names)) % 2
        shuffled = [str(n) for n in rng.permutation(list(names))]
        return Schemes({n: v.tolist() if flag else v for n, v, flag in zip(shuffled, values, as_list, strict=True)})

    return Case(name, draw)


# Few cases, because one plot takes as long as all calls of another task.
PLOTS = [
    schemes("three schemes, ten layers", ["xavier", "he", "random"], 10, smallest=-40),
    schemes("four schemes, two layers", ["normal", "uniform", "truncated", "sparse"], 2),
    schemes("one scheme, one layer", ["orthogonal"], 1),
]
NAMES = [
    schemes("names of several words, and in one another", ["he", "xavier he", "He (2015)", "the-norm"], 3),
    schemes("one scheme", ["he"], 2),
]
NARROW = [schemes("variances that are all but equal", ["xavier", "he"], 4, smallest=1.9)]
SOME = [schemes("two schemes, five layers", ["he", "random"], 5)]

# Runs in the worker, beside the student's module: the words of each legend entry with the colour of the line beside
# them ("" if it is no line), and the colour of each line of the Axes.
LEGEND = """
from matplotlib.colors import to_hex
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

def legend_entries(ax):
    legends = [child for child in [*ax.get_children(), *ax.figure.legends] if isinstance(child, Legend)]
    pairs = [pair for legend in legends for pair in zip(legend.get_texts(), legend.legend_handles)]
    entries = [(text.get_text(), to_hex(h.get_color()) if isinstance(h, Line2D) else "") for text, h in pairs]
    return entries, [to_hex(line.get_color()) for line in ax.get_lines()]
"""


def plotted(value: Any, case: Schemes) -> AxesView:
    """What came back is an Axes with as many lines as there are schemes; the rest is for single behaviours."""
    if not isinstance(value, AxesView):
        fail(f"The result should be the Axes that was drawn on, but it is {kind(value)}.")
    count = sum(len(line.x) == case.layers for line in value.lines)
    if count < len(case.variances):
        fail(
            f"The Axes that came back has {count} lines with a point for each layer; it should have one "
            f"for each of the {len(case.variances)} schemes."
        )
    return value


def numbers(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def runs_through(line: LineView, values: Any) -> bool:
    """Whether the line's heights are these values (all of them positive), to nine digits."""
    y = numbers(line.y)
    return line.visible and y.shape == np.shape(values) and bool(np.all(np.abs(y / values - 1) < 1e-9))


def is_reference(line: LineView) -> bool:
    """Not data: an invisible or empty line, or a horizontal or vertical one."""
    return not line.visible or any(not v or np.ptp(numbers(v)) == 0 for v in (line.x, line.y))


@task("plot_variances", "one line a scheme, over layers 1 to L", weight=3)
@pytest.mark.parametrize("case", PLOTS, ids=str)
def test_lines(student: Any, case: Schemes) -> None:
    student.close_figures()
    view = plotted(student.plot_variances(case.variances), case)
    for values in case.variances.values():
        mine = [line for line in view.lines if runs_through(line, values)]
        if not mine:
            fail("There is a scheme without a line through its variances.")
        if not all(np.array_equal(numbers(line.x), np.arange(1, case.layers + 1)) for line in mine):
            fail("A line does not lie over the layers 1, 2, ..., L: look at its x values.")
        # Markers drawn over a line, by themselves, do not make two of it.
        if sum(line.linestyle.lower().strip() not in ("none", "") for line in mine) > 1:
            fail("More than one line runs through the same scheme's variances.")
    for line in view.lines:
        if not is_reference(line) and not any(runs_through(line, v) for v in case.variances.values()):
            fail("There is a line that runs through no scheme's variances.")


@task("plot_variances", "a logarithmic y axis")
@pytest.mark.parametrize("case", NARROW, ids=str)
def test_scale(student: Any, case: Schemes) -> None:
    student.close_figures()
    view = plotted(student.plot_variances(case.variances), case)
    if view.yscale != "log":
        fail(f"The y axis should be logarithmic, but its scale is {view.yscale!r}.")


@task("plot_variances", "a label on each axis")
@pytest.mark.parametrize("case", SOME, ids=str)
def test_labels(student: Any, case: Schemes) -> None:
    student.close_figures()
    view = plotted(student.plot_variances(case.variances), case)
    for name, label in (("x", view.xlabel), ("y", view.ylabel)):
        if not label.strip():
            fail(f"The {name} axis has no label.")


@task("plot_variances", "a legend that names each scheme beside its own line", weight=2)
@pytest.mark.parametrize("case", NAMES, ids=str)
def test_legend(student: Any, case: Schemes) -> None:
    student.close_figures()
    view = plotted(student.plot_variances(case.variances), case)
    entries, colours = student.stand_in(LEGEND).legend_entries(view)
    if not entries:
        fail("There is no legend, or nothing in it.")

    def fits(name: str, entry: tuple[str, str]) -> bool:
        """The entry has the name as a word, and the colour of the scheme's line, as far as both are known."""
        text, colour = entry
        lines = zip(view.lines, colours, strict=False)
        mine = {line_colour for line, line_colour in lines if runs_through(line, case.variances[name])}
        word = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)
        return word is not None and (not colour or not mine or colour in mine)

    names = list(case.variances)
    for name in names:
        if not any(fits(name, (text, "")) for text, _ in entries):
            fail("The legend lacks the name of a scheme, as a word spelled as in `variances`.")
    # Each scheme has an entry of its own: "xavier he" cannot stand for "he" too.
    if not any(all(map(fits, names, chosen)) for chosen in itertools.permutations(entries[:8], len(names))):
        fail("The legend does not put each scheme's name beside its own line.")


def parts(student: Any, view: AxesView) -> dict[str, bool]:
    """What a plot has beside its lines."""
    entries, _ = student.stand_in(LEGEND).legend_entries(view)
    return {
        "a logarithmic y axis": view.yscale == "log",
        "a label on the x axis": bool(view.xlabel.strip()),
        "a label on the y axis": bool(view.ylabel.strip()),
        "a legend": bool(entries),
    }


@task("plot_variances", "draws on the Axes that is given, else on its own, and returns it", weight=2)
@pytest.mark.parametrize("case", SOME, ids=str)
def test_axes(student: Any, case: Schemes) -> None:
    student.close_figures()
    given = student.new_axes()
    student.new_axes()  # now this one is pyplot's current one
    on_given = plotted(student.plot_variances(case.variances, given), case)
    if on_given.id != given.id:
        fail("It should draw on the Axes that is given, whichever is current, and return that one.")
    student.close_figures()
    own = plotted(student.plot_variances(case.variances, ax=None), case)
    if own.id == given.id:
        fail("Without `ax` it should draw on new Axes of its own, not on those of an earlier call.")
    # What is missing on both costs once, elsewhere; what is missing on the given Axes alone costs here.
    there = parts(student, on_given)
    for part, present in parts(student, own).items():
        if present and not there[part]:
            fail(f"On Axes of its own the plot has {part}; on the Axes that is given it should have one too.")
    if on_given.shown and not own.shown:
        fail("It should not call plt.show(), when it is given an Axes either.")


@task("plot_variances", "leaves `variances` as they are, and never calls plt.show()")
@pytest.mark.parametrize("case", SOME, ids=str)
def test_show(student: Any, case: Schemes) -> None:
    student.close_figures()
    if plotted(student.plot_variances(case.variances), case).shown:
        fail("It should not call plt.show(): whoever wants to see the plot calls it.")
    assert_unchanged(student, "the variances")
