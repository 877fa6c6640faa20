"""An artefact is tried out together with a sabotaged copy, and only a check that fails on the copy says anything."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.artefacts import Criteria, Criterion, Mutation, Scenario, Trial
from agent.domain.errors import BudgetExhausted, ConfigurationError, SandboxUnavailable, UsageError
from agent.verification.artefacts.testing import Answer, Measured, ScriptedBuild, ScriptedWorld
from agent.verification.artefacts.trying import judged, meets, read, tried
from agent.verification.artefacts.world import BuildFailed, NotConcerned, TrialImpossible

GOOD = ScriptedBuild("good")
CROSSES = Criterion(
    id="C1",
    wish="one can cross the bridge",
    scenario=Scenario(name="crosses"),
    measure="gap_m",
    relation="<=",
    threshold=1,
    unit="m",
    control=Mutation(name="cut"),
)


def world(good: list[Answer], sabotaged: list[Answer] | None = None, *, cut: str | Exception = "bad") -> ScriptedWorld:
    return ScriptedWorld({"good": good, "bad": sabotaged or [Measured(9)]}, mutations={"cut": cut})


async def outcome(of: ScriptedWorld, criterion: Criterion = CROSSES) -> tuple[str, str]:
    result = await tried(of, GOOD, criterion, seed=0)
    assert "\n" not in result.detail
    return result.outcome, result.detail


async def test_a_check_that_is_met_and_fails_on_the_sabotaged_copy_passes() -> None:
    result = await tried(world([Measured(0.5)]), GOOD, CROSSES, seed=0)
    assert result.outcome == "pass"
    assert result.detail == "gap_m is 0.5 m, asked for is <= 1 m: by script"
    assert [trial.value for trial in result.trials] == [0.5]
    assert [trial.value for trial in result.control] == [9]


async def test_a_check_that_is_not_met_fails() -> None:
    assert await outcome(world([Measured(2)])) == ("fail", "gap_m is 2 m, asked for is <= 1 m: by script")


@pytest.mark.parametrize("value", [0.5, 2])
async def test_a_control_that_passes_makes_both_pass_and_fail_inconclusive(value: float) -> None:
    got, detail = await outcome(world([Measured(value)], [Measured(0.1)]))
    assert got == "inconclusive"
    assert "the control cut passes as well" in detail


@pytest.mark.parametrize("value", [0.5, 2])
async def test_without_a_control_there_is_no_verdict(value: float) -> None:
    got, detail = await outcome(world([Measured(value)]), CROSSES.model_copy(update={"control": None}))
    assert (got, detail) == ("inconclusive", "no control: nothing shows that this check can fail")


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (TrialImpossible("there is no deck\nto cut"), "the control cut cannot be made: there is no deck to cut"),
        (UsageError("no such mutation"), "the control cut cannot be made: no such mutation"),
        (NotConcerned("it has no deck"), "the control cut cannot be made: it has no deck"),
        (BuildFailed("it broke"), "the control cut cannot be made: it broke"),
        (ZeroDivisionError("division by zero"), "the control cut cannot be made: ZeroDivisionError: division by zero"),
    ],
)
async def test_a_control_that_cannot_be_made_is_inconclusive(raised: Exception, said: str) -> None:
    assert await outcome(world([Measured(0.5)], cut=raised)) == ("inconclusive", said)


async def test_a_control_that_changed_nothing_is_inconclusive() -> None:
    got, detail = await outcome(world([Measured(2)], cut="same"))
    assert (got, detail) == ("inconclusive", "the control cut changed nothing")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Measured(0.5, {"penetration": False}), "the gate penetration is broken: by script"),
        (Measured(None), "nothing was measured: by script"),
        (TrialImpossible("no deck"), "crosses failed: no deck"),
        (UsageError("no such scenario"), "crosses failed: no such scenario"),
        (KeyError("deck"), "crosses failed: KeyError: 'deck'"),
        (Measured(0.5, seed=7), "it was tried with the seed 7 instead of 0"),
    ],
)
async def test_what_cannot_be_relied_on_is_inconclusive_in_the_artefact_and_in_the_control(
    answer: Answer, said: str
) -> None:
    assert await outcome(world([answer])) == ("inconclusive", said)
    got, detail = await outcome(world([Measured(0.5)], [answer]))
    assert got == "inconclusive"
    assert detail == f"the control cut does not fail: {said}"


async def test_a_number_that_is_none_is_no_verdict_even_past_validation() -> None:
    for value in (math.nan, math.inf, -math.inf):
        trial = Trial.model_construct(value=value, detail="exploded", seed=0, gates=())
        assert read(CROSSES, [trial]).outcome == "inconclusive"
    assert read(CROSSES, []).outcome == "inconclusive"


async def test_a_criterion_that_does_not_concern_the_artefact_is_not_applicable() -> None:
    assert await outcome(world([NotConcerned("a stool has no doors")])) == ("not_applicable", "a stool has no doors")


async def test_it_must_not_concern_the_artefact_in_any_trial() -> None:
    twice = CROSSES.model_copy(update={"repeats": 2})
    got, _ = await outcome(world([Measured(0.5), NotConcerned("no doors")]), twice)
    assert got == "inconclusive"


async def test_a_control_that_the_check_does_not_concern_has_not_failed() -> None:
    got, detail = await outcome(world([Measured(0.5)], [NotConcerned("no doors")]))
    assert (got, detail) == ("inconclusive", "the control cut does not fail: the check does not apply to it")


async def test_each_repeat_has_its_own_seed_and_all_must_pass() -> None:
    thrice = CROSSES.model_copy(update={"repeats": 3})
    scripted = world([Measured(0.5), Measured(0.6), Measured(2)])
    result = await tried(scripted, GOOD, thrice, seed=3)
    assert result.outcome == "fail"
    assert [trial.seed for trial in result.trials] == [3, 4, 5]
    assert [trial.seed for trial in result.control] == [3, 4, 5]
    _, detail = await outcome(world([Measured(0.5)]), thrice)
    assert "in each of 3 trials" in detail


@pytest.mark.parametrize(
    "stop", [BudgetExhausted("spent"), SandboxUnavailable("lost"), ConfigurationError("install it")]
)
async def test_what_is_no_matter_of_the_check_is_not_hidden_in_a_verdict(stop: Exception) -> None:
    with pytest.raises(type(stop)):
        await tried(world([stop]), GOOD, CROSSES, seed=0)
    with pytest.raises(type(stop)):
        await tried(world([Measured(0.5)], cut=stop), GOOD, CROSSES, seed=0)


answers = st.one_of(
    st.builds(
        Measured,
        value=st.one_of(st.none(), st.floats(-3, 3)),
        gates=st.dictionaries(st.sampled_from(["fidelity", "penetration"]), st.booleans(), max_size=2),
        seed=st.sampled_from([None, None, None, 99]),
    ),
    st.sampled_from([TrialImpossible("no"), NotConcerned("no"), ValueError("no"), UsageError("no")]),
)
mutated = st.sampled_from(["bad", "bad", "bad", "same", TrialImpossible("no"), NotConcerned("no"), OSError("no")])


@given(
    good=st.lists(answers, min_size=1, max_size=4),
    sabotaged=st.lists(answers, min_size=1, max_size=4),
    made=mutated,
    repeats=st.integers(1, 4),
    controlled=st.booleans(),
)
async def test_nothing_passes_by_accident(
    good: list[Answer], sabotaged: list[Answer], made: str | Exception, repeats: int, controlled: bool
) -> None:
    update = {"repeats": repeats, "control": CROSSES.control if controlled else None}
    criterion = CROSSES.model_copy(update=update)
    result = await tried(world(good, sabotaged, cut=made), GOOD, criterion, seed=0)

    def clean(given: list[Answer]) -> list[float] | None:
        """The values of the trials, where every one of them can be relied on."""
        first = [given[number % len(given)] for number in range(repeats)]
        values = [
            answer.value
            for answer in first
            if isinstance(answer, Measured)
            and answer.value is not None
            and all(answer.gates.values())
            and answer.seed is None
        ]
        return values if len(values) == repeats else None

    mine, control_values = clean(good), clean(sabotaged)
    proven = controlled and made == "bad" and control_values is not None and any(value > 1 for value in control_values)
    if mine is not None and proven:
        assert result.outcome == ("pass" if all(value <= 1 for value in mine) else "fail")
    elif all(isinstance(good[number % len(good)], NotConcerned) for number in range(repeats)):
        assert result.outcome == "not_applicable"
    else:
        assert result.outcome == "inconclusive"
    assert "\n" not in result.detail
    assert result.detail


@pytest.mark.parametrize(
    ("relation", "holds"), [("<", "ynn"), ("<=", "yyn"), (">", "nny"), (">=", "nyy"), ("==", "nyn")]
)
def test_relations_at_and_beside_the_threshold(relation: str, holds: str) -> None:
    criterion = CROSSES.model_copy(update={"relation": relation})
    assert "".join("y" if meets(value, criterion.relation, 1) else "n" for value in (0.5, 1, 1.5)) == holds


def test_the_tolerance_counts_for_equality_alone() -> None:
    assert meets(1.1, "==", 1, tolerance=0.2)
    assert not meets(1.1, "<=", 1, tolerance=0.2)


async def test_criteria_are_judged_side_by_side_in_their_order_and_alike_however_many_at_once() -> None:
    criteria = Criteria(
        wish="a bridge",
        kind="program",
        criteria=tuple(CROSSES.model_copy(update={"id": f"C{n}", "threshold": float(n)}) for n in range(6)),
    )
    one, many = [await judged(world([Measured(2.5)]), GOOD, criteria, at_once=n) for n in (1, 6)]
    assert one == many
    assert [result.criterion.id for result in many] == [criterion.id for criterion in criteria.criteria]
    assert [result.outcome for result in many] == ["fail", "fail", "fail", "pass", "pass", "pass"]


async def test_criteria_of_another_kind_are_refused() -> None:
    criteria = Criteria(wish="a bridge", kind="cad", criteria=(CROSSES,))
    with pytest.raises(UsageError, match="for the kind cad, not program"):
        await judged(world([Measured(1)]), GOOD, criteria)


@pytest.mark.parametrize(
    ("value", "told"),
    [(6.2536e-05, "0"), (4.4444444, "4.44"), (1234.567, "1230"), (0.0049, "0"), (5.0004, "5"), (4.9996, "4.9996")],
)
def test_a_value_is_told_with_three_digits_or_as_many_as_the_verdict_takes(value: float, told: str) -> None:
    below = CROSSES.model_copy(update={"relation": "<", "threshold": 5.0})
    said = read(below, [Trial(value=value, detail="by script", seed=0)]).detail
    assert said.startswith(f"gap_m is {told} m,")
