"""One candidate: a program is written, repaired where it makes nothing usable, and what it makes is looked at."""

from typing import Any

from agent.domain.artefacts import Inspection
from agent.domain.design import Attempt, Candidate, Critique, PartPlan
from agent.domain.errors import ModelOutputError
from agent.verification.artefacts.design.ports import Brief, Looked
from agent.verification.artefacts.design.state import Course
from agent.verification.artefacts.lines import in_a_line
from agent.verification.artefacts.world import BuildFailed, TrialImpossible

_PROBLEMS_TOLD = 12
_LONGEST = 2_000


async def candidate_of(
    course: Course, *, number: int, place: int, parts: tuple[PartPlan, ...], base: Candidate | None, told: str
) -> tuple[Candidate, Any]:
    """Return a candidate and its build; None for one that made nothing. It has not been tried out yet.

    Args:
        course: who does the work.
        number: of the round.
        place: of the candidate in its round, from 1.
        parts: of which the artefact is to be made.
        base: the candidate that is to be made better; None where there is none.
        told: what is to be changed; empty in the first round.
    """
    name = f"r{number}.c{place}"
    brief = course.brief(parts)
    made, build = await _made(course, name, brief, place=place, base=base, told=told)
    inspection = made.inspection
    if build is not None and course.order.visual and inspection is not None and inspection.sound:
        made = await _looked_at(course, brief, made, inspection, build)
    await course.tell(
        f"{name}/told", "candidate", _said(made), number=number, candidate=name, made=made.model_dump(mode="json")
    )
    return made, build


async def _made(
    course: Course, name: str, brief: Brief, *, place: int, base: Candidate | None, told: str
) -> tuple[Candidate, Any]:
    designer, of = course.crew.designer, course.order.candidates
    try:
        if told:
            program = await designer.redesign(
                f"{name}/program", brief, "" if base is None else base.program, told, number=place, of=of
            )
        else:
            program = await designer.program(f"{name}/program", brief, number=place, of=of)
    except ModelOutputError as error:
        return Candidate(id=name, program="", failure=in_a_line(f"no program was written: {error}", _LONGEST)), None
    attempts: list[Attempt] = []
    for repair in range(course.config.repairs + 1):
        build, inspection, error_line = await _built(course, program)
        if not error_line or repair == course.config.repairs:
            break
        try:
            another = await designer.repair(f"{name}/repair{repair + 1}", brief, program, error_line)
        except ModelOutputError:
            break
        attempts.append(Attempt(program=program, error=error_line))
        program = another
    failure = error_line if build is None else ""
    made = Candidate(id=name, program=program, attempts=tuple(attempts), failure=failure, inspection=inspection)
    return made, build


async def _built(course: Course, program: str) -> tuple[Any, Inspection | None, str]:
    """Return what a program makes, how it is by itself, and in a line what keeps it from being used."""
    try:
        build = await course.world.build(program)
        inspection = await course.world.inspect(build)
    except (BuildFailed, TrialImpossible) as error:
        return None, None, in_a_line(str(error), _LONGEST)
    return build, inspection, in_a_line("; ".join(inspection.problems[:_PROBLEMS_TOLD]), _LONGEST)


async def _looked_at(course: Course, brief: Brief, made: Candidate, inspection: Inspection, build: Any) -> Candidate:
    try:
        views = await course.world.look(build)
    except (BuildFailed, TrialImpossible) as error:
        failed = Critique(by="rules", failure=in_a_line(f"there are no views of it: {error}", _LONGEST))
        return made.model_copy(update={"critiques": (failed,)})
    critiques = await course.crew.looker.look(f"{made.id}/look", brief, Looked(made.id, inspection, views))
    return made.model_copy(update={"views": views, "critiques": critiques})


def _said(made: Candidate) -> str:
    if made.failure:
        return f"{made.id} made nothing: {made.failure}"
    if made.inspection is not None and not made.inspection.sound:
        return f"{made.id} cannot be used: {made.inspection.problems[0]}"
    findings = sum(len(critique.findings) for critique in made.critiques)
    return f"{made.id} was made; {findings} findings by looking at it" if made.critiques else f"{made.id} was made"
