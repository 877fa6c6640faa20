"""What all commands share: where output goes, how errors look, and how a command is run."""

import asyncio
import contextlib
import json
import os
import re
import sys
import traceback
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, TextIO, TypeVar, cast

import typer
from pydantic import BaseModel
from rich.console import Console

from agent.domain.errors import ConfigurationError, OutputUnavailable, PlumblineError
from agent.ledger.redaction import Redactor, secrets_of
from agent.runtime.settings import home_folder

T = TypeVar("T")

_CONTROL = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
    r"|[\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    """Return text without control sequences or signs that turn its direction; tools and models may try to use them."""
    return _CONTROL.sub("", text)


def one_line(text: str, limit: int = 300) -> str:
    """Return a text without control sequences on one line, shortened where it is long."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


class _Output:
    """Standard output, whose failures are told from those of all other files."""

    def __init__(self) -> None:
        if sys.stdout is None:
            raise OutputUnavailable("cannot write the output: standard output is closed")
        self._file = sys.stdout
        self.encoding = sys.stdout.encoding

    def isatty(self) -> bool:
        return self._file.isatty()

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, text: str) -> int:
        with self._failures_told():
            return self._file.write(text)

    def flush(self) -> None:
        with self._failures_told():
            self._file.flush()

    @contextlib.contextmanager
    def _failures_told(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            # nothing more is tried, not even by the interpreter at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._file.fileno())
            raise OutputUnavailable(f"cannot write the output: {error.strerror}") from error


def out() -> Console:
    """Return the console for results, which raises ``OutputUnavailable`` where they cannot be written."""
    return Console(file=cast("TextIO", _Output()), highlight=False, markup=False, emoji=False, soft_wrap=True)


def err() -> Console:
    """Return the console for messages beside the result."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output, models included.

    Raises:
        OutputUnavailable: it cannot be written.
    """
    output = _Output()
    output.write(json_text(value) + "\n")
    output.flush()


def json_text(value: Any) -> str:
    """Return a value as JSON, models included."""
    return json.dumps(_plain(value), ensure_ascii=False, indent=2)


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine."""
    return asyncio.run(main)


def run_command(app: typer.Typer, name: str, arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; whatever goes wrong is told in one line."""
    as_json = "--json" in arguments
    try:
        result = app(args=list(arguments), prog_name=name, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except typer.Exit as ending:
        return ending.exit_code
    except typer.TyperException as error:
        usage = error.format_message() if hasattr(error, "format_message") else str(error)
        if not usage:
            # the help that no arguments at all lead to was printed already
            return 2
        return _failed(f"{usage} ({name} --help tells more)", "UsageError", 2, as_json=as_json)
    except OutputUnavailable as error:
        return _failed(str(error), type(error).__name__, error.exit_code, as_json=False)
    except PlumblineError as error:
        return _failed(str(error), type(error).__name__, error.exit_code, as_json=as_json)
    except (KeyboardInterrupt, asyncio.CancelledError, typer.Abort):
        return _failed("interrupted", "Interrupted", 130, as_json=as_json)
    except BrokenPipeError:
        # the reader of our output has gone; nobody is left to tell
        sys.stderr.close()
        return 1
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback for a user
        return _failed(_kept(error), "InternalError", 1, as_json=as_json)


def _failed(message: str, kind: str, code: int, *, as_json: bool) -> int:
    if as_json and sys.stdout is not None:
        print_json({"error": {"kind": kind, "message": message, "exit_code": code}})
    else:
        err().print(f"plumbline: {clean(message)}", style="red")
    return code


def _kept(error: Exception) -> str:
    """Write a traceback to the data folder and return the line to show."""
    text = Redactor(secrets_of(os.environ)).scrub_text("".join(traceback.format_exception(error)))
    try:
        place = home_folder() / "crash.log"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(clean(text), "utf-8")
    except (OSError, ConfigurationError):
        return f"internal error: {type(error).__name__}: {error}"
    return f"internal error: {type(error).__name__}: {error}; please report it with {place}"


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its word: ``1 line``, ``1,200 lines``."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
