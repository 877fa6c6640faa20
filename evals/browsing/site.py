"""Folders served on loopback, and the files that the suites need."""

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from evals.browsing.suite import Passage


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing about it."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of loopback and return its address, which ends with a slash."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def write_passages(passages: list[Passage], folder: Path) -> Path:
    """Write each passage as a file of its own, with its title as heading, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for passage in passages:
        text = f"# {passage.title}\n\n{passage.text}\n"
        (folder / f"{passage.page}.md").write_text(text, encoding="utf-8")
    return folder
