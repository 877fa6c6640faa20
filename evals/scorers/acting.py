"""Scorers that act: they run a program or ask a model. What they gave is kept, and only asked for where it is not."""

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Protocol

from agent.domain.errors import ModelRefused, ModelUnavailable, SandboxUnavailable
from agent.domain.messages import canonical, digest_of
from agent.domain.report import Report
from agent.ledger.store import Ledger
from evals.scorers.answers import unclear
from evals.scorers.forms import ProgramCheck, Score, Scorer
from evals.scorers.kept import Asked, KeptScores
from evals.scorers.programs import OpenSandbox, program_score
from evals.suite.sample import Sample

ACTING: Final = frozenset({"program"})
"""Kinds of scorers that act."""

_NOT_KEPT: Final = "it has not been asked yet; go on with the batch, or use plumbline eval show BATCH --score-again"


class Acts(Protocol):
    """Gives the scores of scorers that act."""

    async def score(self, scorer: Scorer, sample: Sample, run_id: str, report: Report) -> Score:
        """Return what a scorer says of a run's report, from what is kept or by acting.

        Raises:
            LedgerUnavailable: what is kept cannot be read or written.
        """


class Acting:
    """Acts where nothing is kept, and where it may. Implements ``Acts``.

    Args:
        ledger: where the runs are.
        suite: folder of the suite, for files of checks.
        kept: the scores that are kept.
        opener: opens sandboxes; None where nothing is to be executed or asked.
        again: act even where a score is kept.
    """

    def __init__(
        self, ledger: Ledger, suite: Path, kept: KeptScores, opener: OpenSandbox | None = None, *, again: bool = False
    ) -> None:
        self._ledger = ledger
        self._suite = suite
        self._kept = kept
        self._opener = opener
        self._again = again

    async def score(self, scorer: Scorer, sample: Sample, run_id: str, report: Report) -> Score:
        """Return what a scorer says; what lacks its sandbox or its model is an error that is not kept."""
        assert isinstance(scorer, ProgramCheck), f"{scorer.kind} does not act"  # noqa: S101
        files = await asyncio.to_thread(_contents, self._suite, scorer.files)
        if isinstance(files, str):
            return unclear(scorer, files)
        asked = Asked(run_id, _digest(scorer, files), digest_of(report.model_dump(mode="json")))
        if not self._again and (known := self._kept.find(asked)) is not None:
            # whether a sample needs it is no part of what was asked
            return known.model_copy(update={"required": scorer.required})
        if self._opener is None:
            return unclear(scorer, _NOT_KEPT)
        try:
            found = await program_score(scorer, self._ledger, run_id, report, files, self._opener)
        except (SandboxUnavailable, ModelUnavailable, ModelRefused) as error:
            return unclear(scorer, str(error)[:300])
        self._kept.keep(asked, found)
        return found


def _contents(folder: Path, files: Mapping[str, str]) -> dict[str, bytes] | str:
    """Return the contents of files, or why they cannot be read."""
    try:
        return {path: (folder / place).read_bytes() for path, place in sorted(files.items())}
    except OSError as error:
        return f"a file of the check cannot be read: {error.filename}: {error.strerror}"


def _digest(scorer: Scorer, files: Mapping[str, bytes]) -> str:
    """Return the digest of all that decides what a scorer says, but for the report."""
    whole = hashlib.sha256(canonical(scorer.model_dump(mode="json", exclude={"required"})))
    for path, data in files.items():
        whole.update(path.encode() + b"\0" + hashlib.sha256(data).digest())
    return whole.hexdigest()
