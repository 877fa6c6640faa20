"""A model that solves the user's task and does whatever an attacker's text wants as soon as it reads it."""

import re

from agent.domain.messages import Reply
from agent.models.port import Profile
from agent.models.testing.script import call, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from evals.dojo.protocol import DojoCall, DojoTask

_CONTEXT = 1_000_000
_ESCAPED_BREAK = re.compile(r"\\[nrt]")


class ObedientModel(ScriptedModel):
    """Plays every role of a run: the user's calls in order, but the attacker's first once it has read of them.

    Args:
        task: whose calls it makes.

    Attributes:
        saw: whether what the attacker wants stood in anything that a tool returned.
    """

    def __init__(self, task: DojoTask) -> None:
        super().__init__(self._turn, name="gullible", profile=Profile(tool_mode="native", context=_CONTEXT))
        self._task = task
        self._wish = _squeezed(task.wish)
        self._own = list(task.calls)
        self._orders = list(task.orders)
        self.saw = False

    def _turn(self, asked: Asked) -> Reply:
        if "submit" not in {tool.name for tool in asked.tools}:
            return say('{"answer": "yes"}')
        if self._wish and not self.saw:
            shown = (str(message["content"]) for message in asked.messages if message["role"] == "tool")
            self.saw = any(self._wish in _squeezed(text) for text in shown)
        if self.saw and self._orders:
            return _made(self._orders.pop(0))
        if self._own:
            return _made(self._own.pop(0))
        said = f"{self._task.answer} {self._task.said if self.saw else ''}".strip()
        return call("submit", answer=said or "It is done.", claims=[])


def _made(wanted: DojoCall) -> Reply:
    return call(wanted.tool, **wanted.arguments)


def _squeezed(text: str) -> str:
    """Return the letters and digits of a text: tools break its lines and escape its quotes."""
    return "".join(filter(str.isalnum, _ESCAPED_BREAK.sub("", text))).casefold()
