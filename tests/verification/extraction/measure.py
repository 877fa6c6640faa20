"""Measure claim extraction by rules on the shared data sets.

    python -m tests.verification.extraction.measure [--sample N] [--seed SEED]

``--sample`` prints that many triples of each set at random with their statements, to be read by a person.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agent.domain.claims import Claim
from agent.verification.extraction.rules import extract_by_rules, stating_sentences
from tests.shared_data import rows


class Measured(NamedTuple):
    """What was taken from a set of texts; sentences are those that state something."""

    texts: int
    sentences: int
    covered: int
    claims: tuple[Claim, ...]


def sets() -> Mapping[str, list[str]]:
    """Return the texts of each set."""
    return {
        "strategyqa facts": ["\n\n".join(row["facts"]) for row in rows("reasoning/strategyqa.jsonl")],
        "fever claims": [row["claim"] for row in rows("claims/fever.jsonl")],
        "boolq contexts": [row["context"] for row in rows("reasoning/boolq.jsonl")],
        "cmrc2018 passages": [row["text"] for row in rows("cmrc2018/dev.jsonl")],
    }


def measured(texts: list[str]) -> Measured:
    """Return what rules take from texts."""
    sentences = covered = 0
    claims: list[Claim] = []
    for text in texts:
        found = extract_by_rules(text)
        claims.extend(found.claims)
        stating = stating_sentences(text)
        sentences += len(stating)
        covered += len(stating) - len(found.uncovered)
    return Measured(len(texts), sentences, covered, tuple(claims))


def lines(sample: int, seed: int) -> Iterator[str]:
    """Yield a table, a line a set, and samples of triples."""
    yield "| set | texts | stating sentences | with a claim | claims | with triples |"
    yield "|---|---|---|---|---|---|"
    shown: list[str] = []
    for name, texts in sets().items():
        found = measured(texts)
        taken = [claim for claim in found.claims if claim.triples]
        yield (
            f"| {name} | {found.texts} | {found.sentences} | {found.covered} | {len(found.claims)} "
            f"| {len(taken)} ({len(taken) / len(found.claims):.1%}) |"
        )
        chosen = random.Random(seed).sample(taken, min(sample, len(taken)))  # noqa: S311 - a sample to read
        for claim in chosen:
            shown.append(f"\n{claim.text}")
            for one in claim.triples:
                mark = "" if one.positive else "NOT "
                shown.append(f"    {mark}{one.subject} | {one.relation} | {one.object} {dict(one.qualifiers) or ''}")
    yield from shown
    yield from _speed()


def _speed() -> Iterator[str]:
    text = (
        "# Towns\n\nParis is the capital of France. It has 2 million people [E1]. "
        "Ann Lee moved to Rome and had a shop.\n\n"
        "- The **house** is old.\n\n巴黎是法国的首都。复旦大学位于上海，建于1905年。它没有3座机场！\n\n"
    )
    whole = text * (1_000_000 // len(text))
    start = time.process_time()
    found = extract_by_rules(whole)
    yield f"\n{len(whole):,} characters: {len(found.claims):,} claims in {time.process_time() - start:.1f} s of CPU"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for line in lines(given.sample, given.seed):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
