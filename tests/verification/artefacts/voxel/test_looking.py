"""Looking at a building: texts that a model without eyes can read, pictures for one with eyes, and counts of parts."""

import io
from pathlib import Path

import pytest

from agent.ledger.blobs import FolderBlobs
from agent.verification.artefacts.voxel.builder import Builder
from agent.verification.artefacts.voxel.world import VoxelWorld
from tests.verification.artefacts.voxel.making import hut, made


async def views(program: Builder) -> dict[str, str]:
    return {view.name: view.description for view in await VoxelWorld().look(made(program))}


async def test_depth_digits_show_an_opening_that_letters_hide() -> None:
    """Through a doorway without a door one sees the opposite wall, which is of the same blocks."""
    closed = Builder().walls((0, 0, 0), (6, 6, 3), "planks").roof((0, 0), (6, 6), 4, "flat")
    with_door = Builder().walls((0, 0, 0), (6, 6, 3), "planks").roof((0, 0), (6, 6), 4, "flat")
    with_door.clear((3, 6, 0), (3, 6, 1))
    before = (await views(closed))["from_south"].split("\n")
    after = (await views(with_door))["from_south"].split("\n")
    assert [line[:7] for line in before] == [line[:7] for line in after]
    assert before[-1] == "KKKKKKK   0000000".replace("K", before[-1][0])
    assert after[-1][10:] == "0009000".replace("9", after[-1][13])
    assert int(after[-1][13]) >= 8


async def test_each_side_is_seen_as_one_sees_it_from_there() -> None:
    """One block of each kind in each corner, of which two are seen from every side, the left one first."""
    corners = Builder().set((0, 0, 0), "stone").set((2, 0, 0), "log").set((2, 2, 0), "wool").set((0, 2, 0), "glass")
    seen = await views(corners)
    legend = dict(entry.split(" ")[::-1] for entry in seen["layers"].split("\n")[0].split(", "))
    s, o, w, g = legend["stone"], legend["log"], legend["wool"], legend["glass"]
    assert seen["from_south"].split("   ")[0] == f"{g}.{w}"
    assert seen["from_north"].split("   ")[0] == f"{o}.{s}"
    assert seen["from_east"].split("   ")[0] == f"{w}.{o}"
    assert seen["from_west"].split("   ")[0] == f"{s}.{g}"
    assert [line.split("   ")[0] for line in seen["plan"].split("\n")] == [f"{s}.{o}", "...", f"{g}.{w}"]


async def test_sections_show_what_is_inside() -> None:
    """A post in the middle of the room is hidden by walls on every side."""
    seen = await views(hut().box((3, 3, 0), (3, 3, 2), "log"))
    legend = dict(entry.split(" ")[::-1] for entry in seen["layers"].split("\n")[0].split(", "))
    for name in ("section_across_x", "section_across_y"):
        assert [line[3] for line in seen[name].split("\n")][-3:] == [legend["log"]] * 3
    assert legend["log"] not in seen["from_south"] + seen["plan"]


async def test_pictures_are_kept_as_blobs_and_can_be_opened(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="pillow opens the picture here; it is in the extra sandbox")
    blobs = FolderBlobs(tmp_path)
    found = await VoxelWorld(blobs).look(made(hut()))
    pictures = [view.picture for view in found if view.picture]
    assert len(pictures) == 5
    for picture in pictures:
        with image.open(io.BytesIO(await blobs.get(picture.sha256))) as opened:
            opened.load()
            assert opened.format == "PNG"
            assert opened.size == (picture.width, picture.height)
            assert len(opened.getcolors(100_000)) > 2


async def test_an_inspection_names_parts_counts_and_what_floats() -> None:
    built = hut().box((0, 0, 8), (2, 2, 8), "wool", part="cloud")
    found = await VoxelWorld().inspect(made(built))
    parts = {part.name: part.measures for part in found.parts}
    assert found.sound
    assert found.measures["floating_blocks"] == 9
    assert parts["cloud"]["floating_blocks"] == 9
    assert parts["roof"]["floating_blocks"] == 0
    assert parts["door"] == {
        "blocks": 2,
        "floating_blocks": 0,
        "from": "3,6,0",
        "to": "3,6,1",
        "material": "door_lower_south",
    }


async def test_what_stands_on_nothing_is_not_sound() -> None:
    found = await VoxelWorld().inspect(made(Builder((0, 0, 3)).box((0, 0, 0), (1, 1, 1), "stone")))
    assert found.problems == ("nothing stands on the ground: no block is at z 0",)
