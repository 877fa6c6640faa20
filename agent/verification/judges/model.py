"""A capable model that judges one claim by one passage of evidence (tier T3).

It never sees the draft (factored verification, as in CoVe, arXiv 2309.11495). What it says counts only with words that
stand in the passage. A contradiction and a limit need a second vote, whose question is worded anew and tells the two
apart: one question for both has taken accurate claims for refuted ones.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from agent.domain.base import Form
from agent.domain.claims import Claim, Judgement, Tier, Verdict
from agent.domain.errors import ModelOutputError, ModelRefused, ModelUnavailable
from agent.domain.evidence import Evidence
from agent.models.asking import FormT, Models, ask_form
from agent.models.prepared import Asker
from agent.verification.chain.ports import JudgeFailed
from agent.verification.claims import LONGEST_CLAIM
from agent.verification.judges.asking import JudgingModels, as_data, one_line, with_cost
from agent.verification.judges.objecting import unborne_number
from agent.verification.judges.passages import Passage, claim_words, passages_for, sentences_around
from agent.verification.negation import is_denied
from agent.verification.quotes import occurrences
from agent.verification.words import features, tokens

LONGEST_PASSAGE = 6000
"""Characters of evidence that a model is shown at once; whole sentences."""
LONGEST_QUOTE = 2000
"""Characters of a quote; what decides is never longer."""
MOST_PASSAGES = 8
"""Passages that are judged for one claim."""

_PROMPTS = "agent.verification.judges"


class JudgeClaim(Form):
    """Say what the evidence says about the claim."""

    verdict: Literal["supported", "contradicted", "qualified", "not_found"]
    quote: str = Field(default="", description="the deciding words of the evidence, verbatim; empty for not_found")
    reason: str = Field(description="why, in one line")


class TellDispute(Form):
    """Say whether the passage disputes the statement, or merely limits it."""

    relation: Literal["disputes", "limits", "neither"]
    quote: str = Field(default="", description="the deciding words of the passage, verbatim; empty for neither")
    reason: str = Field(description="why, in one line")


_SECOND: Mapping[Verdict, str] = MappingProxyType({"contradicted": "disputes", "qualified": "limits"})
"""What the second vote must say for a verdict to stand."""


class ModelJudge:
    """Asks the model in the verifier's role. Implements ``Judge``.

    Args:
        models: models by role.
        readings: ids of tool results that show an unchanged input file; other tool results are not judged.
        most: passages that are judged for one claim.
    """

    name = "model"
    tier: Tier = "T3"

    def __init__(self, models: Models, *, readings: Collection[str] = (), most: int = MOST_PASSAGES) -> None:
        self._models = models
        self._readings = readings
        self._most = most

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return a judgement for each passage that decides something, or one that says why nothing is decided.

        Raises:
            JudgeFailed: one of the calls failed, or what came back cannot be used.
        """
        if claim.kind == "opinion":
            return ()
        if len(claim.text) > LONGEST_CLAIM:
            return (_undecided(f"the claim has more than {LONGEST_CLAIM} characters; split it into statements"),)
        passages, total = passages_for(claim, evidence, self._readings, longest=LONGEST_PASSAGE, most=self._most)
        found = [await self._judged(f"{step}/{passage.place}", claim, passage) for passage in passages]
        if not found:
            return ()
        decided = [one for one in found if one.verdict != "not_found"]
        if decided:
            return with_cost(decided, [one for one in found if one.verdict == "not_found"])
        if len(passages) < total:
            read = f"only the {len(passages)} likeliest of {total} passages were read, and none says it"
            found[0] = found[0].model_copy(update={"verdict": "unverifiable", "detail": read, "evidence": ()})
        return with_cost(found[:1], found[1:])

    async def _judged(self, step: str, claim: Claim, passage: Passage) -> Judgement:
        models = JudgingModels(self._models)
        given = Judgement(
            judge=self.name, tier=self.tier, verdict="unverifiable", detail="", evidence=(passage.evidence,)
        )
        try:
            first = await _filled(models, f"{step}/verdict", "verdict", JudgeClaim, claim, passage)
            verdict: Verdict = first.verdict
            reason = one_line(first.reason)
            quote = _verbatim(first.quote, passage.text) if verdict != "not_found" else ""
            if verdict in _SECOND:
                second = await _filled(models, f"{step}/dispute", "dispute", TellDispute, claim, passage)
                if second.relation != _SECOND[verdict]:
                    reason = f"two votes disagree: {verdict} ({reason}); {second.relation} ({one_line(second.reason)})"
                    verdict, quote = "unverifiable", ""
        except (ModelOutputError, ModelRefused, ModelUnavailable) as error:
            raise JudgeFailed(f"the model judge failed on {passage.evidence}: {one_line(str(error))}") from error
        objection = _objection(verdict, quote, claim, passage.text)
        if objection:
            verdict, reason = "unverifiable", f"the model said {verdict} ({reason}), but {objection}"
        return given.model_copy(
            update={"verdict": verdict, "detail": reason, "quote": quote, "model": models.model, "usage": models.usage}
        )


