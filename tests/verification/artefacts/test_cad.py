"""The CAD world of the agent over a real CAD sandbox: built, measured, seen, tried, sabotaged, handed over."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from agent.domain.artefacts import Criterion, Mutation, Scenario
from agent.domain.errors import UsageError
from agent.ledger.blobs import FolderBlobs
from agent.verification.artefacts.cad import SCENARIOS, CadWorld
from agent.verification.artefacts.trying import tried
from agent.verification.artefacts.world import BuildFailed, TrialImpossible
from tests.toolserver.cad.programs import TABLE
from toolserver.client import LocalSandbox, open_cad

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[CadWorld]:
    folder = tmp_path_factory.mktemp("cad")
    async with await open_cad(LocalSandbox(), "cad", state_dir=folder) as sandbox:
        yield CadWorld(sandbox, FolderBlobs(folder / "blobs"))


async def test_a_table_is_sound_seen_and_handed_over_in_four_formats(world: CadWorld) -> None:
    build = await world.build(TABLE)
    found = await world.inspect(build)
    files = await world.files(build)
    views = await world.look(build)

    assert found.sound
    assert found.measures["touching"] == "top-leg_1, top-leg_2, top-leg_3, top-leg_4"
    assert [part.name for part in found.parts] == list(build.parts)
    assert [file.path for file in files] == ["artefact.step", "artefact.glb", "artefact.stl", "artefact.3mf"]
    assert all(file.data for file in files)
    assert any(view.description for view in views)
    pictures = [view.picture for view in views if view.picture is not None]
    assert {picture.media_type for picture in pictures} == {"image/png"}


async def test_a_check_on_it_passes_since_it_fails_on_its_control(world: CadWorld) -> None:
    row = next(row for row in SCENARIOS if row.name == "stands")
    criterion = Criterion(
        id="stands",
        wish="stands",
        scenario=Scenario(name="stands"),
        measure="tilt",
        relation="<",
        threshold=5,
        unit="deg",
        control=row.control,
    )
    result = await tried(world, await world.build(TABLE), criterion, seed=0)

    assert result.outcome == "pass"
    assert result.control[0].value is None or result.control[0].value >= 5


async def test_a_program_that_makes_nothing_is_told_what_to_repair(world: CadWorld) -> None:
    with pytest.raises(BuildFailed, match=r"line 2 .*Vector.*tuple\(v\)"):
        await world.build("from build123d import *\nVector(1, 2, 3).to_tuple()")


async def test_what_the_tables_do_not_have_is_refused(world: CadWorld) -> None:
    build = await world.build(TABLE)

    with pytest.raises(UsageError, match="there is no scenario 'flies'"):
        await world.simulate(build, Scenario(name="flies"), "height", 0)
    with pytest.raises(UsageError, match="there is no mutation 'explode' of CAD artefacts"):
        await world.mutate(build, Mutation(name="explode"))
    with pytest.raises(UsageError, match=r"mutation scale: .*factor"):
        await world.mutate(build, Mutation(name="scale", parameters={"factor": "much"}))
    with pytest.raises(TrialImpossible, match="there is no part 'wing'"):
        await world.mutate(build, Mutation(name="remove_part", parameters={"part": "wing"}))


async def test_the_guide_is_short_and_names_the_limits(world: CadWorld) -> None:
    guide = world.guide()

    assert len(guide.splitlines()) <= 120
    assert "20 s of processor time, 1024 MB and 500 parts" in guide
    assert "{{" not in guide
