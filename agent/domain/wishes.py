"""What a task asks of the things that it makes, written down and frozen before the work is begun."""

from agent.domain.artefacts import Criteria
from agent.domain.base import Fact
from agent.domain.checks import ArtefactCheck, TriedKind


class Wished(Fact):
    """The criteria of one thing that a task makes.

    Attributes:
        paths: in the workspace: what is tried, then files that belong to it.
        sha256: hash that the criteria were frozen under.
    """

    paths: tuple[str, ...]
    artefact: TriedKind
    criteria: Criteria
    sha256: str

    @property
    def intact(self) -> bool:
        """Whether the criteria are those that were frozen."""
        return self.criteria.sha256 == self.sha256

    def checks(self) -> tuple[tuple[str, ArtefactCheck], ...]:
        """Return a check for each criterion, with the id of the criterion."""
        return tuple(
            (
                one.id,
                ArtefactCheck(
                    artefact=self.artefact,
                    paths=self.paths,
                    scenario=one.scenario.name,
                    parameters=dict(one.scenario.parameters),
                    measure=one.measure,
                    relation=one.relation,
                    threshold=one.threshold,
                    tolerance=one.tolerance,
                    control=one.control,
                ),
            )
            for one in self.criteria.criteria
        )
