"""The entry of ``plumbline``: lists the commands, and imports the one that is used.

The list is made with nothing but the standard library, so that asking for help takes no longer than it must; typer, the
models and the database are imported by the commands that need them.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from agent import __version__
from agent.cli.plugins import plugin_commands

_COMMANDS = {
    "run": ("agent.cli.run", "do a task and show its report"),
    "chat": ("agent.cli.chat", "do one task after the other in one workspace"),
    "browse": ("agent.cli.browse", "browse for an answer, from a person's seat or a model's"),
    "ask": ("agent.cli.ask", "put a question to a model in one of several ways, also verified"),
    "check": ("agent.cli.check", "check what a text says, claim by claim"),
    "pipeline": ("agent.cli.pipeline", "answer the questions of a file from pages, many at a time"),
    "build": ("agent.cli.build", "make something that is looked at and tried out before it is accepted"),
    "inspect": ("agent.cli.inspect", "tell what an artefact is made of, and what is wrong with it"),
    "try": ("agent.cli.try_", "try an artefact out by criteria, each with a control that has to fail"),
    "compare": ("agent.cli.compare", "rate what several runs made of the same wishes, by a tournament"),
    "runs": ("agent.cli.runs", "list the runs"),
    "show": ("agent.cli.show", "show a run: its plan, steps, question or report"),
    "artefacts": ("agent.cli.artefacts", "list and save the files and pictures of a run"),
    "resume": ("agent.cli.resume", "go on with a run that stopped or was interrupted"),
    "pause": ("agent.cli.pause", "ask a run to stop at its next safe point"),
    "cancel": ("agent.cli.cancel", "end a run for good"),
    "answer": ("agent.cli.answer", "answer the question a run waits for"),
    "verify": ("agent.cli.verify", "check a run's quotes, also in the pages as they are now"),
    "replay": ("agent.cli.replay", "run a run again over its record alone, and compare"),
    "fork": ("agent.cli.fork", "go on from an earlier point of a run, as a new run"),
    "export": ("agent.cli.export", "write a run to a cassette file"),
    "import": ("agent.cli.importing", "read a run from a cassette file"),
    "index": ("agent.cli.index", "make documents searchable"),
    "kb": ("agent.cli.kb", "add, list, ask and remove knowledge bases; make exemplars"),
    "corrections": ("agent.cli.corrections", "keep what a person corrected, and tell where it applies"),
    "tools": ("agent.cli.tools", "list the tools an executor has, accept those of other servers"),
    "toolserver": ("agent.cli.toolserver", "build the sandbox image, serve the tools"),
    "model": ("agent.cli.model", "install, list and remove the embedded model"),
    "db": ("agent.cli.db", "check the ledger's database, copy it to another one, archive old runs"),
    "config": ("agent.cli.config", "show and change settings"),
    "doctor": ("agent.cli.doctor", "check this machine, with a fix for each problem"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if arguments and arguments[0] in _COMMANDS:
        return _run(arguments[0], _COMMANDS[arguments[0]][0], "app", arguments[1:])
    plugins = plugin_commands()
    if arguments and arguments[0] in plugins:
        return _run(arguments[0], *plugins[arguments[0]], arguments[1:])
    added = {name: f"added by {module.partition('.')[0]}" for name, (module, _) in sorted(plugins.items())}
    parser = _parser({name: text for name, (_, text) in _COMMANDS.items()} | added)
    if not arguments:
        parser.print_help()
        return 2
    parser.parse_args(arguments)
    return 2


def _run(name: str, module: str, attribute: str, arguments: Sequence[str]) -> int:
    from agent.cli.console import run_command

    app = getattr(importlib.import_module(module), attribute)
    return run_command(app, f"plumbline {name}", arguments)


def _parser(commands: dict[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plumbline",
        description="An autonomous agent that checks its own work.",
        epilog="plumbline COMMAND --help tells more about a command.",
    )
    parser.add_argument("--version", action="version", version=f"plumbline {__version__}")
    group = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, text in commands.items():
        group.add_parser(name, help=text, add_help=False)
    return parser


if __name__ == "__main__":
    sys.exit(main())
