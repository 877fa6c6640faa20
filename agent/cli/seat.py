"""The browsing seat at this terminal: shows what there is to see, and takes a person's commands one after the other."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, TypeVar

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from agent.browsing.annotation.api import SeatApi
from agent.browsing.annotation.commands import HELP, parse_command
from agent.browsing.annotation.forms import PageShown, ResultsShown, SeatState, ShownQuote
from agent.cli.console import clean, err, one_line
from agent.cli.driving import show_report, show_stop
from agent.cli.keys import Typed
from agent.cli.workshop import Workshop, on_interrupt
from agent.domain.errors import CommandConflict, ModelOutputError, PlumblineError, UsageError, WaitingForPerson
from agent.domain.report import Report
from agent.runtime.people import Asker

T = TypeVar("T")

_QUOTE_SHOWN = 240
_STEPS_SHOWN = 5
_QUESTIONS = "the input ended; go on with: plumbline resume"


class Chair:
    """Where a person sits: learns when the run waits for an action. An ``Asker`` of the runner.

    Args:
        other: answers what is asked while nobody sits here; None where nobody would.
    """

    def __init__(self, other: Asker | None = None) -> None:
        self.taken = False
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        self._other = other

    async def __call__(self, question: str, options: Sequence[str]) -> str:
        """Wait until the answer comes as a command, or nobody is left to give one.

        Raises:
            WaitingForPerson: the input has ended.
        """
        if not self.taken:
            if self._other is None:
                raise WaitingForPerson(f"the run asks: {question}")
            return await self._other(question, options)
        self.asked.set()
        await self.left.wait()
        raise WaitingForPerson(_QUESTIONS)


async def sit(shop: Workshop, chair: Chair, run_id: str, *, quiet: bool = False, json: bool = False) -> int:
    """Have the person at this terminal browse until the run ends or the input does; returns the exit code."""
    console, typed = err(), Typed()
    if not (quiet or json):
        console.print(f"run {run_id}", style="bold cyan")
    chair.taken = True
    work = asyncio.ensure_future(shop.runner.wait(run_id))

    def pause() -> None:
        console.print("pausing; once more to stop at once (nothing recorded is lost)", style="yellow")
        shop.runner.halt(run_id)
        # waiting for a person is nothing that has to end first
        chair.left.set()

    try:
        with on_interrupt(pause), typed.ready():
            await _browsed(shop, chair, run_id, work, typed, None if quiet or json else console)
            report = await work
    except PlumblineError as stop:
        return await show_stop(shop, run_id, stop, json=json)
    finally:
        work.cancel()
    show_report(run_id, report, quiet=quiet, json=json)
    return report.exit_code


async def _browsed(
    shop: Workshop, chair: Chair, run_id: str, work: "asyncio.Future[Report]", typed: Typed, console: Console | None
) -> None:
    """Take commands while the run waits for them."""

    async def send(run: str, question: str, text: str) -> None:
        try:
            await shop.runner.answer(run, text, question=question)
        except CommandConflict as error:
            raise UsageError(str(error)) from error

    api: SeatApi | None = None
    while await _first(asyncio.ensure_future(chair.asked.wait()), work):
        api = api or await SeatApi.open(shop.ledger, run_id, send=send)
        state = await api.state()
        if console is not None:
            if console.is_terminal:
                console.clear()
            console.print(seat_view(state), soft_wrap=False)
        chair.asked.clear()
        if not await _acted(api, state, typed, work):
            chair.left.set()
            await asyncio.wait({work})


async def _acted(api: SeatApi, state: SeatState, typed: Typed, work: "asyncio.Future[Report]") -> bool:
    """Take lines until one of them is done as an action; returns False at the end of the input."""
    console = err()
    while True:
        reading = asyncio.ensure_future(typed.line())
        if not await _first(reading, work):
            return False
        line = reading.result()
        if line is None:
            return False
        if not line.strip():
            continue
        if line.strip() == "?":
            console.print(help_view(), soft_wrap=False)
            continue
        try:
            await api.act(parse_command(line), state.step)
        except (UsageError, ModelOutputError) as problem:
            console.print(f"! {clean(str(problem))}", style="yellow")
            continue
        return True


async def _first(waiting: "asyncio.Future[T]", work: "asyncio.Future[Report]") -> bool:
    """Wait for something or for the end of the run; returns whether the run still goes on."""
    both: set[asyncio.Future[Any]] = {waiting, work}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        return True
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    return False


def seat_view(state: SeatState) -> RenderableType:
    """Return what a person in the seat sees."""
    rows: list[RenderableType] = [Text(clean(state.question), style="bold")]
    rows.extend(_quote(quote) for quote in state.quotes)
    rows.append(_window(state))
    for step in state.history[-_STEPS_SHOWN:]:
        mark, style = ("✓", "green") if step.ok else ("✗", "red")
        told = ", ".join(f"{name}={value}" for name, value in step.arguments.items())
        rows.append(
            Text.assemble(
                (f"{mark} ", style),
                (f"{step.number}. {step.name}({one_line(told, 80)}) ", "dim"),
                one_line(step.note, 160),
            )
        )
    progress = state.progress
    left = f"{progress.left} of {progress.total} steps left"
    possible = " ".join(action.name for action in state.actions)
    rows.append(Text(f"{left} · possible: {possible} · ? for help", style="dim"))
    return Group(*rows)


def help_view() -> RenderableType:
    """Return the list of commands."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for letter, arguments, does in HELP:
        table.add_row(Text(letter, style="bold cyan"), Text(arguments), Text(does, style="dim"))
    return table


