"""Run cells in a Jupyter kernel that keeps its names from one call to the next."""

import asyncio
from typing import Annotated, Any, Final, Literal, TypeVar

from msgspec import Meta, ValidationError, convert, to_builtins

from toolserver.errors import ToolFailure
from toolserver.node.machine import Machine
from toolserver.node.notebook import NotebookHost
from toolserver.node.outputs import Output
from toolserver.node.toolbox import Answer, Tool
from toolserver.protocol import Fact, Form, ToolImage

FactT = TypeVar("FactT", bound=Fact)

OTHER_SECONDS: Final = 60.0
MAX_IMAGES: Final = 8


class Notebook(Form):
    """Run code in a Jupyter kernel (Python) in the workspace. Names are kept from one cell to the next.

    execute: run a cell; text, errors, tables and figures come back, and the cell is added to notebook.ipynb.
    list: the cells of notebook.ipynb. interrupt: stop the running cell. restart: forget all names.
    Figures are shown by plt.show() or at the end of a cell. A cell beyond its time is interrupted, or its kernel ended.
    """

    action: Literal["execute", "list", "interrupt", "restart"] = "execute"
    code: Annotated[
        Annotated[str, Meta(min_length=1, max_length=1_000_000)] | None, Meta(description="What execute runs.")
    ] = None
    seconds: Annotated[float, Meta(gt=0, le=3600, description="Time limit of the cell.")] = 120


class Raised(Fact):
    """The exception that ended a cell."""

    name: str
    value: str


class CellResult(Fact):
    """What a cell gave.

    Attributes:
        cell: its number in ``notebook.ipynb``; None when it could not be saved.
        execution_count: the kernel's own number.
        stdout: what was printed and shown, or its beginning and end.
        stderr: warnings and the traceback, likewise.
        stdout_bytes: how much there was.
        stderr_bytes: how much there was.
        output: id under which ``read_output`` shows everything; None when it is all here.
        raised: the exception that ended the cell.
        tables: the rows of the data frames that were shown, the header first.
        seconds: wall time.
        fresh: whether the kernel was started for this cell.
        lost: why the names of earlier cells are lost; None when they are not.
    """

    cell: int | None
    execution_count: int | None
    stdout: str
    stderr: str
    stdout_bytes: int
    stderr_bytes: int
    output: str | None
    raised: Raised | None
    tables: tuple[tuple[tuple[str, ...], ...], ...]
    seconds: float
    fresh: bool
    lost: str | None


class NotebookCell(Fact):
    """A cell of the file. ``source`` is cut after 300 characters."""

    cell: int
    kind: str
    execution_count: int | None
    source: str
    failed: bool


class NotebookCells(Fact):
    """The cells of the file, the last 200 of ``total``; ``alive`` says whether a kernel is running."""

    total: int
    alive: bool
    cells: tuple[NotebookCell, ...]


class KernelState(Fact):
    """Whether there was anything to interrupt or to end."""

    acted: bool


class _Reply(Fact):
    """What the kernel's process says of a cell."""

    cell: int | None
    ending: Literal["done", "timeout", "interrupted", "died"]
    alive: bool
    why: str | None
    fresh: bool
    died_before: str | None
    execution_count: int | None
    raised: Raised | None
    images: Annotated[tuple[ToolImage, ...], Meta(max_length=MAX_IMAGES)]
    tables: tuple[tuple[tuple[str, ...], ...], ...]
    stdout_bytes: Annotated[int, Meta(ge=0)]
    stderr_bytes: Annotated[int, Meta(ge=0)]
    seconds: float
    saved: str | None


