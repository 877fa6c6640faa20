"""How models are asked about claims: in waves, within the budget, with failures that stay failures."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Unpack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.browsing.testing import ScriptedModels
from agent.domain.claims import Claim
from agent.domain.errors import RunPaused
from agent.domain.evidence import Evidence
from agent.domain.messages import Reply, Transcript
from agent.domain.task import Task
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger
from agent.models.asking import EXECUTOR, HowAsked
from agent.models.config import OpenAIConfig, RetryPolicy
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import ChatModel
from agent.models.testing.script import Payload, Script, error, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.models.testing.scripted_server import ScriptedServer
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.graph import check_answer
from agent.verification.chain.parts import Checked, Parts
from agent.verification.chain.ports import Judge, JudgeFailed
from agent.verification.chain.testing import (
    ModelAskingJudge,
    Said,
    ScriptedExtractor,
    ScriptedJudge,
    ScriptedRetriever,
    StoredTexts,
    quote_from,
)
from agent.verification.judges.model import ModelJudge

SENTENCES = [f"Mill number {number} was built by the council." for number in range(1, 41)]
QUOTES = {text: quote_from(text, text, name=f"e{number}") for number, text in enumerate(SENTENCES, start=1)}
QUICK = RetryPolicy(deadline_seconds=20, first_wait_seconds=0.001, longest_wait_seconds=0.002, attempts=1)


def parts(*judges: Judge, **changes: object) -> Parts:
    """Return a chain in which each sentence is a claim with one quote."""
    given_: dict[str, object] = {
        "extractor": ScriptedExtractor(),
        "judges": judges,
        "retrievers": (ScriptedRetriever({text: [quote] for text, quote in QUOTES.items()}),),
        "text_of": StoredTexts(*SENTENCES),
    }
    return Parts(**{**given_, **changes})  # type: ignore[arg-type]


async def checked(count: int, using: Parts, *, parallel: int = 4) -> Checked:
    """Return what becomes of an answer with some claims."""
    config = CheckingConfig(parallel=parallel, rounds=0)
    return await check_answer(" ".join(SENTENCES[:count]), using, config)


@asynccontextmanager
async def model_answering(script: Script) -> AsyncIterator[tuple[OpenAICompatible, ScriptedServer]]:
    """Start a server, and give a model that asks it."""
    async with ScriptedServer(script) as server:
        config = OpenAIConfig(model="scripted", base_url=server.base_url, api_key_env=None, retry=QUICK)
        model = OpenAICompatible("verifier", config)
        try:
            yield model, server
        finally:
            await model.close()


@pytest.mark.parametrize("judge", [ModelAskingJudge, ModelJudge])
async def test_a_judge_whose_server_answers_429_gives_an_error_in_all_of_100_trials(
    judge: type[ModelAskingJudge] | type[ModelJudge],
) -> None:
    verdicts = []
    async with model_answering(lambda body, index: error(429, "rate limit", retry_after="0")) as (model, server):
        for _ in range(100):
            found = await checked(1, parts(judge(ScriptedModels(model))))
            verdicts.append(found.claims[0].verdict)
            assert "429" in found.claims[0].judgements[0].detail
    assert verdicts == ["error"] * 100
    assert len(server.requests) == 200, "each claim was asked about a second time"


async def test_the_same_judge_says_contradicted_where_its_server_answers() -> None:
    async with model_answering(lambda body, index: say("yes")) as (model, _):
        found = await checked(1, parts(ModelAskingJudge(ScriptedModels(model))))
    assert found.claims[0].verdict == "contradicted"


@pytest.mark.parametrize("status", [400, 401, 500, 503])
async def test_whatever_a_server_refuses_with_is_an_error(status: int) -> None:
    async with model_answering(lambda body, index: Payload({"error": {"message": "no"}}, status=status)) as (model, _):
        found = await checked(1, parts(ModelAskingJudge(ScriptedModels(model))))
    assert found.claims[0].verdict == "error"


async def test_a_claim_on_which_a_model_failed_is_asked_about_once_more_after_all_others() -> None:
    failed: set[str] = set()

    def flaky(claim: Claim, evidence: Sequence[Evidence]) -> Said:
        if claim.text not in failed and claim.id in ("c2", "c5"):
            failed.add(claim.text)
            return JudgeFailed("busy")
        return "supported"

    judge = ScriptedJudge(flaky, tier="T3", name="model")
    found = await checked(6, parts(judge))
    assert [one.verdict for one in found.claims] == ["supported"] * 6
    assert judge.asked[6:] == ["check/r0/c2/again/model", "check/r0/c5/again/model"]
    assert all(len(one.judgements) == 1 for one in found.claims)


async def test_where_models_fail_on_claim_after_claim_they_are_no_longer_asked() -> None:
    judge = ScriptedJudge({}, other=JudgeFailed("down"), tier="T3", name="model")
    found = await checked(40, parts(judge))
    assert len(judge.asked) == 8
    assert [one.verdict for one in found.claims] == ["error"] * 8 + ["unverifiable"] * 32
    assert len(found.checking.unchecked) == 32
    assert found.checking.unchecked[0] == "c9 was not judged by a model: models failed on 8 claims in a row before it"


async def test_one_model_that_works_is_asked_beside_one_that_does_not() -> None:
    down = ScriptedJudge({}, other=JudgeFailed("down"), tier="T3", name="down")
    up = ScriptedJudge({}, other="supported", tier="T3", name="up")
    found = await checked(40, parts(down, up))
    assert {one.verdict for one in found.claims} == {"supported"}


async def test_when_the_allowance_is_used_up_the_rest_says_that_no_model_was_asked() -> None:
    judge = ScriptedJudge({}, other="supported", tier="T3", name="model")
    found = await checked(10, parts(judge, allowance=lambda: len(judge.asked) < 3), parallel=2)
    assert [one.verdict for one in found.claims] == ["supported"] * 4 + ["unverifiable"] * 6
    assert found.checking.unchecked == tuple(
        f"c{number} was not judged by a model: the share of the budget for checking is used up"
        for number in range(5, 11)
    )


async def test_without_an_allowance_cheaper_judges_still_judge() -> None:
    cheap = ScriptedJudge({SENTENCES[0]: "supported"}, other="not_found")
    dear = ScriptedJudge({}, other="supported", tier="T3", name="model")
    found = await checked(2, parts(cheap, dear, allowance=lambda: False))
    assert [one.verdict for one in found.claims] == ["supported", "not_found"]
    assert dear.asked == []
    assert found.checking.unchecked == (
        "c2 was not judged by a model: the share of the budget for checking is used up",
    )


async def test_no_more_claims_are_judged_at_the_same_time_than_wanted() -> None:
    working = most = 0

    class Busy(ScriptedJudge):
        async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> tuple[()]:
            nonlocal working, most
            working += 1
            most = max(most, working)
            await asyncio.sleep(0)
            working -= 1
            return ()

    await checked(20, parts(Busy({}, name="cheap"), Busy({}, name="model", tier="T3")), parallel=3)
    # both judges are never asked at once, since they are of different tiers
    assert most == 3


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=6, max_size=6), st.integers(1, 8), st.data())
def test_the_result_does_not_depend_on_who_is_ready_first(
    pauses: list[int], parallel: int, data: st.DataObject
) -> None:
    said = [data.draw(st.sampled_from(("supported", "contradicted", "not_found", "error"))) for _ in pauses]

    def result(pauses: Sequence[int], parallel: int) -> str:
        def pause(claim: Claim) -> int:
            return pauses[int(claim.id[1:]) - 1]

        def says(claim: Claim, evidence: Sequence[Evidence]) -> Said:
            verdict = said[int(claim.id[1:]) - 1]
            return JudgeFailed("busy") if verdict == "error" else verdict

        cheap = ScriptedJudge({}, other="not_found", pause=pause)
        model = ScriptedJudge(says, tier="T3", name="model", pause=pause)
        found = asyncio.run(checked(6, parts(cheap, model), parallel=parallel))
        return found.model_dump_json()

    assert result(pauses, parallel) == result([0] * 6, 4)


class RecordedModels:
    """Models whose replies are effects of a run.

    Args:
        run: the ledger of the run.
        model: who is asked.
    """

    def __init__(self, run: RunLedger, model: ChatModel) -> None:
        self._run = run
        self._models = ScriptedModels(model)

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Ask, or return what is recorded."""

        async def perform() -> Reply:
            return await self._models.ask(step, messages, **how)

        request = {"role": how.get("role", EXECUTOR), "messages": list(messages)}
        return await self._run.effect(f"checking/{step}", "model", request, Reply, perform)


