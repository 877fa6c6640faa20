"""The guided strategy: the loop drives a small model through typed steps, one part of the goal after the other.

Triage takes the goal apart; each part is a question over documents, a computation over files, or refused with a reason.
What comes out is put together without the model, so that nothing stands in the answer that was not checked.
"""

import re
from collections.abc import Mapping, Sequence

from agent.domain.plan import ROOT, Add, Edit, NewSubtask, Plan, Result, Subtask
from agent.execution.context import Branch, RunContext
from agent.execution.guided.outcomes import ComputedOutcome, Outcome
from agent.execution.guided.strategy import work
from agent.execution.guided.thresholds import Thresholds
from agent.execution.guided.triage import Part, triage
from agent.execution.research import find_out
from agent.verification.literal import literal
from agent.verification.sentences import split_sentences

_LONGEST_GOAL = 4000
_CITATIONS = re.compile(r"\s*\[[^\[\]\s]+\]")
_NOTHING_TO_WORK_ON = (
    "in limited mode questions are answered from documents and computations run over files, and this task has neither;"
    " add them with --docs or --file, let the web be searched with --web, or choose a larger model with --model"
)


class GuidedStrategy:
    """Lets the loop do what a small model cannot: plan, search, compare, doubt and write the answer.

    Args:
        thresholds: how sure the model must be.
    """

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._parts: dict[str, Part] = {}

    async def begin(self, run: RunContext) -> Result | Sequence[NewSubtask]:
        """Take the goal apart; a single part is worked on at once."""
        parts = await self._triage(run, run.branch(ROOT), run.task.goal)
        if len(parts) == 1:
            return await self._work(run, run.branch(ROOT), parts[0])
        self._parts = {part.id: part for part in parts}
        return [NewSubtask(id=part.id, goal=part.text[:_LONGEST_GOAL]) for part in parts]

    async def work(self, run: RunContext, plan: Plan, subtask: Subtask, results: Mapping[str, Result]) -> Result:
        """Work on one part; a subtask that a person added or changed is taken apart first."""
        known = self._parts.get(subtask.id)
        if known is not None and known.text.startswith(subtask.goal):
            return await self._work(run, run.branch(subtask.id), known)
        parts = await self._triage(run, run.branch(subtask.id), subtask.goal)
        if len(parts) == 1:
            return await self._work(run, run.branch(subtask.id), parts[0])
        worked = [await self._work(run, run.branch(f"{subtask.id}.{part.id}"), part) for part in parts]
        return joined([(part.text, result) for part, result in zip(parts, worked, strict=True)])

    async def review(
        self, run: RunContext, number: int, plan: Plan, news: Mapping[str, Result], guidance: Sequence[str]
    ) -> Sequence[Edit]:
        """Take what a person says for further parts of the goal; parts do not depend on each other otherwise."""
        # what is said before the plan is approved is numbered apart, downwards from -1
        said = "said" if number > 0 else "wished"
        return [
            Add(op="add", subtask=NewSubtask(id=f"{said}-{abs(number)}-{index}", goal=text[:_LONGEST_GOAL]))
            for index, text in enumerate(guidance, 1)
        ]

    async def conclude(self, run: RunContext, plan: Plan, results: Mapping[str, Result]) -> Result:
        """Put the answers of the parts together."""
        return joined([(part.goal, results[part.id]) for part in plan.leaves() if part.id in results])

    async def _triage(self, run: RunContext, branch: Branch, goal: str) -> tuple[Part, ...]:
        tools = run.toolbox.tools
        files = tuple(file.path for file in run.task.files) if "python" in tools else ()
        documents = "search_documents" in tools
        web = run.setting.browsing is not None
        if not files and not documents and not web:
            return (Part(id="part-1", text=goal, kind="refuse", reason=_NOTHING_TO_WORK_ON),)
        return (await triage(goal, branch, files=files, documents=documents or web, web=web)).parts

    async def _work(self, run: RunContext, branch: Branch, part: Part) -> Result:
        run.meter.step()
        outcome = await self._outcome(run, branch, part)
        if isinstance(outcome, ComputedOutcome):
            cited = tuple(branch.evidence_id(step) for step in outcome.programs)
            outcome = outcome.model_copy(update={"evidence": cited})
            await _leave_program(run, branch, outcome)
        return outcome.as_result(branch.name)

    async def _outcome(self, run: RunContext, branch: Branch, part: Part) -> Outcome:
        """Return the outcome of one part; a question is answered from documents, or else from the web."""
        if run.setting.browsing is None or "search_documents" in run.toolbox.tools:
            return await work(part, branch, literal, self._thresholds)
        if part.kind == "question":
            return await _researched(branch, part)
        first = await work(part.model_copy(update={"second": None}), branch, literal, self._thresholds)
        return first if first.accepted or part.second is None else await _researched(branch, part)


async def _leave_program(run: RunContext, branch: Branch, outcome: ComputedOutcome) -> None:
    """Leave the program that computed a value in the workspace, where nobody has to be asked for that."""
    subtask = branch.name.partition(".")[0]
    # a part that has ended left its program then, or was worked on by a version that left none
    if not outcome.accepted or not outcome.source or run.ledger.knows(f"{subtask}/ended"):
        return
    if "write_file" in run.toolbox.tools and not branch.asks_before("write_file"):
        path = f"programs/{branch.name.replace('.', '-')}.py"
        await branch.call("tool/leave", "write_file", {"path": path, "content": outcome.source})


async def _researched(branch: Branch, part: Part) -> Outcome:
    """Return what was found by browsing: an answer that stands in the quotes it cites, or why there is none."""
    findings = await find_out(branch, "research", part.text)
    if not findings.found:
        reason = " ".join(findings.missing) or "nothing that was found states it"
        return Outcome(question=part.text, status="withheld", reason=reason.rstrip("."))
    answer = _CITATIONS.sub("", findings.answer).strip()
    finding = literal(answer, "\n".join(quote.text for quote in findings.quotes), part.text)
    if finding.passed is False:
        reason = "the answer is not in the words of the quotes"
        return Outcome(question=part.text, answer=answer, status="withheld", reason=reason, findings=(finding,))
    evidence = tuple(quote.id for quote in findings.quotes)
    return Outcome(question=part.text, answer=answer, status="accepted", evidence=evidence, findings=(finding,))


def joined(parts: Sequence[tuple[str, Result]]) -> Result:
    """Return one result for several parts, each under what it asks for."""
    lines = [
        f"{index}. {_label(text)}\n   {'' if result.withheld else '→ '}{result.answer}"
        for index, (text, result) in enumerate(parts, 1)
    ]
    results = [result for _, result in parts]
    return Result(
        answer="\n".join(lines),
        success=all(result.success for result in results),
        claims=tuple(claim for result in results for claim in result.claims),
        assembled=True,
        judgements={name: findings for result in results for name, findings in result.judgements.items()},
        withheld=tuple(text for result in results for text in result.withheld),
        doubted=tuple(one for result in results for one in result.doubted),
    )


def _label(text: str) -> str:
    """Return the sentence of a part that asks."""
    flat = " ".join(text.split())
    sentences = [flat[start:end] for start, end in split_sentences(flat)]
    return next((sentence for sentence in sentences if sentence.endswith("?")), sentences[-1])
