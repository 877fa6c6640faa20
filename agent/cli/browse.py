"""``plumbline browse``: browse for the answer to a question, from a person's seat or a model's; exports and scores."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text
from typer.core import TyperGroup

from agent.browsing.annotation.exports import FORMATS, ExportFormat, exported, format_of
from agent.browsing.annotation.imports import imported
from agent.browsing.annotation.record import RecordedSession, profile_of
from agent.browsing.annotation.scoring import (
    Scored,
    Told,
    prediction_scores,
    record_references,
    record_scores,
    session_scores,
    told,
)
from agent.browsing.webcpm.interactive import read_interactive
from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.driving import drive
from agent.cli.inputs import document_corpus
from agent.cli.opening import open_ledger
from agent.cli.run import DocsOption, JsonOption, QuietOption, budget_of, checked_goal, make_task
from agent.cli.seat import Chair, sit
from agent.cli.workshop import open_workshop
from agent.domain.errors import UsageError
from agent.domain.task import BrowseOrder
from agent.ledger.store import Ledger
from agent.runtime.imported import import_session
from agent.runtime.options import RunOptions
from agent.runtime.services import NO_SANDBOX

PERSON = "person"
"""The model whose seat a person takes."""


class _QuestionOrCommand(TyperGroup):
    """Takes what is no name of a command for a question."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["question", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(add_completion=False, cls=_QuestionOrCommand, no_args_is_help=True)


@app.callback()
def browse() -> None:
    """Browse for the answer to a question: plumbline browse "QUESTION" --docs FOLDER.

    The person at this terminal sits in the seat, or a model with --model NAME. Every action is recorded in a run of its
    own, which is shown, resumed, replayed, forked and exported like any other.
    """


@app.command("question", hidden=True)
def question(
    question: Annotated[str, typer.Argument(help="what is to be found out")],
    model: Annotated[
        str, typer.Option("--model", "-m", help="person, or a model that browses: NAME, NAME@URL, embedded")
    ] = PERSON,
    docs: DocsOption = None,
    corpus: Annotated[str | None, typer.Option(help="name of an index made by plumbline index")] = None,
    web: Annotated[bool, typer.Option("--web", help="search and read the web, as the settings say")] = False,
    pipeline: Annotated[
        bool,
        typer.Option("--pipeline", help="one pass of queries, pages and quotes, without a session"),
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(help="limits of the session as they are: default or webcpm; else those of the settings"),
    ] = None,
    url: Annotated[list[str] | None, typer.Option(help="an address that may be opened, may be repeated")] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Browse for the answer to a question.

    A person types one command a line, or a single key where that is enough; ? lists them. The end of the input leaves
    the run waiting, and plumbline resume goes on at the same place.
    """
    seated = model == PERSON
    if pipeline and seated:
        raise UsageError("nobody sits in the pipeline's seat; name a model with --model")
    if pipeline and (url or profile is not None):
        raise UsageError("the pipeline has no session, so --url and --profile do not go with it")
    order = BrowseOrder(
        seat="person" if seated else "model",
        profile=None if profile is None else profile_of(profile).name,
        urls=tuple(url or ()),
        web=web,
        pipeline=pipeline,
    )
    values: dict[str, Any] = {"goal": checked_goal(question), "browse": order}
    # nothing is run in a browsing session, so it needs no sandbox of the run's own
    options = RunOptions(model=model, sandbox=NO_SANDBOX)

    async def main() -> int:
        chair = Chair()
        async with open_workshop(chair) as shop:
            await shop.services.check(options)
            values["budget"] = budget_of(shop.settings.budget, {})
            values["corpus"] = await document_corpus(shop, docs or (), corpus, None if json or quiet else err())
            task = make_task(values)
            await shop.services.check_world(task, shop.ledger.blobs)
            run_id = await shop.runner.start(task, options)
            if seated:
                return await sit(shop, chair, run_id, quiet=quiet, json=json)
            return await drive(shop, run_id, quiet=quiet, json=json)

    return run_async(main())


@app.command()
def export(
    run: Annotated[list[str], typer.Argument(help="ids of browsing runs, their beginnings, or last")],
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}")] = FORMATS[0],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="file to write; a folder for webcpm-pipeline")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Write browsing runs in WebCPM's formats or as examples for fine-tuning, from their records alone."""
    chosen = format_of(form)

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            recorded = [await RecordedSession.open(ledger, name) for name in run]
            texts = await exported(recorded, chosen)
        target = output or Path(f"{recorded[0].run_id}.{_SUFFIX[chosen]}")
        files = {target / name if name else target: text for name, text in texts.items()}
        for path, text in files.items():
            await asyncio.to_thread(_write, path, text)
        if json:
            print_json({"runs": [one.run_id for one in recorded], "files": [str(path) for path in files]})
        else:
            sizes = ", ".join(f"{path} ({len(text.encode()):,} bytes)" for path, text in files.items())
            err().print(f"{len(recorded)} sessions are in {clean(sizes)}")
        return 0

    return run_async(main())


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="file in WebCPM's interactive format")],
    json: JsonOption = False,
) -> int:
    """Make runs of the sessions of a file, which are shown, replayed and exported like any other."""

    async def main() -> int:
        rows = []
        async with open_ledger() as (ledger, settings, _):
            for record in read_interactive(file).data:
                session = await imported(record)
                run_id, report = await import_session(ledger, settings, session)
                rows.append(
                    {
                        "run_id": run_id,
                        "record": record.id,
                        "steps": len(session.steps),
                        "refused": session.refused,
                        "outcome": None if report is None else report.outcome,
                    }
                )
        if json:
            print_json(rows)
        for row in [] if json else rows:
            err().print(
                f"run {row['run_id']} with {row['steps']} steps, {row['refused']} of them not possible here; "
                f"show it with: plumbline show {row['run_id']}"
            )
        return 0

    return run_async(main())


