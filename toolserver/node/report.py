"""How a program's ending is told to a model and to programs."""

import signal

from msgspec import to_builtins

from toolserver.errors import ToolFailure
from toolserver.node.outputs import Excerpt, Output
from toolserver.node.processes.supervisor import Ended
from toolserver.node.toolbox import Answer
from toolserver.protocol import Fact


class ProgramResult(Fact):
    """How a program ended.

    Attributes:
        exit_code: None when a signal ended it.
        signal: name of the signal that ended it.
        stdout: standard output, or its beginning and end.
        stderr: standard error, likewise.
        stdout_bytes: how much was written.
        stderr_bytes: how much was written.
        output: id under which ``read_output`` shows everything; None when it is all here.
        seconds: wall time.
        strays: processes it had left running, which were ended.
    """

    exit_code: int | None
    signal: str | None
    stdout: str
    stderr: str
    stdout_bytes: int
    stderr_bytes: int
    output: str | None
    seconds: float
    strays: int


def program_answer(output: Output, ended: Ended, stdout: Excerpt, stderr: Excerpt, limit: float) -> Answer:
    """Return the answer for a program that ended by itself, whatever its exit code.

    Raises:
        ToolFailure: it was ended by its time limit or for want of memory; the result so far is its ``data``.
    """
    result = ProgramResult(
        exit_code=ended.code,
        signal=None if ended.signal is None else signal_name(ended.signal),
        stdout=stdout.text,
        stderr=stderr.text,
        stdout_bytes=stdout.size,
        stderr_bytes=stderr.size,
        output=None if stdout.whole and stderr.whole else output.id,
        seconds=ended.seconds,
        strays=ended.strays,
    )
    parts = [stdout.text.rstrip("\n")] if stdout.text else []
    if stderr.text:
        parts.append(f"[stderr]\n{stderr.text.rstrip(chr(10))}")
    parts.append(f"[{_ending(ended, limit)}]")
    text = "\n".join(parts)
    if ended.timed_out:
        raise ToolFailure("timeout", text, to_builtins(result))
    if ended.out_of_memory:
        raise ToolFailure("out_of_memory", text, to_builtins(result))
    return Answer(text, result)


def signal_name(number: int) -> str:
    """Return a signal's name, or its number where it has none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _ending(ended: Ended, limit: float) -> str:
    if ended.timed_out:
        text = f"ended with all its processes after {limit:g} s, the time limit"
    elif ended.out_of_memory:
        text = "ended by the kernel: out of memory"
    elif ended.signal is not None:
        text = f"ended by signal {signal_name(ended.signal)}"
    elif ended.code is None:
        text = "ended from outside"
    else:
        text = f"exit code {ended.code}"
    return f"{text}; {ended.left} processes could not be ended" if ended.left else text
