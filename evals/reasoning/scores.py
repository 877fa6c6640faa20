"""How often answers are right, way by way, with what they cost."""

from collections import Counter
from collections.abc import Sequence
from statistics import fmean

from agent.domain.asking import AskMode
from agent.domain.base import Fact
from agent.domain.budget import Usage
from evals.intervals import interval
from evals.reasoning.working import Tried
from evals.records import Failure, Measurement, measured, one_line


class Score(Fact):
    """Figures of one way to ask over the questions of one set, or of all.

    Attributes:
        accuracy: share of right answers; no answer counts as wrong.
        low: 2.5 % point of the accuracy over resampled questions (bootstrap, seed fixed); ``high`` is the 97.5 % point.
        failed: questions without an answer.
        accepted: answers that verification accepted; ``accepted_right`` of these are right. None without it.
        changed: questions whose kept answer is another one than the first.
        calls, tokens, seconds: mean for a question.
    """

    dataset: str
    mode: AskMode
    questions: int
    right: int
    accuracy: float
    low: float
    high: float
    failed: int
    accepted: int | None
    accepted_right: int | None
    changed: int
    calls: float
    tokens: float
    seconds: float


def scores(tried: Sequence[Tried]) -> list[Score]:
    """Return the figures by set and way in the order in which they came, those of all sets together last."""
    sets = dict.fromkeys(one.labelled.dataset for one in tried)
    modes = dict.fromkeys(one.mode for one in tried)
    names = [*sets, "all"] if len(sets) > 1 else [*sets]
    rows = {
        (name, mode): [one for one in tried if one.mode == mode and name in (one.labelled.dataset, "all")]
        for name in names
        for mode in modes
    }
    # an interrupted measurement has ways that came to no question of a set
    return [_score(name, mode, answered) for (name, mode), answered in rows.items() if answered]


def _score(name: str, mode: AskMode, tried: Sequence[Tried]) -> Score:
    right = [one.right for one in tried]
    verified = [one for one in tried if one.accepted is not None]
    accepted = [one for one in verified if one.accepted]
    low, high = interval(right)
    return Score(
        dataset=name,
        mode=mode,
        questions=len(tried),
        right=sum(right),
        accuracy=fmean(right),
        low=low,
        high=high,
        failed=sum(bool(one.failure) for one in tried),
        accepted=len(accepted) if verified else None,
        accepted_right=sum(one.right for one in accepted) if verified else None,
        changed=sum(one.changed for one in tried),
        calls=fmean(one.usage.calls for one in tried),
        tokens=fmean(one.usage.tokens for one in tried),
        seconds=fmean(one.seconds for one in tried),
    )


def measurements(model: str, tried: Sequence[Tried]) -> list[Measurement]:
    """Return what is kept of each way to ask; which questions were asked stands in for the version of a suite."""
    found = []
    for mode in dict.fromkeys(one.mode for one in tried):
        answered = [one for one in tried if one.mode == mode]
        asked = Counter(one.labelled.dataset for one in answered)
        usage = sum((one.usage for one in answered), Usage())
        found.append(
            measured(
                f"reasoning-{mode.replace('+', '-')}",
                model,
                [one.right for one in answered],
                version=" ".join(f"{name}:{count}" for name, count in asked.items())[:80],
                failures=[
                    Failure(
                        sample=one.labelled.id,
                        kind="no answer" if one.failure else "wrong",
                        told=one_line(one.failure or one.labelled.question.text),
                    )
                    for one in answered
                    if not one.right
                ],
                seconds=sum(one.seconds for one in answered),
                cost=usage.cost,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
            )
        )
    return found
