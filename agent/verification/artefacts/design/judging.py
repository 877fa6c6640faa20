"""A round's judgement: candidates are ranked by looks, the best are tried out, and ranked again by what that gave.

A check that comes out inconclusive says nothing of the artefact. So it is the check that is repaired: its scenario or
its control, never what it asks for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.domain.artefacts import CriterionResult, Inspection
from agent.domain.design import Candidate
from agent.domain.errors import ModelOutputError, UsageError
from agent.models.together import together
from agent.verification.artefacts import ranking
from agent.verification.artefacts.design.mending import change_of, loosened, measured
from agent.verification.artefacts.design.ports import Looked, Mending
from agent.verification.artefacts.design.state import Course, State, bare, of_round, sentence
from agent.verification.artefacts.freezing import FrozenCriteria, problems_of, repaired
from agent.verification.artefacts.trying import judged, tried

_UNTRIED = 1e6
"""How far from its thresholds counts what was not tried out: further than anything can be."""
_GAMES = 3
"""How many candidates that rank alike are compared in pairs with the first of them."""


async def judge(course: Course, state: State) -> State:
    """Try out the best candidates of a round; return all of them that were tried, with their results."""
    frozen = state["frozen"]
    usable = [one for one in of_round(state) if one.id in state["builds"] and _inspection(one).sound]
    order = await _by_looks(course, state, usable)
    preferred = tuple(one.id for one in order)
    if not course.order.pragmatic or frozen is None:
        return {"preferred": preferred}
    chosen = order[: course.config.tried]
    builds = {one.id: state["builds"][one.id] for one in chosen}
    work = _Trying(course, state["number"], frozen, state["mendings"], builds)
    results = await work.results()
    made = {one.id: one.model_copy(update={"results": results[one.id]}) for one in chosen}
    for one in made.values():
        await _tell(course, state["number"], one)
    return {
        "made": made,
        "preferred": preferred,
        "frozen": work.frozen,
        "mendings": work.mendings,
        "notes": (*state["notes"], *work.notes),
    }


def ranked(candidates: Sequence[Candidate], preferred: Sequence[str] = ()) -> list[Candidate]:
    """Return candidates from the best to the worst: those that rank alike as preferred, then by their names."""
    places = {name: place for place, name in enumerate(preferred)}
    return sorted(candidates, key=lambda one: (key_of(one), places.get(one.id, len(places)), one.id))


Key = tuple[int, int, int, int, float, float, int]


def key_of(candidate: Candidate) -> Key:
    """Return what candidates are compared by, the smaller first.

    It is as ``ranking.key_of``; but before looks counts how far what failed is from its threshold, so that a design
    that gets nearer goes on from there.
    """
    sound, geometry, pragmatic, every, looks, parts = ranking.key_of(as_ranked(candidate))
    return sound, geometry, pragmatic, every, round(shortfall(candidate), 6), looks, parts


def shortfall(candidate: Candidate) -> float:
    """Return how far the criteria that did not pass are from their thresholds in all, each as a share of it.

    One of which nothing was measured counts as far as it can: 1, which is also the most that one can count. What was
    not tried out is further away than anything that was.
    """
    if not candidate.results:
        return _UNTRIED
    return sum(_gap(result) for result in candidate.results if result.outcome != "pass")


def _gap(result: CriterionResult) -> float:
    threshold, values = result.criterion.threshold, [trial.value for trial in result.trials]
    gaps = [1.0 if value is None else abs(value - threshold) / max(abs(threshold), 1.0) for value in values]
    return min(max(gaps, default=1.0), 1.0) if result.outcome == "fail" else 1.0


def as_ranked(candidate: Candidate) -> ranking.Candidate:
    """Return a candidate as it is ranked; one that made nothing is not sound."""
    scores = [critique.score for critique in candidate.critiques if critique.score is not None and not critique.failure]
    return ranking.Candidate(
        name=candidate.id,
        inspection=candidate.inspection or Inspection(problems=(candidate.failure or "nothing was made",)),
        pragmatic=candidate.results,
        looks=min(scores) if scores else None,
    )


@dataclass
class _Trying:
    """Tries out candidates, and repairs checks on the way."""

    course: Course
    number: int
    frozen: FrozenCriteria
    mendings: int
    builds: dict[str, Any]
    notes: tuple[str, ...] = ()

    async def results(self) -> dict[str, tuple[CriterionResult, ...]]:
        """Return the results of each candidate by the criteria in force at the end."""
        world, seed = self.course.world, self.course.order.seed
        names = list(self.builds)
        first = await together(judged(world, self.builds[name], self.frozen.criteria, seed=seed) for name in names)
        found = {name: list(results) for name, results in zip(names, first, strict=True)}
        for place in range(len(self.frozen.criteria.criteria)):
            while (unclear := self._unclear(found, place)) and self.mendings < self.course.config.mendings:
                works = any(measured(of[place]) for of in found.values())
                if works and not measured(unclear):
                    break  # it is not the check: others were measured by it
                self.mendings += 1
                if not await self._mended(unclear, works):
                    break
                criterion = self.frozen.criteria.criteria[place]
                again = await together(tried(world, self.builds[name], criterion, seed=seed) for name in names)
                for name, result in zip(names, again, strict=True):
                    found[name][place] = result
        return {name: tuple(results) for name, results in found.items()}

    def _unclear(self, found: dict[str, list[CriterionResult]], place: int) -> CriterionResult | None:
        """Return a result that is inconclusive, rather one of which only the control is to blame."""
        unclear = [of[place] for of in found.values() if of[place].outcome == "inconclusive"]
        return next(iter(sorted(unclear, key=lambda result: not measured(result))), None)

    async def _mended(self, result: CriterionResult, works: bool) -> bool:
        """Have the check of a criterion repaired; returns whether it is carried out in another way from now on.

        Args:
            result: an inconclusive one.
            works: whether something was measured by its scenario, which then stays.
        """
        criterion, step, offer = result.criterion, f"mend{self.mendings}", self.course.offer
        wish = self.frozen.criteria.wish

        def easier(mending: Mending) -> str:
            return loosened(criterion, mending, offer.scenarios, wish=wish, works=works)

        try:
            mending = await self.course.crew.writer.mend(f"{step}/write", criterion, result.detail, offer, easier)
            if mending is None:
                return False
            if why := easier(mending):
                self.notes = (*self.notes, sentence(f"A repair of the check {criterion.id} was refused: {why}"))
                return False
            after = repaired(
                self.frozen, criterion.id, mending.scenario, control=mending.control, reason=mending.reason
            )
        except (ModelOutputError, UsageError) as error:
            self.notes = (*self.notes, sentence(f"The check {criterion.id} could not be repaired: {error}"))
            return False
        wrong = [one.detail for one in problems_of(self.course.world, after.criteria) if criterion.id in one.criteria]
        if wrong:
            self.notes = (*self.notes, sentence(f"A repair of the check {criterion.id} cannot be used: {wrong[0]}"))
            return False
        self.frozen = after
        repair = after.repairs[-1]
        now = next(one for one in after.criteria.criteria if one.id == criterion.id)
        changed = change_of(repair, now)
        told = f"The check {criterion.id} was repaired ({changed}), since {bare(result.detail)}: {mending.reason}"
        self.notes = (*self.notes, sentence(told))
        text = f"{criterion.id} is tried in another way ({changed}): {mending.reason}"
        await self.course.tell(f"{step}/told", "mended", text, number=self.number,
                               criteria=after.criteria.model_dump(mode="json"), sha256=after.sha256,
                               repair=repair.model_dump(mode="json"))  # fmt: skip
        return True


async def _by_looks(course: Course, state: State, usable: list[Candidate]) -> list[Candidate]:
    """Return candidates by what is known before they are tried out; pictures decide between those that rank alike."""
    order = ranked(usable)
    if not course.order.visual or len(order) < 2:
        return order
    brief = course.brief(state["parts"])
    best, rest = order[0], order[1:]
    for game, other in enumerate(rest[:_GAMES], start=1):
        if key_of(other) != key_of(order[0]):
            break
        if other.program == best.program:
            continue  # it is the same build
        step = f"r{state['number']}.tie{game}"
        one, another = _looked(best), _looked(other)
        forth = await course.crew.looker.better(f"{step}/forth", brief, one, another)
        back = 1 - await course.crew.looker.better(f"{step}/back", brief, another, one)
        if forth == back == 0:
            best = other  # one who changes its mind when the two are exchanged has seen no difference
    return [best, *(one for one in order if one.id != best.id)]


def _looked(candidate: Candidate) -> Looked:
    return Looked(candidate.id, _inspection(candidate), candidate.views)


def _inspection(candidate: Candidate) -> Inspection:
    return candidate.inspection or Inspection(problems=("nothing was made",))


async def _tell(course: Course, number: int, one: Candidate) -> None:
    outcomes = [result.outcome for result in one.results]
    counted = ", ".join(f"{outcomes.count(what)} {what}" for what in dict.fromkeys(outcomes))
    told = [result.model_dump(mode="json") for result in one.results]
    await course.tell(f"{one.id}.tried/told", "tried", f"{one.id} was tried out: {counted}", number=number,
                      candidate=one.id, results=told)  # fmt: skip
