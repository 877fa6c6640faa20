"""Documents and files for tests, and whether the event loop goes on."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

from agent.browsing.documents import Document, MediaKind, make_document


def document_of(text: str, *, title: str = "Notes", media: MediaKind = "markdown") -> Document:
    """Return the document of a text."""
    return make_document(text, title=title, location=f"/docs/{title}.md", media=media)


def write(folder: Path, **texts: str) -> Path:
    """Write Markdown files by name and return their folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def pdf_of(*pages: str) -> bytes:
    """Return a small PDF document with one line of text on each page."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, text in enumerate(pages):
        content = f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * index} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(
        f"{offset:010} 00000 n \n" for offset in offsets
    )
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + (table + trailer).encode("latin-1")


async def turns_while(work: Awaitable[object]) -> int:
    """Return how often another task had its turn while something was done; work that blocks the loop gives it none."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0.002)

    counting = asyncio.create_task(count())
    try:
        await work
    finally:
        counting.cancel()
    return turns
