"""Words: how numbers, outcomes and messages read, the same on every page and in the terminal."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from autograder.grading.results import Outcome, TaskResult

# C0 and C1 control characters, but not tab and newline, and lone surrogates (names of undecodable files).
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CODE = re.compile(r"`([^`\n]+)`")

OUTCOME_WORDS: dict[Outcome, str] = {
    "passed": "right",
    "failed": "not right yet",
    "not_attempted": "not started",
    "error": "raised an error",
    "timeout": "out of time",
    "forbidden": "not allowed",
}


def plain(text: str) -> str:
    """`text` without what a terminal or a page would act upon: escape sequences, nulls, surrogates."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def number(value: float) -> str:
    """A score as people write it: `13.5`, `20`, `3.33`."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def counted(count: int, singular: str, plural: str = "") -> str:
    """A count with its noun: `1 task`, `3 tasks`."""
    return f"{count} {singular if count == 1 else plural or singular + 's'}"


def capitalised(text: str) -> str:
    """`text` with a capital letter first, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(items: Sequence[str]) -> str:
    """Items in a sentence: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def verdict(task: TaskResult) -> str:
    """A task's outcome in a few words; partial credit is said."""
    if task.outcome == "failed" and task.score > 0:
        return "partly right"
    return OUTCOME_WORDS[task.outcome]


def prose(text: str) -> Markup:
    """A message as HTML: paragraphs, `code` between backticks, indented lines (of source) as a block.

    Everything is escaped; nothing in a message can become markup.
    """
    parts: list[Markup] = []
    lines: list[str] = []
    block = False

    def flush() -> None:
        if "".join(lines).strip():
            if block:
                parts.append(Markup("<pre>{}</pre>").format("\n".join(lines)))
            else:
                parts.append(Markup("<p>{}</p>").format(inline(" ".join(lines))))
        lines.clear()

    for line in plain(text).split("\n"):
        if line.strip() and line.startswith(("    ", "\t")) != block:
            flush()
            block = not block
        if not line.strip() and not block:
            flush()
        else:
            lines.append(line if block else line.strip())
    flush()
    return Markup("").join(parts)


def linked(text: str, address: str) -> Markup:
    """`text` as a link where there is an address (of problem.toml, which is checked when it is read)."""
    return Markup('<a href="{}">{}</a>').format(address, plain(text)) if address else escape(plain(text))


def inline(text: str) -> Markup:
    """One line of a message as HTML, with `code` between backticks."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(plain(text)))))
