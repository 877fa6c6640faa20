"""How often planted defects are found, and how often good artefacts are blamed, kind by kind and check by check."""

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.domain.artefacts import ArtefactKind, CriterionResult
from agent.domain.base import Fact
from agent.domain.outcomes import Outcome
from agent.verification.artefacts.data_file import DataFileWorld
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.pages.site import Browser
from agent.verification.artefacts.program import ProgramWorld, Sandbox
from agent.verification.artefacts.ranking import accepted
from agent.verification.artefacts.trying import judged
from agent.verification.artefacts.web_page import WebPageWorld
from agent.verification.artefacts.world import BuildFailed, World
from evals.checks import CheckCounts, counted
from evals.made.asked import criteria_of
from evals.made.catalogue import Artefact, Defect

BUILT = "inspection"
"""The check that comes before all others: an artefact is built, and sound."""


class Judged(Fact):
    """What was said of one version of an artefact.

    Attributes:
        defect: id of the one that was planted; None for the good version.
        problems: why it could not be built, or is not sound.
        accepted: nothing at all is wrong with it.
    """

    kind: ArtefactKind
    artefact: str
    defect: str | None
    problems: tuple[str, ...]
    results: tuple[CriterionResult, ...]
    accepted: bool

    @property
    def found(self) -> bool:
        """Whether something was said to be wrong: a check failed, or it is not sound. That a check broke is not it."""
        return bool(self.problems) or any(one.outcome == "fail" for one in self.results)

    @property
    def alarms(self) -> tuple[str, ...]:
        """What did not pass, one line each."""
        said = [f"{one.criterion.scenario.name}: {one.detail}" for one in self.results if one.outcome != "pass"]
        return (*self.problems, *said)


class CheckRow(CheckCounts):
    """How one check came out over all versions of all artefacts of a kind."""

    kind: ArtefactKind
    check: str


class Told(Fact):
    """All artefacts together.

    Attributes:
        missed: versions with a defect that nothing was said against.
        alarms: what was said against good versions.
        checks: of good versions, inspection among them.
        accepted_bad: versions with a defect that were accepted; less than those missed, where a check broke.
    """

    rows: tuple[CheckRow, ...]
    artefacts: int
    defects: int
    found: int
    missed: tuple[str, ...]
    alarms: tuple[str, ...]
    checks: int
    accepted_bad: int
    seconds: float


class Workbench:
    """Tries artefacts of each kind. Programs and pages run in sandboxes that are given."""

    def __init__(self, programs: Sandbox, pages: Browser) -> None:
        self._programs = programs
        self._pages = pages

    async def judged(self, artefact: Artefact, defect: Defect | None) -> Judged:
        """Try one version of an artefact by its frozen criteria."""
        files = artefact.files if defect is None else artefact.spoilt(defect)
        world, program = self._world(artefact.kind, files)
        criteria = freeze(world, completed(world, criteria_of(artefact))).criteria
        about = {"kind": artefact.kind, "artefact": artefact.name, "defect": defect.id if defect else None}
        try:
            build = await world.build(program)
        except BuildFailed as error:
            return Judged(**about, problems=(str(error),), results=(), accepted=False)
        inspection = await world.inspect(build)
        results = await judged(world, build, criteria)
        said = accepted(inspection, results, criteria=criteria)
        return Judged(**about, problems=inspection.problems, results=results, accepted=said.accepted)

    def _world(self, kind: ArtefactKind, files: Mapping[str, bytes]) -> tuple[World[Any], str]:
        """Return the world of a kind, and the program of an artefact in it."""
        if kind == "program":
            texts = {path: data.decode() for path, data in files.items()}
            return ProgramWorld(self._programs), json.dumps({"files": texts})
        if kind == "web_page":
            texts = {path: data.decode() for path, data in files.items() if not path.endswith(".png")}
            pictures = {path: base64.b64encode(data).decode() for path, data in files.items() if path not in texts}
            return WebPageWorld(self._pages), json.dumps({"files": texts, "pictures": pictures})
        # the file that the wish is about comes first: the others are what it refers to
        others = ("stations.csv", "customers.json")
        paths = sorted(files, key=lambda path: path in others)
        return DataFileWorld.of(files), "\n".join(paths)


async def measured(
    bench: Workbench, artefacts: Sequence[Artefact], on_step: Callable[[Judged], None] = lambda _: None
) -> Told:
    """Try each artefact as it is, and with each of its defects."""
    begun = time.perf_counter()
    every: list[Judged] = []
    for artefact in artefacts:
        for defect in (None, *artefact.defects):
            every.append(await bench.judged(artefact, defect))
            on_step(every[-1])
    return told(every, time.perf_counter() - begun)


def told(every: Sequence[Judged], seconds: float) -> Told:
    """Return what was found, and what was blamed."""
    bad = [one for one in every if one.defect is not None]
    good = [one for one in every if one.defect is None]
    return Told(
        rows=tuple(_rows(every)),
        artefacts=len(good),
        defects=len(bad),
        found=sum(one.found for one in bad),
        missed=tuple(f"{one.artefact}: {one.defect}" for one in bad if not one.found),
        alarms=tuple(f"{one.artefact}: {alarm}" for one in good for alarm in one.alarms),
        checks=sum(1 + len(one.results) for one in good),
        accepted_bad=sum(one.accepted for one in bad),
        seconds=seconds,
    )


def _rows(every: Sequence[Judged]) -> list[CheckRow]:
    outcomes: dict[tuple[ArtefactKind, str], tuple[list[Outcome], list[Outcome]]] = {}
    for one in every:
        said: list[tuple[str, Outcome]] = [(BUILT, "fail" if one.problems else "pass")]
        said += [(result.criterion.scenario.name, result.outcome) for result in one.results]
        for check, outcome in said:
            good, bad = outcomes.setdefault((one.kind, check), ([], []))
            (good if one.defect is None else bad).append(outcome)
    return [CheckRow(kind=kind, check=check, **counted(*outcomes[kind, check])) for kind, check in sorted(outcomes)]
