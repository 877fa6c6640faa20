"""The criteria of a design: written from the wish, or by a person, checked, and frozen before there is a program."""

from agent.domain.artefacts import Criteria
from agent.domain.errors import ModelOutputError, UsageError
from agent.verification.artefacts.design.state import Course, State, sentence
from agent.verification.artefacts.freezing import completed, freeze, problems_of, set_aside


async def write_criteria(course: Course, state: State) -> State:
    """Return frozen criteria, or that there are none by which an artefact could be judged, with the reason."""
    if course.criteria is not None:
        criteria = completed(course.world, course.criteria)
    else:
        try:
            written = await course.crew.writer.write("criteria/write", course.wish, course.offer)
        except ModelOutputError as error:
            return await _refused(course, state["criteria"], sentence(f"No criteria could be written: {error}"))
        criteria = set_aside(course.world, completed(course.world, written))
    if not criteria.criteria:
        said = "; ".join(criteria.untestable) or "no criteria were given"
        return await _refused(course, criteria, sentence(f"Nothing that is wished for can be tested here: {said}"))
    try:
        frozen = freeze(course.world, criteria)
    except UsageError:
        said = "; ".join(problem.detail for problem in problems_of(course.world, criteria))
        return await _refused(course, criteria, sentence(f"The criteria cannot be used: {said}"))
    notes = tuple(sentence(f"Not tested: {what}") for what in criteria.untestable)
    if not any(criterion.must for criterion in criteria.criteria):
        notes = (*notes, "No criterion says what it must do, so nothing can be accepted.")
    text = f"{len(criteria.criteria)} criteria are frozen as {frozen.sha256[:12]}."
    told = criteria.model_dump(mode="json")
    await course.tell("criteria/told", "criteria", text, criteria=told, sha256=frozen.sha256)
    return {"criteria": criteria, "frozen": frozen, "notes": (*state["notes"], *notes)}


async def _refused(course: Course, criteria: Criteria, why: str) -> State:
    """Return that nothing can be judged; which is the end, unless nothing was to be tried out anyway."""
    await course.tell("criteria/told", "criteria", why, criteria=criteria.model_dump(mode="json"), sha256="")
    return {"criteria": criteria, "stop": "untestable" if course.order.pragmatic else None, "notes": (why,)}
