"""Starting Chromium so that whatever it fetches goes through the proxy."""

import asyncio
import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from toolserver.errors import BrowsingBroken

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

PROGRAMS: Final = (
    # Debian's launcher is a shell script around this one, which reads settings that a sandbox does not have
    "/usr/lib/chromium/chromium",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "chromium-headless-shell",
)
"""Where a browser is looked for; a name is looked up in ``PATH``."""

FLAGS: Final = (
    "--no-sandbox",  # the sandbox around it has no rights to make another one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-domain-reliability",
    "--no-pings",
    "--mute-audio",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)

LAUNCH_SECONDS: Final = 60.0
END_SECONDS: Final = 10.0

_NO_NAMES: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {host}"
"""Names are for the proxy to resolve; a browser that asked itself would tell a name server what it reads."""


def find_program(wanted: str | None = None) -> str | None:
    """Return the path of a Chromium, the wanted one or the first that is there; None where there is none."""
    for name in (wanted,) if wanted else PROGRAMS:
        found = shutil.which(name)
        if found is not None:
            return found
    return None


def arguments(proxy: str | None) -> list[str]:
    """Return the flags with which Chromium is started.

    Args:
        proxy: host and port of an HTTP proxy, through which everything goes, also what is on this machine.
    """
    if proxy is None:
        return [*FLAGS]
    host = proxy.rpartition(":")[0]
    return [*FLAGS, f"--proxy-server=http://{proxy}", "--proxy-bypass-list=<-loopback>", _NO_NAMES.format(host=host)]


class Engine:
    """One Chromium process for all sessions; started when first needed, and again when it has died.

    Args:
        folder: an empty folder of its own, for downloads on their way.
        proxy: host and port of the HTTP proxy; None lets the browser connect by itself, which is for tests.
        program: the browser's path or name; by default the first of ``PROGRAMS``.
        flags: more of them for the browser.
    """

    def __init__(
        self, folder: Path, *, proxy: str | None, program: str | None = None, flags: Sequence[str] = ()
    ) -> None:
        self.downloads = folder
        self._flags = flags
        self._proxy = proxy
        self._program = program
        self._driver: Playwright | None = None
        self._browser: Browser | None = None
        self._starting = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether the browser is there."""
        return self._browser is not None and self._browser.is_connected()

    async def browser(self) -> "Browser":
        """Return the running browser.

        Raises:
            BrowsingBroken: there is none here, or it does not start.
        """
        async with self._starting:
            if self._browser is None or not self._browser.is_connected():
                self._browser = await self._launched()
            return self._browser

    async def _launched(self) -> "Browser":
        try:
            import playwright  # noqa: F401
        except ImportError as error:
            raise BrowsingBroken("Playwright is not installed; install plumbline-agent[browser]") from error
        program = find_program(self._program)
        if program is None:
            looked = self._program or ", ".join(PROGRAMS)
            raise BrowsingBroken(f"there is no Chromium here (looked for {looked}); install one")
        await asyncio.to_thread(_emptied, self.downloads)
        try:
            driver = await self._driving()
            return await driver.chromium.launch(
                executable_path=program,
                headless=True,
                args=[*arguments(self._proxy), *self._flags],
                downloads_path=self.downloads,
                timeout=LAUNCH_SECONDS * 1000,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except BrowsingBroken:
            raise
        except Exception as error:  # of what drives it, when that has ended, there is nothing more special
            await self.close()
            reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "it said nothing")
            raise BrowsingBroken(f"Chromium does not start: {reason[:300]}") from error

    async def _driving(self) -> "Playwright":
        """Return what drives the browser, started if need be."""
        from playwright.async_api import async_playwright

        if self._driver is None:
            try:
                self._driver = await async_playwright().start()
            except Exception as error:  # it raises nothing more special than that
                reason = " ".join(str(error).split())[:200]
                raise BrowsingBroken(f"what drives the browser does not start: {reason}") from error
        return self._driver

    async def close(self) -> None:
        """End the browser and what drives it."""
        browser, self._browser = self._browser, None
        driver, self._driver = self._driver, None
        # either may have died already, which is told by nothing more special than Exception
        if browser is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(END_SECONDS):
                    await browser.close()
        if driver is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(END_SECONDS):
                    await driver.stop()


def _emptied(folder: Path) -> None:
    """Make a folder, without what a browser that died left in it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
