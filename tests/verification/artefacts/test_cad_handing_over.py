"""What cannot be written of a solid: one format that fails takes no other with it."""

from typing import cast

import pytest

from agent.verification.artefacts.cad import CadWorld, Shop
from agent.verification.artefacts.world import BuildFailed
from toolserver.client import CadFailed, CadFile, CadModel

MODEL = CadModel(b"", "0" * 64, ())


class Exporting:
    """A shop that writes some formats alone."""

    def __init__(self, *formats: CadFile) -> None:
        self._formats = formats

    async def export(self, model: CadModel, file: CadFile) -> bytes:
        if file not in self._formats:
            raise CadFailed("limit", f"{file} takes too long to write")
        return file.encode()


async def test_what_can_be_written_is_handed_over() -> None:
    files = await CadWorld(cast("Shop", Exporting("step", "stl"))).files(MODEL)
    assert [(file.path, file.data) for file in files] == [("artefact.step", b"step"), ("artefact.stl", b"stl")]


async def test_where_nothing_can_be_written_the_reason_is_told() -> None:
    with pytest.raises(BuildFailed, match="cannot be written as a file: step takes too long to write"):
        await CadWorld(cast("Shop", Exporting())).files(MODEL)
