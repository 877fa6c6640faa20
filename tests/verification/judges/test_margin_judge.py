"""A small model as a judge: what counts is how likely each of three words was, and words and numbers may object."""

import pytest

from agent.browsing.testing import ScriptedModels
from agent.domain.claims import Claim, Judgement
from agent.domain.evidence import Evidence
from agent.domain.messages import Reply, TokenChoice
from agent.models.testing.script import Script, error, say
from agent.models.testing.scripted_server import ScriptedServer
from agent.verification.chain.ports import JudgeFailed
from agent.verification.judges.margins import (
    PROMPT_VERSION,
    MarginJudge,
    MarginThresholds,
    thresholds_for,
)
from agent.verification.judges.objecting import wording_objects
from tests.models.helpers import model_for
from tests.verification.builders import quote_of, run_of
from tests.verification.judges.test_model_judge import SHORT

TEXT = "The ferry to Holm carries 40 cars."
CLAIM = Claim(id="c1", text="Up to 40 cars fit on the ferry.")
EVEN = MarginThresholds(supported=0.0, contradicted=0.0, again=0.0)


def likely(proves: float, denies: float, neither: float) -> Reply:
    """Return a reply of one token, with what each of the three words would have got."""
    words = (("ent", proves), ("contr", denies), ("neutral", neither))
    ordered = sorted(words, key=lambda word: -word[1])
    return Reply(
        text=ordered[0][0], first_token=tuple(TokenChoice(token=word, logprob=value) for word, value in ordered)
    )


async def judged(
    script: Script, claim: Claim = CLAIM, *evidence: Evidence, thresholds: MarginThresholds = EVEN
) -> tuple[list[Judgement], ScriptedServer]:
    async with ScriptedServer(script) as server:
        model = model_for(server, retry=SHORT)
        judge = MarginJudge(ScriptedModels(model), thresholds=thresholds)
        try:
            return list(await judge.judge("r0/c1/model", claim, evidence or [quote_of(TEXT)])), server
        finally:
            await model.close()


@pytest.mark.parametrize(
    ("replies", "verdict", "quote"),
    [
        ([likely(-0.1, -4.0, -3.0)], "supported", TEXT),
        ([likely(-4.0, -0.1, -3.0), likely(-3.0, -0.2, -4.0)], "contradicted", TEXT),
        ([likely(-4.0, -3.0, -0.1)], "not_found", ""),
    ],
)
async def test_the_likeliest_of_three_words_decides(replies: list[Reply], verdict: str, quote: str) -> None:
    ((one,), server) = await judged(replies)

    assert (one.verdict, one.quote, one.tier, one.model) == (verdict, quote, "T3", "scripted")
    assert f"prompt {PROMPT_VERSION}" in one.detail
    assert one.usage.calls == len(replies) == len(server.requests)
    for request in (request.json for request in server.requests):
        assert (request["max_tokens"], request["top_logprobs"]) == (1, 20)
        assert request["messages"][-1]["content"] == f'Premise: "{TEXT}"\nHypothesis: "{CLAIM.text}"'


async def test_a_denial_that_is_not_repeated_after_other_examples_decides_nothing() -> None:
    ((one,), server) = await judged([likely(-4.0, -0.1, -3.0), likely(-0.5, -0.9, -4.0)])

    assert (one.verdict, one.quote) == ("unverifiable", "")
    assert "denial again -0.40" in one.detail
    first, second = (request.json["messages"] for request in server.requests)
    assert first[-1] == second[-1]
    assert first[1:-1] != second[1:-1]


async def test_margins_are_measured_from_the_thresholds_of_the_weights() -> None:
    doubting = MarginThresholds(supported=-3.0, contradicted=0.0, again=0.0)

    ((one,), _) = await judged([likely(-1.5, -0.4, -3.0)], thresholds=doubting)

    assert one.verdict == "supported"
    assert "proof +1.90, denial +1.10" in one.detail


