"""``plumbline compare``: a tournament between what several runs made of the same wishes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.compared_runs import DesignedRun, designed_run, entries_of, print_standings, tried_anew
from agent.cli.console import counted, err, out, print_json, run_async
from agent.cli.criteria_files import read_criteria
from agent.cli.inputs import given_path
from agent.cli.run import JsonOption, ModelOption, SandboxOption
from agent.cli.workshop import Workshop, open_workshop
from agent.domain.artefacts import Criteria
from agent.domain.errors import UsageError
from agent.runtime.alone import ModelsAlone
from agent.runtime.options import RunOptions
from agent.verification.artefacts.comparing import Entry, Look, claims_of, games_of
from agent.verification.artefacts.design.ports import Brief, Looked
from agent.verification.artefacts.elo import rated
from agent.verification.artefacts.seeing.looking import ModelLooker

app = typer.Typer(add_completion=False)

_PLAYERS = ("run", "system", "candidate")
_JUDGES = ("criteria", "vision")


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
            known = [await designed_run(shop, name) for name in dict.fromkeys(run)]
            _check_alike(known, asked)
            with err().status("trying out") as status:
                entries = [entry for one in known for entry in entries_of(one, players, several=len(known) > 1)]
                if asked is not None and criteria is not None:
                    status.update(f"trying {counted(len(entries), 'artefact')} out by {criteria.name}")
                    entries = await tried_anew(shop, entries, known, asked, seed, sandbox)
                look = None if judge == "criteria" else await _look(shop, known, RunOptions(model=model))
                games = await games_of(entries, look)
        standings, claims = rated(games, seed=seed), claims_of(entries)
        if json:
            print_json({"by": players, "games": games, "standings": standings, "claims": claims})
        else:
            print_standings(out(), standings, claims)
        return 0

    return run_async(main())


def _check_alike(known: Sequence[DesignedRun], asked: Criteria | None) -> None:
    """Raise where runs were judged by different criteria and none are given for all."""
    first: dict[str, DesignedRun] = {}
    for one in known if asked is None else ():
        other = first.setdefault(one.wish, one)
        if other.design.criteria.sha256 != one.design.criteria.sha256:
            raise UsageError(
                f"runs {other.run_id} and {one.run_id} were judged by different criteria, so their verdicts do not "
                "compare; give --criteria FILE to try both by the same"
            )


async def _look(shop: Workshop, known: Sequence[DesignedRun], options: RunOptions) -> Look:
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
