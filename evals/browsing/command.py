"""``plumbline bench browsing``: questions over real pages, by a script that knows the way, or by a model."""

import asyncio
import contextlib
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, err, out, print_json
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from agent.models.config import parse_model
from agent.models.port import ChatModel
from agent.models.registry import build_model
from agent.runtime.services import sandbox_kinds
from evals.benchmarks.machine import machine_line
from evals.browsing.suite import SUITES, Answered, SuiteName
from evals.browsing.working import ORACLE, passages, python_docs, questions_of, run_suite

DOCUMENTATION = Path("/usr/share/doc/python3.11/html")
"""Where the Debian package ``python3.11-doc`` puts its pages."""
_FILES: dict[SuiteName, str] = {"python-docs": "python-docs/version_added.jsonl", "cmrc2018": "cmrc2018/dev.jsonl"}


def browsing(
    data: Annotated[
        Path, typer.Option(help="folder of the test data, or the file of the suite", envvar="PLUMBLINE_TEST_DATA")
    ],
    suite: Annotated[str, typer.Option(help=", ".join(SUITES))] = "python-docs",
    seat: Annotated[str, typer.Option(help=f"{ORACLE}, embedded, or the name of a model")] = ORACLE,
    count: Annotated[int, typer.Option(min=1)] = 30,
    pages: Annotated[Path, typer.Option(help="folder of the HTML pages")] = DOCUMENTATION,
    sandbox: Annotated[str, typer.Option(help="where pages are opened: auto, docker or local")] = "auto",
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Ask questions over pages in a real browser: right answers, right pages, and quotes that are not on their page.

    The exit code is 1 if a quote is invalid, or if the script that knows the way misses a question.
    """
    name = next((one for one in SUITES if one == suite), None)
    if name is None:
        raise UsageError(f"there is no suite {suite!r}; choose one of {', '.join(SUITES)}")
    if name == "python-docs" and not pages.is_dir():
        raise UsageError(f"{pages} is not there; install python3.11-doc, or name the folder of the pages by --pages")
    if sandbox not in sandbox_kinds():
        raise UsageError(f"--sandbox is {', '.join(sandbox_kinds())}, not {sandbox!r}")
    file = data / _FILES[name] if data.is_dir() else data
    answered = asyncio.run(_work(name, file, seat, count, pages, sandbox, quiet=json))
    counts = _counts(answered)
    if json:
        print_json({"machine": machine_line(), "suite": name, "seat": seat, "counts": counts, "questions": answered})
    else:
        table = Table("what", "of all", box=box.SIMPLE)
        for what, number in counts.items():
            table.add_row(what, f"{number}")
        out().print(f"browsing, {name}, {seat}", style="bold")
        out().print(table)
        out().print(machine_line(), style="dim")
    failed = any(one.invalid for one in answered) or (seat == ORACLE and not all(one.full for one in answered))
    return 1 if failed else 0


async def _work(
    name: SuiteName, data: Path, seat: str, count: int, pages: Path, sandbox: str, *, quiet: bool
) -> list[Answered]:
    questions, right = questions_of(name, data, count)

    def tell(one: Answered) -> None:
        grade = "right" if one.full else "page" if one.page else "answer" if one.right else "wrong"
        line = f"{grade:>7}  {one.id}  {one.seconds:5.1f} s  {one.question}  {one.answer or '(none)'}"
        if not quiet:
            err().print(clean(line), markup=False, highlight=False, soft_wrap=True)

    async with contextlib.AsyncExitStack() as stack:
        ledger, settings, home = await stack.enter_async_context(open_ledger())
        settings = settings.model_copy(update={"sandbox": sandbox_kinds()[sandbox]})
        model: ChatModel | None = None
        if seat != ORACLE:
            model = build_model(seat, settings.models.get(seat) or parse_model(seat), home)
            stack.push_async_callback(model.close)
        place = await stack.enter_async_context(
            python_docs(pages, settings, home, ledger.blobs)
            if name == "python-docs"
            else passages(data, settings, home, ledger.blobs)
        )
        return await run_suite(questions, place, model, right, told=tell)


def _counts(answered: list[Answered]) -> dict[str, float | int]:
    seconds = sorted(one.seconds for one in answered)
    counts: dict[str, float | int] = {
        "questions": len(answered),
        "right answer and right page": sum(one.full for one in answered),
        "right answer": sum(one.right for one in answered),
        "exact answer": sum(one.exact for one in answered),
        "right page": sum(one.page for one in answered),
    }
    if any(one.entry is not None for one in answered):
        counts["quotes inside the entry"] = sum(bool(one.entry) for one in answered)
    return counts | {
        "no answer": sum(not one.answer for one in answered),
        "quotes": sum(one.quotes for one in answered),
        "invalid quotes": sum(one.invalid for one in answered),
        "model calls": sum(one.calls for one in answered),
        "seconds per question, median": round(seconds[len(seconds) // 2], 1),
        "seconds per question, longest": round(seconds[-1], 1),
        "seconds of the model per question, mean": round(sum(one.model_seconds for one in answered) / len(answered), 1),
    }
