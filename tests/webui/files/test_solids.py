"""Solids that a viewer does not load become such that it does, in a CAD sandbox; where there is none, that is said."""

import struct
from importlib.util import find_spec
from pathlib import Path

import pytest

from agent.domain.errors import SandboxUnavailable, UsageError
from agent.runtime.benches import CAD_FIX, NO_BENCHES, Benches, benches_of
from toolserver.client import LocalSandbox
from webui.files.previews.models import Converter, trouble_with

_CORNERS = ((0, 0, 0), (10, 0, 0), (0, 10, 0), (0, 0, 10))
_FACES = ((0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3))


def stl() -> bytes:
    """Return a tetrahedron."""
    faces = [struct.pack("<12fH", *(0.0,) * 3, *(x for corner in face for x in _CORNERS[corner]), 0) for face in _FACES]
    return bytes(80) + struct.pack("<I", len(faces)) + b"".join(faces)


def local(folder: Path) -> Benches:
    """Return what opens CAD sandboxes on this machine."""
    if find_spec("build123d") is None:
        pytest.skip("build123d is not installed; run: pip install 'plumbline-agent[cad]'")
    return benches_of(LocalSandbox(require_isolation=True), lambda what: what, folder)


async def test_a_solid_is_made_once_and_kept(tmp_path: Path) -> None:
    benches = local(tmp_path / "sandboxes")
    converter = Converter(tmp_path / "previews", lambda _: benches)
    made = await converter.glb("a" * 64, "part.stl", stl())
    assert trouble_with(made) == ""
    without = Converter(tmp_path / "previews", lambda _: NO_BENCHES)
    assert await without.glb("a" * 64, "part.stl", stl()) == made
    with pytest.raises(UsageError, match="cannot be shown as a solid"):
        await converter.glb("b" * 64, "part.step", b"ISO-10303-21; nothing of the kind")


async def test_without_a_sandbox_it_says_how_to_get_one(tmp_path: Path) -> None:
    closed = benches_of(None, lambda what: what, tmp_path)
    converter = Converter(tmp_path / "previews", lambda _: closed)
    with pytest.raises(SandboxUnavailable) as refused:
        await converter.glb("c" * 64, "part.step", b"ISO-10303-21;")
    assert CAD_FIX in str(refused.value)
