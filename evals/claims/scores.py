"""How well verdicts agree with labels."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from agent.domain.base import Fact
from agent.domain.claims import Verdict
from agent.verification.chain.deciding import DECIDED
from evals import intervals
from evals.claims.pairs import Label, Pair


class Judged(Fact):
    """A pair with what a judge said about it, and how long that took."""

    pair: Pair
    verdict: Verdict
    detail: str = ""
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        """Whether the verdict is the label."""
        return self.verdict == self.pair.label


class Score(Fact):
    """Figures of one judge over a set of pairs.

    Attributes:
        balanced: mean of the shares of supported and of contradicted pairs that were called so; whatever is left
            undecided counts as wrong. None where one of the two labels is missing.
        low: 2.5 % point of the balanced accuracy over resampled pairs (bootstrap within labels, seed fixed).
        high: the 97.5 % point.
        coverage: share of the pairs that were decided: supported, contradicted or qualified.
        precision: share of the decided ones that were decided as labelled; None where nothing was.
        false_support: contradicted pairs that were called supported.
        milliseconds: mean for a pair.
    """

    judge: str
    pairs: int
    balanced: float | None
    low: float | None
    high: float | None
    coverage: float
    precision: float | None
    false_support: int
    errors: int
    milliseconds: float
    kinds: Mapping[str, tuple[int, int]]


def score(judge: str, judged: Sequence[Judged]) -> Score:
    """Return the figures of a judge; ``kinds`` has how many were right, of how many, by kind of pair."""
    decided = [one for one in judged if one.verdict in DECIDED]
    kinds = dict.fromkeys(sorted({one.pair.kind for one in judged}), (0, 0))
    for one in judged:
        right, count = kinds[one.pair.kind]
        kinds[one.pair.kind] = (right + one.right, count + 1)
    low, high = interval(judged) or (None, None)
    return Score(
        judge=judge,
        pairs=len(judged),
        balanced=balanced_accuracy(judged),
        low=low,
        high=high,
        coverage=len(decided) / len(judged),
        precision=fmean(one.right for one in decided) if decided else None,
        false_support=sum(one.pair.label == "contradicted" and one.verdict == "supported" for one in judged),
        errors=sum(one.verdict == "error" for one in judged),
        milliseconds=1000 * fmean(one.seconds for one in judged),
        kinds=kinds,
    )


def balanced_accuracy(judged: Iterable[Judged]) -> float | None:
    """Return the mean recall of supported and contradicted pairs; None where one of them is missing."""
    classes = _classes(judged)
    return None if classes is None else fmean(fmean(right) for right in classes)


def interval(judged: Iterable[Judged]) -> tuple[float, float] | None:
    """Return the 95 % bootstrap interval of the balanced accuracy; None where it cannot be told."""
    classes = _classes(judged)
    return None if classes is None else intervals.interval(*classes)


def _classes(judged: Iterable[Judged]) -> tuple[Sequence[bool], Sequence[bool]] | None:
    by_label: dict[Label, list[bool]] = {"supported": [], "contradicted": [], "not_found": []}
    for one in judged:
        by_label[one.pair.label].append(one.right)
    supported, contradicted = by_label["supported"], by_label["contradicted"]
    return (supported, contradicted) if supported and contradicted else None
