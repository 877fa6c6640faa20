"""``plumbline browse``: browse for the answer to a question, from a person's seat or a model's; exports and scores."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from agent.browsing.annotation.record import profile_of
from agent.cli.console import err, run_async
from agent.cli.driving import drive
from agent.cli.inputs import document_corpus
from agent.cli.run import DocsOption, JsonOption, QuietOption, budget_of, checked_goal, make_task
from agent.cli.seat import Chair, sit
from agent.cli.workshop import open_workshop
from agent.domain.errors import UsageError
from agent.domain.task import BrowseOrder
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
    profile: Annotated[str, typer.Option(help="limits of the session: default or webcpm")] = "default",
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
    if pipeline and (url or profile != "default"):
        raise UsageError("the pipeline has no session, so --url and --profile do not go with it")
    order = BrowseOrder(
        seat="person" if seated else "model",
        profile=profile_of(profile).name,
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
