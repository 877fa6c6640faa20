"""Virtual environments of their own, for libraries whose pins would not fit beside ours.

They lie in the user's cache folder, one for each set of requirements, and are made when they are first wanted. The
folder may be deleted at any time. pip runs with the user's own configuration: its index, its proxies, its certificates.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import platformdirs

from agent.cli.console import clean
from agent.domain.errors import ConfigurationError, ServiceError, UsageError

Told = Callable[[str], None]
"""Is told what is being done, in a few words."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LAYOUT: Final = 1
"""Goes into the digest: a change here makes all environments anew."""
_READY: Final = "ready.json"
_UNREACHABLE: Final = re.compile(
    r"NewConnectionError|NameResolutionError|name resolution|Failed to establish a new connection|Connection refused"
    r"|Network is unreachable|Connect(?:ion)?Timeout|ProxyError|Read timed out|Could not fetch URL",
    re.IGNORECASE,
)
_STEP: Final = re.compile(r"\s*(Collecting|Downloading|Installing collected packages|Building|Processing)\b[:\s]*(\S*)")


def environments_folder() -> Path:
    """Return the folder of all environments: ``PLUMBLINE_CACHE``, else where the system keeps what can be made again.

    Raises:
        ConfigurationError: there is something else under that name.
    """
    configured = os.environ.get("PLUMBLINE_CACHE")
    cache = Path(configured) if configured else Path(platformdirs.user_cache_dir("plumbline"))
    if cache.exists() and not cache.is_dir():
        raise ConfigurationError(f"the cache folder {str(cache)!r} is no folder; set PLUMBLINE_CACHE to one")
    return cache / "environments"


def read_requirements(path: Path) -> tuple[str, ...]:
    """Return the lines of a requirements file, without comments and empty lines."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines())
    return tuple(line for line in lines if line)


def environment_folder(name: str, requirements: Sequence[str], *, folder: Path | None = None) -> Path:
    """Return where the environment of a set of requirements is, or would be, kept.

    Raises:
        UsageError: the name is none.
        ConfigurationError: the cache folder is none.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"an environment's name has small letters, digits, dots and dashes, which {name!r} has not")
    what = [_LAYOUT, list(sys.version_info[:2]), sys.implementation.name, sys.platform, sorted(requirements)]
    digest = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:12]
    return (folder or environments_folder()) / f"{name}-{digest}"


def ready_python(name: str, requirements: Sequence[str], *, folder: Path | None = None) -> Path | None:
    """Return the interpreter of an environment that was made before; None where there is none."""
    place = environment_folder(name, requirements, folder=folder)
    python = place / "bin" / "python"
    return python if (place / _READY).is_file() and python.exists() else None


def environment(
    name: str, requirements: Sequence[str], *, folder: Path | None = None, told: Told = lambda words: None
) -> Path:
    """Return the interpreter of an environment with these requirements, which is made where there is none.

    Whoever comes while another process makes the same environment waits for it. One whose making was killed is made
    anew. This blocks, for a minute or so where packages are downloaded: call it in a thread from asynchronous code.

    Args:
        name: what the environment is for, as a part of a file name.
        requirements: as pip takes them, best with exact versions: an environment is never updated.
        folder: of all environments; by default ``environments_folder()``.
        told: is told what is being done.

    Raises:
        UsageError: the name is none, or no packages fit the requirements.
        ConfigurationError: the folder cannot be written, or this Python cannot make virtual environments.
        ServiceError: the package index cannot be reached.
    """
    found = ready_python(name, requirements, folder=folder)
    if found is not None:
        return found
    place = environment_folder(name, requirements, folder=folder)
    with _locked(place, told) as lock:
        found = ready_python(name, requirements, folder=folder)
        return found or _made(place, name, requirements, lock, told)


@contextlib.contextmanager
def _locked(place: Path, told: Told) -> Iterator[IO[bytes]]:
    """Hold an environment's lock, which ends with this process and the pip that it started, however they end."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        file = place.with_name(f"{place.name}.lock").open("ab")
    except OSError as error:
        raise _unwritable(place, error) from error
    with file as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told(f"{place.name}: another process makes it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


def _made(place: Path, name: str, requirements: Sequence[str], lock: IO[bytes], told: Told) -> Path:
    told(f"{name}: a virtual environment")
    log = place.with_name(f"{place.name}.log")
    python = place / "bin" / "python"
    try:
        if place.exists():
            shutil.rmtree(place)
        with log.open("w", encoding="utf-8") as kept:
            # an environment that is filled by our own pip needs none, which saves seconds
            ours = importlib.util.find_spec("pip") is not None
            make = [sys.executable, "-m", "venv", *(["--without-pip"] if ours else []), str(place)]
            if _run(make, lock, kept, lambda line: None) != 0:
                raise ConfigurationError(
                    f"this Python cannot make virtual environments ({_last(log)});"
                    " install what your system calls python3-venv"
                )
            listed = place / "requirements.txt"
            listed.write_text("".join(f"{line}\n" for line in requirements), "utf-8")
            pip = [sys.executable, "-m", "pip", "--python", str(python)] if ours else [str(python), "-m", "pip"]
            install = [*pip, "--no-input", "--disable-pip-version-check", "install", "--requirement", str(listed)]
            if _run(install, lock, kept, lambda line: _tell(name, line, told)) != 0:
                raise _failure(name, log)
        ready = {"name": name, "requirements": list(requirements)}
        (place / _READY).write_text(json.dumps(ready, indent=1), "utf-8")
        log.unlink()
    except OSError as error:
        raise _unwritable(place, error) from error
    return python


def _run(command: list[str], lock: IO[bytes], kept: IO[str], seen: Callable[[str], None]) -> int:
    """Run a command, whose lines are kept and seen; it holds the lock as well, should it outlive us."""
    surroundings = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=surroundings | {"PYTHONUNBUFFERED": "1"},
        pass_fds=(lock.fileno(),),
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            for line in process.stdout:
                kept.write(line)
                seen(line)
            return process.wait()
        except BaseException:
            process.terminate()
            raise
        finally:
            kept.flush()


def _tell(name: str, line: str, told: Told) -> None:
    if found := _STEP.match(line):
        what, which = found.groups()
        package = clean(re.split(r"[=<>!~;\[@]", which.rsplit("/", 1)[-1])[0])[:60]
        told(f"{name}: installing" if what.startswith("Installing") else f"{name}: {what.lower()} {package}".rstrip())


def _failure(name: str, log: Path) -> UsageError | ServiceError:
    text = log.read_text("utf-8", errors="replace")
    if _UNREACHABLE.search(text):
        return ServiceError(
            f"cannot make the environment {name}: pip reaches no package index; connect to a network, or name an index"
            f" with `pip config set global.index-url`, and try again (its output: {log})"
        )
    return UsageError(f"cannot make the environment {name}: {_last(log)}; pip's whole output is in {log}")


def _last(log: Path) -> str:
    """Return the line of an output that says most: its last error, else its last line."""
    lines = [" ".join(clean(line).split()) for line in log.read_text("utf-8", errors="replace").splitlines()]
    lines = [line for line in lines if line]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return (errors or lines or ["no message"])[-1][:300]


def _unwritable(place: Path, error: OSError) -> ConfigurationError:
    told = error.strerror or str(error)
    return ConfigurationError(
        f"cannot write {place.parent}: {told}; set PLUMBLINE_CACHE to a folder with room that can be written"
    )
