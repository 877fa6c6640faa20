"""Programs written, repaired and made better by a model."""

from typing import Any, Final

from pydantic import Field

from agent.domain.base import Form
from agent.domain.design import PartPlan
from agent.domain.errors import ModelOutputError
from agent.domain.messages import Transcript
from agent.models.asking import Models, ask_form
from agent.models.templates import render
from agent.verification.artefacts.design.fenced import ask_program
from agent.verification.artefacts.design.ports import Brief

MOST_PARTS: Final = 40
_PACKAGE: Final = "agent.verification.artefacts.design"


class PlannedPart(Form):
    """One part of what is to be made."""

    name: str = Field(min_length=1, max_length=64, description="what the program is to call it, such as leg_front_left")
    purpose: str = Field(min_length=1, max_length=300)
    shape: str = Field(min_length=1, max_length=600, description="form, size with units, place among the others")


class PlanParts(Form):
    """Take what is wished apart: its parts with purpose, form, size and place, before there is a program."""

    parts: list[PlannedPart] = Field(max_length=MOST_PARTS)


class ModelDesigner:
    """Has models take the wish apart and write programs. Implements ``Designer``.

    Args:
        models: models by role.
    """

    def __init__(self, models: Models) -> None:
        self._models = models

    async def parts(self, step: str, brief: Brief) -> tuple[PartPlan, ...]:
        """Return the parts that the planner's model names. See ``Designer``."""

        def check(form: PlanParts) -> None:
            names = [part.name for part in form.parts]
            if len(set(names)) < len(names):
                raise ModelOutputError("Two parts have the same name. Give each a name of its own.")

        transcript = self._told("parts", brief)
        form = await ask_form(self._models, step, transcript, PlanParts, role="planner", check=check,
                              refusal_is_reply=True)  # fmt: skip
        return tuple(PartPlan(**part.model_dump()) for part in form.parts)

    async def program(self, step: str, brief: Brief, *, number: int, of: int) -> str:
        """Return a program. See ``Designer``."""
        return await self._write(step, self._told("program", brief, number=number, of=of))

    async def repair(self, step: str, brief: Brief, program: str, error: str) -> str:
        """Return a program in place of one that made nothing usable. See ``Designer``."""
        return await self._write(step, self._told("repair", brief, program=program, error=error))

    async def redesign(self, step: str, brief: Brief, program: str, reflection: str, *, number: int, of: int) -> str:
        """Return a better program. See ``Designer``."""
        told = self._told("redesign", brief, program=program, reflection=reflection, number=number, of=of)
        return await self._write(step, told)

    async def _write(self, step: str, transcript: Transcript) -> str:
        return await ask_program(self._models, step, transcript, role="executor")

    def _told(self, prompt: str, brief: Brief, **values: Any) -> Transcript:
        system = render(_PACKAGE, "designer", kind=brief.kind, guide=brief.guide)
        user = render(_PACKAGE, prompt, wish=brief.wish, hints=brief.hints, parts=brief.parts, **values)
        return Transcript([{"role": "system", "content": system}, {"role": "user", "content": user}])
