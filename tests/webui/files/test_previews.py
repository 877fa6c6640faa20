"""Previews: real files of every kind, broken ones, and files that are meant to do harm."""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.webui.files.conftest import pdf, png, run_with
from tests.webui.guard.conftest import House

HOSTILE = b"<html><script>parent.x=1</script><img src=x onerror=alert(1)><meta http-equiv=refresh content='0;url=//x'>"


async def preview(house: House, name: str, data: bytes, **query: int) -> dict[str, Any]:
    """Return the preview of a file that a run made."""
    run = await run_with(house.ledger, {name: data})
    return await preview_in(house, run, name, **query)


async def preview_in(house: House, run: str, name: str, **query: int) -> dict[str, Any]:
    """Return the preview of a file of a run."""
    got = await house.client.get(f"/api/runs/{run}/preview/{name}", params=query)
    assert got.status_code == 200, got.text
    found: dict[str, Any] = got.json()
    return found


async def shown(house: House, address: str) -> httpx.Response:
    """Return what an address of a preview stands for."""
    got = await house.client.get(address)
    assert got.headers["x-content-type-options"] == "nosniff"
    return got


@pytest.mark.parametrize(
    ("name", "form", "language"),
    [("a.txt", "text", ""), ("main.py", "code", "python"), ("README.md", "markdown", ""), ("Makefile", "text", "")],
)
async def test_texts_say_what_they_are(house: House, name: str, form: str, language: str) -> None:
    seen = await preview(house, name, "x = 'é 漢'\r\n".encode())
    assert (seen["kind"], seen["form"], seen["language"]) == ("text", form, language)
    assert (seen["text"], seen["next"], seen["note"]) == ("x = 'é 漢'\n", None, "")


async def test_a_long_text_is_read_piece_by_piece_without_loss(house: House) -> None:
    text = "".join(f"line {number} 漢字\n" for number in range(60_000))
    run = await run_with(house.ledger, {"log.txt": text.encode()})
    pieces: list[str] = []
    offset: int | None = 0
    while offset is not None:
        seen = await preview_in(house, run, "log.txt", offset=offset)
        pieces.append(seen["text"])
        offset = seen["next"]
    assert len(pieces) > 3
    assert "".join(pieces) == text


async def test_a_line_without_end_is_cut_and_says_so(house: House) -> None:
    seen = await preview(house, "one.txt", "漢".encode() * 2_000_000)
    assert len(seen["text"]) < 25_000
    assert "cut" in seen["note"]
    assert "\ufffd" not in seen["text"]


async def test_texts_in_other_encodings_are_read(house: House) -> None:
    text = "The café at the corner is open until nine, and its owner is said to be naïve. " * 4
    assert (await preview(house, "a.txt", text.encode("cp1252")))["text"] == text
    assert (await preview(house, "a.txt", "\ufeff漢字".encode("utf-16-le")))["text"] == "漢字"


@pytest.mark.parametrize("data", [b"\0\1\2" * 100, zlib.compress(b"x" * 9_000), b"MZ\x90\0\3"])
async def test_what_is_no_text_says_so(house: House, data: bytes) -> None:
    seen = await preview(house, "thing.bin", data)
    assert seen["kind"] == "none"
    assert "no text" in seen["reason"]


async def test_an_empty_file_says_so(house: House) -> None:
    assert (await preview(house, "a.csv", b""))["reason"] == "the file is empty"


async def test_a_huge_table_is_paged_from_where_the_last_page_ended(house: House) -> None:
    lines = (f'{number},"a, b",line {number}\n' for number in range(100_000))
    run = await run_with(house.ledger, {"big.csv": b"number,pair,text\n" + "".join(lines).encode()})
    first = await preview_in(house, run, "big.csv")
    assert (first["columns"], first["first"], len(first["rows"])) == (["number", "pair", "text"], 1, 200)
    assert first["rows"][7] == ["7", "a, b", "line 7"]
    second = await preview_in(house, run, "big.csv", offset=first["next"], row=201)
    assert (second["first"], second["rows"][0][0], second["columns"]) == (201, "200", first["columns"])


