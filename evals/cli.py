"""``plumbline bench``: measure what Plumbline costs, with ratios to references measured in the same run."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from agent.cli.console import err, out, print_json
from agent.cli.opening import open_ledger
from agent.domain.errors import ServiceError, UsageError
from agent.runtime.options import RunOptions
from agent.runtime.settings import home_folder
from evals.all_cli import all_
from evals.arithmetic_cli import arithmetic
from evals.attacks.suite import attack_all, target
from evals.batch_kills_cli import batch_kills
from evals.benchmarks.catalogue import recall as measure_recall
from evals.benchmarks.growth import growth as measure_growth
from evals.benchmarks.machine import machine_line
from evals.benchmarks.overhead import overhead as measure_overhead
from evals.benchmarks.parallel import overlap
from evals.benchmarks.startup import startup as measure_startup
from evals.benchmarks.toolserver import DEPLOYMENTS, toolserver_costs
from evals.benchmarks.webcpm import measure_webcpm
from evals.browsing.command import browsing
from evals.browsing_cli import compression, index
from evals.cad_cli import cad
from evals.claims_cli import claims
from evals.codex_cli import codex
from evals.concurrency_cli import concurrency
from evals.corrections_cli import corrections
from evals.design_cli import design
from evals.documents.suite import KINDS, PARTS, Agreement, Graded, Part, agreement, measurement, table
from evals.documents.working import run_suite
from evals.dojo.command import agentdojo
from evals.injection.command import injection
from evals.knowledge_cli import kb
from evals.peers_cli import peers
from evals.reasoning_cli import reasoning
from evals.records import keep
from evals.ssrf_cli import ssrf
from evals.synthesis_cli import skeleton, support
from evals.training_cli import training
from evals.web_cli import web
from evals.web_client_cli import web_client
from toolserver.client import SandboxUnavailable, ToolServerError

bench = typer.Typer(add_completion=False, no_args_is_help=True)
bench.command()(injection)
bench.command()(agentdojo)
bench.command()(kb)
bench.command()(codex)
bench.command()(reasoning)
bench.command()(design)
bench.command(name="web-client")(web_client)
bench.command()(web)
bench.command()(peers)
bench.command(name="batch-kills")(batch_kills)

JsonOption = Annotated[bool, typer.Option("--json")]


@bench.command()
def overhead(
    turns: Annotated[int, typer.Option(min=1)] = 20,
    rounds: Annotated[int, typer.Option(min=1)] = 6,
    json: JsonOption = False,
) -> int:
    """Cost of a turn beyond the model, recorded durably, against loops that record nothing."""
    with err().status(f"{rounds} rounds of five cells"):
        rows, machine = measure_overhead(turns=turns, rounds=rounds)
    if json:
        print_json({"machine": machine, "turns": turns, "rows": rows})
        return 0
    table = Table(
        "cell", "wall ms", "CPU ms", "peak MB", "wall ratio", "CPU ratio", "wall ratio by round", box=box.SIMPLE
    )
    for row in rows:
        by_round = " ".join(f"{ratio:.2f}" for ratio in row.rounds)
        values = (
            f"{row.wall_ms:.2f}",
            f"{row.cpu_ms:.2f}",
            f"{row.peak_mb:.0f}",
            f"{row.ratio:.2f}",
            f"{row.ratio_cpu:.2f}",
        )
        table.add_row(row.cell, *values, by_round)
    _print(f"per model call, {turns} tool turns", table, machine)
    return 0


@bench.command()
def tools(json: JsonOption = False) -> int:
    """How often the right one of several hundred tools is found by words, and what a search costs."""
    measured, machine = asyncio.run(measure_recall()), machine_line()
    if json:
        print_json({"machine": machine, "recall": measured})
        return 0
    table = Table("found by", "tools", "tasks", *(f"in first {cut}" for cut in measured.at), "query ms", box=box.SIMPLE)
    shares = (f"{share:.2f}" for share in measured.at.values())
    table.add_row(measured.by, str(measured.tools), str(measured.tasks), *shares, f"{measured.query_ms:.2f}")
    _print("the right tool in a catalogue", table, machine)
    return 0


@bench.command()
def turns(rounds: Annotated[int, typer.Option(min=1)] = 6, json: JsonOption = False) -> int:
    """Cost of a turn in a session of 100 turns against one of 20."""
    cells = ("raw:openai", "plumbline@process")
    with err().status(f"{rounds} rounds at 20 and at 100 turns"):
        short, machine = measure_overhead(turns=20, rounds=rounds, cells=cells)
        long, _ = measure_overhead(turns=100, sessions=2, rounds=rounds, cells=cells)
    if json:
        print_json({"machine": machine, "20": short, "100": long})
        return 0
    table = Table("cell", "20 turns, CPU ms", "100 turns, CPU ms", "factor", "wall factor", box=box.SIMPLE)
    for a, b in zip(short, long, strict=True):
        factors = f"{b.cpu_ms / a.cpu_ms:.2f}", f"{b.wall_ms / a.wall_ms:.2f}"
        table.add_row(a.cell, f"{a.cpu_ms:.2f}", f"{b.cpu_ms:.2f}", *factors)
    _print("per model call", table, machine)
    return 0


@bench.command()
def growth(json: JsonOption = False) -> int:
    """Storage and resuming of runs of 100, 400 and 1,600 steps."""
    with err().status("runs of 100, 400 and 1,600 steps"):
        found = asyncio.run(measure_growth())
    if json:
        print_json({"machine": machine_line(), "rows": found})
        return 0
    table = Table("steps", "events", "database", "blobs", "bytes a step", "to 100 steps", "live edge s", box=box.SIMPLE)
    for row in found:
        ratio = row.bytes_per_step / found[0].bytes_per_step
        sizes = f"{row.database_bytes:,}", f"{row.blob_bytes:,}", f"{row.bytes_per_step:,.0f}", f"{ratio:.2f}"
        table.add_row(str(row.steps), f"{row.events:,}", *sizes, f"{row.live_edge_seconds:.2f}")
    _print("growth", table, machine_line())
    return 0


@bench.command()
def parallel(json: JsonOption = False) -> int:
    """Two independent subtasks of a model that takes one second a call."""
    with err().status("a plan of two subtasks"):
        found = asyncio.run(overlap())
    if json:
        print_json({"machine": machine_line(), **found.model_dump(), "over": found.over})
        return 0
    table = Table("wall s", "critical path s", "sequential s", "wall / critical path", box=box.SIMPLE)
    values = found.wall_seconds, found.critical_path_seconds, found.sequential_seconds, found.over
    table.add_row(*(f"{value:.2f}" for value in values))
    _print("overlap", table, machine_line())
    return 0


@bench.command()
def attacks(
    sandbox: Annotated[str, typer.Option(help="docker or local")] = "docker",
    markdown: Annotated[bool, typer.Option("--markdown", help="print the table for a document")] = False,
    json: JsonOption = False,
) -> int:
    """Attack a sandbox from inside and say what it stops. Exit code 1 when something got through."""
    if sandbox not in ("docker", "local"):
        raise UsageError(f"--sandbox is docker or local, not {sandbox!r}")
    with err().status(f"attacking: {sandbox}") as status:
        try:
            found = asyncio.run(
                attack_all(target(sandbox), told=lambda attack: status.update(f"{attack.number}: {attack.name}"))
            )
        except ToolServerError as error:
            raise ServiceError(str(error)) from error
    rows = [{"number": a.number, "name": a.name, "stopped": f.stopped, "seen": f.seen} for a, f in found]
    if json:
        print_json({"machine": machine_line(), "sandbox": sandbox, "attacks": rows})
    elif markdown:
        out().print("| # | attack | stopped | seen |\n|---|---|---|---|", highlight=False, soft_wrap=True)
        for attack, finding in found:
            line = f"| {attack.number} | {attack.name} | {_VERDICTS[finding.stopped]} | {finding.seen} |"
            out().print(line, highlight=False, soft_wrap=True, markup=False)
    else:
        table = Table("#", "attack", "stopped", "seen", box=box.SIMPLE)
        for attack, finding in found:
            table.add_row(attack.number, attack.name, _VERDICTS[finding.stopped], finding.seen)
        _print(f"attacks on a sandbox: {sandbox}", table, machine_line())
    return 1 if any(finding.stopped is False for _, finding in found) else 0


_VERDICTS = {True: "yes", False: "NO", None: "not tried"}


@bench.command()
def startup(json: JsonOption = False) -> int:
    """Processor time of plumbline --help against a bare argparse program."""
    found = measure_startup()
    if json:
        print_json({"machine": machine_line(), **found.model_dump(), "ratio": found.ratio})
        return 0
    table = Table("help CPU ms", "argparse CPU ms", "ratio", "modules", box=box.SIMPLE)
    table.add_row(f"{found.help_cpu_ms:.0f}", f"{found.argparse_cpu_ms:.0f}", f"{found.ratio:.2f}", str(found.modules))
    _print("start-up", table, machine_line())
    return 0


@bench.command()
def toolserver(
    deployment: Annotated[list[str] | None, typer.Argument(help=", ".join(DEPLOYMENTS))] = None,
    opens: Annotated[int, typer.Option(min=1, help="sandboxes that are opened")] = 4,
    calls: Annotated[int, typer.Option(min=10, help="repetitions of the cheapest calls")] = 300,
    json: JsonOption = False,
) -> int:
    """What a sandbox costs: opening it, calling it, and letting it wait."""
    unknown = [name for name in deployment or () if name not in DEPLOYMENTS]
    if unknown:
        raise UsageError(f"there is no deployment {unknown[0]!r} to measure; choose from {', '.join(DEPLOYMENTS)}")
    rows = []
    for name in DEPLOYMENTS:
        if deployment and name not in deployment:
            continue
        try:
            with err().status(f"{opens} sandboxes, {name}"):
                rows += asyncio.run(toolserver_costs(name, opens=opens, calls=calls))
        except SandboxUnavailable as error:
            if deployment:
                raise ServiceError(str(error)) from error
            err().print(f"{name} was not measured: {error}", markup=False)
    if json:
        print_json({"machine": machine_line(), "rows": rows})
        return 0
    table = Table("deployment", "what", "unit", "p50", "p95", "min", "samples", box=box.SIMPLE)
    for row in rows:
        values = (f"{value:.2f}" for value in (row.p50, row.p95, row.least))
        table.add_row(row.deployment, row.what, row.unit, *values, str(row.samples))
    _print("the cost of a sandbox", table, machine_line())
    return 0


@bench.command()
def documents(
    part: Annotated[str, typer.Argument(help=", ".join(PARTS))] = "blind",
    model: Annotated[str, typer.Option()] = "embedded",
    sandbox: Annotated[str, typer.Option()] = "auto",
    only: Annotated[list[str] | None, typer.Option(help="id of a single item, may be repeated")] = None,
    json: JsonOption = False,
) -> int:
    """Questions over documents and computations over files: right, wrong and withheld.

    The exit code is 1 if an answer that is shown as verified is wrong. The runs are kept: plumbline runs. So is what a
    whole part came to, for the web application's page of measurements.
    """
    chosen = next((name for name in PARTS if name == part), None)
    if chosen is None:
        raise UsageError(f"the suite has no part {part!r}; choose one of {', '.join(PARTS)}")
    results = asyncio.run(_documents(chosen, RunOptions(model=model, sandbox=sandbox), only or (), quiet=json))
    code = 1 if any(one.grade == "wrong" for one in results) else 0
    if results and not only:
        keep(home_folder(), measurement(chosen, model, results))
    counts = table(results)
    if json:
        rows = {f"{kind} {name}": dict(found) for (kind, name), found in counts.items()}
        agreed = {kind: agreement(one for one in results if one.kind == kind) for kind in KINDS}
        print_json({"machine": machine_line(), "part": part, "counts": rows, "agreement": agreed, "items": results})
        return code
    shown = Table("kind", "class", "right", "wrong", "withheld", box=box.SIMPLE)
    for (kind, name), found in counts.items():
        shown.add_row(kind, name, *(str(found[grade]) for grade in ("right", "wrong", "withheld")))
    _print(f"documents, part {part}", shown, machine_line())
    agreed_shown = Table("kind", "answers found", "all believed", "verified", "nothing found", box=box.SIMPLE)
    for each in KINDS:
        found_ = agreement(one for one in results if one.kind == each)
        agreed_shown.add_row(each, *_shares(found_))
    _print("the verdict on an answer agrees with what is right", agreed_shown, machine_line())
    seconds = sorted(one.seconds for one in results)
    if seconds:
        out().print(f"seconds per item: median {seconds[len(seconds) // 2]:.1f}, longest {seconds[-1]:.1f}")
    return code


def _shares(found: Agreement) -> tuple[str, ...]:
    shares = (f"{count} of {found.answers}" for count in (found.believed, found.verified))
    return (str(found.answers), *shares, str(found.unanswered))


async def _documents(part: Part, options: RunOptions, only: Iterable[str], *, quiet: bool) -> list[Graded]:
    def tell(news: Graded) -> None:
        answer = " ".join(news.report.answer.split())
        err().print(f"{news.grade:>8}  {news.item.id}  {news.seconds:5.1f} s  {news.item.question}  {answer}")

    async with open_ledger() as (ledger, settings, home):
        return await run_suite(
            ledger, settings, home, options, part, only=only, progress=(lambda news: None) if quiet else tell
        )


@bench.command()
def webcpm(
    steps: Annotated[Path, typer.Argument(help="recorded steps, JSONL")],
    predictions: Annotated[
        Path | None, typer.Option(help="WebCPM's inference/output/test_output.json, for the scores of its model")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Replay recorded steps of WebCPM through the state machine, and score recorded predictions."""
    found = measure_webcpm(steps, predictions)
    if json:
        print_json(found)
    else:
        replayed = Table("question", "steps", "possible", "to a model", "shown as recorded", box=box.SIMPLE)
        for name, row in found.questions.items():
            replayed.add_row(name, *(str(n) for n in (row.steps, row.allowed, row.allowed_to_model, row.agreeing)))
        _print("recorded steps of WebCPM", replayed, "to a model: WebCPM's guards bind models, not people")
        for scores in found.scores:
            table_of = Table("class", "gold", "answered", "F1", box=box.SIMPLE)
            for name, one in scores.classes.items():
                table_of.add_row(name, str(one.gold), str(one.answered), f"{one.f1:.3f}")
            totals = f"micro F1 {scores.micro_f1:.3f}, macro F1 {scores.macro_f1:.3f}"
            _print(
                f"{totals}; {scores.right} of {scores.counted} right, {scores.left_out} left out", table_of, scores.rule
            )
    return 0 if all(row.steps == row.allowed == row.agreeing for row in found.questions.values()) else 1


bench.command()(concurrency)
bench.command()(index)
bench.command()(compression)
bench.command()(corrections)
bench.command()(skeleton)
bench.command()(browsing)
bench.command()(support)
bench.command()(ssrf)
bench.command()(arithmetic)
bench.command()(claims)
bench.command()(cad)
bench.command()(training)


bench.command("all")(all_)


def _print(title: str, table: Table, machine: str) -> None:
    console: Console = out()
    console.print(title, style="bold")
    console.print(table)
    console.print(machine, style="dim")