def _window(state: SeatState) -> RenderableType:
    view = state.view
    ways = f" · {'/'.join(state.scrolls)}" if state.scrolls else ""
    if isinstance(view, ResultsShown):
        body = Text()
        for item in view.results:
            body.append(f"[{item.number}] ", style="bold cyan")
            body.append(f"{one_line(item.title, 200)}\n", style="bold")
            body.append(f"    {one_line(item.snippet, 300)}\n")
            body.append(f"    {one_line(item.url, 200)}\n", style="blue")
        if not view.results:
            body.append("nothing was found; search with other words", style="yellow")
        title = f"{view.total} results for {one_line(view.query, 80)!r}, window {view.window}/{view.windows}{ways}"
        return _panel(body, title, "cyan")
    if isinstance(view, PageShown):
        return _panel(_page(view), f"{one_line(view.title, 80)} · window {view.window}/{view.windows}{ways}", "green")
    return _panel(Text("begin with a search: s WORDS"), "nothing yet", "dim")


def _page(view: PageShown) -> Text:
    body = Text(f"{one_line(view.url, 200)}\n", style="blue")
    for sentence in view.sentences:
        body.append(f"[{sentence.number}] ", style="cyan not blue")
        body.append(f"{clean(sentence.text)}\n", style="default")
    if not view.sentences:
        body.append(clean(view.text) or "(this page has no text)", style="default")
    for link in view.links:
        body.append(f"link {link.number}  ", style="magenta")
        body.append(f"{one_line(link.text, 80)}  {one_line(link.url, 120)}\n", style="blue")
    for element in view.elements:
        value = f" = {element.value}" if element.value else ""
        body.append(f"{one_line(element.ref, 20)}  ", style="magenta")
        body.append(f"{one_line(f'{element.role} {element.name}{value}', 120)}\n", style="default")
    return body


def _quote(quote: ShownQuote) -> Text:
    sources = dict.fromkeys(one_line(part.title, 60) for part in quote.parts)
    return Text.assemble(
        (f"{quote.id} ", "bold green"),
        (one_line(quote.text, _QUOTE_SHOWN), "italic"),
        (f"  — {'; '.join(sources)}", "dim"),
    )


def _panel(body: Text, title: str, style: str) -> Panel:
    return Panel(body, title=Text(title), title_align="left", border_style=style, box=box.ROUNDED)
