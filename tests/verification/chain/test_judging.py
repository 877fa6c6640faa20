"""What judges can and cannot bring about: evidence that is gone, garbage, failures, and who has the last word."""

import asyncio
from collections.abc import Sequence

import pytest

from agent.domain.claims import CheckedClaim, Claim, Judgement, Statement, Verdict
from agent.domain.errors import (
    BudgetExhausted,
    LeaseLost,
    LedgerUnavailable,
    PlumblineError,
    ReplayDivergence,
    RunPaused,
    SandboxUnavailable,
)
from agent.domain.evidence import Evidence, Quote
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.graph import check_answer
from agent.verification.chain.parts import Checked, Parts
from agent.verification.chain.ports import Judge, JudgeFailed, Retriever
from agent.verification.chain.testing import (
    Said,
    ScriptedExtractor,
    ScriptedJudge,
    ScriptedRetriever,
    StoredTexts,
    judgement,
    quote_from,
)

CLAIM = "The bridge opened in 1932."
NOTES = "The bridge opened in 1932. It is painted grey."
DIARY = "In 1935 the bridge was opened by the mayor."
QUOTE = quote_from(NOTES, CLAIM, name="e1")
OTHER = quote_from(DIARY, DIARY, name="e2", title="Diary")


async def checked(
    *judges: Judge,
    evidence: tuple[Evidence, ...] = (QUOTE,),
    texts: StoredTexts | None = None,
    claim: Claim | None = None,
) -> CheckedClaim:
    """Return what becomes of one claim that cites evidence."""
    claim = claim or Claim(id="c1", text=CLAIM, evidence=tuple(item.id for item in evidence))
    parts = Parts(
        ScriptedExtractor(), judges, text_of=texts or StoredTexts(NOTES, DIARY), claims=(claim,), evidence=evidence
    )
    return (await check_answer(CLAIM, parts, CheckingConfig())).claims[0]


async def searched(retriever: Retriever, *judges: Judge, texts: StoredTexts | None = None) -> Checked:
    """Return what becomes of one claim for which evidence is looked for."""
    parts = Parts(ScriptedExtractor(), judges, retrievers=(retriever,), text_of=texts or StoredTexts(NOTES, DIARY))
    return await check_answer(CLAIM, parts, CheckingConfig())


def model(said: Said) -> ScriptedJudge:
    """Return a judge of tier T3 that always says the same."""
    return ScriptedJudge({}, other=said, tier="T3", name="model")


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "not_found"])
async def test_a_quote_whose_source_has_vanished_decides_nothing(verdict: Verdict) -> None:
    texts = StoredTexts(NOTES)
    texts.forget(NOTES)
    only_with_evidence = ScriptedJudge(lambda claim, evidence: verdict if evidence else "not_found")
    one = await checked(only_with_evidence, model(verdict), texts=texts)
    assert one.verdict == ("error" if verdict != "not_found" else "unverifiable")
    assert one.judgements[0] == Judgement(
        judge="quotes", tier="T0", verdict="unverifiable", detail="the source of e1 is no longer stored"
    )


async def test_a_claim_whose_only_source_has_vanished_is_unverifiable_and_says_why() -> None:
    texts = StoredTexts()
    wording = ScriptedJudge(lambda claim, evidence: "contradicted" if evidence else ())
    one = await checked(wording, texts=texts)
    assert (one.verdict, one.judgements[0].detail) == ("unverifiable", "the source of e1 is no longer stored")


async def test_a_quote_that_is_not_at_its_place_is_left_out() -> None:
    moved = QUOTE.model_copy(update={"start": 5, "end": 5 + len(CLAIM)})
    seen: list[Evidence] = []

    def look(claim: Claim, evidence: Sequence[Evidence]) -> Said:
        seen.extend(evidence)
        return "not_found"

    one = await checked(ScriptedJudge(look), evidence=(moved, OTHER))
    assert seen == [OTHER]
    assert one.judgements[0].detail == "the quote e1 is moved"
    assert one.verdict == "unverifiable", "what was left out may have said it"


async def test_a_claim_that_cites_what_is_not_there_says_so() -> None:
    claim = Claim(id="c1", text=CLAIM, evidence=("e7",))
    one = await checked(ScriptedJudge({}, other="not_found"), claim=claim)
    assert (one.verdict, one.judgements[0].detail) == ("unverifiable", "nothing has the id e7")


async def test_sources_that_contradict_each_other_make_a_claim_qualified_and_both_are_named() -> None:
    def wording(claim: Claim, evidence: Sequence[Evidence]) -> Said:
        return [judgement("wording", "T1", "supported", [QUOTE]), judgement("wording", "T1", "contradicted", [OTHER])]

    one = await checked(ScriptedJudge(wording, name="wording"), evidence=(QUOTE, OTHER))
    assert one.verdict == "qualified"
    assert {name for said in one.judgements for name in said.evidence} == {"e1", "e2"}


