"""LaTeX in feedback: formulas that a browser shows, and nothing that it runs."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.nbgrader.formulas import markdown
from autograder.problems import SOLUTIONS


def test_formulas() -> None:
    html = markdown("Take $x_i^2$, **then**\n\n$$\\frac1m\\sum_i (x_i-\\mu)^2$$\n\nand `$a$` costs 5 dollars.")
    assert '<math display="inline"' in html.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "")
    assert html.count("<math") == 2
    assert "<mfrac>" in html
    assert "<strong>then</strong>" in html
    assert "<code>$a$</code>" in html


def test_environment() -> None:
    assert "<mtable" in markdown("\\begin{align}a &= b \\\\ c &= d\\end{align}")


@pytest.mark.parametrize("path", sorted(SOLUTIONS.glob("*/worksheet.md")), ids=lambda path: path.parent.name)
def test_every_formula_of_the_worksheets_is_shown(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    html = re.sub(r"<code>.*?</code>", "", markdown(text), flags=re.DOTALL)
    assert "$" not in html


@pytest.mark.parametrize(
    "latex",
    [
        "\\text{<img src=x onerror=alert(1)>}",
        "\\text{<script>alert(1)</script>}",
        "\\text{</mtext></math><script>alert(1)</script>}",
        "\\text{<![CDATA[<script>alert(1)</script>]]>}",
        "\\href{javascript:alert(1)}{x}",
        "\\style{background:url(https://example.org)}{x}",
        "\\class{x onclick=alert(1)}{x}",
        "\\frac{",
        "x^{",
        "{" * 1500,
        "x" * 100_000,
    ],
)
def test_nothing_else_comes_out(latex: str) -> None:
    """What is not a formula stays text."""
    parser = _Tags()
    parser.feed(markdown(f"${latex}$"))
    assert parser.found <= {"p", "math", "mrow", "mtext", "mi", "xmlns", "display"}


class _Tags(HTMLParser):
    """The names of elements and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.update([tag, *(name for name, _ in attrs)])
