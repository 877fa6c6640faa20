"""What a server was told about who may use it, and what it refuses to be started with."""

import ipaddress
from dataclasses import dataclass

from agent.domain.errors import UsageError
from agent.runtime.web_settings import WebSettings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAMED_LOOPBACK = ("localhost",)


@dataclass(frozen=True)
class Rules:
    """What holds while a server runs.

    Attributes:
        authenticate: whether anybody has to sign in.
        hosts: names of this server besides those of the loopback interface.
        proxies: networks whose proxies name users.
        user_header: the header in which they do.
        session_seconds: how long a browser stays signed in.
        everyone_reads: whether users may see the runs of all.
        runs_at_once: runs of one user that are under way.
    """

    authenticate: bool = True
    hosts: tuple[str, ...] = ()
    proxies: tuple[Network, ...] = ()
    user_header: str | None = None
    session_seconds: float = 7 * 86_400.0
    everyone_reads: bool = False
    runs_at_once: int = 64


def is_loopback(host: str) -> bool:
    """Return whether an address to listen on is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in _NAMED_LOOPBACK


def rules_for(host: str, settings: WebSettings, *, authenticate: bool = True) -> Rules:
    """Return the rules of a server that listens on a host.

    Raises:
        UsageError: others could reach it without signing in, or by names that nobody vouches for.
    """
    names = tuple(name.lower() for name in settings.trusted_hosts)
    if not is_loopback(host):
        if not authenticate:
            raise UsageError("--no-auth is for loopback addresses; leave it out, or listen on 127.0.0.1")
        if _is_wildcard(host) and not names:
            raise UsageError(f"{host} is reached by many names; give those that are right with --trusted-host NAME")
        names = (*names, f"[{host}]" if ":" in host else host.lower())
    return Rules(
        authenticate=authenticate,
        hosts=names,
        proxies=tuple(ipaddress.ip_network(proxy) for proxy in settings.proxies),
        user_header=settings.user_header,
        session_seconds=settings.session_hours * 3_600,
        everyone_reads=settings.everyone_reads,
        runs_at_once=settings.runs_per_user,
    )


def _is_wildcard(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return not host
