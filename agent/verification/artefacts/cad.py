"""The CAD world: solids that a program makes, tried out by physics; all of it happens in a CAD sandbox."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn, Protocol, Unpack

from agent.domain.artefacts import ArtefactKind, Gate, Inspection, Mutation, Part, Scenario, Trial, View
from agent.domain.errors import SandboxUnavailable, UsageError
from agent.domain.messages import Picture
from agent.ledger.blobs import BlobStore
from agent.models.templates import render
from agent.verification.artefacts.templates import template_of
from agent.verification.artefacts.world import BuildFailed, MadeFile, NotConcerned, TrialImpossible
from toolserver.client import (
    CAD_MUTATIONS,
    CAD_SCENARIOS,
    CadFailed,
    CadFile,
    CadInspection,
    CadModel,
    CadSettings,
    CadTrial,
    CadView,
    HowTried,
    ToolServerError,
)

BUILD_SECONDS: Final = 20.0
"""Processor time of a program."""

_FILES: Final[tuple[tuple[CadFile, str], ...]] = (
    ("step", "model/step"),
    ("glb", "model/gltf-binary"),
    ("stl", "model/stl"),
    ("3mf", "model/3mf"),
)
_SEEDS: Final = 2**31
_MOST_PARTS: Final = 500


class Shop(Protocol):
    """Where solids are made and judged; ``toolserver.client.CadSandbox`` is one."""

    async def build(self, program: str, *, seconds: float = BUILD_SECONDS) -> CadModel:
        """Run a program; every member raises ``CadFailed`` where nothing comes of it."""

    async def inspect(self, model: CadModel) -> CadInspection:
        """Measure it."""

    async def look(
        self, model: CadModel, views: Sequence[str] = (), *, pictures: bool = True, size: int = 480
    ) -> tuple[CadView, ...]:
        """Show it."""

    async def simulate(
        self,
        model: CadModel,
        scenario: str,
        measure: str,
        parameters: Mapping[str, Any] | None = None,
        **how: Unpack[HowTried],
    ) -> CadTrial:
        """Try it out."""

    async def mutate(self, model: CadModel, mutation: str, parameters: Mapping[str, Any] | None = None) -> CadModel:
        """Return a changed copy."""

    async def export(self, model: CadModel, file: CadFile) -> bytes:
        """Return it as a file."""


@dataclass(frozen=True)
class CadTemplate:
    """A scenario of the table of CAD sandboxes. Implements ``ScenarioTemplate`` and ``ControlsByMeasure``."""

    name: str
    description: str
    measures: Mapping[str, str]
    parameters: Mapping[str, Any]
    control: Mutation
    controls: Mapping[str, Mutation]


SCENARIOS: Final = tuple(
    CadTemplate(
        name=row.name,
        description=row.description,
        measures=row.measures,
        parameters=row.parameters,
        control=Mutation(name=row.control.name, parameters=row.control.parameters),
        controls={measure: Mutation(name=one.name, parameters=one.parameters) for measure, one in row.controls.items()},
    )
    for row in CAD_SCENARIOS.values()
)


class CadWorld:
    """See ``World``. A handle is the model as bytes, so that candidates can be judged side by side and again later."""

    kind: ArtefactKind = "cad"

    def __init__(self, shop: Shop, blobs: BlobStore | None = None) -> None:
        """Make and judge in a shop. Pictures are kept in the blobs; without blobs views are texts alone."""
        self._shop = shop
        self._blobs = blobs

    def guide(self) -> str:
        """Return conventions, limits and a sheet of the CAD library, in which every program was run by a test."""
        return render(
            "agent.verification.artefacts",
            "cad_guide",
            seconds=int(BUILD_SECONDS),
            memory=CadSettings().program_memory_mb,
            parts=_MOST_PARTS,
        )

    async def build(self, program: str) -> CadModel:
        """Run the program. See ``World``."""
        try:
            return await self._shop.build(program, seconds=BUILD_SECONDS)
        except CadFailed as failed:
            raise BuildFailed(str(failed)) from None
        except ToolServerError as error:
            raise _unavailable(error) from error

    async def inspect(self, build: CadModel) -> Inspection:
        """Measure it; what touches and what overlaps stand among the measures of the whole. See ``World``."""
        try:
            found = await self._shop.inspect(build)
        except CadFailed as failed:
            return Inspection(problems=(str(failed),))
        except ToolServerError as error:
            raise _unavailable(error) from error
        told = {
            "touching": ", ".join(f"{one}-{other}" for one, other in found.touching),
            "overlapping": ", ".join(f"{one}-{other}" for one, other, _ in found.overlapping),
            "notes": "; ".join(found.notes),
        }
        return Inspection(
            parts=tuple(Part(name=part.name, measures=part.measures) for part in found.parts),
            measures={**found.measures, **{name: text for name, text in told.items() if text}},
            problems=found.problems,
        )

    async def look(self, build: CadModel) -> tuple[View, ...]:
        """Return pictures of its own mesh, and descriptions that need no eyes. See ``World``."""
        try:
            views = await self._shop.look(build, pictures=self._blobs is not None)
        except CadFailed as failed:
            return (View(name="nothing", description=f"nothing can be shown of it: {failed}"),)
        except ToolServerError as error:
            raise _unavailable(error) from error
        return await self._kept(views)

    def scenarios(self) -> tuple[CadTemplate, ...]:
        """Return what can be tried."""
        return SCENARIOS

    async def simulate(self, build: CadModel, scenario: Scenario, measure: str, seed: int) -> Trial:
        """Try a scenario by physics or by measuring, as its description says. See ``World``."""
        template_of(SCENARIOS, scenario, measure, of="CAD artefacts")
        try:
            trial = await self._shop.simulate(
                build,
                scenario.name,
                measure,
                scenario.parameters,
                seed=seed % _SEEDS,
                pictures=self._blobs is not None,
            )
        except CadFailed as failed:
            _raise(failed)
        except ToolServerError as error:
            raise _unavailable(error) from error
        return Trial(
            value=trial.value,
            detail=trial.detail,
            seed=seed,
            gates=tuple(Gate(name=gate.name, holds=gate.holds, detail=gate.detail) for gate in trial.gates),
            views=await self._kept(trial.views),
            versions=trial.versions,
            seconds=trial.seconds,
        )

    async def mutate(self, build: CadModel, mutation: Mutation) -> CadModel:
        """Return a changed copy, by the table ``CAD_MUTATIONS``. See ``World``."""
        if mutation.name not in CAD_MUTATIONS:
            known = ", ".join(CAD_MUTATIONS)
            raise UsageError(f"there is no mutation {mutation.name!r} of CAD artefacts; there are {known}")
        try:
            return await self._shop.mutate(build, mutation.name, mutation.parameters)
        except CadFailed as failed:
            _raise(failed)
        except ToolServerError as error:
            raise _unavailable(error) from error

    async def files(self, build: CadModel) -> tuple[MadeFile, ...]:
        """Return it as STEP, which other CAD programs read exactly, and as GLB, STL and 3MF, as far as it can be.

        See ``World``.

        Raises:
            BuildFailed: it can be written as none of them.
        """
        written = await asyncio.gather(*(self._written(build, file) for file, _ in _FILES))
        made = tuple(
            MadeFile(path=f"artefact.{file}", data=content, media_type=media_type)
            for (file, media_type), content in zip(_FILES, written, strict=True)
            if isinstance(content, bytes)
        )
        if not made:
            raise BuildFailed(f"it cannot be written as a file: {written[0]!s}")
        return made

    async def _written(self, build: CadModel, file: CadFile) -> bytes | CadFailed:
        try:
            return await self._shop.export(build, file)
        except CadFailed as failed:
            return failed
        except ToolServerError as error:
            raise _unavailable(error) from error

    async def _kept(self, views: Sequence[CadView]) -> tuple[View, ...]:
        return tuple(
            [
                View(
                    name=one.name,
                    description=one.description,
                    picture=await self._shown(one),
                    drawn_by=one.drawn_by if self._blobs is not None else "",
                )
                for one in views
            ]
        )

    async def _shown(self, view: CadView) -> Picture | None:
        if self._blobs is None or view.picture is None:
            return None
        sha256 = await self._blobs.put(view.picture)
        return Picture(sha256=sha256, media_type="image/png", width=view.width, height=view.height)


def _raise(failed: CadFailed) -> NoReturn:
    match failed.kind:
        case "usage":
            raise UsageError(str(failed)) from None
        case "not_concerned":
            raise NotConcerned(str(failed)) from None
        case _:
            raise TrialImpossible(str(failed)) from None


def _unavailable(error: ToolServerError) -> SandboxUnavailable:
    return SandboxUnavailable(f"CAD artefacts are made in a sandbox: {error}")
