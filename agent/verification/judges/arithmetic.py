"""The judge of what a claim itself computes: equations, sums in words, conversions of units, facts about dates."""

import asyncio
import re
from collections.abc import Sequence
from datetime import date

from agent.domain.claims import Claim, Judgement, Tier, Verdict
from agent.domain.evidence import Evidence
from agent.verification.arithmetic.computation import Computation
from agent.verification.arithmetic.judging import judge_arithmetic
from agent.verification.chain.ports import JudgeFailed
from agent.verification.literal import content
from agent.verification.negation import unshared_scope

LONGEST_CLAIM = 20_000
"""Characters of a claim that is judged. Size bounds the time: a clock would not give the same result on a re-run."""
_LONGEST_DETAIL = 400
_CONNECTING = frozenset(
    {
        "therefore",
        "thus",
        "hence",
        "indeed",
        "finally",
        "first",
        "next",
        "because",
        "since",
        "now",
        "所以",
        "因此",
        "那么",
    }
)
"""Words around a computation that state nothing."""
_PREMISE = re.compile(r"\bborn\b", re.IGNORECASE)
"""A computation about an age says when somebody was born, which cannot be computed."""
_INLINE = re.compile(r"`[^`\n]+`")
_QUOTED = re.compile('"[^"\n]*"|\u201c[^\u201d\n]*\u201d|\u300c[^\u300d\n]*\u300d')
_LABEL = re.compile(r"\d%?\s+((?:[^\W\d_][\w'-]*\s*)+)$")
_UNIT_WORDS = 2
"""Words behind a result that can be what was counted."""
_CLAUSE_END = re.compile(r"[,;:.!?\n\uff0c\u3002\uff1b\uff1a]")
_ORDER: Sequence[Verdict] = ("contradicted", "unverifiable", "qualified", "supported")


class ArithmeticJudge:
    """Judges claims by computing them again, without any evidence.

    A claim is supported only where it says nothing but what was computed. Where it says more, the rest stays open, and
    one false part refutes the whole. Programs are left to the judge of code.

    Args:
        reference: the day that "today" means; None leaves relative dates unverifiable.
    """

    name = "arithmetic"
    tier: Tier = "T1"

    def __init__(self, reference: date | None = None) -> None:
        self._reference = reference

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return one judgement on a claim that computes something, else none.

        Raises:
            JudgeFailed: computing broke.
        """
        if claim.kind in ("opinion", "code"):
            return ()
        if len(claim.text) > LONGEST_CLAIM:
            return (self._judgement("unverifiable", f"the claim is longer than {LONGEST_CLAIM:,} characters"),)
        return await asyncio.to_thread(self._judged, claim)

    def _judged(self, claim: Claim) -> Sequence[Judgement]:
        inline = [match.span() for match in _INLINE.finditer(claim.text)]
        found = self._computed(claim.text)
        if content(_INLINE.sub(" ", claim.text)):
            # what is said of a piece of code is no statement of it: `2 + 2 == 5` is False
            found = tuple(one for one in found if not any(a < one.end and one.start < b for a, b in inline))
        if not found:
            return ()
        asserted: list[tuple[Verdict, str]] = [
            (verdict, reason) if not (limits := _limits(claim.text, one)) else ("unverifiable", f"{reason}; {limits}")
            for one, (verdict, reason) in zip(found, self._in_sentence(claim, found), strict=True)
        ]
        verdict = min((verdict for verdict, _ in asserted), key=_ORDER.index)
        detail = "; ".join(f"{one.text}: {reason}" for one, (_, reason) in zip(found, asserted, strict=True))
        more = _rest(claim.text, found)
        if more and verdict in ("supported", "qualified"):
            return (self._judgement("unverifiable", f"{detail}; the claim also says: {more}"),)
        return (self._judgement(verdict, detail),)

    def _computed(self, text: str) -> tuple[Computation, ...]:
        found = judge_arithmetic(text, reference=self._reference)
        if failed := next((one for one in found if one.verdict == "error"), None):
            raise JudgeFailed(failed.computed)
        return found

    def _in_sentence(self, claim: Claim, found: Sequence[Computation]) -> list[tuple[Verdict, str]]:
        """Return verdicts and reasons, open where the claim's sentence supposes or denies what the claim asserts."""
        around: dict[str, Computation] = {}
        if claim.sentence and len(claim.sentence) <= LONGEST_CLAIM and claim.sentence != claim.text:
            around = {one.text: one for one in self._computed(claim.sentence)}
        return [
            (where.verdict, where.computed)
            if (where := around.get(one.text)) and where.verdict == "unverifiable"
            else (one.verdict, one.computed)
            for one in found
        ]

    def _judgement(self, verdict: Verdict, detail: str) -> Judgement:
        shown = " ".join(detail.split())[:_LONGEST_DETAIL]
        return Judgement(judge=self.name, tier=self.tier, verdict=verdict, detail=shown)


def _limits(text: str, one: Computation) -> str:
    """Return the words of a computation's clause before it that deny, limit or attribute it; empty for none."""
    clause = _CLAUSE_END.split(text[: one.start])[-1]
    words = unshared_scope("", clause)
    if any(match.start() < one.start and one.end <= match.end() for match in _QUOTED.finditer(text)) and content(
        _QUOTED.sub(" ", text)
    ):
        return "the claim quotes it"
    return f"the claim says {', '.join(words)}" if words else ""


def _rest(text: str, found: Sequence[Computation]) -> str:
    """Return the words and numbers that a claim has besides its computations; empty where they state nothing."""
    parts, end = [], 0
    for one in found:
        parts.append(text[end : max(one.start, end)])
        end = max(one.end, end)
    sums = [one.text for one in found if one.kind != "date"]
    labels = [match[1] for said in sums if (match := _LABEL.search(said)) and len(match[1].split()) > _UNIT_WORDS]
    rest = " ".join((*parts, *labels, text[end:], *(match[0] for one in found if (match := _PREMISE.search(one.text)))))
    words = [token.text for token in content(rest) if token.text not in _CONNECTING]
    return ", ".join(dict.fromkeys((*words, *unshared_scope("", rest))))[:200]
