"""What a shared page says of claims, steps and figures: short texts and marks, the same words as in a terminal."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Final, Literal

from agent.cli.sharing.gathering import Gathered
from agent.cli.verdicts import Reason, Shown, shown_claims
from agent.domain.base import Fact
from agent.domain.claims import CheckedClaim, Finding
from agent.domain.plan import Plan, Subtask
from agent.domain.view import Step
from agent.runtime.shown_evidence import EvidencePage, ShownEvidence
from agent.verification.chain.deciding import DECIDED

Tone = Literal["good", "bad", "warn", "soft", "info"]

TONES: Final[Mapping[str, Tone]] = {
    "supported": "good",
    "contradicted": "bad",
    "qualified": "warn",
    "not_found": "warn",
    "unverifiable": "soft",
    "error": "bad",
    "opinion": "soft",
    "pass": "good",
    "fail": "bad",
    "inconclusive": "warn",
    "not_applicable": "soft",
    "done": "good",
    "failed": "bad",
    "running": "info",
    "pending": "soft",
    "dropped": "soft",
}
"""What colours a verdict, an outcome or a status."""

MARKS: Final[Mapping[str, str]] = {"good": "✓", "bad": "✗", "warn": "?", "soft": "·", "info": "▶"}

OUTCOMES: Final[Mapping[str, tuple[Tone, str, str]]] = {
    "verified": ("good", "Verified", "every claim is supported and every check passed"),
    "unverified": ("warn", "Not verified", "not everything in it is shown to be true; the marks below say what is"),
    "failed": ("bad", "Failed", "there is no answer that could be relied on"),
    "budget_exhausted": ("warn", "Stopped", "the budget was used up before the end"),
    "cancelled": ("soft", "Cancelled", "a person ended it"),
}

MOST_CLAIMS: Final = 400
MOST_STEPS: Final = 2_000
_RESTS_ON: Final = 4
"""Pieces of evidence of one claim that are shown at once, where no judge says which of them decided."""

_FURTHER: Final = 20


class ToldClaim(Fact):
    """A claim with what it rests on.

    Attributes:
        reasons: what judges said, the deciding one first.
        evidence: what its verdict rests on.
        further: other evidence that was looked at.
        findings: what single checks said, cheapest first.
    """

    shown: Shown
    reasons: tuple[Reason, ...]
    evidence: tuple[ShownEvidence, ...]
    further: tuple[ShownEvidence, ...]
    findings: tuple[Finding, ...]


class ToldStep(Fact):
    """A step of the timeline. ``after`` is when it began, ``took`` how long it went on, both in words."""

    seq: int
    kind: str
    title: str
    detail: str
    branch: str
    tone: Tone
    after: str
    took: str


def told_claims(run: Gathered) -> tuple[ToldClaim, ...]:
    """Return the claims of a run's report, at most ``MOST_CLAIMS``, those that something is wrong with included."""
    if run.report is None:
        return ()
    pairs = list(zip(run.report.claims, shown_claims(run.report), strict=True))[:MOST_CLAIMS]
    return tuple(_claim(run, checked, shown) for checked, shown in pairs)


def told_steps(run: Gathered) -> tuple[ToldStep, ...]:
    """Return what the run did, in order."""
    steps = list(run.view.steps.values())[:MOST_STEPS]
    began = next((step.started_at for step in steps if step.started_at is not None), None)
    return tuple(_step(step, began) for step in steps)


def told_plan(plan: Plan) -> Iterator[tuple[int, Subtask]]:
    """Yield the subtasks of a plan in the order of its tree, each with how deep it stands."""

    def below(parent: str | None, depth: int) -> Iterator[tuple[int, Subtask]]:
        for subtask in plan.children(parent):
            yield depth, subtask
            yield from below(subtask.id, min(depth + 1, 5))

    yield from below(None, 0)


def place_of(location: str) -> str:
    """Return where a source is, for others: a file by its name and folder, a page without its scheme."""
    if location.startswith(("https://", "http://")):
        return location.split("://", 1)[1].removesuffix("/")
    parts = PurePath(location).parts
    return "/".join(parts[-2:]) if PurePath(location).is_absolute() else location


def near(page: EvidencePage, characters: int) -> tuple[str, str]:
    """Return the words right before and after a quote, cut between words, with a mark where more of the page is."""
    before, after = page.before[-characters:], page.after[:characters]
    if len(before) < len(page.before) or page.offset:
        before = "…" + before[before.find(" ") + 1 :]
    if len(after) < len(page.after) or page.offset + len(page.before) + len(page.marked) + len(after) < page.length:
        after = after[: after.rfind(" ") + 1] + "…"
    return before.lstrip("\n"), after.rstrip("\n")


def model_of(name: str) -> str:
    """Return the name of a model without the address of its server, which is nobody else's business."""
    return name.partition("@")[0] or name


def span_of(seconds: float) -> str:
    """Return a length of time in words: ``0.4 s``, ``52 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def money_of(cost: Decimal) -> str:
    """Return a cost with as many digits as tell it from nothing."""
    return f"{cost:.2f}" if cost >= 1 else f"{cost:.4f}"


def bytes_of(size: int) -> str:
    """Return a size in words."""
    if size < 1_000:
        return f"{size} B"
    value, unit = (size / 1_000, "kB") if size < 1_000_000 else (size / 1_000_000, "MB")
    return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"


def _claim(run: Gathered, checked: CheckedClaim, shown: Shown) -> ToldClaim:
    deciding = [one for one in checked.judgements if one.verdict == checked.verdict and checked.verdict in DECIDED]
    first = dict.fromkeys(name for judgement in deciding for name in judgement.evidence if name in run.evidence)
    given = [name for name in checked.claim.evidence if name in run.evidence]
    if not first and (deciding or not checked.judgements):
        first = dict.fromkeys(given[:_RESTS_ON])
    judged = (name for judgement in checked.judgements for name in judgement.evidence)
    rest = dict.fromkeys(name for name in (*given, *judged) if name in run.evidence and name not in first)
    evidence = tuple(run.evidence[name] for name in first)
    quoted = {one.evidence.text for one in evidence if one.evidence.kind == "quote"}
    reasons = {
        (reason.judge, reason.detail): reason.model_copy(
            update={"quote": "" if reason.quote in quoted else reason.quote}
        )
        for reason in (shown.reasons if checked.judgements else ())
    }
    return ToldClaim(
        shown=shown,
        reasons=tuple(reasons.values()),
        evidence=evidence,
        further=tuple(run.evidence[name] for name in rest)[:_FURTHER],
        findings=checked.findings,
    )


def _step(step: Step, began: datetime | None) -> ToldStep:
    after = (step.started_at - began).total_seconds() if step.started_at is not None and began is not None else None
    took = (step.done_at - step.started_at).total_seconds() if step.done_at and step.started_at else None
    return ToldStep(
        seq=step.started_seq,
        kind=step.kind,
        title="what it works with" if step.kind == "setting" else step.title,
        detail=step.detail,
        branch=step.key.split("/", 1)[0],
        tone="info" if step.done_seq is None else "good" if step.ok else "bad",
        after="" if after is None else span_of(max(after, 0.0)),
        took="" if took is None or took < 0.05 else span_of(took),
    )
