"""The command that measures how far the judges of a suite agree with people."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich import box
from rich.progress import Progress
from rich.table import Table

from agent.cli.console import clean, err, out, print_json, run_async
from agent.cli.opening import open_ledger
from agent.domain.errors import UsageError
from agent.models.asking import Models
from agent.runtime.services import services_of_one_command
from evals.batch.acting import means_of
from evals.scorers.acting import judge_digest
from evals.scorers.agreement import UNCLEAR, Agreement, Agreements, Pair, kappa, kappa_interval
from evals.scorers.forms import Judged
from evals.scorers.judging import judge_score
from evals.suite.definition import Suite
from evals.suite.examples import JudgeExample, digest_of_examples, examples_of, judges_of
from evals.suite.reading import suite_named

_BELOW = 3
"""Exit code where a judge does not reach the agreement that its suite wants."""

JudgeOption = Annotated[
    str | None, typer.Option("--judge", metavar="MODEL", help="model that judges, in place of those the suite names")
]


def judge(
    suite: Annotated[str, typer.Argument(help="a shipped suite, or a folder with suite.yaml")],
    model: JudgeOption = None,
    concurrency: Annotated[int, typer.Option("--concurrency", "-n", min=1, max=100, help="examples at a time")] = 2,
    json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> int:
    """Measure how far a suite's judges agree with the labels of its examples (judge_examples.jsonl).

    What is found is kept: scores of a judge that has not reached what its suite wants do not count. The exit code is 3
    where one has not.
    """
    chosen = suite_named(suite)
    judges = judges_of(chosen)
    if not judges:
        raise UsageError(f"the suite {chosen.name} has no judge")
    examples = {one: examples_of(chosen, one) for one in judges}
    named = {one: named_judge(one, model) for one in judges}

    async def main() -> list[Agreement]:
        found = []
        async with open_ledger() as (ledger, settings, home), services_of_one_command(settings, home) as services:
            means = means_of(services, ledger)
            kept = Agreements(home)
            with Progress(console=err(), transient=True, disable=json) as progress:
                bar = progress.add_task("judging", total=sum(map(len, examples.values())))
                for one in judges:
                    models = await means.models(named[one])
                    pairs = await _pairs(one, models, examples[one], concurrency, lambda: progress.advance(bar))
                    found.append(_agreement(chosen, one, named[one], examples[one], pairs))
                    kept.keep(found[-1])
        return found

    found = run_async(main())
    reached = [one.agreement is None or got.kappa >= one.agreement for one, got in zip(judges, found, strict=True)]
    if json:
        print_json(found)
    else:
        _print(judges, found)
    return 0 if all(reached) else _BELOW


def named_judge(scorer: Judged, model: str | None) -> str:
    """Return who judges.

    Raises:
        UsageError: nobody is named.
    """
    if (chosen := model or scorer.model) is None:
        raise UsageError("the suite is judged by a model and names none; name one with --judge MODEL")
    return chosen


async def _pairs(
    scorer: Judged, models: Models, examples: Sequence[JudgeExample], concurrency: int, told: Callable[[], None]
) -> list[Pair]:
    free = asyncio.Semaphore(concurrency)

    async def one(example: JudgeExample) -> Pair:
        async with free:
            score = await judge_score(scorer, models, example.goal, example.gold, example.answer)
        told()
        return example.label, UNCLEAR if score.value is None else score.value

    return list(await asyncio.gather(*map(one, examples)))


def _agreement(
    suite: Suite, scorer: Judged, model: str, examples: tuple[JudgeExample, ...], pairs: Sequence[Pair]
) -> Agreement:
    low, high = kappa_interval(pairs)
    counted = Counter(pairs)
    return Agreement(
        suite=suite.name,
        name=scorer.name,
        model=model,
        judge=judge_digest(scorer, model),
        examples=digest_of_examples(examples),
        at=datetime.now(UTC),
        count=len(pairs),
        accuracy=sum(label == chosen for label, chosen in pairs) / len(pairs),
        kappa=kappa(pairs),
        low=low,
        high=high,
        unclear=sum(chosen == UNCLEAR for _, chosen in pairs),
        pairs=tuple((label, chosen, count) for (label, chosen), count in sorted(counted.items())),
    )


def _print(judges: Sequence[Judged], found: Sequence[Agreement]) -> None:
    table = Table("judge", "model", "examples", "same level", "kappa", "95 %", "wanted", "", box=box.SIMPLE)
    for one, got in zip(judges, found, strict=True):
        reached = one.agreement is None or got.kappa >= one.agreement
        table.add_row(
            clean(got.name),
            clean(got.model),
            str(got.count),
            f"{got.accuracy:.3f}",
            f"{got.kappa:.2f}",
            f"{got.low:.2f} to {got.high:.2f}",
            "-" if one.agreement is None else f"{one.agreement:g}",
            "reached" if reached else "not reached",
            style=None if reached else "red",
        )
    out().print(table)
    for got in found:
        for label, chosen, count in got.pairs:
            if label != chosen:
                said = "could not decide" if chosen == UNCLEAR else f"chose {chosen:g}"
                out().print(f"  {clean(got.name)}: {count} x labelled {label:g}, {said}", highlight=False)
