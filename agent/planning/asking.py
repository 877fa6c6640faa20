"""A run that puts its question to a model in one way: the answer, and what was given for it, is its report."""

from collections.abc import Mapping, Sequence

from agent.domain.asking import Answered
from agent.domain.claims import CheckedClaim
from agent.domain.errors import ModelOutputError, UsageError
from agent.domain.plan import Edit, NewSubtask, Plan, Result, Subtask
from agent.domain.report import Report, ReportOutcome
from agent.domain.task import AskOrder
from agent.execution.context import RunContext
from agent.execution.knowledge import RecordedKnowledge
from agent.planning.check_parts import within_budget
from agent.verification.chain.config import CheckingConfig
from agent.verification.reasoning.answers import question_of
from agent.verification.reasoning.exemplars import own_exemplars, read_exemplars
from agent.verification.reasoning.verifying import Asking, ask

BRANCH = "asking"
"""Branch of all effects of a question."""


class AskingStrategy:
    """Asks one question. There is no plan.

    Args:
        order: how it is asked.
    """

    def __init__(self, order: AskOrder) -> None:
        self._order = order

    async def begin(self, run: RunContext) -> Result | Sequence[NewSubtask]:
        """Return the answer; a model that declines, or gives none that can be used, is a failure."""
        order = self._order
        question = question_of(run.task.goal, choices=order.choices, kind=order.kind)
        exemplars = own_exemplars()
        if order.exemplars:
            stored = (await run.ledger.get_blob(order.exemplars)).decode("utf-8", "replace")
            exemplars = read_exemplars(stored, "the file of exemplars")
        config = run.setting.checking or CheckingConfig()
        given = Asking(
            models=run.branch(BRANCH),
            limited=run.setting.limited,
            config=config,
            bases=tuple(dict.fromkeys((*order.knowledge, *config.knowledge))),
            knowledge=RecordedKnowledge(run, BRANCH),
            allowance=lambda: within_budget(run, config),
        )
        try:
            answered = await ask("ask", question, order.mode, exemplars, given)
        except ModelOutputError as error:
            said = " ".join(str(error).split())
            return Result(answer=f"The model gave no answer: {said}", success=False)
        return Result(answer=answered.reasoning.answer, success=True, assembled=True, answered=answered)

    async def work(self, run: RunContext, plan: Plan, subtask: Subtask, results: Mapping[str, Result]) -> Result:
        """Refuse: there are no subtasks."""
        raise UsageError("a question has no subtasks; start another run for what else is to be done")

    async def review(
        self, run: RunContext, number: int, plan: Plan, news: Mapping[str, Result], guidance: Sequence[str]
    ) -> Sequence[Edit]:
        """Change nothing: there is no plan."""
        return ()

    async def conclude(self, run: RunContext, plan: Plan, results: Mapping[str, Result]) -> Result:
        """Refuse: ``begin`` has given the result."""
        raise UsageError("a question has no subtasks to conclude from")


def answered_report(run: RunContext, final: Result) -> Report:
    """Return the report on a question."""
    answered = final.answered
    notes = list(run.setting.told)
    if run.meter.limited:
        notes.append("Limited mode: a small local model, which can do guided tasks only.")
    if answered is not None:
        notes += answered.notes
        if answered.mode != "cok+f2":
            notes.append("The answer is the model's own, and nothing in it was checked.")
    return Report(
        goal=run.task.goal,
        answer=final.answer,
        outcome="failed" if answered is None else _outcome(answered, run),
        claims=() if answered is None else answered.claims,
        checking=None if answered is None else answered.checking,
        evidence=() if answered is None else answered.evidence,
        usage=run.meter.usage,
        models=tuple(sorted(run.meter.models)),
        limited=run.meter.limited,
        untrusted=run.untrusted(),
        notes=tuple(notes),
        answered=answered,
    )


def _outcome(answered: Answered, run: RunContext) -> ReportOutcome:
    """Return ``verified`` for an accepted answer whose claims are supported, but for as many as settings tolerate."""
    claims: Sequence[CheckedClaim] = answered.claims
    left = [one for one in claims if one.verdict != "supported"]
    config = run.setting.checking or CheckingConfig()
    few = len(left) <= config.tolerance * len(claims)
    return "verified" if answered.accepted and claims and few else "unverified"
