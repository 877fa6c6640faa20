"""``plumbline bench``: lists the benchmarks, and imports the one that is used.

Each measures what Plumbline costs or how often it is right, with ratios to references measured in the same run. What
they work with takes seconds to import.
"""

import importlib
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

COMMANDS: Final = {
    "all": ("evals.all_cli", "all_", "Run the benchmarks one after the other, and write one report as Markdown."),
    "startup": ("evals.costs_cli", "startup", "Processor time of plumbline --help against a bare argparse program."),
    "overhead": ("evals.costs_cli", "overhead", "Cost of a turn beyond the model, against loops that record nothing."),
    "turns": ("evals.costs_cli", "turns", "Cost of a turn in a session of 100 turns against one of 20."),
    "peers": ("evals.peers_cli", "peers", "Cost of a turn in other agent libraries, and Plumbline's as a share of it."),
    "concurrency": ("evals.concurrency_cli", "concurrency", "Many runs at once, against a loop that records nothing."),
    "growth": ("evals.costs_cli", "growth", "Storage and resuming of runs of 100, 400 and 1,600 steps."),
    "parallel": ("evals.costs_cli", "parallel", "Two independent subtasks of a model that takes one second a call."),
    "batch-kills": ("evals.batch_kills_cli", "batch_kills", "Kill a batch at random moments, and compare its reports."),
    "training": ("evals.training_cli", "training", "Make training data of failed attempts, good advice and bad."),
    "toolserver": ("evals.toolserver_cli", "toolserver", "What a sandbox costs: opening it, calling it, its waiting."),
    "attacks": ("evals.toolserver_cli", "attacks", "Attack a sandbox from inside and say what it stops."),
    "ssrf": ("evals.ssrf_cli", "ssrf", "Try to get past the proxy: redirects, scripts, pictures, sockets, rebinding."),
    "injection": ("evals.injection.command", "injection", "Hostile pages against a model that obeys every order."),
    "agentdojo": ("evals.dojo.command", "agentdojo", "Agentdojo's suites, with and without our policy."),
    "documents": ("evals.documents_cli", "documents", "Questions over documents: right, wrong and withheld."),
    "claims": ("evals.claims_cli", "claims", "Judge claims by their evidence; the false ones are edits of true ones."),
    "arithmetic": (
        "evals.arithmetic_cli",
        "arithmetic",
        "Corrupt one equation in many solutions; count those found.",
    ),
    "codex": ("evals.codex_cli", "codex", "Classify the labelled triples of CoDEx-S by what its training part says."),
    "reasoning": ("evals.reasoning_cli", "reasoning", "Answer questions in each way, with the same model."),
    "kb": ("evals.knowledge_cli", "kb", "Load synthetic triples into a knowledge base and look some up."),
    "corrections": ("evals.corrections_cli", "corrections", "Look up situations among generated corrections."),
    "index": ("evals.browsing_cli", "index", "Index short documents, half of them Chinese, and find known ones."),
    "compression": ("evals.browsing_cli", "compression", "Share of answering sentences that survive compression."),
    "browsing": ("evals.browsing.command", "browsing", "Questions over pages in a real browser: answers and quotes."),
    "webcpm": ("evals.webcpm_cli", "webcpm", "Replay recorded steps of WebCPM, and score recorded predictions."),
    "support": ("evals.synthesis_cli", "support", "Sentences said again and altered: which count as supported."),
    "skeleton": ("evals.synthesis_cli", "skeleton", "A long answer by points against one written in one go."),
    "design": ("evals.design_cli", "design", "Design Luban's tasks with and without looking and trying out."),
    "cad": ("evals.cad_cli", "cad", "Seconds of each step of the world cad, memory, and equal seeds."),
    "tools": ("evals.costs_cli", "tools", "How often the right one of several hundred tools is found by words."),
    "web": ("evals.web_cli", "web", "What many watchers of one run add to a server's processor time."),
    "web-client": ("evals.web_client_cli", "web_client", "How fast and even a page shows a run of 10,000 events."),
}
"""Module, function and what is listed of each command."""


class _Benchmarks(TyperGroup):
    """Knows its commands by name, and imports one when it is used."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        for name, (_, _, about) in COMMANDS.items():
            self.add_command(TyperCommand(name=name, help=about))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return name, command and the arguments that are left."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, None if name is None else _imported(name), rest


def _imported(name: str) -> Any:
    module, function, _ = COMMANDS[name]
    alone = typer.Typer(add_completion=False)
    alone.command(name=name)(getattr(importlib.import_module(module), function))
    return get_command(alone)


bench = typer.Typer(add_completion=False, cls=_Benchmarks, no_args_is_help=True)


@bench.callback()
def _bench() -> None:
    """Measure what Plumbline costs and how often it is right, with references measured in the same run."""