GARBAGE: dict[str, Said] = {
    "a dictionary": [{"verdict": "contradicted"}],
    "text": ["contradicted"],
    "nothing at all": [None],
    "the name of another judge": [judgement("arithmetic", "T3", "contradicted", [QUOTE])],
    "another tier": [judgement("model", "T1", "contradicted", [QUOTE])],
    "a triple that is not there": [judgement("model", "T3", "contradicted", [QUOTE]).model_copy(update={"triple": 0})],
    "no quote": [judgement("model", "T3", "contradicted")],
    "a blank quote": [judgement("model", "T3", "contradicted", [QUOTE]).model_copy(update={"quote": " \n"})],
    "a quote that does not exist": [
        judgement("model", "T3", "contradicted", [QUOTE]).model_copy(update={"quote": "It never opened."})
    ],
    "a quote of evidence that it does not name": [
        judgement("model", "T3", "contradicted", [QUOTE]).model_copy(update={"quote": DIARY})
    ],
    "evidence that does not exist": [
        judgement("model", "T3", "contradicted", [QUOTE]).model_copy(update={"evidence": ("e9",)})
    ],
    "a failure": JudgeFailed("the service is down"),
    "a bug": ZeroDivisionError("division by zero"),
    "an error of several lines": JudgeFailed("down\nand\nout"),
}


@pytest.mark.parametrize("what", GARBAGE)
async def test_garbage_from_a_judge_is_an_error_and_never_a_verdict(what: str) -> None:
    one = await checked(model(GARBAGE[what]), evidence=(QUOTE, OTHER))
    assert one.verdict == "error"
    assert [said.judge for said in one.judgements] == ["model"]
    assert one.judgements[0].detail
    assert "\n" not in one.judgements[0].detail


async def test_a_model_whose_quote_stands_there_is_heard() -> None:
    one = await checked(model("contradicted"))
    assert (one.verdict, one.judgements[0].quote) == ("contradicted", CLAIM)


async def test_what_failing_judges_leave_open_others_may_decide() -> None:
    one = await checked(ScriptedJudge({}, other=JudgeFailed("down")), model("supported"))
    assert one.verdict == "supported"
    assert [said.verdict for said in one.judgements] == ["error", "supported"]


async def test_models_are_not_asked_about_what_cheaper_judges_have_decided() -> None:
    asked = model("supported")
    one = await checked(ScriptedJudge({}, other="contradicted"), asked)
    assert one.verdict == "contradicted"
    assert asked.asked == []


@pytest.mark.parametrize(
    "stop",
    [
        RunPaused("pause"),
        BudgetExhausted("used"),
        LeaseLost("lost"),
        ReplayDivergence("no"),
        LedgerUnavailable("x"),
        SandboxUnavailable("lost"),
    ],
)
async def test_what_stops_a_run_is_no_matter_of_one_claim(stop: PlumblineError) -> None:
    with pytest.raises(type(stop)):
        await checked(ScriptedJudge({}, other=stop))
    with pytest.raises(type(stop)):
        await checked(model(stop))
    with pytest.raises(type(stop)):
        await searched(ScriptedRetriever({CLAIM: stop}))


async def test_a_check_can_be_cancelled_while_a_judge_works() -> None:
    class Waiting(ScriptedJudge):
        async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> tuple[Judgement, ...]:
            await asyncio.Event().wait()
            return ()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await checked(Waiting({}))


async def test_a_failed_search_is_an_error_unless_something_else_decides() -> None:
    broken = ScriptedRetriever({CLAIM: JudgeFailed("the index is locked")})
    open_ = await searched(broken, ScriptedJudge({}, other="not_found"))
    assert (open_.claims[0].verdict, open_.claims[0].judgements[0].detail) == ("error", "the index is locked")
    decided = await searched(broken, ScriptedJudge({}, other="supported"))
    assert decided.claims[0].verdict == "supported"


async def test_retrieved_quotes_are_checked_like_cited_ones() -> None:
    texts = StoredTexts(DIARY)
    found = await searched(
        ScriptedRetriever({CLAIM: [QUOTE, OTHER]}),
        ScriptedJudge(lambda claim, evidence: "supported" if QUOTE in evidence else "not_found"),
        texts=texts,
    )
    assert found.claims[0].verdict == "unverifiable"
    assert list(found.evidence) == ["e2"]


async def test_different_evidence_under_one_id_is_told_apart() -> None:
    text = f"{CLAIM} It is painted grey."
    same_id = OTHER.model_copy(update={"id": "e1"})

    def by_model(claim: Claim, evidence: Sequence[Evidence]) -> Said:
        return "supported"

    parts = Parts(
        ScriptedExtractor(),
        (ScriptedJudge(by_model, tier="T3"),),
        retrievers=(ScriptedRetriever({CLAIM: [QUOTE], "It is painted grey.": [same_id]}),),
        text_of=StoredTexts(NOTES, DIARY),
    )
    found = await check_answer(text, parts, CheckingConfig())
    for one in found.claims:
        (said,) = one.judgements
        (named,) = (found.evidence[name] for name in said.evidence)
        assert isinstance(named, Quote)
        assert said.quote == named.text
    assert found.claims[0].judgements[0].quote != found.claims[1].judgements[0].quote


async def test_a_denied_triple_refutes_a_claim_of_which_another_was_proved() -> None:
    claim = Claim(
        id="c1",
        text="Acme makes rope and owns a ship.",
        triples=(
            Statement(subject="Acme", relation="makes", object="rope"),
            Statement(subject="Acme", relation="owns", object="a ship"),
        ),
    )
    said = [
        judgement("scripted", "T1", "supported").model_copy(update={"triple": 0}),
        judgement("scripted", "T1", "contradicted").model_copy(update={"triple": 1}),
    ]
    assert (await checked(ScriptedJudge({}, other=said), claim=claim)).verdict == "contradicted"
