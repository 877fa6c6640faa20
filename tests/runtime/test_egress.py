"""What a run's sandbox asks of the outside is in its ledger, and a replay does not ask for it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.domain.errors import ConfigurationError
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.runtime.egress import EgressRecord
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import load_settings
from toolserver.client import EgressEvent

REFUSED = EgressEvent(
    at=datetime.now(UTC), host="evil.example", port=443, method="CONNECT", decision="refused", reason="not allowed"
)


async def test_requests_become_events_that_a_view_shows(tmp_path: Path) -> None:
    ledger = await Ledger.open(tmp_path)
    try:
        run = await ledger.create(Task(goal="look around"))
        lease = await ledger.leases.claim(run, "test")
        record = EgressRecord(ledger, lease)
        record.note(REFUSED)
        await record.flush()
        view = await read_view(ledger, run)
    finally:
        await ledger.close()

    assert view.egress == ["egress refused: CONNECT evil.example:443: not allowed"]
    assert view.notices == view.egress


def test_settings_hold_profile_and_secrets(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[sandbox]\nkind = "local"\n[sandbox.egress]\nprofile = "allow-list"\n'
        'hosts = ["api.example.org", {host = "index.corp.example", private = true}]\n'
        '[secrets.KEY]\nenv = "SOME_KEY"\nhosts = ["api.example.org"]\n'
    )

    settings = load_settings(tmp_path, {})

    assert settings.sandbox.egress.profile == "allow-list"
    assert settings.secrets["KEY"].hosts == ("api.example.org",)


async def test_the_command_line_chooses_a_profile(tmp_path: Path) -> None:
    services = ConfiguredServices(load_settings(tmp_path, {}), tmp_path)

    assert services._sandbox_config(RunOptions()).egress.profile == "none"
    assert services._sandbox_config(RunOptions(egress="packages")).egress.profile == "packages"
    with pytest.raises(ConfigurationError, match="--egress is none, packages, open"):
        services._sandbox_config(RunOptions(egress="all"))
    await services.close()
