"""A person in a session's seat: what they want done comes as answers to the run's questions, one a step."""

from collections.abc import Awaitable, Callable, Sequence

from agent.browsing.annotation.commands import parse_command
from agent.browsing.policy import Choice, Policy
from agent.browsing.session import Session
from agent.browsing.state import legal
from agent.domain.errors import UsageError

Asking = Callable[[str, str, Sequence[str]], Awaitable[str]]
"""Asks a person under the name of a step: a question and the possible answers; what they say is recorded."""

Noting = Callable[[str, dict[str, object]], Awaitable[None]]
"""Records under the name of a step what was done in it."""


def asked_as(step: int) -> str:
    """Return the name of the step under which a person is asked what to do, counted from 1."""
    return f"act/{step}"


def noted_as(step: int) -> str:
    """Return the name of the step under which an action is recorded, counted from 1."""
    return f"step/{step}"


class OutOfSteps(Exception):
    """A session has no steps left, and its profile does not force an ending."""


class PersonSeat:
    """Has a person choose every action. Implements ``Policy``.

    Args:
        ask: asks them.
    """

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    async def choose(self, session: Session) -> Choice:
        """Return what a person wants done; words that are no action are refused by the session, and cost no step.

        Raises:
            OutOfSteps: all that is left to do is to undo, which gives no steps back.
        """
        if session.state.left == 0:
            raise OutOfSteps
        step = len(session.state.history) + 1
        said = await self._ask(asked_as(step), f"What to do at step {step}?", legal(session.state))
        try:
            action = parse_command(said)
        except UsageError:
            return Choice(said.strip()[:100] or "nothing", {})
        return Choice(action.name, action.arguments)


class NotedSeat:
    """Records each action once it was done, whoever sits in the seat. Implements ``Policy``.

    Args:
        policy: who sits there.
        note: records.
    """

    def __init__(self, policy: Policy, note: Noting) -> None:
        self._policy = policy
        self._note = note

    async def choose(self, session: Session) -> Choice:
        """Record what the last choice led to, and return the next one."""
        await self.note(session)
        return await self._policy.choose(session)

    async def note(self, session: Session) -> None:
        """Record the last action, if there was one; to be called once more when the session has ended."""
        history = session.state.history
        if history:
            last = history[-1]
            await self._note(noted_as(len(history)), {"name": last.name, "arguments": last.arguments, "ok": last.ok})
