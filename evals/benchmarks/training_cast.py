"""Who plays in the rehearsal of training data: a suite of lots, an agent that fails first, and a reflector.

Each lot is a table of which one amount is asked for and to be written to a file. The agent fails in one of four ways,
and the reflector's advice is of one of seven sorts. What has to become of a lot follows from its sort alone.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from agent.domain.messages import Reply
from agent.models.testing.script import call, calls, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from evals.training.reflector import Advise

Way = Literal["wrong answer", "failed check", "broken tool use", "unsupported claim"]
Sort = Literal["right", "wrong", "gives the answer", "check still fails", "is spoken of", "twin", "near twin"]

WAYS: Final[tuple[Way, ...]] = ("wrong answer", "failed check", "broken tool use", "unsupported claim")

SORTS: Final[dict[Sort, int]] = {
    "right": 40,
    "wrong": 20,
    "gives the answer": 12,
    "check still fails": 8,
    "is spoken of": 8,
    "twin": 6,
    "near twin": 6,
}
"""How many lots of each sort there are; 100 together."""

PASSING: Final = 10
"""Lots at which the agent does not fail."""

_ITEMS: Final = ("cobalt", "linen", "walnut", "saffron", "copper", "amber", "barley", "indigo", "quartz", "resin")
_RIGHT: Final = (
    "Read stock.csv with read_file before anything else, take the amount in the row of the item that the task names, "
    "write it to answer.txt, and cite the call that showed the file."
)
_WRONG: Final = (
    "Do not open the table at all; estimate a round amount from what such items usually cost, and write that."
)

SUITE: Final = """\
name: lots
version: "1"
description: Amounts to be taken from a table, for a rehearsal of training data.
samples: [samples.jsonl]
scorers: [{kind: numeric}, {kind: claims}]
"""


class Lot(NamedTuple):
    """One sample. ``sort`` is None where the agent does not fail; ``copies`` is the lot that a twin is a copy of."""

    number: int
    way: Way
    sort: Sort | None
    copies: int

    @property
    def item(self) -> str:
        """The item whose amount is asked for."""
        return _ITEMS[self.copies % len(_ITEMS)]

    @property
    def amount(self) -> int:
        """The right answer."""
        return 2_117 + 31 * self.copies

    @property
    def id(self) -> str:
        """Id of the sample."""
        return f"lot-{self.number:03d}"

    @property
    def goal(self) -> str:
        """What is to be done."""
        return (
            f"The file stock.csv lists what was paid for each item of consignment {_name(self.copies)}. "
            f"Say which amount it gives for {self.item}, and write it to answer.txt."
        )

    @property
    def checked(self) -> bool:
        """Whether the file is checked in the sandbox, which starts a program for it."""
        return self.way == "failed check" or self.sort == "check still fails"

    @property
    def table(self) -> str:
        """The file."""
        others = [one for one in _ITEMS if one != self.item][: 4 if self.sort == "near twin" else 3]
        rows = [(one, 7_001 + 13 * self.copies + place) for place, one in enumerate(others)]
        rows.insert(1, (self.item, self.amount))
        return "item,amount\n" + "".join(f"{item},{amount}\n" for item, amount in rows)


def lots(share: float = 1.0) -> tuple[Lot, ...]:
    """Return all lots, or a share of each sort: first those that are corrected well, which others are copies of."""
    found: list[Lot] = []
    half = round(SORTS["right"] * share) // 2
    for sort, count in SORTS.items():
        for place in range(round(count * share)):
            number = len(found)
            copies = {"twin": place, "near twin": half + place}.get(sort, number)
            found.append(Lot(number, WAYS[copies % len(WAYS)], sort, copies))
    first = len(found)
    return (*found, *(Lot(first + place, WAYS[0], None, first + place) for place in range(round(PASSING * share))))


def write_suite(folder: Path, cast: Sequence[Lot]) -> None:
    """Write the suite of some lots into an empty folder."""
    (folder / "files").mkdir(parents=True)
    (folder / "suite.yaml").write_text(SUITE, "utf-8")
    lines = []
    for lot in cast:
        (folder / "files" / f"{lot.id}.csv").write_text(lot.table, "utf-8")
        files = {"stock.csv": f"files/{lot.id}.csv"}
        line: dict[str, Any] = {"id": lot.id, "goal": lot.goal, "gold": str(lot.amount), "files": files}
        if lot.checked:
            line["task"] = {"checks": [{"kind": "file", "path": "answer.txt"}]}
            line["scorers"] = [{"kind": "numeric"}, {"kind": "checks"}, {"kind": "claims"}]
        if lot.sort == "check still fails":
            # nothing but the number is scored, so what passes may have a check that fails
            line["scorers"] = [{"kind": "numeric"}]
        lines.append(json.dumps(line))
    (folder / "samples.jsonl").write_text("\n".join(lines), "utf-8")


class Cast(ScriptedModel):
    """Plays the agent and the reflector; what it does follows from what it is shown.

    Args:
        cast: the lots.

    Attributes:
        feedback: what the reflector was shown, by lot.
    """

    def __init__(self, cast: Sequence[Lot]) -> None:
        super().__init__(self._turn, name="cast")
        # copies share a goal; the tables and files tell them apart for nobody but us
        self._by_goal: dict[str, Lot] = {}
        for lot in cast:
            self._by_goal.setdefault(lot.goal, lot)
        self.shown: list[str] = []

    def _turn(self, asked: Asked) -> Reply:
        texts = [str(message.get("content") or "") for message in asked.messages]
        lot = next(lot for goal, lot in self._by_goal.items() if goal in texts[1])
        if any(tool.name == "advise" for tool in asked.tools):
            self.shown.append(texts[1])
            return _advised(lot)
        advice = next((text for text in texts if text.startswith("[person] ")), "")
        done = sum(message["role"] == "assistant" for message in asked.messages)
        if lot.sort is None or "Read stock.csv" in advice:
            return _well(lot, done)
        if "estimate" in advice:
            return _guessed(lot, done)
        return _badly(lot, done)


def _advised(lot: Lot) -> Reply:
    text = _RIGHT
    if lot.sort == "wrong":
        text = _WRONG
    elif lot.sort == "gives the answer":
        # with and without a comma
        text = f"{_RIGHT} The amount is {lot.amount:,}." if lot.number % 2 else f"Write {lot.amount} to answer.txt."
    # whoever only forgot the file had read the table well
    step = 1 if lot.way == "failed check" and lot.sort != "wrong" else 0
    form = Advise(diagnosis=f"The outcome was: {lot.way}.", advice=text, from_step=step)
    return call("advise", **form.model_dump())


def _well(lot: Lot, done: int) -> Reply:
    read, write = (
        ("read_file", {"path": "stock.csv"}),
        ("write_file", {"path": "answer.txt", "content": str(lot.amount)}),
    )
    if done == 0:
        reply = calls(read)
        return (
            reply.model_copy(update={"text": "As advised, I read the table."}) if lot.sort == "is spoken of" else reply
        )
    if done == 1 and lot.sort != "check still fails":
        reply = calls(write)
        return reply.model_copy(update={"text": "The hint says to write it."}) if lot.sort == "is spoken of" else reply
    return _submit(lot, lot.amount, ["root.0.0"])


def _guessed(lot: Lot, done: int) -> Reply:
    if done == 0:
        return call("write_file", path="answer.txt", content="1000")
    return _submit(lot, 1000, [])


def _badly(lot: Lot, done: int) -> Reply:
    match lot.way:
        case "wrong answer":
            # the row above the right one
            wrong = 7_001 + 13 * lot.copies
            turns = [call("read_file", path="stock.csv"), call("write_file", path="answer.txt", content=str(wrong)),
                     _submit(lot, wrong, ["root.0.0"])]  # fmt: skip
        case "failed check":
            amount = lot.amount if lot.sort != "check still fails" else 0
            turns = [call("read_file", path="stock.csv"), _submit(lot, amount, ["root.0.0"])]
        case "broken tool use":
            turns = [calls(("open_sheet", {"name": "stock"})), calls(("read_file", '{"path": ')),
                     say("The table cannot be opened."), say("The table cannot be opened.")]  # fmt: skip
        case "unsupported claim":
            turns = [call("write_file", path="answer.txt", content="900"), _submit(lot, 900, [])]
    return turns[min(done, len(turns) - 1)]


def _submit(lot: Lot, amount: int, evidence: list[str]) -> Reply:
    claim = {"text": f"The amount for {lot.item} is {amount}.", "evidence": evidence}
    return call("submit", answer=f"The amount for {lot.item} is {amount}.", claims=[claim], success=True)


def _name(number: int) -> str:
    """Return a name for a number, in letters that differ from those of its neighbours."""
    return "".join(chr(ord("A") + (number * step + step) % 26) for step in (1, 5, 11, 17))
