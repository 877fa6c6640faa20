"""Chain-of-Knowledge with F²: an answer is verified, and asked for again with what is true instead of what is not.

After Wang et al., arXiv 2306.06427. Triples are looked up in knowledge bases and computations done again; faithfulness
is not similarity, as in the paper: a model that is shown nothing but what was not refuted must come to the same answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agent.domain.asking import Answered, AskMode, Question, Reasoning
from agent.domain.claims import ChainScore, CheckedClaim, Checking, Round, StopReason
from agent.domain.errors import ModelOutputError
from agent.domain.evidence import Evidence, Triple
from agent.models.asking import Models
from agent.models.counting import CountedModels
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.deciding import DECIDED
from agent.verification.chain.graph import check_answer
from agent.verification.chain.parts import Parts
from agent.verification.chain.scoring import blended, factuality_of
from agent.verification.chain.stopping import best_round, is_accepted, why_stop
from agent.verification.claims import evidence_text
from agent.verification.extraction.rules import RuleExtractor
from agent.verification.judges.choosing import deterministic_judges, knowledge_retrievers
from agent.verification.knowledge.port import Knowledge
from agent.verification.reasoning.evidence import chain_text, claims_of, standing, uses, wrong_numbers
from agent.verification.reasoning.exemplars import Exemplar
from agent.verification.reasoning.reasoner import NOTHING, Known, Reasoner

_OPEN = 1.0
"""Share of the claims that may stay open in an accepted answer: few knowledge bases hold what a model writes down, and
what is open is told. Something must have been checked."""
_MOST_TOLD = 20
"""Lines of each sort that a model is told when it is asked again, the newest."""


@dataclass(frozen=True)
class Asking:
    """What questions are answered with.

    Attributes:
        models: models by role; the executor answers.
        limited: it is a small model.
        config: weights, threshold and rounds of verification.
        bases: names of the knowledge bases in which triples are looked up.
        knowledge: asks them; None for no knowledge bases.
        allowance: whether a model may be asked to verify; the same on every re-run.
    """

    models: Models
    limited: bool = False
    config: CheckingConfig = field(default_factory=CheckingConfig)
    bases: Sequence[str] = ()
    knowledge: Knowledge | None = None
    allowance: Callable[[], bool] = lambda: True


async def ask(step: str, question: Question, mode: AskMode, exemplars: Sequence[Exemplar], given: Asking) -> Answered:
    """Return the answer to a question, verified where the mode says so.

    Raises:
        ModelOutputError: the model gave no usable answer, or declined.
        RunStopped, ServiceError: it cannot be asked.
    """
    if mode == "cok+f2":
        return await _Chain(step, question, exemplars, given).run()
    reasoning = await Reasoner(given.models, limited=given.limited).answer(step, question, mode, exemplars)
    claims = tuple(CheckedClaim(claim=claim, verdict="unverifiable") for claim in claims_of(reasoning))
    return Answered(question=question, mode=mode, reasoning=reasoning, claims=claims)


@dataclass(frozen=True)
class _Draft:
    reasoning: Reasoning
    claims: tuple[CheckedClaim, ...]
    evidence: dict[str, Evidence]
    round: Round


class _Chain:
    """One question on its way through the rounds."""

    def __init__(self, step: str, question: Question, exemplars: Sequence[Exemplar], given: Asking) -> None:
        self._step = step
        self._question = question
        self._exemplars = exemplars
        self._given = given
        self._models = CountedModels(given.models)
        self._reasoner = Reasoner(self._models, limited=given.limited)
        self._notes: list[str] = []
        self._drafts: list[_Draft] = []

    async def run(self) -> Answered:
        """Answer, verify, and think again until there is a reason to stop."""
        known = NOTHING
        stopped: StopReason | None = None
        while stopped is None:
            number = len(self._drafts)
            try:
                draft = await self._drafted(number, known)
            except ModelOutputError as error:
                if not number:
                    raise
                self._notes.append(f"thinking again failed: {_one_line(error)}")
                stopped = "not rethought"
                break
            self._drafts.append(draft)
            stopped = self._why_stop()
            known = _learnt(known, draft, self._question)
        rounds = tuple(draft.round for draft in self._drafts)
        best = self._drafts[best_round(rounds).number]
        if not best.round.score.checked:
            self._notes.append(
                "nothing in the evidence could be checked: no knowledge base holds it, and it computes nothing"
            )
        cited = {name: item for draft in self._drafts for name, item in draft.evidence.items()}
        return Answered(
            question=self._question,
            mode="cok+f2",
            reasoning=best.reasoning,
            claims=best.claims,
            checking=Checking(
                rounds=rounds, best=best.round.number, stopped=stopped, unchecked=tuple(dict.fromkeys(self._notes))
            ),
            evidence=tuple(cited[name] for name in sorted(cited)),
        )

    async def _drafted(self, number: int, known: Known) -> _Draft:
        """Answer once, and look at the answer."""
        spent, step = self._models.usage, f"{self._step}/r{number}"
        reasoning = await self._reasoner.answer(
            f"{step}/answer", self._question, "cok+f2", self._exemplars, known=known
        )
        claims, evidence = await self._checked(f"{step}/check", reasoning)
        faithfulness = await self._faithfulness(f"{step}/follows", reasoning, claims, known)
        now = Round(
            number=number,
            answer=chain_text(reasoning),
            score=_score(reasoning, claims, faithfulness, self._given.config),
            changed=(self._drafts[-1].round.answer,) if number else (),
            contradicted=tuple(one.claim.id for one in claims if one.verdict == "contradicted"),
            open=tuple(one.claim.id for one in claims if one.verdict not in ("contradicted", "supported")),
            usage=self._models.usage - spent,
        )
        return _Draft(reasoning, claims, evidence, now)

    async def _checked(self, step: str, reasoning: Reasoning) -> tuple[tuple[CheckedClaim, ...], dict[str, Evidence]]:
        given, claims = self._given, claims_of(reasoning)
        parts = Parts(
            extractor=RuleExtractor(),
            judges=deterministic_judges(bases=given.bases, knowledge=given.knowledge),
            retrievers=knowledge_retrievers(given.bases, given.knowledge),
            claims=claims,
        )
        once = given.config.model_copy(update={"rounds": 0})
        checked = await check_answer(chain_text(reasoning), parts, once, step=step)
        cited = {name for one in checked.claims for judgement in one.judgements for name in judgement.evidence}
        # a place in a text that nobody has written tells nothing
        as_made = {claim.id: claim for claim in claims}
        found = tuple(one.model_copy(update={"claim": as_made[one.claim.id]}) for one in checked.claims)
        return found, {name: item for name, item in checked.evidence.items() if name in cited}

    async def _faithfulness(
        self, step: str, reasoning: Reasoning, claims: Sequence[CheckedClaim], known: Known
    ) -> float | None:
        """Return whether the answer follows without what was refuted; None where that could not be asked."""
        left = [*known.established, *standing(reasoning, claims, self._question.text)]
        if not left:
            return 0.0
        if not self._given.allowance():
            self._notes.append(
                "whether the answer follows from its evidence was not asked: the budget's share is used up"
            )
            return None
        try:
            return float(await self._reasoner.follows(step, self._question, left, reasoning.answer))
        except ModelOutputError as error:
            self._notes.append(f"whether the answer follows from its evidence could not be told: {_one_line(error)}")
            return None

    def _why_stop(self) -> StopReason | None:
        rounds = [draft.round for draft in self._drafts]
        last, left = rounds[-1], self._given.allowance()
        if is_accepted(last, _OPEN):
            # what was not looked at is not accepted, and asking again would change nothing about that
            if last.score.faithfulness is None:
                return "not rethought" if left else "budget"
            return "accepted" if last.score.checked else "no evidence"
        return why_stop(rounds, self._given.config.model_copy(update={"tolerance": _OPEN}), left=left)


def _score(
    reasoning: Reasoning, claims: Sequence[CheckedClaim], faithfulness: float | None, config: CheckingConfig
) -> ChainScore:
    decided = [one for one in claims if one.verdict in DECIDED]
    factuality = factuality_of(decided)
    return ChainScore(
        factuality=factuality,
        faithfulness=faithfulness,
        gamma=config.gamma,
        threshold=config.threshold,
        score=blended(factuality, faithfulness, config),
        checked=len(decided),
        claims=len(claims),
        unfounded=(reasoning.answer,) if faithfulness == 0 else (),
    )


def _learnt(known: Known, draft: _Draft, question: Question) -> Known:
    """Return what a model is told next: what was accepted, what is true instead of what was refuted, and that."""
    established, refuted = list(known.established), list(known.refuted)
    wrong = wrong_numbers(draft.reasoning, draft.claims, question.text)
    for one in draft.claims:
        # a sum that goes on with a wrong result holds, and is nothing to build on
        if one.verdict == "supported" and (one.claim.triples or not uses(one.claim.text, wrong)):
            established.append(one.claim.text)
        if one.verdict != "contradicted":
            continue
        reasons = [judgement for judgement in one.judgements if judgement.verdict == "contradicted"]
        held = [draft.evidence.get(name) for judgement in reasons for name in judgement.evidence]
        established += [evidence_text(item) for item in held if isinstance(item, Triple)]
        refuted.append(f"{one.claim.text} ({reasons[0].detail})" if reasons else one.claim.text)
    return Known(
        tuple(dict.fromkeys(established))[-_MOST_TOLD:],
        tuple(dict.fromkeys(refuted))[-_MOST_TOLD:],
        draft.reasoning.answer if draft.round.score.faithfulness == 0 else "",
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
