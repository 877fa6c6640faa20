"""Scorers that act: they run a program or ask a model. What they gave is kept, and only asked for where it is not."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from agent.domain.errors import ModelRefused, ModelUnavailable, SandboxUnavailable, UsageError
from agent.domain.messages import canonical, digest_of
from agent.domain.report import Report
from agent.ledger.store import Ledger
from agent.models.asking import Models
from evals.scorers.agreement import Agreements
from evals.scorers.answers import given_answer, unclear
from evals.scorers.forms import Judged, ProgramCheck, Score, Scorer
from evals.scorers.judging import PROMPT_VERSION, judge_score
from evals.scorers.kept import Asked, KeptScores
from evals.scorers.programs import OpenSandbox, program_score
from evals.suite.definition import Suite
from evals.suite.examples import digest_of_examples, examples_of
from evals.suite.sample import Sample

ACTING: Final = frozenset({"program", "judge"})
"""Kinds of scorers that act."""

_NOT_KEPT: Final = "it has not been asked yet; go on with the batch, or use plumbline eval show BATCH --score-again"


class Acts(Protocol):
    """Gives the scores of scorers that act."""

    async def score(self, scorer: Scorer, sample: Sample, run_id: str, report: Report) -> Score:
        """Return what a scorer says of a run's report, from what is kept or by acting.

        Raises:
            LedgerUnavailable: what is kept cannot be read or written.
        """


@dataclass(frozen=True)
class Means:
    """What is acted with.

    Attributes:
        opener: opens sandboxes for checks.
        models: returns the models that a judge of some name asks.
    """

    opener: OpenSandbox
    models: Callable[[str], Awaitable[Models]]


class Acting:
    """Acts where nothing is kept, and where it may. Implements ``Acts``.

    Args:
        ledger: where the runs are.
        suite: of the samples.
        kept: the scores that are kept.
        agreements: how far judges agree with people.
        judge: model that judges, in place of those that the suite names.
        means: what is acted with; None where nothing is to be executed or asked.
        again: act even where a score is kept.
    """

    def __init__(
        self,
        ledger: Ledger,
        suite: Suite,
        kept: KeptScores,
        *,
        agreements: Agreements,
        judge: str | None = None,
        means: Means | None = None,
        again: bool = False,
    ) -> None:
        self._ledger = ledger
        self._suite = suite
        self._kept = kept
        self._agreements = agreements
        self._judge = judge
        self._means = means
        self._again = again

    async def score(self, scorer: Scorer, sample: Sample, run_id: str, report: Report) -> Score:
        """Return what a scorer says; what lacks its sandbox or its model is an error that is not kept."""
        if isinstance(scorer, ProgramCheck):
            return await self._checked(scorer, run_id, report)
        assert isinstance(scorer, Judged), f"{scorer.kind} does not act"  # noqa: S101
        return await self._judged(scorer, sample, run_id, report)

    async def _checked(self, scorer: ProgramCheck, run_id: str, report: Report) -> Score:
        files = await asyncio.to_thread(_contents, self._suite.folder, scorer.files)
        if isinstance(files, str):
            return unclear(scorer, files)
        hashes = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
        digest = digest_of({"scorer": scorer.model_dump(mode="json", exclude={"required"}), "files": hashes})

        async def act(means: Means) -> Score:
            return await program_score(scorer, self._ledger, run_id, report, files, means.opener)

        return await self._once(scorer, digest, run_id, report, act)

    async def _judged(self, scorer: Judged, sample: Sample, run_id: str, report: Report) -> Score:
        model = self._judge or scorer.model
        if model is None:
            return unclear(scorer, "no model is named that judges; begin the batch with --judge MODEL")
        if doubt := await asyncio.to_thread(why_not_trusted, self._suite, scorer, model, self._agreements):
            return unclear(scorer, doubt)
        about = {"goal": sample.goal, "gold": list(sample.gold), "threshold": scorer.threshold}
        digest = digest_of({"judge": judge_digest(scorer, model), **about})

        async def act(means: Means) -> Score:
            return await judge_score(scorer, await means.models(model), sample.goal, sample.gold, given_answer(report))

        return await self._once(scorer, digest, run_id, report, act)

    async def _once(
        self, scorer: Scorer, digest: str, run_id: str, report: Report, act: Callable[[Means], Awaitable[Score]]
    ) -> Score:
        asked = Asked(run_id, digest, digest_of(report.model_dump(mode="json")))
        if not self._again and (known := self._kept.find(asked)) is not None:
            # whether a sample needs it is no part of what was asked
            return known.model_copy(update={"required": scorer.required})
        if self._means is None:
            return unclear(scorer, _NOT_KEPT)
        try:
            found = await act(self._means)
        except (SandboxUnavailable, ModelUnavailable, ModelRefused) as error:
            return unclear(scorer, " ".join(str(error).split())[:300])
        self._kept.keep(asked, found)
        return found


def judge_digest(judge: Judged, model: str) -> str:
    """Return the digest of all that decides what a judge says of an answer."""
    asked = judge.model_dump(mode="json", include={"rubric", "levels", "votes"})
    return hashlib.sha256(canonical({**asked, "model": model, "prompt": PROMPT_VERSION})).hexdigest()


def why_not_trusted(suite: Suite, judge: Judged, model: str, agreements: Agreements) -> str:
    """Return why a judge's scores do not count yet; empty where they do."""
    if judge.agreement is None:
        return ""
    try:
        examples = digest_of_examples(examples_of(suite, judge))
    except UsageError as error:
        return f"its agreement with people cannot be known: {error}"[:300]
    known = agreements.find(judge_digest(judge, model), examples)
    if known is None:
        return (
            f"the judge {judge.name} ({model}) has not been measured; "
            f"use plumbline eval judge {suite.name} --judge {model}"
        )[:300]
    if known.kappa < judge.agreement:
        return (
            f"the judge {judge.name} ({model}) agrees with people by kappa {known.kappa:.2f}; "
            f"the suite wants {judge.agreement:g}"
        )[:300]
    return ""


def _contents(folder: Path, files: Mapping[str, str]) -> dict[str, bytes] | str:
    """Return the contents of files, or why they cannot be read."""
    try:
        return {path: (folder / place).read_bytes() for path, place in sorted(files.items())}
    except OSError as error:
        return f"a file of the check cannot be read: {error.filename}: {error.strerror}"
