"""Writes a batch as a log that Inspect's reader and viewer open."""

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalLog,
    EvalMetric,
    EvalPlan,
    EvalPlanStep,
    EvalResults,
    EvalSample,
    EvalScore,
    EvalSpec,
    EvalStats,
    write_eval_log_async,
)
from inspect_ai.model import ModelUsage
from inspect_ai.scorer import value_to_float

import agent
from agent.domain.errors import LedgerUnavailable, UnknownRun
from agent.ledger.store import Ledger
from evals.batch.order import Attempt, BatchOrder
from evals.batch.results import Result
from evals.inspect_log.samples import PASSED, inspect_sample

_NO_MODEL = "none/none"


async def write_log(
    ledger: Ledger, order: BatchOrder, attempts: Sequence[Attempt], results: Sequence[Result], place: Path
) -> EvalLog:
    """Write what has become of a batch so far; returns the log.

    Raises:
        LedgerUnavailable: the ledger cannot be read, or the file cannot be written.
    """
    log = await inspect_log(ledger, order, attempts, results)
    try:
        await write_eval_log_async(log, place)
    except OSError as error:
        raise LedgerUnavailable(f"cannot write {place}: {error.strerror or error}") from error
    return log


async def inspect_log(
    ledger: Ledger, order: BatchOrder, attempts: Sequence[Attempt], results: Sequence[Result]
) -> EvalLog:
    """Return a batch as Inspect's log.

    Raises:
        LedgerUnavailable: the ledger cannot be read.
    """
    by_run = {result.run_id: result for result in results}
    made = []
    for attempt in attempts:
        result = by_run.get(attempt.run_id)
        if result is None or result.state == "open":
            continue
        try:
            made.append(await inspect_sample(ledger, attempt, result))
        except UnknownRun:
            # it was deleted since
            continue
    samples = [one.sample for one in made]
    model = next((one.model for one in made if one.model), order.options.model or _NO_MODEL)
    complete = len(samples) == len(attempts)
    return EvalLog(
        status="success" if complete else "cancelled",
        eval=EvalSpec(
            eval_id=order.id,
            run_id=order.id,
            task_id=f"{order.suite}-{order.digest[:12]}",
            created=order.made_at.isoformat(timespec="seconds"),
            task=order.suite,
            task_version=order.version,
            solver="plumbline",
            model=model,
            dataset=EvalDataset(
                name=order.suite,
                location=order.place,
                samples=len(order.samples),
                sample_ids=list(order.samples),
            ),
            config=EvalConfig(epochs=order.attempts, token_limit=order.budget.tokens),
            packages={"plumbline-agent": agent.__version__, "inspect_ai": version("inspect_ai")},
            metadata={"batch": order.id, "suite_digest": order.digest},
        ),
        plan=EvalPlan(name="plumbline", steps=[EvalPlanStep(solver="plumbline", params=_options(order))]),
        results=EvalResults(total_samples=len(attempts), completed_samples=len(samples), scores=_scores(samples)),
        stats=EvalStats(
            started_at=min((one.started_at for one in samples if one.started_at), default=""),
            completed_at=max((one.completed_at for one in samples if one.completed_at), default=""),
            model_usage=_usage(samples),
        ),
        samples=samples,
    )


def _options(order: BatchOrder) -> dict[str, str]:
    chosen = order.options.model_dump(mode="json", include={"model", "sandbox", "egress"})
    return {name: value for name, value in chosen.items() if value is not None}


def _scores(samples: Sequence[EvalSample]) -> list[EvalScore]:
    """Return for each score its mean over the samples, and the standard error of that.

    Attempts at one sample are no samples of their own: their mean is the sample's value.
    """
    as_float = value_to_float()
    values: dict[str, dict[str | int, list[float]]] = {}
    unscored: Counter[str] = Counter()
    for sample in samples:
        for name, score in (sample.scores or {}).items():
            value, of_sample = as_float(score.value), values.setdefault(name, {})
            if math.isnan(value):
                unscored[name] += 1
            else:
                of_sample.setdefault(sample.id, []).append(value)
    return [
        _mean(name, [statistics.fmean(one) for one in found.values()], unscored[name]) for name, found in values.items()
    ]


def _mean(name: str, values: Sequence[float], unscored: int) -> EvalScore:
    metrics = {}
    if values:
        mean = "accuracy" if name == PASSED else "mean"
        metrics[mean] = EvalMetric(name=mean, value=statistics.fmean(values))
    if len(values) > 1:
        metrics["stderr"] = EvalMetric(name="stderr", value=statistics.stdev(values) / len(values) ** 0.5)
    return EvalScore(
        name=name, scorer=name, reducer="mean", scored_samples=len(values), unscored_samples=unscored, metrics=metrics
    )


def _usage(samples: Sequence[EvalSample]) -> dict[str, ModelUsage]:
    usage: dict[str, ModelUsage] = {}
    for sample in samples:
        for model, used in sample.model_usage.items():
            usage[model] = usage.get(model, ModelUsage()) + used
    return usage
