"""Vectors of texts from any server that speaks OpenAI's ``/embeddings``."""

import hashlib
import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import aiohttp
import httpx2
import openai
from pydantic import ValidationError

from agent.models.config import OFFICIAL_SERVER, EmbeddingConfig, RetryPolicy
from agent.models.failures import Endpoint
from agent.models.registry import base_url_of
from agent.models.requests import require_model_requests
from agent.models.retry import AttemptFailed, with_retries
from agent.models.wire import WireEmbeddings

BATCH = 128
"""Texts of one request."""

_REMEMBERED = 20_000
_PATIENCE = RetryPolicy(deadline_seconds=20, attempts=3)


class OpenAIEmbedder:
    """Embeds texts, each of them once while it is remembered. A wanting server is given up after seconds."""

    def __init__(self, config: EmbeddingConfig, environment: Mapping[str, str] = os.environ) -> None:
        key = environment.get(config.api_key_env) if config.api_key_env else None
        base_url = config.base_url or base_url_of(environment) or OFFICIAL_SERVER
        self._model = config.model
        self._endpoint = Endpoint(base_url, config.model, config.api_key_env, key)
        self._client = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=base_url,
            max_retries=0,
            timeout=httpx2.Timeout(config.reply_seconds, connect=min(10.0, config.reply_seconds)),
            http_client=openai.DefaultAioHttpClient(),
        )
        self._known: OrderedDict[bytes, list[float]] = OrderedDict()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text.

        Raises:
            ConfigurationError: the environment forbids requests to models.
            ModelUnavailable: no usable answer within seconds.
            ModelRefused: the server rejects the request for good.
        """
        names = [hashlib.sha256(text.encode(errors="replace")).digest() for text in texts]
        new = {name: text for name, text in zip(names, texts, strict=True) if name not in self._known}
        made: dict[bytes, list[float]] = {}
        missing = list(new.items())
        for start in range(0, len(missing), BATCH):
            part = missing[start : start + BATCH]
            vectors = await self._asked([text for _, text in part])
            made.update(zip((name for name, _ in part), vectors, strict=True))
        found = [made[name] if name in made else self._known[name] for name in names]
        self._known.update(made)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return found

    async def close(self) -> None:
        """Free the connections."""
        await self._client.close()

    async def _asked(self, texts: list[str]) -> list[list[float]]:
        require_model_requests()

        async def attempt() -> list[list[float]]:
            try:
                body = {"model": self._model, "input": texts, "encoding_format": "float"}
                response = await self._client.post("/embeddings", body=body, cast_to=httpx2.Response)
            except openai.APIError as error:
                raise self._endpoint.failure(error, with_tools=False) from error
            except (httpx2.HTTPError, aiohttp.ClientError) as error:
                raise AttemptFailed(
                    f"{self._endpoint.host} gave no proper answer: {self._endpoint.clean(error)}"
                ) from error
            try:
                data = WireEmbeddings.model_validate_json(response.content).data
            except ValidationError as error:
                raise AttemptFailed(f"{self._endpoint.host} sent something else than embeddings") from error
            if sorted(item.index for item in data) != list(range(len(texts))):
                raise AttemptFailed(f"{self._endpoint.host} sent {len(data)} vectors for {len(texts)} texts")
            return [item.embedding for item in sorted(data, key=lambda item: item.index)]

        return await with_retries(attempt, _PATIENCE, None, target=f"{self._model} at {self._endpoint.host}")
