"""What comes after a round: acceptance, the end, a question to a person, or what the next round is to change."""

from agent.domain.design import Candidate, Round, Stop
from agent.verification.artefacts import ranking
from agent.verification.artefacts.design.judging import as_ranked, key_of, ranked
from agent.verification.artefacts.design.reflecting import difference, reflection_on
from agent.verification.artefacts.design.state import Course, State, of_round, sentence

END_IT = "stop"
"""The answer that ends a design when a person is asked."""

_GAIN = 0.05
"""Better looks, or being nearer to the thresholds, count as a gain from so much on."""


async def decide(course: Course, state: State) -> State:
    """Close the round, and say what is next."""
    number, of_this = state["number"], of_round(state)
    before = state["made"].get(state["best"] or "")
    order = [one for one in ranked(of_this, state["preferred"]) if one.inspection is not None]
    leader = order[0] if order else None
    passed = next((one for one in order if _accepted(course, state, one)), None)
    best = passed or _better(before, leader)
    stalls = 0 if _gained(before, leader) else state["stalls"] + 1
    stop = _stop(course, state, passed, best)
    end = f"r{number}.end/told"
    asked, guidance = state["asked"], "\n".join(await course.crew.asker.heard(number, before=end))
    if stop is None and stalls >= course.config.stalls:
        if guidance:
            stalls = 0
        elif asked:
            stop = "stalled"
        else:
            guidance = await _guidance(course, number, best)
            asked, stalls = True, 0
            stop = "stalled" if guidance.strip().lower() in ("", END_IT) else None
    told = "" if stop else reflection_on(best, of_this, guidance)
    base = state["made"].get(state["base"] or "")
    closed = Round(
        number=number,
        candidates=tuple(of_this),
        best=None if best is None else best.id,
        reflection=told,
        change="" if base is None or leader is None else difference(base, leader),
    )
    text = f"Round {number}: best so far is {closed.best or 'nothing'}."
    await course.tell(end, "round", text, number=number, best=closed.best,
                      reflection=closed.reflection, change=closed.change)  # fmt: skip
    return {
        "rounds": (*state["rounds"], closed),
        "number": number + 1,
        "base": None if best is None else best.id,
        "best": closed.best,
        "told": told,
        "stalls": stalls,
        "asked": asked,
        "stop": stop,
        "notes": (*state["notes"], *_open_findings(passed)),
    }


def _stop(course: Course, state: State, passed: Candidate | None, best: Candidate | None) -> Stop | None:
    if passed is not None:
        return "accepted"
    if not course.order.pragmatic and best is not None and not _wrong(course, best):
        return "untried"
    if state["number"] >= course.order.rounds:
        return "rounds" if best is not None else "nothing_built"
    return None if course.crew.allowance() else "budget"


def _accepted(course: Course, state: State, one: Candidate) -> bool:
    """Whether a candidate was tried out with success, and nobody who looked at it thought it far from the wish."""
    frozen = state["frozen"]
    if frozen is None or one.inspection is None or not one.results:
        return False
    if not ranking.accepted(one.inspection, one.results, criteria=frozen.criteria).accepted:
        return False
    return not _looks_wrong(course, one)


def _looks_wrong(course: Course, one: Candidate) -> bool:
    looks = as_ranked(one).looks
    return looks is not None and looks < course.config.least_score


def _wrong(course: Course, one: Candidate) -> bool:
    """Whether anything speaks against a candidate that is not tried out."""
    sound = one.inspection is not None and one.inspection.sound
    return not sound or any(critique.findings for critique in one.critiques) or _looks_wrong(course, one)


def _better(before: Candidate | None, now: Candidate | None) -> Candidate | None:
    """Return the better of two; the earlier one where they are alike, since nothing was gained."""
    if before is None or now is None:
        return before or now
    return now if key_of(now) < key_of(before) else before


def _gained(before: Candidate | None, now: Candidate | None) -> bool:
    if now is None:
        return False
    if before is None:
        return True
    *passes_before, far_before, looks_before, _ = key_of(before)
    *passes_now, far_now, looks_now, _ = key_of(now)
    if passes_now != passes_before:
        return passes_now < passes_before
    return far_now <= far_before - _GAIN or (far_now <= far_before and looks_now <= looks_before - _GAIN)


async def _guidance(course: Course, number: int, best: Candidate | None) -> str:
    left = "Nothing could be built yet." if best is None else reflection_on(best, [best], "")
    question = (
        f"The design of {course.wish!r} does not get better. {left}\n"
        f"What should be changed? Answer {END_IT!r} to take the best there is."
    )
    return await course.crew.asker.ask(f"r{number}.stalled/ask", question, (END_IT,))


def _open_findings(passed: Candidate | None) -> tuple[str, ...]:
    """Return what those who looked at an accepted candidate found all the same, and whether nobody could judge it."""
    if passed is None:
        return ()
    found = [
        sentence(f"Looking at {passed.id} found: {finding.part or 'the whole'}, {finding.aspect}: {finding.problem}")
        for critique in passed.critiques
        if not critique.failure
        for finding in critique.findings
    ]
    failed = [
        sentence(f"A look at {passed.id} came to nothing: {one.failure}") for one in passed.critiques if one.failure
    ]
    return (*found, *failed)
