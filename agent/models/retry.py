"""Repeats failed model calls, visibly: every wait is announced before it begins, and a total deadline bounds them."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_combine, wait_exponential, wait_random

from agent.domain.errors import ModelUnavailable
from agent.models.config import RetryPolicy
from agent.models.port import Retry, Watcher

T = TypeVar("T")


class AttemptFailed(Exception):
    """One attempt gave no usable reply, and another one may.

    Attributes:
        reason: one line, without secrets.
        retry_after: seconds that the server asks to wait, or None.
        attempts: most attempts that make sense for this failure, or None.
    """

    def __init__(self, reason: str, *, retry_after: float | None = None, attempts: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.attempts = attempts


async def with_retries(
    attempt: Callable[[], Awaitable[T]], policy: RetryPolicy, watcher: Watcher | None, *, target: str
) -> T:
    """Return the result of the first attempt that succeeds.

    A wait that would end after the deadline is not begun: the call fails at once and says so.

    Args:
        attempt: makes one attempt; raises ``AttemptFailed`` where another one may succeed.
        policy: how long and how often to repeat.
        watcher: is told of each wait before it begins.
        target: what is called, for the message of the final failure.

    Raises:
        ModelUnavailable: no attempt succeeded within the deadline.
    """
    deadline = asyncio.get_running_loop().time() + policy.deadline_seconds

    async def within_deadline() -> T:
        try:
            async with asyncio.timeout_at(deadline):
                return await attempt()
        except TimeoutError as error:
            raise AttemptFailed(f"no reply within the total deadline of {policy.deadline_seconds:g} s") from error

    try:
        return await within_deadline()
    except AttemptFailed as failure:
        failed = [failure]

    # nearly all calls end before this; what counts and times attempts costs a tenth of a call
    async def attempted() -> T:
        if failed:
            raise failed.pop()
        return await within_deadline()

    def announce(state: RetryCallState) -> None:
        if watcher is not None:
            watcher.retry(_notice(state))

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(AttemptFailed),
        wait=_Wait(policy),
        stop=_Stop(policy, deadline),
        before_sleep=announce,
        reraise=True,
    )
    try:
        return await retrying(attempted)
    except AttemptFailed as failure:
        raise ModelUnavailable(_summary(failure, retrying, target)) from failure


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a response asks to wait, or None if it does not say.

    Understood are ``retry-after-ms`` and ``Retry-After`` as seconds or as an HTTP date (RFC 9110, section 10.2.3).
    """
    in_milliseconds = _number(headers.get("retry-after-ms"))
    if in_milliseconds is not None:
        return in_milliseconds / 1000
    value = headers.get("retry-after")
    if value is None:
        return None
    in_seconds = _number(value)
    return in_seconds if in_seconds is not None else _until(value)


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class _Wait:
    """Waits as long as the server asks, else exponentially with jitter."""

    def __init__(self, policy: RetryPolicy) -> None:
        self._first = policy.first_wait_seconds
        first = policy.first_wait_seconds
        self._own = wait_combine(
            wait_exponential(multiplier=first, max=policy.longest_wait_seconds), wait_random(0, first)
        )

    def __call__(self, state: RetryCallState) -> float:
        asked = _failure(state).retry_after
        # a server that asks for no wait at all must not make us knock without a pause
        return self._own(state) if asked is None else max(asked, self._first)


class _Stop:
    """Stops at the deadline, at the limit of attempts, and before a wait that would pass the deadline."""

    def __init__(self, policy: RetryPolicy, deadline: float) -> None:
        self._policy = policy
        self._deadline = deadline

    def __call__(self, state: RetryCallState) -> bool:
        limits = [limit for limit in (self._policy.attempts, _failure(state).attempts) if limit is not None]
        if limits and state.attempt_number >= min(limits):
            return True
        return asyncio.get_running_loop().time() + state.upcoming_sleep >= self._deadline


def _failure(state: RetryCallState) -> AttemptFailed:
    error = state.outcome.exception() if state.outcome is not None else None
    if not isinstance(error, AttemptFailed):
        raise TypeError(f"only failed attempts are repeated, not {error!r}")
    return error


def _notice(state: RetryCallState) -> Retry:
    wait = state.upcoming_sleep
    return Retry(
        attempt=state.attempt_number,
        reason=_failure(state).reason,
        wait_seconds=wait,
        next_at=datetime.now(UTC) + timedelta(seconds=wait),
    )


def _summary(failure: AttemptFailed, retrying: AsyncRetrying, target: str) -> str:
    attempts = int(retrying.statistics.get("attempt_number", 1))
    count = "" if attempts == 1 else f" after {attempts} attempts"
    asked = f"; it asks to wait {failure.retry_after:.0f} s" if failure.retry_after else ""
    return f"{target} gave no reply{count}: {failure.reason}{asked}"
