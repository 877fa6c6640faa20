"""Results of a batch that were read from the ledger before, kept in its folder and keyed by all that decided them.

Nothing is truth here: whoever deletes the files loses time only.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from agent import __version__
from agent.domain.base import Fact
from agent.domain.messages import digest_of
from agent.ledger.store import RunSummary
from evals.batch.figures import Figures
from evals.batch.order import BatchOrder, batches_folder
from evals.batch.results import Result
from evals.scorers.kept import FILE as SCORES
from evals.scorers.kept import KeptScores

_RESULTS: Final = "results.jsonl"
_FIGURES: Final = "figures.json"
_READERS: Final = ("results", "figures")


class _Line(Fact):
    mark: str
    judges: str
    result: Result


class _Figures(Fact):
    mark: str
    figures: Figures


class ReadBefore:
    """What was read of one batch before.

    Args:
        home: the data folder.
        order: the batch.
    """

    def __init__(self, home: Path, order: BatchOrder) -> None:
        self._order = order
        self._folder = batches_folder(home) / order.id
        self._product = [__version__, _digest_of_code()]
        self._judges = _digest_of_file(home / "judges.jsonl")

    def figures(self, runs: Sequence[RunSummary]) -> Figures | None:
        """Return the figures of the batch as long as its runs stand as they do; None where they have to be made."""
        try:
            kept = _Figures.model_validate_json((self._folder / _FIGURES).read_bytes())
        except (OSError, ValidationError):
            return None
        return kept.figures if kept.mark == self._mark_of_all(runs) else None

    def keep_figures(self, runs: Sequence[RunSummary], figures: Figures) -> None:
        """Keep figures, if that is possible."""
        whole = _Figures(mark=self._mark_of_all(runs), figures=figures).model_dump_json()
        # several processes may look at one batch
        draft = self._folder / f"{_FIGURES}.{os.getpid()}"
        with contextlib.suppress(OSError):
            draft.write_text(whole, encoding="utf-8")
            draft.replace(self._folder / _FIGURES)

    def results(self, runs: Iterable[RunSummary]) -> dict[str, Result]:
        """Return by run the results that still hold."""
        lines: dict[str, _Line] = {}
        try:
            data = (self._folder / _RESULTS).read_bytes()
        except OSError:
            return {}
        for text in data.splitlines():
            # a line that was cut off is not there
            with contextlib.suppress(ValidationError):
                line = _Line.model_validate_json(text)
                lines[line.result.run_id] = line
        marks = self._marks(runs)
        return {
            run_id: line.result
            for run_id, line in lines.items()
            if line.mark == marks.get(run_id) and line.judges in ("", self._judges)
        }

    def keep_results(self, runs: Iterable[RunSummary], results: Iterable[Result]) -> None:
        """Keep results of runs that have come to something, if that is possible."""
        marks = self._marks(runs)
        lines = [
            _Line(mark=marks[one.run_id], judges=self._judges if _judged(one) else "", result=one)
            for one in results
            if one.state != "open" and one.run_id in marks
        ]
        data = "".join(f"{line.model_dump_json()}\n" for line in lines).encode()
        # one write at the end: processes that look at the same time do not mix
        with contextlib.suppress(OSError), (self._folder / _RESULTS).open("ab", buffering=0) as file:
            file.write(data)

    def _marks(self, runs: Iterable[RunSummary]) -> Mapping[str, str]:
        scores = KeptScores(self._folder).by_run()
        return {
            run.id: digest_of(
                {
                    "product": self._product,
                    "suite": self._order.digest,
                    "judge": self._order.judge or "",
                    "run": _standing(run),
                    "scores": [one.model_dump(mode="json") for one in scores.get(run.id, ())],
                }
            )
            for run in runs
        }

    def _mark_of_all(self, runs: Iterable[RunSummary]) -> str:
        return digest_of(
            {
                "product": self._product,
                "order": self._order.model_dump(mode="json"),
                "runs": [_standing(run) for run in runs],
                "scores": _digest_of_file(self._folder / SCORES),
                "judges": self._judges,
            }
        )


def _standing(run: RunSummary) -> list[str | int | float]:
    return [run.id, run.status, run.reason, run.last_seq, run.active_seconds]


def _judged(result: Result) -> bool:
    return any(score.scorer == "judge" for score in result.scores)


def _digest_of_code() -> str:
    """Return the digest of what reads and scores results: another version of it may come to something else."""
    package = Path(__file__).parents[1]
    places = [*sorted((package / "scorers").glob("*.py")), *(package / "batch" / f"{n}.py" for n in _READERS)]
    return hashlib.sha256(b"\0".join(place.read_bytes() for place in places)).hexdigest()


def _digest_of_file(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
