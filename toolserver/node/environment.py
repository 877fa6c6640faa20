"""The environment of every program a tool starts: built from nothing, so that nothing of the node's leaks in."""

import sys
from pathlib import Path


class Environment:
    """Variables for programs of a sandbox whose home folder is ``home``."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._variables = {
            # the interpreter's own folder first, so that python is the one the node has
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
            "HOME": str(home),
            "USER": "sandbox",
            "LOGNAME": "sandbox",
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "SHELL": "/bin/bash",
            "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
            "PYTHONUNBUFFERED": "1",
        }

    def variables(self) -> dict[str, str]:
        """Return the variables."""
        return dict(self._variables)
