"""Who may write to a run: a lease with a fence number that grows each time the run changes hands.

The database's own clock decides when a lease has expired, so that machines need not agree on the time. A lease held by
a process of this machine that has died is free at once.
"""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Double, cast, extract, func, null, or_, select, update

from agent.domain.errors import LeaseLost, LedgerUnavailable, RunBusy, UnknownRun
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
    """Takes, renews and gives back the leases of runs.

    Args:
        write: makes a change of the database and returns what it returns, once it is committed.
        dialect: of the database.
    """

    def __init__(self, write: Callable[[Callable[[Connection], Any]], Awaitable[Any]], dialect: str) -> None:
        self._write = write
        self._now = _database_time(dialect)

    async def claim(self, run_id: str, owner: str, *, seconds: float = LEASE_SECONDS) -> Lease:
        """Take the lease of a run that nobody holds.

        Raises:
            RunBusy: a live process holds it.
            UnknownRun: there is no such run.
        """
        writing = asyncio.ensure_future(self._write(lambda connection: self._claim(connection, run_id, owner, seconds)))
        try:
            claimed: Lease | str | None = await asyncio.shield(writing)
        except asyncio.CancelledError:
            # what stands in the queue is written all the same, and nobody would give the lease back
            with contextlib.suppress(LedgerUnavailable):
                if isinstance(lease := await writing, Lease):
                    await self.release(lease, active_seconds=lease.active_seconds)
            raise
        if claimed is None:
            raise UnknownRun(f"there is no run {run_id}; plumbline runs lists them")
        if isinstance(claimed, Lease):
            return claimed
        parts = claimed.split("/")
        where = f"process {parts[2]} on {parts[0]}" if len(parts) == _PARTS else "another process"
        raise RunBusy(f"run {run_id} is being worked on by {where}; follow it with: plumbline show {run_id}")

    def _claim(self, connection: Connection, run_id: str, owner: str, seconds: float) -> Lease | str | None:
        """Return the lease, the name of the live process that holds it, or None where there is no such run."""
        free = or_(runs.c.lease_owner.is_(None), runs.c.lease_expires_at < self._now)
        claimed = self._taken(connection, run_id, owner, seconds, free)
        if claimed is not None:
            return claimed
        row = connection.execute(select(runs.c.lease_owner).where(runs.c.id == run_id)).first()
        if row is None:
            return None
        holder = row.lease_owner or ""
        dead = (
            self._taken(connection, run_id, owner, seconds, runs.c.lease_owner == holder) if is_dead(holder) else None
        )
        return dead or holder

    def _taken(
        self, connection: Connection, run_id: str, owner: str, seconds: float, free: ColumnElement[bool]
    ) -> Lease | None:
        claimed = connection.execute(
            update(runs)
            .where(runs.c.id == run_id, free)
            .values(lease_owner=owner, fence=runs.c.fence + 1, lease_expires_at=self._now + seconds)
            .returning(runs.c.fence, runs.c.active_seconds)
        ).first()
        return None if claimed is None else Lease(run_id, owner, claimed.fence, claimed.active_seconds)

    async def renew(self, lease: Lease, *, active_seconds: float, seconds: float = LEASE_SECONDS) -> None:
        """Prolong a lease and note how long the run has been active.

        Raises:
            LeaseLost: somebody else has taken it.
        """
        if await self.renew_all([(lease, active_seconds)], seconds=seconds):
            raise lost(lease)

    async def renew_all(
        self, held: Sequence[tuple[Lease, float]], *, seconds: float = LEASE_SECONDS
    ) -> tuple[Lease, ...]:
        """Prolong many leases, each with how long its run has been active, and return those that somebody has taken."""

        def change(connection: Connection) -> tuple[Lease, ...]:
            until = self._now + seconds
            taken = []
            for lease, active in held:
                news = {"lease_expires_at": until, "active_seconds": active}
                if connection.execute(update(runs).where(*_ours(lease)).values(news)).rowcount == 0:
                    taken.append(lease)
            return tuple(taken)

        taken: tuple[Lease, ...] = await self._write(change)
        return taken

    async def release(self, lease: Lease, *, active_seconds: float) -> None:
        """Give a lease back, if it is still ours."""
        given_back = {"lease_owner": null(), "lease_expires_at": 0, "active_seconds": active_seconds}

        def change(connection: Connection) -> None:
            connection.execute(update(runs).where(*_ours(lease)).values(given_back))

        await self._write(change)


def lost(lease: Lease) -> LeaseLost:
    """Return the error of a process that goes on with a run that another one has taken over."""
    return LeaseLost(f"run {lease.run_id} was taken over by another process; this one stops writing to it")


def _ours(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return runs.c.id == lease.run_id, runs.c.fence == lease.fence, runs.c.lease_owner == lease.owner


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
