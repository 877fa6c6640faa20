"""Writing failed sentences anew with a model, from what is known (Chain-of-Knowledge, arXiv 2306.06427).

The model sees one failed sentence with its neighbours, what was wrong with it, and the accepted triples and quotes. It
can write that sentence and nothing else: where it goes is decided by span, and what it wrote is judged anew.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from pydantic import Field

from agent.domain.base import Form
from agent.domain.claims import CheckedClaim, Statement
from agent.domain.errors import ModelOutputError, ModelUnavailable
from agent.domain.evidence import Evidence
from agent.domain.messages import Transcript
from agent.models.asking import Models, ask_form
from agent.models.counting import CountedModels
from agent.models.templates import render
from agent.models.together import together
from agent.verification.chain.known import (
    accepted_triples,
    has_evidence,
    is_refuted,
    may_be_dropped,
    named_evidence,
    shown,
)
from agent.verification.chain.new_sentence import body_of, problem_of
from agent.verification.chain.ports import JudgeFailed, Rethought
from agent.verification.chain.splicing import CHANGEABLE, places_of_failed
from agent.verification.claims import evidence_text
from agent.verification.sentences import Span

LONGEST_EVIDENCE = 1200
"""Characters of one piece of evidence that are shown, around what a judge quoted from it."""
MOST_EVIDENCE = 8
MOST_TRIPLES = 12
CONTEXT = 300
"""Characters of the text before and after a sentence that are shown."""

_TRIES = 2
_LONGEST_REASON = 300
_SAID = {
    "contradicted": "wrong",
    "qualified": "true only with a limit that it leaves out, or disputed",
    "not_found": "not in the evidence",
}


class RewriteSentence(Form):
    """Write the sentence anew, so that it says what the evidence says."""

    text: str = Field(max_length=4000, description="the whole new sentence on one line; empty to leave it out")


class ModelRethinker:
    """Asks a model for each failed sentence, one call per sentence.

    A sentence is rethought where a claim of it is refuted, qualified, or not found in evidence that was looked at. It
    may be dropped only where it is refuted and nothing in it is right.

    Args:
        models: models by role.
        role: who is asked.
        question: what the text answers.
        parallel: sentences that are asked about at the same time.
        sentences: sentences that are asked about in one round at most, refuted ones first.
        allowance: whether models may still be asked; it is called when no call is under way, and must say the same on
            every re-run.
    """

    def __init__(
        self,
        models: Models,
        *,
        role: str = "verifier",
        question: str = "",
        parallel: int = 4,
        sentences: int = 20,
        allowance: Callable[[], bool] = lambda: True,
    ) -> None:
        self._models = models
        self._role = role
        self._question = question
        self._parallel = parallel
        self._most = sentences
        self._allowance = allowance

    async def rethink(
        self, step: str, text: str, checked: Sequence[CheckedClaim], evidence: Mapping[str, Evidence]
    ) -> Rethought:
        """Return new sentences for those of the failed claims.

        Sentences for which the model gave nothing usable stay as they are, which is noted.

        Raises:
            JudgeFailed: the model gave nothing usable for any of them.
        """
        # a sentence that stands there twice is written anew once
        failed = {
            text[span.start : span.end]: (span, claims) for span, claims in places_of_failed(text, checked).items()
        }
        known = [place for place in failed.values() if has_evidence(place[1], evidence)]
        if not known:
            return Rethought()
        places = sorted(known, key=lambda place: (not is_refuted(place[1]), place[0]))
        models = CountedModels(self._models)
        triples = accepted_triples(checked, evidence)

        async def one(number: int, span: Span, claims: Sequence[CheckedClaim]) -> str | JudgeFailed:
            transcript = self._transcript(text, span, claims, evidence, triples)
            try:
                return await self._sentence(models, f"{step}/{number}", transcript, text, span, claims, evidence)
            except JudgeFailed as failure:
                return failure

        written: list[str | JudgeFailed] = []
        for start in range(0, min(len(places), self._most), self._parallel):
            if start and not self._allowance():
                break
            wave = places[start : min(start + self._parallel, self._most)]
            written += await together(one(start + number, *place) for number, place in enumerate(wave))
        sentences: dict[str, str] = {}
        left = len(places) - len(written)
        notes = [f"{left} more failed sentences were not rethought in this round."] if left else []
        for (span, _), new in zip(places, written, strict=False):
            old = text[span.start : span.end]
            told = shown(body_of(old).text)
            if isinstance(new, JudgeFailed):
                notes.append(f"A failed sentence could not be written anew ({new}): {told}")
            elif new != old:
                sentences[old] = new
                if not new:
                    notes.append(f"A refuted sentence was left out, since nothing could be said in its place: {told}")
        failures = [new for new in written if isinstance(new, JudgeFailed)]
        if len(failures) == len(written):
            raise failures[0]
        return Rethought(sentences=sentences, notes=tuple(notes), usage=models.usage)

    async def _sentence(
        self,
        models: Models,
        step: str,
        transcript: Transcript,
        text: str,
        span: Span,
        claims: Sequence[CheckedClaim],
        evidence: Mapping[str, Evidence],
    ) -> str:
        lead, old = body_of(text[span.start : span.end])
        allowed = [evidence_text(evidence[name]) for name in named_evidence(claims, evidence)]
        allowed += [f"[{name}]" for name in named_evidence(claims, evidence)]
        problem = ""
        for attempt in range(_TRIES):
            try:
                form = await ask_form(
                    models,
                    f"{step}/{attempt}",
                    transcript,
                    RewriteSentence,
                    role=self._role,
                    refusal_is_reply=True,
                    outage_is_reply=True,
                )
            except (ModelOutputError, ModelUnavailable) as error:
                raise JudgeFailed(" ".join(str(error).split())[:_LONGEST_REASON]) from error
            new = form.text.strip()
            if not new and may_be_dropped(claims):
                return ""
            problem = problem_of(new, old, allowed=allowed) if new else "it must not be empty: not all of it is wrong"
            if not problem:
                return f"{lead}{new}"
            for call in transcript[-1].get("tool_calls") or ():
                transcript.append({"role": "tool", "tool_call_id": call["id"], "content": f"error: {problem}"})
        raise JudgeFailed(f"what the model wrote cannot be used: {problem}")

    def _transcript(
        self,
        text: str,
        span: Span,
        claims: Sequence[CheckedClaim],
        evidence: Mapping[str, Evidence],
        triples: Sequence[Statement],
    ) -> Transcript:
        names = named_evidence(claims, evidence)[:MOST_EVIDENCE]
        quotes = [judgement.quote for one in claims for judgement in one.judgements if judgement.quote]
        prompt = render(
            "agent.verification.chain",
            "sentence",
            question=_quoted(self._question),
            before=_quoted(text[max(0, span.start - CONTEXT) : span.start]),
            sentence=_quoted(body_of(text[span.start : span.end]).text),
            after=_quoted(text[span.end : span.end + CONTEXT]),
            wrong=[
                {"claim": _quoted(one.claim.text), "verdict": _SAID[one.verdict], "why": _quoted(_why(one))}
                for one in claims
                if one.verdict in CHANGEABLE and one.claim.kind != "opinion"
            ],
            right=[_quoted(one.claim.text) for one in claims if one.verdict == "supported"],
            triples=[_triple(triple) for triple in _about(triples, claims)[:MOST_TRIPLES]],
            evidence=[text for name in names if (text := _quoted(_part(evidence_text(evidence[name]), quotes)))],
        )
        system = render("agent.verification.chain", "rethink", may_drop=may_be_dropped(claims))
        return Transcript([{"role": "system", "content": system}, {"role": "user", "content": prompt}])


def _about(triples: Iterable[Statement], claims: Sequence[CheckedClaim]) -> list[Statement]:
    """Return the triples of which the sentence of these claims names the subject or the object."""
    said = " ".join(
        " ".join((one.claim.text, one.claim.sentence, *(triple.subject for triple in one.claim.triples)))
        for one in claims
    ).casefold()
    return [one for one in triples if one.subject.casefold() in said or one.object.casefold() in said]


def _why(one: CheckedClaim) -> str:
    reasons = [judgement.detail for judgement in one.judgements if judgement.verdict == one.verdict]
    return "; ".join(dict.fromkeys(reasons))[:_LONGEST_REASON]


def _part(text: str, quotes: Iterable[str]) -> str:
    """Return the part of an evidence's text that is shown: around the first quote from it, else its beginning."""
    if len(text) <= LONGEST_EVIDENCE:
        return text
    at = next((text.index(quote) for quote in quotes if quote in text), 0)
    start = max(0, min(at - LONGEST_EVIDENCE // 3, len(text) - LONGEST_EVIDENCE))
    return text[start : start + LONGEST_EVIDENCE]


def _triple(triple: Statement) -> str:
    parts = [triple.subject, triple.relation if triple.positive else f"not {triple.relation}", triple.object]
    qualifiers = [f"{name}: {value}" for name, value in triple.qualifiers.items()]
    return json.dumps([*parts, *qualifiers], ensure_ascii=False)


def _quoted(text: str) -> str:
    """Return a text as one JSON string, or nothing for an empty one."""
    line = " ".join(text.split())
    return json.dumps(line, ensure_ascii=False) if line else ""