@pytest.mark.parametrize(
    ("claim", "text", "objection"),
    [
        ("The ferry carries 50 cars.", TEXT, "50 stands nowhere"),
        ("The ferry runs in winter.", "The ferry does not run in winter.", "the statement does not"),
        (
            "The toll is 30 euros for cars.",
            "The toll for lorries is 30 euros. The toll for cars is 12 euros.",
            "stands beside other words",
        ),
    ],
)
async def test_words_and_numbers_may_object_to_what_a_small_model_supports(
    claim: str, text: str, objection: str
) -> None:
    ((one,), _) = await judged([likely(-0.1, -9.0, -9.0)], Claim(id="c1", text=claim), quote_of(text))

    assert (one.verdict, one.quote) == ("unverifiable", "")
    assert objection in one.detail


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        (CLAIM.text, TEXT),
        ("The walk is 3.5 kilometres long.", "The walk measures 3,500 metres."),
        ("It lasts about 28 days.", "It lasts about four weeks."),
        ("About 40,000 homes have a heat pump.", "The number of homes with a heat pump is 41,000."),
        ("It was signed on 3 March 1921.", "It was signed on 1921-03-03."),
        ("All twelve samples were free of lead.", "None of the twelve samples contained lead."),
        ("The bridge survived the flood intact.", "The bridge was not damaged by the flood."),
    ],
)
def test_other_words_for_the_same_are_no_objection(claim: str, text: str) -> None:
    assert wording_objects(Claim(id="c1", text=claim), text) == ""


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The walk is 3.5 miles long.", "The walk measures 3,500 metres."),
        ("Exactly 40,000 homes have one.", "The number of homes is 41,000."),
        ("It was signed on 3 May 1922.", "It was signed on 3 March 1921."),
        ("It needs version 3.12.", "It needs version 3.11."),
    ],
)
def test_a_number_that_nothing_bears_is_an_objection(claim: str, text: str) -> None:
    assert "stands nowhere in the evidence" in wording_objects(Claim(id="c1", text=claim), text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("Locks are released when the program crashes.", "Locks are not released when the program crashes."),
        ("Comments can be nested.", "Strings may span lines. Comments cannot be nested."),
        ("Members may sell their shares to other people.", "Members cannot sell their shares to people."),
        ("命令会删除文件", "命令不会删除文件"),
    ],
)
def test_a_negation_that_only_was_left_out_is_an_objection(claim: str, text: str) -> None:
    assert "the statement does not" in wording_objects(Claim(id="c1", text=claim), text)


async def test_the_quote_is_the_sentence_that_decides_most_by_itself() -> None:
    text = "Holm is an island. The ferry to it carries 40 cars. Cars need a ticket."
    replies = [likely(-0.1, -9.0, -9.0), likely(-9.0, -9.0, -0.1), likely(-0.1, -9.0, -9.0), likely(-2.0, -2.0, -0.5)]

    ((one,), server) = await judged(replies, CLAIM, quote_of(text))

    assert (one.verdict, one.quote) == ("supported", "The ferry to it carries 40 cars.")
    assert one.usage.calls == len(server.requests) == 4


async def test_what_decides_is_kept_and_the_rest_of_the_cost_counted() -> None:
    quotes = [quote_of("Holm has a school.", name="e1"), quote_of(TEXT, name="e2")]

    ((one,), _) = await judged([likely(-9.0, -9.0, -0.1), likely(-0.1, -9.0, -9.0)], CLAIM, *quotes)

    assert (one.verdict, one.evidence, one.usage.calls) == ("supported", ("e2",), 2)


async def test_long_evidence_is_read_in_part_and_that_is_said() -> None:
    long = "The weather was mild in the last winter. " * 400

    ((one,), server) = await judged(lambda request, number: likely(-9.0, -9.0, -0.1), CLAIM, quote_of(long + TEXT))

    assert (one.verdict, len(server.requests)) == ("unverifiable", 4)
    assert "only the 4 likeliest of" in one.detail
    assert any(TEXT in request.json["messages"][-1]["content"] for request in server.requests)


async def test_programs_and_opinions_are_not_its_subject() -> None:
    assert (await judged([], CLAIM, run_of("40 cars")))[0] == []
    assert (await judged([], CLAIM.model_copy(update={"kind": "opinion"})))[0] == []


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ([say("entailment")], "no log-probabilities"),
        ([Reply(text="hm", first_token=(TokenChoice(token="hm", logprob=-0.1),))], "none of the three words"),
        (lambda request, number: error(429, "too many requests", retry_after="0"), "could not be reached"),
        ([error(400, "the request is too long")], "refused"),
    ],
    ids=["no log-probabilities", "garbage", "429", "refusal"],
)
async def test_a_failure_is_never_a_verdict(script: Script, reason: str) -> None:
    with pytest.raises(JudgeFailed, match=reason):
        await judged(script)


def test_weights_that_nothing_was_fitted_for_get_cautious_thresholds() -> None:
    assert thresholds_for("unknown") == MarginThresholds() == MarginThresholds(supported=1.0, contradicted=1.0)
    assert thresholds_for("qwen2.5-coder-1.5b") != MarginThresholds()
