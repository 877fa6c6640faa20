"""What claims cite is checked without a model, and models are heard where that leaves room, and nowhere else."""

import pytest

from agent.domain.claims import CheckedClaim, Claim, Finding, Judgement, Verdict
from agent.verification.chain.deciding import verdict_of
from agent.verification.chain.testing import ScriptedJudge
from agent.verification.claims import check_claim
from agent.verification.judges.cited import AcceptedWhileMade, CitedJudge, OpenClaimsJudge
from tests.verification.builders import checked, quote_of, run_of, texts

TEXT = "# Plants\n\nThe North plant made 1,234 valves in 2021. The South plant made 980 pumps.\n"
NORTH = "The North plant made 1,234 valves in 2021."
YES: Verdict = "supported"
NO: Verdict = "not_found"
UNSURE: Verdict = "unverifiable"


async def settled(given: CheckedClaim, said: Verdict, *, paraphrase: bool) -> Verdict:
    """Return the verdict on a claim after a model has said something about it, if it was asked."""
    cited = CitedJudge(question="", texts={})
    cited.checked[given.claim.id] = given
    judge = OpenClaimsJudge(ScriptedJudge({}, other=said, tier="T3"), cited, paraphrase=paraphrase)
    first = Judgement(judge=cited.name, tier=cited.tier, verdict=given.verdict, detail="as checked")
    return verdict_of(given.claim, [first, *await judge.judge("s", given.claim, ())])


async def test_a_judge_decides_what_words_left_open() -> None:
    open_claim = checked("North valves plant 1,234", TEXT, NORTH)

    assert await settled(open_claim, YES, paraphrase=False) == "supported"
    assert await settled(open_claim, NO, paraphrase=False) == "not_found"
    assert await settled(open_claim, UNSURE, paraphrase=False) == "unverifiable"


async def test_only_a_judge_that_understands_paraphrase_may_overrule_missing_words() -> None:
    paraphrased = checked("The North plant produced 1,234 valves.", TEXT, NORTH)

    assert await settled(paraphrased, YES, paraphrase=False) == "not_found"
    assert await settled(paraphrased, YES, paraphrase=True) == "supported"


async def test_no_judge_overrules_a_missing_number_or_an_invalid_quote() -> None:
    wrong_number = checked("The North plant made 1,235 valves.", TEXT, NORTH)
    no_evidence = check_claim(Claim(id="c1", text="It is so."), [], text_of=texts())

    assert await settled(wrong_number, YES, paraphrase=True) == "not_found"
    assert await settled(no_evidence, YES, paraphrase=True) == "unverifiable"


async def test_no_judge_takes_support_away() -> None:
    assert await settled(checked(NORTH, TEXT, NORTH), NO, paraphrase=True) == "supported"


async def test_nothing_is_asked_about_a_claim_that_is_settled() -> None:
    claim = Claim(id="c1", text="The tower is high.", evidence=("e1",))
    cited = CitedJudge(question="", texts={})
    cited.checked["c1"] = CheckedClaim(
        claim=claim, verdict="unverifiable", findings=(Finding(method="numbers", passed=False, detail="42"),)
    )
    model = ScriptedJudge({}, other=YES, tier="T3")

    assert await OpenClaimsJudge(model, cited, paraphrase=True).judge("s", claim, ()) == ()
    assert model.asked == []


@pytest.mark.parametrize(
    ("text", "verdict"),
    [(NORTH, "supported"), ("The North plant made 1,235 valves.", "not_found"), ("North valves 1,234", "unverifiable")],
)
async def test_what_a_claim_cites_is_looked_up_and_the_findings_are_kept(text: str, verdict: Verdict) -> None:
    quote = quote_of(TEXT, NORTH)
    judge = CitedJudge(question="", texts={quote.source.text_sha256: TEXT})

    (said,) = await judge.judge("s", Claim(id="c1", text=text, evidence=(quote.id,)), [quote])

    assert (said.tier, said.verdict, said.evidence) == ("T1", verdict, (quote.id,))
    assert judge.checked["c1"] == checked(text, TEXT, NORTH).model_copy(
        update={"claim": Claim(id="c1", text=text, evidence=(quote.id,))}
    )


async def test_a_claim_that_cites_nothing_is_not_its_subject_and_no_model_is_heard_about_it() -> None:
    claim = Claim(id="c1", text=NORTH)
    judge = CitedJudge(question="", texts={})

    assert await judge.judge("s", claim, [quote_of(TEXT, NORTH)]) == ()
    assert (
        await OpenClaimsJudge(ScriptedJudge({}, other=YES, tier="T3"), judge, paraphrase=True).judge("s", claim, ())
        == ()
    )


async def test_what_a_guided_strategy_accepted_is_handed_on_with_the_text_it_was_made_from() -> None:
    quote, program = quote_of(TEXT, NORTH, name="e1"), run_of("")
    judge = AcceptedWhileMade({"c1": ["literal", "judge", "literal"]})

    (said,) = await judge.judge("s", Claim(id="c1", text="1,234", evidence=("t1", "e1")), [program, quote])

    assert (said.tier, said.verdict, said.evidence, said.quote) == ("T3", "supported", ("e1",), NORTH)
    assert said.detail == "accepted by the guided strategy: literal, judge"
    assert await judge.judge("s", Claim(id="c2", text="1,234", evidence=("e1",)), [quote]) == ()
    assert await judge.judge("s", Claim(id="c1", text="1,234", evidence=("t1",)), [program]) == ()
