"""Attack 19: what may be reached is decided by the address that is connected to, however it is written or named."""

import socket

import pytest
from pydantic import TypeAdapter, ValidationError

from toolserver.egress.policy import Policy, Refused
from toolserver.egress.profiles import (
    AllowListEgress,
    Egress,
    HostRule,
    OpenEgress,
    PackagesEgress,
    default_index,
    reach,
)

PUBLIC = "93.184.215.14"


def policy(*hosts: str | HostRule, profile: str = "allow-list") -> Policy:
    rules = tuple(HostRule(host=host) if isinstance(host, str) else host for host in hosts)
    return Policy.of(OpenEgress(hosts=rules) if profile == "open" else AllowListEgress(hosts=rules), {})


async def addresses(wanted: Policy, host: str, port: int = 443, names: dict[str, list[str]] | None = None) -> list[str]:
    async def resolve(name: str, _port: int) -> list[str]:
        return (names or {}).get(name, [PUBLIC])

    return await wanted.addresses(host, port, resolve)


async def test_a_host_of_the_list_is_allowed_and_its_address_is_fixed() -> None:
    assert await addresses(policy("api.example.org"), "API.Example.org.") == [PUBLIC]


@pytest.mark.parametrize("host", ["example.org", "api.example.org.evil.com", "xapi.example.org", PUBLIC, "localhost"])
async def test_19_any_other_host_is_refused_with_the_list(host: str) -> None:
    with pytest.raises(Refused, match=r"only these hosts are: api\.example\.org"):
        await addresses(policy("api.example.org"), host)


async def test_a_pattern_allows_what_is_below_it_and_not_itself() -> None:
    wanted = policy("*.example.org")

    assert await addresses(wanted, "a.b.example.org") == [PUBLIC]
    for host in ("example.org", "badexample.org"):
        with pytest.raises(Refused):
            await addresses(wanted, host)


async def test_other_ports_are_refused() -> None:
    with pytest.raises(Refused, match=r"port 22 of api\.example\.org is not allowed; allowed: 80, 443"):
        await addresses(policy("api.example.org"), "api.example.org", 22)
    with pytest.raises(Refused, match="port 25"):
        await addresses(policy(profile="open"), "mail.example.org", 25)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254"),
        *("0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.7", "240.0.0.1"),  # noqa: S104
        *("::1", "::", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "ff02::1", "2001:db8::1", "3fff::1"),
        *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::7f00:1", "fec0::1", "100::1"),
        *("2002:7f00:1::", "2002:a00:1::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1"),
        "2001:0:7f00:1::f5ff:fffe",
    ],
)
async def test_19_no_address_but_of_the_public_internet_is_reached(address: str) -> None:
    """Neither by itself, nor as what a name stands for, nor beside a public one (rebinding)."""
    anything = policy(profile="open")

    with pytest.raises(Refused):
        await addresses(anything, address)
    for answer in ([address], [PUBLIC, address]):
        with pytest.raises(Refused, match=r"trap\.example\.org at"):
            await addresses(anything, "trap.example.org", names={"trap.example.org": answer})


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "017700000001", "127.1", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "1.2.3.4.5", "0x"],
)
async def test_19_unusual_spellings_of_addresses_are_refused(host: str) -> None:
    with pytest.raises(Refused):
        await addresses(policy(profile="open"), host, names={host: [PUBLIC]})


@pytest.mark.parametrize("host", ["", "a b", "a\nb", "exämple.org", "a..b", "-a.org", "a/b", "x" * 300, "[::1]", "a@b"])
async def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(Refused):
        await addresses(policy(profile="open"), host)


async def test_public_addresses_are_reached_where_everything_is_open() -> None:
    for address in (PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"):
        assert await addresses(policy(profile="open"), address) == [address]


async def test_a_private_host_is_reached_only_by_the_users_word() -> None:
    wanted = policy(HostRule(host="pypi.corp.example", private=True), "other.example.org")
    names = {"pypi.corp.example": ["10.1.2.3"], "other.example.org": ["10.1.2.3"], "meta.example": ["169.254.169.254"]}

    assert await addresses(wanted, "pypi.corp.example", names=names) == ["10.1.2.3"]
    with pytest.raises(Refused):
        await addresses(wanted, "other.example.org", names=names)
    with pytest.raises(Refused, match="metadata"):
        await addresses(policy(HostRule(host="meta.example", private=True)), "meta.example", names=names)


async def test_a_name_without_addresses_is_a_failure_and_no_refusal() -> None:
    async def nothing(_name: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(OSError, match="not known"):
        await policy("a.example.org").addresses("a.example.org", 443, nothing)


async def test_the_index_of_the_user_is_reached() -> None:
    wanted = Policy.of(PackagesEgress(hosts=(), index_url="https://pypi.example.org:8443/simple"), {})

    assert await addresses(wanted, "pypi.example.org", 8443) == [PUBLIC]
    with pytest.raises(Refused):
        await addresses(wanted, default_index()[0].host)


@pytest.mark.parametrize(
    "settings",
    [
        {"profile": "everything"},
        {"profile": "allow-list"},
        {"profile": "allow-list", "hosts": []},
        {"profile": "allow-list", "hosts": ["https://example.org"]},
        {"profile": "allow-list", "hosts": ["a.*.org"]},
        {"profile": "allow-list", "hosts": [{"host": "a.org", "ports": [0]}]},
        {"profile": "packages", "index_url": "https://user:word@pypi.example.org/simple"},
        {"profile": "packages", "index_url": "--extra-index-url"},
        {"profile": "none", "hosts": ["a.org"]},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter[object](Egress).validate_python(settings)


def test_a_profile_says_what_it_lets_reach() -> None:
    index, files = (rule.host for rule in default_index())
    assert f"only {index}, {files} can" in reach(PackagesEgress())
    assert "home.example (private)" in reach(OpenEgress(hosts=(HostRule(host="home.example", private=True),)))