async def _filled(
    models: JudgingModels, step: str, prompt: str, form: type[FormT], claim: Claim, passage: Passage
) -> FormT:
    """Return a form whose quote stands in the passage, asked for a second time where it does not."""
    sentence = claim.sentence if claim.sentence != claim.text else ""
    parts = {"claim": claim.text, "sentence": sentence, "question": claim.question, "evidence": passage.text}
    transcript = Asker(models, _PROMPTS).transcript(
        prompt, **{name: as_data(text) if text else "" for name, text in parts.items()}
    )
    check = partial(_check_quote, text=passage.text)
    return await ask_form(models, step, transcript, form, role="verifier", repairs=1, check=check)


def _check_quote(form: Form, text: str) -> None:
    assert isinstance(form, JudgeClaim | TellDispute)  # noqa: S101 - the forms of this module
    said = form.verdict if isinstance(form, JudgeClaim) else form.relation
    if said not in ("not_found", "neither") and not _verbatim(form.quote, text):
        raise ModelOutputError(
            f"the quote {one_line(form.quote)[:80]!r} does not stand in the evidence: copy it character by character,"
            f" in one piece and whole words, with what decides, or say that the evidence does not decide."
        )


def _verbatim(quote: str, text: str) -> str:
    """Return a quote as it really stands in a text, white space apart; nothing where it does not.

    "The", a full stop or a single Chinese character stands in nearly every text, so it is nobody's reason.
    """
    told = [token for token in tokens(quote) if token.kind != "cjk" or len(token.text) > 1]
    if not (features(told) or is_denied(quote)) or len(quote) > LONGEST_QUOTE:
        return ""
    places = occurrences(text, quote, whole_words=True)
    return text[slice(*places[0])] if places else ""


def _objection(verdict: Verdict, quote: str, claim: Claim, text: str) -> str:
    """Return what the words themselves have against a verdict; nothing where they let it stand.

    A model that was talked into a verdict by the evidence has to quote something, and will not always quote what
    bears on the claim.
    """
    if verdict not in ("supported", "contradicted", "qualified"):
        return ""
    words = claim_words(claim)
    around = sentences_around(text, quote)
    if words and not words & features(tokens(around)) and _one_script(f"{claim.text}{around}"):
        return "the sentence it quotes has no word of the claim"
    missing = unborne_number(claim, text) if verdict == "supported" else ""
    return f"{missing} stands nowhere in the evidence" if missing else ""


def _one_script(text: str) -> bool:
    """Whether a text is written with spaces between words only, or without only; words of both cannot be compared."""
    return len({token.kind == "cjk" for token in tokens(text) if token.kind in ("word", "cjk")}) <= 1


def _undecided(detail: str) -> Judgement:
    return Judgement(judge=ModelJudge.name, tier=ModelJudge.tier, verdict="unverifiable", detail=detail)
