"""The conversations of a run with its models, as a replay of its record puts them together.

Every request is compared with the digest on record while it is replayed, so what is returned is what the models were
sent and what they answered, and not what the code of today would make of it. ``agent.runtime.calls`` tells less, of
runs that this version cannot replay too.
"""

from collections.abc import Sequence

from agent.domain.base import Fact
from agent.domain.errors import ModelOutputError, ReplayDivergence, RunStopped
from agent.domain.messages import Message, Reply, ResponseFormat, ToolSpec, Transcript
from agent.execution.overheard import Overheard
from agent.ledger.store import Ledger
from agent.runtime.replay import replayed_report


class Conversation(Fact):
    """One transcript with all that was said in it.

    Attributes:
        key: of its first model call, such as ``root/model/0``.
        last: of its last one.
        role: whose model it was.
        messages: in order, the last reply included.
        tools: what the model could call at the end; tools that were found on the way come last.
        response_format: what the last reply had to satisfy.
        tool_choice: of the last call.
        replies: what the model answered, call by call.
    """

    key: str
    last: str
    role: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    response_format: ResponseFormat | None = None
    tool_choice: str = "auto"
    replies: tuple[Reply, ...]


class Heard(Fact):
    """The conversations of a run; ``trouble`` says why its record could not be replayed to its report, if so."""

    conversations: tuple[Conversation, ...]
    trouble: str = ""


async def conversations_of(ledger: Ledger, run_id: str) -> Heard:
    """Return a run's conversations, in the order in which they began, as far as its record can be replayed.

    Raises:
        UnknownRun: there is no such run.
        LedgerUnavailable: it cannot be read.
    """
    heard: dict[int, list[Overheard]] = {}
    sent: dict[int, int] = {}

    def overhear(one: Overheard) -> None:
        # the transcript is held by the list, so its identity is not used again
        heard.setdefault(id(one.messages), []).append(one)
        sent[id(one.messages)] = len(one.messages)

    trouble = ""
    try:
        await replayed_report(ledger, run_id, overhear)
    except (ReplayDivergence, RunStopped, ModelOutputError) as error:
        trouble = str(error)
    return Heard(
        conversations=tuple(_conversation(calls, sent[name]) for name, calls in heard.items()), trouble=trouble
    )


def _conversation(calls: Sequence[Overheard], sent: int) -> Conversation:
    first, last = calls[0], calls[-1]
    said: Transcript = last.messages
    return Conversation(
        key=first.key,
        last=last.key,
        role=last.role,
        messages=(*said[:sent], last.reply.as_message()),
        tools=tuple(last.tools),
        response_format=last.response_format,
        tool_choice=last.options.tool_choice,
        replies=tuple(call.reply for call in calls),
    )
