"""A run as one HTML file that opens from a disk without a network: what was asked, found, checked, made and spent.

Its one script is the viewer of solids, where there is a solid; it is named by its hash in the page's policy, which
forbids everything else. What others wrote is escaped, and no address is loaded.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from jinja2 import Environment

from agent.cli.annotated import parts
from agent.cli.artefact_page import page_filters
from agent.cli.html_files import pages
from agent.cli.sharing.embedding import embedded
from agent.cli.sharing.gathering import Gathered, gathered, pictures_of
from agent.cli.sharing.marking import cited, marked_up
from agent.cli.sharing.telling import (
    MARKS,
    MOST_CLAIMS,
    MOST_STEPS,
    OUTCOMES,
    TONES,
    Tone,
    bytes_of,
    model_of,
    money_of,
    near,
    place_of,
    span_of,
    told_claims,
    told_plan,
    told_steps,
)
from agent.cli.verdicts import counts, coverage, notes_of, rethinking_line, score_line, shown_claims
from agent.domain.artefacts import Artefact
from agent.domain.errors import LedgerUnavailable
from agent.domain.report import Report
from agent.ledger.blobs import BlobStore
from agent.ledger.store import Ledger

LARGEST_MODEL: Final = 8_000_000
"""Bytes of a solid that a page takes in."""

_MOST_TEXTS: Final = 400_000
"""Characters of all text files of a page together."""

_LONGEST_TEXT: Final = 40_000
_GLB: Final = "model/gltf-binary"
_TEXTS: Final = ("text/", "application/json", "application/jsonl", "application/toml", "application/yaml")


@dataclass(frozen=True)
class MadeFile:
    """A file that the run made; ``text`` is what a page shows of it, None where it is no text or too large."""

    artefact: Artefact
    text: str | None


@dataclass(frozen=True)
class SharedPage:
    """A page, and the policy that it gives itself, for those who serve it.

    Attributes:
        policy: as of ``Content-Security-Policy``.
    """

    html: str
    policy: str


async def shared_page(ledger: Ledger, run_id: str) -> SharedPage:
    """Return a run as one page.

    Raises:
        UnknownRun: there is no such run.
        LedgerUnavailable: its record is damaged.
    """
    run = await gathered(ledger, run_id)
    report = run.report
    pictures = await embedded(pictures_of(report) if report is not None else (), ledger.blobs)
    name, model = await _model(report, ledger.blobs)
    claims = told_claims(run)
    environment, style = _environment(), _packaged("templates", "run.css")
    viewer = _packaged("viewer", "viewer.min.js") if model else ""
    digest = environment.filters["digest"]
    script = f" script-src '{digest(viewer)}';" if viewer else ""
    policy = (
        f"default-src 'none'; img-src data:; style-src '{digest(style)}';{script} base-uri 'none'; form-action 'none'"
    )
    html = environment.get_template("run.html.j2").render(
        run=run.run,
        view=run.view,
        task=run.view.task,
        report=report,
        outcome=_outcome(run),
        usage=report.usage if report is not None else run.view.usage,
        claims=claims,
        cited_by={one.evidence.id: claim.shown.id for claim in reversed(claims) for one in claim.evidence},
        more_claims=max(0, len(report.claims) - MOST_CLAIMS) if report is not None else 0,
        counts=counts(report) if report is not None else {},
        text=tuple(parts(report.answer, shown_claims(report))) if _is_check(run) and report is not None else (),
        told=_told(report),
        notes=notes_of(report) if report is not None else (),
        files=await _files(report, ledger.blobs),
        best=report.design.handed_over if report is not None and report.design is not None else None,
        plan=tuple(told_plan(run.view.plan)),
        steps=told_steps(run),
        more_steps=max(0, len(run.view.steps) - MOST_STEPS),
        origins=run.origins,
        sources=pictures.sources,
        pictures_left_out=pictures.left_out,
        pictures_shrunk=pictures.shrunk,
        model=base64.b64encode(model).decode() if model else "",
        model_name=name,
        tones=TONES,
        marks=MARKS,
        style=style,
        viewer=viewer,
        policy=policy,
    )
    return SharedPage(html, policy)


def _outcome(run: Gathered) -> tuple[Tone, str, str]:
    if run.report is None:
        return "info", run.run.status.capitalize(), run.run.reason
    return OUTCOMES[run.report.outcome]


def _told(report: Report | None) -> tuple[str, ...]:
    if report is None or not report.claims:
        return ()
    return tuple(line for line in (coverage(report), score_line(report), rethinking_line(report)) if line)


def _is_check(run: Gathered) -> bool:
    """Return whether the run checked a text, which is then shown with its claims marked."""
    return run.view.task is not None and run.view.task.check is not None


async def _files(report: Report | None, blobs: BlobStore) -> tuple[MadeFile, ...]:
    found: list[MadeFile] = []
    room = _MOST_TEXTS
    for artefact in report.artefacts if report is not None else ():
        text = None
        if artefact.media_type.startswith(_TEXTS) and artefact.size <= min(_LONGEST_TEXT, room):
            text = await _text(artefact, blobs)
            room -= len(text or "")
        found.append(MadeFile(artefact, text))
    return tuple(found)


async def _text(artefact: Artefact, blobs: BlobStore) -> str | None:
    try:
        return (await blobs.get(artefact.sha256)).decode("utf-8-sig")
    except (LedgerUnavailable, UnicodeDecodeError):
        return None


async def _model(report: Report | None, blobs: BlobStore) -> tuple[str, bytes]:
    """Return the name of a report's solid and the solid as GLB; no bytes where it is too large or not there."""
    made = report.artefacts if report is not None else ()
    glb = next((one for one in made if one.media_type == _GLB or one.path.endswith(".glb")), None)
    if glb is None:
        return "", b""
    if glb.size > LARGEST_MODEL:
        return glb.path, b""
    try:
        return glb.path, await blobs.get(glb.sha256)
    except LedgerUnavailable:
        return glb.path, b""


@cache
def _environment() -> Environment:
    environment = pages().overlay()
    environment.filters = {
        **environment.filters,
        **page_filters(),
        "marked_up": marked_up,
        "cited": cited,
        "near": near,
        "place": place_of,
        "model": model_of,
        "span": span_of,
        "money": money_of,
        "bytes": bytes_of,
        "counted": _counted,
    }
    return environment


def _counted(tones: Mapping[str, int]) -> str:
    """Return counts by name in words, such as ``3 supported, 1 not found``."""
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in tones.items())


@cache
def _packaged(folder: str, name: str) -> str:
    """Return a file of the package of commands."""
    return files("agent.cli").joinpath(folder, name).read_text("utf-8")
