"""A run that puts its question to a model in one way: the answer, and what was given for it, is its report."""

from collections.abc import Sequence

from agent.domain.asking import Answered
from agent.domain.errors import ModelOutputError
from agent.domain.plan import NewSubtask, Result
from agent.domain.report import Report, ReportOutcome
from agent.domain.task import AskOrder
from agent.execution.context import RunContext
from agent.execution.knowledge import RecordedKnowledge
from agent.planning.holding import hold, limits_of
from agent.planning.share import Share
from agent.planning.strategy import WithoutPlan
from agent.verification.chain.config import CheckingConfig
from agent.verification.reasoning.answers import question_of
from agent.verification.reasoning.exemplars import own_exemplars, read_exemplars
from agent.verification.reasoning.verifying import Asking, ask

BRANCH = "asking"
"""Branch of all effects of a question."""


class AskingStrategy(WithoutPlan):
    """Asks one question. There is no plan.

    Args:
        order: how it is asked.
    """

    what = "a question"

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
            allowance=Share(run, config, part=run.task.budget.soft).left,
        )
        try:
            answered = await ask("ask", question, order.mode, exemplars, given)
        except ModelOutputError as error:
            said = " ".join(str(error).split())
            return Result(answer=f"The model gave no answer: {said}", success=False)
        return Result(answer=answered.reasoning.answer, success=True, assembled=True, answered=answered)


def answered_report(run: RunContext, final: Result) -> Report:
    """Return the report on a question."""
    answered = final.answered
    notes = [*run.setting.told, *limits_of(run)]
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
    config = run.setting.checking or CheckingConfig()
    shown = answered.accepted and bool(answered.claims) and hold(answered.claims, config.tolerance)
    return "verified" if shown else "unverified"