async def opened(ledger: Ledger, run_id: str, mode: str = "live") -> RunLedger:
    """Return a run's ledger as a new process sees it."""
    lease = await ledger.leases.claim(run_id, "owner", seconds=-1)
    run = RunLedger(ledger, run_id, fence=lease.fence, mode=mode)  # type: ignore[arg-type]
    await run.load()
    return run


class FlakyServer:
    """Refuses for now to speak of mills 2 and 5, and of mill 3 the first time."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, body: dict[str, Any], index: int) -> Payload | Reply:
        claim = body["messages"][0]["content"]
        refused = claim in (SENTENCES[1], SENTENCES[4]) or (claim == SENTENCES[2] and claim not in self._seen)
        self._seen.add(claim)
        return error(429, "rate limit", retry_after="0") if refused else say("yes")


async def test_run_again_over_its_record_a_chain_comes_to_the_same_and_asks_nobody(ledger: Ledger) -> None:
    run_id = await ledger.create(Task(goal="check"))
    async with model_answering(FlakyServer()) as (model, server):
        results = []
        for mode in ("live", "replay", "live"):
            run = await opened(ledger, run_id, mode)
            found = await checked(7, parts(ModelAskingJudge(RecordedModels(run, model))), parallel=3)
            await run.flush()
            results.append((found.model_dump_json(), len(server.requests)))
    assert results[0] == results[1] == results[2]
    refused = [one.claim.id for one in found.claims if one.verdict == "error"]
    assert refused == ["c2", "c5"]
    assert results[0][1] == 7 + 3


class CutModels(RecordedModels):
    """Models that stop the run at one of their calls, counted from 0."""

    def __init__(self, run: RunLedger, model: ChatModel, cut: int) -> None:
        super().__init__(run, model)
        self._left = cut

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Ask, or stop."""
        if self._left == 0:
            raise RunPaused("a pause was asked for")
        self._left -= 1
        return await super().ask(step, messages, **how)


