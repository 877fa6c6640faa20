"""The checks that are plugged in from outside, and the record of what they said."""

from collections.abc import Mapping
from typing import Protocol

from agent.domain.claims import Finding
from agent.execution.guided.outcomes import Withheld


class LiteralCheck(Protocol):
    """Says whether every word and number of an answer stands in the text it cites."""

    def __call__(self, answer: str, cited: str, question: str) -> Finding:
        """Return a finding; ``passed`` is None where the check cannot tell."""


class Record:
    """Findings in order. A finding that did not pass ends the strategy, unless it is only noted."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was said so far."""
        return tuple(self._findings)

    def note(self, finding: Finding) -> None:
        """Keep a finding."""
        self._findings.append(finding)

    def demand(self, finding: Finding, reason: str, answer: str = "") -> None:
        """Keep a finding and go on only if it passed.

        Raises:
            Withheld: it did not pass.
        """
        self.note(finding)
        if finding.passed is not True:
            raise Withheld(reason, answer)

    def demand_margin(self, method: str, margin: float, needed: float, reason: str, answer: str = "") -> None:
        """Keep a margin as a finding and go on only if it is large enough.

        Raises:
            Withheld: it is too small.
        """
        finding = Finding(method=method, passed=margin >= needed, detail=f"margin {margin:.2f}, needed {needed:.2f}")
        self.demand(finding, reason, answer)


def largest(margins: Mapping[str, float]) -> tuple[str, float]:
    """Return the entry with the largest margin, the first of equals."""
    return max(margins.items(), key=lambda item: item[1])
