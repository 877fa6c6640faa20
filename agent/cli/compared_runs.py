"""Designs of runs as they play against each other: whose they are, what was claimed, and trying them out anew."""

import secrets
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from agent.cli.console import clean, one_line
from agent.cli.workshop import Workshop
from agent.domain.artefacts import Criteria
from agent.domain.base import Fact
from agent.domain.design import Candidate, Design
from agent.domain.errors import ModelOutputError, UsageError
from agent.domain.report import Report
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.workshops import workshops_of
from agent.verification.artefacts.comparing import Claims, Entry
from agent.verification.artefacts.design.judging import as_ranked
from agent.verification.artefacts.elo import Standing
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.ranking import accepted
from agent.verification.artefacts.trying import judged
from agent.verification.artefacts.world import World


class DesignedRun(Fact):
    """A design of a run that takes part."""

    run_id: str
    system: str
    wish: str
    design: Design


async def designed_run(shop: Workshop, name: str) -> DesignedRun:
    """Return the design of a run.

    Raises:
        UsageError: it has none.
    """
    summary = await shop.ledger.find(name)
    view = await read_view(shop.ledger, summary.id)
    if view.report is None or view.report.design is None:
        raise UsageError(f"run {summary.id} has no design to compare; name runs of plumbline build that have ended")
    return DesignedRun(run_id=summary.id, system=_system(view.report), wish=view.report.goal, design=view.report.design)


def _system(report: Report) -> str:
    """Return what made an artefact: the models, and what was left out."""
    design, models = report.design, ", ".join(report.models) or "no model"
    if design is None:
        return models
    left = [name for name, kept in (("visual", design.visual), ("pragmatic", design.pragmatic)) if not kept]
    return clean(" ".join([models, *(f"without {name}" for name in left)]))


def entries_of(one: DesignedRun, players: str, *, several: bool) -> list[Entry]:
    """Return what a run puts in: the artefact that it handed over, or all of its candidates."""
    best = one.design.handed_over
    shown = [made for turn in one.design.rounds for made in turn.candidates] if players == "candidate" else [best]
    claimed = one.design.accepted or one.design.stop == "untried"
    entries = []
    for made in shown:
        if made is None:
            made = Candidate(id="nothing", program="", failure="nothing was made")
        key = f"{one.run_id}/{made.id}"
        names = {"candidate": key if several else made.id, "system": one.system, "run": one.run_id}
        entries.append(
            Entry(
                key=key,
                player=names[players],
                wish=one.wish,
                candidate=as_ranked(made),
                claimed=claimed and made.id == one.design.best,
            )
        )
    return entries


async def tried_anew(
    shop: Workshop,
    entries: Sequence[Entry],
    known: Sequence[DesignedRun],
    asked: Criteria,
    seed: int,
    sandbox: str | None,
) -> list[Entry]:
    """Return entries with the results of criteria that no run has seen.

    Raises:
        UsageError: the criteria are for another kind, contradict each other, or cannot be tested.
    """
    for one in known:
        if one.design.criteria.kind != asked.kind:
            made = one.design.criteria.kind
            raise UsageError(f"the criteria are for the kind {asked.kind}, and run {one.run_id} made a {made}")
    programs = {
        f"{one.run_id}/{made.id}": made.program
        for one in known
        for turn in one.design.rounds
        for made in turn.candidates
        if not made.failure
    }
    options = RunOptions(sandbox=sandbox)
    benches = shop.services.benches(options, f"compare-{secrets.token_hex(4)}")
    workshops = workshops_of(shop.ledger.blobs, benches)
    try:
        world = workshops.world(asked.kind)
        frozen = freeze(world, completed(world, asked)).criteria
        return [await _tried(world, entry, programs.get(entry.key), frozen, seed) for entry in entries]
    finally:
        await workshops.close()


async def _tried(world: World[Any], entry: Entry, program: str | None, criteria: Criteria, seed: int) -> Entry:
    nothing = entry.candidate.model_copy(update={"pragmatic": ()})
    if program is None:
        return entry.model_copy(update={"candidate": nothing, "verified": False})
    try:
        build = await world.build(program)
    except ModelOutputError:
        # what cannot be made from its own record does nothing that was wished
        return entry.model_copy(update={"candidate": nothing, "verified": False})
    inspection = await world.inspect(build)
    results = await judged(world, build, criteria, seed=seed)
    candidate = entry.candidate.model_copy(update={"inspection": inspection, "pragmatic": results})
    return entry.model_copy(
        update={"candidate": candidate, "verified": accepted(inspection, results, criteria=criteria).accepted}
    )


def print_standings(console: Console, standings: Sequence[Standing], claims: Sequence[Claims]) -> None:
    """Print ratings with their intervals, and claims beside what held."""
    if standings:
        _print_ratings(console, standings)
    if claims:
        _print_claims(console, claims)


def _print_ratings(console: Console, standings: Sequence[Standing]) -> None:
    table = Table("", "player", "Elo", "95 % interval", "games", "won", "drawn", "lost", box=box.SIMPLE)
    for place, one in enumerate(standings, 1):
        counts = (str(number) for number in (one.games, one.won, one.drawn, one.lost))
        table.add_row(
            str(place), one_line(one.player, 80), f"{one.rating:.0f}", f"{one.low:.0f} to {one.high:.0f}", *counts
        )
    console.print(table)
    if max(one.group for one in standings) > 1:
        console.print("some never met, not even by way of others, so their ratings do not compare", style="yellow")


def _print_claims(console: Console, claims: Sequence[Claims]) -> None:
    held = Table("player", "made", "claimed", "verified", "claimed and not so", box=box.SIMPLE)
    for said in claims:
        share = "" if said.false_share is None else f" ({said.false_share:.0%} of claims)"
        held.add_row(
            one_line(said.player, 80),
            str(said.made),
            str(said.claimed),
            str(said.verified),
            f"{said.false_claims}{share}",
        )
    console.print(held)
