"""Solids: which files a viewer can load, and how others become such a file, in a CAD sandbox."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import orjson

from agent.domain.errors import ConfigurationError, SandboxUnavailable, UsageError
from agent.runtime.benches import CAD_FIX, Benches
from agent.runtime.lazily import LazyCad
from toolserver.client import CadFailed, CadFileRead, ToolServerError

READ: Final[Mapping[str, CadFileRead]] = {
    ".step": "step",
    ".stp": "step",
    ".stl": "stl",
    ".3mf": "3mf",
    ".brep": "brep",
}
"""Formats that a CAD sandbox turns into GLB, by the ending of a file's name."""

_HEADER: Final = 20
_SUFFIX: Final = ".glb"


def is_model(path: str) -> bool:
    """Return whether a file's name is that of a solid."""
    return _ending(path) in READ or _ending(path) == _SUFFIX


def is_glb(path: str) -> bool:
    """Return whether a file's name is that of a solid that a viewer loads as it is."""
    return _ending(path) == _SUFFIX


def beside(path: str) -> str:
    """Return the path of the GLB that would stand beside a solid of another format."""
    return str(PurePosixPath(path).with_suffix(_SUFFIX))


def trouble_with(data: bytes) -> str:
    """Return why bytes are no GLB that a viewer may load; empty where they are one.

    One that names other files is refused: a viewer would ask for them.
    """
    if len(data) < _HEADER or data[:4] != b"glTF" or int.from_bytes(data[4:8], "little") != 2:
        return "it is no GLB of version 2"
    length = int.from_bytes(data[12:16], "little")
    if data[16:20] != b"JSON" or int.from_bytes(data[8:12], "little") > len(data) or _HEADER + length > len(data):
        return "it is damaged: its parts are longer than the file"
    try:
        document = orjson.loads(data[_HEADER : _HEADER + length])
    except orjson.JSONDecodeError:
        return "it is damaged: its description is not JSON"
    return "it names other files, which are not loaded" if _names_others(document) else ""


class Converter:
    """Turns solids into GLB and keeps what it made, by what it was made of.

    Args:
        folder: of what was made; it may be removed at any time.
        benches: opens CAD sandboxes, by a name for what they are for.
    """

    def __init__(self, folder: Path, benches: Callable[[str], Benches]) -> None:
        self._folder = folder
        self._benches = benches
        self._turn = asyncio.Lock()

    async def glb(self, sha256: str, path: str, data: bytes) -> bytes:
        """Return a solid as GLB; one at a time is made.

        Raises:
            UsageError: it is no solid that can be read.
            ConfigurationError: there is no CAD sandbox; the message says how to get one.
            SandboxUnavailable: it cannot be opened now.
        """
        form = READ[_ending(path)]
        kept = self._folder / f"{hashlib.sha256(f'{form} {sha256}'.encode()).hexdigest()}{_SUFFIX}"
        async with self._turn:
            if await asyncio.to_thread(kept.is_file):
                return await asyncio.to_thread(kept.read_bytes)
            made = await self._made(form, path, data)
            await asyncio.to_thread(_keep, kept, made)
        return made

    async def _made(self, form: CadFileRead, path: str, data: bytes) -> bytes:
        cad = LazyCad(self._benches(f"preview-{secrets.token_hex(6)}").cad)
        try:
            model = await cad.load(data, form, name=PurePosixPath(path).stem[:60] or "part")
            return await cad.export(model, "glb")
        except CadFailed as failed:
            raise UsageError(f"it cannot be shown as a solid: {failed}") from None
        except (SandboxUnavailable, ConfigurationError) as error:
            raise type(error)(f"{error}; to see solids: {CAD_FIX}") from error
        except ToolServerError as error:
            raise SandboxUnavailable(f"the CAD sandbox was lost: {error}; try again") from error
        finally:
            await cad.close()


def _keep(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}-{secrets.token_hex(4)}")
    part.write_bytes(data)
    part.replace(place)


def _ending(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _names_others(document: Any) -> bool:
    if not isinstance(document, dict):
        return True
    listed = [*_list(document.get("buffers")), *_list(document.get("images"))]
    addresses = [one.get("uri") for one in listed if isinstance(one, dict)]
    return any(isinstance(one, str) and not one.startswith("data:") for one in addresses)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
