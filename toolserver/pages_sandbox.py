"""An open sandbox for pages: without network, it opens in a browser what was made here."""

from pathlib import Path
from typing import Final

from msgspec import json

from toolserver.browsing_sandbox import browsing_limits
from toolserver.deployment.config import LocalSandbox, SandboxConfig
from toolserver.egress.profiles import NoEgress
from toolserver.errors import BrowsingBroken, PageFailed
from toolserver.images.context import browsing_tag
from toolserver.line_program import Language, placed
from toolserver.line_sandbox import LineSandbox, beside
from toolserver.opening import open_sandbox
from toolserver.pages import wire
from toolserver.sandbox import Sandbox

ASK_SECONDS: Final = 900.0
"""How long a visit may take; it has limits of its own, but visits wait for each other."""

MOST_PICTURED: Final = 64 * 1024 * 1024
"""Bytes of the pictures of one visit."""

_LANGUAGE: Final = Language(
    name="the program that opens pages",
    module="toolserver.pages",
    answers=json.Decoder(wire.Answer),
    ready=wire.Ready,
    done=wire.Done,
    ask=lambda number, call: wire.Ask(id=number, call=call),
    ask_seconds=ASK_SECONDS,
    broken=BrowsingBroken,
    refused=PageFailed,
)


class PageSandbox(LineSandbox[wire.Ready, wire.Done]):
    """Opens pages in a sandbox. Several visits may be asked for at once.

    Attributes:
        sandbox: the sandbox itself.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox, _LANGUAGE, "{}")

    async def visit(self, call: wire.Visit) -> tuple[wire.Visited, bytes]:
        """Return what becomes of a visit, and its pictures one after the other.

        Raises:
            PageFailed: it took too long, or its pictures are too large.
            SandboxLost: the sandbox is gone.
            BrowsingBroken: there is no browser, or the program failed.
        """
        done, data = await self._program.ask(call, MOST_PICTURED)
        if done.visited is None:
            raise BrowsingBroken(f"the page could not be opened: {done.error or 'nothing came back'}")
        return done.visited, data


def pages_config(config: SandboxConfig) -> SandboxConfig:
    """Return the configuration of a sandbox for pages beside a sandbox like this one: nothing lets it out.

    Limits that were not given are those of browsing sandboxes, and in Docker it is their image.
    """
    there = beside(config, browsing_limits(), NoEgress(), browsing_tag())
    # without it pages would reach the network of this machine
    return there.model_copy(update={"require_isolation": True}) if isinstance(there, LocalSandbox) else there


async def open_pages(config: SandboxConfig, sandbox_id: str, *, state_dir: Path) -> PageSandbox:
    """Open a sandbox for pages; see ``pages_config`` for what of a configuration it takes.

    Nobody comes back to it: when this process is gone, a later one removes it.

    Args:
        config: of the sandbox that it stands beside.
        sandbox_id: as for ``open_sandbox``; not the id of another sandbox.
        state_dir: folder for files of local sandboxes and for locks.

    Raises:
        SandboxUnavailable: it cannot be started, is not as the configuration wants it, or would not isolate pages.
    """
    where = pages_config(await placed(pages_config(config), browsing_tag()))
    return PageSandbox(await open_sandbox(where, sandbox_id, state_dir=state_dir, keep=False))
