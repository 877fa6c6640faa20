"""Whether a sentence follows from statements is asked of the verifier alone, and its failures show nothing."""

import pytest

from agent.browsing.testing import ScriptedModels
from agent.domain.errors import ModelOutputError, ModelRefused, ModelUnavailable, ReplayDivergence
from agent.models.testing.scripted_model import Turn
from agent.verification.chain.ports import JudgeFailed
from agent.verification.judges.following import FollowingJudge

SENTENCE = "So the pancreas matters for insulin."
STATEMENTS = ("Insulin is produced by the pancreas.", "Insulin lowers sugar.")


@pytest.mark.parametrize(("reply", "follows"), [("yes", True), ("no", False)])
async def test_the_verifier_is_shown_the_sentence_and_all_statements(reply: str, follows: bool) -> None:
    models = ScriptedModels([f'{{"answer": "{reply}"}}'])

    assert await FollowingJudge(models)("s", SENTENCE, STATEMENTS) is follows
    assert models.asked == [("s", "verifier")]


async def test_nothing_follows_from_nothing_and_nobody_is_asked() -> None:
    models = ScriptedModels([])

    assert not await FollowingJudge(models)("s", SENTENCE, ())
    assert models.asked == []


@pytest.mark.parametrize(
    "turn", ["I would say so.", ModelOutputError("odd"), ModelRefused("no"), ModelUnavailable("busy")]
)
async def test_a_verifier_that_fails_says_nothing(turn: Turn) -> None:
    with pytest.raises(JudgeFailed, match="the verifier failed"):
        await FollowingJudge(ScriptedModels([turn]))("s", SENTENCE, STATEMENTS)


async def test_errors_that_stop_the_run_pass_through() -> None:
    with pytest.raises(ReplayDivergence):
        await FollowingJudge(ScriptedModels([ReplayDivergence("x")]))("s", SENTENCE, STATEMENTS)


async def test_more_statements_than_can_be_shown_decide_nothing() -> None:
    with pytest.raises(JudgeFailed, match="did not decide: the evidence has more than"):
        await FollowingJudge(ScriptedModels([]))("s", SENTENCE, ("x" * 7000,))
