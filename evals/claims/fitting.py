"""Fits the thresholds of a small model's judge to pairs that are kept apart from those it is measured on.

    python -m evals.claims.fitting [MODEL]

Prints the thresholds, how they do on the pairs they were fitted on, and, which is the figure to believe, how thresholds
fitted on four fifths of the texts do on the last fifth.
"""

import asyncio
import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.progress import track

from agent.cli.console import err
from agent.domain.base import Fact
from agent.domain.claims import Claim, Verdict
from agent.models.asking import Models
from agent.models.config import parse_model
from agent.models.registry import build_model
from agent.runtime.settings import home_folder
from agent.verification.judges.asking import JudgingModels
from agent.verification.judges.margins import AGAIN, PROMPT_VERSION, MarginJudge, MarginThresholds, Odds, verdict_by
from evals.browsing.working import CountedModel
from evals.claims.pairs import DEV_PAIRS, read_pairs
from evals.rows import json_rows

SUPPORT_PAIRS = Path(__file__).parents[2] / "tests" / "verification" / "support_pairs.jsonl"
"""Pairs of which only is known whether they are supported; used where the tests are there."""

_FOLDS = 5
_OPEN = "open"
"""Label of a pair that is not supported, which may be refuted or not told."""


class Sample(Fact):
    """What a model said about a pair; ``text`` is the evidence, which groups pairs."""

    text: str
    label: str
    first: Odds
    again: Odds


async def samples(models: Models) -> list[Sample]:
    """Return what a model says about all pairs that thresholds are fitted on."""
    pairs = [(pair.evidence, pair.claim, str(pair.label)) for pair in read_pairs(DEV_PAIRS)]
    if SUPPORT_PAIRS.is_file():
        rows = json_rows(SUPPORT_PAIRS)
        pairs += [(row["evidence"], row["claim"], "supported" if row["supported"] else _OPEN) for row in rows]
    judge = MarginJudge(models)
    found = []
    # the prompts in turn, so that a server which keeps the last one in memory reads only the end of each
    firsts = [await _odds(judge, models, pair, "entailment") for pair in track(pairs, "first vote", console=err())]
    for pair, first in zip(track(pairs, "second vote", console=err()), firsts, strict=True):
        again = await _odds(judge, models, pair, AGAIN)
        found.append(Sample(text=pair[0], label=pair[2], first=first, again=again))
    return found


async def _odds(judge: MarginJudge, models: Models, pair: tuple[str, str, str], prompt: str) -> Odds:
    text, claim, _ = pair
    return await judge.odds(JudgingModels(models), f"{prompt}/{claim}", Claim(id="c1", text=claim), text, prompt)


def fit(given: Sequence[Sample]) -> MarginThresholds:
    """Return the thresholds with the highest value: right verdicts less wrong ones, each label with the same weight.

    The thresholds of the first vote come first, then that of the second.
    """
    best = max(
        (
            MarginThresholds(supported=proof, contradicted=denial, again=float("-inf"))
            for proof in _middles(one.first.proof for one in given)
            for denial in _middles(one.first.denial for one in given)
        ),
        key=lambda thresholds: _value(given, thresholds),
    )
    return max(
        (best.model_copy(update={"again": again}) for again in _middles(_repeated(one) for one in given)),
        key=lambda thresholds: _value(given, thresholds),
    )


def _repeated(one: Sample) -> float:
    return one.again.denies - one.again.proves


def _middles(values: Iterable[float]) -> list[float]:
    """Return the middles between neighbouring values, rounded: a threshold has no more digits than it deserves."""
    return sorted({round((low + high) / 2, 2) for low, high in itertools.pairwise(sorted(values))})


def _value(given: Sequence[Sample], thresholds: MarginThresholds) -> float:
    labels = Counter(one.label for one in given)
    value = 0.0
    for one in given:
        verdict = verdict_by(one.first, one.again, thresholds)
        value += _worth(one.label, verdict) / labels[one.label]
    return value


def _worth(label: str, verdict: Verdict) -> int:
    if label == _OPEN:
        return -1 if verdict == "supported" else 0
    if verdict == label:
        return 1
    return -1 if verdict in ("supported", "contradicted") else 0


def held_out(given: Sequence[Sample]) -> Iterator[tuple[Sample, Verdict]]:
    """Yield each sample with its verdict by thresholds that were fitted without any pair of the same text."""
    texts = list(dict.fromkeys(one.text for one in given))
    for fold in range(_FOLDS):
        tested = set(texts[fold::_FOLDS])
        thresholds = fit([one for one in given if one.text not in tested])
        for one in given:
            if one.text in tested:
                yield one, verdict_by(one.first, one.again, thresholds)


def table(judged: Iterable[tuple[Sample, Verdict]]) -> str:
    """Return how often each label got each verdict, one label a line."""
    counts = Counter((one.label, verdict) for one, verdict in judged)
    return "\n".join(
        f"  {label}: "
        + ", ".join(f"{verdict} {counts[name, verdict]}" for name, verdict in sorted(counts) if name == label)
        for label in sorted({label for label, _ in counts})
    )


async def _main(name: str) -> str:
    model = build_model(name, parse_model(name), home_folder())
    try:
        given = await samples(CountedModel(model))
    finally:
        await model.close()
    thresholds = fit(given)
    fitted = [(one, verdict_by(one.first, one.again, thresholds)) for one in given]
    return (
        f"{model.profile.weights or name}, prompt {PROMPT_VERSION}, {len(given)} pairs: {thresholds!r}\n"
        f"on the pairs it was fitted on:\n{table(fitted)}\nheld out:\n{table(held_out(given))}\n"
    )


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(_main(sys.argv[1] if len(sys.argv) > 1 else "embedded")))
