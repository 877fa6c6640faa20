"""``plumbline check``: check what a text says, claim by claim."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from agent.cli.annotated import write_annotated
from agent.cli.checked_inputs import Against, given_text, resolved
from agent.cli.console import err, run_async
from agent.cli.driving import drive
from agent.cli.html_files import check_place
from agent.cli.run import JsonOption, ModelOption, QuietOption, SandboxOption, budget_of, make_task
from agent.cli.terminal import asker_for
from agent.cli.workshop import Workshop, open_workshop
from agent.domain.errors import ModelNotConfigured, UsageError
from agent.domain.task import CheckOrder
from agent.models.config import NO_MODEL
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.services import NO_SANDBOX
from agent.runtime.settings import ROLES

app = typer.Typer(add_completion=False)


@app.command()
def check(
    text: Annotated[
        str, typer.Argument(metavar="FILE|-|URL", help="text, Markdown, HTML or PDF; - reads standard input")
    ],
    against: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHAT",
            help="web, kb:NAME, a file or folder, the name of an index, or a run; may be repeated",
        ),
    ] = None,
    model: ModelOption = None,
    rethink: Annotated[
        bool, typer.Option("--rethink/--no-rethink", help="write sentences anew whose claims fail")
    ] = False,
    claims: Annotated[int | None, typer.Option(min=1, help="claims that are checked at most")] = None,
    extraction: Annotated[
        str | None, typer.Option(help="who takes the claims out of the text: rules (default) or model")
    ] = None,
    sandbox: SandboxOption = NO_SANDBOX,
    tokens: Annotated[int | None, typer.Option(help="budget in tokens")] = None,
    money: Annotated[str | None, typer.Option(help="budget in the currency of the price table")] = None,
    seconds: Annotated[float | None, typer.Option(help="budget in seconds")] = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT", help="write the text with its claims marked here")] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> int:
    """Check what a text says, claim by claim: by computing, by what it is checked against, and by a model, if any.

    The check is a run, which is shown, replayed and exported like any other. With --model none, and where no model is
    configured, only what needs no model is done. With --sandbox auto, programs in the text are run again. The exit code
    is 0 when all claims are supported, opinions aside, and 3 when one is not.
    """
    check_place(html)
    by = _extraction(extraction)
    limits = {"tokens": tokens, "money": money, "seconds": seconds}

    async def main() -> int:
        async with open_workshop(asker_for(json=json, quiet=quiet)) as shop:
            console = None if json or quiet else err()
            given = await given_text(text, shop.ledger.blobs)
            known = await resolved(against or (), shop, console)
            options = await _options(shop, RunOptions(model=model, sandbox=sandbox))
            order = CheckOrder(
                sha256=given.sha256,
                url=given.url,
                title=given.title,
                location=given.location,
                web=known.web,
                knowledge=known.knowledge,
                rethink=rethink,
                claims=claims,
                extraction=by,
            )
            values: dict[str, Any] = {
                "goal": _goal(given.location, known),
                "check": order,
                "corpus": known.corpus,
                "evidence": known.evidence,
                "budget": budget_of(shop.settings.budget, limits),
            }
            task = make_task(values)
            await shop.services.check_world(task, shop.ledger.blobs)
            run_id = await shop.runner.start(task, options)
            code = await drive(shop, run_id, quiet=quiet, json=json)
            report = (await read_view(shop.ledger, run_id)).report
            if html is not None and report is not None:
                write_annotated(report, html)
            return code

    return run_async(main())


async def _options(shop: Workshop, options: RunOptions) -> RunOptions:
    """Return the options of a run that needs no model: roles for which none is found have none.

    Raises:
        ConfigurationError: a model that is named cannot be used.
    """
    try:
        await shop.services.check(options)
    except ModelNotConfigured:
        left = {role: NO_MODEL for role in ROLES if shop.settings.roles.get(role) is None}
        options = options.model_copy(update={"roles": left})
        await shop.services.check(options)
    return options


def _extraction(name: str | None) -> Literal["rules", "model"] | None:
    match name:
        case None | "rules" | "model":
            return name
    raise UsageError(f"--extraction is rules or model, not {name!r}")


def _goal(location: str, known: Against) -> str:
    where = f" against {', '.join(known.names)}" if known.names else ""
    return f"Check the claims of {location}{where}"
