"""Choosing who drives a run."""

from agent.execution.context import Setting
from agent.planning.free import FreeStrategy
from agent.planning.strategy import Strategy


def strategy_of(setting: Setting) -> Strategy:
    """Return the strategy a run was set up with."""
    return FreeStrategy()
