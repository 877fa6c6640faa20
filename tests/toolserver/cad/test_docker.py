"""A CAD sandbox in a hardened container: the same program, on the image that has what it needs."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.toolserver.cad.hostile import HOSTILE
from tests.toolserver.cad.programs import MUG, TABLE
from toolserver.client import CadFailed, CadSandbox, DockerSandbox, SandboxUnavailable, open_cad
from toolserver.engine import Engine
from toolserver.images.context import cad_tag

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.docker]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cad(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CadSandbox]:
    try:
        async with Engine.connect() as engine:
            if await engine.image(cad_tag()) is None:
                pytest.skip(f"{cad_tag()} is not built; run: plumbline toolserver image build --cad")
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("cad")
    async with await open_cad(DockerSandbox(), f"cad-{folder.name}", state_dir=folder) as sandbox:
        yield sandbox


async def test_solids_are_made_looked_at_and_exported_in_a_container(cad: CadSandbox) -> None:
    ready = await cad.start()
    model = await cad.build(MUG)
    found, views, glb = await asyncio.gather(cad.inspect(model), cad.look(model, size=128), cad.export(model, "glb"))

    assert cad.sandbox.description.kind == "docker"
    assert len(ready.confinement) == 5
    assert not found.problems
    assert any(view.picture is not None and view.picture.startswith(b"\x89PNG") for view in views)
    assert glb.startswith(b"glTF")


@pytest.mark.parametrize("name", ["allocates without end", "forks without end", "opens a socket"])
async def test_a_hostile_program_is_stopped_while_other_candidates_go_on(cad: CadSandbox, name: str) -> None:
    program, kind, said = HOSTILE[name]

    stopped, *made = await asyncio.gather(
        cad.build(program, seconds=5), cad.build(TABLE), cad.build(MUG), return_exceptions=True
    )

    assert isinstance(stopped, CadFailed)
    assert stopped.kind == kind
    with pytest.raises(CadFailed, match=said):
        raise stopped
    assert [model.parts[0] for model in made if not isinstance(model, BaseException)] == ["top", "mug"]


async def test_the_image_makes_the_same_model_as_any_other_place(cad: CadSandbox) -> None:
    assert (await cad.build(TABLE)).sha256 == (await cad.build(TABLE)).sha256
