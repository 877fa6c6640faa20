"""What is told of a report's claims, in a terminal and on a page alike."""

from collections.abc import Sequence
from pathlib import Path

from agent.domain.base import Fact
from agent.domain.budget import Usage
from agent.domain.claims import CheckedClaim, Judgement, Verdict
from agent.domain.evidence import Evidence
from agent.domain.report import Report
from agent.verification.chain.deciding import DECIDED

WORST_FIRST: Sequence[Verdict | str] = (
    "contradicted",
    "error",
    "qualified",
    "not_found",
    "unverifiable",
    "supported",
    "opinion",
    "",
)
"""Which verdict colours a sentence with several claims; an opinion is judged by nobody."""

MOST_REASONS = 4
"""Judgements of one claim that are shown."""

_SHOWN = 100
"""Characters that are shown of a sentence that was not checked."""


class Reason(Fact):
    """Why a claim has its verdict: who judged, what they said, and what of the evidence they rest on.

    Attributes:
        quote: verbatim words of the evidence; empty where nothing is cited.
        source: title and place of the evidence; empty where there is none.
    """

    judge: str
    tier: str = ""
    verdict: str = ""
    detail: str = ""
    quote: str = ""
    source: str = ""


class Shown(Fact):
    """A claim as it is shown; ``verdict`` is ``opinion`` where it is one.

    ``reasons`` are the judgements that led to the verdict, and ``more`` is how many others there are.
    """

    id: str
    text: str
    question: str = ""
    kind: str
    verdict: str
    sentence: str
    start: int | None = None
    end: int | None = None
    reasons: tuple[Reason, ...] = ()
    more: int = 0


def shown_claims(report: Report) -> tuple[Shown, ...]:
    """Return the claims of a report with what their verdicts rest on, the deciding reason first."""
    evidence = {item.id: item for item in report.evidence}
    return tuple(_shown(one, evidence) for one in report.claims)


def coverage(report: Report) -> str:
    """Return in words how much of a text was checked: ``18 of 21 claims checked, 2 opinions``."""
    judged = [one for one in report.claims if one.claim.kind != "opinion"]
    opinions = len(report.claims) - len(judged)
    decided = sum(one.verdict in DECIDED for one in judged)
    told = f"{decided} of {len(judged)} {_plural('claim', len(judged))} checked"
    return f"{told}, {opinions} {_plural('opinion', opinions)} left aside" if opinions else told


def score_line(report: Report) -> str:
    """Return F² of the kept answer in words, with what it was made of; empty where it was not measured."""
    if report.checking is None or not any(one.claim.kind != "opinion" for one in report.claims):
        return ""
    score = report.checking.rounds[report.checking.best].score
    covered = f"{score.coverage:.0%} of the sentences have a claim"
    if not score.checked:
        return f"F² cannot be told: no claim was decided; {covered}"
    if score.faithfulness is None:
        made = f"factuality {score.factuality:.2f}"
    else:
        weights = f"{score.gamma:g} x factuality {score.factuality:.2f}"
        made = f"{weights} + {1 - score.gamma:g} x faithfulness {score.faithfulness:.2f}"
    return f"F² {score.score:.2f} ({made}; threshold {score.threshold:g}); {covered}"


def rethinking_line(report: Report) -> str:
    """Return in words what rethinking did to the answer and what it cost; empty where there was none."""
    checking = report.checking
    if checking is None or len(checking.rounds) < 2:
        return ""
    kept = [one for one in checking.rounds if 0 < one.number <= checking.best]
    changed = sum(len(one.changed) for one in kept)
    spent = sum((one.usage for one in checking.rounds[1:]), Usage())
    cost = f", cost {spent.cost:.4f}" if spent.cost else ""
    tried = len(checking.rounds) - 1
    told = f"{changed} {_plural('sentence', changed)} written anew" if kept else "the draft was kept"
    rounds = f"{tried} {_plural('round', tried)} of rethinking"
    return f"{rounds}: {told} ({spent.calls} calls, {spent.tokens:,} tokens{cost}); it ended: {checking.stopped}"


