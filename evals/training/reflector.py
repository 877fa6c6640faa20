"""The reflector: shown a task, a failed attempt and the environment's feedback, it says what to do differently.

As in Re-ReST (Dou et al., arXiv 2406.01495), with one difference: what it writes is no trajectory but advice, with
which the agent works anew. So every call of a corrected trajectory was really made, in the sandbox, with its results.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import Field

from agent.domain.base import Fact, Form
from agent.domain.budget import Usage
from agent.domain.messages import Message, Transcript, digest_of
from agent.models.alone import ModelAlone
from agent.models.asking import ask_form
from agent.models.counting import CountedModels
from agent.models.fence import fenced
from agent.models.port import ChatModel
from agent.models.templates import render
from agent.runtime.conversations import Conversation
from evals.training.texts import said

ROLE: Final = "verifier"
"""Whose model the reflector is, where none is named."""

_RESULT: Final = 1_500
_COURSE: Final = 24_000
"""Most characters of one tool's result and of a whole attempt that a reflector is shown."""


class Advise(Form):
    """Say why the attempt failed and what the executor is to do differently."""

    diagnosis: str = Field(min_length=1, max_length=2_000, description="where and why it went wrong")
    advice: str = Field(min_length=1, max_length=4_000, description="what to do differently, without the answer itself")
    from_step: int = Field(default=0, ge=0, description="step from which to work anew; 0 for the start")


class Advice(Fact):
    """What a reflector advised for one attempt.

    Attributes:
        run_id: of the attempt that goes by it.
        of: the failed run that it is about.
        request: SHA-256 of what the reflector was first shown.
        model: who advised.
    """

    run_id: str
    of: str
    request: str
    diagnosis: str
    advice: str
    from_step: int = 0
    model: str
    usage: Usage = Field(default_factory=Usage)


class Reflector:
    """Asks a model for advice.

    Args:
        models: by role.
    """

    def __init__(self, models: Mapping[str, ChatModel]) -> None:
        self._model = models[ROLE]

    async def advise(
        self, run_id: str, failed: str, task: str, conversations: Sequence[Conversation], feedback: Sequence[str]
    ) -> Advice:
        """Return advice for the attempt ``run_id``, which is to correct the run ``failed``.

        Raises:
            ModelUnavailable, ModelRefused: the model cannot be asked.
            ModelOutputError: it gave no usable advice.
        """
        shown = render(__package__, "attempt", task=task, course=course(conversations), feedback=feedback, data=fenced)
        transcript = Transcript(
            [{"role": "system", "content": render(__package__, "reflector")}, {"role": "user", "content": shown}]
        )
        request, asked = digest_of(list(transcript)), CountedModels(ModelAlone(self._model))
        form = await ask_form(asked, "reflect", transcript, Advise, role=ROLE)
        return Advice(
            run_id=run_id,
            of=failed,
            request=request,
            diagnosis=form.diagnosis,
            advice=form.advice.strip(),
            from_step=form.from_step,
            model=self._model.name,
            usage=asked.usage,
        )


def course(conversations: Sequence[Conversation]) -> str:
    """Return an attempt as a reflector reads it: what was said after the opening of each conversation, step by step."""
    lines: list[str] = []
    for one in conversations:
        step = 0
        if len(conversations) > 1:
            lines.append(f"-- {one.key.partition('/')[0]} ({one.role})")
        for message in one.messages[1:]:
            if message["role"] == "assistant":
                lines.append(f"step {step}: {_calls(message)}")
                step += 1
            elif step:
                lines.append(f"  {message['role']}: {_cut(said(message), _RESULT)}")
    return _cut("\n".join(lines), _COURSE)


def _calls(message: Message) -> str:
    calls: Sequence[dict[str, Any]] = message.get("tool_calls") or ()
    made = [f"{call['function']['name']}({_cut(call['function']['arguments'], _RESULT)})" for call in calls]
    return "; ".join([part for part in (str(message.get("content") or ""), *made) if part]) or "(nothing)"


def _cut(text: str, longest: int) -> str:
    """Return a text with its middle left out where it is too long: how it began and how it ended tell most."""
    if len(text) <= longest:
        return text
    half = (longest - 30) // 2
    return f"{text[:half]}\n[... {len(text) - 2 * half:,} characters ...]\n{text[-half:]}"
