"""How the ten wishes are counted: what is a miss, and what a false alarm."""

from agent.domain.artefacts import Criteria, Criterion, Mutation, Scenario
from agent.verification.artefacts.testing import Measured, ScriptedTemplate, ScriptedWorld
from evals.cad.measuring import BUILDING, Confusion, confusion, of_scenarios
from evals.cad.wish import Sabotage, Wish

WISH = Wish(
    name="shed",
    text="a shed that stands",
    good={"plain": "good", "odd": "odd"},
    sabotages=(
        Sabotage(wrong="it falls over", breaks="stands", of="plain", program="fallen"),
        Sabotage(wrong="nobody can tell", breaks="stands", of="plain", program="unclear"),
        Sabotage(wrong="it looks like a good one", breaks="stands", of="plain", program="alike"),
        Sabotage(wrong="cannot be built", breaks="stands", of="plain", program="nonsense"),
        Sabotage(wrong="what it is made of fails as well", breaks="stands", of="odd", program="fallen"),
    ),
)

CRITERIA = Criteria(
    wish=WISH.text,
    kind="cad",
    criteria=(
        Criterion(
            id="upright",
            wish="stands",
            scenario=Scenario(name="stands"),
            measure="tilt",
            relation="<",
            threshold=5,
            unit="deg",
        ),
    ),
)


async def _counted() -> Confusion:
    world = ScriptedWorld(
        {
            "good": [Measured(0)],
            "odd": [Measured(50)],
            "fallen": [Measured(90)],
            "unclear": [Measured(90, gates={"penetration": False})],
            "alike": [Measured(1)],
            "spoilt": [Measured(90)],
        },
        mutations={"spoil": "spoilt"},
        templates=[ScriptedTemplate("stands", {"tilt": "deg"}, control=Mutation(name="spoil"))],
        kind="cad",
    )
    return await confusion(world, [WISH], asked=lambda wish: CRITERIA)


async def test_a_defect_is_found_by_a_check_that_fails_it_and_passed_the_design_it_was_made_of() -> None:
    found = await _counted()
    assert found.sabotaged == 5
    assert found.missed == (
        "shed: nobody can tell",
        "shed: it looks like a good one",
        "shed: what it is made of fails as well",
    )
    assert found.slipped == ("shed: it looks like a good one",)


async def test_a_good_program_that_is_not_accepted_is_a_false_alarm_with_its_reason() -> None:
    found = await _counted()
    assert found.good == 2
    assert len(found.refused) == 1
    assert found.refused[0].startswith("shed: odd: upright (fail): tilt is 50 deg")
    assert found.alarms == 1


async def test_checks_are_counted_by_what_they_said_and_added_up_by_scenario() -> None:
    found = await _counted()
    upright = next(row for row in of_scenarios(found) if row.check == "stands")
    assert (upright.good_passed, upright.good_blamed, upright.good_open) == (1, 1, 0)
    assert (upright.bad_failed, upright.bad_passed, upright.bad_open) == (2, 1, 1)
    building = next(row for row in found.rows if row.check == BUILDING)
    assert (building.good_passed, building.bad_failed, building.bad_passed) == (2, 1, 4)
