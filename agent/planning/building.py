"""A run that makes something: criteria, rounds of programs that are looked at and tried out, and the best of them."""

from collections.abc import Sequence
from typing import Any, Unpack

from pydantic import ValidationError

from agent.domain.artefacts import Artefact, Criteria
from agent.domain.design import Design
from agent.domain.errors import ConfigurationError, ModelOutputError, UsageError
from agent.domain.messages import Reply, Transcript
from agent.domain.plan import NewSubtask, Result
from agent.domain.report import Report
from agent.domain.task import BuildOrder
from agent.execution.artefacts import RecordedWorld
from agent.execution.context import RunContext
from agent.models.asking import HowAsked
from agent.models.config import NO_MODEL
from agent.planning.holding import limits_of
from agent.planning.share import Share
from agent.planning.strategy import WithoutPlan
from agent.verification.artefacts.design.designing import ModelDesigner
from agent.verification.artefacts.design.graph import design
from agent.verification.artefacts.design.ports import Happened
from agent.verification.artefacts.design.state import Crew
from agent.verification.artefacts.design.writing import ModelCriteriaWriter
from agent.verification.artefacts.freezing import completed, problems_of
from agent.verification.artefacts.seeing.looking import ModelLooker
from agent.verification.chain.config import CheckingConfig

BRANCH = "building"
"""Begins the branches of all effects of a design; each course of work has one of its own."""

_CALLS = 10_000
"""Calls of models in one design, whatever its budget; rounds and candidates are limited anyway."""


class BuildStrategy(WithoutPlan):
    """Makes one thing. There is no plan.

    Args:
        order: what is made, and how.
    """

    what = "a design"

    def __init__(self, order: BuildOrder) -> None:
        self._order = order

    async def begin(self, run: RunContext) -> Result | Sequence[NewSubtask]:
        """Return the course of the design and the files of its best candidate."""
        order = self._order
        try:
            refused = _refusal(run)
            criteria = await _given(run, order)
            world = RecordedWorld(run.workshops.world(order.artefact), run.ledger, f"{BRANCH}.world")
        except (ConfigurationError, UsageError) as error:
            refused = str(error)
        if refused:
            return Result(answer=f"Nothing was made: {refused}.", success=False)
        config = run.setting.design
        made = await design(run.task.goal, order, world, _crew(run, world), config, criteria=criteria)
        course, answer = made.design, _answer(made.design)
        files: tuple[Artefact, ...] = ()
        if made.build is not None:
            try:
                files = await world.artefacts(made.build)
            except (ModelOutputError, UsageError) as error:
                answer = f"{answer} It cannot be handed over: {error}."
        return Result(answer=answer, success=True, assembled=True, design=course, made=files)


def built_report(run: RunContext, final: Result) -> Report:
    """Return the report on a design: verified only where what was made is accepted."""
    made = final.design
    verified = made is not None and made.accepted and bool(final.made)
    return Report(
        goal=run.task.goal,
        answer=final.answer,
        outcome="failed" if not final.success else "verified" if verified else "unverified",
        artefacts=final.made,
        usage=run.meter.usage,
        models=tuple(sorted(run.meter.models)),
        limited=run.meter.limited,
        untrusted=run.untrusted(),
        notes=(*run.setting.told, *limits_of(run), *(() if made is None else made.notes)),
        design=made,
    )


def _refusal(run: RunContext) -> str:
    """Return why the run's model is not to attempt this; empty where it may."""
    if run.setting.models.get("executor", NO_MODEL) == NO_MODEL:
        return "there is no model to write programs; name one by --model"
    if run.setting.limited:
        return "a small local model can neither write criteria nor design; name another by --model"
    return ""


async def _given(run: RunContext, order: BuildOrder) -> Criteria | None:
    """Return the criteria that a person wrote, if one did.

    Raises:
        UsageError: the file holds no criteria.
    """
    if not order.criteria:
        return None
    try:
        return Criteria.model_validate_json(await run.ledger.get_blob(order.criteria))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(f"the criteria cannot be read: {where}: {first['msg']}") from error


def _crew(run: RunContext, world: RecordedWorld) -> Crew:
    models = _Courses(run)

    def problems(criteria: Criteria) -> list[str]:
        # a contradiction may be the wish's own; whoever writes criteria is not to smooth it over
        found = problems_of(world, completed(world, criteria))
        return [one.detail for one in found if one.kind != "contradiction"]

    config = (run.setting.checking or CheckingConfig()).model_copy(update={"calls": _CALLS})
    return Crew(
        writer=ModelCriteriaWriter(models, problems),
        designer=ModelDesigner(models),
        looker=ModelLooker(models, vision=run.setting.sees),
        asker=_Asker(run),
        teller=_Teller(run),
        # before its limits, so that there is a report on the best round
        allowance=Share(run, config, part=run.task.budget.soft).left,
    )


def _answer(made: Design) -> str:
    best = made.handed_over
    if best is None:
        said = {"untestable": "Nothing was made, since it could not be judged"}.get(made.stop, "Nothing could be made")
        return f"{said}: {made.notes[-1]}" if made.notes else f"{said}."
    passed = sum(result.outcome == "pass" for result in best.results)
    told = [f"it passes {passed} of {len(best.results)} criteria" if best.results else "it was not tried out"]
    if not any(look.score is not None and not look.failure for look in best.critiques):
        told.append("no model has looked at it")
    if made.criteria.untestable:
        told.append("what else is wished could not be tested")
    verdict = "is accepted" if made.accepted else "is not accepted"
    which = "of one round" if len(made.rounds) == 1 else f"the best of {len(made.rounds)} rounds"
    return f"{best.id}, {which}, {verdict}: {'; '.join(told)}."


class _Courses:
    """Models whose calls belong to the branch of their course of work. Implements ``Models``.

    Candidates are worked on at the same time, and the record of each is to be found again whatever the others do.
    """

    def __init__(self, run: RunContext) -> None:
        self._run = run

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        course, rest = step.split("/", 1)
        return await self._run.branch(f"{BRANCH}.{course}").ask(rest, messages, **how)


class _Asker:
    """Asks the person of a run. Implements ``Asker``."""

    def __init__(self, run: RunContext) -> None:
        self._run = run

    async def ask(self, step: str, question: str, options: Sequence[str]) -> str:
        course, rest = step.split("/", 1)
        return await self._run.branch(f"{BRANCH}.{course}").ask_person(rest, question, options)

    async def heard(self, number: int, *, before: str) -> Sequence[str]:
        # one branch for all rounds, so that nothing is heard twice
        items = await self._run.branch(BRANCH).take(f"inbox/{number}", before=before)
        return [item["text"] for item in items if item["text"] and item["from"] != "budget"]


class _Teller:
    """Writes what stands into the ledger, where live views read it. Implements ``Teller``."""

    def __init__(self, run: RunContext) -> None:
        self._run = run

    async def tell(self, step: str, happened: Happened) -> None:
        payload: dict[str, Any] = happened.model_dump(mode="json")
        await self._run.ledger.fact(f"{BRANCH}/{step}", "design", payload)
