"""What the attacks say when nothing can be attacked."""

import pytest

from evals.attacks.suite import attack_all, target
from toolserver.client import SandboxUnavailable


async def test_without_an_engine_nothing_is_said_of_any_attack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent")
    with pytest.raises(SandboxUnavailable):
        await attack_all(target("docker"))