def notes_of(report: Report) -> tuple[str, ...]:
    """Return what the reader should know beside the claims: what was not checked, and the report's own notes."""
    if report.checking is None:
        return report.notes
    uncovered = report.checking.rounds[report.checking.best].score.uncovered
    left: tuple[str, ...] = ()
    if uncovered:
        count, first = len(uncovered), " ".join(uncovered[0].split())[:_SHOWN]
        left = (f"no claim was taken from {count} {_plural('sentence', count)}, so not checked, such as: {first}",)
    return tuple(dict.fromkeys((*report.checking.unchecked, *left, *report.notes)))


def counts(report: Report) -> dict[str, int]:
    """Return how many claims have each verdict, the worst first."""
    said = [shown_verdict(one) for one in report.claims]
    return {verdict: said.count(verdict) for verdict in WORST_FIRST if verdict in said}


def shown_verdict(one: CheckedClaim) -> str:
    """Return the verdict on a claim, or that it is an opinion."""
    return "opinion" if one.claim.kind == "opinion" else one.verdict


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _shown(one: CheckedClaim, evidence: dict[str, Evidence]) -> Shown:
    claim = one.claim
    leading = _leading(one)
    reasons = [_judged(judgement, evidence) for judgement in leading]
    if not reasons:
        reasons = [
            Reason(judge=finding.method, detail=finding.detail, verdict=_passed(finding.passed))
            for finding in one.findings
        ]
        reasons += [
            Reason(judge="evidence", quote=_said(item), source=_source(item))
            for item in (evidence[name] for name in claim.evidence if name in evidence)
        ]
    return Shown(
        id=claim.id,
        text=claim.text,
        question=claim.question,
        kind=claim.kind,
        verdict=shown_verdict(one),
        sentence=claim.sentence or claim.text,
        start=claim.start,
        end=claim.end,
        reasons=tuple(reasons),
        more=len(one.judgements) - len(leading),
    )


def _leading(one: CheckedClaim) -> list[Judgement]:
    """Return the judgements that have the claim's own verdict, or all where none has; cheaper tiers before others."""
    own = [judgement for judgement in one.judgements if judgement.verdict == one.verdict]
    leading = sorted(own or one.judgements, key=lambda judgement: judgement.tier)
    if one.verdict == "qualified" and not own:
        # what speaks for it and what speaks against it, one of each before the others
        sides = [
            next((said for said in leading if said.verdict == side), None) for side in ("supported", "contradicted")
        ]
        first = [said for said in sides if said is not None]
        leading = [*first, *(said for said in leading if not any(said is other for other in first))]
    return leading[:MOST_REASONS]


def _passed(passed: bool | None) -> str:
    return "undecided" if passed is None else "passed" if passed else "refused"


def _judged(judgement: Judgement, evidence: dict[str, Evidence]) -> Reason:
    cited = [evidence[name] for name in judgement.evidence if name in evidence]
    # of what a program printed the judge's own words tell what matters
    quote = judgement.quote or (_said(cited[0]) if cited and cited[0].kind != "tool_result" else "")
    return Reason(
        judge=f"{judgement.judge} ({judgement.model})" if judgement.model else judgement.judge,
        tier=judgement.tier,
        verdict=judgement.verdict,
        detail=judgement.detail,
        quote=quote,
        source=_source(cited[0]) if cited else "",
    )


def _said(item: Evidence) -> str:
    match item.kind:
        case "quote":
            return item.text
        case "tool_result":
            return item.output
    return f"{item.subject} — {item.relation} — {item.object}"


def _source(item: Evidence) -> str:
    """Return title and place of a piece of evidence, and when it was read where it may say something else tomorrow."""
    match item.kind:
        case "tool_result":
            return f"{item.tool} [{item.id}]"
        case _:
            source = item.source
    if source is None:
        return item.id
    place = source.location
    if Path(place).is_absolute() and Path(place).is_relative_to(Path.cwd()):
        place = str(Path(place).relative_to(Path.cwd()))
    read = f", read {source.retrieved_at[:16].replace('T', ' ')} UTC" if source.retrieved_at else ""
    title = f"{source.title}, " if source.title and not place.endswith(source.title) else ""
    return f"{title}{place}{read}"
