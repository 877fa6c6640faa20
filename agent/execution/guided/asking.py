"""How guided strategies ask a model: with the prompts of this package."""

from agent.execution.port import Steps
from agent.models.prepared import Asker

PROMPT_VERSION = "1"
"""Changes whenever a prompt changes in a way that could move a threshold."""


def asker_of(steps: Steps) -> Asker:
    """Return what asks with the prompts of guided strategies. Every question is a step of the run."""
    return Asker(steps, "agent.execution.guided")
