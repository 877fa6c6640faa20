"""A browsing sandbox in a hardened container: the same program, on the image that has what it needs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from toolserver.client import (
    AutoSandbox,
    BrowsingSandbox,
    BrowsingSettings,
    DockerSandbox,
    OpenEgress,
    PageFailed,
    SandboxConfig,
    SandboxUnavailable,
    open_browsing,
)
from toolserver.engine import Engine
from toolserver.images.context import browsing_tag
from toolserver.testing_web import HostileWeb, hostile_web

SETTINGS = BrowsingSettings(delay_seconds=0)


@pytest.fixture
async def browsing_image(engine_ready: None) -> None:
    async with Engine.connect() as engine:
        if await engine.image(browsing_tag()) is None:
            pytest.skip(f"{browsing_tag()} is not built; run: plumbline toolserver image build --browsing")


@pytest.fixture
async def web() -> AsyncIterator[HostileWeb]:
    async with hostile_web() as served:
        yield served


async def opened(config: SandboxConfig, sandbox_id: str, folder: Path) -> BrowsingSandbox:
    return await open_browsing(config, sandbox_id, state_dir=folder, settings=SETTINGS)


@pytest.mark.docker
async def test_pages_are_read_as_text_and_in_a_browser_in_a_container(
    browsing_image: None, web: HostileWeb, new_id: str, tmp_path: Path
) -> None:
    async with await opened(DockerSandbox(egress=OpenEgress(hosts=(web.rule,))), new_id, tmp_path) as sandbox:
        text = await sandbox.fetch(web.url("/good"))
        shown = await sandbox.open(web.url("/shell"))
        with pytest.raises(PageFailed) as inwards:
            await sandbox.fetch(web.url("/inwards"))

        assert sandbox.sandbox.description.kind == "docker"
        assert text.page.text.startswith("The lighthouse")
        assert (shown.page.tier, shown.page.text) == ("browser", "The tide comes at six o'clock.")
        assert inwards.value.kind == "refused_address"


@pytest.mark.docker
async def test_auto_is_docker_where_the_image_is_there(browsing_image: None, new_id: str, tmp_path: Path) -> None:
    async with await opened(AutoSandbox(), new_id, tmp_path) as sandbox:
        assert sandbox.sandbox.description.kind == "docker"
        assert (sandbox.sandbox.description.image or "").startswith(browsing_tag())


async def test_auto_is_local_where_no_engine_answers(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no-engine.sock")

    async with await opened(AutoSandbox(), new_id, tmp_path) as sandbox:
        assert sandbox.sandbox.description.kind == "local"


async def test_docker_without_the_image_says_how_to_build_it(engine_ready: None, new_id: str, tmp_path: Path) -> None:
    config = DockerSandbox(image="plumbline-browsing:0000000000000000")

    with pytest.raises(SandboxUnavailable, match="plumbline toolserver image build --browsing"):
        await opened(config, new_id, tmp_path)
