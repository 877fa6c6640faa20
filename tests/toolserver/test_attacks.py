"""The attacks of ``plumbline bench attacks``, each from a fresh sandbox."""

import secrets
from pathlib import Path

import pytest

from evals.attacks.arena import Attack, carry_out
from evals.attacks.suite import ATTACKS, CANARY, target
from toolserver.deployment.bubblewrap import Bubblewrap

LET_THROUGH_LOCALLY = {"2", "5", "7"}
"""What bubblewrap does not stop: shared memory, files in the temporary folder and processor time are not counted."""


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> str:
    """A secret in the manager's environment."""
    value = secrets.token_hex(16)
    monkeypatch.setenv(CANARY, value)
    return value


@pytest.mark.docker
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.number}-{attack.name}")
async def test_a_container_stops(attack: Attack, canary: str, tmp_path: Path, engine_ready: None) -> None:
    finding = await carry_out(attack, target("docker"), tmp_path, canary)
    assert finding.stopped, finding.seen


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.number}-{attack.name}")
async def test_bubblewrap_stops_what_the_documents_say(
    attack: Attack, canary: str, tmp_path: Path, bubblewrap: Bubblewrap
) -> None:
    finding = await carry_out(attack, target("local"), tmp_path, canary)
    assert finding.stopped is not None, finding.seen
    if attack.number not in LET_THROUGH_LOCALLY:
        assert finding.stopped, finding.seen
