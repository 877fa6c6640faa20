"""What a run's record has for training: its conversations, what it was told on the way, and what it read."""

from collections.abc import Iterator
from typing import Any

from agent.domain.base import Fact
from agent.domain.report import Report
from agent.execution.reminding import reminders
from agent.execution.setting import Setting
from agent.ledger.store import Ledger
from agent.runtime.conversations import Conversation, conversations_of
from agent.runtime.history import report_of
from evals.training.advice import guide_key


class Material(Fact):
    """What there is of one run.

    Attributes:
        conversations: with its models, in order.
        trouble: why its record could not be replayed to its report; empty where it could.
        advice: what reflectors told it.
        guidance: what a person said to it on the way.
        hints: what it was told besides: answers of a person, corrections that are remembered, earlier exchanges.
        read: what its tools returned.
        date: as its prompts say it.
    """

    run_id: str
    conversations: tuple[Conversation, ...]
    trouble: str = ""
    report: Report | None = None
    advice: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    date: str = ""


async def material_of(ledger: Ledger, run_id: str) -> Material:
    """Return what a run's record has for training.

    Raises:
        UnknownRun: there is no such run.
        LedgerUnavailable: it cannot be read.
    """
    heard = await conversations_of(ledger, run_id)
    known = await report_of(ledger, run_id)
    task, _ = await ledger.created(run_id)
    advice: list[str] = []
    guidance: list[str] = []
    hints = [text for exchange in task.history for text in (exchange.goal, exchange.answer)]
    read: list[str] = []
    date = ""
    async for event in ledger.events(run_id):
        match event.kind:
            case "command" if event.payload["command"]["op"] == "guide":
                by_reflector = (event.key or "").startswith(f"command/{guide_key('')}")
                (advice if by_reflector else guidance).append(event.payload["command"]["text"])
            case "person" if event.phase == "done":
                hints += _texts(event.payload["result"])
            case "setting" if event.phase == "done" and event.key == "setting/0":
                setting = Setting.model_validate(event.payload["result"])
                hints += reminders(setting.memory)
                date = setting.date
            case "tool" if event.phase == "done":
                read += _texts(event.payload["result"])
            case _:
                pass
    return Material(
        run_id=run_id,
        conversations=heard.conversations,
        trouble=heard.trouble,
        report=None if known is None else known[0],
        advice=tuple(advice),
        guidance=tuple(guidance),
        hints=tuple(hints),
        read=tuple(read),
        date=date,
    )


def _texts(value: Any) -> list[str]:
    return list(_leaves(value))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
