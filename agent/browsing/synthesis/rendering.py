"""An answer with its list of references, for people: plain text, Markdown and a terminal."""

import re
from typing import Literal

from agent.browsing.synthesis.result import Reference, Synthesis

Format = Literal["plain", "markdown", "terminal"]

_CITED = re.compile(r"\[([^\[\]\s]+)\]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def rendered(synthesis: Synthesis, form: Format = "plain") -> str:
    """Return the answer with citations as numbers of the list of references that follows it.

    What pages say of themselves cannot break out of its line; for Markdown it is escaped. Text for a terminal still
    passes through ``agent.cli.console.clean``, like all text of others.

    Args:
        synthesis: the answer.
        form: ``plain`` and ``terminal`` number references as ``[1]``; ``markdown`` also links them.
    """
    numbers = {reference.evidence: reference.number for reference in synthesis.references}
    answer = _CITED.sub(lambda match: _mark(match, numbers), synthesis.answer)
    if not synthesis.references:
        return answer
    heading = "## References" if form == "markdown" else "References"
    gap = "\n\n" if form == "markdown" else "\n"
    lines = [line for reference in synthesis.references for line in _lines(reference, form)]
    return f"{answer}\n\n{heading}{gap}" + "\n".join(lines)


def _mark(match: re.Match[str], numbers: dict[str, int]) -> str:
    return f"[{numbers[match[1]]}]" if match[1] in numbers else match[0]


def _lines(reference: Reference, form: Format) -> list[str]:
    lines: list[str] = []
    for source in reference.sources:
        number = f"[{reference.number}]"
        title, when = source.title or source.url, _day(source.retrieved_at)
        if form == "markdown":
            url = source.url.replace(">", "%3E").replace("<", "%3C").replace("\n", "").replace(" ", "%20")
            line = f"- {number} {_escaped(title)}, <{url}>, {when}" if url else f"- {number} {_escaped(title)}, {when}"
        else:
            url = "".join(source.url.split())
            line = f"{number} {title}{', ' if url else ''}{url}, {when}"
        lines.append(line.removesuffix(", "))
    return lines


def _day(retrieved_at: str) -> str:
    """Return a time as ``retrieved 2026-11-01 12:00 UTC``; nothing where none is known."""
    match = re.match(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)", retrieved_at)
    return f"retrieved {match[1]} {match[2]} UTC" if match else ""


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)
