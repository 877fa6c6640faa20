"""Figures of a batch: how many passed, how sure that is, what it cost, what went wrong."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import fmean, median, quantiles

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.budget import Usage
from evals.batch.results import Result
from evals.intervals import interval


class Share(Fact):
    """A share of samples, with its 95 % bootstrap interval over the samples (seed fixed)."""

    value: float
    low: float
    high: float
    samples: int


class ScorerFigures(Fact):
    """What one kind of scorer said: its mean value, how often it passed, could tell, and could not."""

    mean: float | None
    passed: int
    told: int
    unclear: int


class Latency(Fact):
    """Active seconds of the runs that ended."""

    median: float
    p95: float
    total: float


class Figures(Fact):
    """All figures of a batch. Attempts that could not go on, or that no scorer could decide, are no failures.

    Attributes:
        attempts: runs that were made at it.
        passed, failed, errors, open: attempts by state; of one that was corrected round by round, that of the last.
        share: passed among attempts that passed or failed, as a mean over samples; None where there is none of these.
        pass_at: by k, the chance that one of k attempts at a sample passes (unbiased estimate of Chen et al.,
            arXiv 2107.03374), as a mean over samples that have as many decided attempts.
        steady: samples whose decided attempts all came out alike, where there are several.
        failures: classes of what went wrong, by how often.
        judging: what judges used for the scores that count; it is in none of the other figures.
    """

    samples: int
    attempts: int
    passed: int
    failed: int
    errors: int
    open: int
    share: Share | None
    pass_at: dict[int, float] = Field(default_factory=dict)
    steady: int | None = None
    scorers: dict[str, ScorerFigures] = Field(default_factory=dict)
    tags: dict[str, Share] = Field(default_factory=dict)
    failures: dict[str, int] = Field(default_factory=dict)
    cost: Decimal = Decimal(0)
    input_tokens: int = 0
    output_tokens: int = 0
    model_calls: int = 0
    steps: int = 0
    judging: Usage = Field(default_factory=Usage)
    latency: Latency | None = None


def figures_of(results: Sequence[Result]) -> Figures:
    """Return the figures of results, which come in any order."""
    results = sorted(results, key=lambda one: (one.sample, one.attempt))
    decided = decided_by_sample(results)
    ended = [one.seconds for one in results if one.state != "open"]
    last = last_of_each(results)
    states = Counter(one.state for one in last)
    most = max((len(tries) for tries in decided.values()), default=0)
    return Figures(
        samples=len({one.sample for one in results}),
        attempts=len(results),
        passed=states["passed"],
        failed=states["failed"],
        errors=states["error"],
        open=states["open"],
        share=share_of(decided),
        pass_at={k: pass_at(decided, k) for k in _ks(most)},
        steady=sum(len(set(tries)) == 1 for tries in decided.values()) if most > 1 else None,
        scorers=_scorers(results),
        tags=_tags(results),
        failures=dict(Counter(one.failure for one in last if one.failure).most_common()),
        cost=sum((one.cost for one in results), Decimal(0)),
        input_tokens=sum(one.usage.input_tokens for one in results),
        output_tokens=sum(one.usage.output_tokens for one in results),
        model_calls=sum(one.usage.calls for one in results),
        steps=sum(one.steps for one in results),
        judging=sum((one.judging for one in results), Usage()),
        latency=_latency(ended) if ended else None,
    )


def share_of(decided: Mapping[str, Sequence[bool]]) -> Share | None:
    """Return the mean over samples of the share of their attempts that passed; None without any."""
    means = [fmean(tries) for tries in decided.values()]
    if not means:
        return None
    low, high = interval(means)
    return Share(value=fmean(means), low=low, high=high, samples=len(means))


def pass_at(decided: Mapping[str, Sequence[bool]], k: int) -> float:
    """Return the chance that one of ``k`` attempts passes, over the samples with at least as many."""
    enough = [tries for tries in decided.values() if len(tries) >= k]
    return fmean(1 - math.comb(len(tries) - sum(tries), k) / math.comb(len(tries), k) for tries in enough)


def _ks(most: int) -> list[int]:
    """Return 1, 2, 4, 8 ... up to the number of attempts, and that itself."""
    powers = [2**n for n in range(most.bit_length()) if 2**n <= most]
    return sorted({*powers, most}) if most > 1 else []


def last_of_each(results: Iterable[Result]) -> list[Result]:
    """Return the result of each attempt, the last one where it was corrected round by round: rounds are no tries."""
    ordered = sorted(results, key=lambda one: (one.sample, one.attempt, one.run_id))
    return list({(one.sample, one.attempt): one for one in ordered}.values())


def decided_by_sample(results: Iterable[Result]) -> dict[str, list[bool]]:
    """Return by sample whether each of its attempts passed, of those that were decided."""
    found: dict[str, list[bool]] = {}
    for one in last_of_each(results):
        if one.state in ("passed", "failed"):
            found.setdefault(one.sample, []).append(one.state == "passed")
    return found


def _scorers(results: Sequence[Result]) -> dict[str, ScorerFigures]:
    scores = [score for one in results for score in one.scores]
    found = {}
    for kind in sorted({score.scorer for score in scores}):
        values = [score.value for score in scores if score.scorer == kind and score.value is not None]
        found[kind] = ScorerFigures(
            mean=fmean(values) if values else None,
            passed=sum(score.passed is True for score in scores if score.scorer == kind),
            told=len(values),
            unclear=sum(score.value is None for score in scores if score.scorer == kind),
        )
    return found


def _tags(results: Sequence[Result]) -> dict[str, Share]:
    found = {}
    for tag in sorted({tag for one in results for tag in one.tags}):
        share = share_of(decided_by_sample(one for one in results if tag in one.tags))
        if share is not None:
            found[tag] = share
    return found


def _latency(seconds: Sequence[float]) -> Latency:
    p95 = quantiles(seconds, n=20, method="inclusive")[18] if len(seconds) > 1 else seconds[0]
    return Latency(median=median(seconds), p95=p95, total=sum(seconds))
