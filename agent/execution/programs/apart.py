"""Run a program on a copy of the workspace and print how it went, as JSON.

This file is sent to the sandbox as it is, with one line added that calls ``run_apart``.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MOST_BYTES = 20_000_000
MOST_FILES = 2_000
SHOWN_OUTPUT = 6_000
"""Bytes of output that are printed; together they stay below what the ToolServer cuts."""
SHOWN_ERRORS = 1_500


def run_apart(program: str, language: str, seconds: float) -> None:
    """Run a program in ``python`` or ``shell`` and print how it ended, what it printed, and its hash."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        work = Path(folder) / "workspace"
        problem = copied(Path.cwd(), work)
        if problem:
            print(json.dumps({"failure": problem}))  # noqa: T201
            return
        argv = [sys.executable, "-X", "utf8", "-c", program] if language == "python" else ["bash", "-c", program]
        packages = os.environ.get("PLUMBLINE_PACKAGES", "")
        environment = {**os.environ, "PYTHONPATH": packages, "PYTHONHASHSEED": "random"}
        try:
            ended = subprocess.run(
                argv, cwd=work, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            print(json.dumps({"exit_code": None}))  # noqa: T201
            return
        except OSError as error:
            print(json.dumps({"failure": f"the program cannot be started: {error.strerror or error}"}))  # noqa: T201
            return
    answer = {
        "exit_code": ended.returncode,
        "stdout": base64.b64encode(ended.stdout[:SHOWN_OUTPUT]).decode(),
        "stderr": base64.b64encode(ended.stderr[-SHOWN_ERRORS:]).decode(),
        "cut": len(ended.stdout) > SHOWN_OUTPUT,
        "sha256": hashlib.sha256(ended.stdout).hexdigest(),
    }
    print(json.dumps(answer))  # noqa: T201


def copied(source: Path, target: Path) -> str:
    """Copy a folder's files; return why it was not done, or nothing. Links are not followed."""
    size = count = 0
    for folder, _, names in os.walk(source):
        for name in names:
            path = Path(folder) / name
            count += 1
            size += path.lstat().st_size
            if count > MOST_FILES or size > MOST_BYTES:
                return (
                    f"the workspace has more than {MOST_FILES} files or {MOST_BYTES // 1_000_000} MB, too much to copy"
                )
    try:
        shutil.copytree(source, target, symlinks=True, ignore_dangling_symlinks=True)
    except (OSError, shutil.Error) as error:
        return f"the workspace cannot be copied: {type(error).__name__}"
    return ""
