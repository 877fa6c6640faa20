"""The embedded model's weights, where `plumbline model install` has put them."""

import pytest

from agent.models.config import WeightsName
from agent.models.embedded.weights import WEIGHTS, is_installed
from agent.runtime.settings import home_folder


def require(*names: WeightsName) -> WeightsName:
    """Return the first of some weights that is installed in the user's data folder; skip the test where none is."""
    pytest.importorskip("xllamacpp", reason="the extra 'embedded' is not installed")
    for name in names:
        if is_installed(WEIGHTS[name], home_folder()):
            return name
    pytest.skip(f"{' and '.join(names)} are not installed; run: plumbline model install")
