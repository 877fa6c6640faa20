"""A designer by script: it answers by what it is asked, as a model over HTTP or without."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.domain.messages import Reply
from agent.models.testing.script import call, say
from agent.models.testing.scripted_model import Asked
from agent.verification.artefacts.voxel.builder import Builder

WISH = "A hut that one can enter and that keeps the rain out."

ENTRY = {
    "id": "entry", "wish": "one can enter", "scenario": "enters", "measure": "share_reached",
    "relation": ">=", "threshold": 0.9,
}  # fmt: skip
CLOSED = {
    "id": "closed", "wish": "keeps the rain out", "scenario": "encloses", "measure": "open_share",
    "relation": "<=", "threshold": 0.0,
}  # fmt: skip
CRITERIA = call("write_criteria", criteria=[ENTRY, CLOSED])
PARTS = call("plan_parts", parts=[{"name": "walls", "purpose": "hold the roof", "shape": "7 x 7 cells, 4 high"}])


def look(score: int, *problems: str, **walls: str) -> Reply:
    """Return what a model says that looks at a hut of which walls were planned."""
    seen = {"part": "walls", "present": "yes", "position": "right", "proportion": "right", "orientation": "right"}
    return call(
        "critique_artefact", parts=[{**seen, **walls}], whole=[{"problem": one} for one in problems], score=score
    )


LOOK = look(9)


def hut(*, door: bool = True, hole: bool = False, roof: str = "planks") -> str:
    """Return the program of a hut; its defects are that there is no door, and a hole in the roof."""
    made = Builder((10, 10, 0)).walls((0, 0, 0), (6, 6, 3), "planks", part="walls")
    made.roof((0, 0), (6, 6), 4, "flat", block=roof, part="roof").torch((1, 1, 0), part="light")
    if door:
        made.door((3, 6, 0), "south", part="door")
    if hole:
        made.clear((3, 3, 4), (3, 3, 4))
    return made.program()


def fenced(program: str) -> Reply:
    """Return a program as models write it."""
    return say(f"Here it is.\n```json\n{program}\n```\n")


Answer = Reply | Callable[[str], Reply]


@dataclass
class ScriptedDesigner:
    """Answers criteria, parts, first programs, repairs and redesigns by script; the last of each is given again.

    Attributes:
        shown: what it was shown each time, by what it was asked for.
    """

    programs: Sequence[Answer]
    redesigns: Sequence[Answer] = ()
    repairs: Sequence[Answer] = ()
    criteria: Sequence[Reply] = (CRITERIA,)
    mends: Sequence[Reply] = (call("mend_check", action="leave", reason="nothing is wrong with the check"),)
    parts: Sequence[Reply] = (PARTS,)
    looks: Sequence[Reply] = (LOOK,)
    games: Sequence[Reply] = (call("compare_artefacts", better="equal", reason="they are alike"),)
    shown: dict[str, list[str]] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        """Answer as a ``ScriptedModel`` does."""
        return self.answer([tool.name for tool in asked.tools], list(asked.messages))

    def over_http(self, request: dict[str, Any], number: int) -> Reply:
        """Answer as a ``ScriptedServer`` does."""
        names = [tool["function"]["name"] for tool in request.get("tools", ())]
        return self.answer(names, request["messages"])

    def answer(self, tools: Sequence[str], messages: Sequence[Mapping[str, Any]]) -> Reply:
        """Return the next answer of the script."""
        text = "\n".join(str(message["content"]) for message in messages)
        script, name = self._script(tools, text)
        seen = self.shown.setdefault(name, [])
        seen.append(text)
        answer = script[min(len(seen), len(script)) - 1]
        return answer if isinstance(answer, Reply) else answer(text)

    def _script(self, tools: Sequence[str], text: str) -> tuple[Sequence[Answer], str]:
        if tools:
            forms: dict[str, Sequence[Answer]] = {
                "write_criteria": self.criteria, "plan_parts": self.parts, "mend_check": self.mends,
                "critique_artefact": self.looks, "compare_artefacts": self.games,
            }  # fmt: skip
            return forms[tools[0]], tools[0]
        if "made nothing that can be used" in text:
            return self.repairs, "repair"
        if "What came of it:" in text:
            return self.redesigns, "redesign"
        return self.programs, "program"


def parsed(program: str) -> list[dict[str, Any]]:
    """Return the actions of a building program."""
    actions: list[dict[str, Any]] = json.loads(program)["actions"]
    return actions
