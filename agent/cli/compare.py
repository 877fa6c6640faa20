"""``plumbline compare``: a tournament between what several runs made of the same wishes."""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from agent.cli.artefact_view import one_line
from agent.cli.console import clean, counted, err, out, print_json, run_async
from agent.cli.criteria_files import read_criteria
from agent.cli.inputs import given_path
from agent.cli.run import JsonOption, ModelOption, SandboxOption
from agent.cli.workshop import Workshop, open_workshop
from agent.domain.artefacts import Criteria
from agent.domain.base import Fact
from agent.domain.design import Candidate, Design
from agent.domain.errors import ModelOutputError, UsageError
from agent.domain.report import Report
from agent.runtime.alone import ModelsAlone
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.workshops import workshops_of
from agent.verification.artefacts.comparing import Claims, Entry, Look, claims_of, games_of
from agent.verification.artefacts.design.judging import as_ranked
from agent.verification.artefacts.design.ports import Brief, Looked
from agent.verification.artefacts.elo import Standing, rated
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.ranking import accepted
from agent.verification.artefacts.seeing.looking import ModelLooker
from agent.verification.artefacts.trying import judged
from agent.verification.artefacts.world import World

app = typer.Typer(add_completion=False)

_PLAYERS = ("run", "system", "candidate")
_JUDGES = ("criteria", "vision")


class _Designed(Fact):
    """A design of a run that takes part."""

    run_id: str
    system: str
    wish: str
    design: Design


@app.command()
def compare(
    run: Annotated[list[str], typer.Argument(help="ids of runs of plumbline build, their beginnings, or last")],
    by: Annotated[
        str | None, typer.Option(help="who plays: run, system (model and what is left out) or candidate")
    ] = None,
    criteria: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="FILE", help="try all of them anew by these, which no run has seen"),
    ] = None,
    judge: Annotated[
        str, typer.Option(help="criteria, or vision: where criteria find no difference, a model that looks decides")
    ] = "criteria",
    model: ModelOption = None,
    seed: Annotated[int, typer.Option(min=0, help="of the trials and of the ratings")] = 0,
    sandbox: SandboxOption = None,
    json: JsonOption = False,
) -> int:
    """Let what several runs made of the same wish play against each other, and rate who made it (Elo).

    The one that meets more criteria wins. Runs that were judged by different criteria are only compared with
    --criteria, which also tells how often a claimed success did not hold.
    """
    players = by or ("candidate" if len(run) == 1 else "run")
    if players not in _PLAYERS:
        raise UsageError(f"--by is {', '.join(_PLAYERS)}, not {players!r}")

    if judge not in _JUDGES:
        raise UsageError(f"--judge is {' or '.join(_JUDGES)}, not {judge!r}")

    async def main() -> int:
        asked = None if criteria is None else await read_criteria(criteria)
        async with open_workshop() as shop:
            known = [await _designed(shop, name) for name in dict.fromkeys(run)]
            _check_alike(known, asked)
            with err().status("trying out") as status:
                entries = [entry for one in known for entry in _entries(one, players, several=len(known) > 1)]
                if asked is not None and criteria is not None:
                    status.update(f"trying {counted(len(entries), 'artefact')} out by {criteria.name}")
                    entries = await _anew(shop, entries, known, asked, seed, sandbox)
                look = None if judge == "criteria" else await _look(shop, known, RunOptions(model=model))
                games = await games_of(entries, look)
        standings, claims = rated(games, seed=seed), claims_of(entries)
        if json:
            print_json({"by": players, "games": games, "standings": standings, "claims": claims})
        else:
            _print(out(), standings, claims)
        return 0

    return run_async(main())


async def _designed(shop: Workshop, name: str) -> _Designed:
    """Return the design of a run.

    Raises:
        UsageError: it has none.
    """
    summary = await shop.ledger.find(name)
    view = await read_view(shop.ledger, summary.id)
    if view.report is None or view.report.design is None:
        raise UsageError(f"run {summary.id} has no design to compare; name runs of plumbline build that have ended")
    return _Designed(run_id=summary.id, system=_system(view.report), wish=view.report.goal, design=view.report.design)


