"""What a benchmark says of the machine it ran on, and how it keeps client and server apart."""

import os
import platform
import subprocess
import sys
from pathlib import Path


def machine_line() -> str:
    """Return one line on processor, system, interpreter and load."""
    model = "unknown processor"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} x {model}, {system}, load {load}"


def pinned(command: list[str], core: int, *, first: bool = False) -> list[str]:
    """Return a command that keeps to one core where the system can do that and there are two.

    Args:
        command: what is to be run.
        core: from 0.
        first: before all other programs of the machine; ``may_be_first`` tells whether it can.
    """
    if sys.platform == "linux" and (os.cpu_count() or 1) > 1:
        command = ["taskset", "-c", str(core), *command]
    return [*_FIRST, *command] if first else command


def may_be_first() -> bool:
    """Return whether this user may run programs before all others of the machine."""
    try:
        return subprocess.run([*_FIRST, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


_FIRST = ("chrt", "--rr", "5")
