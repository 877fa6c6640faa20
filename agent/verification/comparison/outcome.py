"""What comparing a claim with a text came to."""

from typing import Literal

from agent.domain.base import Fact

ComparisonVerdict = Literal["supported", "contradicted", "qualified", "not_found", "unverifiable"]


class Comparison(Fact):
    """What a text says about a claim, as far as words, numbers and dates alone can tell.

    Attributes:
        verdict: ``contradicted``: a statement about the same says the contrary. ``qualified``: the text says it with a
            limit that the claim leaves out. ``not_found``: the text does not speak of it. ``unverifiable``: undecided.
        detail: one line a person can follow: what was compared.
        sentence: the sentence of the text that decided, word for word; empty where none did.
    """

    verdict: ComparisonVerdict
    detail: str
    sentence: str = ""


def contradicted(detail: str) -> Comparison:
    """Return that a text says the contrary."""
    return Comparison(verdict="contradicted", detail=detail)
