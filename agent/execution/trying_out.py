"""Trying out files that a run made, by the worlds of their kinds: two effects, that of reading and that of trying."""

from collections.abc import Mapping
from typing import Any, Final

from agent.domain.artefacts import CriterionResult
from agent.domain.base import Fact
from agent.domain.checks import ArtefactCheck
from agent.domain.errors import ConfigurationError, ModelOutputError, SandboxUnavailable
from agent.domain.outcomes import Outcome
from agent.execution.context import Branch, RunContext
from agent.verification.artefacts.checks import criterion_of, program_of
from agent.verification.artefacts.data_file import DataFileWorld
from agent.verification.artefacts.trying import tried
from agent.verification.artefacts.world import World

_SEED: Final = 0
_DETAIL: Final = 300


class TriedOut(Fact):
    """What came of a check; ``text`` is one line.

    Attributes:
        ok: whether it passed.
        result: the trials with those of the control; None where nothing could be tried.
    """

    ok: bool
    text: str
    outcome: Outcome
    result: CriterionResult | None = None


async def try_out(branch: Branch, step: str, name: str, check: ArtefactCheck) -> TriedOut:
    """Read the files of a check from the workspace and try them out.

    What cannot be read, or cannot be made into an artefact, is inconclusive; a file that is not there fails.

    Args:
        branch: under which it is recorded.
        step: begins the names of the steps.
        name: of the milestone.
        check: what is tried, and how.

    Raises:
        SandboxUnavailable: the run's sandbox, or the one for programs, cannot be had; the run can be resumed.
    """
    if check.artefact not in branch.run.setting.tries:
        return _inconclusive(f"nothing of the kind {check.artefact} can be tried out in this run")
    taken = await branch.take_files(f"{step}/files", check.paths)
    absent = next((file for file in taken.files if file.reason), None)
    if absent is not None and absent.missing:
        return TriedOut(ok=False, text=f"{absent.path} is not there", outcome="fail")
    if absent is not None:
        return _inconclusive(f"it cannot be tried out: {absent.reason}")
    given = {"check": check.model_dump(mode="json"), "files": [file.model_dump() for file in taken.files]}
    arguments = {"path": check.paths[0], "scenario": check.scenario, "tested": given}
    request = {"tool": "try_out", "arguments": arguments, "where": "host", "effects": ["executes"]}

    async def perform() -> TriedOut:
        files = {file.path: await branch.run.ledger.get_blob(file.sha256) for file in taken.files}
        try:
            return await _tried(branch.run, name, check, files)
        except (ModelOutputError, ConfigurationError) as error:
            return _inconclusive(f"it cannot be tried out: {error}")
        except SandboxUnavailable as error:
            # programs run where the run itself does; a browser need not be on this machine at all
            if check.artefact != "web_page":
                raise
            return _inconclusive(f"there is no browser to open it: {error}")

    return await branch.run.ledger.effect(f"{branch.name}/{step}/tried", "tool", request, TriedOut, perform)


async def _tried(run: RunContext, name: str, check: ArtefactCheck, files: Mapping[str, bytes]) -> TriedOut:
    world = _world(run, check, files)
    wish = next((one.wish for wished in run.wishes for one in wished.criteria.criteria if one.id == name), name)
    criterion = criterion_of(world, name, check).model_copy(update={"wish": wish})
    build = await world.build(program_of(check, files))
    result = await tried(world, build, criterion, seed=_SEED)
    detail = f"{check.paths[0]}: {check.scenario}: {result.detail}"
    if result.outcome == "inconclusive" and (problems := (await world.inspect(build)).problems):
        detail = f"{check.paths[0]}: {problems[0]}; {result.detail}"
    return TriedOut(ok=result.outcome == "pass", text=detail[:_DETAIL], outcome=result.outcome, result=result)


def _world(run: RunContext, check: ArtefactCheck, files: Mapping[str, bytes]) -> World[Any]:
    """Return the world of a check; that of data files reads those of the check, and no others."""
    return DataFileWorld.of(files) if check.artefact == "data_file" else run.workshops.world(check.artefact)


def _inconclusive(text: str) -> TriedOut:
    return TriedOut(ok=False, text=" ".join(text.split())[:_DETAIL], outcome="inconclusive")
