"""What a person has corrected before, brought to those who work on something like it.

A correction says what is right in a situation. It goes into prompts as data that the person gave; which tools there are
and what needs approval follows from the task and its mode, which no correction is asked about.
"""

import json
from collections.abc import Iterable, Sequence

from agent.memory.corrections.facts import LONGEST_SITUATION, Situation
from agent.memory.corrections.recalling import Recalled


def situations_of(goal: str, tools: Iterable[str]) -> tuple[Situation, ...]:
    """Return the situations of a run: its goal, by itself and with each of its tools, as in ``tool=shell``."""
    text = goal[:LONGEST_SITUATION]
    with_tools = [Situation(text=text, features={"tool": name}) for name in tools if 0 < len(name.strip()) <= 200]
    return (Situation(text=text), *with_tools)


def reminders(memory: Recalled) -> Sequence[str]:
    """Return a line of JSON for each correction that applies, as it stands in prompts: where, and what is right."""
    return [
        json.dumps(
            {
                "said of": " ".join(one.correction.situation.text.split()),
                **({"with": one.correction.situation.features} if one.correction.situation.features else {}),
                "correction": " ".join(one.correction.value.split()),
            },
            ensure_ascii=False,
        )
        for one in memory.applied
    ]


def lines_about(memory: Recalled, *, goes_by: bool) -> tuple[str, ...]:
    """Return what a person is told of the corrections that apply to a run, one line each.

    Args:
        memory: what was recalled for its goal.
        goes_by: whether the model that works is shown them.
    """
    what = "applied" if goes_by else "found, and not shown to the model, which is led step by step"
    lines = [one.noted(what) for one in memory.applied]
    if memory.more:
        lines.append(f"{memory.more} more corrections apply and were left out: plumbline corrections test shows them")
    if memory.problem:
        lines.append(f"corrections were not looked up: {memory.problem}")
    return tuple(lines)