class NotebookTool:
    """One notebook for each sandbox."""

    def __init__(self, machine: Machine) -> None:
        self._outputs = machine.outputs
        self._host = NotebookHost(machine)
        self._one_cell = asyncio.Lock()

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tool."""
        return (Tool(Notebook, self.run, effects=("reads", "writes", "executes")),)

    async def run(self, form: Notebook) -> Answer:
        """Do what is asked."""
        if form.action == "execute":
            if form.code is None:
                raise ToolFailure("invalid_arguments", "notebook: code: is needed for execute")
            async with self._one_cell:
                return await self._execute(form.code, form.seconds)
        answer = await self._host.ask({"action": form.action}, OTHER_SECONDS)
        if form.action == "list":
            listed = _checked(NotebookCells, answer)
            return Answer("\n".join(_line(cell) for cell in listed.cells) or "The notebook has no cells.", listed)
        if form.action == "interrupt":
            acted = bool(answer.get("running"))
            return Answer("Interrupted the running cell." if acted else "No cell is running.", KernelState(acted=acted))
        acted, self._host.lost = bool(answer.get("ended")), None
        text = (
            "Ended the kernel; the next cell starts a new one without any names." if acted else "No kernel was running."
        )
        return Answer(text, KernelState(acted=acted))

    async def close(self) -> None:
        """End the kernel."""
        await self._host.close()

    async def _execute(self, code: str, seconds: float) -> Answer:
        with self._outputs.recording() as output:
            request = {"action": "execute", "code": code, "seconds": seconds, "output": str(output.folder)}
            reply = _checked(_Reply, await self._host.ask(request, seconds))
            self._host.began()
            lost = None
            if reply.fresh:
                lost = f"the kernel died ({reply.died_before})" if reply.died_before else self._host.lost
                self._host.lost = None
            if not reply.alive:
                self._host.lost = f"the kernel died ({(reply.why or 'killed')[:200]})"
            result = self._result(output, reply, lost)
        text = _told(reply, result, seconds)
        if reply.ending == "died" or (reply.ending == "done" and not reply.alive):
            raise ToolFailure("kernel_died", text, to_builtins(result))
        if reply.ending == "timeout":
            raise ToolFailure("timeout", text, to_builtins(result))
        return Answer(text, result, reply.images)

    def _result(self, output: Output, reply: _Reply, lost: str | None) -> CellResult:
        stdout = output.excerpt("stdout", reply.stdout_bytes)
        stderr = output.excerpt("stderr", reply.stderr_bytes)
        self._outputs.settle(output, stdout, stderr)
        return CellResult(
            cell=reply.cell,
            execution_count=reply.execution_count,
            stdout=stdout.text,
            stderr=stderr.text,
            stdout_bytes=stdout.size,
            stderr_bytes=stderr.size,
            output=None if stdout.whole and stderr.whole else output.id,
            raised=reply.raised,
            tables=reply.tables,
            seconds=reply.seconds,
            fresh=reply.fresh,
            lost=lost,
        )


def _told(reply: _Reply, result: CellResult, seconds: float) -> str:
    lines = [f"[new kernel: the names of earlier cells are lost, since {result.lost}]"] if result.lost else []
    lines += [result.stdout.rstrip("\n")] if result.stdout else []
    lines += [f"[stderr]\n{result.stderr.rstrip(chr(10))}"] if result.stderr else []
    if reply.images:
        lines.append(f"[{len(reply.images)} pictures]" if len(reply.images) > 1 else "[1 picture]")
    if reply.saved is not None:
        lines.append(f"[not added to notebook.ipynb: {reply.saved[:200]}]")
    name = "the cell" if reply.cell is None else f"cell {reply.cell}"
    if reply.ending == "timeout":
        lines.append(f"[{name} was ended with all it started after {seconds:g} s, the time limit]")
    elif reply.ending == "interrupted":
        lines.append(f"[{name} was interrupted, and all it started was ended]")
    else:
        lines.append(f"[{name}, {result.seconds:.1f} s]")
    if not reply.alive:
        why = f" ({reply.why[:200]})" if reply.why else ""
        lines.append(f"[the kernel died{why}: the names of all cells are lost, and the next cell starts a new one]")
    return "\n".join(lines)


def _line(cell: NotebookCell) -> str:
    first = cell.source.split("\n", 1)[0][:100]
    return f"{cell.cell:>4}  {cell.kind}  {'failed  ' if cell.failed else ''}{first}"


def _checked(kind: type[FactT], answer: dict[str, Any]) -> FactT:
    try:
        return convert(answer, kind)
    except ValidationError as error:
        raise ToolFailure("kernel_died", "notebook: the kernel's process answered nonsense; restart it") from error
