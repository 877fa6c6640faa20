"""A run that answers its question by the pipeline: its quotes and its answer become the run's report."""

from collections.abc import Sequence

from agent.browsing.annotation.record import BRANCH
from agent.browsing.pipeline.pipeline import answer
from agent.browsing.pipeline.result import PipelineResult
from agent.browsing.session import LedgerEffects
from agent.browsing.state import begin
from agent.domain.plan import NewSubtask, Result
from agent.domain.task import BrowseOrder
from agent.execution.context import RunContext
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger
from agent.planning.browsing import BrowsingStrategy, result_of

_STEP = "pipeline"


class PipelineStrategy(BrowsingStrategy):
    """Answers the goal in one pass. There is no plan, as in any browsing run."""

    def __init__(self) -> None:
        super().__init__(BrowseOrder(seat="model", pipeline=True))

    async def begin(self, run: RunContext) -> Result | Sequence[NewSubtask]:
        """Return the answer with the quotes that it cites.

        Raises:
            ServiceError: a model, or what fetches or searches, is itself broken.
        """
        branch = run.branch(BRANCH)
        world = run.world.seat()
        found = await answer(
            run.task.goal,
            fetcher=world,
            search=world,
            effects=LedgerEffects(run.ledger, BRANCH, distrust=branch.distrust),
            models=branch,
            step=_STEP,
        )
        await run.ledger.fact(f"{BRANCH}/{_STEP}", "action", found.model_dump(mode="json"))
        for part in (part for kept in found.kept for part in kept.quotes):
            run.evidence.give(part.quote)
        if not found.kept:
            return Result(
                answer="Not answered: no page that was found says anything about it.",
                success=True,
                assembled=True,
                withheld=(found.question,),
            )
        # where no sentence is supported the quotes speak for themselves
        written = found.synthesis.answer if found.synthesis.sentences else ""
        end = begin(found.question).model_copy(update={"kept": found.kept, "ended": "finished", "answer": written})
        return result_of(end)


async def pipeline_result(ledger: Ledger, run_id: str) -> PipelineResult | None:
    """Return what the pipeline of a run came to; None where it has come to nothing yet, or the run has none."""
    record = RunLedger(ledger, run_id, fence=None, mode="replay")
    await record.load()
    recorded = await record.recorded(f"{BRANCH}/{_STEP}")
    return None if recorded is None else PipelineResult.model_validate(recorded)
