"""Opening a sandbox: the place it runs in, and the connection to its node."""

import asyncio
import re
from pathlib import Path
from typing import Final

from toolserver.deployment.config import AutoSandbox, DockerSandbox, LocalSandbox, SandboxConfig
from toolserver.deployment.place import Place, SharesFolder
from toolserver.deployment.pooled import AliasedPlace, alias_of, throw_away_with_us
from toolserver.egress.gateway import EgressGateway, Listener
from toolserver.egress.profiles import Egress, NoEgress
from toolserver.errors import SandboxUnavailable
from toolserver.sandbox import Sandbox

_ID: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


async def open_sandbox(
    config: SandboxConfig,
    sandbox_id: str,
    *,
    state_dir: Path,
    gateway: EgressGateway | None = None,
    on_egress: Listener | None = None,
    keep: bool = True,
) -> Sandbox:
    """Open a sandbox: adopt the one that is running under this id, or start one on what it left, or a new one.

    Args:
        config: where it runs and what it may use.
        sandbox_id: lower-case letters, digits, ``_``, ``.`` and ``-``; at most 63.
        state_dir: folder for the files of local sandboxes and for locks.
        gateway: lets it out, where its egress profile is not ``none``; sandboxes that share one share its process and
            secrets. By default it gets one of its own, without secrets.
        on_egress: is given every request to the outside when it has ended.
        keep: whether somebody may come back to it when this process is gone; else it is removed by a later one.

    Raises:
        SandboxUnavailable: it cannot be started, or is not as the configuration wants it.
        SecretUnavailable: a secret that it may use has no value.
    """
    if not keep:
        _require_id(sandbox_id)
        await throw_away_with_us(state_dir, sandbox_id, config.kind)
    sandbox = await open_closed(config, sandbox_id, state_dir)
    await let_out(sandbox, config.egress, gateway or EgressGateway(), on_egress)
    return sandbox


async def open_closed(config: SandboxConfig, sandbox_id: str, state_dir: Path) -> Sandbox:
    """Open a sandbox without the way out that it may have; see ``let_out``.

    Raises:
        SandboxUnavailable: it cannot be started, or is not as the configuration wants it.
    """
    _require_id(sandbox_id)
    warm = await asyncio.to_thread(alias_of, state_dir, sandbox_id)
    place = await open_place(config, warm or sandbox_id, state_dir)
    if warm is not None:
        place = AliasedPlace(place, state_dir / sandbox_id)
    sandbox = Sandbox(sandbox_id, place)
    try:
        await sandbox.attach()
    except BaseException:
        await sandbox.detach()
        raise
    return sandbox


def _require_id(sandbox_id: str) -> None:
    if not _ID.fullmatch(sandbox_id):
        raise SandboxUnavailable(f"{sandbox_id!r} is no sandbox id: use lower-case letters, digits, _ . -, at most 63")


async def let_out(sandbox: Sandbox, egress: Egress, gateway: EgressGateway, listener: Listener | None) -> None:
    """Open the way out of a sandbox; one that cannot be let out as it should is not kept running, only its files.

    Raises:
        SandboxUnavailable: the proxy cannot be started, or has no folder that it shares with the sandbox.
        SecretUnavailable: a secret that may be used has no value.
    """
    if isinstance(egress, NoEgress):
        return
    try:
        folder = sandbox.place.shared_folder if isinstance(sandbox.place, SharesFolder) else None
        if folder is None:
            raise SandboxUnavailable(
                f'the egress profile "{egress.profile}" needs a folder that the engine shares with us; use "none" here'
            )
        sandbox.let_out(await gateway.open(egress, folder, listener))
    except BaseException:
        await sandbox.close(keep_workspace=True)
        raise


async def open_place(config: SandboxConfig, sandbox_id: str, state_dir: Path) -> Place:
    """Open the place of a sandbox in the deployment that the configuration asks for.

    Raises:
        SandboxUnavailable: it cannot be started, or is not as the configuration wants it.
    """
    match config:
        case LocalSandbox():
            from toolserver.deployment.local import LocalPlace

            return await LocalPlace.open(config, sandbox_id, state_dir)
        case DockerSandbox():
            from toolserver.deployment.docker import DockerPlace

            return await DockerPlace.open(config, sandbox_id, state_dir)
        case AutoSandbox():
            from toolserver.deployment import auto

            return await auto.open_place(config, sandbox_id, state_dir)