def _system(report: Report) -> str:
    """Return what made an artefact: the models, and what was left out."""
    design, models = report.design, ", ".join(report.models) or "no model"
    if design is None:
        return models
    left = [name for name, kept in (("visual", design.visual), ("pragmatic", design.pragmatic)) if not kept]
    return clean(" ".join([models, *(f"without {name}" for name in left)]))


def _check_alike(known: Sequence[_Designed], asked: Criteria | None) -> None:
    """Raise where runs were judged by different criteria and none are given for all."""
    first: dict[str, _Designed] = {}
    for one in known if asked is None else ():
        other = first.setdefault(one.wish, one)
        if other.design.criteria.sha256 != one.design.criteria.sha256:
            raise UsageError(
                f"runs {other.run_id} and {one.run_id} were judged by different criteria, so their verdicts do not "
                "compare; give --criteria FILE to try both by the same"
            )


def _entries(one: _Designed, players: str, *, several: bool) -> list[Entry]:
    """Return what a run puts in: the artefact that it handed over, or all of its candidates."""
    best = one.design.handed_over
    shown = [made for turn in one.design.rounds for made in turn.candidates] if players == "candidate" else [best]
    claimed = one.design.accepted or one.design.stop == "untried"
    entries = []
    for made in shown:
        if made is None:
            made = Candidate(id="nothing", program="", failure="nothing was made")
        key = f"{one.run_id}/{made.id}"
        name = (
            (key if several else made.id)
            if players == "candidate"
            else one.system
            if players == "system"
            else one.run_id
        )
        entries.append(
            Entry(
                key=key,
                player=name,
                wish=one.wish,
                candidate=as_ranked(made),
                claimed=claimed and made.id == one.design.best,
            )
        )
    return entries


async def _look(shop: Workshop, known: Sequence[_Designed], options: RunOptions) -> Look:
    """Return what compares two by looking: at pictures with a model that sees, else at descriptions.

    Raises:
        ConfigurationError: there is no model.
    """
    models = await shop.services.models(options)
    looker = ModelLooker(ModelsAlone(models, shop.ledger.blobs), vision=models["vision"].profile.vision)
    shown = {
        f"{one.run_id}/{made.id}": (one, Looked(made.id, made.inspection, made.views))
        for one in known
        for turn in one.design.rounds
        for made in turn.candidates
        if made.inspection is not None
    }

    async def look(first: Entry, second: Entry) -> float:
        if first.key not in shown or second.key not in shown:
            return 0.5
        (one, left), (_, right) = shown[first.key], shown[second.key]
        brief = Brief(wish=one.wish, kind=one.design.criteria.kind, guide="")
        return await looker.better(f"compare/{first.key}/{second.key}", brief, left, right)

    return look


async def _anew(
    shop: Workshop,
    entries: Sequence[Entry],
    known: Sequence[_Designed],
    asked: Criteria,
    seed: int,
    sandbox: str | None,
) -> list[Entry]:
    """Return entries with the results of criteria that no run has seen."""
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


def _print(console: Console, standings: Sequence[Standing], claims: Sequence[Claims]) -> None:
    table = Table("", "player", "Elo", "95 % interval", "games", "won", "drawn", "lost", box=box.SIMPLE)
    for place, one in enumerate(standings, 1):
        counts = (str(number) for number in (one.games, one.won, one.drawn, one.lost))
        table.add_row(
            str(place), one_line(one.player, 80), f"{one.rating:.0f}", f"{one.low:.0f} to {one.high:.0f}", *counts
        )
    console.print(table)
    if max(one.group for one in standings) > 1:
        console.print("some never met, not even by way of others, so their ratings do not compare", style="yellow")
    if claims:
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
