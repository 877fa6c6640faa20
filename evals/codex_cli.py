"""``plumbline bench codex``: telling true triples from false ones, by a knowledge base and by plausibility."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.cli.inputs import given_path
from agent.verification.knowledge.plausibility.required import require
from evals.benchmarks.machine import machine_line


def codex(
    data: Annotated[
        Path, typer.Option(parser=given_path, metavar="FOLDER", help="with kb.jsonl, train_ids.tsv, valid and test")
    ],
    epochs: Annotated[int, typer.Option(min=1, max=200, help="tried at most; the validation part chooses")] = 12,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Classify the labelled triples of CoDEx-S by what its training part says."""
    require()
    # needs an extra, and numpy takes its time to import
    from evals.benchmarks.codex import measure_codex

    with err().status("CoDEx-S") as status:
        found = measure_codex(data, epochs, status.update)
    if json:
        print_json({"machine": machine_line(), "codex": found})
        return 0
    console = out()
    console.print(
        f"learnt from {found.train_triples:,} triples: {', '.join(found.learnt) or 'nothing about relations'}"
    )
    table = Table("by what is held", "decided", "supported", "contradicted", "precision", box=box.SIMPLE)
    for part, decided in (("validation", found.valid_decided), ("test", found.test_decided)):
        table.add_row(
            part,
            f"{decided.coverage:.1%} of {decided.triples:,}",
            f"{decided.supported}, right {decided.supported_right}",
            f"{decided.contradicted}, right {decided.contradicted_right}",
            "-" if decided.precision is None else f"{decided.precision:.3f}",
        )
    console.print(table)
    console.print(
        f"ComplEx: {found.epochs} of {found.epochs_tried} epochs, accuracy on the validation part"
        f" {found.valid_accuracy:.3f} (thresholds from other triples of it)"
    )
    table = Table(f"test, {found.complex.triples:,} triples", "accuracy", "95 %", "F1", "95 %", box=box.SIMPLE)
    for what, one in (
        ("the relation's usual label", found.majority),
        ("ComplEx", found.complex),
        ("held, else ComplEx", found.combined),
    ):
        table.add_row(
            what,
            f"{one.accuracy:.3f}",
            f"{one.accuracy_low:.2f} to {one.accuracy_high:.2f}",
            f"{one.f1:.3f}",
            f"{one.f1_low:.2f} to {one.f1_high:.2f}",
        )
    console.print(table)
    console.print(machine_line(), style="dim")
    return 0
