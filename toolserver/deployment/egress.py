"""How a node is told of the way out of its sandbox."""

from msgspec import json

from toolserver.egress.gateway import SOCKET_NAME
from toolserver.egress.profiles import Egress, NoEgress
from toolserver.protocol import NodeEgress


def egress_arguments(egress: Egress, sockets: str) -> list[str]:
    """Return the arguments of a node's command.

    Args:
        egress: what the sandbox may reach.
        sockets: the folder of its sockets, as seen inside.
    """
    if isinstance(egress, NoEgress):
        return []
    told = NodeEgress(socket=f"{sockets}/{SOCKET_NAME}", index_url=egress.index_url)
    return ["--egress", json.encode(told).decode()]
