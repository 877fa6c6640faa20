"""A web page as an artefact: its files, what was spoilt in it, and what a browser said when it was looked at."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from pydantic import Field, ValidationError

from agent.domain.base import Form
from agent.verification.artefacts.world import BuildFailed
from toolserver.client import PageChange, PageStep, PageVisit, PageVisited

MOST_FILES: Final = 200
LARGEST_SITE: Final = 20_000_000
"""Bytes of all files together."""


class PageFiles(Form):
    """The files of a web page; what a designer returns.

    Attributes:
        files: text by path, such as ``index.html``, ``style.css`` and ``app.js``.
        pictures: other files, as base64.
        start: the page that is opened first.
    """

    files: dict[str, str] = Field(min_length=1, max_length=MOST_FILES)
    pictures: dict[str, str] = Field(default={}, max_length=MOST_FILES)
    start: str = "index.html"


class Browser(Protocol):
    """Opens pages in a real browser that reaches nothing else, in a sandbox. ``toolserver.client.PageSandbox`` is one.

    It raises SandboxUnavailable or SandboxLost where there is none.
    """

    async def visit(self, call: PageVisit) -> tuple[PageVisited, bytes]:
        """Return what becomes of a visit, and its pictures one after the other."""


@dataclass(frozen=True, eq=False)
class Site:
    """A page with all its files.

    Attributes:
        changes: what is spoilt in each page as it is opened.
    """

    files: Mapping[str, bytes]
    start: str
    changes: tuple[PageChange, ...] = ()
    _seen: "dict[str, asyncio.Future[PageVisited]]" = field(default_factory=dict, repr=False)

    async def seen(self, browser: Browser) -> PageVisited:
        """Return what its pages look like. They are looked at once, however many checks ask for it."""
        if (looking := self._seen.get("")) is None or (looking.done() and looking.exception() is not None):
            looking = asyncio.ensure_future(self._looked(browser))
            self._seen[""] = looking
        return await asyncio.shield(looking)

    async def gone(self, browser: Browser, start: str, steps: tuple[PageStep, ...]) -> PageVisited:
        """Return what becomes of a journey from a page on."""
        visit = PageVisit(files=dict(self.files), start=start, changes=self.changes, steps=steps)
        return (await browser.visit(visit))[0]

    async def pictured(self, browser: Browser) -> tuple[PageVisited, tuple[bytes, ...]]:
        """Return what its pages look like, and pictures of the first one."""
        visit = PageVisit(files=dict(self.files), start=self.start, changes=self.changes, pictures=True)
        visited, data = await browser.visit(visit)
        pictures, at = [], 0
        for size in visited.picture_sizes:
            pictures.append(data[at : at + size])
            at += size
        return visited, tuple(pictures)

    async def _looked(self, browser: Browser) -> PageVisited:
        visit = PageVisit(files=dict(self.files), start=self.start, changes=self.changes)
        return (await browser.visit(visit))[0]


def site_of(program: str) -> Site:
    """Return the files of a program.

    Raises:
        BuildFailed: it is none, or breaks a limit.
    """
    given = _given(program)
    files: dict[str, bytes] = {path: text.encode(errors="replace") for path, text in given.files.items()}
    for path, text in given.pictures.items():
        files[path] = _decoded(path, text)
    for path in files:
        if not _is_plain(path):
            raise BuildFailed(f"the path {path!r} is none of a web page; use plain relative ones such as img/cat.png")
    if len(files) > MOST_FILES or sum(map(len, files.values())) > LARGEST_SITE:
        raise BuildFailed(f"a page has at most {MOST_FILES} files with {LARGEST_SITE:,} bytes together; write less")
    if given.start not in files:
        raise BuildFailed(f"there is no page {given.start!r} to open; there are {', '.join(sorted(files)[:20])}")
    return Site(files, given.start)


def _given(program: str) -> PageFiles:
    text = program.strip()
    try:
        # one page alone needs no JSON around it
        if text.startswith("<"):
            return PageFiles(files={"index.html": program})
        return PageFiles.model_validate_json(text)
    except ValidationError as error:
        first: Any = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        message = f"this is no page: {where}: {first['msg']}; give HTML, or a JSON object with files"
        raise BuildFailed(message) from None


def _decoded(path: str, text: str) -> bytes:
    import base64
    import binascii

    try:
        return base64.b64decode(text.partition("base64,")[2] if text.startswith("data:") else text, validate=True)
    except (binascii.Error, ValueError):
        raise BuildFailed(f"the picture {path} is not base64; encode its bytes") from None


def _is_plain(path: str) -> bool:
    parts = path.split("/")
    return len(path) <= 300 and all(part not in ("", ".", "..") and part.isprintable() for part in parts)
