"""Short ways to write criteria down."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.domain.artefacts import Criterion, Mutation, Relation, Scenario


@dataclass(frozen=True)
class Asked:
    """A criterion without its number; without a control it gets the usual one of its scenario."""

    wish: str
    scenario: str
    measure: str
    parameters: Mapping[str, Any]
    relation: Relation = "=="
    threshold: float = 0
    unit: str = ""
    control: Mutation | None = None

    def criterion(self, name: str) -> Criterion:
        """Return it under an id."""
        return Criterion(
            id=name,
            wish=self.wish,
            scenario=Scenario(name=self.scenario, parameters=self.parameters),
            measure=self.measure,
            relation=self.relation,
            threshold=self.threshold,
            unit=self.unit,
            control=self.control,
        )
