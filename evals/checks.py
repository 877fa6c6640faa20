"""What one check said of good artefacts and of those with a planted defect, added up."""

from collections.abc import Sequence

from agent.domain.base import Fact
from agent.domain.outcomes import Outcome

HEADINGS = ("good passed", "good blamed", "bad failed", "bad passed", "inconclusive")
"""Of the columns in which ``CheckCounts.columns`` are shown."""


class CheckCounts(Fact):
    """How often a check passed, failed or could not tell; most defects need not concern it."""

    good_passed: int = 0
    good_blamed: int = 0
    bad_passed: int = 0
    bad_failed: int = 0
    inconclusive: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The counts as a table shows them, under ``HEADINGS``."""
        counts = self.good_passed, self.good_blamed, self.bad_failed, self.bad_passed, self.inconclusive
        return tuple(map(str, counts))


def counted(good: Sequence[Outcome], bad: Sequence[Outcome]) -> dict[str, int]:
    """Return the fields of ``CheckCounts`` for what a check said of good artefacts and of those with a defect."""
    return {
        "good_passed": good.count("pass"),
        "good_blamed": good.count("fail"),
        "bad_passed": bad.count("pass"),
        "bad_failed": bad.count("fail"),
        "inconclusive": [*good, *bad].count("inconclusive"),
    }
