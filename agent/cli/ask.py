"""``plumbline ask``: put a question to a model in one of several ways, and compare them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from agent.cli.console import run_async
from agent.cli.driving import drive
from agent.cli.inputs import given_path
from agent.cli.run import JsonOption, ModelOption, QuietOption, budget_of, checked_goal, make_task
from agent.cli.terminal import asker_for
from agent.cli.workshop import open_workshop
from agent.domain.asking import MOST_CHOICES, AskMode, Choice
from agent.domain.errors import UsageError
from agent.domain.task import AskOrder
from agent.models.config import NO_MODEL
from agent.runtime.options import RunOptions
from agent.runtime.services import NO_SANDBOX
from agent.verification.knowledge.base import open_knowledge
from agent.verification.reasoning.answers import question_of
from agent.verification.reasoning.exemplars import LARGEST_FILE, read_exemplars

app = typer.Typer(add_completion=False)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="what is asked")],
    mode: Annotated[
        AskMode,
        typer.Option(
            help="direct: the answer alone; cot: steps first; cok: evidence triples and hints first; cok+f2: these"
            " verified, and asked again with what is true"
        ),
    ] = "cok+f2",
    choices: Annotated[
        list[str] | None,
        typer.Option("--choices", metavar="TEXT", help="an answer to choose, repeated; they become A, B, C, ..."),
    ] = None,
    kind: Annotated[
        Literal["yes/no", "number", "text"] | None,
        typer.Option(help="what sort of answer is wanted; by default as the question shows"),
    ] = None,
    exemplars: Annotated[
        Path | None,
        typer.Option(parser=given_path, metavar="FILE", help="examples as JSON lines; by default those of the product"),
    ] = None,
    kb: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="knowledge base to look triples up in, may be repeated")
    ] = None,
    model: ModelOption = None,
    tokens: Annotated[int | None, typer.Option(help="budget in tokens")] = None,
    money: Annotated[str | None, typer.Option(help="budget in the currency of the price table")] = None,
    seconds: Annotated[float | None, typer.Option(help="budget in seconds")] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Ask a model one question, and show what it gave for its answer.

    It is a run, which is shown, replayed and exported like any other. The exit code is 0 when there is an answer; with
    cok+f2 it is 3 when the answer was not accepted.
    """
    text = _asked(question)
    if model == NO_MODEL:
        raise UsageError("somebody has to answer; name a model with --model")
    options = RunOptions(model=model, sandbox=NO_SANDBOX)
    limits = {"tokens": tokens, "money": money, "seconds": seconds}
    offered = _choices(choices or ())
    if offered and kind is not None:
        raise UsageError("--kind does not go with --choices, of which one is the answer")
    try:
        question_of(text, choices=offered, kind=kind)
    except ValueError as error:
        raise UsageError("--choices is given at least twice, once for each answer") from error

    async def main() -> int:
        async with open_workshop(asker_for(json=json, quiet=quiet)) as shop:
            await shop.services.check(options)
            for name in kb or ():
                await open_knowledge(shop.home, name).close()
            shown = "" if exemplars is None else await asyncio.to_thread(_examples, exemplars)
            order = AskOrder(
                mode=mode,
                kind=kind,
                choices=offered,
                exemplars=await shop.ledger.blobs.put(shown.encode()) if shown else "",
                knowledge=tuple(dict.fromkeys(kb or ())),
            )
            values: dict[str, Any] = {"goal": text, "ask": order, "budget": budget_of(shop.settings.budget, limits)}
            run_id = await shop.runner.start(make_task(values), options)
            return await drive(shop, run_id, quiet=quiet, json=json)

    return run_async(main())


def _asked(question: str) -> str:
    if not question.strip():
        raise UsageError("the question is empty; say what is asked")
    return checked_goal(question)


def _choices(texts: Sequence[str]) -> tuple[Choice, ...]:
    if not all(text.strip() for text in texts):
        raise UsageError("--choices: an answer to choose is empty")
    if len(texts) > MOST_CHOICES:
        raise UsageError(f"--choices: at most {MOST_CHOICES} answers can be offered, not {len(texts)}")
    if len({text.strip() for text in texts}) < len(texts):
        raise UsageError("--choices: an answer is offered twice")
    if long := next((text for text in texts if len(text) > 2000), None):
        raise UsageError(f"--choices: an answer has {len(long):,} characters, the limit is 2,000")
    clean = (text.strip().encode("utf-8", "replace").decode() for text in texts)
    return tuple(Choice(label=chr(ord("A") + number), text=text) for number, text in enumerate(clean))


def _examples(path: Path) -> str:
    """Return the text of a file of exemplars that can be used.

    Raises:
        UsageError: it cannot be read, or a line of it is none.
    """
    text = read_lines_file(path)
    read_exemplars(text, path.name)
    return text


def read_lines_file(path: Path, *, largest: int = LARGEST_FILE) -> str:
    """Return the text of a file of lines.

    Raises:
        UsageError: there is none, or it is too large or no text.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {str(path)!r}")
    try:
        if path.stat().st_size > largest:
            raise UsageError(f"{path.name} has more than {largest:,} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is not in UTF-8") from error
