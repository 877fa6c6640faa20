"""An artefact is accepted when every must passed and nothing is open; candidates are ranked in a fixed order."""

from itertools import pairwise, permutations

from agent.domain.artefacts import Criteria, Criterion, CriterionResult, Inspection, Part, Scenario
from agent.domain.checks import Outcome
from agent.verification.artefacts.ranking import Candidate, accepted, compared, ranked

SOUND = Inspection()
BROKEN = Inspection(problems=("it is not closed",))


def result(outcome: Outcome, *, must: bool = True) -> CriterionResult:
    criterion = Criterion(
        id="C1", wish="it stands", scenario=Scenario(name="s"), measure="m", relation="<", threshold=1, must=must
    )
    return CriterionResult(criterion=criterion, outcome=outcome, detail="why")


def test_all_musts_passed_and_nothing_open_is_accepted() -> None:
    assert accepted(SOUND, [result("pass"), result("pass")]).accepted
    assert accepted(SOUND, [result("pass"), result("fail", must=False), result("not_applicable", must=False)]).accepted


def test_anything_else_is_not_and_says_why() -> None:
    refused: list[Outcome] = ["fail", "inconclusive", "not_applicable"]
    for outcome in refused:
        said = accepted(SOUND, [result("pass"), result(outcome)])
        assert not said.accepted
        assert said.reasons == (f"C1 (it stands): {outcome.replace('_', ' ')}: why",)
    assert not accepted(SOUND, [result("pass"), result("inconclusive", must=False)]).accepted
    assert accepted(BROKEN, [result("pass")]).reasons == ("it is not closed",)


def test_nothing_is_accepted_for_want_of_checks() -> None:
    for results in ([], [result("pass", must=False)]):
        assert accepted(SOUND, results).reasons == ("no criterion says what it must do",)


def test_a_result_that_is_missing_or_of_a_changed_criterion_is_no_acceptance() -> None:
    passed = result("pass")
    criteria = Criteria(wish="a stool", kind="cad", criteria=(passed.criterion,))
    assert accepted(SOUND, [passed], criteria=criteria).accepted
    easier = passed.model_copy(update={"criterion": passed.criterion.model_copy(update={"threshold": 9.0})})
    assert accepted(SOUND, [easier], criteria=criteria).reasons == (
        "C1 (it stands): it was not tried as it was frozen",
        "C1 (it stands): it is none of the frozen criteria",
    )
    assert not accepted(SOUND, [], criteria=criteria).accepted


def test_candidates_are_ranked_by_soundness_shape_trials_looks_and_parts_in_this_order() -> None:
    two_parts = Inspection(parts=(Part(name="a"), Part(name="b")))
    passed, failed = result("pass"), result("fail")
    wished = result("pass", must=False)
    best_first = [
        Candidate(name="1", inspection=SOUND, geometry=(passed, passed), pragmatic=(failed,)),
        Candidate(name="2", inspection=two_parts, geometry=(passed,), pragmatic=(passed, wished), looks=0.1),
        Candidate(name="3", inspection=two_parts, geometry=(passed,), pragmatic=(passed,), looks=0.9),
        Candidate(name="4", inspection=SOUND, geometry=(passed,), pragmatic=(passed,), looks=0.5),
        Candidate(name="5", inspection=two_parts, geometry=(passed,), pragmatic=(passed,), looks=0.5),
        Candidate(name="6", inspection=SOUND, geometry=(passed,), pragmatic=(passed,)),
        Candidate(name="7", inspection=SOUND, geometry=(passed,), pragmatic=(result("inconclusive"),), looks=1),
        Candidate(name="8", inspection=BROKEN, geometry=(passed,) * 3, pragmatic=(passed,) * 3, looks=1),
    ]
    for order in list(permutations(best_first))[::997]:
        assert [candidate.name for candidate in ranked(order)] == list("12345678")
    for better, worse in pairwise(best_first):
        assert (compared(better, worse), compared(worse, better)) == (1.0, 0.0)


def test_equal_candidates_draw_and_stand_in_the_order_of_their_names() -> None:
    pair = [Candidate(name=name, inspection=SOUND) for name in ("b", "a")]
    assert compared(*pair) == 0.5
    assert [candidate.name for candidate in ranked(pair)] == ["a", "b"]
