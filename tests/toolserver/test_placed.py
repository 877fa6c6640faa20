"""Where sandboxes with an image of their own are run, when that is chosen automatically."""

import pytest

from toolserver.client import AutoSandbox, DockerSandbox, LocalSandbox, NoEgress, SandboxUnavailable
from toolserver.images.context import image_tag
from toolserver.line_program import placed

ABSENT = "plumbline-of-nobody:0"


@pytest.mark.docker
async def test_an_image_that_is_there_is_taken_and_one_that_is_not_leads_elsewhere(engine_ready: None) -> None:
    for or_local in (True, False):
        there = await placed(AutoSandbox(egress=NoEgress(), or_local=or_local), image_tag())
        assert isinstance(there, DockerSandbox)
    assert isinstance(await placed(AutoSandbox(), ABSENT), LocalSandbox)
    with pytest.raises(SandboxUnavailable, match="plumbline toolserver image build"):
        await placed(AutoSandbox(or_local=False), ABSENT)


async def test_without_an_engine_a_local_sandbox_has_to_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")

    assert isinstance(await placed(AutoSandbox(engine_seconds=1), ABSENT), LocalSandbox)
    with pytest.raises(SandboxUnavailable):
        await placed(AutoSandbox(engine_seconds=1, or_local=False), ABSENT)


async def test_what_was_chosen_by_name_stays() -> None:
    local = LocalSandbox()

    assert await placed(local, ABSENT) is local
