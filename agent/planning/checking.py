"""A run that checks a text: it takes the text, checks its claims, and its report is what came of that."""

from collections.abc import Sequence

from agent.browsing.session import LedgerEffects, Session
from agent.domain.plan import NewSubtask, Result
from agent.domain.report import Report
from agent.domain.task import CheckOrder
from agent.execution.context import RunContext
from agent.planning.check_parts import BRANCH, parts_of
from agent.planning.holding import hold, limits_of, named_evidence
from agent.planning.strategy import WithoutPlan
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.graph import check_answer


class CheckingStrategy(WithoutPlan):
    """Takes the text that is to be checked. There is no plan.

    Args:
        order: what is to be checked.
    """

    what = "the check of a text"

    def __init__(self, order: CheckOrder) -> None:
        self._order = order

    async def begin(self, run: RunContext) -> Result | Sequence[NewSubtask]:
        """Return the text as the answer whose claims the report checks; a page that cannot be read is a failure."""
        if self._order.sha256:
            return Result(answer=(await run.ledger.get_blob(self._order.sha256)).decode(), success=True)
        session = _session(run, self._order.url)
        told = await session.call("open", {"url": self._order.url})
        view = session.state.page
        if view is None:
            return Result(answer=f"{self._order.url} cannot be checked: {told.message}", success=False)
        return Result(answer=view.page.text, success=True)


async def checked_report(run: RunContext, order: CheckOrder, final: Result) -> Report:
    """Check the claims of a text and return the report."""
    if not final.success:
        return Report(goal=run.task.goal, answer=final.answer, outcome="failed", untrusted=run.untrusted())
    config = config_of(run, order)
    checked = await check_answer(final.answer, parts_of(run, order, config), config, step="claims")
    counted = [one for one in checked.claims if one.claim.kind != "opinion"]
    return Report(
        goal=run.task.goal,
        answer=checked.answer,
        outcome="verified"
        if counted and hold(counted, config.tolerance, uncovered=checked.uncovered)
        else "unverified",
        claims=checked.claims,
        checking=checked.checking,
        evidence=await named_evidence(run, checked.evidence, checked.claims),
        usage=run.meter.usage,
        models=tuple(sorted(run.meter.models)),
        limited=run.meter.limited,
        untrusted=run.untrusted(),
        notes=(*run.setting.told, *limits_of(run)),
    )


def config_of(run: RunContext, order: CheckOrder) -> CheckingConfig:
    """Return how a text is checked: as the run's settings were at its start, and as the order says."""
    config = run.setting.checking or CheckingConfig()
    changes = {
        "claims": order.claims or config.claims,
        "rounds": config.rounds if order.rethink else 0,
        "extraction": order.extraction or config.extraction,
    }
    return config.model_copy(update=changes)


def _session(run: RunContext, url: str) -> Session:
    world, branch = run.world.seat(), run.branch(BRANCH)
    return Session(
        run.task.goal,
        fetcher=world,
        search=world,
        browser=world,
        effects=LedgerEffects(run.ledger, BRANCH, distrust=branch.distrust),
        urls=(url,),
        asked_by_user=False,
    )
