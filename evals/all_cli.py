"""``plumbline bench all``: every benchmark that can run here, and one report."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.domain.errors import OutputUnavailable, UsageError
from agent.runtime.settings import home_folder
from evals.benchmarks.everything import BENCHMARKS, Outcome, run_benchmark
from evals.benchmarks.machine import machine_line
from evals.benchmarks.report import report
from evals.records import Failure, keep, measured

_NAMES = ", ".join(one.name for one in BENCHMARKS)


def all_(
    quick: Annotated[bool, typer.Option("--quick", help="fewer repetitions: rough figures in minutes")] = False,
    only: Annotated[list[str] | None, typer.Option(help=f"{_NAMES}; may be repeated")] = None,
    markdown: Annotated[Path, typer.Option(help="file for the report")] = Path("benchmarks.md"),
    data: Annotated[
        Path | None, typer.Option(help="folder of the test data, for browsing", envvar="PLUMBLINE_TEST_DATA")
    ] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Run the benchmarks one after the other, and write one report as Markdown.

    What cannot run here is listed with its reason. The figures are kept as measurements. The exit code is 1 if
    something that must hold did not, or if a benchmark broke.
    """
    unknown = [name for name in only or () if name not in {one.name for one in BENCHMARKS}]
    if unknown:
        raise UsageError(f"there is no benchmark {unknown[0]!r} among all; choose from {_NAMES}")
    chosen = [one for one in BENCHMARKS if not only or one.name in only]
    # found out before an hour of work, not after it
    _write(markdown, "")
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(prefix="plumbline-all-") as folder, err().status("") as status:
        for number, benchmark in enumerate(chosen, 1):
            status.update(f"{number} of {len(chosen)}: {benchmark.about}")
            outcome = run_benchmark(benchmark, Path(folder), quick=quick, data=data)
            outcomes.append(outcome)
            _keep(outcome, quick=quick)
            # what there is can be read at any time
            _write(markdown, _report(outcomes, quick=quick))
            if not json:
                told = outcome.told or outcome.ended
                err().print(f"{benchmark.name:>12}  {outcome.seconds:6.0f} s  {told}", markup=False)
    if json:
        print_json({"machine": machine_line(), "quick": quick, "outcomes": outcomes})
    else:
        table = Table("benchmark", "measures", "seconds", "figures", "", box=box.SIMPLE)
        for one in outcomes:
            seconds, figures = (f"{one.seconds:.0f}", str(len(one.figures))) if one.found else ("", "")
            table.add_row(one.benchmark.name, one.benchmark.about, seconds, figures, one.told)
        out().print(table)
        out().print(f"the report: {markdown}", markup=False)
    return 1 if any(one.ended == "failed" for one in outcomes) else 0


def _report(outcomes: list[Outcome], *, quick: bool) -> str:
    return report(outcomes, machine=machine_line(), day=datetime.now(UTC).strftime("%d %B %Y"), quick=quick)


def _keep(outcome: Outcome, *, quick: bool) -> None:
    if outcome.ended == "not run":
        return
    held = outcome.ended == "held"
    name = outcome.benchmark.name
    failures = () if held else (Failure(sample=name, kind="did not hold", told=f"plumbline bench {name} tells what"),)
    kept = measured(
        f"bench.{name}",
        "quick" if quick else "full",
        [held],
        failures=failures,
        seconds=outcome.seconds,
        figures=outcome.figures,
    )
    keep(home_folder(), kept)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise OutputUnavailable(f"cannot write {path}: {error.strerror or error}") from error
