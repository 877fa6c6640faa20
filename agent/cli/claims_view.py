"""How the check of a text looks in a terminal: a table of its claims, what is open, and what it cost."""

from rich import box
from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from agent.cli.console import clean, one_line
from agent.cli.verdicts import (
    Reason,
    Shown,
    counts,
    coverage,
    notes_of,
    rethinking_line,
    score_line,
    shown_claims,
)
from agent.domain.report import Report
from agent.verification.chain.deciding import DECIDED

MARKS = {
    "supported": ("✓", "green"),
    "contradicted": ("✗", "red"),
    "qualified": ("~", "yellow"),
    "not_found": ("?", "yellow"),
    "unverifiable": ("?", "dim"),
    "error": ("!", "magenta"),
    "opinion": ("-", "dim"),
}
_OUTCOME = {
    "verified": ("verified: every claim is supported", "green"),
    "unverified": ("unverified: not every claim is supported", "yellow"),
    "failed": ("failed", "red"),
    "budget_exhausted": ("stopped: the budget is used up", "yellow"),
    "cancelled": ("cancelled", "yellow"),
}
MOST_ROWS = 300
_CLAIM, _DETAIL, _SOURCE = 300, 240, 160


def claims_view(report: Report) -> RenderableType:
    """Return the check of a text: its claims with verdict, judge, reason and source, and what it came to."""
    rows: list[RenderableType] = []
    claims = shown_claims(report)
    if report.outcome == "failed":
        return Group(Text(clean(report.answer), style="red"), Text(*_OUTCOME["failed"]))
    if claims:
        rows.append(_table(claims[:MOST_ROWS]))
    if (left := len(claims) - MOST_ROWS) > 0:
        rows.append(Text(f"and {left:,} more claims; --json and --html have all of them", style="dim"))
    if _rewritten(report):
        rows += [Text("the text with its failed sentences written anew:", style="bold"), Text(clean(report.answer))]
    rows.extend(Text(f"note: {clean(note)}", style="yellow") for note in notes_of(report))
    counted = _counted(report)
    rows.append(Text(f"{coverage(report)}: {counted}" if counted else coverage(report)))
    rows.extend(Text(line) for line in (score_line(report), rethinking_line(report)) if line)
    rows.append(Text(_cost(report), style="dim"))
    outcome, style = _OUTCOME[report.outcome]
    rows.append(Text(outcome, style=f"bold {style}"))
    return Group(*rows)


def _table(claims: tuple[Shown, ...]) -> Table:
    columns = (
        Column("verdict", no_wrap=True),
        Column("claim", overflow="fold", ratio=5),
        Column("because", overflow="fold", ratio=6),
        Column("by", overflow="fold", ratio=4),
    )
    table = Table(*columns, box=box.SIMPLE_HEAD, expand=True)
    for claim in claims:
        mark, style = MARKS[claim.verdict]
        table.add_row(
            Text(f"{mark} {claim.verdict}", style=style), one_line(claim.text, _CLAIM), *_why(claim, claim.reasons)
        )
        for reason in _against(claim):
            table.add_row("", "", Text.assemble(("but ", "dim"), _because(reason, quoted=True)), _by(reason))
    return table


def _why(claim: Shown, reasons: tuple[Reason, ...]) -> tuple[Text, Text]:
    """Return the first reason and who gave it; of a claim that is open that nobody judged it, where it is so."""
    if not reasons:
        return Text("" if claim.verdict == "opinion" else "nobody judged it", style="dim"), Text()
    return _because(reasons[0], quoted=claim.verdict in DECIDED), _by(reasons[0])


def _against(claim: Shown) -> tuple[Reason, ...]:
    """Return what speaks against a claim that something else speaks for."""
    first = claim.reasons[:1]
    split = claim.verdict == "qualified" and first and first[0].verdict == "supported"
    return tuple(reason for reason in claim.reasons[1:2] if split and reason.verdict == "contradicted")


def _because(reason: Reason, *, quoted: bool) -> Text:
    """Return why a claim has its verdict; of one that is open no quote, since none says anything about it."""
    quote = f"“{one_line(reason.quote, _DETAIL)}”" if reason.quote and quoted else ""
    said = one_line(reason.detail, _DETAIL)
    return Text.assemble((quote, "italic"), "\n" if quote and said else "", (said, "dim" if quote else ""))


def _by(reason: Reason) -> Text:
    judge, source = one_line(f"{reason.judge} {reason.tier}".strip(), 60), one_line(reason.source, _SOURCE)
    return Text.assemble(judge, "\n" if source else "", (source, "blue"))


def _counted(report: Report) -> str:
    told = counts(report)
    # opinions are told beside the claims already
    return ", ".join(f"{told[verdict]} {verdict.replace('_', ' ')}" for verdict in told if verdict != "opinion")


def _rewritten(report: Report) -> bool:
    return report.checking is not None and report.checking.best > 0


def _cost(report: Report) -> str:
    usage = report.usage
    models = f"{clean(', '.join(report.models))}: " if report.models else "without a model: "
    cost = f", cost {usage.cost:.4f}" if usage.cost else ""
    return f"{models}{usage.calls} calls, {usage.tokens:,} tokens{cost}"
