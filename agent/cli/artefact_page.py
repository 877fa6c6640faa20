"""An artefact as one HTML file: what it must do with verdicts, pictures, the course of its design, and a 3D viewer.

The file needs nothing from outside. Its one script is the viewer (three.js, MIT; ``viewer/``), named by its hash in the
page's policy, which forbids everything else; whatever others wrote is escaped. A model, or a picture, that names an
address is not fetched from there.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment

from agent.cli.artefact_view import asked, controlled, measured, value_text
from agent.cli.design_view import summary
from agent.cli.html_files import pages
from agent.domain.artefacts import CriterionResult, Inspection, View
from agent.domain.design import Design
from agent.domain.messages import Picture
from agent.domain.report import Report
from agent.ledger.blobs import BlobStore

LARGEST_MODEL: Final = 20_000_000
"""Bytes of a GLB that a page takes in."""

MOST_PICTURE_BYTES: Final = 40_000_000
"""Bytes of all pictures of a page together; of more those of the last candidates are left out."""

_GLB: Final = "model/gltf-binary"


@dataclass(frozen=True)
class Page:
    """What a page shows.

    Attributes:
        title: the wish, or the name of a file.
        outcome: what came of it, in one line.
        model: the artefact as GLB; None where there is none.
        results: of the artefact's criteria.
        sha256: of frozen criteria.
    """

    title: str
    outcome: str
    accepted: bool
    reasons: Sequence[str] = ()
    model: bytes | None = None
    model_name: str = ""
    views: Sequence[View] = ()
    inspection: Inspection | None = None
    results: Sequence[CriterionResult] = ()
    untestable: Sequence[str] = ()
    sha256: str = ""
    design: Design | None = None
    notes: Sequence[str] = ()


async def design_page(report: Report, blobs: BlobStore) -> str:
    """Return the report on a design as HTML.

    Raises:
        LedgerUnavailable: a picture or the model cannot be read.
    """
    design = report.design
    if design is None:
        raise ValueError("the report is on no design")
    best = design.handed_over
    glb = next((one for one in report.artefacts if one.media_type == _GLB or one.path.endswith(".glb")), None)
    page = Page(
        title=report.goal,
        outcome=report.answer,
        accepted=design.accepted,
        model=None if glb is None else await blobs.get(glb.sha256),
        model_name="" if glb is None else glb.path,
        views=() if best is None else best.views,
        inspection=None if best is None else best.inspection,
        results=() if best is None else best.results,
        untestable=design.criteria.untestable,
        sha256=design.criteria_sha256,
        design=design,
        notes=report.notes,
    )
    return await rendered(page, blobs)


async def rendered(page: Page, blobs: BlobStore) -> str:
    """Return a page as HTML.

    Raises:
        LedgerUnavailable: a picture cannot be read.
    """
    sources = await _sources(_pictures(page), blobs)
    fits = page.model is not None and len(page.model) <= LARGEST_MODEL
    return (
        _environment()
        .get_template("artefact.html.j2")
        .render(
            vars(page)
            | {
                "sources": sources,
                "model": base64.b64encode(page.model).decode() if fits and page.model is not None else "",
                "too_large": page.model_name if page.model is not None and not fits else "",
                "style": _packaged("templates", "artefact.css"),
                "viewer": _packaged("viewer", "viewer.min.js"),
            }
        )
    )


def _pictures(page: Page) -> Iterator[Picture]:
    """Yield pictures, those that matter most first; the same one may come several times."""
    yield from pictures_of_views(page.views)
    yield from pictures_of_results(page.results)
    for turn in page.design.rounds if page.design is not None else ():
        for candidate in turn.candidates:
            yield from pictures_of_views(candidate.views)
            yield from pictures_of_results(candidate.results)


def pictures_of_views(views: Iterable[View]) -> Iterator[Picture]:
    """Yield the pictures of views, as far as these have any."""
    return (view.picture for view in views if view.picture is not None)


def pictures_of_results(results: Iterable[CriterionResult]) -> Iterator[Picture]:
    """Yield the pictures of what was tried and of the controls."""
    for result in results:
        for trial in (*result.trials, *result.control):
            yield from pictures_of_views(trial.views)


async def _sources(pictures: Iterable[Picture], blobs: BlobStore) -> Mapping[str, str]:
    """Return the addresses of pictures with their data in them, by hash, as far as there is room."""
    found: dict[str, str] = {}
    room = MOST_PICTURE_BYTES
    for picture in pictures:
        if picture.sha256 in found:
            continue
        data = await blobs.get(picture.sha256)
        if len(data) > room:
            continue
        room -= len(data)
        found[picture.sha256] = f"data:{picture.media_type};base64,{base64.b64encode(data).decode()}"
    return found


def page_filters() -> Mapping[str, Callable[..., object]]:
    """Return what the templates of artefacts say criteria, parts and measures with."""
    return {
        "asked": asked,
        "columns": lambda inspection: list(dict.fromkeys(name for part in inspection.parts for name in part.measures)),
        "controlled": controlled,
        "digest": _digest,
        "measured": lambda result: measured(result.trials, result.criterion.unit),
        "number": value_text,
        "summary": summary,
    }


@cache
def _environment() -> Environment:
    environment = pages().overlay()
    environment.filters = {**environment.filters, **page_filters()}
    return environment


@cache
def _packaged(folder: str, name: str) -> str:
    """Return a file of this package."""
    return files("agent.cli").joinpath(folder, name).read_text("utf-8")


def _digest(text: str) -> str:
    """Return how a page's policy names what it may run or be styled by."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
