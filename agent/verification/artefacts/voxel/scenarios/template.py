"""What a scenario of the voxel world consists of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.domain.artefacts import Mutation, View
from agent.domain.base import Form
from agent.verification.artefacts.voxel.building import VoxelBuild


class NoParameters(Form):
    """The scenario has none."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a scenario measured: a value for each measure (None where there was nothing to measure), one line, views."""

    values: Mapping[str, float | None]
    detail: str
    views: tuple[View, ...] = ()


@dataclass(slots=True)
class VoxelScenario:
    """A scenario template; see ``ScenarioTemplate``.

    Attributes:
        form: validates the parameters.
        measure: tries it; it takes the building and the filled-in form.
    """

    name: str
    description: str
    measures: Mapping[str, str]
    control: Mutation
    measure: Callable[[VoxelBuild, Any], Measured]
    form: type[Form] = NoParameters
    parameters: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.parameters = self.form.model_json_schema()
