"""Criteria are frozen before a program is written; scenarios may be repaired on record, thresholds never."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.artefacts import Criteria, Criterion, Mutation, Scenario
from agent.domain.errors import UsageError
from agent.verification.artefacts.freezing import (
    FrozenCriteria,
    check_intact,
    completed,
    forbidden_changes,
    freeze,
    problems_of,
    repaired,
    set_aside,
)
from agent.verification.artefacts.testing import ScriptedTemplate, ScriptedWorld
from agent.verification.artefacts.trying import meets
from agent.verification.artefacts.world import control_of

WALKS = ScriptedTemplate(
    name="walks_in",
    measures={"distance_to_goal": "m", "share": ""},
    parameters={
        "type": "object",
        "properties": {"radius_m": {"type": "number", "exclusiveMinimum": 0}, "door": {"type": "string"}},
        "additionalProperties": False,
    },
    control=Mutation(name="fill_openings", parameters={"only": "$door", "of": "$absent", "depth": 1}),
)
WORLD = ScriptedWorld({}, templates=[WALKS])


def criterion(name: str = "C1", **changes: Any) -> Criterion:
    given: dict[str, Any] = {
        "id": name,
        "wish": "people can enter the house",
        "scenario": Scenario(name="walks_in", parameters={"radius_m": 0.25}),
        "measure": "distance_to_goal",
        "relation": "<",
        "threshold": 0.15,
        "unit": "m",
        "control": Mutation(name="fill_openings"),
    }
    return Criterion(**{**given, **changes})


def criteria(*given: Criterion) -> Criteria:
    return Criteria(wish="a house", kind="program", criteria=given)


def details(*given: Criterion) -> list[str]:
    return [f"{problem.kind}: {problem.detail}" for problem in problems_of(WORLD, criteria(*given))]


def test_frozen_criteria_carry_the_hash_of_the_criteria() -> None:
    frozen = freeze(WORLD, criteria(criterion()))
    assert frozen.sha256 == frozen.criteria.sha256 == frozen.original
    check_intact(frozen, frozen.sha256)
    check_intact(FrozenCriteria.model_validate_json(frozen.model_dump_json()))


@pytest.mark.parametrize(
    "change",
    [
        {"threshold": 0.5},
        {"relation": "<="},
        {"measure": "share"},
        {"must": False},
        {"repeats": 2},
        {"tolerance": 1.0},
        {"wish": "people can see the house"},
        {"scenario": Scenario(name="walks_in", parameters={"radius_m": 0.01})},
        {"control": None},
    ],
)
def test_any_change_after_freezing_is_found(change: dict[str, Any]) -> None:
    frozen = freeze(WORLD, criteria(criterion()))
    changed = criteria(criterion().model_copy(update=change))
    with pytest.raises(UsageError, match="changed after they were frozen"):
        check_intact(frozen.model_copy(update={"criteria": changed}))


def test_a_change_inside_the_parameters_is_found_too() -> None:
    parameters = {"radius_m": 0.25}
    frozen = freeze(WORLD, criteria(criterion(scenario=Scenario(name="walks_in", parameters=parameters))))
    frozen.criteria.criteria[0].scenario.parameters["radius_m"] = 0.01  # type: ignore[index]
    with pytest.raises(UsageError, match="changed after they were frozen"):
        check_intact(frozen)


def test_criteria_that_were_changed_and_hashed_anew_do_not_match_the_recorded_hash() -> None:
    recorded = freeze(WORLD, criteria(criterion())).sha256
    with pytest.raises(UsageError, match="not the criteria that were frozen first"):
        check_intact(freeze(WORLD, criteria(criterion(threshold=0.5))), recorded)


def test_a_scenario_may_be_repaired_under_a_new_hash_that_covers_the_old_one() -> None:
    first = freeze(WORLD, criteria(criterion(), criterion("C2")))
    wider = Scenario(name="walks_in", parameters={"radius_m": 0.3})
    second = repaired(first, "C1", wider, reason="the walker was too thin")
    third = repaired(second, "C2", wider, control=Mutation(name="close"), reason="so was this one")
    assert len({first.sha256, second.sha256, third.sha256}) == 3
    assert third.original == first.sha256
    assert [repair.sha256 for repair in third.repairs] == [first.sha256, second.sha256]
    assert third.criteria.criteria[0].threshold == 0.15
    assert forbidden_changes(first.criteria, third.criteria) == ()
    check_intact(third, first.sha256)
    check_intact(FrozenCriteria.model_validate_json(third.model_dump_json()), first.sha256)


def test_a_threshold_that_changes_along_with_a_repair_is_found() -> None:
    first = freeze(WORLD, criteria(criterion()))
    second = repaired(first, "C1", Scenario(name="walks_in"), reason="too thin")
    easier = criteria(second.criteria.criteria[0].model_copy(update={"threshold": 9.0}))
    with pytest.raises(UsageError, match="changed after the repair of C1"):
        check_intact(second.model_copy(update={"criteria": easier}))
    with pytest.raises(UsageError, match="changed"):
        repaired(second.model_copy(update={"criteria": easier}), "C1", Scenario(name="other"), reason="again")
    assert forbidden_changes(first.criteria, easier) == ("C1: threshold was 0.15 and is 9.0",)


def test_a_repair_cannot_be_hidden() -> None:
    first = freeze(WORLD, criteria(criterion()))
    second = repaired(first, "C1", Scenario(name="walks_in"), reason="too thin")
    third = repaired(second, "C1", Scenario(name="walks_in", parameters={"radius_m": 0.3}), reason="too thick")
    for repairs in ((), third.repairs[1:], third.repairs[:1], tuple(reversed(third.repairs))):
        with pytest.raises(UsageError, match=r"changed|not the criteria"):
            check_intact(third.model_copy(update={"repairs": repairs}), first.sha256)
    reworded = third.repairs[0].model_copy(update={"reason": "nothing"})
    with pytest.raises(UsageError, match="changed"):
        check_intact(third.model_copy(update={"repairs": (reworded, third.repairs[1])}))


def test_a_repair_names_a_criterion_and_changes_something() -> None:
    frozen = freeze(WORLD, criteria(criterion()))
    with pytest.raises(UsageError, match="there is no criterion 'C9'; there are C1"):
        repaired(frozen, "C9", Scenario(name="walks_in"), reason="none")
    with pytest.raises(UsageError, match="the repair of C1 changes nothing"):
        repaired(frozen, "C1", frozen.criteria.criteria[0].scenario, reason="none")


def test_what_never_may_change_is_listed() -> None:
    before = criteria(criterion(), criterion("C2"))
    after = before.model_copy(
        update={"criteria": (criterion(control=None, must=False), criterion("C3")), "wish": "a hut"}
    )
    assert forbidden_changes(before, after) == (
        "C1: its control was left out",
        "C1: must was True and is False",
        "C2 was left out",
        "C3 was added",
        "wish was changed",
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("<", 5), (">", 7)),
        (("<", 5), (">", 5)),
        (("<", 5), (">=", 5)),
        (("==", 5), ("==", 6)),
        (("==", 5), (">", 5)),
    ],
)
def test_criteria_that_cannot_both_hold_are_told(one: tuple[str, float], other: tuple[str, float]) -> None:
    pair = [
        criterion(name, relation=relation, threshold=threshold)
        for name, (relation, threshold) in (("C1", one), ("C2", other))
    ]
    for order in (pair, pair[::-1]):
        (said,) = details(*order)
        assert said.startswith("contradiction: ")
        with pytest.raises(UsageError, match="cannot both hold; write them anew"):
            freeze(WORLD, criteria(*order))


@pytest.mark.parametrize(
    ("one", "other"), [(("<=", 5), (">=", 5)), (("<", 7), (">", 5)), (("<", 5), ("<", 7)), (("==", 5), ("<=", 5))]
)
def test_criteria_that_can_both_hold_are_not(one: tuple[str, float], other: tuple[str, float]) -> None:
    assert not details(
        criterion("C1", relation=one[0], threshold=one[1]), criterion("C2", relation=other[0], threshold=other[1])
    )


def test_opposite_bounds_of_other_measures_or_scenarios_are_no_contradiction() -> None:
    elsewhere = Scenario(name="walks_in", parameters={"radius_m": 0.5})
    assert not details(criterion("C1"), criterion("C2", relation=">", threshold=7, scenario=elsewhere))
    assert not details(criterion("C1"), criterion("C2", relation=">", threshold=7, measure="share", unit=""))


bounds = st.builds(
    criterion,
    relation=st.sampled_from(["<", "<=", ">", ">=", "=="]),
    threshold=st.integers(-3, 3).map(float),
    tolerance=st.sampled_from([0.0, 1.0]),
)


@given(st.lists(bounds, min_size=2, max_size=4))
def test_a_contradiction_is_told_exactly_where_no_value_meets_all(given: list[Criterion]) -> None:
    named = [one.model_copy(update={"id": f"C{number}"}) for number, one in enumerate(given)]
    values = [step / 4 for step in range(-24, 25)]  # every border, its neighbourhood, and what lies between
    possible = any(all(meets(value, c.relation, c.threshold, c.tolerance) for c in named) for value in values)
    assert possible == (not details(*named))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"scenario": Scenario(name="flies")}, "there is no scenario 'flies'; there are walks_in"),
        ({"measure": "beauty"}, "does not measure 'beauty'; it measures distance_to_goal, share"),
        ({"unit": "mm"}, "distance_to_goal is measured in m, and the threshold is in mm"),
        ({"unit": ""}, "and the threshold is in no unit"),
        ({"scenario": Scenario(name="walks_in", parameters={"radius_m": "wide"})}, "do not fit walks_in: $.radius_m"),
        ({"scenario": Scenario(name="walks_in", parameters={"speed": 1})}, "do not fit walks_in"),
        ({"scenario": Scenario(name="walks_in", parameters={"radius_m": math.nan})}, "is no finite number"),
        ({"scenario": Scenario(name="walks_in", parameters={"radius_m": 10**30})}, "is no finite number"),
        ({"control": Mutation(name="fill", parameters={"depth": math.inf})}, "a parameter of its control"),
        ({"control": None}, "it has no control"),
    ],
)
def test_what_cannot_be_tested_is_said_and_never_frozen(change: dict[str, Any], said: str) -> None:
    (problem,) = problems_of(WORLD, criteria(criterion(**change)))
    assert problem.kind == "untestable"
    assert said in problem.detail
    with pytest.raises(UsageError, match="cannot be frozen"):
        freeze(WORLD, criteria(criterion(**change)))


def test_what_cannot_be_tested_can_be_set_aside_and_stays_said() -> None:
    aside = set_aside(WORLD, criteria(criterion(), criterion("C2", wish="it is cosy", measure="cosiness")))
    assert [one.id for one in aside.criteria] == ["C1"]
    (said,) = aside.untestable
    assert said.startswith("it is cosy: C2: walks_in does not measure 'cosiness'")
    assert freeze(WORLD, aside).criteria.untestable == (said,)


def test_nothing_at_all_the_same_id_twice_and_another_kind_are_refused() -> None:
    assert details() == ["ambiguous: there are no criteria, so nothing would be checked"]
    assert details(criterion(), criterion()) == ["ambiguous: 2 criteria have the id C1"]
    with pytest.raises(UsageError, match="they are for the kind cad, and this is program"):
        freeze(WORLD, Criteria(wish="a house", kind="cad", criteria=(criterion(),)))


def test_a_criterion_without_control_gets_the_usual_one_of_its_scenario() -> None:
    bare = criterion(control=None, scenario=Scenario(name="walks_in", parameters={"door": "front"}))
    (full,) = completed(WORLD, criteria(bare)).criteria
    assert full.control == Mutation(name="fill_openings", parameters={"only": "front", "depth": 1})
    own = criterion()
    assert completed(WORLD, criteria(own)).criteria == (own,)


@dataclass(frozen=True)
class TwoControls(ScriptedTemplate):
    """A scenario one of whose measures needs a control of its own. Implements ``ControlsByMeasure``."""

    controls: Mapping[str, Mutation] = field(
        default_factory=lambda: {"slide": Mutation(name="grease", parameters={"side": "$side"})}
    )


def test_a_measure_that_needs_another_control_gets_that_one() -> None:
    template = TwoControls("stands", {"tilt": "deg", "slide": "mm"})

    assert control_of(template, "tilt").name == "spoil"
    assert control_of(template, "slide").name == "grease"
