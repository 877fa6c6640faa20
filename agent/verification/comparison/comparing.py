"""Compares one claim with one text, without any model."""

from agent.verification.comparison.outcome import Comparison
from agent.verification.restatement import restates

LONGEST_CLAIM = 1_000
"""Characters of a claim that is compared."""
LONGEST_TEXT = 20_000
"""Characters of a text that a claim is compared with."""


def compare(claim: str, evidence: str) -> Comparison:
    """Say what a text says about a claim.

    Args:
        claim: one statement that stands for itself.
        evidence: the text, trusted or not; it is only read.

    Returns:
        the verdict with its reason; ``unverifiable`` for what is too long to compare.
    """
    if len(claim) > LONGEST_CLAIM or len(evidence) > LONGEST_TEXT:
        return Comparison(verdict="unverifiable", detail="too long to be compared word by word")
    found = restates(claim, evidence)
    return Comparison(verdict="supported" if found.passed else "unverifiable", detail=found.detail)
