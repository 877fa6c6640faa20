"""How a judge asks its model: every failure is recorded and becomes ``JudgeFailed``, and what it cost is added up."""

import json
from collections.abc import Sequence
from typing import Unpack

from agent.domain.claims import Judgement
from agent.domain.messages import Reply, Transcript
from agent.models.asking import HowAsked, Models
from agent.models.counting import CountedModels
from agent.verification.chain.ports import JudgeFailed

_LONGEST_LINE = 300


class JudgingModels(CountedModels):
    """The model in the verifier's role, for one judgement. Implements ``Models``.

    A refusal and an outage are replies to the run, so that a judge fails alike on every re-run.

    Attributes:
        model: who answered last; empty before that.
    """

    def __init__(self, models: Models) -> None:
        super().__init__(models)
        self.model = ""

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Return the verifier's reply; role and the two last flags are always those of a judge.

        Raises:
            JudgeFailed: the server refused or filtered, or could not be reached.
        """
        judging: HowAsked = {**how, "role": "verifier", "refusal_is_reply": True, "outage_is_reply": True}
        reply = await super().ask(step, messages, **judging)
        self.model = reply.model or reply.by or self.model
        if reply.finish == "unavailable":
            raise JudgeFailed(f"the model could not be reached: {one_line(reply.text) or 'without a reason'}")
        if reply.finish == "filtered" and not reply.calls:
            raise JudgeFailed(f"the model's server refused: {one_line(reply.text) or 'without a reason'}")
        return reply


def one_line(text: str) -> str:
    """Return a text in one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 3]}..."


def as_data(text: str) -> str:
    """Return a text as one JSON string, so that it cannot pretend to be another part of a prompt."""
    return json.dumps(text, ensure_ascii=False)


def with_cost(kept: Sequence[Judgement], dropped: Sequence[Judgement]) -> Sequence[Judgement]:
    """Return the judgements that are kept, the first with the cost of those that are not."""
    usage = sum((one.usage for one in dropped), kept[0].usage)
    return (kept[0].model_copy(update={"usage": usage}), *kept[1:])
