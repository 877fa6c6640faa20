"""Documents as artefacts: Markdown, HTML, DOCX and PDF, read into blocks, tried out and sabotaged."""

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from itertools import takewhile
from pathlib import PurePosixPath
from typing import Final

from agent.domain.artefacts import ArtefactKind, Inspection, Mutation, Part, Scenario, Trial, View
from agent.models.templates import render
from agent.verification.artefacts.documents.mutations import mutated
from agent.verification.artefacts.documents.reading import (
    FORMATS,
    LARGEST_BYTES,
    TakeApart,
    blocks_of,
    format_of,
    read_text,
    words_of,
)
from agent.verification.artefacts.documents.scenarios import COUNTED, SCENARIOS, Document
from agent.verification.artefacts.templates import template_of
from agent.verification.artefacts.world import BuildFailed, MadeFile, ScenarioTemplate

VERSIONS: Final = {"document measures": "1"}
"""Raised when a measure changes its meaning."""

MOST_FILES: Final = 50
_SHOWN: Final = 6000

Read = Callable[[str], Awaitable[bytes]]
"""Returns the bytes of a file of the workspace by its path; raises OSError where there is none."""


async def no_reader(name: str, _: bytes) -> tuple[()]:
    """Take no document apart, where there is no sandbox for it."""
    raise BuildFailed(f"{name} cannot be read without a sandbox; write Markdown or HTML")


class DocumentWorld:
    """The world of documents. Implements ``World``.

    A program is the document itself: its name, a line with three hyphens, its text; or paths, one a line, the document
    first and then files that it may refer to; or Markdown or HTML as it stands.
    """

    kind: ArtefactKind = "document"

    def __init__(self, read: Read, take_apart: TakeApart = no_reader) -> None:
        """Read files through ports: those of the workspace, and DOCX and PDF, which a sandbox takes apart."""
        self._read = read
        self._take_apart = take_apart

    @classmethod
    def of(cls, files: Mapping[str, bytes], take_apart: TakeApart = no_reader) -> "DocumentWorld":
        """Return a world whose files are given."""

        async def read(path: str) -> bytes:
            if path not in files:
                raise FileNotFoundError(path)
            return files[path]

        return cls(read, take_apart)

    def guide(self) -> str:
        """Return how a document is given, and what is always looked at."""
        return render("agent.verification.artefacts", "document_guide", formats=", ".join(FORMATS))

    async def build(self, program: str) -> Document:
        """Read the document of a program. See ``World``."""
        paths, content = _parted(program)
        if len(paths) > MOST_FILES:
            raise BuildFailed(f"name at most {MOST_FILES} files")
        name, form = paths[0], format_of(paths[0])
        data = await self._bytes(name) if content is None else content.encode(errors="replace")
        if len(data) > LARGEST_BYTES:
            raise BuildFailed(f"{name} has {len(data):,} bytes; at most {LARGEST_BYTES:,} are checked")
        for path in paths[1:]:
            await self._bytes(path)
        if form not in ("docx", "pdf"):
            blocks = await asyncio.to_thread(read_text, name, data)
        else:
            blocks = blocks_of(await self._take_apart(name, data))
            if not blocks:
                raise BuildFailed(f"{name} has no text; pictures of text cannot be checked")
        return Document(name, form, blocks, tuple(paths[1:]), data)

    async def inspect(self, build: Document) -> Inspection:
        """Return the sections as parts, and counts. See ``World``."""
        parts = []
        for start, block in enumerate(build.blocks):
            if block.kind == "heading":
                under = takewhile(lambda one: one.kind != "heading", build.blocks[start + 1 :])
                measures = {"level": block.level, "words": sum(words_of(one.text) for one in under)}
                parts.append(Part(name=block.text or "(empty heading)", measures=measures))
        words = words_of(build.text)
        counts = {what: sum(count(block) for block in build.blocks) for what, count in COUNTED.items()}
        problems = [] if words else ["it has no words"]
        return Inspection(
            parts=tuple(parts),
            measures={"format": build.format, "words": words, "bytes": len(build.data), **counts},
            problems=tuple(problems),
        )

    async def look(self, build: Document) -> tuple[View, ...]:
        """Return the outline and the text. See ``World``."""
        headings = [block for block in build.blocks if block.kind == "heading"]
        outline = "\n".join(f"{'  ' * (block.level - 1)}{block.text}" for block in headings)
        return (
            View(name="outline", description=outline or "it has no headings"),
            View(name="text", description=build.text[:_SHOWN]),
        )

    def scenarios(self) -> tuple[ScenarioTemplate, ...]:
        """Return what can be tried with documents."""
        return SCENARIOS

    async def simulate(self, build: Document, scenario: Scenario, measure: str, seed: int) -> Trial:
        """Count what a scenario counts. Nothing is left to chance, so the seed is only noted. See ``World``."""
        template = template_of(SCENARIOS, scenario, measure, of="documents")
        value, detail = await asyncio.to_thread(template.reads, build, scenario.parameters)
        return Trial(value=value, detail=detail[:300], seed=seed, versions=VERSIONS)

    async def mutate(self, build: Document, mutation: Mutation) -> Document:
        """Return a copy that was changed in one way. See ``World``, and ``documents/mutations.py``."""
        return await asyncio.to_thread(mutated, build, mutation.name, mutation.parameters)

    async def files(self, build: Document) -> tuple[MadeFile, ...]:
        """Return the document as it was given. See ``World``."""
        kind = mimetypes.guess_type(build.name)[0] or "application/octet-stream"
        return (MadeFile(build.name, build.data, "text/markdown" if build.format == "markdown" else kind),)

    async def _bytes(self, path: str) -> bytes:
        try:
            return await self._read(path)
        except OSError as error:
            raise BuildFailed(f"{path} cannot be read: {error.strerror or 'there is no such file'}") from None


def _parted(program: str) -> tuple[list[str], str | None]:
    """Return the names of a program, and the text of the document where it is given."""
    lines = program.splitlines(keepends=True)
    names: list[str] = []
    for number, line in enumerate(lines):
        name = line.strip()
        if name == "---" and names:
            return names, "".join(lines[number + 1 :])
        if name and not (
            PurePosixPath(name).suffix and name.isprintable() and len(name) <= 300 and name[0] not in "#<"
        ):
            break
        names += [name] if name else []
    else:
        if names:
            return names, None
    if not program.strip():
        raise BuildFailed("there is no document; write its name, a line with ---, and its text")
    return ["document.html" if program.lstrip().startswith("<") else "document.md"], program
