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
