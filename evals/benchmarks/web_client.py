"""How fast a page shows a run of many events, and how even its frames are while somebody moves through the run."""

import asyncio
import contextlib
import math
import os
import re
import shutil
import statistics
import sys
import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from playwright.async_api import CDPSession, Page, async_playwright
from pydantic import BaseModel

from agent.domain.errors import UsageError
from agent.ledger.store import Ledger
from evals.benchmarks.long_run import write_long_run

FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Of Chromium: it asks nothing of anybody by itself."""
_SIZE: Final = {"width": 1280, "height": 860}
_SLIDER: Final = "input[type=range]"
_COMPLETE: Final = """events => {
    const slider = document.querySelector("input[type=range]");
    return slider !== null && Number(slider.max) === events;
}"""
_NOW: Final = "() => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
_WATCH: Final = """() => {
    const frames = []; let before; let going = true;
    const tick = now => {
        if (before !== undefined) frames.push(now - before);
        before = now;
        if (going) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    window.endWatch = () => { going = false; return frames; };
}"""
_SHORTEST: Final = 1000 / 60


class Frames(BaseModel):
    """Times between frames in milliseconds. At 60 frames a second they are 16.7 each.

    Attributes:
        late: frames that took longer than two should.
        cpu: what the page's main thread worked for each frame; other programs of the machine do not count in it.
    """

    what: str
    frames: int
    p50: float
    p95: float
    worst: float
    late: int
    cpu: float

    @classmethod
    def of(cls, what: str, times: list[float], seconds: float) -> "Frames":
        """Sum up frame times, in milliseconds, and the seconds that the main thread worked."""
        ordered = sorted(times)
        p95 = ordered[min(len(ordered) - 1, math.ceil(0.95 * len(ordered)) - 1)]
        late = sum(each > 2 * _SHORTEST + 1 for each in ordered)
        p50 = statistics.median(ordered)
        cpu = 1000 * seconds / len(ordered)
        return cls(what=what, frames=len(ordered), p50=p50, p95=p95, worst=ordered[-1], late=late, cpu=cpu)


class Shown(BaseModel):
    """What was measured of one run.

    Attributes:
        open_ms: from asking for the page to a page that shows the whole run, each time it was opened.
        heap_mb: memory of the page's JavaScript after all of this.
    """

    events: int
    open_ms: list[float]
    frames: list[Frames]
    heap_mb: float


async def measure(home: Path, *, events: int = 10_000, opened: int = 3) -> Shown:
    """Write a long run into a data folder, serve it in a process of its own, and look at it in Chromium.

    Raises:
        UsageError: there is no Chromium.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise UsageError("Chromium is not installed; install it with: apt-get install chromium")
    ledger = await Ledger.open(home)
    try:
        run_id = await write_long_run(ledger, events)
        last = await ledger.last_seq(run_id)
    finally:
        await ledger.close()
    async with served(home) as link, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        context = await browser.new_context(viewport=_SIZE, locale="en-GB")  # type: ignore[arg-type]
        page = await context.new_page()
        await page.goto(link)
        address = urllib.parse.urljoin(link, f"/runs/{run_id}")
        times = [await _opened(page, address, last) for _ in range(opened)]
        frames = [await _watched(page, what, act) for what, act in _ACTS.items()]
        heap = await _heap(page)
        await browser.close()
    return Shown(events=last, open_ms=times, frames=frames, heap_mb=heap)


@contextlib.asynccontextmanager
async def served(home: Path) -> AsyncIterator[str]:
    """Serve a data folder in a process of its own; yields the address that signs a browser in, once."""
    arguments = (sys.executable, "-m", "agent.cli.main", "serve", "--port", "0")
    # addresses are not to be broken into lines
    env = {**os.environ, "PLUMBLINE_HOME": str(home), "COLUMNS": "1000"}
    process = await asyncio.create_subprocess_exec(*arguments, env=env, stderr=asyncio.subprocess.PIPE)
    try:
        yield await asyncio.wait_for(_link(process), 60)
    finally:
        process.terminate()
        await process.wait()


async def _link(process: asyncio.subprocess.Process) -> str:
    said = b""
    if process.stderr is not None:
        async for line in process.stderr:
            if found := re.search(rb"http://\S+", line):
                return found[0].decode()
            said += line
    raise UsageError(f"the server did not start: {said.decode(errors='replace').strip()}")


async def _opened(page: Page, address: str, last: int) -> float:
    """Open a page and return after how many milliseconds it shows the whole run."""
    await page.goto("about:blank")
    await page.goto(address, wait_until="commit")
    await page.wait_for_function(_COMPLETE, arg=last, polling="raf")
    return float(await page.evaluate(_NOW))


async def _watched(page: Page, what: str, act: Callable[[Page], Awaitable[None]]) -> Frames:
    """Do something and return how even the frames were meanwhile."""
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable", {"timeDomain": "threadTicks"})
    await page.locator(_SLIDER).focus()
    before = await _worked(session)
    await page.evaluate(_WATCH)
    await act(page)
    times: list[float] = await page.evaluate("() => window.endWatch()")
    worked = await _worked(session) - before
    await session.detach()
    return Frames.of(what, times, worked)


async def _worked(session: CDPSession) -> float:
    """Return for how many seconds the page's main thread has worked."""
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return next(float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")


async def _drag(page: Page) -> None:
    """Drag the handle through the run and back, as fast as a hand does."""
    box = await page.locator(_SLIDER).bounding_box()
    if box is None:
        raise UsageError("the page shows no bar; build the client with: npm --prefix webui/client run build")
    middle, left, width = box["y"] + box["height"] / 2, box["x"] + 10, box["width"] - 20
    await page.mouse.move(left + width, middle)
    await page.mouse.down()
    for step in range(240):
        share = abs(1 - (step / 120) % 2)
        await page.mouse.move(left + share * width, middle)
        await asyncio.sleep(0.012)
    await page.mouse.up()


async def _step(page: Page) -> None:
    """Hold an arrow key."""
    for _ in range(120):
        await page.keyboard.press("ArrowLeft")
        await asyncio.sleep(0.016)


async def _play(page: Page) -> None:
    """Play from the beginning at the highest speed for a while."""
    await page.get_by_label("Speed").select_option("64")
    await page.locator(_SLIDER).press("Home")
    await page.locator(_SLIDER).press(" ")
    await asyncio.sleep(4)


_ACTS: Final = {
    "drag to the beginning and back": _drag,
    "120 steps back by key": _step,
    "play at 64 times the speed": _play,
}


async def _heap(page: Page) -> float:
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.collectGarbage")
    used: dict[str, Any] = await session.send("Runtime.getHeapUsage")
    return float(used["usedSize"]) / 1e6
