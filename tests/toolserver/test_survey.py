"""What is said of an engine: its versions against the floors, and what it has."""

import pytest

from toolserver.client import survey_engine
from toolserver.deployment.survey import outdated, runc_version


@pytest.mark.parametrize(
    ("engine", "runc", "old"),
    [
        ("20.10.24+dfsg1", "1.1.5+ds1", ["Docker", "runc"]),
        ("25.0.4", "1.2.8", ["Docker"]),
        ("25.0.5", "1.2.7", ["runc"]),
        ("25.0.5", "1.2.8", []),
        ("28.2.2", "1.3.2", ["runc"]),
        ("28.2.2", "1.3.3", []),
        ("29.0", "1.4.0", []),
        ("dev", "", []),
    ],
)
def test_versions_with_known_holes_are_named(engine: str, runc: str, old: list[str]) -> None:
    assert [line.split()[0] for line in outdated(engine, runc)] == old


def test_an_engine_that_does_not_name_its_runtime_is_not_blamed() -> None:
    assert runc_version({"Components": [{"Name": "Engine", "Version": "1"}]}) == ""
    assert runc_version({}) == ""


@pytest.mark.docker
async def test_this_machines_engine_is_described(engine_ready: None) -> None:
    survey = await survey_engine()

    assert survey.engine
    assert (survey.digest or "").startswith("sha256:")
    assert survey.control == "a shared socket"
