"""CAD models tried out in the process of a test: everything of a CAD sandbox but the sandbox."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.domain.artefacts import (
    ArtefactKind,
    Criterion,
    CriterionResult,
    Gate,
    Inspection,
    Mutation,
    Relation,
    Scenario,
    Trial,
    View,
)
from agent.domain.errors import UsageError
from agent.verification.artefacts.freezing import completed
from agent.verification.artefacts.trying import tried
from agent.verification.artefacts.world import MadeFile, TrialImpossible
from toolserver.cad.building import built
from toolserver.cad.model import Model
from toolserver.cad.mutating import mutated
from toolserver.cad.scenarios import SCENARIOS
from toolserver.cad.simulating import simulated
from toolserver.errors import CadFailed


@dataclass(frozen=True)
class Row:
    """A scenario of the table as criteria see it."""

    name: str
    description: str
    measures: Mapping[str, str]
    parameters: Mapping[str, Any]
    control: Mutation
    controls: Mapping[str, Mutation]


class CadInProcess:
    """See ``World``."""

    kind: ArtefactKind = "cad"

    def guide(self) -> str:
        return ""

    async def build(self, program: str) -> Model:
        return await asyncio.to_thread(built, program)

    async def inspect(self, build: Model) -> Inspection:
        return Inspection()

    async def look(self, build: Model) -> tuple[View, ...]:
        return ()

    async def files(self, build: Model) -> tuple[MadeFile, ...]:
        return ()

    def scenarios(self) -> tuple[Row, ...]:
        return tuple(
            Row(
                row.name,
                row.description,
                row.measures,
                row.parameters,
                Mutation(name=row.control.name, parameters=row.control.parameters),
                {measure: Mutation(name=one.name, parameters=one.parameters) for measure, one in row.controls.items()},
            )
            for row in SCENARIOS.values()
        )

    async def simulate(self, build: Model, scenario: Scenario, measure: str, seed: int) -> Trial:
        try:
            found = await asyncio.to_thread(
                simulated, build, scenario.name, scenario.parameters, measure, seed, pictures=False
            )
        except CadFailed as failed:
            raise (UsageError if failed.kind == "usage" else TrialImpossible)(str(failed)) from None
        gates = tuple(Gate(name=gate.name, holds=gate.holds, detail=gate.detail) for gate in found.gates)
        return Trial(value=found.value, detail=found.detail, seed=seed, gates=gates, versions=found.versions)

    async def mutate(self, build: Model, mutation: Mutation) -> Model:
        try:
            return await asyncio.to_thread(mutated, build, mutation.name, mutation.parameters)
        except CadFailed as failed:
            raise TrialImpossible(str(failed)) from None


async def judged_once(
    build: Model,
    scenario: str,
    measure: str,
    relation: Relation,
    threshold: float,
    parameters: Mapping[str, Any] | None = None,
    control: Mutation | None = None,
) -> CriterionResult:
    """Try one criterion, with the usual control of its scenario unless another is given."""
    from agent.domain.artefacts import Criteria

    world = CadInProcess()
    criterion = Criterion(
        id="C1",
        wish="a wish",
        scenario=Scenario(name=scenario, parameters=parameters or {}),
        measure=measure,
        relation=relation,
        threshold=threshold,
        control=control,
    )
    criteria = completed(world, Criteria(wish="a wish", kind="cad", criteria=(criterion,)))
    return await tried(world, build, criteria.criteria[0], seed=0)
