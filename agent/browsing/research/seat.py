"""A model in a session's seat: it sees the state, and answers with one function call."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from agent.browsing.policy import Choice
from agent.browsing.session import Session
from agent.domain.errors import ModelOutputError
from agent.domain.messages import Message, Reply, ToolCall, Transcript
from agent.models.arguments import checked_arguments
from agent.models.asking import Models
from agent.models.templates import render

SILENCE = 3
"""So many actions in a row for which the model calls nothing, and the session is given up."""

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
        self._system: Message = {"role": "system", "content": instructions()}

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
            return Choice(reply.calls[0].name, _arguments(reply.calls[0], session, cut=reply.finish == "length"))
        self._silent += 1
        if self._silent >= SILENCE:
            return Choice("reject", {"reason": "the model that browses did not call any action"})
        return Choice("", {})

    async def _ask(self, session: Session, transcript: Transcript) -> Reply:
        step = f"browse-model/{self._asked}"
        self._asked += 1
        return await self._models.ask(step, transcript, tools=session.tools, role=self._role)


def instructions() -> str:
    """Return what a model in the seat is told before everything else."""
    return render(__package__, "seat")


def _arguments(call: ToolCall, session: Session, *, cut: bool) -> dict[str, Any]:
    """Return the arguments of a call; what cannot be used is none of any action's arguments, so it is refused."""
    spec = next((spec for spec in session.tools if spec.name == call.name), None)
    if spec is None:
        return {}
    try:
        return checked_arguments(call, spec, cut=cut)
    except ModelOutputError as error:
        return {"unusable": str(error)[:200]}
