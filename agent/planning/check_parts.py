"""Who checks a text: what it is checked against, the judges, and who writes failed sentences anew."""

from agent.browsing.evidence.corpus import CorpusRetriever
from agent.browsing.evidence.given import GivenEvidence
from agent.browsing.evidence.web import WebRetriever
from agent.browsing.session import LedgerEffects
from agent.domain.errors import LedgerUnavailable
from agent.domain.messages import ToolOutcome
from agent.domain.task import CheckOrder
from agent.execution.context import RunContext
from agent.execution.knowledge import RecordedKnowledge
from agent.execution.reruns import programs_of
from agent.models.config import NO_MODEL
from agent.planning.progress import Progress
from agent.planning.share import Share
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.parts import Parts
from agent.verification.chain.ports import Extractor, Judge, Rethinker, Retriever, TextOf
from agent.verification.chain.quoting import QuotingRethinker
from agent.verification.chain.rethinking import ModelRethinker
from agent.verification.extraction.model import ModelExtractor
from agent.verification.extraction.rules import RuleExtractor
from agent.verification.judges.choosing import (
    deterministic_judges,
    knowledge_ranker,
    knowledge_retrievers,
    model_judge,
)
from agent.verification.judges.corrections import CorrectionJudge
from agent.verification.judges.wording import WordingJudge

BRANCH = "checking"
"""Branch of all effects of a check."""


def parts_of(run: RunContext, order: CheckOrder, config: CheckingConfig) -> Parts:
    """Return who does the work of a check: models where the run has one, and what needs none in any case."""
    knowledge = RecordedKnowledge(run, BRANCH)
    bases = tuple(dict.fromkeys((*order.knowledge, *config.knowledge)))
    text_of = stored_texts(run)
    branch = run.branch(BRANCH)
    # the budget of a check is there for checking
    share = Share(run, config, part=run.task.budget.soft)
    # nobody knows when a text was written, so that no day is its "today"
    judges: list[Judge] = [
        *deterministic_judges(
            bases=bases,
            knowledge=knowledge,
            text_of=text_of,
            run_program=programs_of(branch),
        ),
        WordingJudge(),
    ]
    if run.setting.memory.kept:
        judges.append(CorrectionJudge(branch.remember))
    if has_model(run):
        judges.append(model_judge(branch, limited=run.setting.limited, weights=run.setting.weights))
    progress = Progress(run.ledger)
    return Parts(
        extractor=progress.extractor(_extractor(run, config)),
        judges=tuple(progress.judge(judge) for judge in judges),
        retrievers=(*knowledge_retrievers(bases, knowledge), *_retrievers(run, order, text_of)),
        text_of=text_of,
        rethinker=_rethinker(run, share) if order.rethink else None,
        ranker=knowledge_ranker(bases, knowledge),
        allowance=share.left,
    )


def _extractor(run: RunContext, config: CheckingConfig) -> Extractor:
    """Return who takes claims out of the text; a small model would do it worse than rules."""
    if config.extraction == "model" and has_model(run) and not run.setting.limited:
        return ModelExtractor(run.branch(BRANCH), limit=config.claims)
    return RuleExtractor()


def stored_texts(run: RunContext) -> TextOf:
    """Return what gives the stored texts of a run's sources, each of which is read once: many quotes are of one."""
    known: dict[str, str] = {}

    async def text_of(sha256: str) -> str:
        if sha256 not in known:
            try:
                known[sha256] = (await run.ledger.get_blob(sha256)).decode("utf-8", "surrogatepass")
            except (LedgerUnavailable, UnicodeDecodeError) as error:
                raise LookupError(f"the text {sha256[:12]} is not stored") from error
        return known[sha256]

    return text_of


def has_model(run: RunContext) -> bool:
    """Return whether a run has a model that can judge."""
    return run.setting.models.get("verifier", NO_MODEL) != NO_MODEL


def _retrievers(run: RunContext, order: CheckOrder, text_of: TextOf) -> list[Retriever]:
    branch = run.branch(BRANCH)

    async def search(step: str, query: str, limit: int) -> ToolOutcome:
        return await branch.call(step, "search_documents", {"query": query, "limit": limit})

    found: list[Retriever] = []
    if run.task.corpus is not None:
        found.append(CorpusRetriever(search, text_of))
    if run.task.evidence:
        found.append(GivenEvidence(run.task.evidence))
    if order.web:
        world = run.world.seat()
        effects = LedgerEffects(run.ledger, BRANCH, distrust=branch.distrust)
        found.append(WebRetriever(fetcher=world, search=world, effects=effects, step="pages"))
    return found


def _rethinker(run: RunContext, share: Share) -> Rethinker:
    """Return who writes failed sentences anew: a model that can, else what stands in the quotes."""
    if has_model(run) and not run.setting.limited:
        return ModelRethinker(run.branch(BRANCH), allowance=share.left)
    return QuotingRethinker()
