"""How benchmarks are printed."""

from rich.console import Console
from rich.table import Table

from agent.cli.console import out


def print_table(title: str, table: Table, machine: str) -> None:
    """Print a table between its title and the line about the machine."""
    console: Console = out()
    console.print(title, style="bold")
    console.print(table)
    console.print(machine, style="dim")
