"""A shared page is bounded, whatever a run was: pictures are made smaller or left out, long texts are cut."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.cli.sharing.embedding import embedded
from agent.cli.sharing.page import shared_page
from agent.domain.messages import Picture
from agent.domain.report import Report
from agent.domain.task import Task
from agent.ledger.store import Ledger
from tests.webui.files.conftest import png


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    one = await Ledger.open(tmp_path)
    yield one
    await one.close()


def noise(side: int, seed: int) -> bytes:
    """Return a picture that no format makes small."""
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), np.random.default_rng(seed).bytes(side * side * 3)).save(out, "PNG")
    return out.getvalue()


async def picture(ledger: Ledger, data: bytes, side: int) -> Picture:
    """Keep a picture and return the reference to it."""
    return Picture(sha256=await ledger.blobs.put(data), media_type="image/png", width=side, height=side)


async def test_large_pictures_are_made_smaller(ledger: Ledger) -> None:
    large = await picture(ledger, noise(1_500, 1), 1_500)
    found = await embedded([large, large], ledger.blobs)
    assert (found.shrunk, found.left_out, len(found.sources)) == (1, 0, 1)
    assert found.sources[large.sha256].startswith("data:image/jpeg;base64,")
    assert len(found.sources[large.sha256]) < 4_000_000


async def test_of_too_many_pictures_the_last_are_left_out(ledger: Ledger) -> None:
    pictures = [await picture(ledger, noise(120, seed), 120) for seed in range(6)]
    found = await embedded(pictures, ledger.blobs, room=150_000)
    assert list(found.sources) == [one.sha256 for one in pictures[:3]]
    assert found.left_out == 3


async def test_what_is_no_picture_or_is_damaged_is_left_out(ledger: Ledger) -> None:
    page = await picture(ledger, b"<svg onload='alert(1)'/>", 1)
    lost = await picture(ledger, png(), 40)
    (await ledger.blobs.place(lost.sha256)).unlink()
    cut = await picture(ledger, noise(400, 3)[:350_000], 400)
    found = await embedded([page, lost, cut], ledger.blobs)
    assert (set(found.sources), found.left_out) == ({cut.sha256}, 2)


async def test_thousands_of_steps_and_megabytes_of_output_make_a_page_that_opens(ledger: Ledger) -> None:
    run = await ledger.create(Task(goal="Talk for long."))

    async def said(number: int) -> None:
        request = {"tool": "shell", "arguments": {"command": f"step {number}"}}
        await ledger.append(run, None, "tool", f"talk/{number}", "started", {"request": request})
        output = "x" * 5_000_000 if number == 7 else "done"
        done = {"ok": True, "text": output, "data": {}, "images": [], "error": None}
        await ledger.append(run, None, "tool", f"talk/{number}", "done", {"result": done})

    await asyncio.gather(*(said(number) for number in range(2_500)))
    report = Report(goal="Talk for long.", answer="word " * 400_000, outcome="unverified")
    await ledger.append(run, None, "report", "report", "fact", {"report": report.model_dump(mode="json")})
    page = (await shared_page(ledger, run)).html
    assert len(page) < 3_000_000
    assert "500 more steps are not shown" in page
    assert "more characters]" in page
