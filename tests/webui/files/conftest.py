"""An application over runs that were written into its ledger as a runner writes them."""

import io
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from agent.domain.artefacts import Artefact
from agent.domain.evidence import Evidence
from agent.domain.report import Report
from agent.domain.task import Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.runtime.run_files import media_type_of
from tests.webui.guard.conftest import House, opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path, authenticate=False) as one:
        yield one


async def run_with(
    ledger: Ledger,
    made: Mapping[str, bytes] | None = None,
    *,
    given: Mapping[str, bytes] | None = None,
    evidence: Sequence[Evidence] = (),
) -> str:
    """Write a finished run with input files and artefacts into a ledger and return its id."""
    files = []
    for path, data in (given or {}).items():
        files.append(WorkspaceFile(path=path, sha256=await ledger.blobs.put(data), size=len(data)))
    run_id = await ledger.create(Task(goal="Make files.", files=tuple(files)))
    artefacts = []
    for path, data in (made or {}).items():
        sha256 = await ledger.blobs.put(data)
        artefacts.append(Artefact(path=path, sha256=sha256, size=len(data), media_type=media_type_of(path)))
    report = Report(
        goal="Make files.", answer="Made.", outcome="verified", artefacts=tuple(artefacts), evidence=tuple(evidence)
    )
    payload = {"report": report.model_dump(mode="json")}
    await ledger.append(run_id, None, "report", "report", "fact", payload, status="finished")
    return run_id


def png(width: int = 40, height: int = 30) -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (10, 120, 110)).save(out, "PNG")
    return out.getvalue()


def pdf(pages: int = 2) -> bytes:
    """Return a PDF document of empty pages, 200 by 100 points each."""
    out = io.BytesIO()
    with pypdfium2.PdfDocument.new() as document:
        for _ in range(pages):
            document.new_page(200, 100).close()
        document.save(out)
    return out.getvalue()
