"""Functions of the planner."""

from pydantic import Field

from agent.domain.base import Form
from agent.domain.plan import Edit


class RevisePlan(Form):
    """Note what was learnt and change the plan, in one step. Only pending subtasks can change.

    Leave edits empty when the plan still fits.
    """

    learnt: str = Field(default="", max_length=2000, description="what later subtasks should know")
    edits: list[Edit] = Field(default_factory=list, max_length=20)
