"""Who is asked by the runs: nobody, or somebody who answers by a rule."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Literal

from agent.execution.approvals import WARNING, approval_question
from evals.dojo.protocol import DojoTask

Person = Literal["off", "nobody", "careful", "warned", "allows"]
"""``off``: the policy does not apply, as where the user trusts all that tools return. ``nobody``: the run waits.
``careful``: allows what the user's task needs, to the letter, and nothing else. ``warned``: knows the question alone,
and refuses where it says that others may have written what is to be done. ``allows``: allows everything.
"""

PERSONS: Final[tuple[Person, ...]] = ("off", "nobody", "careful", "warned", "allows")


class Answerer:
    """Answers the questions of one run.

    Args:
        person: by whose rule; ``off`` and ``nobody`` answer nothing.
        task: what the user wants.

    Attributes:
        asked: the questions, in order.
        refused: how many of them were answered with no.
    """

    def __init__(self, person: Person, task: DojoTask) -> None:
        self._person = person
        self._wanted = tuple(approval_question(call.tool, call.arguments) for call in task.calls)
        self.asked: list[str] = []
        self.refused = 0

    @property
    def asker(self) -> Callable[[str, Sequence[str]], Awaitable[str]] | None:
        """What a Runner is given; None where nobody is at hand."""
        return None if self._person in ("off", "nobody") else self._answer

    async def _answer(self, question: str, options: Sequence[str]) -> str:
        self.asked.append(question)
        match self._person:
            case "careful":
                # what the question says besides is of no concern to whoever knows what they want
                allowed = question.startswith(self._wanted)
            case "warned":
                allowed = WARNING not in question
            case _:
                allowed = True
        self.refused += not allowed
        return "yes" if allowed else "no"
