"""A model behind any server that speaks OpenAI chat completions.

Addresses, headers, connections, streams and errors are those of the official client. The bodies of requests we write
ourselves, because the client walks the whole conversation again for each request, which costs more than everything else
together; a ``Transcript`` already knows its JSON. Replies are parsed by ``wire``, which accepts what servers really
send.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp
import httpx2
import openai

from agent.domain.errors import ModelRefused
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript, wire_json
from agent.models.config import OFFICIAL_SERVER, OpenAIConfig
from agent.models.failures import Endpoint
from agent.models.port import Profile, Watcher
from agent.models.posting import Poster
from agent.models.requests import PerTools, require_model_requests
from agent.models.retry import AttemptFailed, with_retries
from agent.models.streaming import assemble
from agent.models.wire import parse_completion, reply_of, with_unique_ids

PATH = "/chat/completions"
_NO_KEY = "none"
_LIST_SECONDS = 5.0
_UNUSABLE = 3
"""Attempts at a server whose answers are no chat completions: enough for a glitch, too few to hide a wrong address."""


class OpenAICompatible:
    """A ``ChatModel`` over chat completions.

    Args:
        name: what settings, events and reports call the model.
        config: which model, where, and how patiently; ``base_url`` None means the official server.
        key: the API key, or None to send none.
        own_server: the server is a process of ours on loopback: it is asked past any proxy, and over a new connection
            each time, because llama.cpp's server may close an idle one while the next request is on its way.
    """

    def __init__(self, name: str, config: OpenAIConfig, *, key: str | None = None, own_server: bool = False) -> None:
        self._name = name
        self._config = config
        self._endpoint = Endpoint(config.base_url or OFFICIAL_SERVER, config.model, config.api_key_env, key)
        timeout = httpx2.Timeout(config.reply_seconds, connect=config.connect_seconds)
        http = openai.DefaultAioHttpClient(trust_env=not own_server)
        self._client = openai.AsyncOpenAI(
            api_key=key or _NO_KEY,
            base_url=self._endpoint.base_url,
            max_retries=0,
            timeout=timeout,
            default_headers={"Connection": "close"} if own_server else None,
            http_client=http,
        )
        self._poster = Poster(self._client, http, PATH, timeout)
        self._tools_json = PerTools(lambda tools: wire_json([tool.as_function() for tool in tools]))
        self._limit_field = _limit_field(config)

    @property
    def name(self) -> str:
        """Name by which settings, events and reports call this model."""
        return self._name

    @property
    def profile(self) -> Profile:
        """What this model can do."""
        return self._config.profile

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

        A reply that fails half-way while streaming is asked for again from its start; the watcher's ``retry`` then
        means that the text so far is void.

        Raises:
            ConfigurationError: the environment forbids requests to models.
            ModelUnavailable: no usable reply within the total deadline.
            ModelRefused: the server rejects the request for good.
        """
        require_model_requests()
        listener = watcher if watcher is not None and watcher.streaming else None
        body = self.request_body(messages, tools, response_format, options, stream=listener is not None)

        async def attempt() -> Reply:
            try:
                if listener is not None:
                    return await self._streamed(body, listener, with_tools=bool(tools))
                return await self._whole(body, with_tools=bool(tools))
            except openai.APIError as error:
                raise await self._failure(error, with_tools=bool(tools)) from error
            except (httpx2.HTTPError, aiohttp.ClientError) as error:
                # the client translates most errors of its transport, but not answers that are no HTTP
                raise self._no_http(error) from error

        reply = await with_retries(
            attempt, self._config.retry, watcher, target=f"{self._name} at {self._endpoint.host}"
        )
        return with_unique_ids(reply, messages)

    async def close(self) -> None:
        """Free the connections."""
        await self._client.close()

    def request_body(
        self,
        messages: Transcript,
        tools: Sequence[ToolSpec],
        response_format: ResponseFormat | None,
        options: CallOptions,
        *,
        stream: bool,
    ) -> bytes:
        """Return the JSON body of a request; the conversation and the tools go in as the bytes they already are."""
        fields = self._fields(response_format, options, has_tools=bool(tools), stream=stream)
        parts = [wire_json(fields)[:-1], b',"messages":', *messages.json_pieces()]
        if tools:
            parts += [b',"tools":', self._tools_json(tools)]
        parts.append(b"}")
        return b"".join(parts)

    def _fields(
        self, response_format: ResponseFormat | None, options: CallOptions, *, has_tools: bool, stream: bool
    ) -> dict[str, Any]:
        config = self._config
        fields: dict[str, Any] = {"model": config.model}
        limit = options.max_tokens or config.max_tokens
        if limit is not None:
            fields[self._limit_field] = limit
        temperature = config.temperature if options.temperature is None else options.temperature
        if temperature is not None and config.sends_temperature:
            fields["temperature"] = temperature
        if options.top_logprobs:
            fields |= {"logprobs": True, "top_logprobs": options.top_logprobs}
        if has_tools and options.tool_choice != "auto":
            fields["tool_choice"] = _tool_choice(options.tool_choice)
        if response_format is not None:
            schema = {"name": response_format.name, "schema": response_format.json_schema}
            fields["response_format"] = {"type": "json_schema", "json_schema": schema}
        if stream:
            fields |= {"stream": True, "stream_options": {"include_usage": True}}
        return fields | config.extra_body

    async def _whole(self, body: bytes, *, with_tools: bool) -> Reply:
        try:
            # the client's own limits watch silences; a reply that trickles in is bounded only here
            async with asyncio.timeout(self._config.reply_seconds):
                response = await self._poster.post(body)
        except TimeoutError as error:
            raise AttemptFailed(f"no whole reply within {self._config.reply_seconds:g} s") from error
        return self._reply(response, with_tools=with_tools)

    def _reply(self, response: httpx2.Response, *, with_tools: bool) -> Reply:
        completion = parse_completion(response.content)
        if completion is None:
            raise self._no_completion(response)
        if completion.error:
            raise self._endpoint.error_in_answer(completion.error, with_tools=with_tools)
        if not completion.choices:
            raise AttemptFailed(f"{self._endpoint.host} sent an answer without choices", attempts=_UNUSABLE)
        return reply_of(
            completion.choices[0],
            model=completion.model or self._config.model,
            usage=completion.usage,
            price=self._config.price,
        )

    async def _streamed(self, body: bytes, watcher: Watcher, *, with_tools: bool) -> Reply:
        config = self._config
        try:
            async with asyncio.timeout(config.reply_seconds):
                stream = await self._client.post(
                    PATH, content=body, cast_to=object, stream=True, stream_cls=openai.AsyncStream[object]
                )
        except TimeoutError as error:
            raise AttemptFailed(f"no reply within {config.reply_seconds:g} s") from error
        async with stream:
            if not stream.response.headers.get("content-type", "").startswith("text/event-stream"):
                # some servers ignore the wish for a stream and send the reply as a whole
                await stream.response.aread()
                reply = self._reply(stream.response, with_tools=with_tools)
                watcher.text(reply.text)
                return reply
            assembly = await assemble(
                aiter(stream), watcher, first_seconds=config.reply_seconds, idle_seconds=config.idle_seconds
            )
        choice = assembly.finished()
        if choice is None:
            raise AttemptFailed("the stream ended before the reply did")
        return reply_of(choice, model=assembly.model or config.model, usage=assembly.usage, price=config.price)

    def _no_http(self, error: Exception) -> AttemptFailed:
        said = self._endpoint.clean(error)
        return AttemptFailed(f"{self._endpoint.base_url} gave no proper HTTP answer: {said}", attempts=_UNUSABLE)

    def _no_completion(self, response: httpx2.Response) -> AttemptFailed | ModelRefused:
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        if kind == "application/json":
            start = self._endpoint.clean(response.text[:80])
            return AttemptFailed(
                f"{self._endpoint.host} sent JSON that is no chat completion: {start}", attempts=_UNUSABLE
            )
        return ModelRefused(
            f"{self._endpoint.base_url} answers with {kind or 'something unnamed'}, not with chat completions;"
            " check the base URL, which usually ends in /v1"
        )

    async def _failure(self, error: openai.APIError, *, with_tools: bool) -> AttemptFailed | ModelRefused:
        failure = self._endpoint.failure(error, with_tools=with_tools)
        if type(failure) is ModelRefused and isinstance(error, openai.NotFoundError):
            return await self._unknown_model(failure)
        return failure

    async def _unknown_model(self, failure: ModelRefused) -> ModelRefused:
        endpoint = self._endpoint
        try:
            offered = [model.id async for model in self._client.with_options(timeout=_LIST_SECONDS).models.list()]
        except (openai.OpenAIError, ValueError):
            return failure
        if endpoint.model in offered:
            return failure
        names = endpoint.clean(", ".join(sorted(offered)[:20])) or "none"
        return ModelRefused(f"{endpoint.host} has no model {endpoint.model!r}; it offers: {names}")


def _tool_choice(choice: str) -> Any:
    return choice if choice in ("required", "none") else {"type": "function", "function": {"name": choice}}


def _limit_field(config: OpenAIConfig) -> str:
    if config.max_tokens_field != "auto":
        return config.max_tokens_field
    return "max_completion_tokens" if config.base_url in (None, OFFICIAL_SERVER) else "max_tokens"