@pytest.mark.parametrize(
    ("name", "data", "columns", "rows"),
    [
        ("a.tsv", b"a\tb\n1\t2\n", ["a", "b"], [["1", "2"]]),
        ("a.csv", b"a;b\n1,5;2\n", ["a", "b"], [["1,5", "2"]]),
        ("a.csv", b'a,b\n"x\ny",2\n', ["a", "b"], [["x\ny", "2"]]),
        ("a.csv", b"\xef\xbb\xbfa,b\n=HYPERLINK(1),<b>\n", ["a", "b"], [["=HYPERLINK(1)", "<b>"]]),
        ("a.csv", b"only\n", ["only"], []),
    ],
)
async def test_tables_are_read_as_they_are_meant(
    house: House, name: str, data: bytes, columns: list[str], rows: list[list[str]]
) -> None:
    seen = await preview(house, name, data)
    assert (seen["columns"], seen["rows"], seen["next"]) == (columns, rows, None)


@pytest.mark.parametrize(
    "data",
    [b"a,b\n1\n2,3,4\n", b'a,b\n"never closed,\n' + b"1,2\n" * 5_000, b"a,b\n" + b"9" * 600_000, b"," * 5_000],
)
async def test_odd_tables_are_shown_with_a_note_or_a_reason(house: House, data: bytes) -> None:
    seen = await preview(house, "odd.csv", data)
    assert seen["note"] if seen["kind"] == "table" else seen["reason"]


def notebook(*cells: Mapping[str, Any]) -> bytes:
    """Return a notebook."""
    return json.dumps({"nbformat": 4, "metadata": {"language_info": {"name": "python"}}, "cells": cells}).encode()


