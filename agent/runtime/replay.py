"""Replaying a run: its orchestration once more, over recorded effects alone."""

from collections.abc import Sequence

from agent.domain.errors import LedgerUnavailable, RecordEnded, ReplayDivergence
from agent.domain.evidence import Quote
from agent.domain.report import Report
from agent.execution.context import RunContext
from agent.execution.meter import Meter
from agent.execution.overheard import Listener
from agent.execution.research import quotes_on_record, sessions_on_record
from agent.execution.setting import Setting
from agent.execution.taking import Collected
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger
from agent.planning.graph import Planning, run_graph
from agent.planning.strategies import strategy_of
from agent.runtime.session import evidence_book
from agent.runtime.toolboxes import toolbox
from agent.runtime.workshops import workshops_of


async def replayed_report(ledger: Ledger, run_id: str, overhear: Listener | None = None) -> Report:
    """Return the report that a run's recorded effects lead to with the code and prompts of today.

    Nothing is performed: no model is asked, no tool runs, nothing is written. ``overhear`` is told of every model call
    on record, as it comes.

    Raises:
        ReplayDivergence: something is asked for that was not recorded, or differently.
    """
    context, planning = await _prepared(await _loaded(ledger, run_id), ledger)
    context.overhear = overhear
    return await run_graph(planning, parallel=context.setting.limits.parallel)


async def replayed_quotes(ledger: Ledger, run_id: str) -> tuple[tuple[Quote, ...], tuple[str, ...]]:
    """Return the quotes of pages that a run's sessions kept, as far as its record goes, and what could not be read.

    Each session is put together from its own record, whatever became of the others and of the run.
    """
    run_ledger = await _loaded(ledger, run_id)
    sessions = sessions_on_record(run_ledger)
    if not sessions:
        return (), ()
    finished = (await ledger.find(run_id)).status == "finished"
    quotes: list[Quote] = []
    notes: list[str] = []
    try:
        context, planning = await _prepared(run_ledger, ledger)
        for name in (name for name, known in sessions.items() if known):
            kept, trouble = await quotes_on_record(context, name)
            quotes.extend(kept)
            if trouble is not None and (finished or not isinstance(trouble, RecordEnded)):
                notes.append(f"The session {name} cannot be put together again, so quotes may be missing: {trouble}")
        if not all(sessions.values()):
            # records of earlier versions tell a session's question only where it was asked
            context, planning = await _prepared(await _loaded(ledger, run_id), ledger)
            try:
                await run_graph(planning, parallel=context.setting.limits.parallel)
            finally:
                quotes.extend(context.evidence.quotes)
    except (ReplayDivergence, LedgerUnavailable) as error:
        notes.append(f"Not all sessions can be put together again, so quotes may be missing: {error}")
    return tuple(quotes), tuple(notes)


async def _loaded(ledger: Ledger, run_id: str) -> RunLedger:
    run_ledger = RunLedger(ledger, run_id, fence=None, mode="replay")
    await run_ledger.load()
    return run_ledger


async def _prepared(run_ledger: RunLedger, ledger: Ledger) -> tuple[RunContext, Planning]:
    task, _ = await ledger.created(run_ledger.run_id)
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
        workshops=workshops_of(ledger.blobs),
    )
    return context, Planning(context, strategy_of(setting, task))


class _Nobody:
    async def answer(self, key: str, question: str, options: Sequence[str]) -> str:
        raise ReplayDivergence(f"the question {key} was never answered")


async def _not_recorded() -> Setting:
    raise ReplayDivergence("the run has no recorded setting")


async def _nothing_collected() -> Collected:
    raise ReplayDivergence("the run did not come to its report")
