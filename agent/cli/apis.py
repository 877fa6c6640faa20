"""Tools of an HTTP API as a user adds them: the operations of an OpenAPI document, with the secrets they need."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.domain.errors import UsageError
from agent.runtime.settings import Settings, config_file, home_folder
from toolserver.client import ApiTool, compiled_api

API_SUFFIXES: Final = (".json", ".yaml", ".yml")


@dataclass(frozen=True)
class LookedAtApi:
    """What became of a document: its tools, and what a person should know of them."""

    prefix: str
    tools: tuple[ApiTool, ...]
    notes: tuple[str, ...]


def looked_at_api(
    settings: Settings,
    file: Path,
    prefix: str | None,
    only: Sequence[str],
    secrets: Sequence[str],
    *,
    server: str | None,
    seconds: float,
) -> LookedAtApi:
    """Return the tools of a document.

    Args:
        settings: hold the secrets and what the sandbox may reach.
        file: the document.
        prefix: before the tools' names; None for one made of the title.
        only: operations to take; all where none is named.
        secrets: ``SCHEME=NAME`` for each security scheme that has a secret.
        server: address of the API; None for the document's.
        seconds: time limit of a call.

    Raises:
        UsageError: a secret is not there or not for the API, or the prefix is taken.
        ToolServerError: the document cannot be used.
    """
    named = dict(_pair(text) for text in secrets)
    for name in named.values():
        _require_known(settings, name)
    found = compiled_api(file, prefix=prefix, only=only, secrets=named, server=server, seconds=seconds)
    if found.prefix in settings.mcp_servers:
        raise UsageError(f"{found.prefix} is a server in mcp_servers; give another --prefix")
    for tool in found.tools:
        for name in sorted(tool.secrets()):
            _require_secret(settings, name, tool)
    notes = [f"not offered: {line}" for line in found.refused]
    away = sorted({tool.origin() for tool in found.tools if not tool.reachable(settings.sandbox.egress)})
    notes += [
        f"the sandbox may not reach {origin}, so models are not offered these tools: put the host into sandbox.egress "
        f"of {config_file(home_folder())}"
        for origin in away
    ]
    return LookedAtApi(found.prefix, found.tools, tuple(notes))


def _pair(text: str) -> tuple[str, str]:
    scheme, equals, name = text.partition("=")
    if not scheme or not equals or not name:
        raise UsageError(f"--secret is SCHEME=NAME, not {text!r}")
    return scheme, name


def _require_known(settings: Settings, name: str) -> None:
    if name not in settings.secrets:
        there = f" (there is {', '.join(sorted(settings.secrets))})" if settings.secrets else ""
        raise UsageError(f"there is no secret {name!r} in the settings{there}; add [secrets.{name}] to them")


def _require_secret(settings: Settings, name: str, tool: ApiTool) -> None:
    secret = settings.secrets[name]
    if "http" not in secret.tools:
        raise UsageError(f"the secret {name} is not for requests; put http into secrets.{name}.tools")
    if not secret.is_for(tool.host):
        raise UsageError(f"the secret {name} may not be sent to {tool.host}; put it into secrets.{name}.hosts")
