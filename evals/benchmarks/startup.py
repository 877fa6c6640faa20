"""How much processor time ``plumbline --help`` takes beside a bare argparse program."""

import resource
import statistics
import subprocess
import sys

from pydantic import BaseModel

_ARGPARSE = """
import argparse
parser = argparse.ArgumentParser(prog="bare", description="A program that does nothing.")
commands = parser.add_subparsers(title="commands")
for name in ("run", "show", "stop"):
    commands.add_parser(name, help="a command")
parser.parse_args(["--help"])
"""
_OURS = "import sys; from agent.cli.main import main; sys.exit(main(['--help']))"
_MODULES = (
    "import contextlib, io, sys\nfrom agent.cli.main import main\n"
    "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main(['--help'])\n"
    "print(len(sys.modules))"
)


class Startup(BaseModel):
    """Median CPU milliseconds, children included, and the modules that asking for help imports."""

    help_cpu_ms: float
    argparse_cpu_ms: float
    modules: int

    @property
    def ratio(self) -> float:
        """Help as a multiple of bare argparse."""
        return self.help_cpu_ms / self.argparse_cpu_ms


def startup(*, rounds: int = 15) -> Startup:
    """Run both programs in turn and compare."""
    for program in (_OURS, _ARGPARSE):
        _cpu_ms(program)
    pairs = [(_cpu_ms(_OURS), _cpu_ms(_ARGPARSE)) for _ in range(rounds)]
    modules = subprocess.run([sys.executable, "-c", _MODULES], capture_output=True, text=True, check=True).stdout
    return Startup(
        help_cpu_ms=statistics.median(ours for ours, _ in pairs),
        argparse_cpu_ms=statistics.median(bare for _, bare in pairs),
        modules=int(modules),
    )


def _cpu_ms(program: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000
