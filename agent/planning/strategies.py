"""Choosing who drives a run."""

from agent.domain.task import Task
from agent.execution.guided.thresholds import thresholds_for
from agent.execution.setting import Setting
from agent.planning.asking import AskingStrategy
from agent.planning.browsing import BrowsingStrategy
from agent.planning.building import BuildStrategy
from agent.planning.checking import CheckingStrategy
from agent.planning.free import FreeStrategy
from agent.planning.guided import GuidedStrategy
from agent.planning.pipeline import PipelineStrategy
from agent.planning.strategy import Strategy


def strategy_of(setting: Setting, task: Task) -> Strategy:
    """Return a new strategy object for a task and a run that was set up like this."""
    if task.browse is not None:
        return PipelineStrategy() if task.browse.pipeline else BrowsingStrategy(task.browse)
    if task.check is not None:
        return CheckingStrategy(task.check)
    if task.build is not None:
        return BuildStrategy(task.build)
    if task.ask is not None:
        return AskingStrategy(task.ask)
    if setting.strategy == "guided":
        return GuidedStrategy(thresholds_for(setting.weights))
    return FreeStrategy()
