"""What an artefact must do, how that is measured, and what came of it (Luban: looked at, and tried out)."""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import orjson
from pydantic import Field

from agent.domain.base import Fact
from agent.domain.messages import Picture
from agent.domain.outcomes import Outcome

ArtefactKind = Literal["voxel", "cad", "program", "web_page", "data_file", "document"]
Relation = Literal["<", "<=", ">", ">=", "=="]


class Artefact(Fact):
    """A file the run made, with its content's blob."""

    path: str
    sha256: str
    size: int = Field(ge=0)
    media_type: str = "application/octet-stream"


class Scenario(Fact):
    """One of a world's templates with its parameters filled in; the world validates these.

    Attributes:
        name: of the template, such as ``walks_in``.
        parameters: numbers with units in their names, and anchors instead of coordinates.
    """

    name: str = Field(min_length=1, max_length=100)
    parameters: Mapping[str, Any] = {}


class Mutation(Fact):
    """A change to an artefact after which a check must fail: the negative control, such as ``fill_openings``."""

    name: str = Field(min_length=1, max_length=100)
    parameters: Mapping[str, Any] = {}


class Criterion(Fact):
    """What an artefact must do, so that it can be measured.

    Attributes:
        wish: the words it comes from.
        measure: what the scenario measures that counts, such as ``distance_to_goal``.
        threshold: the bound; it is never changed once criteria are frozen.
        unit: of measure and threshold; empty for counts and shares.
        control: must make the check fail; without one the check can only be ``inconclusive``.
        must: without it the artefact is not accepted; else it only ranks.
        tolerance: for ``==``: how far the value may be away.
        repeats: how often it is tried, each time with another seed; all must pass.
    """

    id: str = Field(min_length=1, max_length=64)
    wish: str = Field(min_length=1)
    scenario: Scenario
    measure: str = Field(min_length=1)
    relation: Relation
    threshold: float = Field(allow_inf_nan=False)
    unit: str = ""
    control: Mutation | None = None
    must: bool = True
    tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    repeats: int = Field(default=1, ge=1, le=20)


class Criteria(Fact):
    """The criteria of one wish, written before any program and then frozen.

    Attributes:
        untestable: parts of the wish that nothing here can measure, with the reason; they are said, never faked.
    """

    wish: str
    kind: ArtefactKind
    criteria: tuple[Criterion, ...]
    untestable: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The hash that stands in every report on these criteria."""
        return hashlib.sha256(orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)).hexdigest()


class Repair(Fact):
    """How one criterion was tried before it was repaired.

    Attributes:
        criterion: its id.
        reason: what was wrong with it.
        scenario: the one that was replaced.
        control: the one that was replaced.
        sha256: of the frozen criteria that this repair replaced.
    """

    criterion: str
    reason: str = Field(min_length=1, max_length=500)
    scenario: Scenario
    control: Mutation | None
    sha256: str


class Part(Fact):
    """A named part of an artefact with what was measured of it; the names of measures carry their units."""

    name: str
    measures: Mapping[str, float | str | bool] = {}


class Inspection(Fact):
    """What needs no trying out: the parts, and problems that make an artefact unusable whatever is wished of it."""

    parts: tuple[Part, ...] = ()
    measures: Mapping[str, float | str | bool] = {}
    problems: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether the artefact may be tried out at all."""
        return not self.problems


class View(Fact):
    """One look at an artefact: a picture, a description that a text model can read, or both.

    Attributes:
        drawn_by: what drew the picture; for people alone, since it differs between machines.
    """

    name: str
    picture: Picture | None = None
    description: str = ""
    drawn_by: str = ""


class Gate(Fact):
    """Whether a trial can be relied on, such as how deep bodies sank into each other. A broken one is no verdict."""

    name: str
    holds: bool
    detail: str


class Trial(Fact):
    """What one simulation measured.

    Attributes:
        value: of the criterion's measure; None where there was nothing to measure, and the detail says why.
        seed: with the same one the same numbers come out.
        versions: of the programs that took part.
    """

    value: float | None = Field(allow_inf_nan=False)
    detail: str
    seed: int
    gates: tuple[Gate, ...] = ()
    views: tuple[View, ...] = ()
    versions: Mapping[str, str] = {}
    seconds: float = Field(default=0.0, ge=0)


class CriterionResult(Fact):
    """What became of one criterion: the trials of the artefact, and those of its control."""

    criterion: Criterion
    outcome: Outcome
    detail: str
    trials: tuple[Trial, ...] = ()
    control: tuple[Trial, ...] = ()
