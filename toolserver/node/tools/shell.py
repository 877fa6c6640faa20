"""Run shell commands in named sessions, at once or in the background."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated, Any, Final

from msgspec import Meta

from toolserver.errors import ToolFailure
from toolserver.node.machine import Machine
from toolserver.node.outputs import Output
from toolserver.node.processes.supervisor import PIPE, Command, Ended
from toolserver.node.report import ProgramResult, program_answer
from toolserver.node.sessions import SessionStates
from toolserver.node.toolbox import Answer, Tool
from toolserver.protocol import Fact, Form, matching

_NOT_SAVED: Final = "the session is as it was before this command: there was no room on the disk for its state"

_SESSION_SCRIPT: Final = Path(__file__).parent.parent / "workers" / "session.bash"


class Shell(Form):
    """Run a bash command in the workspace.

    A session keeps its folder, variables, functions and aliases from one call to the next, but nothing of a call that
    its time limit ended. Processes end with their command: use background for what shall go on running, like a server.
    """

    command: Annotated[str, Meta(min_length=1, description="Bash commands.")]
    session: Annotated[str, matching("[A-Za-z0-9_-]{1,32}", description="Name of the session.")] = "main"
    stdin: Annotated[str | None, Meta(description="Text for the command's standard input.")] = None
    seconds: Annotated[float, Meta(gt=0, le=3600, description="Time limit; not for background jobs.")] = 120
    background: Annotated[bool, Meta(description="Start a job and return its id at once; see the tool job.")] = False


class JobStarted(Fact):
    """A background job was started."""

    job: str


class ShellTool:
    """Sessions of bash. Each call is a fresh bash that restores the session's state and saves it at its end.

    No prompt is ever parsed, a killed call cannot corrupt a session, and sessions outlive the node.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._states = SessionStates(machine.state / "sessions")
        self._bash = shutil.which("bash") or "/bin/bash"
        self._busy: dict[str, asyncio.Lock] = {}

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tool."""
        return (Tool(Shell, self.run, effects=("reads", "writes", "executes")),)

    async def run(self, form: Shell) -> Answer:
        """Run a command to its end, or start it as a job."""
        if "\0" in form.command:
            raise ToolFailure("invalid_arguments", "shell: command: holds a NUL character")
        with self._machine.outputs.recording() as output:
            if form.background:
                command = self._command(form, output)
                job = await self._machine.jobs.start(command, output, form.command)
                return Answer(f'Started job {job}; see job(action="tail", id="{job}").', JobStarted(job=job))
            # calls of one session run one after the other, like in a terminal
            async with self._busy.setdefault(form.session, asyncio.Lock()):
                ended = await self._machine.supervisor.run(self._command(form, output), form.seconds)
                cut = ended.code is None or ended.killed
                saved = cut or self._states.adopt(form.session, output.folder / "state")
        answer = self._answer(form, output, ended)
        return answer if saved else Answer(f"{answer.text}\n[{_NOT_SAVED}]", answer.result)

    def _command(self, form: Shell, output: Output) -> Command:
        script = output.folder / "command"
        script.write_text(form.command, encoding="utf-8")
        stdin: Path | str | None = PIPE if form.background else None
        if form.stdin is not None:
            stdin = output.folder / "stdin"
            stdin.write_text(form.stdin, encoding="utf-8")
        state, new_state = self._states.path(form.session), output.folder / "state"
        return Command(
            argv=(self._bash, "--noprofile", "--norc", str(_SESSION_SCRIPT), str(script), str(state), str(new_state)),
            cwd=self._machine.workspace.root,
            env=self._machine.environment.variables(),
            output=output.folder,
            stdin=stdin,
        )

    def _answer(self, form: Shell, output: Output, ended: Ended) -> Answer:
        stdout = output.excerpt("stdout", ended.totals[0], ended.lost[0])
        # bash names the file it reads in its messages
        stderr = output.excerpt("stderr", ended.totals[1], ended.lost[1])
        stderr = stderr.without(f"{output.folder / 'command'}: ", "bash: ")
        self._machine.outputs.settle(output, stdout, stderr)
        answer = program_answer(output, ended, stdout, stderr, form.seconds)
        if ended.strays and isinstance(answer.result, ProgramResult) and not ended.timed_out:
            hint = f"[{ended.strays} processes were left running and have been ended; background=true keeps a job]"
            return Answer(f"{answer.text}\n{hint}", answer.result)
        return answer
