"""A small model that judges one claim by one passage: not by the word it writes, but by how likely each word was.

It is asked for one of three words, and what counts are the log-probabilities of their first tokens against thresholds
that belong to its weights and this prompt. A small model is led by words that two texts share, and by what it knows:
so it is asked last, words and numbers may object to what it supports, and what it denies it has to deny twice, the
second time after other examples.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from agent.domain.base import Fact
from agent.domain.claims import Claim, Judgement, Tier, Verdict
from agent.domain.evidence import Evidence
from agent.domain.messages import CallOptions
from agent.models.asking import Models
from agent.models.prepared import MISSING, Asker, option_scores
from agent.verification.chain.ports import JudgeFailed
from agent.verification.claims import LONGEST_CLAIM
from agent.verification.judges.asking import JudgingModels, as_data, one_line, with_cost
from agent.verification.judges.objecting import wording_objects
from agent.verification.judges.passages import Passage, claim_words, nearest, passages_for, sentences_of

PROMPT_VERSION = "entailment/1"
LONGEST_PASSAGE = 1500
"""Characters of evidence that a small model still reads with care."""
MOST_PASSAGES = 4
"""Passages that are judged for one claim."""
MOST_SENTENCES = 6
"""Sentences of a passage that are weighed each by itself, to find the one that decides."""

FIRST, AGAIN = "entailment", "entailment_again"
"""The prompts of the two votes: one question with different examples."""

_PROVES, _DENIES, _NEITHER = "entailment", "contradiction", "neutral"
_ALTERNATIVES = 20
_ORDER: tuple[Verdict, ...] = ("contradicted", "supported", "unverifiable", "not_found")


class MarginThresholds(Fact):
    """What the margins of a model are measured from.

    Attributes:
        supported: log-probability of the word for proof, less that of the likelier other word, from which on it counts.
        contradicted: the same of the word for denial.
        again: log-probability of denial less that of proof from which on a denial stands in the second vote.
    """

    supported: float = 1.0
    contradicted: float = 1.0
    again: float = 1.0


THRESHOLDS: Mapping[tuple[str, str], MarginThresholds] = MappingProxyType(
    {("qwen2.5-coder-1.5b", PROMPT_VERSION): MarginThresholds(supported=-4.23, contradicted=0.82, again=3.43)}
)
"""Fitted by name of the weights and version of the prompt: ``python -m evals.claims.fitting``."""


class Odds(Fact):
    """Natural log-probabilities of the three words as the first of a reply."""

    proves: float
    denies: float
    neither: float

    @property
    def proof(self) -> float:
        """How much likelier proof is than the likelier of the other two."""
        return self.proves - max(self.denies, self.neither)

    @property
    def denial(self) -> float:
        """How much likelier denial is than the likelier of the other two."""
        return self.denies - max(self.proves, self.neither)


def verdict_by(first: Odds, again: Odds | None, thresholds: MarginThresholds) -> Verdict:
    """Return what a model says: not found where neither word is likely enough, undecided where two votes disagree.

    Args:
        first: of the first vote.
        again: of the second one; None where it was not asked, and a denial is then taken as it is.
        thresholds: of the model.
    """
    proof, denial = first.proof - thresholds.supported, first.denial - thresholds.contradicted
    if max(proof, denial) <= 0:
        return "not_found"
    if proof > denial:
        return "supported"
    stands = again is None or again.denies - again.proves > thresholds.again
    return "contradicted" if stands else "unverifiable"


class MarginJudge:
    """Asks a small model in the verifier's role. Implements ``Judge``.

    Args:
        models: models by role; the verifier must return log-probabilities.
        weights: name of its weights.
        thresholds: what its margins are measured from; by default what was fitted for the weights, or cautious ones.
        readings: ids of tool results that show an unchanged input file; other tool results are not judged.
        objects: says what stands against a claim being supported by a text; nothing where nothing does.
        most: passages that are judged for one claim.
        sentences: sentences of a passage that are weighed each by itself to find the one that decides, which is the
            quote; with 1 it is the one that shares most words with the claim, and nothing more is asked.
    """

    name = "model"
    tier: Tier = "T3"

    def __init__(
        self,
        models: Models,
        *,
        weights: str = "",
        thresholds: MarginThresholds | None = None,
        readings: Collection[str] = (),
        objects: Callable[[Claim, str], str] = wording_objects,
        most: int = MOST_PASSAGES,
        sentences: int = MOST_SENTENCES,
    ) -> None:
        self._models = models
        self._thresholds = thresholds or thresholds_for(weights)
        self._readings = readings
        self._objects = objects
        self._most = most
        self._sentences = sentences

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return a judgement for each passage that decides something, or one that says why nothing is decided.

        Raises:
            JudgeFailed: the model failed, gave none of the words, or no log-probabilities.
        """
        if claim.kind == "opinion":
            return ()
        if len(claim.text) > LONGEST_CLAIM:
            return (self._undecided(f"the claim has more than {LONGEST_CLAIM} characters; split it into statements"),)
        passages, total = passages_for(claim, evidence, self._readings, longest=LONGEST_PASSAGE, most=self._most)
        found = [await self._judged(f"{step}/{passage.place}", claim, passage) for passage in passages]
        if not found:
            return ()
        # the most telling first: what decides, then what nearly does
        found.sort(key=lambda one: _ORDER.index(one.verdict))
        count = sum(one.verdict in ("supported", "contradicted") for one in found)
        if not count and len(passages) < total and found[0].verdict == "not_found":
            read = f"only the {len(passages)} likeliest of {total} passages were read, and none says it"
            found[0] = found[0].model_copy(update={"verdict": "unverifiable", "detail": read, "evidence": ()})
        return with_cost(found[: count or 1], found[count or 1 :])

    async def odds(self, models: JudgingModels, step: str, claim: Claim, text: str, prompt: str = FIRST) -> Odds:
        """Return how likely the model finds each of the three words for a claim and a text.

        Raises:
            JudgeFailed: the model failed, gave none of the words, or no log-probabilities.
        """
        parts = {"claim": claim.text, "question": claim.question, "evidence": text}
        transcript = Asker(models, "agent.verification.judges").transcript(
            prompt, **{name: as_data(" ".join(part.split())) if part else "" for name, part in parts.items()}
        )
        options = CallOptions(max_tokens=1, temperature=0, top_logprobs=_ALTERNATIVES)
        reply = await models.ask(step, transcript, options=options)
        if not reply.first_token:
            raise JudgeFailed("the model gave no log-probabilities; a small model's word alone is no judgement")
        scores = option_scores(reply.first_token, (_PROVES, _DENIES, _NEITHER))
        if max(scores.values()) <= MISSING:
            raise JudgeFailed(f"the model answered none of the three words, but {one_line(reply.text)[:80]!r}")
        return Odds(proves=scores[_PROVES], denies=scores[_DENIES], neither=scores[_NEITHER])

    async def _judged(self, step: str, claim: Claim, passage: Passage) -> Judgement:
        models, at = JudgingModels(self._models), self._thresholds
        first = await self.odds(models, f"{step}/first", claim, passage.text)
        again: Odds | None = None
        verdict = verdict_by(first, None, at)
        detail = f"margins over the thresholds: proof {first.proof - at.supported:+.2f}, "
        detail += f"denial {first.denial - at.contradicted:+.2f}"
        if verdict == "contradicted":
            again = await self.odds(models, f"{step}/again", claim, passage.text, AGAIN)
            detail += f", denial again {again.denies - again.proves - at.again:+.2f}"
            verdict = verdict_by(first, again, at)
        detail += f"; prompt {PROMPT_VERSION}"
        objection = self._objects(claim, passage.text) if verdict == "supported" else ""
        if objection:
            verdict, detail = "unverifiable", f"the model would support it, but {objection}; {detail}"
        quote = ""
        if verdict in ("supported", "contradicted"):
            quote = await self._quoted(models, step, claim, passage.text, verdict)
        return Judgement(
            judge=self.name,
            tier=self.tier,
            verdict=verdict,
            detail=detail,
            evidence=(passage.evidence,),
            quote=quote,
            model=models.model,
            usage=models.usage,
        )

    async def _quoted(self, models: JudgingModels, step: str, claim: Claim, text: str, verdict: Verdict) -> str:
        """Return the sentence that decides most by itself; the whole text where it is one sentence."""
        sentences = sentences_of(text)
        if len(sentences) <= 1:
            return text.strip()
        likeliest = sorted(nearest(claim_words(claim), sentences)[: self._sentences])
        if len(likeliest) == 1:
            return sentences[likeliest[0]]
        best, most = sentences[likeliest[0]], float("-inf")
        for number in likeliest:
            odds = await self.odds(models, f"{step}/s{number + 1}", claim, sentences[number])
            value = odds.proof if verdict == "supported" else odds.denial
            if value > most:
                best, most = sentences[number], value
        return best

    def _undecided(self, detail: str) -> Judgement:
        return Judgement(judge=self.name, tier=self.tier, verdict="unverifiable", detail=detail)


def thresholds_for(weights: str) -> MarginThresholds:
    """Return the thresholds fitted for weights, by their name, or cautious ones for all others."""
    return THRESHOLDS.get((weights, PROMPT_VERSION), MarginThresholds())
