import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic

import pytest

from agent.domain.errors import ModelUnavailable
from agent.models.config import RetryPolicy
from agent.models.port import Retry
from agent.models.retry import AttemptFailed, retry_after, with_retries
from agent.models.testing.script import error, say
from agent.models.testing.scripted_server import ScriptedServer
from tests.models.helpers import QUICK, RecordingWatcher, model_for, question


class Attempts:
    """Fails with the given failures in order, then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self._failures = list(failures)
        self.made = 0

    async def __call__(self) -> str:
        self.made += 1
        if self._failures:
            raise self._failures.pop(0)
        return "done"


async def test_a_wait_is_announced_before_it_begins() -> None:
    order: list[str] = []

    class Noting(RecordingWatcher):
        def retry(self, notice: Retry) -> None:
            super().retry(notice)
            order.append("announced")

    async def attempt() -> str:
        order.append("attempt")
        if len(order) == 1:
            raise AttemptFailed("busy")
        return "done"

    watcher = Noting()
    before = datetime.now(UTC)
    assert await with_retries(attempt, QUICK, watcher, target="m") == "done"
    assert order == ["attempt", "announced", "attempt"]
    notice = watcher.retries[0]
    assert (notice.attempt, notice.reason) == (1, "busy")
    assert 0 < notice.wait_seconds <= 0.06
    assert before < notice.next_at <= datetime.now(UTC)


async def test_waits_grow_up_to_the_longest_one() -> None:
    policy = RetryPolicy(deadline_seconds=10, first_wait_seconds=0.01, longest_wait_seconds=0.04)
    watcher = RecordingWatcher()
    await with_retries(Attempts(*[AttemptFailed("busy")] * 5), policy, watcher, target="m")
    waits = [notice.wait_seconds for notice in watcher.retries]
    assert 0.01 <= waits[0] <= 0.02
    assert all(0.04 <= wait <= 0.05 for wait in waits[2:])


async def test_the_wait_that_the_server_asks_for_is_kept() -> None:
    watcher = RecordingWatcher()
    started = monotonic()
    async with ScriptedServer([error(429, "slow down", retry_after="0.3"), say("now")]) as server:
        model = model_for(server)
        await model.complete(question(), watcher=watcher)
        await model.close()
    assert watcher.retries[0].wait_seconds == pytest.approx(0.3)
    assert monotonic() - started >= 0.3


async def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    watcher = RecordingWatcher()
    started = monotonic()
    with pytest.raises(ModelUnavailable, match="it asks to wait 600 s"):
        await with_retries(Attempts(AttemptFailed("busy", retry_after=600)), QUICK, watcher, target="m")
    assert monotonic() - started < 2
    assert watcher.retries == []


async def test_a_server_that_asks_for_no_wait_is_not_flooded() -> None:
    watcher = RecordingWatcher()
    await with_retries(Attempts(AttemptFailed("busy", retry_after=0.0)), QUICK, watcher, target="m")
    assert watcher.retries[0].wait_seconds == QUICK.first_wait_seconds


async def test_the_deadline_ends_an_attempt_that_is_under_way() -> None:
    policy = RetryPolicy(deadline_seconds=0.2)

    async def endless() -> str:
        await asyncio.sleep(60)
        return "never"

    with pytest.raises(ModelUnavailable, match=r"no reply within the total deadline of 0\.2 s"):
        await with_retries(endless, policy, None, target="m")


async def test_the_last_failure_is_reported_with_the_number_of_attempts() -> None:
    policy = QUICK.model_copy(update={"attempts": 3})
    attempts = Attempts(*[AttemptFailed("busy")] * 9)
    with pytest.raises(ModelUnavailable, match=r"^main gave no reply after 3 attempts: busy$"):
        await with_retries(attempts, policy, None, target="main")
    assert attempts.made == 3


async def test_other_errors_pass_at_once() -> None:
    attempts = Attempts(KeyError("a bug"))
    with pytest.raises(KeyError):
        await with_retries(attempts, QUICK, None, target="m")
    assert attempts.made == 1


async def test_a_call_can_be_cancelled_while_it_waits() -> None:
    policy = RetryPolicy(first_wait_seconds=30)
    task = asyncio.create_task(with_retries(Attempts(AttemptFailed("busy")), policy, None, target="m"))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Wed, 01 Jan 2020 00:00:00 GMT"}, 0),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    ],
)
def test_the_forms_of_a_wanted_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_is_a_wait_until_then() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    assert retry_after({"retry-after": date}) == pytest.approx(60, abs=2)
