"""``plumbline corrections``: keep what a person corrected, list and remove it, and tell where it applies."""

from typing import Annotated

import typer
from pydantic import ValidationError
from rich import box
from rich.table import Table

from agent.cli.console import clean, err, out, print_json
from agent.domain.errors import UsageError
from agent.memory.corrections.facts import MOST_FEATURES, Situation
from agent.runtime.settings import home_folder
from agent.verification.remembered import open_corrections

app = typer.Typer(add_completion=False, no_args_is_help=True)

SituationArgument = Annotated[
    str, typer.Argument(metavar="SITUATION", help="the claim, the question or the step, in words")
]
FeatureOption = Annotated[
    list[str] | None,
    typer.Option("--feature", metavar="NAME=VALUE", help="what is known of the situation besides, may be repeated"),
]
JsonOption = Annotated[bool, typer.Option("--json")]


@app.command()
def add(
    situation: SituationArgument,
    correction: Annotated[str, typer.Argument(metavar="CORRECTION", help="what is right there")],
    feature: FeatureOption = None,
    json: JsonOption = False,
) -> int:
    """Keep a correction for a situation and for those much like it."""
    with open_corrections(home_folder()) as corrections:
        added = corrections.add(_situation(situation, feature), correction)
    if json:
        print_json(added)
        return 0
    one = added.correction
    done = "already said of a situation near by; it reaches this one too" if added.widened else "added"
    console = err()
    console.print(f"correction {one.number}: {done}, radius {one.radius:.2f}")
    if added.replaced:
        console.print(f"replaced, as said of the same situation: {_numbers(added.replaced)}")
    if added.narrowed:
        console.print(f"narrowed, as near by and saying something else: {_numbers(added.narrowed)}")
    return 0


@app.command(name="list")
def list_all(json: JsonOption = False) -> int:
    """List all corrections."""
    with open_corrections(home_folder()) as corrections:
        kept = corrections.all()
    if json:
        print_json([one.model_dump(mode="json") for one in kept])
        return 0
    if not kept:
        err().print("no corrections; plumbline corrections add SITUATION CORRECTION keeps one")
        return 0
    table = Table("id", "situation", "features", "correction", "radius", box=box.SIMPLE)
    for one in kept:
        features = ", ".join(f"{name}={value}" for name, value in one.situation.features.items())
        texts = (clean(text) for text in (one.situation.text, features, one.value))
        table.add_row(str(one.number), *texts, f"{one.radius:.2f}")
    out().print(table)
    return 0


@app.command()
def remove(
    number: Annotated[int, typer.Argument(metavar="ID", help="as plumbline corrections list shows it")],
    json: JsonOption = False,
) -> int:
    """Remove a correction."""
    with open_corrections(home_folder()) as corrections:
        removed = corrections.remove(number)
    if json:
        print_json(removed)
        return 0
    err().print(f"removed correction {number}: {clean(removed.value)}")
    return 0


@app.command(name="test")
def tell(situation: SituationArgument, feature: FeatureOption = None, json: JsonOption = False) -> int:
    """Tell which corrections apply to a situation, nearest first."""
    with open_corrections(home_folder()) as corrections:
        applied = corrections.applicable(_situation(situation, feature))
    if json:
        print_json([one.model_dump(mode="json") | {"note": one.note} for one in applied])
        return 0
    if not applied:
        err().print("no correction applies")
    for one in applied:
        out().print(clean(one.note))
    return 0


def _situation(text: str, given: list[str] | None) -> Situation:
    features = {}
    for one in given or ():
        name, equals, value = one.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise UsageError(f"--feature is NAME=VALUE, such as tool=shell, not {one!r}")
        features[name.strip()] = value.strip()
    try:
        return Situation(text=text, features=features)
    except ValidationError as error:
        raise UsageError(
            f"the situation takes at most {MOST_FEATURES} features of 200 characters: {error.errors()[0]['msg']}"
        ) from error


def _numbers(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))
