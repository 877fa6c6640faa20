"""``plumbline eval export``: what came of a batch, in the formats of others."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.console import clean, err, print_json, run_async
from agent.cli.html_files import check_place
from agent.cli.inputs import given_path
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from agent.runtime.settings import home_folder
from evals.batch.acting import acts_of
from evals.batch.opening import suite_of
from evals.batch.order import BatchOrder, attempts_of, read_order
from evals.batch.results import results_of
from evals.commands.training import write_training
from evals.training.exporting import ROLES, Wanted
from evals.training.files import held_out as held_out_of

_NEEDS_INSPECT = "logs of Inspect need its library; install it with: pip install 'plumbline-agent[inspect]'"


class Format(StrEnum):
    """What a batch can be written as."""

    INSPECT = "inspect"
    SFT = "sft"
    PREFERENCE = "preference"


def export(
    batch: Annotated[list[str], typer.Argument(metavar="BATCH...", help="ids of batches, or last")],
    place: Annotated[Path, typer.Argument(parser=given_path, metavar="FILE", help="file to write")],
    to: Annotated[
        Format,
        typer.Option(
            help="inspect: a log for Inspect's reader and viewer (FILE.eval); sft: chats that passed; "
            "preference: corrected attempts beside the failed ones (FILE.jsonl)"
        ),
    ],
    held_out: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE|SUITE", help="goals and answers that no example may hold, may be repeated"),
    ] = None,
    per_sample: Annotated[int, typer.Option(min=1, help="runs of one sample at most, of sft and preference")] = 4,
    role: Annotated[
        list[str] | None, typer.Option(help="whose calls are examples, may be repeated; planner and executor")
    ] = None,
    changed_suite: Annotated[bool, typer.Option(help="score by the suite as it is now, although it changed")] = False,
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> int:
    """Write a batch in another format, from the ledger alone: no model and no tool is asked."""
    check_place(place, "FILE")
    orders = [read_order(home_folder(), name) for name in batch]
    if to is not Format.INSPECT:
        wanted = Wanted(
            kind=to.value, held_out=held_out_of(held_out or ()), per_sample=per_sample, roles=tuple(role or ROLES)
        )
        return run_async(write_training(orders, place, wanted, changed=changed_suite, json=json))
    if held_out or role:
        raise UsageError("--held-out and --role are of sft and preference; a log of Inspect holds all of a batch")
    if len(orders) > 1:
        raise UsageError("a log of Inspect is of one batch; write one after the other")
    (order,) = orders
    written = run_async(_inspect(order, place, changed=changed_suite))
    if json:
        print_json({"batch": order.id, "format": to.value, "file": str(place), "samples": written})
    else:
        err().print(f"{written} samples written to {clean(str(place))}; open it with: inspect view start --log-dir DIR")
    return 0


async def _inspect(order: BatchOrder, place: Path, *, changed: bool) -> int:
    if place.suffix not in (".eval", ".json"):
        raise UsageError(f"Inspect tells its logs by their names: {place.name} must end in .eval, or .json")
    try:
        # it takes two seconds to load, and only this needs it
        from evals.inspect_log.writing import write_log
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "inspect_ai":
            raise
        raise UsageError(_NEEDS_INSPECT) from error
    suite = suite_of(order, changed=changed)
    async with open_ledger() as (ledger, _, home):
        results = await results_of(ledger, order, suite, acts_of(order, suite, ledger, home))
        log = await write_log(ledger, order, attempts_of(order, suite), results, place)
    return len(log.samples or ())
