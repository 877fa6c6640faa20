"""Who may write to a run: a lease with a fence number that grows each time the run changes hands.

The database's own clock decides when a lease has expired, so that machines need not agree on the time. A lease held by
a process of this machine that has died is free at once.
"""

import os
import secrets
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Double, Row, cast, extract, func, null, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.domain.errors import LeaseLost, RunBusy, UnknownRun
from agent.ledger.tables import runs

LEASE_SECONDS = 15.0
"""How long a lease is valid without a heartbeat."""

_PARTS = 6
"""Number of parts of a process's name."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to a run until it expires.

    Attributes:
        fence: must accompany each append.
        active_seconds: how long the run had been worked on before.
    """

    run_id: str
    owner: str
    fence: int
    active_seconds: float = 0.0


def process_identity() -> str:
    """Return a name for this process that no other process has, on any machine, even when its number is used again.

    Its parts are the machine, its boot, the process, when that started, the namespace that its number is of, and a
    random number.
    """
    pid = os.getpid()
    return f"{socket.gethostname()}/{_boot()}/{pid}/{_started(pid)}/{_namespace()}/{secrets.token_hex(4)}"


def is_dead(owner: str) -> bool:
    """Return whether an owner is known to be dead: a process of this machine that no longer runs.

    Of a process in another namespace, such as a container of the same name, nothing is known until its lease expires.
    """
    parts = owner.split("/")
    if len(parts) != _PARTS or parts[0] != socket.gethostname() or not parts[2].isdigit():
        return False
    if parts[1] != _boot():
        return True
    return parts[4] == _namespace() and _started(int(parts[2])) != parts[3]


class Leases:
    """Takes, renews and gives back the leases of runs."""

    def __init__(self, transaction: Callable[[], AbstractAsyncContextManager[AsyncConnection]], dialect: str) -> None:
        self._transaction = transaction
        self._now = _database_time(dialect)

    async def claim(self, run_id: str, owner: str, *, seconds: float = LEASE_SECONDS) -> Lease:
        """Take the lease of a run that nobody holds.

        Raises:
            RunBusy: a live process holds it.
            UnknownRun: there is no such run.
        """
        async with self._transaction() as connection:
            free = or_(runs.c.lease_owner.is_(None), runs.c.lease_expires_at < self._now)
            claimed = await self._taken(connection, run_id, owner, seconds, free)
            holder = ""
            if claimed is None:
                row = (await connection.execute(select(runs.c.lease_owner).where(runs.c.id == run_id))).first()
                if row is None:
                    raise UnknownRun(f"there is no run {run_id}; plumbline runs lists them")
                holder = row.lease_owner or ""
                if is_dead(holder):
                    same = runs.c.lease_owner == holder
                    claimed = await self._taken(connection, run_id, owner, seconds, same)
        if claimed is None:
            parts = holder.split("/")
            where = f"process {parts[2]} on {parts[0]}" if len(parts) == _PARTS else "another process"
            raise RunBusy(f"run {run_id} is being worked on by {where}; follow it with: plumbline show {run_id}")
        return Lease(run_id, owner, claimed.fence, claimed.active_seconds)

    async def _taken(
        self, connection: AsyncConnection, run_id: str, owner: str, seconds: float, free: ColumnElement[bool]
    ) -> "Row[Any] | None":
        claimed = await connection.execute(
            update(runs)
            .where(runs.c.id == run_id, free)
            .values(lease_owner=owner, fence=runs.c.fence + 1, lease_expires_at=self._now + seconds)
            .returning(runs.c.fence, runs.c.active_seconds)
        )
        return claimed.first()

    async def renew(self, lease: Lease, *, active_seconds: float, seconds: float = LEASE_SECONDS) -> None:
        """Prolong a lease and note how long the run has been active.

        Raises:
            LeaseLost: somebody else has taken it.
        """
        async with self._transaction() as connection:
            renewed = await connection.execute(
                update(runs)
                .where(runs.c.id == lease.run_id, runs.c.fence == lease.fence, runs.c.lease_owner == lease.owner)
                .values(lease_expires_at=self._now + seconds, active_seconds=active_seconds)
            )
        if renewed.rowcount == 0:
            raise LeaseLost(f"run {lease.run_id} was taken over by another process; this one stops writing to it")

    async def release(self, lease: Lease, *, active_seconds: float) -> None:
        """Give a lease back, if it is still ours."""
        async with self._transaction() as connection:
            await connection.execute(
                update(runs)
                .where(runs.c.id == lease.run_id, runs.c.fence == lease.fence, runs.c.lease_owner == lease.owner)
                .values(lease_owner=null(), lease_expires_at=0, active_seconds=active_seconds)
            )


def _database_time(dialect: str) -> ColumnElement[float]:
    """Return the expression for the database's time in seconds since 1970."""
    if dialect == "sqlite":
        return cast((func.julianday("now") - 2440587.5) * 86400.0, Double)
    return cast(extract("epoch", func.clock_timestamp()), Double)


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def _namespace() -> str:
    """Return which process numbers ours is one of, where the system tells."""
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return "unknown"


def _started(pid: int) -> str:
    """Return when a process started, in clock ticks since boot; empty when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return _started_elsewhere(pid)
    state_onwards = stat.rsplit(")", 1)[1].split()
    return "" if state_onwards[0] == "Z" else state_onwards[19]


def _started_elsewhere(pid: int) -> str:
    """Answer for systems without /proc, where only the existence of a process can be told."""
    if Path("/proc/self").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"
