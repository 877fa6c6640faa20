"""Web pages as artefacts: opened in a real browser inside a sandbox, looked at, used as a person would, and spoilt."""

import mimetypes
import re
import time
from collections.abc import Mapping
from typing import Any, Final, get_args

import msgspec

from agent.domain.artefacts import ArtefactKind, Gate, Inspection, Mutation, Part, Scenario, Trial, View
from agent.domain.errors import UsageError
from agent.domain.messages import Picture
from agent.ledger.blobs import BlobStore
from agent.models.templates import render
from agent.verification.artefacts.pages.scenarios import SCENARIOS, WIDTHS, journeyed
from agent.verification.artefacts.pages.site import LARGEST_SITE, MOST_FILES, Browser, Site, site_of
from agent.verification.artefacts.templates import template_of
from agent.verification.artefacts.world import MadeFile, ScenarioTemplate, TrialImpossible
from toolserver.client import PageChange, PageChangeName, PageLooked, PageStep, PageVisited

MEASURES_VERSION: Final = "1"
"""Raised when a measure changes its meaning."""

MUTATIONS: Final[tuple[str, ...]] = get_args(PageChangeName)

_STRUCTURE: Final = frozenset(("document", "paragraph", "generic", "main", "text", "list", "group"))
_DRAWN: Final = re.compile(rb"canvas|svg|<video|<img|background", re.IGNORECASE)
_SHOWN_TEXT: Final = 4000
_SHOWN_TREE: Final = 8000


