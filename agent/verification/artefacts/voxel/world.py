"""The voxel world: buildings of blocks, tried out by rules that are exact, without physics and without pictures."""

import asyncio
import importlib.util
import json
import time
from typing import Final, get_args

import numpy as np
from pydantic import ValidationError

from agent.domain.artefacts import ArtefactKind, Inspection, Mutation, Scenario, Trial, View
from agent.domain.errors import UsageError
from agent.domain.messages import Picture
from agent.ledger.blobs import BlobStore
from agent.models.templates import render
from agent.verification.artefacts.voxel.actions import HIGH, MOST_ACTIONS, WIDE, BuildingProgram
from agent.verification.artefacts.voxel.blocks import BlockName
from agent.verification.artefacts.voxel.building import VoxelBuild, build
from agent.verification.artefacts.voxel.exporting import as_json, schematic
from agent.verification.artefacts.voxel.inspecting import inspected
from agent.verification.artefacts.voxel.looking import SIDES, Side, elevation, legend, picture, section, slices
from agent.verification.artefacts.voxel.mutating import mutated, said
from agent.verification.artefacts.voxel.scenarios import SCENARIOS
from agent.verification.artefacts.voxel.scenarios.template import VoxelScenario
from agent.verification.artefacts.world import MadeFile

_RULES: Final = "1"
"""Version of the rules of walking, air and light; another one may measure other numbers."""


class VoxelWorld:
    """See ``World``. Pictures are kept in the blobs; without blobs views are texts alone."""

    kind: ArtefactKind = "voxel"

    def __init__(self, blobs: BlobStore | None = None) -> None:
        self._blobs = blobs

    def guide(self) -> str:
        """Return the actions with their fields, the blocks, what a player can do, and an example."""
        return render(
            "agent.verification.artefacts.voxel",
            "guide",
            actions=_actions(),
            blocks=get_args(BlockName),
            wide=WIDE,
            high=HIGH,
            most=MOST_ACTIONS,
        )

    async def build(self, program: str) -> VoxelBuild:
        """Carry out the actions of a program.

        Raises:
            BuildFailed: it is no program, one of its actions is wrong (the message names it), or it built nothing.
        """
        return await asyncio.to_thread(build, program)

    async def inspect(self, build: VoxelBuild) -> Inspection:
        """Return parts, counts of blocks, floating blocks, and problems."""
        return await asyncio.to_thread(inspected, build)

    async def look(self, build: VoxelBuild) -> tuple[View, ...]:
        """Return layers, four elevations and a plan, and two sections."""
        if not build.blocks.any():
            return (View(name="layers", description="there is no block"),)
        views = [View(name="layers", description=f"{legend(build)}\n{slices(build)}")]
        for side in SIDES:
            name = "plan" if side == "top" else f"from_{side}"
            views.append(View(name=name, description=elevation(build, side), picture=await self._picture(build, side)))
        views.append(View(name="section_across_x", description=section(build, "x")))
        views.append(View(name="section_across_y", description=section(build, "y")))
        return tuple(views)

    async def _picture(self, build: VoxelBuild, side: Side) -> Picture | None:
        if self._blobs is None:
            return None
        png, width, height = await asyncio.to_thread(picture, build, side)
        return Picture(sha256=await self._blobs.put(png), media_type="image/png", width=width, height=height)

    def scenarios(self) -> tuple[VoxelScenario, ...]:
        """Return what can be tried."""
        return tuple(SCENARIOS.values())

    async def simulate(self, build: VoxelBuild, scenario: Scenario, measure: str, seed: int) -> Trial:
        """Try a scenario. Nothing is left to chance in this world, so the seed is recorded and changes nothing.

        Raises:
            UsageError: there is no such scenario or measure, or its parameters do not fit.
        """
        template = SCENARIOS.get(scenario.name)
        if template is None:
            raise UsageError(f"there is no voxel scenario {scenario.name!r}; there are {', '.join(SCENARIOS)}")
        if measure not in template.measures:
            raise UsageError(f"{scenario.name} does not measure {measure!r}; it does {', '.join(template.measures)}")
        try:
            form = template.form.model_validate(dict(scenario.parameters))
        except ValidationError as error:
            raise UsageError(f"scenario {scenario.name}: {said(error)}") from None
        begun = time.perf_counter()
        measured = await asyncio.to_thread(template.measure, build, form)
        return Trial(
            value=measured.values[measure],
            detail=measured.detail,
            seed=seed,
            views=measured.views,
            versions={"numpy": np.__version__, "voxel_rules": _RULES},
            seconds=time.perf_counter() - begun,
        )

    async def mutate(self, build: VoxelBuild, mutation: Mutation) -> VoxelBuild:
        """Return a changed copy; an equal one where the building already is so (see ``mutating.mutated``).

        Raises:
            TrialImpossible: it is about a part that is not there, or the copy would be too large.
            UsageError: there is no such mutation, or its parameters do not fit.
        """
        return await asyncio.to_thread(mutated, build, mutation)

    async def files(self, build: VoxelBuild) -> tuple[MadeFile, ...]:
        """Return the schematic where the extra ``voxel`` is installed, and the blocks as JSON. See ``World``."""
        made = [MadeFile("building.json", await asyncio.to_thread(as_json, build), "application/json")]
        if importlib.util.find_spec("mcschematic") is not None:
            data = await asyncio.to_thread(schematic, build)
            made.insert(0, MadeFile("building.schem", data, "application/octet-stream"))
        return tuple(made)


def _actions() -> tuple[tuple[str, str, str], ...]:
    """Return name, fields and meaning of each action, as the form that validates them has it."""
    schema = BuildingProgram.model_json_schema()
    shown = []
    for form in schema["$defs"].values():
        if "do" not in form.get("properties", {}):
            continue
        needed = form.get("required", ())
        fields = [
            name if name in needed else f"{name}={json.dumps(field.get('default'))}"
            for name, field in form["properties"].items()
            if name not in ("do", "part")
        ]
        shown.append((form["properties"]["do"]["const"], ", ".join(fields), " ".join(form["description"].split())))
    return tuple(shown)
