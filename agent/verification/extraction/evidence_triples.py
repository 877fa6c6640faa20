"""Reads the text format in which Chain-of-Knowledge (Wang et al., arXiv 2306.06427) writes evidence.

``Evidence triples:`` is followed by numbered lines ``1. (subject, relation, object)``; ``Explanation hints:`` and
``So the answer is X.`` come before or after. It is what people have in files, and what models write that are prompted
that way; lines that are none are reported with their number and the rest is read.
"""

import re
from collections.abc import Iterator

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.claims import Statement

_SECTION = re.compile(r"^\s*(?:A:\s*)?evidence\s+triples?\s*[:\uff1a]\s*(?P<rest>.*)$", re.IGNORECASE)
_HINTS = re.compile(r"^\s*(?:A:\s*)?explanation\s+hints?\s*[:\uff1a]\s*(?P<rest>.*)$", re.IGNORECASE)
_ANSWER = re.compile(
    r"^\s*(?:A:\s*)?(?:so,?\s+)?the\s+answer\s+is\s*[:\uff1a]?\s*(?P<rest>.+?)\s*\.?\s*$", re.IGNORECASE
)
_QUESTION = re.compile(r"^\s*Q:\s")
_NUMBER = re.compile(r"^\s*(?:\d{1,3}\s*[.)\uff0e\u3001:]|[-*\u2022])\s*")
_OPEN, _CLOSE = "(\uff08", ")\uff09"
_COMMAS = ",\uff0c"
_LONGEST = 1000


class BadTriple(Fact):
    """A line among the evidence triples that is none. Lines count from 1."""

    line: int = Field(ge=1)
    text: str
    reason: str


class EvidenceTriples(Fact):
    """A chain as it was read.

    Attributes:
        triples: the triples in their order, with ``lines``, the number of the line of each.
        bad: the lines that could not be read.
        hints: what stands after ``Explanation hints:``, on one line.
        answer: what stands after ``the answer is``, without its full stop; empty where there is none.
        section: whether there is a line ``Evidence triples:``; without it nothing was written in this format.
    """

    triples: tuple[Statement, ...] = ()
    lines: tuple[int, ...] = ()
    bad: tuple[BadTriple, ...] = ()
    hints: str = ""
    answer: str = ""
    section: bool = False


def read_evidence_triples(text: str, *, first_line: int = 1) -> EvidenceTriples:
    """Return the triples, hints and answer of one chain.

    Args:
        text: one answer, or one exemplar; it ends before a second question.
        first_line: number of its first line in the file that it was cut from.
    """
    found: list[tuple[Statement, int]] = []
    bad: list[BadTriple] = []
    hints: list[str] = []
    answer = ""
    part = ""
    section = False
    for line, kind, rest in _lines(text, first_line):
        if kind:
            part = kind
        if kind == "triples":
            section = True
        if kind == "answer":
            answer = rest
        elif part == "hints" and rest:
            hints.append(rest)
        elif part == "triples" and rest:
            read = _triple(rest)
            if isinstance(read, Statement):
                found.append((read, line))
            else:
                bad.append(BadTriple(line=line, text=rest[:_LONGEST], reason=read))
    return EvidenceTriples(
        triples=tuple(triple for triple, _ in found),
        lines=tuple(line for _, line in found),
        bad=tuple(bad),
        hints=" ".join(hints),
        answer=answer,
        section=section,
    )


def _lines(text: str, first_line: int) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each line, the part that it begins or nothing, and what it says."""
    asked = 0
    for line, raw in enumerate(text.split("\n"), first_line):
        if _QUESTION.match(raw):
            asked += 1
            if asked > 1:
                return
            yield line, "question", ""
            continue
        for kind, pattern in (("triples", _SECTION), ("hints", _HINTS), ("answer", _ANSWER)):
            if match := pattern.match(raw):
                yield line, kind, match["rest"].strip()
                break
        else:
            yield line, "", raw.strip()


def _triple(line: str) -> Statement | str:
    """Return the triple of a line, or why it is none."""
    body = _NUMBER.sub("", line, count=1).strip().rstrip(".;\u3002")
    if len(body) > _LONGEST:
        return f"it has more than {_LONGEST:,} characters"
    if not body or body[0] not in _OPEN or body[-1] not in _CLOSE:
        return "it is not in parentheses"
    parts = _parts(body[1:-1])
    if parts is None:
        return "its parentheses do not match"
    if len(parts) != 3:
        return f"it has {len(parts)} {'part' if len(parts) == 1 else 'parts'} instead of 3"
    if not all(parts):
        return "a part of it is empty"
    return Statement(subject=parts[0], relation=parts[1], object=parts[2])


def _parts(body: str) -> list[str] | None:
    """Return what stands between commas; those in parentheses and in numbers such as ``1,000`` separate nothing."""
    parts = [""]
    depth = 0
    for position, character in enumerate(body):
        depth += (character in _OPEN) - (character in _CLOSE)
        if depth < 0:
            return None
        if character in _COMMAS and not depth and not _in_number(body, position):
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip().strip("\"'\u201c\u201d").strip() for part in parts] if not depth else None


def _in_number(body: str, position: int) -> bool:
    return body[position - 1 : position].isdigit() and re.match(r",\d{3}(?!\d)", body[position:]) is not None
