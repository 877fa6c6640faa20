"""The embedded model as a ``ChatModel``: an OpenAI-compatible server in a child process of our own."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agent.domain.errors import ModelUnavailable
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.config import EmbeddedConfig, OpenAIConfig, RetryPolicy
from agent.models.embedded.process import ServerProcess
from agent.models.embedded.weights import require_weights
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Profile, Retry, Watcher
from agent.models.requests import require_model_requests


@dataclass(frozen=True)
class _Running:
    process: ServerProcess
    model: OpenAICompatible


class EmbeddedModel:
    """A ``ChatModel`` that starts its child process with the first call and shares it among all calls.

    A child that died is started again by the call that notices it, once; a reply that is slow is not asked for twice.
    """

    def __init__(self, name: str, config: EmbeddedConfig, home: Path) -> None:
        self._name = name
        self._config = config
        self._home = home
        self._profile = Profile(
            tool_mode="json", strategy="guided", limited=True, context=config.context, weights=config.weights
        )
        self._starting = asyncio.Lock()
        self._running: _Running | None = None

    @property
    def name(self) -> str:
        """Name by which settings, events and reports call this model."""
        return self._name

    @property
    def profile(self) -> Profile:
        """What this model can do: guided tasks, with calls as JSON."""
        return self._profile

    @property
    def pid(self) -> int | None:
        """Process id of the child, or None while there is none."""
        return self._running.process.pid if self._running is not None else None

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Return the model's reply to a conversation.

        Raises:
            ConfigurationError: requests are forbidden here, or weights or library are not installed.
            ModelUnavailable: the child does not start, or gave no reply.
            ModelRefused: the conversation is too long for the model.
        """
        require_model_requests()
        running = await self._started()
        try:
            return await running.model.complete(
                messages, tools=tools, response_format=response_format, options=options, watcher=watcher
            )
        except ModelUnavailable as failure:
            if not await running.process.ended():
                raise
            if watcher is not None:
                watcher.retry(_restart_notice(failure))
        running = await self._started()
        return await running.model.complete(
            messages, tools=tools, response_format=response_format, options=options, watcher=watcher
        )

    async def close(self) -> None:
        """End the child process."""
        async with self._starting:
            await self._forget()

    async def _started(self) -> _Running:
        async with self._starting:
            if self._running is not None and self._running.process.alive:
                return self._running
            await self._forget()
            self._running = await self._start()
            return self._running

    async def _forget(self) -> None:
        if self._running is not None:
            running, self._running = self._running, None
            await running.model.close()
            await running.process.stop()

    async def _start(self) -> _Running:
        config = self._config
        process = await ServerProcess.start(
            require_weights(config.weights, self._home),
            alias=config.weights,
            context=config.context,
            threads=config.threads or spare_cores(),
            low_memory=config.low_memory,
            seconds=config.start_seconds,
        )
        settings = OpenAIConfig(
            model=config.weights,
            base_url=process.base_url,
            api_key_env=None,
            profile=self._profile,
            temperature=0,
            max_tokens=config.max_tokens,
            reply_seconds=config.reply_seconds,
            idle_seconds=config.reply_seconds,
            # one attempt: a busy machine is slow, and asking again would make it slower
            retry=RetryPolicy(deadline_seconds=config.reply_seconds, attempts=1),
        )
        return _Running(process, OpenAICompatible(self._name, settings, key=process.key, own_server=True))


def spare_cores() -> int:
    """Return one less than the number of cores, at least one.

    With all of them, any other load makes the threads wait for each other and the model collapse.
    """
    return max(1, (os.cpu_count() or 1) - 1)


def _restart_notice(failure: ModelUnavailable) -> Retry:
    reason = f"the embedded model's process ended and is started again: {failure}"
    return Retry(attempt=1, reason=reason, wait_seconds=0, next_at=datetime.now(UTC))
