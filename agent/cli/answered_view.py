"""How the answer to a question looks in a terminal: the answer, what was given for it, and the verdicts on that."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from agent.cli.claims_view import MARKS
from agent.cli.console import clean, one_line
from agent.domain.asking import Answered
from agent.domain.claims import CheckedClaim
from agent.domain.report import Report
from agent.verification.reasoning.evidence import said


def answered_view(report: Report) -> RenderableType:
    """Return the answer to a question with its evidence, the verdicts on it, rounds and cost."""
    answered = report.answered
    if answered is None:
        return Group(Text(clean(report.answer), style="red"), Text(_cost(report), style="dim"))
    rows: list[RenderableType] = [Text(_answer(answered), style="bold")]
    rows += [Text(f"  {number}. {one_line(step)}") for number, step in enumerate(answered.reasoning.steps, 1)]
    if answered.reasoning.triples:
        rows.append(Text("evidence:"))
        rows.extend(_triples(answered))
    if answered.reasoning.hints:
        rows.append(Text("hints:"))
        rows += [Text(f"    {one_line(hint)}") for hint in answered.reasoning.hints]
    sums = [one for one in answered.claims if not one.claim.triples and answered.mode == "cok+f2"]
    if sums:
        rows.append(Text("computed again:"))
        rows.extend(_checked(one, one.claim.text) for one in sums)
    unchecked = () if report.checking is None else report.checking.unchecked
    rows.extend(Text(f"note: {one_line(note)}", style="yellow") for note in dict.fromkeys((*unchecked, *report.notes)))
    rows.extend(_rounds(report))
    rows.append(Text(_cost(report), style="dim"))
    return Group(*rows)


def _answer(answered: Answered) -> str:
    text = next((one.text for one in answered.question.choices if one.label == answered.reasoning.answer), "")
    return clean(f"{answered.reasoning.answer}: {text}" if text else answered.reasoning.answer)


def _triples(answered: Answered) -> Iterator[Text]:
    found = {one.claim.text: one for one in answered.claims if one.claim.triples}
    for triple in answered.reasoning.triples:
        text = f"({triple.subject}, {triple.relation}, {triple.object}){'' if triple.positive else ' is not so'}"
        one = found.get(said(triple))
        yield Text(f"    {one_line(text)}") if one is None or answered.checking is None else _checked(one, text)


def _checked(one: CheckedClaim, text: str) -> Text:
    mark, style = MARKS[one.verdict]
    reason = next((given.detail for given in one.judgements if given.verdict == one.verdict), "")
    told = f"  {one_line(reason)}" if reason else ""
    return Text.assemble(f"  {mark} {one_line(text)} ", (one.verdict.replace("_", " "), style), (told, "dim"))


def _rounds(report: Report) -> Iterator[Text]:
    checking, answered = report.checking, report.answered
    if checking is None or answered is None:
        return
    for one in checking.rounds:
        score, kept = one.score, " (kept)" if one.number == checking.best else ""
        faithful = "not told" if score.faithfulness is None else f"{score.faithfulness:.2f}"
        made_of = (
            f"factuality {score.factuality:.2f} ({score.checked} of {score.claims} checked), faithfulness {faithful}"
        )
        cost = f"{one.usage.calls} calls, {one.usage.tokens:,} tokens"
        yield Text(f"round {one.number}{kept}: score {score.score:.2f}, {made_of}; {cost}", style="dim")
    if answered.accepted:
        yield Text("accepted: nothing is contradicted, and the answer follows", style="bold green")
    else:
        yield Text(f"not accepted: {checking.stopped}", style="bold yellow")


def _cost(report: Report) -> str:
    usage = report.usage
    cost = f", cost {usage.cost:.4f}" if usage.cost else ""
    return clean(f"{', '.join(report.models) or 'no model'}: {usage.calls} calls, {usage.tokens:,} tokens{cost}")
