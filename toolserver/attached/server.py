"""One attached server: started when it is needed, judged before it is offered, restarted after it hung."""

import asyncio
import contextlib
import re
import secrets as randomness
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import mcp_types as types
from mcp import MCPError
from pydantic import ValidationError

from toolserver.attached.config import HttpServer, ServerConfig, StdioServer
from toolserver.attached.connection import ServerConnection
from toolserver.attached.progress import heard_progress
from toolserver.attached.results import hidden, hidden_text, outcome_of, without_values
from toolserver.attached.schemas import cleaned_text, problems
from toolserver.attached.transport import http_streams, program_streams
from toolserver.attached.trust import TrustFile
from toolserver.attached.vetting import SEPARATOR, Vetted, VettedTool, vetted
from toolserver.connection import Watch
from toolserver.deployment.config import SandboxConfig
from toolserver.errors import SandboxLost, SecretUnavailable, ToolServerError
from toolserver.protocol import ToolOutcome
from toolserver.sandbox import Sandbox
from toolserver.secrets import Secret, host_matches, put_in, references, secrets_for

OpenSandbox = Callable[[SandboxConfig, str], Awaitable[Sandbox]]
"""Opens a sandbox for a server: its configuration and an id."""


ERRORS_SECONDS: Final = 0.3
"""How long after a failure the last words of a program are waited for."""


class ServerFailed(ToolServerError):
    """An attached server cannot be used now; the message says why."""


