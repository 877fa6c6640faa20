"""A model judges an answer by a rubric; what it judges is data to it and can tell it nothing."""

from collections.abc import Sequence
from statistics import median
from typing import Final, NamedTuple

from pydantic import Field

from agent.domain.base import Form
from agent.domain.errors import ModelOutputError
from agent.domain.functions import function_spec, inlined_schema
from agent.domain.messages import ToolSpec, Transcript
from agent.models.asking import Models, ask_form
from agent.models.counting import CountedModels
from agent.models.fence import fenced
from agent.models.templates import render
from evals.scorers.answers import unclear
from evals.scorers.forms import Judged, Level, Score

PROMPT_VERSION: Final = "judge/1"
"""Changes with the prompts: judgements by others are not taken for these."""

LONGEST: Final = 60_000
"""Characters of an answer that are judged; a longer one is an error, since nobody has read its end."""

_LABELS: Final = "ABCDEFGHI"
_DETAIL: Final = 300


class ChooseLevel(Form):
    """Choose the level that fits the answer best."""

    reason: str = Field(min_length=1, max_length=4000, description="why, in one or two sentences")
    level: str = Field(description="letter of the level")


class Vote(NamedTuple):
    """What one vote chose, and why."""

    value: float
    reason: str


async def judge_score(scorer: Judged, models: Models, goal: str, gold: Sequence[str], answer: str) -> Score:
    """Return what a judge says of an answer.

    Args:
        scorer: the judge.
        models: who is asked, in the role of the verifier.
        goal: the task.
        gold: answers that are right; the judge is shown them.
        answer: what is judged.

    Raises:
        ModelUnavailable, ModelRefused: the model cannot be asked: nothing is said of the answer.
    """
    counted = CountedModels(models)
    found = await _judged(scorer, counted, goal, gold, answer)
    return found.model_copy(update={"usage": counted.usage})


async def _judged(scorer: Judged, models: Models, goal: str, gold: Sequence[str], answer: str) -> Score:
    if len(answer) > LONGEST:
        return unclear(scorer, f"the answer has {len(answer):,} characters, more than the {LONGEST:,} that are judged")
    votes = []
    for number in range(scorer.votes):
        try:
            votes.append(await _vote(scorer, models, number, goal, gold, answer))
        except ModelOutputError as error:
            told = " ".join(str(error).split())
            return unclear(scorer, f"vote {number + 1} of {scorer.votes} cannot be used: {told}"[:_DETAIL])
    value = median(vote.value for vote in votes)
    reason = next(vote.reason for vote in votes if vote.value == value)
    told = f"votes {', '.join(f'{vote.value:g}' for vote in votes)}: {' '.join(reason.split())}"
    return Score(
        scorer=scorer.kind,
        value=value,
        passed=value >= scorer.threshold,
        required=scorer.required,
        detail=told if len(told) <= _DETAIL else f"{told[: _DETAIL - 1]}…",
    )


def shown_levels(levels: Sequence[Level], vote: int) -> list[Level]:
    """Return levels in the order in which a vote is shown them.

    They go up and down by turns and begin elsewhere each time, so that no level always comes first, last, or after the
    same other one.
    """
    order = sorted(levels, key=lambda level: level.value, reverse=vote % 2 == 1)
    start = (vote + 1) // 2 % len(order)
    return [*order[start:], *order[:start]]


async def _vote(scorer: Judged, models: Models, number: int, goal: str, gold: Sequence[str], answer: str) -> Vote:
    levels = dict(zip(_LABELS, shown_levels(scorer.levels, number), strict=False))
    prompt = render(
        "evals.scorers",
        "judge",
        goal=goal,
        gold=list(gold),
        rubric=scorer.rubric,
        levels=[(label, level.words) for label, level in levels.items()],
        answer=fenced(answer),
    )
    transcript = Transcript(
        [
            {"role": "system", "content": render("evals.scorers", "judge_system")},
            {"role": "user", "content": prompt},
        ]
    )

    def among(form: ChooseLevel) -> None:
        if form.level not in levels:
            raise ModelOutputError(f"level: it is one of {', '.join(levels)}, not {form.level[:40]!r}")

    filled = await ask_form(
        models,
        f"judge/{number}",
        transcript,
        ChooseLevel,
        role="verifier",
        check=among,
        spec=_spec(list(levels)),
    )
    return Vote(levels[filled.level].value, filled.reason)


def _spec(labels: list[str]) -> ToolSpec:
    """Return the function with the letters there are, which servers and small models are held to."""
    parameters = inlined_schema(ChooseLevel)
    parameters["properties"]["level"]["enum"] = labels
    return function_spec(ChooseLevel).model_copy(update={"parameters": parameters})
