"""Pages and files: the templates, and writing into the output folder without ever leaving it."""

import os
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.reports.text import capitalised, counted, inline, linked, listed, number, plain, prose


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        capitalised=capitalised, prose=prose, inline=inline, number=number, plain=plain, listed=listed
    )
    environment.globals.update(counted=counted, linked=linked)
    return environment


_templates = _environment()


def render(template: str, **values: object) -> str:
    """The text of `templates/<template>` with `values`; every string in it is escaped."""
    return _templates.get_template(template).render(**values)


def feedback_path(folder: Path, student: str, assignment: str) -> Path:
    """`folder/<student>/<assignment>.html`; ValueError when a name is not a single part of a path."""
    return folder / _part(student) / f"{_part(assignment)}.html"


def feedback_link(student: str, assignment: str) -> str:
    """The address of a feedback page, relative to a page beside the folder `feedback`."""
    parts = (_part(student), f"{_part(assignment)}.html")
    return "/".join(["feedback", *(quote(part, errors="surrogateescape") for part in parts)])


def write_text(path: Path, text: str) -> Path:
    """Write a file whole or not at all (an interrupted run leaves no half page), making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{os.getpid()}.unfinished")
    try:
        unfinished.write_text(text, encoding="utf-8", errors="replace", newline="")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _part(name: str) -> str:
    """`name` when it is one part of a path; names come from folder names, so anything else is refused."""
    if name in ("", ".", "..") or any(character in name for character in "/\\\0"):
        raise ValueError(f"{name!r} cannot be the name of a file or folder")
    return name
