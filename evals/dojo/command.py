"""``plumbline bench agentdojo``: agentdojo's suites with and without our policy."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agent.cli.console import clean, err, out, print_json
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from agent.models.config import parse_model
from agent.models.port import ChatModel
from agent.models.registry import build_model
from agent.runtime.settings import ROLES, Role
from evals.benchmarks.machine import machine_line
from evals.dojo.arena import Arena, Bout, Models, Outcome, meet_all
from evals.dojo.client import bridged
from evals.dojo.figures import COLUMNS, LEGEND, by_attack, cells, faults, measurements, rows, table
from evals.dojo.people import PERSONS, Person
from evals.dojo.protocol import DojoSuite, DojoTask
from evals.environments import environment
from evals.records import keep

GULLIBLE: Final = "gullible"
REQUIREMENTS: Final = ("agentdojo==0.1.35",)
VERSION: Final = "v1.2.2"
SUITES: Final = ("workspace", "travel", "banking", "slack")
ATTACKS: Final = ("important_instructions", "direct", "ignore_previous", "injecagent", "tool_knowledge")
_Item = TypeVar("_Item")
_SEED: Final = 0
_SHOWN: Final = 10
"""Faults that are told one by one."""

BRIDGE: Final = Path(__file__).with_name("bridge.py")


def agentdojo(
    suites: Annotated[str, typer.Option(help="names, with commas")] = ",".join(SUITES),
    attacks: Annotated[str, typer.Option(help="names, with commas")] = ATTACKS[0],
    people: Annotated[str, typer.Option(help="who is asked: names, with commas")] = ",".join(PERSONS),
    limit: Annotated[int | None, typer.Option(min=1, help="of each suite and attack at most so many tasks")] = None,
    model: Annotated[str, typer.Option("--model", "-m", help="a model; gullible obeys everything it reads")] = GULLIBLE,
    markdown: Annotated[bool, typer.Option("--markdown", help="print the table for a document")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Agentdojo's suites, with and without our policy. Exit code 1 when it let harm be done by a call, or a run broke.

    Each task is met without an attack and under each attack, by runs that nobody watches and by some with people who
    answer by a rule. The runs are kept in the ledger under the tag agentdojo. agentdojo gets an environment of its own.
    """
    wanted = _chosen("--suites", suites, SUITES)
    ways = _chosen("--attacks", attacks, ATTACKS)
    persons = [person for person in PERSONS if person in _chosen("--people", people, PERSONS)]
    started = time.monotonic()
    with err().status("looking for agentdojo") as status:
        python = environment("agentdojo", REQUIREMENTS, told=lambda words: status.update(clean(words)))
    outcomes = asyncio.run(_meet(python, wanted, ways, persons, limit, model, quiet=json))
    seconds = time.monotonic() - started
    found = rows(outcomes)
    if json:
        print_json({"machine": machine_line(), "version": VERSION, "model": model, "rows": found, "bouts": outcomes})
    elif markdown:
        for attack, part in by_attack(found).items():
            for line in ([f"{attack}: {COLUMNS[0]}", *COLUMNS[1:]], ["---"] * len(COLUMNS), *map(cells, part), ()):
                text = f"| {' | '.join(line)} |" if line else ""
                out().print(text, highlight=False, soft_wrap=True, markup=False)
    else:
        out().print(f"agentdojo {VERSION}, {clean(model)}: {len(outcomes)} runs in {seconds:.0f} s", style="bold")
        for attack, part in by_attack(found).items():
            out().print(table(attack, part))
        out().print(LEGEND, style="dim", highlight=False)
        out().print(machine_line(), style="dim", highlight=False)
    wrong = faults(outcomes)
    for line in wrong[:_SHOWN]:
        err().print(clean(line))
    if len(wrong) > _SHOWN:
        err().print(f"and {len(wrong) - _SHOWN} more")
    return 1 if wrong else 0


async def _meet(
    python: Path,
    suites: Sequence[str],
    attacks: Sequence[str],
    people: Sequence[Person],
    limit: int | None,
    model: str,
    *,
    quiet: bool,
) -> list[Outcome]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    async with open_ledger() as (ledger, settings, home), bridged([str(python), str(BRIDGE), VERSION]) as bridge:
        known = {name: await bridge.suite(name) for name in suites}
        asked = None
        if model != GULLIBLE:
            asked = build_model(model, settings.models.get(model) or parse_model(model), home)
        bouts = bouts_of(known, attacks, people, limit=limit, told_only=asked is None)
        started = time.monotonic()
        try:
            with Progress(*columns, console=err(), transient=True, disable=quiet) as progress:
                task = progress.add_task("working", total=len(bouts))

                def told(one: Outcome) -> None:
                    progress.update(task, advance=1, description=f"{one.suite}, {one.attack or 'no attack'}")

                arena = Arena(ledger, bridge, known, settings, models=None if asked is None else _always(asked))
                outcomes = await meet_all(arena, bouts, told=told)
        finally:
            if asked is not None:
                await asked.close()
        version = f"{VERSION} {'+'.join(attacks)}"[:70] + (f" {limit}" if limit else "")
        for measurement in measurements(model, version, outcomes, time.monotonic() - started):
            keep(home, measurement)
    return outcomes


def bouts_of(
    suites: Mapping[str, DojoSuite],
    attacks: Sequence[str],
    people: Sequence[Person],
    *,
    limit: int | None,
    told_only: bool,
) -> list[Bout]:
    """Return what is to be met: each task by all people, without an attack first.

    Args:
        suites: by name.
        attacks: their names.
        people: who is asked.
        limit: attacked tasks of each suite and attack at most, chosen by chance, always the same.
        told_only: whether to leave out harm of which the benchmark does not say how it is done.
    """
    bouts = []
    for name, suite in suites.items():
        bouts += [Bout(name, user, person) for user in _some(list(suite.users), limit) for person in people]
        harms = suite.told if told_only else tuple(suite.injections)
        pairs = [(user, harm) for user in suite.users for harm in harms]
        bouts += [
            Bout(name, user, person, harm, attack)
            for attack in attacks
            for user, harm in _some(pairs, limit)
            for person in people
        ]
    return bouts


def _some(items: Sequence[_Item], limit: int | None) -> list[_Item]:
    if limit is None or limit >= len(items):
        return list(items)
    chance = random.Random(_SEED)  # noqa: S311 - a choice of samples, no secret
    return [items[place] for place in sorted(chance.sample(range(len(items)), limit))]


def _always(model: ChatModel) -> Models:
    async def models(_task: DojoTask) -> Mapping[Role, ChatModel]:
        return dict.fromkeys(ROLES, model)

    return models


def _chosen(option: str, text: str, known: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(part.strip() for part in text.split(",")))
    if missing := [name for name in names if name not in known]:
        raise UsageError(f"{option}: there is no {missing[0]!r}; there are {', '.join(known)}")
    return names
