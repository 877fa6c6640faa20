"""Pairs of a claim and its evidence, labelled by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from agent.domain.base import Fact
from agent.domain.errors import UsageError
from evals.rows import json_rows

OWN_PAIRS = Path(__file__).with_name("pairs.jsonl")
"""Pairs from real documents; nothing may be adjusted to them."""
DEV_PAIRS = Path(__file__).with_name("dev_pairs.jsonl")
"""Pairs that thresholds are fitted on; from other texts."""

Label = Literal["supported", "contradicted", "not_found"]


class Pair(Fact):
    """What evidence says about a claim.

    Attributes:
        kind: how the claim was made from the evidence: reworded, or what was changed in it.
        source: where the evidence is from, for people.
    """

    id: str
    evidence: str = Field(min_length=1)
    claim: str = Field(min_length=1)
    label: Label
    kind: str
    source: str = ""


def read_pairs(path: Path) -> Sequence[Pair]:
    """Return the pairs of a JSONL file.

    Raises:
        UsageError: it cannot be read, has no pairs, or a line is none.
    """
    pairs = []
    for number, row in enumerate(json_rows(path), 1):
        try:
            pairs.append(Pair.model_validate(row))
        except ValidationError as error:
            problem = error.errors()[0]
            place = ".".join(str(part) for part in problem["loc"]) or "the line"
            raise UsageError(f"{path}, pair {number}: {place}: {problem['msg']}") from error
    if not pairs:
        raise UsageError(f"{path} has no pairs")
    return pairs
