"""``plumbline chat``: do one task after the other; each knows the answers, evidence and files of those before."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Annotated, TypeGuard

import typer
from rich.console import Console

from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.conversation import Conversation, Turn
from agent.cli.driving import advice
from agent.cli.following import Follower, print_news
from agent.cli.inputs import document_corpus, read_files
from agent.cli.render import plan_tree, report_view
from agent.cli.run import DocsOption, FileOption, ModelOption, SandboxOption, WebOption, checked_goal
from agent.cli.workshop import Workshop, on_interrupt, open_workshop
from agent.domain.errors import PlumblineError, RunPaused, UsageError, WaitingForPerson
from agent.domain.plan import Add, Edit, NewSubtask, Remove, Update
from agent.domain.report import Report
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions

app = typer.Typer(add_completion=False)

_HELP = """\
Type a task. While a run works, what you type is guidance for it.
  /plan            show the plan         /pause        pause the run (Ctrl-C too)
  /edit ID TEXT    change a subtask      /resume       go on with it
  /edit +ID TEXT   add a subtask         /undo         forget the last task and what it did to the files
  /edit -ID        remove a subtask      /model NAME   use another model from now on
  /files           list the files        /cost         show what was used so far
  /quit            leave"""


@app.command()
def chat(
    file: FileOption = None,
    docs: DocsOption = None,
    corpus: Annotated[str | None, typer.Option(help="name of an index made by plumbline index")] = None,
    model: ModelOption = None,
    sandbox: SandboxOption = None,
    web: WebOption = None,
    json: Annotated[bool, typer.Option("--json", help="print each report as JSON")] = False,
) -> int:
    """Do one task after the other in one workspace. /help lists what else can be typed."""

    async def main() -> int:
        lines = _Lines()
        async with open_workshop(lines.ask) as shop:
            options = RunOptions(model=model, sandbox=sandbox)
            await shop.services.check(options)
            talk = Conversation(
                files=await read_files(file or (), shop.ledger.blobs, None if json else err()),
                corpus=await document_corpus(shop, docs or (), corpus, err()),
                web=shop.settings.browsing.enabled if web is None else web,
                options=options,
            )
            return await _Chat(shop, talk, lines, json=json).go_on()

    return run_async(main())


class _Lines:
    """The lines a person types: read in one place, whoever they are for."""

    def __init__(self) -> None:
        self._arrived: asyncio.Queue[str | None] = asyncio.Queue()
        self._question: asyncio.Future[str] | None = None
        self._begun = b""
        self._ended = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        if sys.stdin is None:
            # the number of a closed input may belong to another file by now
            self._take(b"")
            yield
            return
        try:
            loop.add_reader(sys.stdin, self._readable)
        except PermissionError:
            # files cannot be watched, and their lines are all there already
            while not self._ended:
                self._take(os.read(sys.stdin.fileno(), 65_536))
        try:
            yield
        finally:
            loop.remove_reader(sys.stdin)

    async def next(self) -> str | None:
        """Return the next line that is no answer; None at the end of the input."""
        return await self._arrived.get()

    async def ask(self, question: str, options: Sequence[str]) -> str:
        """Show a question; the next line is its answer.

        Raises:
            WaitingForPerson: the input has ended, or ends before the question is answered.
        """
        console = err()
        console.print(f"\n? {clean(question)}", style="bold yellow")
        if options:
            console.print(f"  ({' / '.join(clean(option) for option in options)})", style="dim")
        self._question = asyncio.get_running_loop().create_future()
        if self._ended:
            self._leave_open(self._question)
        return await self._question

    def _readable(self) -> None:
        # not readline: it would keep further lines, of which the loop then never hears
        data = os.read(sys.stdin.fileno(), 65_536)
        if not data:
            asyncio.get_running_loop().remove_reader(sys.stdin)
        self._take(data)

    def _take(self, data: bytes) -> None:
        """Take in what was read; nothing means that the input has ended."""
        *lines, self._begun = (self._begun + data).split(b"\n")
        if not data:
            self._ended = True
            lines = [self._begun] if self._begun else []
        for line in lines:
            self._typed(line.decode("utf-8", "replace").strip())
        if self._ended:
            self._arrived.put_nowait(None)
            if self._is_open(self._question):
                self._leave_open(self._question)

    def _typed(self, line: str) -> None:
        if self._is_open(self._question) and not line.startswith("/"):
            if line:
                self._question.set_result(line)
        else:
            self._arrived.put_nowait(line)

    @staticmethod
    def _is_open(question: "asyncio.Future[str] | None") -> "TypeGuard[asyncio.Future[str]]":
        return question is not None and not question.done()

    @staticmethod
    def _leave_open(question: "asyncio.Future[str]") -> None:
        question.set_exception(WaitingForPerson("the input ended before the question was answered"))


class _Chat:
    """The conversation at a terminal."""

    def __init__(self, shop: Workshop, talk: Conversation, lines: _Lines, *, json: bool) -> None:
        self._shop = shop
        self._talk = talk
        self._lines = lines
        self._json = json
        self._console = err()
        self._run_id: str | None = None
        self._work: asyncio.Task[Report] | None = None
        self._code = 0

    async def go_on(self) -> int:
        """Read lines until the person leaves; returns the exit code, which tells of a run that has to be gone on with.

        Only what was under way when the input ended counts; who leaves with a command knows how things are.
        """
        self._console.print("plumbline chat; /help tells what can be typed", style="dim")
        with self._lines.reading(), on_interrupt(self._pause):
            while True:
                line = await self._next_line()
                if line is None:
                    # nobody can type any more, so what is under way comes to its end
                    await self._ended()
                    return self._code
                if line in ("/quit", "/exit"):
                    return 0
                try:
                    await self._take(line)
                except PlumblineError as error:
                    self._console.print(clean(str(error)), style="red")

    async def _next_line(self) -> str | None:
        """Return what is typed next, while the run under way is shown."""
        typed = asyncio.create_task(self._lines.next())
        while True:
            waiting = {typed} if self._work is None else {typed, self._work}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if self._work is not None and self._work.done():
                self._finish(self._work)
            if typed.done():
                return typed.result()

    async def _ended(self) -> None:
        if self._work is not None:
            await asyncio.wait({self._work})
            self._finish(self._work)

    async def _take(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        actions: dict[str, Callable[[str], object]] = {
            "/help": lambda _: self._console.print(_HELP),
            "/plan": self._plan,
            "/edit": self._edit,
            "/pause": lambda _: self._pause(),
            "/resume": self._resume,
            "/files": self._files,
            "/undo": lambda _: self._console.print(self._talk.undo()),
            "/model": self._model,
            "/cost": lambda _: self._console.print(self._talk.cost()),
        }
        if command.startswith("/") and command not in actions:
            raise UsageError(f"there is no {command}; /help tells what can be typed")
        if command in actions:
            outcome = actions[command](rest.strip())
            if asyncio.iscoroutine(outcome):
                await outcome
        elif self._work is not None and self._run_id is not None and line:
            await self._shop.runner.guide(self._run_id, line)
            self._console.print("(told to the run)", style="dim")
        elif line:
            await self._begin(line)

    async def _begin(self, goal: str) -> None:
        task = self._talk.task(checked_goal(goal), self._shop.settings.budget)
        await self._shop.services.check_world(task, self._shop.ledger.blobs)
        self._run_id = await self._shop.runner.start(task, self._talk.options)
        self._work = asyncio.create_task(self._worked(self._run_id))

    async def _resume(self, _: str) -> None:
        if self._run_id is None or self._work is not None:
            raise UsageError("there is no paused run to go on with")
        await self._shop.runner.resume(self._run_id, self._talk.options)
        self._work = asyncio.create_task(self._worked(self._run_id))

    async def _worked(self, run_id: str) -> Report:
        async with _printed(self._console, self._shop, run_id):
            return await self._shop.runner.wait(run_id)

    def _finish(self, work: "asyncio.Task[Report]") -> None:
        self._work = None
        error = work.exception()
        self._code = 0
        if isinstance(error, RunPaused):
            self._console.print("paused; /plan, /edit, /resume, or a new task", style="yellow")
        elif isinstance(error, PlumblineError) and self._run_id is not None:
            self._code = error.exit_code
            self._console.print(f"{clean(str(error))}; {advice(self._run_id, error)}", style="red")
        elif error is not None:
            self._code = 1
            self._console.print(clean(f"{type(error).__name__}: {error}"), style="red")
        elif self._run_id is not None:
            report = work.result()
            self._talk.add(Turn(run_id=self._run_id, report=report))
            if self._json:
                print_json({"run_id": self._run_id, "report": report})
            else:
                out().print(report_view(report), soft_wrap=False)

    def _pause(self) -> None:
        if self._run_id is not None and self._work is not None:
            self._shop.runner.halt(self._run_id)
        else:
            self._console.print("nothing is running; /quit leaves", style="dim")

    async def _plan(self, _: str) -> None:
        if self._run_id is None:
            raise UsageError("there is no run yet")
        plan = (await read_view(self._shop.ledger, self._run_id)).plan
        self._console.print(plan_tree(plan) if plan.subtasks else "the task is worked on without a plan")

    async def _edit(self, text: str) -> None:
        if self._run_id is None or not text:
            raise UsageError("/edit ID TEXT changes, /edit +ID TEXT adds, /edit -ID removes a subtask")
        name, _, goal = text.partition(" ")
        edit: Edit
        if name.startswith("+"):
            edit = Add(op="add", subtask=NewSubtask(id=name[1:], goal=goal))
        elif name.startswith("-"):
            edit = Remove(op="remove", target=name[1:])
        else:
            edit = Update(op="update", target=name, goal=goal)
        version = (await read_view(self._shop.ledger, self._run_id)).plan.version
        await self._shop.runner.edit_plan(self._run_id, [edit], version=version)
        self._console.print("the plan will change when what is under way has ended", style="dim")

    def _files(self, _: str) -> None:
        for file in self._talk.files:
            self._console.print(f"{file.size:>10,}  {clean(file.path)}")
        if not self._talk.files:
            self._console.print("the workspace is empty", style="dim")

    async def _model(self, name: str) -> None:
        options = RunOptions(model=name or None, sandbox=self._talk.options.sandbox)
        models = await self._shop.services.models(options)
        self._talk.options = options
        self._console.print(f"from now on: {models['executor'].name}")


@contextlib.asynccontextmanager
async def _printed(console: Console, shop: Workshop, run_id: str) -> AsyncIterator[None]:
    """Print the steps of a run line by line, so that what is typed meanwhile stays readable."""
    follower, shown = Follower(shop.ledger, run_id), set[str]()

    async def follow() -> None:
        notices = 0
        while True:
            await follower.update()
            notices = print_news(console, follower.view, shown, notices)
            await asyncio.sleep(0.3)

    task = asyncio.create_task(follow())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await follower.update()
        print_news(console, follower.view, shown, len(follower.view.notices))
