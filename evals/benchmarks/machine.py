"""What a benchmark says of the machine it ran on, and how it keeps client and server apart."""

import os
import platform
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


def pinned(command: list[str], core: int) -> list[str]:
    """Return a command that keeps to one core where the system can do that and there are two."""
    if sys.platform == "linux" and (os.cpu_count() or 1) > 1:
        return ["taskset", "-c", str(core), *command]
    return command
