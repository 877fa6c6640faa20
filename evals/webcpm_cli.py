"""``plumbline bench webcpm``: recorded steps and predictions of WebCPM."""

from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import print_json
from evals.benchmarks.webcpm import measure_webcpm
from evals.printed import print_table


def webcpm(
    steps: Annotated[Path, typer.Argument(help="recorded steps, JSONL")],
    predictions: Annotated[
        Path | None, typer.Option(help="WebCPM's inference/output/test_output.json, for the scores of its model")
    ] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Replay recorded steps of WebCPM through the state machine, and score recorded predictions."""
    found = measure_webcpm(steps, predictions)
    if json:
        print_json(found)
    else:
        replayed = Table("question", "steps", "possible", "to a model", "shown as recorded", box=box.SIMPLE)
        for name, row in found.questions.items():
            replayed.add_row(name, *(str(n) for n in (row.steps, row.allowed, row.allowed_to_model, row.agreeing)))
        print_table("recorded steps of WebCPM", replayed, "to a model: WebCPM's guards bind models, not people")
        for scores in found.scores:
            table_of = Table("class", "gold", "answered", "F1", box=box.SIMPLE)
            for name, one in scores.classes.items():
                table_of.add_row(name, str(one.gold), str(one.answered), f"{one.f1:.3f}")
            totals = f"micro F1 {scores.micro_f1:.3f}, macro F1 {scores.macro_f1:.3f}"
            print_table(
                f"{totals}; {scores.right} of {scores.counted} right, {scores.left_out} left out", table_of, scores.rule
            )
    return 0 if all(row.steps == row.allowed == row.agreeing for row in found.questions.values()) else 1
