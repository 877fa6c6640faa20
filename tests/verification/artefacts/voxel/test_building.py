"""Programs are lists of typed actions; what is wrong with one names the action."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.verification.artefacts.voxel import builder as builder_file
from agent.verification.artefacts.voxel.actions import MOST_ACTIONS, BuildingProgram
from agent.verification.artefacts.voxel.blocks import BLOCKS, NUMBER
from agent.verification.artefacts.voxel.builder import Builder
from agent.verification.artefacts.voxel.building import build
from agent.verification.artefacts.world import BuildFailed
from tests.endings import ends
from tests.verification.artefacts.voxel.making import hut, made

BOX = {"do": "box", "low": [0, 0, 0], "high": [1, 1, 1], "block": "stone"}


def program(*actions: Any) -> str:
    return json.dumps({"actions": list(actions)})


def test_the_form_a_model_fills_in_takes_what_is_built() -> None:
    schema = json.dumps(BuildingProgram.model_json_schema())
    assert all(f'"const": "{do}"' in schema for do in ("box", "hollow", "stairs", "ladder", "door", "roof"))
    filled = BuildingProgram.model_validate_json(hut().program())
    assert (build(filled.model_dump_json()).blocks == made(hut()).blocks).all()


def test_a_building_knows_the_part_of_every_block() -> None:
    house = made(hut())

    assert house.names == ("walls", "door", "window", "torch", "roof")
    assert house.blocks.shape == (7, 7, 5)
    assert int(house.of("roof").sum()) == 49
    assert int(house.of("door").sum()) == 2
    assert ((house.parts >= 0) == (house.blocks > 0)).all()
    assert not house.of("cellar").any()


def test_a_building_is_cut_to_its_extent_but_stays_at_its_height() -> None:
    assert made(Builder((20, 30, 4)).box((0, 0, 0), (1, 2, 3), "stone")).blocks.shape == (2, 3, 8)


def test_stairs_rise_by_one_in_each_direction() -> None:
    for facing, along, first in (("east", 0, 1), ("west", 0, -1), ("south", 1, 1), ("north", 1, -1)):
        blocks = made(Builder((10, 10, 0)).stairs((0, 0, 0), facing, 4, width=2)).blocks
        heights = (blocks > 0).sum(axis=2).max(axis=1 - along)
        assert heights.tolist()[::first] == [1, 2, 3, 4]
        assert blocks.shape[1 - along] == 2


def test_a_line_has_no_gaps_in_any_direction() -> None:
    line = made(Builder().line((0, 9, 0), (9, 0, 4), "log"))
    assert int((line.blocks > 0).sum()) == 10


@pytest.mark.parametrize("style", ["flat", "gable", "pyramid", "swept"])
@pytest.mark.parametrize(("wide", "deep"), [(1, 1), (4, 7), (7, 4), (9, 9)])
def test_no_roof_lets_the_sky_in(style: str, wide: int, deep: int) -> None:
    roof = made(Builder((3, 3, 0)).roof((0, 0), (wide - 1, deep - 1), 0, style, overhang=2))
    assert (roof.blocks > 0).any(axis=2).all()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({**BOX, "high": [1, 1, -1]}, "action 2 (box): high.2: Input should be greater than or equal to 0"),
        ({**BOX, "low": [2, 0, 0]}, "action 2 (box): high [1, 1, 1] is below low [2, 0, 0]: a size would be negative"),
        ({**BOX, "high": [96, 1, 1]}, "action 2 (box): high.0: Input should be less than 96"),
        ({**BOX, "high": [1, 1, 1e300]}, "action 2 (box): high.2: Input should be a valid integer"),
        ({**BOX, "high": [1, 1, float("nan")]}, "action 2 (box): high.2: Input should be a valid integer"),
        ({**BOX, "high": [1, 1, float("inf")]}, "action 2 (box): high.2: Input should be a valid integer"),
        ({**BOX, "high": [1, 1, True]}, "action 2 (box): high.2: Input should be a valid integer"),
        ({**BOX, "block": "cheese"}, "action 2 (box): block: Input should be 'air'"),
        ({**BOX, "colour": "red"}, "action 2 (box): colour: Extra inputs are not permitted"),
        ({**BOX, "part": "x\ny"}, "action 2 (box): part: String should match pattern"),
        ({"do": "explode"}, "action 2 (explode): Input tag 'explode'"),
        ({"do": "stairs", "at": [0, 0, 0], "facing": "east", "steps": -3}, "action 2 (stairs): steps: Input should be"),
        ({"do": "stairs", "at": [0, 0, 60], "facing": "west", "steps": 5}, "action 2 (stairs): it reaches from [-1, "),
        ({"do": "ladder", "at": [0, 0, 60], "height": 9, "facing": "east"}, "action 2 (ladder): it reaches from"),
        ("box", "action 2 (?): Input should be a valid dictionary"),
    ],
)
def test_what_is_wrong_with_an_action_is_said_with_its_number(wrong: object, says: str) -> None:
    with pytest.raises(BuildFailed) as caught:
        build(program(BOX, wrong))
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("import os", "the program is not JSON"),
        ("[" * 100_000, "the program is not JSON"),
        ("9" * 10_000, "the program is not JSON"),
        ("[]", "must be an object with one list"),
        ('{"actions": [], "site": 1}', "must be an object with one list"),
        ('{"actions": []}', "built nothing"),
        (program({**BOX, "block": "air"}), "built nothing"),
        (program(BOX, {**BOX, "block": "air"}), "built nothing"),
        (" " * 2_000_001, "2,000,001 characters"),
        (program(*[BOX] * (MOST_ACTIONS + 1)), "5,001 actions; 5,000 are allowed"),
        (program(*[{**BOX, "part": f"p{n}"} for n in range(501)]), "action 501 (box): there are more than 500 names"),
    ],
)
def test_what_is_no_program_fails_in_one_line(text: str, says: str) -> None:
    with pytest.raises(BuildFailed) as caught:
        build(text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_largest_program_is_soon_carried_out() -> None:
    whole = {**BOX, "high": [95, 95, 63]}
    with ends():
        assert build(program(*[BOX] * 4_950, *[whole] * 50)).blocks.all()


def test_the_builder_runs_where_nothing_of_ours_is_installed(tmp_path: Path) -> None:
    (tmp_path / "builder.py").write_text(Path(builder_file.__file__).read_text())
    script = "from builder import Builder; print(Builder().box((0, 0, 0), (2, 1, 0), 'stone', part='a').program())"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert build(done.stdout).names == ("a",)


def test_every_method_of_the_builder_makes_a_valid_action() -> None:
    everything = (
        Builder((4, 4, 0))
        .hollow((0, 0, 0), (8, 8, 8), "stone")
        .box((10, 0, 0), (11, 1, 1), "bricks")
        .clear((11, 0, 0), (11, 1, 1))
        .walls((12, 0, 0), (15, 3, 2), "planks")
        .set((20, 0, 0), "lantern")
        .line((0, 20, 0), (5, 20, 5), "fence")
        .stairs((0, 12, 0), "east", 3)
        .ladder((4, 9, 0), 5, "south")
        .door((3, 8, 1), "south")
        .window((5, 8, 2), (6, 8, 3))
        .torch((4, 4, 1))
        .roof((0, 0), (8, 8), 9, overhang=1)
    )
    built = made(everything)
    found = {BLOCKS[number].name for number in np.unique(built.blocks).tolist()}
    assert {"stone", "bricks", "planks", "lantern", "fence", "glass", "torch", "tiles"} <= found
    assert {"door_lower_south", "door_upper_south", "ladder_south"} <= found
    assert NUMBER["ground"] not in np.unique(built.blocks)
