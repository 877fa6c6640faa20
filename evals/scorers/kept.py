"""Scores that something had to be executed or asked for, kept in the folder of their batch: they are given once."""

import json
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError

from agent.domain.base import Fact
from agent.domain.errors import LedgerUnavailable
from evals.scorers.forms import Score

FILE: Final = "scores.jsonl"
"""Name of the file in a batch's folder."""


class Asked(NamedTuple):
    """What a score answers: which scorer, by the digest of all that decides it, said what of which report."""

    run_id: str
    scorer: str
    report: str


class KeptScore(Fact):
    """A line of the file; of several for the same, the last counts."""

    run_id: str
    scorer: str
    report: str
    score: Score


class KeptScores:
    """The scores of one batch that are kept, in a file to which lines are only ever added.

    Args:
        folder: of the batch.

    Raises:
        LedgerUnavailable: the file cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._scores: dict[Asked, Score] = {}
        try:
            data = self._path.read_bytes() if self._path.exists() else b""
        except OSError as error:
            raise LedgerUnavailable(f"cannot read {self._path}: {error.strerror or error}") from error
        # a line that a crash or a full disk cut off is not there: what it was to keep is asked for again
        self._torn = bool(data) and not data.endswith(b"\n")
        for line in data.splitlines():
            try:
                kept = KeptScore.model_validate_json(line)
            except ValidationError:
                continue
            self._scores[Asked(kept.run_id, kept.scorer, kept.report)] = kept.score

    def find(self, asked: Asked) -> Score | None:
        """Return the score that was kept, if any was."""
        return self._scores.get(asked)

    def by_run(self) -> dict[str, list[KeptScore]]:
        """Return the scores that count by their runs, in the order in which they were first given."""
        found: dict[str, list[KeptScore]] = {}
        for asked, score in self._scores.items():
            found.setdefault(asked.run_id, []).append(KeptScore(**asked._asdict(), score=score))
        return found

    def keep(self, asked: Asked, score: Score) -> None:
        """Keep a score.

        Raises:
            LedgerUnavailable: it cannot be written.
        """
        line = KeptScore(**asked._asdict(), score=score).model_dump(mode="json")
        data = (b"\n" if self._torn else b"") + json.dumps(line, ensure_ascii=False).encode() + b"\n"
        try:
            with self._path.open("ab", buffering=0) as file:
                self._torn = True
                if file.write(data) != len(data):
                    raise OSError(28, "No space left on device")
        except OSError as error:
            raise LedgerUnavailable(f"cannot write {self._path}: {error.strerror or error}; free some space") from error
        self._torn = False
        self._scores[asked] = score
