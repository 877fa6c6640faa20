"""Writes training data of batches, and shows what was left out of it and why."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.progress import Progress
from rich.table import Table

from agent.cli.console import clean, err, out, print_json
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from evals.batch.opening import suite_of
from evals.batch.order import BatchOrder, attempts_of
from evals.training.exporting import Exporter, Seen, Wanted
from evals.training.files import dropped_place, write_lines


async def write_training(
    orders: Sequence[BatchOrder], place: Path, wanted: Wanted, *, changed: bool, json: bool
) -> int:
    """Write a file of examples and one of what was left out, and print both in figures.

    Raises:
        UsageError: a file cannot be written, or there is nothing to write.
    """
    if wanted.kind == "preference" and all(order.reflection is None for order in orders):
        raise UsageError("pairs are made of corrections; correct a batch first with: plumbline eval reflect BATCH")
    suites = {order.id: suite_of(order, changed=changed) for order in orders}
    total = sum(len(attempts_of(order, suites[order.id])) for order in orders)
    seen: list[Seen] = []
    async with open_ledger() as (ledger, _, home):
        exporter = Exporter(ledger, home, wanted)
        with Progress(console=err(), transient=True, disable=json) as progress:
            bar = progress.add_task("attempts", total=total)
            for order in orders:
                async for one in exporter.seen(order, suites[order.id]):
                    seen.append(one)
                    progress.advance(bar)
        examples = [example for one in seen for example in one.examples]
        write_lines(place, examples, ledger.redactor)
        write_lines(dropped_place(place), (one for item in seen for one in item.dropped), ledger.redactor)
    reasons = sum((one.reasons for one in seen), Counter[str]())
    roles = Counter(example.role for example in examples)
    runs = {example.provenance.run for example in examples}
    if json:
        shape = {"format": wanted.kind, "file": str(place), "examples": len(examples), "runs": len(runs)}
        print_json({**shape, "roles": roles, "attempts": total, "left_out": reasons})
        return 0
    table = Table("", wanted.kind, box=box.SIMPLE)
    table.add_row("examples", str(len(examples)), style="bold")
    for role, count in sorted(roles.items()):
        table.add_row(f"  of the {clean(role)}", str(count))
    for reason, count in reasons.most_common():
        table.add_row(f"left out: {reason}", str(count))
    out().print(table)
    told = f"{len(runs)} of {total} attempts are in {clean(str(place))}; what was left out is in "
    out().print(f"{told}{clean(dropped_place(place).name)}", highlight=False, style="dim")
    return 0
