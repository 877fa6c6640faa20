"""Who sits in a session's seat: a model, a person, a strategy that drives a small model, or a script."""

from typing import Any, NamedTuple, Protocol

from agent.browsing.session import Session


class Choice(NamedTuple):
    """An action that was chosen: its name and its arguments, which the session checks."""

    name: str
    arguments: dict[str, Any]


class Policy(Protocol):
    """Chooses actions. What came of the last one is in the session's state."""

    async def choose(self, session: Session) -> Choice:
        """Return the next action for a session that has not ended."""
