"""All attacks, carried out against one deployment."""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from evals.attacks import files, network, processes, resources, rights
from evals.attacks.arena import Attack, Finding, carry_out
from toolserver.client import (
    DockerSandbox,
    Limits,
    LocalSandbox,
    SandboxConfig,
    SandboxLost,
    SandboxUnavailable,
    ToolServerError,
)

ATTACKS: Final[tuple[Attack, ...]] = tuple(
    sorted(
        (*resources.ATTACKS, *processes.ATTACKS, *rights.ATTACKS, *network.ATTACKS, *files.ATTACKS),
        key=lambda attack: (int("".join(c for c in attack.number if c.isdigit())), attack.number),
    )
)

CANARY: Final = "PLUMBLINE_ATTACK_CANARY"
"""Environment variable of the manager that holds a secret while attacks are carried out."""

LIMITS: Final = Limits(
    memory_mb=512, cpus=1, pids=128, tmp_mb=64, tmp_inodes=4096, file_mb=128, open_files=256, disk_mb=256,
    disk_files=20_000,
)  # fmt: skip
"""Small enough for each limit to be reached within seconds."""


def target(kind: str) -> SandboxConfig:
    """Return the configuration that is attacked: ``docker``, or ``local``."""
    return DockerSandbox(limits=LIMITS) if kind == "docker" else LocalSandbox(limits=LIMITS)


async def attack_all(
    config: SandboxConfig, attacks: Iterable[Attack] = ATTACKS, told: Callable[[Attack], None] = lambda _attack: None
) -> list[tuple[Attack, Finding]]:
    """Carry out attacks one after the other, each from a fresh sandbox; ``told`` hears of each as it begins.

    Raises:
        SandboxUnavailable: a sandbox cannot be opened.
    """
    canary = secrets.token_hex(16)
    os.environ[CANARY] = canary
    found = []
    try:
        with tempfile.TemporaryDirectory(prefix="plumbline-attacks-") as folder:
            for attack in attacks:
                told(attack)
                found.append((attack, await _carried_out(attack, config, Path(folder), canary)))
    finally:
        del os.environ[CANARY]
    return found


async def _carried_out(attack: Attack, config: SandboxConfig, folder: Path, canary: str) -> Finding:
    try:
        return await carry_out(attack, config, folder, canary)
    except SandboxUnavailable:
        raise
    except ToolServerError as error:
        # losing the sandbox is harm; what else fails says nothing of the attack
        lost = isinstance(error, SandboxLost)
        return Finding(stopped=False if lost else None, seen=f"{type(error).__name__}: {error}"[:160])
