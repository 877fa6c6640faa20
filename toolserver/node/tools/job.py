"""Look after background jobs and read what programs printed."""

import asyncio
from itertools import islice
from typing import Annotated, Any, Final, Literal

from msgspec import Meta
from msgspec.structs import replace

from toolserver.errors import ToolFailure
from toolserver.node.jobs import Job as JobRecord
from toolserver.node.machine import Machine
from toolserver.node.outputs import as_text
from toolserver.node.text import numbered
from toolserver.node.toolbox import Answer, Tool, in_thread
from toolserver.protocol import Fact, Form

SHOWN_CHARACTERS: Final = 40_000


class Job(Form):
    """Look after the background jobs that the tool shell started.

    list: all jobs. tail: the last lines a job printed. wait: until it ends, at most `seconds`. kill: end it with all
    its processes. input: write text to its standard input.
    """

    action: Literal["list", "tail", "wait", "kill", "input"]
    id: Annotated[str | None, Meta(description="The job; needed for every action but list.")] = None
    lines: Annotated[int, Meta(ge=1, le=1000, description="How many lines tail and wait show of each stream.")] = 50
    seconds: Annotated[float, Meta(gt=0, le=3600, description="How long wait waits at most.")] = 60
    text: Annotated[str, Meta(description="What input writes.")] = ""
    close: Annotated[bool, Meta(description="Whether input ends the job's standard input afterwards.")] = False


class JobResult(Fact):
    """One job as it stands. ``state`` is running, ended or lost."""

    id: str
    command: str
    state: str
    ending: str
    stdout: str = ""
    stderr: str = ""


class JobList(Fact):
    """All jobs of the sandbox, the newest last."""

    jobs: tuple[JobResult, ...]


class ReadOutput(Form):
    """Show lines of what a program printed, where a result showed only a part of it."""

    id: Annotated[str, Meta(description="Id of the output, as the result named it, or of a job.")]
    stream: Literal["stdout", "stderr"] = "stdout"
    start_line: Annotated[int, Meta(ge=1, description="First line to show.")] = 1
    lines: Annotated[int, Meta(ge=1, le=2000, description="How many lines to show.")] = 200


class OutputLines(Fact):
    """Which lines are shown."""

    id: str
    start_line: int
    end_line: int
    total_lines: int


class JobTools:
    """Tools on jobs and outputs."""

    def __init__(self, machine: Machine) -> None:
        self._jobs = machine.jobs
        self._outputs = machine.outputs

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tools."""
        return (
            Tool(Job, self.job, effects=("reads", "executes")),
            Tool(ReadOutput, in_thread(self.read), effects=("reads",)),
        )

    async def job(self, form: Job) -> Answer:
        """Act on a job."""
        if form.action == "list":
            jobs = self._jobs.list()
            text = "\n".join(_line(job) for job in jobs) or "There are no jobs."
            return Answer(text, JobList(jobs=tuple(_result(job) for job in jobs)))
        if form.id is None:
            raise ToolFailure("invalid_arguments", f"job: id: is needed for {form.action}")
        if form.action == "input":
            self._jobs.process(form.id).send_input(form.text, close=form.close)
        elif form.action == "kill":
            await self._jobs.process(form.id).kill()
        elif form.action == "wait":
            await self._jobs.process(form.id).ended_within(form.seconds)
        return await asyncio.to_thread(self._shown, form.id, 0 if form.action == "input" else form.lines)

    def read(self, form: ReadOutput) -> Answer:
        """Show lines of an output."""
        lines = as_text(self._outputs.get(form.id).kept(form.stream)).split("\n")
        if lines[-1] == "":
            lines.pop()
        wanted = list(islice(lines, form.start_line - 1, form.start_line - 1 + form.lines))
        if not wanted:
            raise ToolFailure("no_such_line", f"start_line: {form.stream} has {len(lines)} lines")
        body, count = numbered(wanted, form.start_line, SHOWN_CHARACTERS)
        last = form.start_line + count - 1
        result = OutputLines(id=form.id, start_line=form.start_line, end_line=last, total_lines=len(lines))
        return Answer(f"{form.stream}: lines {form.start_line} to {last} of {len(lines)}\n{body}", result)

    def _shown(self, job_id: str, lines: int) -> Answer:
        job = self._jobs.get(job_id)
        output = self._jobs.output(job_id)
        result = _result(job)
        if lines:
            result = replace(result, stdout=output.tail("stdout", lines), stderr=output.tail("stderr", lines))
        parts = [_line(job)]
        parts += [
            f"[{stream}]\n{text}" for stream, text in (("stdout", result.stdout), ("stderr", result.stderr)) if text
        ]
        return Answer("\n".join(parts), result)


def _line(job: JobRecord) -> str:
    command = job.command.split("\n", 1)[0][:80]
    return f"{job.id}  {job.state if job.state == 'running' else job.ending}  {command}"


def _result(job: JobRecord) -> JobResult:
    return JobResult(id=job.id, command=job.command, state=job.state, ending=job.ending)
