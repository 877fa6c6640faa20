"""Tells what an installation lacks for learning from knowledge bases. Imports none of it."""

import importlib.util
from collections.abc import Sequence

from agent.domain.errors import ConfigurationError


def require(libraries: Sequence[str] = ("numpy", "threadpoolctl")) -> None:
    """Do nothing where the libraries are installed.

    Raises:
        ConfigurationError: one is not.
    """
    if any(importlib.util.find_spec(name) is None for name in libraries):
        raise ConfigurationError("plausibility of triples needs an extra: pip install 'plumbline-agent[plausibility]'")
