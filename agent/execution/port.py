"""What a strategy may do while it works on a subtask."""

from collections.abc import Mapping
from typing import Any, Protocol

from agent.domain.messages import ToolOutcome
from agent.models.asking import Models


class Steps(Models, Protocol):
    """The verbs of the inner loop. Each call is an effect of the run, recorded under the given step name.

    Step names are unique within a subtask and the same on every re-run: ``model/3``, ``tool/3.0``, ``judge/2``.
    """

    async def call(self, step: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Run a tool and return its outcome; a failure the model can react to is an outcome with ``ok`` False."""