@app.command()
def score(
    what: Annotated[
        list[str], typer.Argument(metavar="FILE|RUN...", help="interactive files, recorded predictions, or runs")
    ],
    reference: Annotated[
        list[str] | None, typer.Option(metavar="FILE|RUN", help="what to compare with, by question; may be repeated")
    ] = None,
    json: JsonOption = False,
) -> int:
    """Score recorded sessions: actions where there are predictions, citations, and likeness to a reference."""

    async def main() -> int:
        async with open_ledger() as (ledger, _, _):
            references: dict[str, Told] = {}
            for name in reference or ():
                references |= await _references(ledger, name)
            scored = Scored()
            for name in what:
                scored = await _scored(ledger, name, references, scored)
        if json:
            print_json(scored)
        else:
            out().print(scores_view(scored), soft_wrap=False)
        return 0

    return run_async(main())


_SUFFIX: dict[ExportFormat, str] = {
    "webcpm-interactive": "interactive.json",
    "webcpm-pipeline": "pipeline",
    "chat-jsonl": "chat.jsonl",
}


async def _scored(ledger: Ledger, name: str, references: Mapping[str, Told], scored: Scored) -> Scored:
    """Return scores with those of one more file or run."""
    path = _file(name)
    if path is None:
        recorded = await RecordedSession.open(ledger, name)
        found = session_scores(recorded.run_id, recorded.session.trail, references)
        return scored.model_copy(update={"sessions": (*scored.sessions, found)})
    if _is_interactive(path):
        rows = await record_scores(path, references)
        return scored.model_copy(update={"sessions": (*scored.sessions, *rows)})
    return scored.model_copy(update={"predictions": (*scored.predictions, prediction_scores(path))})


async def _references(ledger: Ledger, name: str) -> dict[str, Told]:
    path = _file(name)
    if path is not None:
        return await record_references(path)
    found = told((await RecordedSession.open(ledger, name)).session.trail)
    return {found.question: found}


def _file(name: str) -> Path | None:
    """Return the file of a name; None where it is the id of a run."""
    return Path(name) if Path(name).is_file() else None


def _is_interactive(path: Path) -> bool:
    """Return whether a file is one JSON object with ``data``, and not one a line."""
    try:
        with path.open("rb") as file:
            return b'"data"' in file.read(200).split(b"[", 1)[0]
    except OSError as error:
        raise UsageError(f"cannot read {str(path)!r}: {error.strerror}") from error


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {str(path)!r}: {error.strerror}; choose another with --output") from error


def scores_view(scored: Scored) -> Text:
    """Return scores in lines."""
    lines = []
    for one in scored.sessions:
        cited, like = one.citations, one.likeness
        lines += [f"{one.name}: {one.question}", f"  {one.steps} steps, {one.refused} refused"]
        lines.append(
            f"  {cited.valid} of {cited.quotes} quotes are valid; "
            f"{cited.cited} of {cited.sentences} sentences cite, {cited.supported} of these have support"
        )
        if like is not None:
            against = f"query {like.query:.4f}, fact {like.fact:.4f}, answer {like.answer:.4f}"
            lines.append(f"  Rouge-L against the reference: {against}")
    for predicted in scored.predictions:
        lines.append(predicted.name)
        lines += [
            f"  action F1 micro {rule.micro_f1:.4f}, macro {rule.macro_f1:.4f} "
            f"({rule.counted} steps count, {rule.left_out} do not): {rule.rule}"
            for rule in predicted.actions
        ]
        lines.append(
            f"  Rouge-L of {predicted.queries} queries {predicted.query_rouge_l:.4f}, "
            f"of {predicted.facts} facts {predicted.fact_rouge_l:.4f}"
        )
    return Text(clean("\n".join(lines)))
