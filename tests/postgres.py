"""A PostgreSQL server of the tests' own, in a temporary folder, reached through a unix socket only."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def missing() -> str | None:
    """Return why no server can be started, or None."""
    if os.environ.get("PLUMBLINE_TEST_DATABASE_URL"):
        return None
    if _binary("initdb") is None or _binary("pg_ctl") is None:
        return "PostgreSQL's initdb and pg_ctl are not installed and PLUMBLINE_TEST_DATABASE_URL is not set"
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        return "PostgreSQL does not run as root and runuser is not installed"
    return None


@contextmanager
def server() -> Iterator[str]:
    """Start a server and yield the URL of its maintenance database."""
    if os.environ.get("PLUMBLINE_TEST_DATABASE_URL"):
        yield os.environ["PLUMBLINE_TEST_DATABASE_URL"]
        return
    folder = Path(tempfile.mkdtemp(prefix="plb-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    # whatever locale the machine names, it may not have
    _run("initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    _run("pg_ctl", "-D", str(data), "-o", options, "-w", "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        _run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _binary(name: str) -> str | None:
    for folder in _DEBIAN:
        if (folder / name).exists():
            return str(folder / name)
    return shutil.which(name)


def _run(name: str, *arguments: str) -> None:
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run(
        [*as_postgres, str(_binary(name)), *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/tmp",
    )
