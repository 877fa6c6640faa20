"""The commands of ``plumbline eval``."""

import typer

from evals.commands.export import export
from evals.commands.judging import judge
from evals.commands.reading import batches, compare, regress, show, suites
from evals.commands.reflect import reflect
from evals.commands.run import run

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Run suites in batches, and see what came of them.")
app.command()(run)
app.command()(show)
app.command()(compare)
app.command()(regress)
app.command(name="list")(batches)
app.command()(suites)
app.command()(export)
app.command()(judge)
app.command()(reflect)