async def test_a_notebook_is_shown_with_what_its_cells_gave(house: House) -> None:
    picture = base64.b64encode(png()).decode()
    outputs = [
        {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m\n", "second\n"]},
        {"output_type": "display_data", "data": {"image/png": picture, "text/plain": "<Figure>"}},
        {"output_type": "execute_result", "data": {"text/html": "<script>alert(1)</script>"}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[0;31mE\x1b[0m: v"]},
    ]
    data = notebook(
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": "plot()", "execution_count": 3, "outputs": outputs},
    )
    seen = await preview(house, "book.ipynb", data)
    text, code = seen["cells"]
    assert (text["form"], text["source"]) == ("markdown", "# Title")
    assert (code["form"], code["count"], seen["language"]) == ("code", 3, "python")
    assert [(one["form"], one["text"]) for one in code["outputs"]] == [
        ("text", "red\nsecond\n"),
        ("picture", "<Figure>"),
        ("text", "[text/html: not shown here]"),
        ("error", "E: v"),
    ]
    got = await shown(house, code["outputs"][1]["address"])
    assert (got.headers["content-type"], got.content) == ("image/png", png())


@pytest.mark.parametrize(
    "data",
    [
        b"not json",
        b"[]",
        b'{"cells": 3}',
        b"[" * 100_000,
        notebook({"cell_type": "code", "outputs": [None, 3, {"data": {"image/png": "!!"}}, {"data": []}]}),
        notebook({"cell_type": "code", "source": {"a": 1}, "outputs": {"a": 1}}),
    ],
)
async def test_broken_notebooks_break_nothing(house: House, data: bytes) -> None:
    seen = await preview(house, "book.ipynb", data)
    assert seen["kind"] in ("none", "notebook")


async def test_pages_of_a_pdf_are_pictures(house: House) -> None:
    run = await run_with(house.ledger, {"paper.pdf": pdf(pages=3)})
    seen = await preview_in(house, run, "paper.pdf", page=2)
    assert (seen["kind"], seen["pages"], seen["page"], seen["width"], seen["height"]) == ("pdf", 3, 2, 1200, 600)
    got = await shown(house, seen["address"])
    assert got.headers["content-type"] == "image/png"
    assert got.content.startswith(b"\x89PNG")
    assert (await preview_in(house, run, "paper.pdf", page=4))["reason"] == "it has pages 1 to 3"


async def test_a_broken_pdf_says_so(house: House) -> None:
    seen = await preview(house, "paper.pdf", b"%PDF-1.7\n" + b"\xff" * 1000)
    assert (seen["kind"], seen["reason"]) == ("none", "it is no PDF document that can be read")


async def test_pictures_are_shown_as_what_they_are(house: House) -> None:
    seen = await preview(house, "plot.png", png(640, 480))
    assert (seen["kind"], seen["media_type"], seen["width"], seen["height"]) == ("image", "image/png", 640, 480)
    assert (await shown(house, seen["address"])).headers["content-type"] == "image/png"


async def test_a_page_that_is_called_a_picture_is_shown_nowhere(house: House) -> None:
    run = await run_with(house.ledger, {"plot.png": HOSTILE})
    assert (await preview_in(house, run, "plot.png"))["kind"] == "none"
    assert (await house.client.get(f"/api/runs/{run}/shown/plot.png")).status_code == 404


@pytest.mark.parametrize(("name", "media_type"), [("page.html", "text/html"), ("drawing.svg", "image/svg+xml")])
async def test_pages_and_drawings_are_shown_where_nothing_runs(house: House, name: str, media_type: str) -> None:
    seen = await preview(house, name, HOSTILE)
    assert (seen["kind"], seen["text"]) == ("frame", HOSTILE.decode())
    got = await shown(house, seen["address"])
    policy = got.headers["content-security-policy"]
    assert got.headers["content-type"].split(";")[0] == media_type
    assert policy.startswith("sandbox;")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy


def glb(document: Mapping[str, Any]) -> bytes:
    """Return a GLB of a description alone."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    size = (20 + len(text)).to_bytes(4, "little")
    return b"glTF" + (2).to_bytes(4, "little") + size + len(text).to_bytes(4, "little") + b"JSON" + text


async def test_a_solid_is_loaded_as_it_is(house: House) -> None:
    data = glb({"asset": {"version": "2.0"}, "buffers": [{"uri": "data:,", "byteLength": 0}]})
    seen = await preview(house, "part.glb", data)
    assert (seen["kind"], seen["source"]) == ("model", "itself")
    got = await shown(house, seen["address"])
    assert (got.headers["content-type"], got.content) == ("model/gltf-binary", data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"solid x", "no GLB"),
        (glb({})[:21], "damaged"),
        (glb({"images": [{"uri": "https://elsewhere.example/pixel.png"}]}), "names other files"),
        (glb({"buffers": [{"uri": "/api/leave"}]}), "names other files"),
    ],
)
async def test_a_solid_that_is_broken_or_asks_for_other_files_is_refused(house: House, data: bytes, why: str) -> None:
    seen = await preview(house, "part.glb", data)
    assert seen["kind"] == "none"
    assert why in seen["reason"]


async def test_a_step_file_is_shown_by_the_glb_beside_it(house: House) -> None:
    run = await run_with(house.ledger, {"out/part.step": b"ISO-10303-21;", "out/part.glb": glb({})})
    seen = await preview_in(house, run, "out/part.step")
    assert (seen["source"], seen["beside"]) == ("beside", "out/part.glb")


async def test_files_of_two_hundred_megabytes_cost_what_is_shown_of_them(house: House) -> None:
    row = b"1234567,some words of a row,3.14159\n"
    data = b"number,words,value\n" + row * (200_000_000 // len(row))
    run = await run_with(
        house.ledger, {"big.csv": data, "big.txt": data, "big.ipynb": data, "big.pdf": b"%PDF-" + data}
    )
    assert len((await preview_in(house, run, "big.csv"))["rows"]) == 200
    assert len((await preview_in(house, run, "big.txt"))["text"]) <= 262_144
    for name in ("big.ipynb", "big.pdf"):
        assert "at most" in (await preview_in(house, run, name))["reason"]
    part = await house.client.get(f"/api/runs/{run}/files/big.txt", headers={"Range": "bytes=199000000-199000035"})
    assert len(part.content) == 36
