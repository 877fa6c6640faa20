"""A model in a session's seat: it sees the state, and answers with one function call."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import json_repair

from agent.browsing.policy import Choice
from agent.browsing.ports import Models
from agent.browsing.session import Session
from agent.domain.messages import Message, Reply, ToolCall, Transcript
from agent.models.templates import render

SILENCE = 3
"""So many actions in a row for which the model calls nothing, and the session is given up."""

LONGEST_ARGUMENTS = 20_000
"""Characters of the arguments of one call; no action needs as many."""

Notices = Callable[[str, str], Awaitable[Sequence[str]]]
"""Returns what a person or the budget has to say, given the name of this safe point and of the step right after it."""


async def _nothing(_step: str, _before: str) -> Sequence[str]:
    return ()


class ModelSeat:
    """Asks a model once for each action. Implements ``Policy``.

    A request holds the constant instructions and the view of the state, and no earlier conversation: the view tells
    what was done. So requests stay as small as a window of a page, however long a session is.

    Args:
        models: where the model is asked; each call is recorded as ``browse-model/<n>``.
        role: which model.
        notices: what has to be said before a call, such as that the budget is nearly used up.
    """

    def __init__(self, models: Models, *, role: str = "executor", notices: Notices = _nothing) -> None:
        self._models = models
        self._role = role
        self._notices = notices
        self._asked = 0
        self._silent = 0
        self._system: Message = {"role": "system", "content": render(__package__, "seat")}

    async def choose(self, session: Session) -> Choice:
        """Return the first call of the model's reply; the session refuses what is not possible.

        A reply without a call is sent back once, and then counts as an action that was refused. After ``SILENCE`` of
        these the session is given up.
        """
        said = await self._notices(f"inbox/{self._asked}", f"browse-model/{self._asked}")
        shown = "\n\n".join([session.view, *said])
        transcript = Transcript([self._system, {"role": "user", "content": shown}])
        reply = await self._ask(session, transcript)
        if not reply.calls:
            transcript.append(reply.as_message())
            problem = "Your reply was cut off." if reply.finish == "length" else "That was no function call."
            possible = [spec.name for spec in session.tools]
            transcript.append(
                {"role": "user", "content": render(__package__, "repair", problem=problem, possible=possible)}
            )
            reply = await self._ask(session, transcript)
        if reply.calls:
            self._silent = 0
            return Choice(reply.calls[0].name, arguments_of(reply.calls[0], cut=reply.finish == "length"))
        self._silent += 1
        if self._silent >= SILENCE:
            return Choice("reject", {"reason": "the model that browses did not call any action"})
        return Choice("", {})

    async def _ask(self, session: Session, transcript: Transcript) -> Reply:
        step = f"browse-model/{self._asked}"
        self._asked += 1
        return await self._models.ask(step, transcript, tools=session.tools, role=self._role)


def arguments_of(call: ToolCall, *, cut: bool = False) -> dict[str, Any]:
    """Return the arguments of a call; what is no JSON object even after one repair is none of an action's arguments.

    Where the reply was ``cut`` at its length limit nothing is repaired, since the end is missing.
    """
    text = call.arguments.strip() or "{}"
    unusable = {"arguments": text[:80]}
    if len(text) > LONGEST_ARGUMENTS:
        return unusable
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None if cut else _repaired(text)
    if isinstance(value, str):
        value = _repaired(value)
    return _whole(value) if isinstance(value, dict) else unusable


def _repaired(text: str) -> Any:
    try:
        return json_repair.loads(text)
    except (ValueError, RecursionError):
        return None


def _whole(value: Any) -> Any:
    """Return a value without halves of characters, which cannot be stored."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_whole(item) for item in value]
        case dict():
            return {_whole(name): _whole(item) for name, item in value.items()}
        case _:
            return value
