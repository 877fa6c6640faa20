"""The inner loop: one model call a step, tools run at the model's word, until it submits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.domain.base import Form
from agent.domain.checks import Check, CheckResult
from agent.domain.claims import Claim
from agent.domain.errors import ModelOutputError
from agent.domain.functions import function_name, function_spec, parse_form
from agent.domain.messages import (
    CallOptions,
    Message,
    Picture,
    Reply,
    ToolCall,
    ToolOutcome,
    ToolSpec,
    Transcript,
)
from agent.domain.plan import Plan, Result
from agent.execution.compaction import (
    BYTES_PER_TOKEN,
    bytes_per_token,
    compacted,
    longest_result,
    room_for,
    shortened,
)
from agent.execution.context import REFUSED, Branch
from agent.execution.forms import AskPerson, FindTools, MakePlan, Recall, Research, Submit
from agent.execution.guard import LoopGuard
from agent.execution.milestones import run_checks
from agent.execution.offered import FOUND, described, first_tools, later_tools, too_many
from agent.execution.pictures import picture_message, unseen_note, within
from agent.execution.plannable import planning_spec, require_runnable
from agent.execution.research import RESEARCH, research
from agent.models.arguments import checked_arguments
from agent.models.fence import fenced
from agent.models.together import together
from agent.verification.claims import without_page_marks

SUBMIT = function_name(Submit)
MAKE_PLAN = function_name(MakePlan)
ASK_PERSON = function_name(AskPerson)
RECALL = function_name(Recall)
FIND_TOOLS = function_name(FindTools)

_NUDGES = 1


@dataclass(frozen=True)
class Assignment:
    """What an executor is to do.

    Attributes:
        opening: the first messages, which never change, so that providers' prompt caches keep hitting.
        checks: executable checks of the milestones, with the milestone's id.
        may_plan: whether the model may split the work into a plan instead of doing it.
        goal: what the work is about, by which tools are chosen where there are very many.
        tools: whether the run's tools may be used; without them the model can only submit or ask.
    """

    opening: Sequence[Message]
    checks: Sequence[tuple[str | None, Check]] = ()
    may_plan: bool = False
    goal: str = ""
    tools: bool = True


async def execute(branch: Branch, assignment: Assignment) -> Result | MakePlan:
    """Work on one assignment until it is submitted, given up at the step limit, or turned into a plan.

    Every model call and tool call is an effect of the run, so this function is simply run again after a crash.

    Raises:
        RunStopped, ServiceError: the run stops here and can be resumed.
    """
    work = _Work(branch, assignment)
    await work.prepare()
    limit = branch.run.limits.steps
    for step in range(limit):
        branch.run.meter.step()
        work.hear(await branch.safe_point(step))
        work.make_room()
        reply = await work.ask(step, last=step == limit - 1)
        if reply.calls:
            await work.perform(step, reply)
            await branch.keep(step)
        else:
            await work.take_prose(step, reply)
        if work.ended is not None:
            return work.ended
    return work.unfinished(f"the limit of {limit} steps was reached without a submission")


class _Work:
    """State of one assignment while it is worked on."""

    def __init__(self, branch: Branch, assignment: Assignment) -> None:
        self.branch = branch
        self.assignment = assignment
        self.transcript = Transcript(assignment.opening)
        self.ended: Result | MakePlan | None = None
        self._guard = LoopGuard()
        self._made: dict[str, tuple[str, dict[str, Any], ToolOutcome]] = {}
        self._drawn: dict[str, tuple[str, Sequence[Picture]]] = {}
        self._found: dict[str, Sequence[str]] = {}
        self._nudges = 0
        self._rejections = 0
        self._refused: Result | None = None
        self._last = False
        self._density = BYTES_PER_TOKEN
        forms: list[type[Form]] = [Submit, AskPerson, Recall, *([MakePlan] if assignment.may_plan else [])]
        if assignment.tools and too_many(branch):
            forms.append(FindTools)
        if assignment.tools and branch.run.setting.browsing is not None:
            forms.append(Research)
        self._controls = {function_name(form): function_spec(form) for form in forms}
        if MAKE_PLAN in self._controls:
            self._controls[MAKE_PLAN] = planning_spec(MakePlan, branch.run)
        self._first: tuple[ToolSpec, ...] = ()
        self._later: tuple[ToolSpec, ...] = ()
        self._described = 0

    async def prepare(self) -> None:
        """Choose the tools to begin with."""
        first = await first_tools(self.branch, self.assignment.goal) if self.assignment.tools else ()
        self._first = (*first, *self._controls.values())
        self._described = described(self._first)

    @property
    def _tools(self) -> tuple[ToolSpec, ...]:
        return (*self._first, *self._later)

    def _offer(self, tools: Sequence[ToolSpec]) -> None:
        """Offer more tools; they come after those that were offered before, whose place in caches stays good."""
        self._later = later_tools(self.branch, self._later, tools)
        self._described = described(self._tools)

    def hear(self, notices: Sequence[str]) -> None:
        """Add what a person or the budget has to say."""
        for notice in notices:
            self.transcript.append({"role": "user", "content": notice})

    def make_room(self) -> None:
        """Shorten the transcript when it has grown too long for the model's context."""
        context, share = self.branch.run.setting.context, self.branch.run.limits.compact_at
        room = room_for(context, share=share, tools=self._described, density=self._density)
        if self.transcript.size > room:
            self.transcript = compacted(self.transcript, room=room)

    async def ask(self, step: int, *, last: bool) -> Reply:
        """Make the step's one model call; the last one must submit, and its submission is taken as it is."""
        self._last = last
        options = CallOptions(tool_choice=SUBMIT) if last else CallOptions()
        reply = await self.branch.ask(f"model/{step}", self.transcript, tools=self._tools, options=options)
        self.transcript.append(reply.as_message())
        counted = reply.usage.input_tokens + reply.usage.output_tokens
        self._density = bytes_per_token(self.transcript.size + self._described, counted)
        return reply

    async def perform(self, step: int, reply: Reply) -> None:
        """Do what the calls of a reply ask for, at the same time, and tell the model; a submission comes last."""
        self._nudges = 0
        cut = reply.finish == "length"
        calls = list(enumerate(reply.calls))
        first = [(index, call) for index, call in calls if call.name != SUBMIT]
        told = dict(
            zip(
                (index for index, _ in first),
                await together(self._perform(f"{step}.{index}", call, cut=cut) for index, call in first),
                strict=True,
            )
        )
        for index, call in calls:
            if call.name == SUBMIT:
                told[index] = await self._perform(f"{step}.{index}", call, cut=cut)
        for index, call in calls:
            if (made := self._made.pop(f"{step}.{index}", None)) is not None:
                # in the order of the calls, not of their ends, so that a re-run counts alike
                self._guard.note(*made)
            text = told[index].text if told[index].ok else f"error ({told[index].error}): {told[index].text}"
            self.transcript.append({"role": "tool", "tool_call_id": call.id, "content": text})
        for found in (self._found.pop(f"{step}.{index}", ()) for index, _ in calls):
            known = {spec.name for spec in self._tools}
            if new := [self.branch.run.toolbox.tools[name].spec for name in found if name not in known]:
                self._offer(new)
        # servers want the results of all calls before any other message
        self._show_pictures([f"{step}.{index}" for index, _ in calls])

    async def _perform(self, name: str, call: ToolCall, *, cut: bool) -> ToolOutcome:
        """Do what one call asks for. What the model got wrong comes back to it as a failed outcome."""
        try:
            if call.name in self._controls:
                arguments = checked_arguments(call, self._controls[call.name], cut=cut)
                return await self._control(name, call.name, arguments)
            tool = self.branch.run.toolbox.find(call.name)
            arguments = checked_arguments(call, tool.spec, cut=cut)
        except ModelOutputError as error:
            return ToolOutcome(ok=False, error="invalid", text=str(error))
        refusal = self._guard.refusal(call.name, arguments)
        if refusal is not None:
            return refusal
        outcome = await self.branch.call(f"tool/{name}", call.name, arguments)
        if outcome.error == REFUSED:
            return outcome
        self._made[name] = (call.name, arguments, outcome)
        shown = self._shown(name, f"{self.branch.name}.{name}", outcome.text, outcome.images)
        return outcome.model_copy(update={"text": shown})

    def _shown(self, name: str, evidence_id: str, output: str, pictures: Sequence[Picture]) -> str:
        """Return a tool's output as the model sees it: marked as data, and no longer than the context can bear."""
        longest = longest_result(self.branch.run.setting.context)
        text = f"[evidence id: {evidence_id}]\n{fenced(shortened(output, longest, hint='; ask for less at once'))}"
        if pictures and self.branch.run.setting.vision:
            self._drawn[name] = (evidence_id, pictures)
            return text
        return text + unseen_note(pictures)

    def _show_pictures(self, names: Sequence[str]) -> None:
        """Show the pictures of a step's calls, in the order of the calls, as far as the context can bear them."""
        room = longest_result(self.branch.run.setting.context)
        for name in names:
            if (drawn := self._drawn.pop(name, None)) is None:
                continue
            evidence_id, pictures = drawn
            seen, left = within(pictures, room)
            room -= sum(picture.weight for picture in seen)
            if seen:
                self.transcript.append(picture_message(evidence_id, seen))
            if left:
                self.hear([f"{len(left)} more pictures of {evidence_id} are too much to be shown at once."])

    async def take_prose(self, step: int, reply: Reply) -> None:
        """React to prose instead of a call: ask once for a call, then take the prose as the answer.

        A reply that was cut off is never the answer, since its end is missing.
        """
        cut = reply.finish in ("length", "filtered")
        if self._nudges < _NUDGES and not self._last:
            self._nudges += 1
            note = "Your reply was cut off." if cut else "That was no function call."
            self.hear([f"{note} Call a tool to go on, or call {SUBMIT} with your answer and the claims it makes."])
        elif cut:
            self.ended = self.unfinished("the replies of the model were cut off before their end")
        elif reply.text.strip():
            outcome = await self._submitted(f"{step}.text", Result(answer=reply.text.strip(), success=True))
            if not outcome.ok:
                self.hear([f"{outcome.error}: {outcome.text}"])
        else:
            self.ended = self.unfinished("the model replied with nothing")

    def unfinished(self, reason: str) -> Result:
        """Return the result of work that did not come to an end: the last submission that was sent back, if any."""
        return self._refused or Result(answer=f"Not finished: {reason}.", success=False, surprise=reason)

    async def _control(self, name: str, function: str, arguments: dict[str, Any]) -> ToolOutcome:
        if function == ASK_PERSON:
            form = parse_form(AskPerson, arguments)
            return ToolOutcome(text=await self.branch.ask_person(f"person/{name}", form.question, form.options))
        if function == RESEARCH:
            return await self._researched(name, parse_form(Research, arguments))
        if function == FIND_TOOLS:
            return await self._more_tools(name, parse_form(FindTools, arguments))
        if function == RECALL:
            evidence = await self.branch.recall(parse_form(Recall, arguments).evidence_id)
            output = evidence.output if evidence.kind == "tool_result" else str(evidence)
            pictures = evidence.images if evidence.kind == "tool_result" else ()
            return ToolOutcome(text=self._shown(name, evidence.id, output, pictures))
        if function == MAKE_PLAN:
            plan, limits = parse_form(MakePlan, arguments), self.branch.run.limits
            Plan().edited(plan.edits(), max_depth=limits.depth, max_width=limits.width)
            require_runnable(self.branch.run, plan.subtasks)
            self.ended = plan
            return ToolOutcome(text="planned")
        return await self._submission(name, parse_form(Submit, arguments))

    async def _researched(self, name: str, form: Research) -> ToolOutcome:
        arguments = form.model_dump()
        refusal = self._guard.refusal(RESEARCH, arguments)
        if refusal is not None:
            return refusal
        outcome = await research(self.branch, name, form.question)
        if outcome.error == REFUSED:
            return outcome
        self._made[name] = (RESEARCH, arguments, outcome)
        return ToolOutcome(text=self._shown(name, f"{self.branch.name}.{name}", outcome.text, ()))

    async def _more_tools(self, name: str, form: FindTools) -> ToolOutcome:
        known = [spec.name for spec in self._tools]
        found = await self.branch.find_tools(f"found/{name}", form.query, limit=FOUND, besides=known)
        self._found[name] = found.names
        tools = [self.branch.run.toolbox.tools[name].spec for name in found.names]
        told = [f"{tool.name}: {' '.join(tool.description.split())[:200]}" for tool in tools]
        return ToolOutcome(text=fenced("\n".join(told)) if told else "no other tool fits; try other words")

    async def _submission(self, name: str, form: Submit) -> ToolOutcome:
        handed_in = Result(
            answer=form.answer,
            success=form.success,
            claims=await self._claims(form),
            artefacts=tuple(form.artefacts),
            surprise=form.surprise,
        )
        return await self._submitted(name, handed_in)

    async def _submitted(self, name: str, result: Result) -> ToolOutcome:
        """Test the milestones; the work ends, or it is sent back while it can still be mended."""
        checks = await run_checks(self.branch, f"check/{name}", list(self.assignment.checks), subtask=self.branch.name)
        failed = [check for check in checks if check.outcome != "pass"]
        holds = result.success and not any(check.outcome == "fail" for check in checks)
        tested = result.model_copy(update={"checks": checks, "success": holds})
        if failed and result.success and not self._last and self._rejections < self.branch.run.limits.rejections:
            self._rejections += 1
            self._refused = tested
            return ToolOutcome(ok=False, error="checks failed", text="\n".join(_told(check) for check in failed))
        self.ended = tested
        return ToolOutcome(text="submitted")

    async def _claims(self, form: Submit) -> tuple[Claim, ...]:
        """Return the claims, each citing only evidence that exists. The last step leaves out what does not exist.

        Raises:
            ModelOutputError: a claim cites what was not seen in this run, and there is a step left to mend it.
        """
        claims = []
        for index, claim in enumerate(form.claims, 1):
            cited = []
            for evidence_id in claim.evidence:
                try:
                    await self.branch.run.evidence.find(evidence_id)
                except ModelOutputError:
                    if not self._last:
                        raise
                else:
                    cited.append(evidence_id)
            text = without_page_marks(claim.text) or claim.text
            claims.append(Claim(id=f"{self.branch.name}.c{index}", text=text, evidence=tuple(cited)))
        return tuple(claims)


def _told(result: CheckResult) -> str:
    return f"milestone {result.milestone or 'of the task'}: {result.outcome}: {result.detail}"
