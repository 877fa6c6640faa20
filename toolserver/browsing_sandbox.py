"""An open browsing sandbox: a sandbox of its own, in which nothing runs but the program that gets pages.

It has no network but its egress proxy. That program is started at the first request, and anew after it has ended.
"""

from pathlib import Path
from typing import Final, NamedTuple

from msgspec import json

from toolserver.browsing import wire
from toolserver.browsing.settings import BrowsingSettings
from toolserver.deployment.config import Limits, SandboxConfig
from toolserver.egress.gateway import EgressGateway, Listener
from toolserver.egress.profiles import NoEgress, OpenEgress
from toolserver.errors import BrowsingBroken, PageFailed
from toolserver.images.context import browsing_tag
from toolserver.line_program import Language, placed
from toolserver.line_sandbox import LineSandbox, beside
from toolserver.opening import open_sandbox
from toolserver.sandbox import Sandbox

ASK_SECONDS: Final = 900.0
"""How long the program may take to answer; it has limits of its own for each page, but pages wait for their host."""


class Got(NamedTuple):
    """A page and the bytes it was made of."""

    page: wire.PageAnswer
    raw: bytes


class GotFile(NamedTuple):
    """A file of the web."""

    file: wire.FileAnswer
    raw: bytes


_LANGUAGE: Final = Language(
    name="the browsing program",
    module="toolserver.browsing",
    answers=json.Decoder(wire.Answer),
    ready=wire.Ready,
    done=wire.Done,
    ask=lambda number, call: wire.Ask(id=number, call=call),
    ask_seconds=ASK_SECONDS,
    broken=BrowsingBroken,
    refused=PageFailed,
)


class BrowsingSandbox(LineSandbox[wire.Ready, wire.Done]):
    """Gets pages by way of a browsing sandbox. Several calls may run at once; those of the browser wait for each other.

    Attributes:
        sandbox: the sandbox itself.
        settings: how its program behaves towards the web.
    """

    def __init__(self, sandbox: Sandbox, settings: BrowsingSettings) -> None:
        super().__init__(sandbox, _LANGUAGE, settings.model_dump_json())
        self.settings = settings

    async def fetch(self, url: str) -> Got:
        """Get a page by a plain request.

        Raises:
            PageFailed: there is none to read.
            SandboxLost: the sandbox is gone.
            BrowsingBroken: the program failed.
        """
        return await self._page(wire.Fetch(url=url))

    async def open(self, url: str) -> Got:
        """Go to an address in the browser; raises like ``fetch``."""
        return await self._page(wire.Open(url=url))

    async def click(self, ref: str) -> Got:
        """Click an element of the browser's last snapshot; raises like ``fetch``."""
        return await self._page(wire.Click(ref=ref))

    async def type_text(self, ref: str, text: str, *, submit: bool = False) -> Got:
        """Replace a field's content, and press Enter if asked to; raises like ``fetch``."""
        return await self._page(wire.TypeText(ref=ref, text=text, submit=submit))

    async def select(self, ref: str, value: str) -> Got:
        """Choose an option by its visible text; raises like ``fetch``."""
        return await self._page(wire.Select(ref=ref, value=value))

    async def screenshot(self) -> bytes:
        """Return what the browser shows, as PNG; raises like ``fetch``."""
        return (await self._asked(wire.Screenshot(), self.settings.answer_bytes))[1]

    async def download(self, url: str) -> GotFile:
        """Get a file by a plain request, whatever it is; raises like ``fetch``."""
        done, data = await self._asked(wire.Download(url=url), self.settings.answer_bytes)
        if done.file is None:
            raise BrowsingBroken("the browsing program answered with something else than a file")
        return GotFile(done.file, data)

    async def downloaded(self, file: wire.DownloadedFile) -> bytes:
        """Return a file that a page handed over in the browser; it is deleted there. Raises like ``fetch``."""
        return (await self._asked(wire.Take(path=file.path), self.settings.download_bytes))[1]

    async def _page(self, call: wire.Call) -> Got:
        done, data = await self._asked(call, self.settings.answer_bytes)
        if done.page is None:
            raise BrowsingBroken("the browsing program answered with something else than a page")
        return Got(done.page, data)

    async def _asked(self, call: wire.Call, limit: int) -> tuple[wire.Done, bytes]:
        done, data = await self._program.ask(call, limit)
        if done.failure is not None:
            failure = done.failure
            raise PageFailed(
                failure.kind,
                failure.message,
                needs_browser=failure.needs_browser,
                retry_after=failure.retry_after,
            )
        if done.error is not None:
            raise BrowsingBroken(f"the browsing program failed: {done.error}")
        return done, data


def browsing_limits() -> Limits:
    """Return what a browsing sandbox may use: a browser has many processes, files and much memory of its own."""
    return Limits(memory_mb=4096, pids=512, tmp_mb=1024, file_mb=512, disk_mb=1024, open_files=4096)


def browsing_config(config: SandboxConfig) -> SandboxConfig:
    """Return the configuration of a browsing sandbox beside a sandbox like this one.

    Limits that were not given are those of ``browsing_limits``, and where nothing may be reached, the public internet
    may: to browse is to reach it. In Docker it is the image of browsing sandboxes, unless another one was named.
    """
    egress = OpenEgress() if isinstance(config.egress, NoEgress) else config.egress
    return beside(config, browsing_limits(), egress, browsing_tag())


async def open_browsing(
    config: SandboxConfig,
    sandbox_id: str,
    *,
    state_dir: Path,
    gateway: EgressGateway | None = None,
    settings: BrowsingSettings | None = None,
    on_egress: Listener | None = None,
) -> BrowsingSandbox:
    """Open a browsing sandbox; see ``browsing_config`` for what of a configuration it takes.

    Nobody comes back to it: when this process is gone, a later one removes it.

    Args:
        config: of the sandbox that it stands beside.
        sandbox_id: as for ``open_sandbox``; not the id of another sandbox.
        state_dir: folder for files of local sandboxes and for locks.
        gateway: lets it out.
        settings: how its program behaves towards the web.
        on_egress: is given every request to the outside when it has ended.

    Raises:
        SandboxUnavailable: it cannot be started, or is not as the configuration wants it.
    """
    there = browsing_config(await placed(browsing_config(config), browsing_tag()))
    sandbox = await open_sandbox(
        there, sandbox_id, state_dir=state_dir, gateway=gateway, on_egress=on_egress, keep=False
    )
    return BrowsingSandbox(sandbox, settings or BrowsingSettings())
