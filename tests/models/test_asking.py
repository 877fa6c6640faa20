"""What becomes of a model that fails where work can go on without it."""

import pytest

from agent.domain.errors import (
    ConfigurationError,
    LeaseLost,
    LedgerUnavailable,
    ModelUnavailable,
    ReplayDivergence,
    RunPaused,
)
from agent.domain.messages import Reply
from agent.models.asking import reply_or_failure


async def test_a_model_that_breaks_is_a_reply_where_work_can_go_on_and_what_ends_a_run_is_none() -> None:
    async def breaks(error: Exception) -> Reply:
        raise error

    failures: list[Exception] = [ConfigurationError("no key"), ModelUnavailable("down"), RuntimeError("a fault")]
    for broken in failures:
        reply = await reply_or_failure(breaks(broken), refusal_is_reply=True, outage_is_reply=True)
        assert (reply.finish, str(broken) in reply.text) == ("unavailable", True)
        with pytest.raises(type(broken)):
            await reply_or_failure(breaks(broken), refusal_is_reply=True, outage_is_reply=False)
    ends: list[Exception] = [RunPaused("now"), LeaseLost("lost"), ReplayDivergence("no"), LedgerUnavailable("full")]
    for final in ends:
        with pytest.raises(type(final)):
            await reply_or_failure(breaks(final), refusal_is_reply=True, outage_is_reply=True)
