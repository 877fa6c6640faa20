"""Background jobs: programs that go on when their call has ended, until they are killed or the sandbox ends."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from toolserver.errors import ToolFailure
from toolserver.node.outputs import Output, OutputStore
from toolserver.node.processes.supervisor import Command, Ended, Process, Supervisor
from toolserver.node.report import signal_name

JobState = Literal["running", "ended", "lost"]

MOST_RUNNING: Final = 16


@dataclass(frozen=True)
class Job:
    """A background job.

    Attributes:
        id: also the id of its output.
        command: what was asked to run.
        state: ``lost`` means that the sandbox was restarted while it ran.
        ending: how it ended, in a few words; empty while it runs.
    """

    id: str
    command: str
    state: JobState
    ending: str


class Jobs:
    """The background jobs of a sandbox. What they are is kept on disk, so a restarted node can still tell."""

    def __init__(self, supervisor: Supervisor, outputs: OutputStore, folder: Path) -> None:
        self._supervisor = supervisor
        self._outputs = outputs
        self._folder = folder
        self._processes: dict[str, Process] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def running(self) -> bool:
        """Whether any job of this node is running."""
        return any(process.running for process in self._processes.values())

    async def start(self, command: Command, output: Output, shown: str) -> str:
        """Start a job and return its id.

        Raises:
            ToolFailure: too many jobs are running.
        """
        if sum(process.running for process in self._processes.values()) >= MOST_RUNNING:
            raise ToolFailure("too_many_jobs", f"job: {MOST_RUNNING} jobs are running; kill one first")
        output.pin()
        self._file(output.id).write_text(json.dumps({"command": shown[:500]}))
        self._processes[output.id] = await self._supervisor.start(command)
        return output.id

    def list(self) -> tuple[Job, ...]:
        """Return all jobs, the newest last."""
        files = sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
        return tuple(self.get(file.stem) for file in files)

    def get(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            ToolFailure: there is none with that id.
        """
        try:
            record = json.loads(self._file(job_id).read_text())
        except (FileNotFoundError, ValueError) as error:
            raise ToolFailure("unknown_job", f"id: there is no job {job_id[:40]!r}") from error
        process = self._processes.get(job_id)
        if process is None:
            return Job(job_id, record["command"], "lost", "lost when the sandbox was restarted")
        ended = process.ended
        return Job(job_id, record["command"], "running" if ended is None else "ended", _ending(ended))

    def output(self, job_id: str) -> Output:
        """Return what a job has printed so far."""
        return self._outputs.get(self.get(job_id).id)

    def process(self, job_id: str) -> Process:
        """Return the process of a job that this node started.

        Raises:
            ToolFailure: there is none.
        """
        job = self.get(job_id)
        if job.state == "lost":
            raise ToolFailure("job_lost", f"id: job {job.id} was lost when the sandbox was restarted")
        return self._processes[job.id]

    async def close(self) -> None:
        """End all jobs."""
        for process in self._processes.values():
            if process.running:
                await process.kill()

    def _file(self, job_id: str) -> Path:
        if not job_id.isalnum():
            raise ToolFailure("unknown_job", f"id: there is no job {job_id[:40]!r}")
        return self._folder / f"{job_id}.json"


def _ending(ended: Ended | None) -> str:
    if ended is None:
        return ""
    if ended.killed:
        return "killed"
    return f"exit code {ended.code}" if ended.code is not None else f"ended by {signal_name(ended.signal or 0)}"
