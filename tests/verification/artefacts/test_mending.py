"""A check may be repaired, and not into one that is easier to pass."""

from dataclasses import dataclass

import pytest

from agent.domain.artefacts import Criterion, Mutation, Scenario
from agent.domain.design import Design
from agent.domain.task import BuildOrder
from agent.verification.artefacts.design.config import DesignConfig
from agent.verification.artefacts.design.graph import design
from agent.verification.artefacts.design.mending import LEAVES_NOTHING, loosened
from agent.verification.artefacts.design.ports import Easier, Mending, Offer
from agent.verification.artefacts.design.state import Crew
from agent.verification.artefacts.documents import mutations as of_documents
from agent.verification.artefacts.testing import Measured, ScriptedTemplate, ScriptedWorld
from agent.verification.artefacts.voxel import mutating as of_voxels
from tests.verification.artefacts.test_designing import FAR, WALKS, ScriptedCrew
from toolserver.client import CAD_MUTATIONS

BEARS = Criterion(
    id="bears",
    wish="bears 30 kg on a slope of 5 degrees, front first",
    scenario=Scenario(name="bears", parameters={"load_kg": 30, "at": ["seat"], "downhill": "front", "aim": "edge"}),
    measure="tilt",
    relation="<",
    threshold=2,
    control=Mutation(name="flip"),
)
TEMPLATES = (
    ScriptedTemplate("bears", {"tilt": ""}),
    ScriptedTemplate("measured", {"tilt": ""}, control=Mutation(name="keep_nothing")),
)


def repair(control: str | None = None, *, name: str = "bears", **parameters: object) -> Mending:
    scenario = Scenario(name=name, parameters={**BEARS.scenario.parameters, **parameters})
    return Mending(scenario, None if control is None else Mutation(name=control), "it was wrong")


@pytest.mark.parametrize(
    ("mending", "works", "said"),
    [
        (repair(load_kg=0.001), False, "numbers have to stay as they are: load_kg 30"),
        (repair(load_kg="30"), False, "numbers have to stay"),
        (repair(slope_degrees=0.01), False, "numbers have to stay"),
        (repair(name="measured"), False, "it has to stay a trial of bears"),
        (repair(downhill="back"), False, "the wish names 'front', so downhill has to keep it"),
        (repair(aim="middle"), True, "only its control may change"),
        (repair("keep_nothing"), True, "the control keep_nothing leaves nothing"),
        (repair("empty"), False, "the control empty leaves nothing"),
    ],
)
def test_what_would_make_a_check_easier_is_named(mending: Mending, works: bool, said: str) -> None:
    assert said in loosened(BEARS, mending, TEMPLATES, wish="a stool", works=works)


@pytest.mark.parametrize(
    ("mending", "works"), [(repair("remove_support"), True), (repair(aim="middle", at=["top"]), False)]
)
def test_another_control_is_none_of_that_nor_another_place_where_nothing_was_measured(
    mending: Mending, works: bool
) -> None:
    assert loosened(BEARS, mending, TEMPLATES, wish="a stool", works=works) == ""


def test_a_control_that_leaves_nothing_is_taken_where_it_is_the_usual_one() -> None:
    criterion = BEARS.model_copy(update={"scenario": Scenario(name="measured")})
    mending = Mending(Scenario(name="measured"), Mutation(name="keep_nothing"), "it was wrong")
    assert loosened(criterion, mending, TEMPLATES, wish="a stool", works=True) == ""


def test_the_mutations_that_leave_nothing_are_those_of_the_worlds() -> None:
    assert {*CAD_MUTATIONS, *of_voxels.MUTATIONS, *of_documents.MUTATIONS} >= LEAVES_NOTHING


@dataclass
class MendingCrew(ScriptedCrew):
    """Proposes one repair for whatever is inconclusive, whether it is told that it is easier or not."""

    mending: Mending | None = None
    asked: int = 0

    async def mend(self, step: str, criterion: Criterion, detail: str, offer: Offer, easier: Easier) -> Mending | None:
        self.asked += 1
        return self.mending


async def mended(crew: MendingCrew, of: ScriptedWorld, criterion: Criterion, tried: int = 1) -> Design:
    order = BuildOrder(artefact="program", candidates=len(crew.rounds[0]), rounds=1)
    whole = Crew(writer=crew, designer=crew, looker=crew, asker=crew, teller=crew)
    crew.criterion = criterion
    return (await design("something that walks", order, of, whole, DesignConfig(tried=tried))).design


LAME = FAR.model_copy(
    update={"control": Mutation(name="tickle"), "scenario": Scenario(name="walks", parameters={"load_kg": 30})}
)


def lame_world(**answers: Measured) -> ScriptedWorld:
    given = {name: (answer,) for name, answer in answers.items()}
    return ScriptedWorld(
        {**given, "tickled": (Measured(9),), "spoilt": (Measured(0),)},
        mutations={"tickle": "tickled", "spoil": "spoilt"},
        templates=[WALKS],
    )


async def test_a_repair_that_is_easier_is_refused_and_told_and_the_check_stays_inconclusive() -> None:
    easier = Mending(Scenario(name="walks", parameters={"load_kg": 0.001}), Mutation(name="spoil"), "too heavy")
    made = await mended(MendingCrew([["a"]], mending=easier), lame_world(a=Measured(9)), LAME)
    assert (made.accepted, made.repairs, made.criteria.criteria) == (False, (), (LAME,))
    assert (
        "A repair of the check far was refused: the scenario measured what was made, so only its control may change."
        in made.notes
    )


async def test_what_a_repair_changed_and_why_is_told_in_one_sentence() -> None:
    honest = Mending(LAME.scenario, Mutation(name="spoil"), "It only tickled.")
    crew = MendingCrew([["a"]], mending=honest)
    made = await mended(crew, lame_world(a=Measured(9)), LAME)
    assert made.accepted
    (note,) = [note for note in made.notes if "was repaired" in note]
    assert note.startswith("The check far was repaired (control tickle -> spoil), since the control tickle passes")
    assert note.endswith(": It only tickled.")
    (told,) = [one for one in crew.watched if one.stage == "mended"]
    assert told.data["repair"] == made.repairs[0].model_dump(mode="json")


async def test_nobody_is_asked_to_repair_a_check_that_measured_others() -> None:
    crew = MendingCrew([["a", "b"]], mending=Mending(Scenario(name="walks"), None, "it broke"))
    made = await mended(crew, lame_world(a=Measured(1), b=Measured(None)), FAR, tried=2)
    assert (crew.asked, made.repairs, made.accepted) == (0, (), False)


async def test_the_same_program_twice_is_not_compared_with_itself() -> None:
    crew = MendingCrew([["a", "a"]])
    await mended(crew, lame_world(a=Measured(9)), FAR)
    assert crew.games == []
