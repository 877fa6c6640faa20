"""Judging one claim: its evidence is found, quotes are checked (T0), and judges are asked tier by tier.

Whatever a judge does, it cannot do more than its tier allows: what it says under another name, with a quote that is
not there, or without a quote where one is due is an ``error`` and never a verdict.
"""

from collections.abc import Iterable, Mapping, Sequence

from agent.domain.claims import Claim, Judgement, Tier
from agent.domain.errors import LeaseLost, LedgerUnavailable, ReplayDivergence, RunStopped, SandboxUnavailable
from agent.domain.evidence import Evidence, Quote
from agent.models.together import together
from agent.verification.chain.deciding import DECIDED
from agent.verification.chain.gathering import unique
from agent.verification.chain.looked import Looked
from agent.verification.chain.parts import Parts
from agent.verification.chain.ports import Judge, JudgeFailed, Retriever, TextOf
from agent.verification.claims import evidence_text
from agent.verification.quotes import check_quote

PASS_THROUGH = (RunStopped, LeaseLost, ReplayDivergence, LedgerUnavailable, SandboxUnavailable)
"""What ends a run in good order, or says that it must not go on; never a matter of one claim. A lost sandbox is on no
record, so that a re-run could not come to the same."""

QUOTES = "quotes"
"""The judge of tier T0."""
RETRIEVAL = "retrieval"
"""Under this name a failed search for evidence is listed."""

_LONGEST_REASON = 300


class Quotes:
    """Checks quotes against stored texts, each quote once."""

    def __init__(self, text_of: TextOf) -> None:
        self._text_of = text_of
        self._known: dict[Quote, str] = {}

    async def problem(self, quote: Quote) -> str:
        """Return why a quote proves nothing; empty where it stands at its place in the text that was read."""
        if quote not in self._known:
            self._known[quote] = await self._look(quote)
        return self._known[quote]

    async def _look(self, quote: Quote) -> str:
        try:
            text = await self._text_of(quote.source.text_sha256)
        except LookupError:
            return f"the source of {quote.id} is no longer stored"
        state = check_quote(quote, text)
        return "" if state == "valid" else f"the quote {quote.id} is {state}"


async def look(step: str, claim: Claim, parts: Parts, quotes: Quotes) -> Looked:
    """Return a claim with its evidence and what the deterministic tiers say about it.

    Args:
        step: begins the names of all effects.
        claim: what is judged.
        parts: retrievers, judges, and evidence that claims cite.
        quotes: checks quotes (T0).
    """
    found = await together(
        _retrieved(f"{step}/retrieve/{number}", claim, retriever) for number, retriever in enumerate(parts.retrievers)
    )
    cited = {item.id: item for item in parts.evidence if item.id in claim.evidence}
    missing = [f"nothing has the id {name}" for name in claim.evidence if name not in cited]
    retrieved = [item for items, _ in found for item in items]
    evidence, problems = await _sound(unique([*cited.values(), *retrieved]), quotes)
    judgements = [failure for _, failures in found for failure in failures]
    if missing or problems:
        reasons = "; ".join([*missing, *problems])
        judgements.insert(0, Judgement(judge=QUOTES, tier="T0", verdict="unverifiable", detail=_line(reasons)))
    looked = Looked(claim=claim, evidence=evidence, judgements=tuple(judgements))
    said = await asked(step, looked, [judge for judge in parts.judges if judge.tier != "T3"])
    return looked.model_copy(update={"judgements": (*looked.judgements, *said)})


async def asked(step: str, looked: Looked, judges: Sequence[Judge]) -> tuple[Judgement, ...]:
    """Return what judges say about a claim, in their order; failures are judgements with the verdict ``error``."""
    said = await together(_judged(f"{step}/{judge.name}", looked, judge) for judge in judges)
    return tuple(judgement for one in said for judgement in one)


def reason_of(failure: Exception) -> str:
    """Return in one line why something failed; what nobody raised on purpose is told with its kind."""
    known = isinstance(failure, JudgeFailed)
    return _line(str(failure) if known else f"{type(failure).__name__}: {failure}") or "it failed without a reason"


async def _retrieved(step: str, claim: Claim, retriever: Retriever) -> tuple[Sequence[Evidence], Sequence[Judgement]]:
    try:
        return await retriever.retrieve(step, claim), ()
    except PASS_THROUGH:
        raise
    except Exception as failure:  # noqa: BLE001 - whatever goes wrong in a search says nothing about the claim
        return (), (_failed(RETRIEVAL, "T1", reason_of(failure)),)


async def _judged(step: str, looked: Looked, judge: Judge) -> tuple[Judgement, ...]:
    evidence = {item.id: item for item in looked.evidence}
    try:
        said = await judge.judge(step, looked.claim, looked.evidence)
        return tuple(_heard(judge, one, looked.claim, evidence) for one in said)
    except PASS_THROUGH:
        raise
    except Exception as failure:  # noqa: BLE001 - whatever breaks a judge must not become a verdict
        return (_failed(judge.name, judge.tier, reason_of(failure)),)


def _heard(judge: Judge, said: object, claim: Claim, evidence: Mapping[str, Evidence]) -> Judgement:
    """Return a judgement as it may be used: an ``error`` where it says more than its judge may or can show."""
    if not isinstance(said, Judgement):
        return _failed(judge.name, judge.tier, f"it gave no judgement but a {type(said).__name__}")
    problem = _problem(judge, said, claim, evidence)
    return _failed(judge.name, judge.tier, problem, said) if problem else said


def _problem(judge: Judge, said: Judgement, claim: Claim, evidence: Mapping[str, Evidence]) -> str:
    if (said.judge, said.tier) != (judge.name, judge.tier):
        return f"it speaks as {said.judge} of tier {said.tier}"
    if said.triple is not None and said.triple >= len(claim.triples):
        return f"it speaks of triple {said.triple}, which the claim does not have"
    named = [evidence_text(evidence[name]) for name in said.evidence if name in evidence]
    if judge.tier == "T3" and said.verdict in DECIDED and not said.quote.strip():
        return f"it says {said.verdict} without a quote"
    if said.quote and not any(said.quote in text for text in named):
        return f"its quote does not stand in {', '.join(said.evidence) or 'any evidence it names'}"
    return ""


def _failed(judge: str, tier: Tier, reason: str, said: Judgement | None = None) -> Judgement:
    if said is None:
        return Judgement(judge=judge, tier=tier, verdict="error", detail=reason)
    return Judgement(judge=judge, tier=tier, verdict="error", detail=reason, model=said.model, usage=said.usage)


async def _sound(items: Iterable[Evidence], quotes: Quotes) -> tuple[tuple[Evidence, ...], list[str]]:
    """Return the evidence that may be used, and why the rest may not."""
    kept: list[Evidence] = []
    problems: list[str] = []
    for item in items:
        problem = await quotes.problem(item) if isinstance(item, Quote) else ""
        if problem:
            problems.append(problem)
        else:
            kept.append(item)
    return tuple(kept), problems


def _line(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_REASON]
