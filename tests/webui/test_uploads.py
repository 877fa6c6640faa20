"""Files are taken as they come, within a bound, and are there for the task that names them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx
import pytest
import pytest_asyncio

from agent.runtime.web_settings import WebSettings
from tests.webui.serving import Web, serving


@pytest_asyncio.fixture(loop_scope="session")
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    """A server that takes files of two megabytes."""
    async with serving(tmp_path / "home", web=WebSettings(upload_megabytes=2)) as one:
        yield one


async def upload(web: Web, content: bytes | AsyncIterator[bytes], name: str) -> httpx.Response:
    headers = {"X-Filename": name, "Content-Type": "application/octet-stream"}
    return await web.client.post("/api/uploads", content=content, headers=headers)


def head(web: Web, name: str, length: int) -> bytes:
    """Return how a program's request begins that sends a file of so many bytes."""
    lines = (
        "POST /api/uploads HTTP/1.1",
        f"Host: {urlsplit(web.url).netloc}",
        f"Authorization: Bearer {web.access.own_token()}",
        "Content-Type: application/octet-stream",
        f"X-Filename: {name}",
        f"Content-Length: {length}",
    )
    return "\r\n".join([*lines, "", ""]).encode()


async def test_an_uploaded_file_is_given_to_a_task(web: Web) -> None:
    data = bytes(range(256)) * 4_000
    file = (await upload(web, data, quote("данные/表 1.bin"))).json()
    assert file == {"path": "данные/表 1.bin", "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    assert await web.ledger.blobs.get(file["sha256"]) == data
    run_id = await web.submit("Read it", files=[file])
    task, _ = await web.ledger.created(run_id)
    assert task.files[0].path == "данные/表 1.bin"
    wrong = await web.client.post("/api/runs", json={"goal": "x", "files": [{**file, "size": 1}]})
    assert wrong.status_code == 422


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a%0Ab", "%FF", "", "%00"])
async def test_a_name_that_is_no_place_in_a_workspace_is_refused(web: Web, name: str) -> None:
    answer = await upload(web, b"x", name)
    assert answer.status_code == 422, name
    assert "\n" not in answer.json()["message"]


async def test_a_large_upload_is_refused_before_it_has_come(web: Web) -> None:
    """The answer comes while two hundred megabytes are announced and next to nothing of them was sent."""
    reader, writer = await asyncio.open_connection(urlsplit(web.url).hostname, urlsplit(web.url).port)
    writer.write(head(web, "big", 200_000_000) + b"x" * 1_000)
    status = await asyncio.wait_for(reader.readline(), 60)
    writer.close()
    await writer.wait_closed()
    assert status.startswith(b"HTTP/1.1 413 ")


async def test_an_upload_that_does_not_tell_its_size_is_refused_when_it_is_too_large(web: Web) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 200_000_000:
            sent += 500_000
            yield b"x" * 500_000

    answer = await upload(web, endless(), "big")
    assert (answer.status_code, answer.json()["error"]) == (413, "TooLarge")
    assert not list((web.home / "blobs").glob(".new-*"))


async def test_an_upload_that_breaks_off_leaves_nothing(web: Web) -> None:
    _, writer = await asyncio.open_connection(urlsplit(web.url).hostname, urlsplit(web.url).port)
    writer.write(head(web, "half", 1_000_000) + b"x" * 300_000)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await web.client.get("/api/health")).json() == {"ok": True}
    assert not [path for path in (web.home / "blobs").rglob("*") if path.is_file() and ".new" not in path.name]


async def test_a_full_disk_is_told(web: Web) -> None:
    (web.home / "blobs").mkdir(exist_ok=True)
    (web.home / "blobs" / "2d").write_text("a file where a folder should be, as unwritable as a full disk")
    answer = await upload(web, b"x", "a")
    assert (answer.status_code, answer.json()["error"]) == (503, "LedgerUnavailable")
    assert "make room" in answer.json()["message"]
