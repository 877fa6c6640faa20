"""Reading documents in processes of their own, with a limit on time; see ``reader``."""

import asyncio
import contextlib
import sys
from typing import Final, Literal

from msgspec import DecodeError, json

from toolserver.browsing.settings import BrowsingSettings
from toolserver.browsing.transfer import Arrived
from toolserver.browsing.wire import Extractor, PageAnchor, PageLink
from toolserver.errors import FailureKind, PageFailed
from toolserver.line_wire import LONGEST_LINE
from toolserver.protocol import Fact, Form

READERS: Final = 2
"""Processes that read at the same time."""


class Job(Form):
    """What is to be read; ``size`` bytes follow it."""

    url: str
    content_type: str
    charset: str
    size: int
    longest: int
    links: int


class Read(Fact):
    """What bytes say.

    Attributes:
        scripts: scripts of a web page.
        password: whether a web page asks for a password.
        noscript: what a web page tells browsers without scripts.
        refresh: where a web page leads by itself within seconds; empty where it stays.
        cut: there is more text than was asked for.
        recognised: a part of a PDF document's text is not painted but lies over pictures, as recognised writing does.
    """

    media: Literal["html", "plain", "pdf"]
    title: str
    text: str
    extractor: Extractor
    links: tuple[PageLink, ...] = ()
    anchors: tuple[PageAnchor, ...] = ()
    scripts: int = 0
    password: bool = False
    noscript: str = ""
    refresh: str = ""
    cut: bool = False
    recognised: bool = False


class ReadAnswer(Fact):
    """What came of a job: what was read, or the kind of failure and its message."""

    read: Read | None = None
    kind: FailureKind | None = None
    message: str = ""


class Readers:
    """Processes that read; each is started when it is needed and ended when it takes too long.

    Args:
        settings: says how long and how much is read.
    """

    def __init__(self, settings: BrowsingSettings) -> None:
        self._settings = settings
        self._free = asyncio.Semaphore(READERS)
        self._idle: list[asyncio.subprocess.Process] = []

    async def read(self, arrived: Arrived) -> Read:
        """Return what an answer says.

        Raises:
            PageFailed: it has no text that could be read.
        """
        job = Job(
            url=arrived.url,
            content_type=arrived.content_type,
            charset=arrived.charset,
            size=len(arrived.data),
            longest=self._settings.text_characters,
            links=self._settings.links,
        )
        async with self._free:
            answer = await self._answer(job, arrived.data)
        if answer.read is None:
            raise PageFailed(answer.kind or "not_text", answer.message)
        return answer.read

    async def read_html(self, source: str, url: str) -> Read:
        """Return what the source of a web page says; raises like ``read``."""
        data = source.encode("utf-8", "replace")
        return await self.read(Arrived(url, 200, "text/html", "utf-8", "", data))

    async def close(self) -> None:
        """End the processes."""
        while self._idle:
            await _end(self._idle.pop())

    async def _answer(self, job: Job, data: bytes) -> ReadAnswer:
        process = self._idle.pop() if self._idle else await _started()
        try:
            async with asyncio.timeout(self._settings.read_seconds):
                line = await _exchanged(process, json.encode(job) + b"\n" + data)
                answer = json.decode(line, type=ReadAnswer)
        except TimeoutError as error:
            await _end(process)
            seconds = self._settings.read_seconds
            raise PageFailed(
                "too_large", f"{job.url} takes more than {seconds:g} s to be read; open another"
            ) from error
        except (DecodeError, ConnectionError, ValueError) as error:
            await _end(process)
            raise PageFailed("not_text", f"{job.url} cannot be read: what reads it ended; open another page") from error
        except BaseException:
            await _end(process)
            raise
        self._idle.append(process)
        return answer


async def _started() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-s", "-P", "-m", "toolserver.browsing.reader"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )


async def _exchanged(process: asyncio.subprocess.Process, request: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise ConnectionError("the process has no streams")
    process.stdin.write(request)
    await process.stdin.drain()
    return await process.stdout.readline()


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
