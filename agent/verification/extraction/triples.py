"""Triples by rules: a statement that is as a whole one of a few patterns. Everything else has none."""

import re
from collections.abc import Sequence

from agent.domain.claims import Statement
from agent.verification.negation import unshared_scope

_NO_VALUE = re.compile(
    r"(?:yes|no|n/?a|none|unknown|[-\u2013\u2014?\u2713\u2714\u2717\u2718\u00d7xX.]*|是|否|有|无|無)", re.IGNORECASE
)


def triples_of(statement: str) -> tuple[Statement, ...]:
    """Return the triples of a statement, or nothing where no pattern fits the whole of it."""
    return ()


def row_triples(header: Sequence[str], cells: Sequence[str]) -> tuple[Statement, ...]:
    """Return the triples of a table's row: its first cell is what it is about, its columns are the relations.

    Rows that are counted, cells that say yes or no, and words that deny or limit give none.
    """
    subject = cells[0]
    if not any(character.isalpha() for character in subject) or unshared_scope("", " ".join([*header, *cells])):
        return ()
    return tuple(
        Statement(subject=subject, relation=name, object=cell)
        for name, cell in zip(header[1:], cells[1:], strict=True)
        if name and cell and not _NO_VALUE.fullmatch(cell)
    )
