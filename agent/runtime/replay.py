"""Replaying a run: its orchestration once more, over recorded effects alone."""

from collections.abc import Sequence

from agent.domain.errors import ReplayDivergence
from agent.domain.evidence import Quote
from agent.domain.report import Report
from agent.execution.context import Collected, RunContext, Setting
from agent.execution.meter import Meter
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger
from agent.planning.graph import Planning, run_graph
from agent.planning.strategies import strategy_of
from agent.runtime.session import evidence_book, toolbox


async def replayed_report(ledger: Ledger, run_id: str) -> Report:
    """Return the report that a run's recorded effects lead to with the code and prompts of today.

    Nothing is performed: no model is asked, no tool runs, nothing is written.

    Raises:
        ReplayDivergence: something is asked for that was not recorded, or differently.
    """
    context, planning = await _prepared(ledger, run_id)
    return await run_graph(planning, parallel=context.setting.limits.parallel)


async def replayed_quotes(ledger: Ledger, run_id: str) -> tuple[Quote, ...]:
    """Return all quotes of pages that a run's sessions kept, as its record leads to them; also of an unfinished run.

    Raises:
        ReplayDivergence: the run ended, and the code and prompts of today come to something else.
        LedgerUnavailable: a page's text is missing.
    """
    context, planning = await _prepared(ledger, run_id)
    try:
        await run_graph(planning, parallel=context.setting.limits.parallel)
    except ReplayDivergence:
        # the record of a run without a report breaks off somewhere
        if (await ledger.find(run_id)).status == "finished":
            raise
    return context.evidence.quotes


async def _prepared(ledger: Ledger, run_id: str) -> tuple[RunContext, Planning]:
    run_ledger = RunLedger(ledger, run_id, fence=None, mode="replay")
    await run_ledger.load()
    task, _ = await ledger.created(run_id)
    setting = await run_ledger.effect("setting/0", "setting", {}, Setting, _not_recorded)
    context = RunContext(
        ledger=run_ledger,
        task=task,
        models={},
        toolbox=toolbox(setting, {}, None),
        evidence=evidence_book(run_ledger, task),
        meter=Meter(task.budget),
        setting=setting,
        person=_Nobody(),
        pending=lambda seq: [],
        collect=_nothing_collected,
    )
    return context, Planning(context, strategy_of(setting, task))


class _Nobody:
    async def answer(self, key: str, question: str, options: Sequence[str]) -> str:
        raise ReplayDivergence(f"the question {key} was never answered")


async def _not_recorded() -> Setting:
    raise ReplayDivergence("the run has no recorded setting")


async def _nothing_collected() -> Collected:
    raise ReplayDivergence("the run did not come to its report")
