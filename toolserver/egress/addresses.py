"""Which addresses may be reached: those of the public internet, whatever way they are written."""

import ipaddress
import re
import socket
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = ipaddress.ip_network("2000::/3")
_DOCUMENTATION: Final = ipaddress.ip_network("3fff::/20")
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")


class BadHost(ValueError):
    """A host is neither a name nor an address in its usual form; the message says why."""


def literal(host: str) -> Address | None:
    """Return the address that a host in its clean form stands for; None when it is a name.

    Raises:
        BadHost: it is an address in an unusual spelling (decimal, octal, hexadecimal, shortened), or no host at all.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadHost(f"{host[:80]!r} is no host name")
    if _NUMBER.fullmatch(labels[-1]):
        raise BadHost(f"{host!r} is an address in an unusual spelling; write it as four decimal numbers")
    return None


def objection(address: Address, *, private: bool) -> str | None:
    """Return why an address must not be reached, in a few words; None when it may.

    Args:
        address: the address that would be connected to.
        private: whether the user allowed addresses of the own network and machine for this host.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id:
        return "it is bound to a network interface"
    for inner in (address, *_embedded(address)):
        if inner.is_multicast or inner.is_unspecified or inner.is_link_local:
            return "it is no address of a single host (link-local, metadata, multicast or unspecified)"
        if not private and not _is_public(inner):
            return "it is not an address of the public internet"
    if not private and is_own(address):
        return "it is this machine's own address"
    return None


def is_own(address: Address) -> bool:
    """Return whether an address is one of this machine, which the kernel tells by the way it would take."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(address), 9))  # sends nothing
        except OSError:
            return False  # there is no way to it
        return ipaddress.ip_address(probe.getsockname()[0]) == address


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_reserved
    if address.ipv4_mapped is not None or address in _NAT64:
        return True  # what they hold is looked at by itself
    return address in _GLOBAL_UNICAST and address.is_global and address not in _DOCUMENTATION


def _embedded(address: Address) -> tuple[ipaddress.IPv4Address, ...]:
    """Return the addresses that are reached by way of an address: mapped, translated or tunnelled."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(found for found in inner if found is not None)
