"""A person, or a program, that answers through a folder.

For each call the folder gets ``NNNN.request.json`` (messages, tools, response_format, tool_choice) and the same for
people as ``NNNN.request.md``. The answer is ``NNNN.response.json``, best written under another name and renamed::

    {"text": "what to say", "calls": [{"name": "read_file", "arguments": {"path": "notes.txt"}}]}

Both fields may be left out, but not both. An answer that cannot be used stays where it is, ``NNNN.error.txt`` says why,
and a changed one is awaited. Numbers go on after the highest one in the folder, so a folder can serve many runs.
"""

import asyncio
import os
import re
from collections.abc import Sequence
from pathlib import Path

import orjson
from pydantic import ValidationError

from agent.domain.errors import ConfigurationError
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.person.answer import PersonAnswer, problem_of
from agent.models.person.rendering import request_text
from agent.models.port import Profile, Watcher

POLL_SECONDS = 0.3
_NUMBERED = re.compile(r"(\d{4,})\.\w+\.\w+")


class FolderPerson:
    """A ``ChatModel`` whose replies are written into a folder.

    Args:
        name: what settings, events and reports call the model.
        folder: where requests and responses are; it is made if it does not exist.
        poll_seconds: time between two looks for the response.
    """

    def __init__(self, name: str, folder: Path, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._name = name
        self._folder = folder
        self._poll_seconds = poll_seconds

    @property
    def name(self) -> str:
        """Name by which settings, events and reports call this model."""
        return self._name

    @property
    def profile(self) -> Profile:
        """What a person can do."""
        return Profile(tool_mode="native")

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Write a request and return its answer, however long that takes.

        Raises:
            ConfigurationError: the folder cannot be made, read or written.
        """
        try:
            exchange = await asyncio.to_thread(
                _Exchange.open, self._folder, messages, tools, response_format, options.tool_choice
            )
            while (answer := await asyncio.to_thread(exchange.look)) is None:  # noqa: ASYNC110 - a file sets no event
                await asyncio.sleep(self._poll_seconds)
        except OSError as error:
            raise ConfigurationError(
                f"{str(self._folder)!r} cannot hold requests to a person: {error.strerror}; "
                "name another folder: --model person:FOLDER"
            ) from error
        return answer.as_reply(self._name, messages)

    async def close(self) -> None:
        """Nothing to free."""


class _Exchange:
    """One request and its answer, as files. All methods block."""

    def __init__(
        self,
        stem: Path,
        tools: Sequence[ToolSpec],
        response_format: ResponseFormat | None,
        tool_choice: str,
    ) -> None:
        self._response = stem.with_name(f"{stem.name}.response.json")
        self._error = stem.with_name(f"{stem.name}.error.txt")
        self._tools = tools
        self._response_format = response_format
        self._tool_choice = tool_choice
        self._refused: bytes | None = None

    @classmethod
    def open(
        cls,
        folder: Path,
        messages: Transcript,
        tools: Sequence[ToolSpec],
        response_format: ResponseFormat | None,
        tool_choice: str,
    ) -> "_Exchange":
        """Write the request under the next free number."""
        folder.mkdir(parents=True, exist_ok=True)
        request = {
            "messages": list(messages),
            "tools": [tool.as_function() for tool in tools],
            "response_format": response_format.model_dump() if response_format else None,
            "tool_choice": tool_choice,
        }
        stem = _claim(folder, orjson.dumps(request, option=orjson.OPT_INDENT_2))
        readable = stem.with_name(f"{stem.name}.request.md")
        readable.write_text(request_text(messages, tools, response_format))
        return cls(stem, tools, response_format, tool_choice)

    def look(self) -> PersonAnswer | None:
        """Return the answer if there is one that can be used; say why if there is one that cannot."""
        try:
            written = self._response.read_bytes()
        except FileNotFoundError:
            return None
        if written == self._refused:
            return None
        answer, problem = self._read(written)
        if problem is not None:
            self._refused = written
            self._error.write_text(f"{problem}\n")
            return None
        self._error.unlink(missing_ok=True)
        return answer

    def _read(self, written: bytes) -> tuple[PersonAnswer | None, str | None]:
        try:
            answer = PersonAnswer.model_validate_json(written)
        except ValidationError as error:
            problems = error.errors(include_url=False)
            return None, "; ".join(f"{'.'.join(map(str, p['loc'])) or 'answer'}: {p['msg']}" for p in problems)
        return answer, problem_of(answer, self._tools, self._response_format, self._tool_choice)


def _claim(folder: Path, request: bytes) -> Path:
    """Write a request under the next free number, in one step; return its path without the endings."""
    taken = [int(match[1]) for file in folder.iterdir() if (match := _NUMBERED.fullmatch(file.name))]
    number = max(taken, default=0) + 1
    draft = folder / f".{os.getpid()}-{id(request)}.draft"
    draft.write_bytes(request)
    try:
        while True:
            stem = folder / f"{number:04}"
            try:
                # a link, unlike a rename, fails where another process took the number first
                os.link(draft, folder / f"{stem.name}.request.json")
            except FileExistsError:
                number += 1
            else:
                return stem
    finally:
        draft.unlink()