class AttachedServer:
    """A server by its configuration.

    Args:
        name: of the server, before the names of its tools.
        config: how it is reached and what it may do.
        shared: the run's sandbox.
        open_sandbox: opens a sandbox of its own.
        secrets: those of the user; of them it gets what is bound to the tool ``mcp:NAME``, over HTTP to its host.
        trust: what the user accepted.
    """

    def __init__(
        self,
        name: str,
        config: ServerConfig,
        shared: Sandbox | None,
        open_sandbox: OpenSandbox,
        secrets: Mapping[str, Secret],
        trust: TrustFile,
    ) -> None:
        self.name = name
        self._config = config
        self._shared = shared
        self._open_sandbox = open_sandbox
        self._secrets = secrets_for(secrets, f"mcp:{name}")
        self._trust = trust
        self._own: Sandbox | None = None
        self._connection: ServerConnection | None = None
        self._vetted: Vetted | None = None
        self._values: dict[str, str] = {}
        self._said_by: tuple[Sandbox, str] | None = None
        self._starting = asyncio.Lock()

    async def look(self) -> Vetted:
        """Start the server where it does not run, and return what it lists, accepted or not.

        Raises:
            ServerFailed: it cannot be started, or does not answer in time.
        """
        async with self._starting:
            if self._connection is None or self._connection.closed or self._vetted is None:
                await self._stop()
                try:
                    await self._prepare()
                    async with asyncio.timeout(self._config.start_seconds):
                        self._connection, self._vetted = await self._start()
                except BaseException as error:
                    said = "" if isinstance(error, asyncio.CancelledError) else await self._said()
                    await self._stop()
                    if isinstance(error, SandboxLost):
                        await self._discard_own()
                    if isinstance(error, asyncio.CancelledError):
                        raise
                    raise ServerFailed(f"{self.name}: {_reason(error, self._values)}{said}") from error
            return self._vetted

    async def offered(self) -> tuple[VettedTool, ...]:
        """Return the tools that a person accepted.

        Raises:
            ServerFailed: the server cannot be used, or was not accepted as it is.
        """
        found = await self.look()
        if not await asyncio.to_thread(self._trust.accepted, self.name, found.digest):
            changed = await asyncio.to_thread(self._trust.known, self.name)
            raise ServerFailed(
                f"{self.name}: its tools {'have changed' if changed else 'were never accepted'}; look at them with: "
                f"plumbline tools trust {self.name}"
            )
        return found.tools

    async def call(
        self, offered: str, arguments: Mapping[str, Any], seconds: float | None, watch: Watch | None = None
    ) -> ToolOutcome:
        """Call a tool by the name under which it is offered. Whatever goes wrong is an outcome.

        ``watch`` is told what the server tells of its progress, cleaned and not too often.
        """
        return without_values(await self._answered(offered, arguments, seconds, watch), self._values)

    async def close(self) -> None:
        """End the server, with the sandbox of its own."""
        async with self._starting:
            await self._stop()
            await self._discard_own()

    async def _answered(
        self, offered: str, arguments: Mapping[str, Any], seconds: float | None, watch: Watch | None
    ) -> ToolOutcome:
        try:
            tools = {tool.offered.name: tool for tool in await self.offered()}
        except ToolServerError as error:
            return ToolOutcome(ok=False, error="server_unavailable", text=str(error))
        tool = tools.get(offered)
        if tool is None:
            return ToolOutcome(ok=False, error="unknown_tool", text=f"there is no tool {offered[:80]!r}")
        against = problems(tool.offered.parameters, dict(arguments))
        if against:
            return ToolOutcome(ok=False, error="invalid_arguments", text=f"{offered}: {against}")
        return await self._called(tool, arguments, seconds, watch)

    async def _called(
        self, tool: VettedTool, arguments: Mapping[str, Any], seconds: float | None, watch: Watch | None
    ) -> ToolOutcome:
        connection, offered = self._connection, tool.offered.name
        if connection is None:
            return ToolOutcome(ok=False, error="server_unavailable", text=f"{offered}: the server was ended")
        limit = min(self._config.seconds, seconds or self._config.seconds)
        try:
            async with asyncio.timeout(limit):
                heard = None if watch is None else heard_progress(watch, self._values)
                result = await connection.call(tool.name, arguments, heard)
        except TimeoutError:
            await self._end(connection)
            text = f"{offered}: no answer within {limit:g} s; the server was ended and will be started again"
            return ToolOutcome(ok=False, error="timeout", text=text)
        except MCPError as error:
            if error.error.code == types.CONNECTION_CLOSED:
                await self._end(connection)
                return self._ended(offered)
            return ToolOutcome(
                ok=False, error="tool_failed", text=f"{offered}: {hidden_text(str(error), 1000, self._values)}"
            )
        except (ValidationError, ValueError, RuntimeError) as error:
            await self._end(connection)
            text = f"{offered}: the server's answer is no result: {_reason(error, self._values)}"
            return ToolOutcome(ok=False, error="invalid_result", text=text)
        except (OSError, httpx2.HTTPError, ToolServerError):
            await self._end(connection)
            return self._ended(offered)
        return await asyncio.to_thread(outcome_of, offered, result, tool.output, self._values)

    def _ended(self, offered: str) -> ToolOutcome:
        text = f"{offered}: the server ended the connection or sent more than it may; it will be started again"
        return ToolOutcome(ok=False, error="server_ended", text=text)

    async def _start(self) -> tuple[ServerConnection, Vetted]:
        connection = ServerConnection(await self._transport())
        self._connection = connection
        listed = await connection.list()
        if self._values:
            shown = [
                hidden(tool.model_dump(mode="json", by_alias=True, exclude_unset=True), self._values) for tool in listed
            ]
            listed = [types.Tool.model_validate(tool) for tool in shown]
        return connection, await asyncio.to_thread(vetted, self.name, self._config, listed)

    async def _transport(self) -> AbstractAsyncContextManager[Any]:
        config = self._config
        if isinstance(config, HttpServer):
            return http_streams(config, self._filled(config.headers, urlsplit(config.url).hostname))
        sandbox = await self._sandbox(config)
        env = self._filled(config.env, None)
        self._said_by = None

        def started(output: str) -> None:
            self._said_by = (sandbox, output)

        return program_streams(sandbox, (config.command, *config.args), env, started)

    async def _said(self) -> str:
        """Return the end of what a program that failed wrote to its standard error."""
        if self._said_by is None:
            return ""
        sandbox, output = self._said_by
        await asyncio.sleep(ERRORS_SECONDS)
        with contextlib.suppress(ToolServerError):
            arguments = {"id": output, "stream": "stderr", "lines": 2000}
            outcome = await sandbox.call(randomness.token_hex(16), "read_output", arguments)
            if outcome.ok:
                unnumbered = _LINE_NUMBER.sub("", outcome.text)
                text = cleaned_text(unnumbered, 1_000_000).strip().split("\n", 1)[-1]
                hidden = without_values(ToolOutcome(text=" ".join(text.split())), self._values).text
                return f"; it said: {hidden[-300:]}"
        return ""

    async def _sandbox(self, config: StdioServer) -> Sandbox:
        if config.where == "shared":
            if self._shared is None:
                raise ServerFailed("it belongs into the run's sandbox, and there is none")
            if any(references(value) for value in config.env.values()):
                raise ServerFailed("a server in the run's sandbox gets no secrets; let it have one of its own")
            return self._shared
        if self._own is None:
            self._own = await self._open_sandbox(config.sandbox, self._new_id())
        return self._own

    async def _prepare(self) -> None:
        """Open a sandbox with the packages that the server needs, unless there is one.

        What is installed may run programs of strangers, so it happens where only the package index can be reached; only
        then is the sandbox opened as the server is to have it, and given secrets.
        """
        config = self._config
        if not isinstance(config, StdioServer) or not config.packages or self._own is not None:
            return
        name = self._new_id()
        sandbox = await self._open_sandbox(config.sandbox.model_copy(update={"egress": config.index}), name)
        try:
            arguments = {"packages": list(config.packages), "seconds": config.install_seconds}
            done = await sandbox.call(randomness.token_hex(16), "install_packages", arguments)
            if not done.ok:
                raise ServerFailed(f"its packages cannot be installed: {done.text}")
            await sandbox.close(keep_workspace=True)
            self._own = await self._open_sandbox(config.sandbox, name)
        except BaseException:
            # the id is known to nobody else: what is left under it would never be found again
            await asyncio.shield(sandbox.close())
            raise

    def _new_id(self) -> str:
        return f"mcp-{self.name}-{randomness.token_hex(6)}"

    def _filled(self, texts: Mapping[str, str], host: str | None) -> dict[str, str]:
        """Put in the values of the secrets that this server may have."""
        values: dict[str, str] = {}
        for secret in dict.fromkeys(name for text in texts.values() for name in references(text)):
            found = self._secrets.get(secret)
            if found is None:
                raise SecretUnavailable(
                    f"secret {secret} is not for it; put mcp:{self.name} into secrets.{secret}.tools"
                )
            if host is not None and not any(host_matches(host, pattern) for pattern in found.hosts):
                raise SecretUnavailable(f"secret {secret} is not for {host}; put it into secrets.{secret}.hosts")
            values[secret] = found.value()
        self._values = values
        return {key: put_in(text, values) for key, text in texts.items()}

    async def _end(self, connection: ServerConnection) -> None:
        """End a connection that failed, unless another call has done so."""
        async with self._starting:
            if self._connection is connection:
                await self._stop()

    async def _discard_own(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            await own.close()

    async def _stop(self) -> None:
        connection, self._connection, self._vetted = self._connection, None, None
        if connection is not None:
            with contextlib.suppress(ToolServerError):
                await connection.close()


_LINE_NUMBER: Final = re.compile(r"^ *\d+\t", re.MULTILINE)


def belongs_to(offered: str, name: str) -> bool:
    """Return whether a tool's offered name is one of a server's."""
    return offered.startswith(f"{name}{SEPARATOR}")


def _reason(error: BaseException, values: Mapping[str, str]) -> str:
    """Return in one line why something failed; a server's words are cut and cleaned, and secrets in them named."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, ValidationError):
        return f"{error.error_count()} fields are not as they must be"
    return hidden_text(" ".join(str(error).split()) or type(error).__name__, 300, values)
