"""What the proxy is told of a sandbox, and what it decides by it."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, Literal, Self

from pydantic import Field

from toolserver.egress.addresses import BadHost, literal, objection
from toolserver.egress.profiles import EgressLimits, HostRule, OpenEgress, Reaching, rules_of
from toolserver.forms import Form
from toolserver.secrets import HostPattern, Secret, clean_host, host_matches, references

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a name, as texts; raises ``OSError`` where there are none."""

SHOWN_HOSTS: Final = 8


class Refused(Exception):
    """A request is against the policy; the message is one line for whoever made it."""

    def __init__(self, reason: str, status: int = 403) -> None:
        super().__init__(reason)
        self.status = status


class BoundSecret(Form):
    """A secret with its value, and the hosts it may be sent to."""

    value: str
    hosts: tuple[HostPattern, ...]

    def is_for(self, host: str) -> bool:
        """Return whether it may be sent to a host."""
        return any(host_matches(host, pattern) for pattern in self.hosts)


class Policy(Form):
    """What one sandbox may reach. It holds the values of secrets and is therefore never written anywhere.

    Attributes:
        profile: name of the profile, for messages.
        rules: hosts that may be reached.
        open_ports: ports at which every public host may be reached.
        limits: how much of it.
        secrets: what may be put into headers, by name.
        secret_names: the names of all secrets there are, to tell a wrong name from one that is for other tools.
    """

    profile: Literal["packages", "allow-list", "open"]
    rules: tuple[HostRule, ...]
    open_ports: tuple[int, ...] = ()
    limits: EgressLimits
    secrets: dict[str, BoundSecret] = Field(default_factory=dict)
    secret_names: tuple[str, ...] = ()

    @classmethod
    def of(cls, egress: Reaching, secrets: Mapping[str, Secret]) -> Self:
        """Return the policy of a profile with the secrets that requests out of a sandbox may use.

        Raises:
            SecretUnavailable: the value of one of them is not there.
        """
        return cls(
            profile=egress.profile,
            rules=rules_of(egress),
            open_ports=egress.ports if isinstance(egress, OpenEgress) else (),
            limits=egress.limits,
            secrets={
                name: BoundSecret(value=secret.value(), hosts=secret.hosts)
                for name, secret in secrets.items()
                if "http" in secret.tools and secret.hosts
            },
            secret_names=tuple(secrets),
        )

    async def addresses(self, host: str, port: int, resolve: Resolve) -> list[str]:
        """Return the addresses at which a host may be reached; nothing else may be connected to for this request.

        Raises:
            Refused: the host, its port or one of its addresses is not allowed.
            OSError: the name has no address.
        """
        try:
            name = clean_host(host)
            given = literal(name)
        except (ValueError, BadHost) as error:
            raise Refused(str(error)) from error
        private = self._allows(name, port)
        found = [str(given)] if given is not None else await resolve(name, port)
        for text in found:
            reason = objection(ipaddress.ip_address(text), private=private)
            if reason is not None:
                # one bad address is enough: a name that points inside as well is a trap
                at = "" if given is not None else f" at {text}"
                raise Refused(f"{name}{at} is refused: {reason}")
        return list(found)

    def with_secrets(self, value: str, host: str, *, encrypted: bool) -> str:
        """Return a header's value with the secrets it refers to.

        Raises:
            Refused: a secret is unknown, not for this host, or would travel in the clear.
        """
        names = references(value)
        for name in names:
            secret = self.secrets.get(name)
            if secret is None and name in self.secret_names:
                raise Refused(
                    f"the secret {name} may not be used by http; the user's settings say for which tools it is"
                )
            if secret is None:
                known = ", ".join(sorted(self.secrets)) or "none"
                raise Refused(f"there is no secret {name}; the secrets are: {known}")
            if not secret.is_for(host):
                raise Refused(f"the secret {name} may not be sent to {host}; it is for {', '.join(secret.hosts)}")
            if not encrypted:
                raise Refused(f"the secret {name} is sent over https only; use an https address")
        for name in names:
            value = value.replace(f"{{secret:{name}}}", self.secrets[name].value)
        return value

    def values_for(self, host: str) -> list[str]:
        """Return the values that a host may know, and that must not come back from it."""
        return [secret.value for secret in self.secrets.values() if secret.is_for(host)]

    def _allows(self, host: str, port: int) -> bool:
        """Return whether a host may be at a private address."""
        matching = [rule for rule in self.rules if host_matches(host, rule.host)]
        fitting = [rule for rule in matching if port in rule.ports]
        if fitting:
            return any(rule.private for rule in fitting)
        if port in self.open_ports:
            return False
        if matching or self.open_ports:
            ports = sorted({*self.open_ports, *(port for rule in matching for port in rule.ports)})
            raise Refused(f"port {port} of {host} is not allowed; allowed: {', '.join(map(str, ports))}")
        names = [rule.host for rule in self.rules]
        more = ", ..." if len(names) > SHOWN_HOSTS else ""
        raise Refused(f"{host} is not allowed; only these hosts are: {', '.join(names[:SHOWN_HOSTS])}{more}")


async def resolved(host: str, port: int) -> list[str]:
    """Return the addresses that the system knows of a name, each once."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))