def flaky(asked: Asked) -> str | Reply:
    """Refuse to speak of mill 2."""
    refused = asked.messages[0]["content"] == SENTENCES[1]
    return Reply(text="not now", finish="unavailable") if refused else "yes"


async def test_a_chain_that_is_cut_at_any_call_goes_on_to_the_same_result(ledger: Ledger) -> None:
    whole = await checked(4, parts(ModelAskingJudge(ScriptedModels(flaky))), parallel=2)
    for cut in range(5):
        run_id = await ledger.create(Task(goal="check"))
        first = await opened(ledger, run_id)
        with pytest.raises(RunPaused):
            await checked(4, parts(ModelAskingJudge(CutModels(first, ScriptedModel(flaky), cut))), parallel=2)
        await first.flush()
        model = ScriptedModel(flaky)
        resumed = ModelAskingJudge(RecordedModels(await opened(ledger, run_id), model))
        assert await checked(4, parts(resumed), parallel=2) == whole
        assert len(model.asked) <= 5 - cut + 1, "only the one that was under way may be asked about again"


async def rank(step: str, claims: Sequence[Claim]) -> Sequence[str]:
    """Put the last claims first, twice, and one first that nobody knows."""
    assert step == "check/r0/rank"
    return ["c99", *(claim.id for claim in reversed(claims[3:]))] * 2


async def test_models_are_asked_first_about_what_ranking_puts_first() -> None:
    judge = ScriptedJudge({}, other="supported", tier="T3", name="model")
    found = await checked(6, parts(judge, ranker=rank, allowance=lambda: len(judge.asked) < 4), parallel=2)
    assert [one.verdict == "supported" for one in found.claims] == [True, False, False, True, True, True]
    assert [one.claim.id for one in found.claims] == [f"c{number}" for number in range(1, 7)]


async def test_a_ranking_that_fails_changes_nothing_but_the_order() -> None:
    async def fails(step: str, claims: Sequence[Claim]) -> Sequence[str]:
        raise JudgeFailed("nothing was learnt")

    judge = ScriptedJudge({}, other="supported", tier="T3", name="model")
    found = await checked(3, parts(judge, ranker=fails))
    assert {one.verdict for one in found.claims} == {"supported"}
    assert found.checking.unchecked == ("claims were asked about in the order of the text: nothing was learnt",)
