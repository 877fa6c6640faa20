"""What looks decide in a design, and what they do not: by a crew and a world that follow scripts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.domain.artefacts import Criteria, Criterion, Mutation, Scenario
from agent.domain.design import Critique, Finding, PartPlan
from agent.domain.errors import ModelOutputError
from agent.domain.task import BuildOrder
from agent.verification.artefacts.design.config import DesignConfig
from agent.verification.artefacts.design.graph import Designed, design
from agent.verification.artefacts.design.ports import Brief, Easier, Happened, Looked, Mending, Offer
from agent.verification.artefacts.design.state import Crew
from agent.verification.artefacts.testing import Measured, ScriptedTemplate, ScriptedWorld

WALKS = ScriptedTemplate("walks", {"distance": "m"})
FAR = Criterion(
    id="far",
    wish="walks far",
    scenario=Scenario(name="walks"),
    measure="distance",
    relation=">=",
    threshold=5,
    unit="m",
)


def world(**distances: float) -> ScriptedWorld:
    """Return a world whose builds walk so far; what is spoilt does not walk at all."""
    answers = {name: (Measured(value),) for name, value in distances.items()}
    return ScriptedWorld({**answers, "spoilt": (Measured(0),)}, mutations={"spoil": "spoilt"}, templates=[WALKS])


@dataclass
class ScriptedCrew:
    """Writes these programs round by round, and sees in each what is scripted.

    Attributes:
        told: reflections that redesigns were made from, and the programs they were made from.
        games: the pairs that were shown, in order.
    """

    rounds: Sequence[Sequence[str]]
    looks: dict[str, tuple[Critique, ...]] = field(default_factory=dict)
    prefers: Callable[[str, str], float] = lambda first, second: 0.5
    told: list[tuple[str, str]] = field(default_factory=list)
    games: list[tuple[str, str]] = field(default_factory=list)
    watched: list[Happened] = field(default_factory=list)
    criterion: Criterion = FAR

    async def write(self, step: str, wish: str, offer: Offer) -> Criteria:
        return Criteria(wish=wish, kind=offer.kind, criteria=(self.criterion,))

    async def mend(self, step: str, criterion: Criterion, detail: str, offer: Offer, easier: Easier) -> Mending | None:
        return None

    async def parts(self, step: str, brief: Brief) -> tuple[PartPlan, ...]:
        raise ModelOutputError("no parts today")

    async def program(self, step: str, brief: Brief, *, number: int, of: int) -> str:
        return self.rounds[0][number - 1]

    async def repair(self, step: str, brief: Brief, program: str, error: str) -> str:
        raise ModelOutputError("no idea")

    async def redesign(self, step: str, brief: Brief, program: str, reflection: str, *, number: int, of: int) -> str:
        self.told.append((program, reflection))
        turn = int(step.split(".")[0].removeprefix("r"))
        return self.rounds[turn - 1][number - 1]

    async def look(self, step: str, brief: Brief, seen: Looked) -> tuple[Critique, ...]:
        return self.looks.get(seen.views[0].description, ())

    async def better(self, step: str, brief: Brief, first: Looked, second: Looked) -> float:
        one, other = first.views[0].description, second.views[0].description
        self.games.append((one, other))
        return self.prefers(one, other)

    async def ask(self, step: str, question: str, options: Sequence[str]) -> str:
        raise AssertionError("nobody was to be asked")

    async def heard(self, number: int, *, before: str) -> Sequence[str]:
        return ()

    async def tell(self, step: str, happened: Happened) -> None:
        self.watched.append(happened)


async def designed(crew: ScriptedCrew, of: ScriptedWorld, **order: Any) -> Designed:
    given = BuildOrder.model_validate({"artefact": "program", "candidates": len(crew.rounds[0]), **order})
    whole = Crew(writer=crew, designer=crew, looker=crew, asker=crew, teller=crew)
    return await design("something that walks", given, of, whole, DesignConfig(tried=1))


def seen(score: float | None, *problems: str, by: str = "vision") -> tuple[Critique, ...]:
    findings = tuple(Finding(part="leg", aspect="present", problem=problem) for problem in problems)
    return (Critique.model_validate({"by": by, "score": score, "findings": findings}),)


async def test_the_best_by_looks_is_tried_out_and_the_others_are_not() -> None:
    crew = ScriptedCrew([["a", "b"]], looks={"a": seen(0.6), "b": seen(0.9)})
    of = world(a=9, b=9)
    made = (await designed(crew, of)).design
    assert (made.accepted, made.best) == (True, "r1.c2")
    assert {build for build, *_ in of.tried} == {"b", "spoilt"}
    assert crew.games == [], "no pictures are compared where looks decide"


async def test_between_two_that_look_alike_pictures_decide_when_shown_both_ways_round() -> None:
    crew = ScriptedCrew([["a", "b"]], prefers=lambda first, second: 1.0 if first == "b" else 0.0)
    made = (await designed(crew, world(a=9, b=9))).design
    assert (crew.games, made.best) == ([("a", "b"), ("b", "a")], "r1.c2")


async def test_a_judge_who_always_prefers_the_first_has_seen_no_difference() -> None:
    crew = ScriptedCrew([["a", "b"]], prefers=lambda first, second: 1.0)
    assert (await designed(crew, world(a=9, b=9))).design.best == "r1.c1"


async def test_what_passes_but_looks_far_from_the_wish_is_not_accepted_and_the_next_round_is_told() -> None:
    crew = ScriptedCrew([["a"], ["b"]], looks={"a": seen(0.2, "one leg is missing"), "b": seen(0.8)})
    made = (await designed(crew, world(a=9, b=9))).design
    assert (made.accepted, made.best, len(made.rounds)) == (True, "r2.c1", 2)
    ((program, told),) = crew.told
    assert program == "a"
    assert "leg (present): one leg is missing" in told
    assert "Keep what is right: walks far" in told


async def test_findings_on_what_is_accepted_and_looks_that_failed_are_told() -> None:
    nonsense = Critique(by="vision", failure="the model answered nonsense", score=0.0)
    crew = ScriptedCrew([["a"]], looks={"a": (*seen(None, "the leg is thin", by="rules"), nonsense)})
    made = (await designed(crew, world(a=9))).design
    assert made.accepted, "a look that came to nothing is no verdict"
    assert "Looking at r1.c1 found: leg, present: the leg is thin." in made.notes
    assert "A look at r1.c1 came to nothing: the model answered nonsense." in made.notes


async def test_without_trying_out_findings_alone_drive_the_rounds() -> None:
    crew = ScriptedCrew([["a"], ["b"]], looks={"a": seen(0.7, "crooked"), "b": seen(0.9)})
    of = world(a=9, b=9)
    made = (await designed(crew, of, pragmatic=False)).design
    assert (made.accepted, made.stop, made.best, of.tried) == (False, "untried", "r2.c1", [])


async def test_what_is_unsound_is_neither_looked_at_nor_tried() -> None:
    of = ScriptedWorld({"a": (Measured(9),)}, mutations={}, templates=[WALKS], problems={"a": ["it is inside out"]})
    crew = ScriptedCrew([["a"]], looks={"a": seen(1.0)})
    made = (await designed(crew, of, rounds=1)).design
    (one,) = made.rounds[0].candidates
    assert (one.critiques, one.results, of.tried, made.stop) == ((), (), [], "rounds")
    assert one.inspection is not None
    assert one.inspection.problems == ("it is inside out",)


async def test_those_who_watch_are_told_of_parts_that_nobody_could_name() -> None:
    crew = ScriptedCrew([["a"]])
    made = (await designed(crew, world(a=9))).design
    assert made.notes == ("Nobody could say of what parts it is to be made: no parts today.",)
    assert [one.stage for one in crew.watched] == ["criteria", "candidate", "tried", "round", "stopped"]


async def test_a_control_that_nothing_can_make_is_no_pass() -> None:
    odd = FAR.model_copy(update={"control": Mutation(name="explode")})
    crew = ScriptedCrew([["a"]])
    given = Criteria(wish="x", kind="program", criteria=(odd,))
    whole = Crew(writer=crew, designer=crew, looker=crew, asker=crew, teller=crew)
    order = BuildOrder(artefact="program", candidates=1, rounds=1)
    made = (await design("x", order, world(a=9), whole, DesignConfig(), criteria=given)).design
    (result,) = made.rounds[0].candidates[0].results
    assert (made.accepted, result.outcome) == (False, "inconclusive")
    assert "there is no mutation 'explode'" in result.detail


async def test_without_trying_out_a_wish_that_nothing_can_measure_is_made_all_the_same() -> None:
    untestable = Criteria(wish="x", kind="program", criteria=(), untestable=("lovely: nothing measures that",))
    crew = ScriptedCrew([["a"]], looks={"a": seen(0.9)})
    whole = Crew(writer=crew, designer=crew, looker=crew, asker=crew, teller=crew)
    for pragmatic, stop in ((False, "untried"), (True, "untestable")):
        order = BuildOrder(artefact="program", candidates=1, pragmatic=pragmatic)
        made = (await design("x", order, world(a=9), whole, DesignConfig(), criteria=untestable)).design
        assert (made.accepted, made.stop, bool(made.rounds)) == (False, stop, not pragmatic)
        assert "lovely: nothing measures that" in made.notes[0]


async def test_a_design_that_gets_nearer_goes_on_from_there_and_is_not_stalled() -> None:
    crew = ScriptedCrew([["a"], ["b"], ["c"], ["d"], ["e"]])
    made = (await designed(crew, world(a=1, b=2, c=3, d=4, e=5), rounds=5)).design
    assert [program for program, _ in crew.told] == ["a", "b", "c", "d"]
    assert (made.accepted, made.best) == (True, "r5.c1")


async def test_one_that_gets_further_away_is_dropped() -> None:
    crew = ScriptedCrew([["a"], ["b"], ["c"]])
    made = (await designed(crew, world(a=3, b=1, c=2), rounds=3)).design
    assert [program for program, _ in crew.told] == ["a", "a"]
    assert (made.best, made.stop) == ("r1.c1", "rounds")


async def test_one_that_was_not_tried_out_is_never_better_than_one_that_was() -> None:
    crew = ScriptedCrew([["a", "b"]], looks={"a": seen(0.9), "b": seen(0.8)})
    made = (await designed(crew, world(a=1, b=9), rounds=1)).design
    assert (made.best, made.rounds[0].candidates[1].results) == ("r1.c1", ())
