"""Models that look at artefacts: structured critique of one, and comparison of two. Rules always look besides.

With a vision model it is pictures that are judged, with the table of parts beside them; without one, descriptions. What
a model says is a look, never a measurement. What cannot be used of it is a failure, and no score comes of that.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from agent.domain.design import Aspect, Critique, Finding, PartPlan
from agent.domain.errors import ModelOutputError, ModelRefused, ModelUnavailable
from agent.models.asking import Models, ask_form
from agent.models.templates import render
from agent.verification.artefacts.design.ports import Brief, Looked
from agent.verification.artefacts.lines import in_a_line
from agent.verification.artefacts.seeing.forms import CompareArtefacts, CritiqueArtefact, PartLook
from agent.verification.artefacts.seeing.rules import seen_by_rules
from agent.verification.artefacts.seeing.showing import (
    as_data,
    descriptions,
    names_as_data,
    pictured,
    transcript,
)

_PACKAGE: Final = "agent.verification.artefacts.seeing"
_ROOM: Final = 24_000
"""Characters of descriptions for a model that sees nothing else."""
_ROOM_BESIDE: Final = 5_000
"""The same for one that has pictures: enough for the table of parts."""
_MOST_PLANNED: Final = 40
"""Planned parts that a model is asked about."""
_COMPARED: Final = 4
"""Pictures of each of two artefacts that are compared."""
_WHOLE: Final = "the whole"


class RuleLooker:
    """Looks with rules alone, and sees no difference between two. Implements ``Looker``."""

    async def look(self, step: str, brief: Brief, seen: Looked) -> tuple[Critique, ...]:
        """Return what rules find."""
        return (seen_by_rules(seen.inspection, brief.parts),)

    async def better(self, step: str, brief: Brief, first: Looked, second: Looked) -> float:
        """Return a draw."""
        return 0.5


class ModelLooker:
    """Looks with rules and then with a model. Implements ``Looker``.

    Args:
        models: models by role.
        vision: whether the role ``vision`` has a model that sees pictures; else ``reader`` reads descriptions.
        reader: the role that reads.
    """

    def __init__(self, models: Models, *, vision: bool, reader: str = "verifier") -> None:
        self._models = models
        self._vision = vision
        self._reader = reader

    async def look(self, step: str, brief: Brief, seen: Looked) -> tuple[Critique, ...]:
        """Return what rules find, and what the model says. Effects are named by the step."""
        ruled = seen_by_rules(seen.inspection, brief.parts)
        views = pictured(seen.views) if self._vision else []
        by: Literal["vision", "descriptions"] = "vision" if views else "descriptions"
        told = descriptions(seen.views, _ROOM_BESIDE if views else _ROOM)
        if not views and not told:
            return (ruled, Critique(by=by, failure="there is nothing to look at: the world gives no views"))
        built = [part.name for part in seen.inspection.parts]
        prompt = render(
            _PACKAGE,
            "look",
            wish=as_data(brief.wish),
            plan=[_planned(part) for part in brief.parts[:_MOST_PLANNED]],
            built=names_as_data(built),
            noticed=[as_data(f"{one.part or _WHOLE}: {one.problem}") for one in ruled.findings[:12]],
            descriptions=told,
            pictures=bool(views),
        )
        planned = [part.name for part in brief.parts][:_MOST_PLANNED]

        def check(form: CritiqueArtefact) -> None:
            _check(form, planned, built)

        try:
            form = await ask_form(
                self._models,
                f"{step}/{by}",
                transcript(prompt, [("", views)]),
                CritiqueArtefact,
                role="vision" if views else self._reader,
                check=check,
                refusal_is_reply=True,
                outage_is_reply=True,
            )
        except (ModelOutputError, ModelRefused, ModelUnavailable) as error:
            return (ruled, Critique(by=by, failure=in_a_line(str(error))))
        return (ruled, Critique(by=by, score=form.score / 10, findings=tuple(_findings(form))))

    async def better(self, step: str, brief: Brief, first: Looked, second: Looked) -> float:
        """Return what the first gets in this order: 1, 0.5 or 0; a draw where nothing usable was said.

        Whoever asks exchanges the two and asks again: a model that changes its mind saw no difference.
        """
        score, _ = await self.compared(step, brief, first, second)
        return 0.5 if score is None else score

    async def compared(self, step: str, brief: Brief, first: Looked, second: Looked) -> tuple[float | None, str]:
        """Return what the first gets, None where nothing usable was said, and the model's reason or the failure."""
        both = [("first", first), ("second", second)]
        views = {which: pictured(one.views, _COMPARED) if self._vision else [] for which, one in both}
        sees = all(views.values())
        told = {which: descriptions(one.views, (_ROOM_BESIDE if sees else _ROOM) // 2) for which, one in both}
        if not sees and not all(told.values()):
            return None, "there is nothing to compare: one of the two has no views"
        prompt = render(
            _PACKAGE,
            "compare",
            wish=as_data(brief.wish),
            both=[
                {
                    "which": which,
                    "parts": names_as_data([part.name for part in one.inspection.parts]),
                    "descriptions": told[which],
                }
                for which, one in both
            ],
            pictures=sees,
        )
        try:
            form = await ask_form(
                self._models,
                f"{step}/{'vision' if sees else 'descriptions'}",
                transcript(prompt, [(which, views[which]) for which, _ in both] if sees else ()),
                CompareArtefacts,
                role="vision" if sees else self._reader,
                refusal_is_reply=True,
                outage_is_reply=True,
            )
        except (ModelOutputError, ModelRefused, ModelUnavailable) as error:
            return None, in_a_line(str(error))
        return {"first": 1.0, "equal": 0.5, "second": 0.0}[form.better], in_a_line(form.reason)


def _planned(part: PartPlan) -> str:
    return as_data({"name": part.name, "purpose": part.purpose, "shape": part.shape})


def _check(form: CritiqueArtefact, planned: Sequence[str], built: Sequence[str]) -> None:
    """Refuse what contradicts itself or the artefact, so that the model can say it again.

    Raises:
        ModelOutputError: a line for the model.
    """
    known = {*planned, *built}
    strangers = [one.part for one in form.parts if one.part not in known]
    if strangers:
        raise ModelOutputError(
            f"there is no part {as_data(strangers[0][:80])}; name parts as they are listed, and put what is about no"
            " single part under whole."
        )
    unsaid = [name for name in planned if name not in {one.part for one in form.parts}]
    if unsaid:
        raise ModelOutputError(f"nothing is said of {names_as_data(unsaid, 8)}; say something of each planned part.")
    named = [one.part for one in form.parts]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        raise ModelOutputError(f"{as_data(twice)} is there twice; say all that is about a part in one entry.")
    for one in form.parts:
        if _wrong(one) and not one.problem.strip():
            raise ModelOutputError(f"something is wrong with {as_data(one.part)}; say under problem what shows it.")
    problems = bool(form.whole) or any(_wrong(one) for one in form.parts)
    if form.score <= 5 and not problems:
        raise ModelOutputError(f"a score of {form.score} says that much is wrong, and no problem is named; name it.")
    if form.score == 10 and problems:
        raise ModelOutputError("a score of 10 says that nothing is wrong, and something is; lower it.")
    if form.parts and all(one.present == "cannot_tell" for one in form.parts) and not form.whole:
        raise ModelOutputError("of no part anything could be told, so there is nothing that a score could rest on.")


def _wrong(one: PartLook) -> list[Aspect]:
    wrong: list[Aspect] = ["present"] if one.present == "no" else []
    if not wrong:
        aspects: tuple[tuple[Aspect, str], ...] = (
            ("position", one.position),
            ("proportion", one.proportion),
            ("orientation", one.orientation),
        )
        wrong += [aspect for aspect, said in aspects if said == "wrong"]
    return wrong


def _findings(form: CritiqueArtefact) -> Iterator[Finding]:
    for one in form.parts:
        for aspect in _wrong(one):
            yield Finding(
                part=one.part, aspect=aspect, problem=in_a_line(one.problem), suggestion=in_a_line(one.suggestion)
            )
    for other in form.whole:
        yield Finding(aspect="other", problem=in_a_line(other.problem), suggestion=in_a_line(other.suggestion))
