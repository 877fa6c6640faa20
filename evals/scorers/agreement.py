"""How far a judge agrees with people: labelled examples, accuracy, and Cohen's kappa with its interval."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError

from agent.domain.base import Fact
from agent.domain.errors import LedgerUnavailable

UNCLEAR: Final = -1.0
"""Stands for an example that the judge could not decide; no label has this value."""

_RESAMPLES: Final = 2000
_SEED: Final = 0

Pair = tuple[float, float]
"""Label by a person, and level that the judge chose or ``UNCLEAR``."""


class Agreement(Fact):
    """How far one judge agrees with the labels of its examples.

    Attributes:
        judge: digest of the judge with its model.
        examples: digest of the examples.
        name: of the judge in its suite.
        accuracy: share of examples with the very level of the label.
        kappa: Cohen's kappa: agreement beyond what chance would give; ``low`` and ``high`` are its 95 % bootstrap
            interval over examples.
        unclear: examples that the judge could not decide; they count as disagreement.
        pairs: label and chosen level, by how often.
    """

    schema_version: int = 1
    suite: str
    name: str
    model: str
    judge: str
    examples: str
    at: datetime
    count: int = Field(ge=1)
    accuracy: float
    kappa: float
    low: float
    high: float
    unclear: int = 0
    pairs: tuple[tuple[float, float, int], ...] = ()


def kappa(pairs: Sequence[Pair]) -> float:
    """Return Cohen's kappa; 0 where chance alone would agree always, since nothing was shown then."""
    agreed = sum(one == two for one, two in pairs) / len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    by_chance = sum(first[label] * second[label] for label in first) / len(pairs) ** 2
    return 0.0 if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def kappa_interval(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of kappa over the examples, the same whenever it is computed."""
    chance = random.Random(_SEED)  # noqa: S311 - statistics, no secret
    drawn = sorted(kappa(chance.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLES))
    return drawn[round(0.025 * _RESAMPLES)], drawn[round(0.975 * _RESAMPLES) - 1]


class Agreements:
    """The agreements that were measured, in a file of the data folder to which lines are only ever added."""

    def __init__(self, home: Path) -> None:
        self._path = home / "judges.jsonl"

    def find(self, judge: str, examples: str) -> Agreement | None:
        """Return the newest agreement of a judge with examples; None where it was never measured.

        Raises:
            LedgerUnavailable: the file cannot be read.
        """
        try:
            lines = self._path.read_bytes().splitlines() if self._path.exists() else []
        except OSError as error:
            raise LedgerUnavailable(f"cannot read {self._path}: {error.strerror or error}") from error
        for line in reversed(lines):
            try:
                known = Agreement.model_validate_json(line)
            except ValidationError:
                continue
            if (known.judge, known.examples) == (judge, examples):
                return known
        return None

    def keep(self, agreement: Agreement) -> None:
        """Keep an agreement.

        Raises:
            LedgerUnavailable: it cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # a line that a crash or a full disk cut off would swallow this one
            torn = self._path.exists() and not self._path.read_bytes().endswith(b"\n")
            line = (b"\n" if torn else b"") + agreement.model_dump_json().encode() + b"\n"
            with self._path.open("ab", buffering=0) as file:
                if file.write(line) != len(line):
                    raise OSError(28, "No space left on device")
        except OSError as error:
            raise LedgerUnavailable(f"cannot write {self._path}: {error.strerror or error}; free some space") from error
