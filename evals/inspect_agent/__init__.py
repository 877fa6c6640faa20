"""Plumbline as an agent inside Inspect, so that its catalogue of evaluations works on it.

Importing this needs the extra ``inspect``. Inspect finds it by our entry point as ``evals/plumbline``.
"""

from evals.inspect_agent.solving import plumbline, plumbline_agent, with_plumbline

__all__ = ["plumbline", "plumbline_agent", "with_plumbline"]
