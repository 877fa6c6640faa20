"""What several judgements come to, whatever they are."""

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.claims import Claim, Judgement, Statement, Tier, Verdict
from agent.verification.chain.deciding import DECIDED, verdict_of

CLAIM = Claim(
    id="c1",
    text="Acme makes rope and owns a ship.",
    triples=(
        Statement(subject="Acme", relation="makes", object="rope"),
        Statement(subject="Acme", relation="owns", object="a ship"),
    ),
)
VERDICTS: tuple[Verdict, ...] = ("supported", "contradicted", "qualified", "not_found", "unverifiable", "error")


def judgements(*tiers: Tier, verdicts: tuple[Verdict, ...] = VERDICTS) -> st.SearchStrategy[list[Judgement]]:
    """Return any judgements of some tiers."""
    return st.lists(
        st.builds(
            Judgement,
            judge=st.sampled_from(("one", "two")),
            tier=st.sampled_from(tiers),
            verdict=st.sampled_from(verdicts),
            detail=st.just("because"),
            triple=st.sampled_from((None, 0, 1)),
        ),
        max_size=6,
    )


@given(judgements("T0", "T1", "T2", "T3"))
def test_the_order_of_judgements_does_not_matter(given_: list[Judgement]) -> None:
    assert verdict_of(CLAIM, given_) == verdict_of(CLAIM, given_[::-1])


@given(judgements("T0", "T1", "T3"), judgements("T2"))
def test_ranking_changes_nothing(given_: list[Judgement], ranking: list[Judgement]) -> None:
    assert verdict_of(CLAIM, [*given_, *ranking]) == verdict_of(CLAIM, given_)


@given(judgements("T1"), judgements("T3"))
def test_a_model_never_overrules_what_was_decided_without_one(given_: list[Judgement], models: list[Judgement]) -> None:
    verdict = verdict_of(CLAIM, given_)
    if verdict in DECIDED:
        assert verdict_of(CLAIM, [*given_, *models]) == verdict


@given(judgements("T0", "T1", "T3", verdicts=("error", "not_found", "unverifiable")))
def test_failures_and_vain_searches_never_decide(given_: list[Judgement]) -> None:
    verdict = verdict_of(CLAIM, given_)
    assert verdict not in DECIDED
    assert (verdict == "error") == any(one.verdict == "error" for one in given_)


@given(judgements("T1", "T3"), judgements("T0", "T1", "T3", verdicts=("error",)))
def test_a_failure_beside_a_decision_changes_nothing(given_: list[Judgement], failed: list[Judgement]) -> None:
    verdict = verdict_of(CLAIM, given_)
    with_failures = verdict_of(CLAIM, [*given_, *failed])
    assert with_failures == verdict if verdict in DECIDED else with_failures not in DECIDED


@given(judgements("T1", "T3", verdicts=("supported", "not_found", "error", "unverifiable")))
def test_nothing_is_contradicted_unless_somebody_says_so(given_: list[Judgement]) -> None:
    assert verdict_of(CLAIM, given_) != "contradicted"


@given(judgements("T1", "T3", verdicts=("contradicted", "qualified", "not_found", "error", "unverifiable")))
def test_nothing_is_supported_unless_somebody_says_so(given_: list[Judgement]) -> None:
    assert verdict_of(CLAIM, given_) != "supported"


@given(judgements("T1", "T3", verdicts=("not_found", "unverifiable")), judgements("T0", verdicts=("unverifiable",)))
def test_what_was_searched_in_vain_is_not_found_only_where_all_evidence_was_there(
    given_: list[Judgement], left_out: list[Judgement]
) -> None:
    found = verdict_of(CLAIM, [*given_, *left_out])
    expected = any(one.verdict == "not_found" for one in given_) and not left_out
    assert found == ("not_found" if expected else "unverifiable")
