"""The kinds of artefacts behind one protocol: how each is built, inspected, looked at, tried out, and sabotaged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, runtime_checkable

from agent.domain.artefacts import ArtefactKind, Inspection, Mutation, Scenario, Trial, View
from agent.domain.errors import ModelOutputError

BuildT = TypeVar("BuildT")


class BuildFailed(ModelOutputError):
    """A program did not make an artefact. The message says why, so that it can be repaired, in one line."""


class TrialImpossible(Exception):
    """A scenario cannot be tried with this artefact; the check is then inconclusive. The message is one line."""


class NotConcerned(Exception):
    """A criterion does not concern this artefact at all, and cannot: the check is not applicable. One line.

    Something that is missing but could be there, such as the door of a house, is never this: then the check fails.
    """


@dataclass(frozen=True)
class MadeFile:
    """A file in which an artefact is handed over.

    Attributes:
        path: relative, with forward slashes.
    """

    path: str
    data: bytes
    media_type: str


class ScenarioTemplate(Protocol):
    """A scenario that a world offers.

    Attributes:
        name: how criteria name it.
        description: what it tries, for whoever writes criteria.
        measures: what it measures, with the unit of each; empty for counts and shares.
        parameters: JSON Schema of its parameters.
        control: the mutation that makes it fail, as a rule. A parameter ``$column`` of it takes the value of the
            scenario's parameter ``column``.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - told above, as all that follow

    @property
    def description(self) -> str: ...  # noqa: D102

    @property
    def measures(self) -> Mapping[str, str]: ...  # noqa: D102

    @property
    def parameters(self) -> Mapping[str, Any]: ...  # noqa: D102

    @property
    def control(self) -> Mutation: ...  # noqa: D102


@runtime_checkable
class ControlsByMeasure(Protocol):
    """A template some of whose measures need another control than its usual one.

    Attributes:
        controls: the usual control of such measures, filled in as ``ScenarioTemplate.control`` is.
    """

    @property
    def controls(self) -> Mapping[str, Mutation]: ...  # noqa: D102 - told above


def control_of(template: ScenarioTemplate, measure: str) -> Mutation:
    """Return the mutation that makes a check of a measure fail, as a rule."""
    if isinstance(template, ControlsByMeasure):
        return template.controls.get(measure, template.control)
    return template.control


class World(Protocol[BuildT]):
    """One kind of artefact. Implementations are free of state, so that candidates can be worked on side by side."""

    kind: ArtefactKind

    def guide(self) -> str:
        """Return what whoever writes programs has to know: language, functions, units, limits, and one example."""

    async def build(self, program: str) -> BuildT:
        """Run a program that makes the artefact.

        Raises:
            BuildFailed: it made none, or broke a limit.
        """

    async def inspect(self, build: BuildT) -> Inspection:
        """Return parts, measures and problems."""

    async def look(self, build: BuildT) -> tuple[View, ...]:
        """Return views of it."""

    def scenarios(self) -> tuple[ScenarioTemplate, ...]:
        """Return what can be tried."""

    async def simulate(self, build: BuildT, scenario: Scenario, measure: str, seed: int) -> Trial:
        """Try a scenario and return what it measured.

        Raises:
            TrialImpossible: it cannot be tried.
            NotConcerned: it does not concern this artefact.
            UsageError: there is no such scenario or measure, or its parameters do not fit.
        """

    async def mutate(self, build: BuildT, mutation: Mutation) -> BuildT:
        """Return a changed copy; where the artefact already is what the mutation makes of it, an equal one.

        A house without a door, whose openings are to be filled, can so be said to fail; and no check passes by that,
        since its control then passes too.

        Raises:
            TrialImpossible: the change cannot be made, such as that of a part which is not there.
            UsageError: there is no such mutation.
        """

    async def files(self, build: BuildT) -> tuple[MadeFile, ...]:
        """Return the artefact as it is handed over, the file that matters most first."""
