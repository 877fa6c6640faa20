"""Secrets that tools use by name: their values stay on our side of the border and go only to the hosts they are for.

A caller writes ``{secret:NAME}`` where the value shall stand. Whoever speaks to the outside world for a sandbox (the
egress proxy, or the client of an MCP server) puts the value in, and only for a host and a tool that the secret is
bound to. Values come from an environment variable or a file when they are needed and are never stored.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from toolserver.errors import SecretUnavailable
from toolserver.forms import Form

REFERENCE: Final = re.compile(r"\{secret:([A-Za-z][A-Za-z0-9_-]{0,63})\}")
"""How a secret is named where its value shall stand."""

SHORTEST: Final = 8
"""Shorter values cannot be kept out of records without hiding ordinary words."""

LONGEST_FILE: Final = 64 * 1024


def clean_host(host: str) -> str:
    """Return a host name or pattern in the one form in which such are compared: lower case, no dot at its end.

    Raises:
        ValueError: it is neither a name, nor ``*.`` and a name, nor an address.
    """
    name = host.strip().lower().removesuffix(".")
    bare = name.removeprefix("*.")
    if not name.isascii() or not re.fullmatch(r"[a-z0-9_.-]+|[0-9a-f:.]*:[0-9a-f:.]*", bare) or ".." in bare:
        raise ValueError(f"{host!r} is no host; write a name like api.example.org, or *.example.org for all below it")
    return name


def host_matches(host: str, pattern: str) -> bool:
    """Return whether a host in its clean form is one that a clean pattern means."""
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
HostPattern = Annotated[str, AfterValidator(clean_host)]


class Secret(Form):
    """Where a secret's value is found, and what it is for.

    Attributes:
        env: the environment variable that holds the value.
        file: the file that holds it, without the line end that editors add.
        hosts: where it may be sent: names, or ``*.`` and a name for all hosts below it.
        tools: which tools may use it; ``http`` means requests out of a sandbox, those that send something
            among them.
    """

    env: str | None = Field(default=None, min_length=1)
    file: Path | None = None
    hosts: tuple[HostPattern, ...] = ()
    tools: tuple[str, ...] = ("http",)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError("a secret has either env or file")
        return self

    def value(self, environment: Mapping[str, str] = os.environ) -> str:
        """Return the value as it is now.

        Raises:
            SecretUnavailable: there is none, or it cannot be used; the message does not hold it.
        """
        text, source = self._read(environment)
        if len(text) < SHORTEST:
            raise SecretUnavailable(f"{source} holds fewer than {SHORTEST} characters; use a longer secret")
        if not text.isascii() or not text.isprintable():
            raise SecretUnavailable(f"{source} holds characters that cannot stand in a header; use printable ASCII")
        return text

    def is_for(self, host: str) -> bool:
        """Return whether it may be sent to a host."""
        return any(host_matches(clean_host(host), pattern) for pattern in self.hosts)

    def _read(self, environment: Mapping[str, str]) -> tuple[str, str]:
        if self.file is None:
            value = environment.get(self.env or "")
            if value is None:
                raise SecretUnavailable(f"the environment variable {self.env} is not set; set it and try again")
            return value, f"the environment variable {self.env}"
        try:
            with self.file.expanduser().open("rb") as file:
                return file.read(LONGEST_FILE).decode().rstrip("\r\n"), f"the file {self.file}"
        except (OSError, UnicodeDecodeError, RuntimeError) as error:
            raise SecretUnavailable(f"cannot read the secret in {self.file}: {type(error).__name__}") from error


def references(text: str) -> tuple[str, ...]:
    """Return the names of the secrets that a text refers to, in order, each once."""
    return tuple(dict.fromkeys(REFERENCE.findall(text)))


def put_in(text: str, values: Mapping[str, str]) -> str:
    """Return a text with the values of the secrets it refers to.

    Raises:
        KeyError: one that is referred to has no value here.
    """
    return REFERENCE.sub(lambda found: values[found[1]], text)


def secrets_for(secrets: Mapping[str, Secret], tool: str) -> dict[str, Secret]:
    """Return the secrets that a tool may use."""
    return {name: secret for name, secret in secrets.items() if tool in secret.tools}


def values_to_hide(secrets: Iterable[Secret], environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return every value that can be found now, for whoever keeps secrets out of records."""
    found = []
    for secret in secrets:
        try:
            found.append(secret.value(environment))
        except SecretUnavailable:
            continue  # what cannot be used cannot get anywhere; its user is told when it is used
    return found
