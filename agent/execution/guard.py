"""The loop guard: a call that gives the same again and again is refused, with the reason."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from agent.domain.messages import ToolOutcome, digest_of

REPEATS = 3
"""How often the same call may give the same result."""


class LoopGuard:
    """Counts calls together with their results within one subtask."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str]] = Counter()
        self._last: dict[str, str] = {}

    def refusal(self, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome | None:
        """Return the outcome to give instead of making a call that has given the same result too often."""
        call = digest_of([tool, arguments])
        if self._seen[call, self._last.get(call, "")] < REPEATS:
            return None
        return ToolOutcome(
            ok=False,
            error="repeated",
            text=f"refused: this very call gave the same result {REPEATS} times; try something else or submit",
        )

    def note(self, tool: str, arguments: Mapping[str, Any], outcome: ToolOutcome) -> None:
        """Remember what a call gave. A different result starts the count anew."""
        call, result = (
            digest_of([tool, arguments]),
            digest_of([outcome.ok, outcome.text, [i.sha256 for i in outcome.images]]),
        )
        if self._last.get(call) != result:
            self._seen[call, result] = 0
        self._last[call] = result
        self._seen[call, result] += 1
