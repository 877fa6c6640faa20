"""What a sandbox may reach. One model for each profile, told apart by ``profile``."""

from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from toolserver.forms import Form
from toolserver.secrets import HostPattern, host_matches

WEB_PORTS: Final = (80, 443)

Port = Annotated[int, Field(ge=1, le=65535)]


class HostRule(Form):
    """A host that may be reached. A plain text stands for a rule with that host.

    Attributes:
        host: a name, ``*.`` and a name for all hosts below it, or an address.
        ports: the ports that may be reached.
        private: whether it may be at an address that only this network or this machine knows, such as a company's own
            package index. Without it only addresses of the public internet are reached.
    """

    host: HostPattern
    ports: tuple[Port, ...] = WEB_PORTS
    private: bool = False


def _rule(value: Any) -> Any:
    return {"host": value} if isinstance(value, str) else value


def _index(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write the address of a package index, like https://pypi.example.org/simple")
    if parts.username or parts.password:
        raise ValueError("an index address with a password would be seen by every program; leave the password out")
    return url


Rule = Annotated[HostRule, BeforeValidator(_rule)]
IndexUrl = Annotated[str, AfterValidator(_index)]


def default_index() -> tuple[HostRule, ...]:
    """Return the hosts of the index that pip takes packages from unless it is told otherwise; none without pip."""
    try:
        # pip says it nowhere else
        from pip._internal.models.index import PyPI
    except ImportError:
        return ()
    return tuple(HostRule(host=host) for host in (PyPI.netloc, PyPI.file_storage_domain))


class EgressLimits(Form):
    """How much of the outside one sandbox may use.

    Attributes:
        connections: open at the same time.
        requests_per_second: in the long run; ``burst`` may come at once.
        burst: requests that may come at once.
        header_bytes: size of a request's or response's head.
        head_seconds: time for a request's head to arrive, and for a connection to be made.
        idle_seconds: time without a byte in either direction after which an exchange ends.
        total_seconds: time that one exchange may take.
        request_bytes: size of what one exchange may send.
        response_bytes: size of what one exchange may receive.
    """

    connections: int = Field(default=32, ge=1, le=256)
    requests_per_second: float = Field(default=20, gt=0)
    burst: int = Field(default=100, ge=1)
    header_bytes: int = Field(default=32 * 1024, ge=1024, le=1024 * 1024)
    head_seconds: float = Field(default=15, gt=0)
    idle_seconds: float = Field(default=60, gt=0)
    total_seconds: float = Field(default=1800, gt=0)
    request_bytes: int = Field(default=256 * 1024 * 1024, ge=0)
    response_bytes: int = Field(default=4 * 1024 * 1024 * 1024, ge=0)


class _Profile(Form):
    limits: EgressLimits = Field(default_factory=EgressLimits)


class NoEgress(Form):
    """Nothing can be reached."""

    profile: Literal["none"] = "none"


class PackagesEgress(_Profile):
    """A package index can be reached, and nothing else.

    Attributes:
        hosts: where packages come from; by default the index that pip uses.
        index_url: the index, if it is not PyPI; its host need not be in ``hosts`` unless it is private.
    """

    profile: Literal["packages"] = "packages"
    hosts: tuple[Rule, ...] = Field(default_factory=default_index)
    index_url: IndexUrl | None = None


class AllowListEgress(_Profile):
    """The hosts of a list can be reached, and nothing else.

    Attributes:
        hosts: the list.
        index_url: a package index, if it is not PyPI; its host need not be in ``hosts`` unless it is private.
    """

    profile: Literal["allow-list"] = "allow-list"
    hosts: tuple[Rule, ...] = Field(min_length=1)
    index_url: IndexUrl | None = None


class OpenEgress(_Profile):
    """Every host of the public internet can be reached.

    Attributes:
        ports: the ports that may be reached.
        hosts: hosts beside these, private ones or at other ports.
        index_url: a package index, if it is not PyPI.
    """

    profile: Literal["open"] = "open"
    ports: tuple[Port, ...] = WEB_PORTS
    hosts: tuple[Rule, ...] = ()
    index_url: IndexUrl | None = None


Reaching = PackagesEgress | AllowListEgress | OpenEgress
"""A profile with which something can be reached."""

Egress = Annotated[NoEgress | PackagesEgress | AllowListEgress | OpenEgress, Field(discriminator="profile")]
"""Any of the profiles."""


def rules_of(egress: Reaching) -> tuple[HostRule, ...]:
    """Return the rules of a profile, with one for the host of its package index."""
    if egress.index_url is None:
        return egress.hosts
    parts = urlsplit(egress.index_url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return (*egress.hosts, HostRule(host=parts.hostname or "", ports=(port,)))


def allows(egress: Egress, host: str, port: int) -> bool:
    """Return whether a profile lets a sandbox ask for a host; its addresses are looked at when it does."""
    if isinstance(egress, NoEgress):
        return False
    listed = any(port in rule.ports and host_matches(host.lower(), rule.host) for rule in rules_of(egress))
    return listed or (isinstance(egress, OpenEgress) and port in egress.ports)


def reach(egress: Egress) -> str:
    """Return in one sentence what a profile lets a sandbox reach."""
    if isinstance(egress, NoEgress):
        return "Nothing outside can be reached."
    names = ", ".join(dict.fromkeys(f"{rule.host}{' (private)' if rule.private else ''}" for rule in rules_of(egress)))
    if isinstance(egress, OpenEgress):
        beside = f" and {names}" if names else ""
        return f"Through a proxy, hosts of the public internet{beside} can be reached, but not this machine's network."
    return f"Through a proxy, only {names} can be reached."
