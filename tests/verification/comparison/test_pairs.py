"""Hand-written pairs whose false claims are minimal edits: nothing false is supported, and most of the rest decided."""

import json
from collections import Counter
from functools import lru_cache
from pathlib import Path

from agent.verification.comparison.comparing import compare

_PAIRS = Path(__file__).with_name("pairs.jsonl")


@lru_cache(maxsize=1)
def _outcomes() -> tuple[tuple[str, str, str, str], ...]:
    rows = [json.loads(line) for line in _PAIRS.read_text(encoding="utf-8").splitlines()]
    return tuple(
        (row["label"], compare(row["claim"], row["evidence"]).verdict, row["claim"], row["evidence"]) for row in rows
    )


def test_no_claim_is_supported_that_its_evidence_does_not_say() -> None:
    assert [pair for pair in _outcomes() if pair[1] == "supported" and pair[0] != "supported"] == []


def test_no_claim_is_contradicted_of_which_its_evidence_says_nothing_contrary() -> None:
    assert [pair for pair in _outcomes() if pair[1] == "contradicted" and pair[0] != "contradicted"] == []


def test_most_pairs_are_decided() -> None:
    counts = Counter((label, verdict) for label, verdict, *_ in _outcomes())
    labels = Counter(label for label, *_ in _outcomes())

    assert counts["supported", "supported"] / labels["supported"] >= 0.6
    assert counts["contradicted", "contradicted"] / labels["contradicted"] >= 0.7
