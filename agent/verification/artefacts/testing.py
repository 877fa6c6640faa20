"""A world whose every answer is written down beforehand, for tests of what judges artefacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.domain.artefacts import ArtefactKind, Gate, Inspection, Mutation, Scenario, Trial, View
from agent.domain.errors import UsageError
from agent.verification.artefacts.world import BuildFailed, MadeFile, ScenarioTemplate


@dataclass(frozen=True)
class ScriptedTemplate:
    """A scenario that a scripted world offers. Implements ``ScenarioTemplate``."""

    name: str
    measures: Mapping[str, str]
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    control: Mutation = field(default_factory=lambda: Mutation(name="spoil"))


@dataclass(frozen=True)
class ScriptedBuild:
    """An artefact that is known by its name alone."""

    name: str


@dataclass(frozen=True)
class Measured:
    """What a trial is to measure.

    Attributes:
        value: of the measure; None for nothing measured.
        gates: names of gates, and whether they hold.
        seed: that the trial claims to have had; None for the one it was given.
    """

    value: float | None
    gates: Mapping[str, bool] = field(default_factory=dict)
    seed: int | None = None


Answer = Measured | Exception


class ScriptedWorld:
    """A world by script. Implements ``World``.

    Attributes:
        tried: name of the build, scenario, measure and seed of each trial, in order.
    """

    kind: ArtefactKind

    def __init__(
        self,
        answers: Mapping[str, Sequence[Answer]],
        *,
        mutations: Mapping[str, str | Exception] | None = None,
        templates: Sequence[ScenarioTemplate] = (),
        problems: Mapping[str, Sequence[str]] | None = None,
        kind: ArtefactKind = "program",
    ) -> None:
        """Write the script.

        Args:
            answers: by name of build: what its trials give. The first is for seed 0; they begin anew after the last.
            mutations: name of the build that each mutation makes of any other, or what it raises. The name ``same``
                returns the very build that was given.
            templates: what the world says it offers.
            problems: by name of build: what makes it unusable.
            kind: of artefacts.
        """
        self.kind = kind
        self.tried: list[tuple[str, Scenario, str, int]] = []
        self._answers = {name: tuple(given) for name, given in answers.items()}
        self._mutations = dict(mutations or {})
        self._templates = tuple(templates)
        self._problems = {name: tuple(lines) for name, lines in (problems or {}).items()}

    def guide(self) -> str:
        """Say what programs are here."""
        return f"A program is one of these words: {', '.join(self._answers)}"

    async def build(self, program: str) -> ScriptedBuild:
        """Return the build whose name is the program."""
        if program not in self._answers:
            raise BuildFailed(f"there is no build {program!r} in the script")
        return ScriptedBuild(program)

    async def inspect(self, build: ScriptedBuild) -> Inspection:
        """Return the problems of the script."""
        return Inspection(problems=self._problems.get(build.name, ()))

    async def look(self, build: ScriptedBuild) -> tuple[View, ...]:
        """Return the build's name as its only view."""
        return (View(name="name", description=build.name),)

    def scenarios(self) -> tuple[ScenarioTemplate, ...]:
        """Return the templates of the script."""
        return self._templates

    async def simulate(self, build: ScriptedBuild, scenario: Scenario, measure: str, seed: int) -> Trial:
        """Return or raise what the script says for this build and seed."""
        self.tried.append((build.name, scenario, measure, seed))
        answers = self._answers[build.name]
        answer = answers[seed % len(answers)]
        if isinstance(answer, Exception):
            raise answer
        gates = tuple(Gate(name=name, holds=holds, detail="by script") for name, holds in answer.gates.items())
        given = seed if answer.seed is None else answer.seed
        return Trial(value=answer.value, detail="by script", seed=given, gates=gates)

    async def mutate(self, build: ScriptedBuild, mutation: Mutation) -> ScriptedBuild:
        """Return the build that the script names, or raise what it says."""
        made = self._mutations.get(mutation.name)
        if made is None:
            raise UsageError(
                f"there is no mutation {mutation.name!r}; the script has {', '.join(self._mutations) or 'none'}"
            )
        if isinstance(made, Exception):
            raise made
        return build if made == "same" else ScriptedBuild(made)

    async def files(self, build: ScriptedBuild) -> tuple[MadeFile, ...]:
        """Return a text file with the build's name."""
        return (MadeFile("name.txt", build.name.encode(), "text/plain"),)
