"""What scripted models say in the runs that tests of the run's screen look at."""

import json
from typing import Any

from agent.domain.messages import Reply, ToolCall
from agent.models.testing.script import Paced, Step, call, calls, say

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script> [link](javascript:alert(3)) \u202egnp.exe \U0001f600 שלום"
)
"""Text that must come out as text wherever it is shown."""

_COLOURED = r"\033[1;32mall well\033[0m \033[31mgauge 2 is late\033[0m \033]0;owned\007"
PRINTING = f"printf '{_COLOURED}'; echo slow >&2; exit 3"
"""A command that prints in colours and tries to name the window, complains, and fails."""

FIRST = "gauge,level\nnorth,1.52\nsouth,1.61\n"
SECOND = "gauge,level\nnorth,1.52\nsouth,1.65\neast,1.49\n"


MANY = 100


def at(request: dict[str, Any]) -> tuple[str, int]:
    """Return what an executor is working on, by the goal of its subtask, and how many replies it has made."""
    messages = request["messages"]
    opening = str(messages[1]["content"])
    return opening, sum(message["role"] == "assistant" for message in messages)


def readings(request: dict[str, Any]) -> Step:
    """Plan three subtasks; the first runs programs that print all sorts of things, and writes a file twice."""
    opening, turn = at(request)
    if "part of it:" not in opening:
        if "What the subtasks found" in opening:
            return call("submit", answer="The level is 1.52 m at the north gauge.")
        return call("make_plan", subtasks=[
            {"id": "collect", "goal": f"Collect the readings {HOSTILE}", "milestones": [
                {"id": "there", "text": "readings.csv is there", "check": {"kind": "file", "path": "readings.csv"}}]},
            {"id": "draw", "goal": "Draw the readings", "depends_on": ["collect"]},
            {"id": "tell", "goal": "Tell what they say", "depends_on": ["draw"], "milestones": [
                {"id": "short", "text": "ten sentences at most"}]},
        ])  # fmt: skip
    if "Collect the readings" not in opening.rpartition("part of it:")[2]:
        return call("submit", answer="It is done.")
    steps: list[Step] = [
        Reply(
            text=f"I look first. {HOSTILE}",
            calls=(
                ToolCall(id="c0", name="shell", arguments=json.dumps({"command": PRINTING})),
                ToolCall(id="c1", name="python", arguments=json.dumps({"code": f"print({HOSTILE!r})"})),
            ),
            finish="calls",
        ),
        call("write_file", path="readings.csv", content=FIRST),
        call("write_file", path="./readings.csv", content=SECOND),
        calls(("shell", {"command": "seq 1 800000"}), ("read_file", {"path": "nowhere.txt"})),
    ]  # fmt: skip
    return (
        steps[turn] if turn < len(steps) else call("submit", answer="They are collected.", artefacts=["readings.csv"])
    )


def survey(request: dict[str, Any]) -> Step:
    """Plan twenty subtasks that wait for each other in three rows."""
    opening, _ = at(request)
    if "part of it:" in opening or "What the subtasks found" in opening:
        return call("submit", answer="Noted.")
    return call("make_plan", subtasks=[
        {
            "id": f"part-{number}",
            "goal": f"Read the sources of {1950 + number} and note every figure that bears on the traffic of the canal",
            "depends_on": [f"part-{number - 3}"] if number >= 3 else [],
            "milestones": [{"id": "m1", "text": "every figure has a source"}],
        }
        for number in range(20)
    ])  # fmt: skip


def counting(request: dict[str, Any]) -> Step:
    """Run very many programs, one after the other."""
    _, turn = at(request)
    return call("shell", command=f"echo step {turn}") if turn < MANY else call("submit", answer="Counted.")


def failing(request: dict[str, Any]) -> Step:
    """Give up after a program that failed."""
    _, turn = at(request)
    if turn == 0:
        return call("shell", command="cat missing.txt")
    return call("submit", answer="It cannot be done: missing.txt is not there.", success=False)


def slowly(request: dict[str, Any]) -> Step:
    """Look around at leisure, so that somebody can come to watch, then write at leisure."""
    _, turn = at(request)
    if turn == 0:
        return Paced(call("list_files"), first=2.0)
    if turn == 1:
        return Paced(say("The sill is a single slab of slate. " * 40), per_token=0.02)
    return call("submit", answer="Written.")
