"""Opening an artefact that was named on the command line, and what the commands about it share."""

import asyncio
import base64
import json
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from agent.cli.given_artefact import Given, given_artefact, text_of
from agent.cli.inputs import given_path, read_input
from agent.domain.artefacts import View
from agent.domain.errors import UsageError
from agent.ledger.blobs import BlobStore, FolderBlobs
from agent.runtime.benches import Benches
from agent.runtime.lazily import LazyCad
from agent.runtime.options import RunOptions
from agent.runtime.run_files import file_name
from agent.runtime.services import services_of_one_command
from agent.runtime.settings import home_folder, load_settings
from agent.runtime.workshops import reader_of, workshops_of
from agent.verification.artefacts.cad import CadWorld
from agent.verification.artefacts.world import BuildFailed, World
from toolserver.client import CadFailed, CadFileRead

MOST_FILES: Final = 200
"""Of a folder that is an artefact."""

_SOLIDS: Final[Mapping[str, CadFileRead]] = {
    ".step": "step",
    ".stp": "step",
    ".stl": "stl",
    ".glb": "glb",
    ".3mf": "3mf",
    ".brep": "brep",
}

KindOption = Annotated[
    str | None, typer.Option("--kind", help="voxel, cad, program, web_page, data_file or document; else it is guessed")
]
WithOption = Annotated[
    list[Path] | None,
    typer.Option("--with", parser=given_path, metavar="PATH", help="a file that it refers to, may be repeated"),
]
PicturesOption = Annotated[
    Path | None, typer.Option("--pictures", metavar="FOLDER", help="folder to write the pictures to")
]
HtmlOption = Annotated[Path | None, typer.Option(metavar="OUT", help="write a page with pictures here")]


@dataclass(frozen=True)
class Opened:
    """An artefact with its world, built."""

    given: Given
    world: World[Any]
    build: Any
    blobs: BlobStore


@asynccontextmanager
async def opened(
    path: Path, kind: str | None, others: Sequence[Path] = (), *, sandbox: str | None = None
) -> AsyncIterator[Opened]:
    """Build a named artefact, for as long as a block works with it.

    Raises:
        UsageError: it cannot be read, or its kind cannot be told.
        ConfigurationError: its world needs what is not installed.
        BuildFailed: it is broken.
    """
    given = await given_artefact(path, kind, others)
    with tempfile.TemporaryDirectory(prefix="plumbline-") as folder:
        blobs = FolderBlobs(Path(folder))
        home = home_folder()
        async with services_of_one_command(load_settings(home), home) as services:
            benches = services.benches(RunOptions(sandbox=sandbox), f"artefact-{secrets.token_hex(4)}")
            if given.kind == "cad" and given.path.suffix.lower() in _SOLIDS:
                async with _solid(given, benches, blobs) as solid:
                    yield solid
                return
            workshops = workshops_of(blobs, benches, reader_of({given.name: given.data, **given.others}))
            try:
                world = workshops.world(given.kind)
                yield Opened(given, world, await world.build(await asyncio.to_thread(program_of, given)), blobs)
            finally:
                await workshops.close()


@asynccontextmanager
async def _solid(given: Given, benches: Benches, blobs: BlobStore) -> AsyncIterator[Opened]:
    """Read solids from a file that is no program; a sandbox reads it, since it may have been made to break readers."""
    cad = LazyCad(benches.cad)
    suffix = given.path.suffix.lower()
    try:
        try:
            build = await cad.load(given.data, _SOLIDS[suffix], name=given.path.stem)
        except CadFailed as failed:
            raise BuildFailed(f"{given.name}: {failed}") from None
        yield Opened(given, CadWorld(cad, blobs), build, blobs)
    finally:
        await cad.close()


async def model_of(one: Opened) -> bytes | None:
    """Return an artefact as GLB, where its world makes one."""
    made = await one.world.files(one.build)
    return next((file.data for file in made if file.media_type == "model/gltf-binary"), None)


def program_of(given: Given) -> str:
    """Return the program of its world that stands for an artefact.

    Raises:
        UsageError: it is not of this kind.
    """
    folder = given.path.is_dir()
    match given.kind:
        case "data_file" | "document" if not folder:
            return "\n".join([given.name, *given.others])
        case "program" if not given.name.endswith(".json"):
            sources = {path: text_of(data, path) for path, data in _all(given).items()}
            return json.dumps({"files": sources, "entry": "main.py" if folder else given.name})
        case "web_page" if not given.name.endswith(".json"):
            return _site(_all(given), "index.html" if folder else given.name)
    if folder:
        raise UsageError(f"{str(given.path)!r} is a folder; name one file of it")
    return given.text


def _all(given: Given) -> dict[str, bytes]:
    """Return the files of an artefact by their paths: those of its folder, or it and those named with it."""
    if not given.path.is_dir():
        return {given.name: given.data, **given.others}
    found: dict[str, bytes] = {}
    for path in sorted(given.path.rglob("*")):
        inner = path.relative_to(given.path)
        if path.is_file() and not path.is_symlink() and not any(name.startswith(".") for name in inner.parts):
            if len(found) == MOST_FILES:
                raise UsageError(f"{str(given.path)!r} has more than {MOST_FILES} files; name a smaller folder")
            found[inner.as_posix()] = read_input(path)
    return found


def _site(files: Mapping[str, bytes], start: str) -> str:
    """Return a web page as its world takes it: text as it stands, all else as base64."""
    texts, others = {}, {}
    for path, data in files.items():
        try:
            texts[path] = data.decode()
        except UnicodeDecodeError:
            others[path] = base64.b64encode(data).decode()
    return json.dumps({"files": texts, "pictures": others, "start": start})


async def save_pictures(views: Sequence[View], blobs: BlobStore, folder: Path, prefix: str = "") -> list[Path]:
    """Write the pictures of views to a folder, which is made, and return their paths.

    Raises:
        UsageError: they cannot be written.
    """
    written = []
    try:
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        for view in views:
            if view.picture is not None:
                kind = view.picture.media_type.removeprefix("image/")
                path = folder / f"{file_name(prefix + view.name)}.{kind}"
                await asyncio.to_thread(path.write_bytes, await blobs.get(view.picture.sha256))
                written.append(path)
    except OSError as error:
        raise UsageError(f"cannot write to {str(folder)!r}: {error.strerror}; choose another folder") from error
    return written
