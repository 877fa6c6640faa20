"""Let a process of its own look at what is hostile: documents, pictures, archives."""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import toolserver
from toolserver.errors import ToolFailure
from toolserver.node.machine import Machine
from toolserver.node.outputs import Output, as_text
from toolserver.node.processes.supervisor import Command, Ended

LONGEST_ANSWER: Final = 16 * 1024 * 1024
"""Bytes of the longest answer that is taken from a worker."""

REQUEST: Final = "request.json"
ANSWER: Final = "answer.json"

_START: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); import runpy; "
    "runpy.run_module('toolserver.node.workers.' + sys.argv[1], run_name='__main__')"
)


def worker_command(machine: Machine, worker: str, output: Output, *arguments: str) -> Command:
    """Return the command that starts a module of ``toolserver.node.workers`` in the workspace."""
    root = Path(toolserver.__path__[0]).parent
    return Command(
        argv=(sys.executable, "-I", "-X", "utf8", "-c", _START, str(root), worker, *arguments),
        cwd=machine.workspace.root,
        env=machine.environment.variables(),
        output=output.folder,
    )


async def ask_worker(
    machine: Machine, worker: str, request: Mapping[str, Any], output: Output, seconds: float
) -> tuple[dict[str, Any], Ended]:
    """Return what a worker answers to a request, and how it ended. Its answer is as hostile as what it looked at.

    Args:
        machine: the sandbox.
        worker: name of the module.
        request: what to do.
        output: where the worker may leave files; what it prints is recorded there.
        seconds: time limit.

    Raises:
        ToolFailure: the worker refuses, takes too long, or dies.
    """
    (output.folder / REQUEST).write_text(json.dumps(request))
    command = worker_command(machine, worker, output, str(output.folder))
    ended = await machine.supervisor.run(replace(command, stdin=output.folder / REQUEST), seconds)
    if ended.timed_out:
        raise ToolFailure("timeout", f"{worker}: not done after {seconds:g} s; ask for less")
    if ended.out_of_memory:
        raise ToolFailure("too_large", f"{worker}: needs more memory than the sandbox has")
    answer = _answer(output)
    if answer is None:
        last = as_text(output.kept("stderr"))[-300:].strip().rpartition("\n")[2]
        raise ToolFailure("damaged", f"{worker}: the program that looked at it died: {last or 'without a word'}")
    if "error" in answer:
        raise ToolFailure(str(answer["error"])[:60], str(answer.get("message", ""))[:1000])
    return answer, ended


def _answer(output: Output) -> dict[str, Any] | None:
    try:
        with (output.folder / ANSWER).open("rb") as file:
            data = file.read(LONGEST_ANSWER + 1)
        answer = json.loads(data) if len(data) <= LONGEST_ANSWER else None
    except (OSError, ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
