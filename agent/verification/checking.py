"""Checking any text, without a run: no ledger, and no model unless one is handed in."""

from collections.abc import Mapping, Sequence

from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.graph import check_answer
from agent.verification.chain.parts import Checked, Entails, Parts
from agent.verification.chain.ports import Extractor, Judge, Rethinker, Retriever
from agent.verification.extraction.rules import RuleExtractor
from agent.verification.judges.choosing import deterministic_judges
from agent.verification.judges.wording import WordingJudge
from agent.verification.retrieval.texts import TextRetriever


async def check_text(
    text: str,
    *,
    sources: Mapping[str, str] | None = None,
    judges: Sequence[Judge] | None = None,
    retrievers: Sequence[Retriever] = (),
    extractor: Extractor | None = None,
    rethinker: Rethinker | None = None,
    entails: Entails | None = None,
    config: CheckingConfig | None = None,
) -> Checked:
    """Return the claims of a text with their verdicts, and its score.

    Args:
        text: what is checked.
        sources: texts that claims are compared with, by their titles.
        judges: who judges; by default all that need nothing but the claim and its evidence: arithmetic and wording.
        retrievers: find evidence besides that of the sources; their quotes must be of the sources.
        extractor: takes claims out of the text; by default by rules.
        rethinker: writes failed sentences anew; by default nobody does.
        entails: a model that says what follows from accepted claims.
        config: limits and weights.

    Raises:
        RunStopped, LeaseLost, ReplayDivergence, LedgerUnavailable, SandboxUnavailable: one of the parts raised it. All
            else that fails is told in the result.
    """
    texts = TextRetriever(sources or {})
    parts = Parts(
        extractor=extractor or RuleExtractor(),
        judges=tuple(judges) if judges is not None else (*deterministic_judges(), WordingJudge()),
        retrievers=(texts, *retrievers) if sources else tuple(retrievers),
        text_of=texts,
        rethinker=rethinker,
        entails=entails,
    )
    return await check_answer(text, parts, config or CheckingConfig())
