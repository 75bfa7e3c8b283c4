"""Markdown whose LaTeX a browser shows by itself: as MathML, without a script and without the network."""

import xml.etree.ElementTree as ElementTree
from typing import Literal

from latex2mathml.converter import convert
from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_LONGEST = 2000  # characters of a formula
_MATHML = "http://www.w3.org/1998/Math/MathML"
# What may come of a formula, which can be a student's: the converter passes HTML and links on.
_ELEMENTS = frozenset(
    "math mfrac mi mn mo mover mpadded mphantom mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr "
    "munder munderover".split()
)
_ATTRIBUTES = frozenset(
    "accent columnalign columnspacing depth display displaystyle fence form height linethickness lspace mathvariant "
    "maxsize minsize movablelimits rowspacing rspace scriptlevel separator stretchy width".split()
)

ElementTree.register_namespace("", _MATHML)


def markdown(text: str) -> Markup:
    """Markdown as HTML; a formula that cannot be converted stays LaTeX. `text` is trusted where it has HTML tags."""
    return Markup(MarkdownWithMath(renderer=_Renderer(escape=False)).render(text))


class _Renderer(IPythonRenderer):
    def inline_math(self, body: str) -> str:
        return _formula(body, "inline") or super().inline_math(body)

    def block_math(self, body: str) -> str:
        return _formula(body, "block") or super().block_math(body)

    def latex_environment(self, name: str, body: str) -> str:
        return _formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block") or super().latex_environment(name, body)


def _formula(latex: str, display: Literal["inline", "block"]) -> str:
    """MathML, or nothing when there is none to be had. What is shown is written anew from what was understood."""
    if len(latex) > _LONGEST:
        return ""
    try:
        found = ElementTree.fromstring(convert(latex, display=display))
    except Exception:  # the converter raises a class of its own for each mistake, and a RecursionError
        return ""
    for element in found.iter():
        known = element.tag.removeprefix(f"{{{_MATHML}}}") in _ELEMENTS if isinstance(element.tag, str) else False
        if not known or not _ATTRIBUTES.issuperset(element.keys()):
            return ""
    return ElementTree.tostring(found, encoding="unicode")
