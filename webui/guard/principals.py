"""Who asks, and what a role allows."""

from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from agent.domain.base import Fact

Role = Literal["viewer", "operator", "admin"]
"""A viewer reads; an operator also submits and steers own runs; an admin does everything, to all runs."""

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$")]
"""Name of a user; it stands in the ledger as the owner of runs."""

LOCAL: Final = "local"
"""Name of whoever started the server; no user can take it."""

_RANK: Final[dict[Role, int]] = {"viewer": 0, "operator": 1, "admin": 2}


class Principal(Fact):
    """Somebody who was recognised.

    Attributes:
        name: of the user, or ``LOCAL``.
        role: what it allows.
        via: what it was recognised by; ``loopback`` where the server asks for nothing.
    """

    name: str
    role: Role
    via: Literal["session", "token", "proxy", "loopback"]

    def has(self, role: Role) -> bool:
        """Return whether the principal may do what a role allows."""
        return _RANK[self.role] >= _RANK[role]
