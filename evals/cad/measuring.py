"""How often sabotaged objects are caught and good ones blamed, check by check, through the same world that runs use."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from agent.domain.artefacts import Criteria, CriterionResult, Inspection
from agent.domain.base import Fact
from agent.domain.checks import Outcome
from agent.models.together import together
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.ranking import accepted
from agent.verification.artefacts.trying import judged
from agent.verification.artefacts.world import BuildFailed, BuildT, World
from evals.cad.criteria import frozen
from evals.cad.wish import Wish

BUILDING = "can be built"
SOUND = "is sound"
"""What stands beside the criteria: the program makes something, and inspecting it finds no problem."""


class Tried(Fact):
    """What came of one program.

    Attributes:
        design: the good design that it is, or that it was made of.
        wrong: its defect; empty where it has none.
        accepted: whether it was, by all criteria of its wish.
        outcomes: of each check, by its name.
        details: of those that did not pass.
        seconds: what building and trying took.
    """

    wish: str
    design: str
    wrong: str = ""
    accepted: bool
    outcomes: Mapping[str, Outcome]
    details: Mapping[str, str] = {}
    seconds: float

    @property
    def name(self) -> str:
        """The wish with the defect, or the design."""
        return f"{self.wish}: {self.wrong or self.design}"


class CheckRow(Fact):
    """One check: what it said of good programs, and of those with a defect, which most need not concern it.

    Attributes:
        scenario: that it tries; the check's own name where it tries none.
    """

    wish: str
    check: str
    scenario: str
    good_passed: int = 0
    good_blamed: int = 0
    good_open: int = 0
    bad_failed: int = 0
    bad_passed: int = 0
    bad_open: int = 0


class Confusion(Fact):
    """All wishes together.

    A sabotaged program is found when a check fails that passed the good program it was made of. That it is not
    accepted is not enough: a check that never says anything would keep everything from being accepted.

    Attributes:
        rows: of every check.
        tried: every program with what came of it.
        missed: sabotaged programs in which no check found anything.
        refused: good programs that were not accepted, with the first reason.
        slipped: sabotaged programs that were accepted.
        seconds: wall time.
    """

    rows: tuple[CheckRow, ...]
    tried: tuple[Tried, ...]
    missed: tuple[str, ...]
    refused: tuple[str, ...]
    slipped: tuple[str, ...]
    seconds: float

    @property
    def sabotaged(self) -> int:
        """How many programs had a defect."""
        return sum(bool(one.wrong) for one in self.tried)

    @property
    def good(self) -> int:
        """How many programs had none."""
        return len(self.tried) - self.sabotaged

    @property
    def found(self) -> int:
        """How many defects were found."""
        return self.sabotaged - len(self.missed)

    @property
    def good_checks(self) -> int:
        """How many checks good programs went through."""
        return sum(row.good_passed + row.good_blamed + row.good_open for row in self.rows)

    @property
    def alarms(self) -> int:
        """How many of these did not pass."""
        return sum(row.good_blamed + row.good_open for row in self.rows)


def of_scenarios(confusion: Confusion) -> tuple[CheckRow, ...]:
    """Return the rows added up by scenario."""
    sums: dict[str, Counter[str]] = {}
    for row in confusion.rows:
        sums.setdefault(row.scenario, Counter()).update(row.model_dump(exclude={"wish", "check", "scenario"}))
    return tuple(CheckRow(wish="", check=name, scenario=name, **sums[name]) for name in sorted(sums))


async def confusion(
    world: World[BuildT],
    wishes: Sequence[Wish],
    *,
    asked: Callable[[Wish], Criteria] = lambda wish: frozen(wish.name).criteria,
    workers: int = 2,
    told: Callable[[Tried], None] = lambda tried: None,
) -> Confusion:
    """Try every good and every sabotaged program of some wishes by their criteria.

    Args:
        world: of CAD artefacts.
        wishes: whose programs are tried.
        asked: gives the criteria of a wish.
        workers: how many programs are tried at a time.
        told: is called with what came of each, as soon as it came.
    """
    begun = time.perf_counter()
    places = asyncio.Semaphore(workers)
    criteria = {wish.name: freeze(world, completed(world, asked(wish))).criteria for wish in wishes}

    async def in_turn(wish: Wish, design: str, wrong: str, program: str) -> Tried:
        async with places:
            tried = await _tried(world, wish, criteria[wish.name], design, wrong, program)
        told(tried)
        return tried

    programs = [
        *((wish, design, "", program) for wish in wishes for design, program in wish.good.items()),
        *((wish, bad.of, bad.wrong, wish.sabotaged(bad)) for wish in wishes for bad in wish.sabotages),
    ]
    tried = tuple(await together(in_turn(*program) for program in programs))
    good = {(one.wish, one.design): one for one in tried if not one.wrong}
    bad = [one for one in tried if one.wrong]
    return Confusion(
        rows=tuple(row for wish in wishes for row in _rows(wish.name, criteria[wish.name], tried)),
        tried=tried,
        missed=tuple(one.name for one in bad if not _found(one, good[one.wish, one.design])),
        refused=tuple(f"{one.name}: {_reasons(one)}" for one in good.values() if not one.accepted),
        slipped=tuple(one.name for one in bad if one.accepted),
        seconds=time.perf_counter() - begun,
    )


async def _tried(world: World[BuildT], wish: Wish, criteria: Criteria, design: str, wrong: str, program: str) -> Tried:
    begun = time.perf_counter()
    outcomes: dict[str, Outcome] = {BUILDING: "pass"}
    details: dict[str, str] = {}
    inspection, results = Inspection(), tuple[CriterionResult, ...]()
    try:
        build = await world.build(program)
    except BuildFailed as reason:
        outcomes[BUILDING], details[BUILDING] = "fail", str(reason)
    else:
        inspection = await world.inspect(build)
        outcomes[SOUND] = "pass" if inspection.sound else "fail"
        if not inspection.sound:
            details[SOUND] = "; ".join(inspection.problems)
        results = await judged(world, build, criteria, at_once=1)
    outcomes |= {one.criterion.id: one.outcome for one in results}
    details |= {one.criterion.id: one.detail for one in results if one.outcome != "pass"}
    return Tried(
        wish=wish.name,
        design=design,
        wrong=wrong,
        accepted=outcomes[BUILDING] == "pass" and accepted(inspection, results, criteria=criteria).accepted,
        outcomes=outcomes,
        details=details,
        seconds=time.perf_counter() - begun,
    )


def _found(bad: Tried, good: Tried) -> bool:
    return any(outcome == "fail" and good.outcomes.get(check) == "pass" for check, outcome in bad.outcomes.items())


def _reasons(one: Tried) -> str:
    return "; ".join(f"{check} ({one.outcomes[check]}): {detail}" for check, detail in one.details.items())


def _rows(wish: str, criteria: Criteria, tried: Iterable[Tried]) -> list[CheckRow]:
    of_wish = [one for one in tried if one.wish == wish]
    good = [one.outcomes for one in of_wish if not one.wrong]
    bad = [one.outcomes for one in of_wish if one.wrong]
    names = {BUILDING: BUILDING, SOUND: SOUND}
    names |= {criterion.id: criterion.scenario.name for criterion in criteria.criteria}
    return [_row(wish, name, scenario, good, bad) for name, scenario in names.items()]


def _row(
    wish: str,
    check: str,
    scenario: str,
    good: Iterable[Mapping[str, Outcome]],
    bad: Iterable[Mapping[str, Outcome]],
) -> CheckRow:
    """Count what a check said; what was not reached, since nothing could be built, is not counted."""
    of_good = [outcomes[check] for outcomes in good if check in outcomes]
    of_bad = [outcomes[check] for outcomes in bad if check in outcomes]
    return CheckRow(
        wish=wish,
        check=check,
        scenario=scenario,
        good_passed=of_good.count("pass"),
        good_blamed=of_good.count("fail"),
        good_open=len(of_good) - of_good.count("pass") - of_good.count("fail"),
        bad_failed=of_bad.count("fail"),
        bad_passed=of_bad.count("pass"),
        bad_open=len(of_bad) - of_bad.count("pass") - of_bad.count("fail"),
    )