class WebPageWorld:
    """The world of web pages. Implements ``World``; a program is a ``PageFiles`` as JSON, or HTML as it stands.

    A sabotaged copy has the same files; what is spoilt in it is spoilt in the browser, when it has opened a page. So a
    control fits any page, however its scripts make it.
    """

    kind: ArtefactKind = "web_page"

    def __init__(self, browser: Browser, blobs: BlobStore | None = None) -> None:
        """Open pages through a port; nothing of them is ever opened by this process. Pictures go to the blobs."""
        self._browser = browser
        self._blobs = blobs

    def guide(self) -> str:
        """Return how a page is given, and what is always looked at."""
        return render("agent.verification.artefacts", "web_page_guide", most=MOST_FILES, bytes=LARGEST_SITE)

    async def build(self, program: str) -> Site:
        """Return the files. See ``World``."""
        return site_of(program)

    async def inspect(self, build: Site) -> Inspection:
        """Open all pages of the site. See ``World``."""
        seen = await build.seen(self._browser)
        parts = tuple(Part(name=page.path, measures=_measures(page)) for page in seen.pages)
        problems = [seen.stopped] if seen.stopped else []
        if seen.pages and _is_empty(build, seen.pages[0]):
            problems.append(f"{seen.pages[0].path} shows nothing")
        measures: dict[str, float | str | bool] = {
            "files": len(build.files),
            "bytes": sum(map(len, build.files.values())),
            "console_errors": len(seen.errors),
            "failed_requests": len(seen.failed),
            "notes": "; ".join(seen.notes)[:300],
        }
        return Inspection(parts=parts, measures=measures, problems=tuple(problems))

    async def look(self, build: Site) -> tuple[View, ...]:
        """Return the first page as a computer and a telephone show it, and what each page tells. See ``World``."""
        seen, pictures = await build.pictured(self._browser)
        views = [
            View(name=f"window_{width}", picture=await self._kept(picture), description=_told_of_width(seen, width))
            for width, picture in zip(WIDTHS, pictures, strict=False)
        ]
        for page in seen.pages:
            views.append(View(name=f"text of {page.path}", description=page.text[:_SHOWN_TEXT]))
            views.append(View(name=f"outline of {page.path}", description=page.tree[:_SHOWN_TREE]))
        happened = [*seen.errors, *seen.failed, *seen.notes, *([seen.stopped] if seen.stopped else [])]
        views.append(View(name="messages", description="\n".join(happened) or "no errors, nothing missing"))
        return tuple(views)

    def scenarios(self) -> tuple[ScenarioTemplate, ...]:
        """Return what can be tried with web pages."""
        return SCENARIOS

    async def simulate(self, build: Site, scenario: Scenario, measure: str, seed: int) -> Trial:
        """Open the pages, or go a journey through them. Nothing is drawn, so the seed is only noted. See ``World``."""
        template = template_of(SCENARIOS, scenario, measure, of="web pages")
        given, begun = scenario.parameters, time.perf_counter()
        start = given.get("page", build.start)
        if start not in build.files:
            raise TrialImpossible(f"there is no page {start!r}; there are {', '.join(sorted(build.files)[:20])}")
        if template.reads is None:
            steps = msgspec.convert(given["steps"], tuple[PageStep, ...])
            seen = await build.gone(self._browser, start, steps)
            value, detail = journeyed(seen, len(steps))
        else:
            seen = await build.seen(self._browser)
            if seen.stopped and scenario.name != "loads":
                return self._trial(seen, None, seen.stopped, seed, begun)
            value, detail = template.reads(seen, given)[measure]
        return self._trial(seen, value, detail, seed, begun)

    async def mutate(self, build: Site, mutation: Mutation) -> Site:
        """Return a copy in which one thing is spoilt whenever one of its pages is opened. See ``World``.

        ``dead``: no script runs, no link leads anywhere, and no field takes anything. ``blank``: nothing is shown.
        ``throw_error``: a script fails and a file is missing. ``break_link``, ``widen``, ``fade_text``,
        ``strip_labels``, ``duplicate_id``: as they say. ``drop_text`` and ``add_text`` take ``texts``;
        ``drop_elements`` and ``add_elements`` (each twice) a ``role``, and a ``text`` where given.
        """
        given = mutation.parameters
        if mutation.name not in MUTATIONS:
            raise UsageError(f"there is no mutation {mutation.name!r} of web pages; there are {', '.join(MUTATIONS)}")
        texts = given.get("texts", [given.get("text", "")])
        try:
            changes = msgspec.convert(
                [{"name": mutation.name, "text": text, "role": given.get("role", "")} for text in texts],
                tuple[PageChange, ...],
            )
        except (msgspec.ValidationError, TypeError) as error:
            raise UsageError(f"the parameters of {mutation.name} do not fit: {error}") from None
        if mutation.name.endswith("_elements") and not given.get("role"):
            raise UsageError(f"{mutation.name} needs the role of the elements")
        return Site(build.files, build.start, (*build.changes, *changes))

    async def files(self, build: Site) -> tuple[MadeFile, ...]:
        """Return the files, the first page first. See ``World``."""
        paths = [build.start, *(path for path in build.files if path != build.start)]
        return tuple(
            MadeFile(path, build.files[path], mimetypes.guess_type(path)[0] or "application/octet-stream")
            for path in paths
        )

    async def _kept(self, png: bytes) -> Picture | None:
        if self._blobs is None:
            return None
        width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
        return Picture(sha256=await self._blobs.put(png), media_type="image/png", width=width, height=height)

    def _trial(self, seen: PageVisited, value: float | None, detail: str, seed: int, begun: float) -> Trial:
        return Trial(
            value=value,
            detail=detail[:300],
            seed=seed,
            gates=(Gate(name="browser", holds=bool(seen.browser), detail=seen.browser or seen.stopped),),
            versions={"chromium": seen.browser, "page_measures": MEASURES_VERSION},
            seconds=time.perf_counter() - begun,
        )


def _measures(page: PageLooked) -> Mapping[str, Any]:
    return {
        "title": page.title,
        "language": page.language,
        "words": len(page.text.split()),
        "headings": len(page.headings),
        "elements": page.elements,
        "links": page.links,
        "broken_links": len(page.broken_links),
        "unlabelled": len(page.unlabelled),
        "doubled_ids": len(page.doubled_ids),
        "faint_texts": len(page.faint),
        **{f"overflow_px_at_{width}": page.overflow.get(width, 0.0) for width in WIDTHS},
    }


def _is_empty(site: Site, page: PageLooked) -> bool:
    """Return whether nothing at all is there to be read, seen or handled; what draws is given the benefit of doubt."""
    if page.text.strip() or set(page.roles) - _STRUCTURE:
        return False
    return not any(_DRAWN.search(data) for data in site.files.values())


def _told_of_width(seen: PageVisited, width: int) -> str:
    page = seen.pages[0] if seen.pages else None
    if page is None:
        return seen.stopped
    over = page.overflow.get(width, 0.0)
    return f"{page.path} in a window {width} px wide: " + (
        f"{over:g} px too wide: {page.wide.get(width, '')}" if over else "it fits"
    )
