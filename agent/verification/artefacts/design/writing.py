"""Criteria written by a model: from the wish alone, by what its world can try out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

import orjson
from pydantic import Field

from agent.domain.artefacts import Criteria, Criterion, Mutation, Relation, Scenario
from agent.domain.base import Form
from agent.domain.errors import ModelOutputError
from agent.domain.messages import Transcript
from agent.models.asking import Models, ask_form
from agent.models.templates import render
from agent.verification.artefacts.design.ports import Easier, Mending, Offer
from agent.verification.artefacts.world import ControlsByMeasure, ScenarioTemplate

MOST_CRITERIA: Final = 20
_PACKAGE: Final = "agent.verification.artefacts.design"

Problems = Callable[[Criteria], Sequence[str]]
"""Says what keeps criteria from being used, each in a line for the model."""


class WrittenControl(Form):
    """A change to a finished artefact after which the check must fail."""

    name: str = Field(min_length=1, max_length=100)
    parameters: dict[str, Any] = Field(default_factory=dict)


class WrittenCriterion(Form):
    """One thing that the artefact must do, and how that is measured."""

    id: str = Field(min_length=1, max_length=40, description="a short name, such as seat_height")
    wish: str = Field(min_length=1, max_length=500, description="the words of the wish it comes from")
    scenario: str = Field(min_length=1, max_length=100, description="name of one of the scenarios")
    parameters: dict[str, Any] = Field(
        default_factory=dict, description="parameters of the scenario, as its schema says"
    )
    measure: str = Field(min_length=1, description="one of the measures of the scenario")
    relation: Relation
    threshold: float = Field(allow_inf_nan=False)
    unit: str = Field(default="", description="of the measure and the threshold, as the scenario has it")
    tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False, description="for ==: how far off it may be")
    must: bool = Field(default=True, description="false for what would be nice")
    control: WrittenControl | None = Field(default=None, description="only where the usual control does not fit")

    def criterion(self) -> Criterion:
        """Return the criterion; its control is the usual one unless another was named."""
        control = None if self.control is None else Mutation(name=self.control.name, parameters=self.control.parameters)
        given = self.model_dump(exclude={"scenario", "parameters", "control"})
        return Criterion(**given, scenario=Scenario(name=self.scenario, parameters=self.parameters), control=control)


class WriteCriteria(Form):
    """Say what the artefact must do, before it exists, so that it can be measured; and what of it cannot be."""

    criteria: list[WrittenCriterion] = Field(max_length=MOST_CRITERIA)
    untestable: list[str] = Field(
        default=[], max_length=MOST_CRITERIA, description="parts of the wish that no scenario can measure, and why"
    )


class MendCheck(Form):
    """Repair a check that came out inconclusive, or leave it where nothing is wrong with the check itself."""

    action: Literal["repair", "leave"]
    reason: str = Field(min_length=1, max_length=400, description="what was wrong with the check")
    scenario: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    control: WrittenControl | None = None


class ModelCriteriaWriter:
    """Has a model write criteria. Implements ``CriteriaWriter``.

    Args:
        models: models by role.
        problems: what keeps criteria from being used; the model is told and may write them anew.
        role: who is asked; not the one who writes the programs.
    """

    def __init__(self, models: Models, problems: Problems, *, role: str = "verifier") -> None:
        self._models = models
        self._problems = problems
        self._role = role

    async def write(self, step: str, wish: str, offer: Offer) -> Criteria:
        """Return criteria; those that still cannot be used after repairs are the caller's to set aside."""
        shown = render(_PACKAGE, "criteria", wish=wish, kind=offer.kind, scenarios=_shown(offer),
                       controls=_controls(offer))  # fmt: skip
        transcript = Transcript([{"role": "user", "content": shown}])
        last: list[Criteria] = []

        def check(form: WriteCriteria) -> None:
            last.append(_criteria(wish, offer, form))
            if found := self._problems(last[-1]):
                raise ModelOutputError(f"{'; '.join(found[:8])}. Correct these, keep the rest, and call it again.")

        try:
            await ask_form(self._models, step, transcript, WriteCriteria, role=self._role, check=check,
                           refusal_is_reply=True)  # fmt: skip
        except ModelOutputError:
            if not last:
                raise
        return last[-1]

    async def mend(self, step: str, criterion: Criterion, detail: str, offer: Offer, easier: Easier) -> Mending | None:
        """Return another control, or a trial that says in another way where; None where the model leaves the check."""
        shown = render(
            _PACKAGE,
            "mend",
            criterion=orjson.dumps(criterion.model_dump(mode="json"), option=orjson.OPT_INDENT_2).decode(),
            detail=orjson.dumps(detail).decode(),
            kind=offer.kind,
            scenarios=_shown(offer),
            controls=_controls(offer),
        )
        transcript = Transcript([{"role": "user", "content": shown}])

        def check(form: MendCheck) -> None:
            mending = _mending(criterion, form)
            if mending is None:
                return
            tried = {"scenario": mending.scenario, "control": mending.control or criterion.control}
            after = Criteria(wish=criterion.wish, kind=offer.kind, criteria=(criterion.model_copy(update=tried),))
            if found := [*self._problems(after), *filter(None, [easier(mending)])]:
                raise ModelOutputError(f"{'; '.join(found[:8])}. Correct it, or leave the check as it is.")

        form = await ask_form(self._models, step, transcript, MendCheck, role=self._role, check=check,
                              refusal_is_reply=True)  # fmt: skip
        return _mending(criterion, form)


def _criteria(wish: str, offer: Offer, form: WriteCriteria) -> Criteria:
    criteria = tuple(one.criterion() for one in form.criteria)
    return Criteria(wish=wish, kind=offer.kind, criteria=criteria, untestable=tuple(form.untestable))


def _mending(criterion: Criterion, form: MendCheck) -> Mending | None:
    if form.action == "leave":
        return None
    scenario = Scenario(
        name=form.scenario or criterion.scenario.name,
        parameters=form.parameters or criterion.scenario.parameters,
    )
    control = None if form.control is None else Mutation(name=form.control.name, parameters=form.control.parameters)
    return Mending(scenario, control, form.reason)


def _shown(offer: Offer) -> list[dict[str, str]]:
    """Return the scenarios as a prompt shows them."""
    return [
        {
            "name": one.name,
            "description": one.description,
            "measures": ", ".join(
                f"{name} (unit: {unit or 'none, leave it empty'})" for name, unit in one.measures.items()
            ),
            "parameters": _json({key: value for key, value in one.parameters.items() if key not in ("title", "type")}),
            "control": _usual(one),
        }
        for one in offer.scenarios
    ]


def _controls(offer: Offer) -> list[str]:
    """Return the changes that are known to make some check fail, with their parameters; a world may have more."""
    return sorted({_change(control) for one in offer.scenarios for control in (one.control, *_others(one).values())})


def _usual(template: ScenarioTemplate) -> str:
    others = "".join(f"; for {measure}: {_change(control)}" for measure, control in _others(template).items())
    return f"{_change(template.control)}{others}"


def _others(template: ScenarioTemplate) -> Mapping[str, Mutation]:
    return template.controls if isinstance(template, ControlsByMeasure) else {}


def _change(control: Mutation) -> str:
    return f"{control.name} {_json(control.parameters)}" if control.parameters else control.name


def _json(value: Any) -> str:
    return orjson.dumps(dict(value), option=orjson.OPT_SORT_KEYS).decode()
