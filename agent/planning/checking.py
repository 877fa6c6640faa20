"""A run that checks a text: it takes the text, checks its claims, and its report is what came of that."""

import asyncio
from collections.abc import Mapping, Sequence

from agent.browsing.evidence.corpus import CorpusRetriever
from agent.browsing.evidence.given import GivenEvidence
from agent.browsing.evidence.web import WebRetriever
from agent.browsing.session import LedgerEffects, Session
from agent.domain.claims import Claim
from agent.domain.errors import LedgerUnavailable, UsageError
from agent.domain.evidence import Evidence
from agent.domain.messages import ToolOutcome
from agent.domain.plan import Edit, NewSubtask, Plan, Result, Subtask
from agent.domain.report import Report, ReportOutcome
from agent.domain.task import CheckOrder
from agent.execution.context import RunContext
from agent.execution.knowledge import RecordedKnowledge
from agent.models.config import NO_MODEL
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.graph import check_answer
from agent.verification.chain.parts import Checked, Parts
from agent.verification.chain.ports import Extraction, Judge, Retriever
from agent.verification.covering import uncovered_sentences
from agent.verification.judges.choosing import deterministic_judges, knowledge_retrievers
from agent.verification.judges.corrections import CorrectionJudge
from agent.verification.judges.wording import WordingJudge
from agent.verification.sentences import split_sentences

BRANCH = "checking"
"""Branch of all effects of a check."""


class CheckingStrategy:
    """Takes the text that is to be checked. There is no plan.

    Args:
        order: what is to be checked.
    """

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

    async def work(self, run: RunContext, plan: Plan, subtask: Subtask, results: Mapping[str, Result]) -> Result:
        """Refuse: there are no subtasks."""
        raise UsageError("the check of a text has no subtasks; start another run for what else is to be done")

    async def review(
        self, run: RunContext, number: int, plan: Plan, news: Mapping[str, Result], guidance: Sequence[str]
    ) -> Sequence[Edit]:
        """Change nothing: there is no plan."""
        return ()

    async def conclude(self, run: RunContext, plan: Plan, results: Mapping[str, Result]) -> Result:
        """Refuse: ``begin`` has given the result."""
        raise UsageError("the check of a text has no subtasks to conclude from")


async def checked_report(run: RunContext, order: CheckOrder, final: Result) -> Report:
    """Check the claims of a text and return the report."""
    if not final.success:
        return Report(goal=run.task.goal, answer=final.answer, outcome="failed", untrusted=run.untrusted())
    config = config_of(run, order)
    checked = await check_answer(final.answer, _parts(run, order, config), config, step="claims")
    notes = list(run.setting.told)
    if run.meter.limited:
        notes.append("Limited mode: a small local model, which can do guided tasks only.")
    return Report(
        goal=run.task.goal,
        answer=checked.answer,
        outcome=_outcome(checked, config.tolerance),
        claims=checked.claims,
        checking=checked.checking,
        evidence=_cited(checked),
        usage=run.meter.usage,
        models=tuple(sorted(run.meter.models)),
        limited=run.meter.limited,
        untrusted=run.untrusted(),
        notes=tuple(notes),
    )


def config_of(run: RunContext, order: CheckOrder) -> CheckingConfig:
    """Return how a text is checked: as the run's settings were at its start, and as the order says."""
    config = run.setting.checking or CheckingConfig()
    changes = {"claims": order.claims or config.claims, "rounds": config.rounds if order.rethink else 0}
    return config.model_copy(update=changes)


def _parts(run: RunContext, order: CheckOrder, config: CheckingConfig) -> Parts:
    branch = run.branch(BRANCH)
    knowledge = RecordedKnowledge(run, BRANCH)
    bases = tuple(dict.fromkeys((*order.knowledge, *config.knowledge)))

    async def text_of(sha256: str) -> str:
        try:
            return (await run.ledger.get_blob(sha256)).decode("utf-8", "surrogatepass")
        except (LedgerUnavailable, UnicodeDecodeError) as error:
            raise LookupError(f"the text {sha256[:12]} is not stored") from error

    async def search(step: str, query: str, limit: int) -> ToolOutcome:
        return await branch.call(step, "search_documents", {"query": query, "limit": limit})

    retrievers: list[Retriever] = [*knowledge_retrievers(bases, knowledge)]
    if run.task.corpus is not None:
        retrievers.append(CorpusRetriever(search, text_of))
    if run.task.evidence:
        retrievers.append(GivenEvidence(run.task.evidence))
    if order.web:
        world = run.world.seat()
        effects = LedgerEffects(run.ledger, BRANCH, distrust=branch.distrust)
        retrievers.append(WebRetriever(fetcher=world, search=world, effects=effects, step="pages"))
    judges: list[Judge] = [*deterministic_judges(bases=bases, knowledge=knowledge), WordingJudge()]
    if run.setting.memory.kept:
        judges.append(CorrectionJudge(branch.remember))
    return Parts(
        extractor=_Sentences(),
        judges=tuple(judges),
        retrievers=tuple(retrievers),
        text_of=text_of,
        allowance=lambda: within_budget(run),
    )


class _Sentences:
    """Makes a claim of each sentence that states something."""

    async def extract(self, step: str, text: str) -> Extraction:
        stating = set(await asyncio.to_thread(uncovered_sentences, text, ()))
        places = [span for span in split_sentences(text) if text[slice(*span)] in stating]
        return Extraction(
            claims=tuple(
                Claim(id=f"c{number}", text=text[start:end], sentence=text[start:end], start=start, end=end)
                for number, (start, end) in enumerate(places, start=1)
            )
        )


def has_model(run: RunContext) -> bool:
    """Return whether a run has a model that can judge."""
    return run.setting.models.get("verifier", NO_MODEL) != NO_MODEL


def within_budget(run: RunContext) -> bool:
    """Return whether models may still be asked, by what is recorded: a re-run comes to the same.

    They are not asked beyond the soft share of the task's tokens and money, so that the check comes to its report.
    """
    used, budget = run.meter.usage, run.task.budget
    tokens_left = budget.tokens is None or used.tokens < budget.soft * budget.tokens
    return tokens_left and (budget.money is None or float(used.cost) < budget.soft * float(budget.money))


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


def _outcome(checked: Checked, tolerance: float) -> ReportOutcome:
    """Return ``verified`` where something was checked, nothing is contradicted, and little enough is open."""
    claims = [one for one in checked.claims if one.claim.kind != "opinion"]
    left = [one for one in claims if one.verdict != "supported"]
    refuted = any(one.verdict == "contradicted" for one in left)
    return "verified" if claims and not refuted and len(left) <= tolerance * len(claims) else "unverified"


def _cited(checked: Checked) -> tuple[Evidence, ...]:
    """Return the evidence that claims and judgements name, by its ids in order."""
    named = {name for one in checked.claims for name in one.claim.evidence}
    named |= {name for one in checked.claims for judgement in one.judgements for name in judgement.evidence}
    return tuple(checked.evidence[name] for name in sorted(named) if name in checked.evidence)
