"""A suite: its samples, and what holds for all of them."""

import hashlib
from pathlib import Path

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.messages import canonical
from evals.scorers.forms import Scorer
from evals.suite.sample import IDENTIFIER, Sample, TaskFields


class SuiteFile(Fact):
    """What stands in ``suite.yaml``.

    Attributes:
        version: changes with the samples or what counts as right, so that results are not compared by accident.
        samples: files of samples in the suite's folder, one JSON object a line; or the name of a Python function
            ``MODULE:FUNCTION`` in the installed packages that returns them.
        task: of every sample that does not say otherwise.
        scorers: of every sample that names none of its own.
        attempts: how often each sample is tried.
        threshold: share of passed samples from which a batch counts as passed; None for no such bound.
    """

    name: str = Field(pattern=IDENTIFIER)
    version: str = Field(min_length=1, max_length=40)
    description: str = Field(min_length=1)
    samples: tuple[str, ...] = Field(min_length=1)
    task: TaskFields = Field(default_factory=TaskFields)
    scorers: tuple[Scorer, ...] = Field(min_length=1)
    attempts: int = Field(default=1, ge=1, le=100)
    threshold: float | None = Field(default=None, ge=0, le=1)


class Suite(Fact):
    """A suite as it was read.

    Attributes:
        folder: where files of samples are.
        samples: in order, each id once.
        digest: SHA-256 over everything that decides what is run and what counts as right, the files included.
    """

    file: SuiteFile
    folder: Path
    samples: tuple[Sample, ...]
    digest: str

    @property
    def name(self) -> str:
        """The suite's name."""
        return self.file.name

    def scorers_of(self, sample: Sample) -> tuple[Scorer, ...]:
        """Return what scores a sample."""
        return self.file.scorers if sample.scorers is None else sample.scorers


def digest_of(file: SuiteFile, samples: tuple[Sample, ...], contents: dict[str, bytes]) -> str:
    """Return the digest of a suite.

    Args:
        file: what holds for all samples.
        samples: in order.
        contents: files and documents that samples name, by their paths in the suite's folder.
    """
    whole = hashlib.sha256(canonical(file.model_dump(mode="json")))
    for sample in samples:
        whole.update(canonical(sample.model_dump(mode="json")))
    for path in sorted(contents):
        whole.update(path.encode() + b"\0" + hashlib.sha256(contents[path]).digest())
    return whole.hexdigest()
