"""Archives: packed, listed, unpacked all or not at all, and refused where somebody made them to do harm."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from tests.toolserver.asking import ask
from toolserver.client import Sandbox
from toolserver.testing import InProcessSandbox


@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"])
async def test_what_is_packed_comes_out_the_same(sandbox: InProcessSandbox, ending: str) -> None:
    (sandbox.workspace / "src/inner").mkdir(parents=True)
    (sandbox.workspace / "src/inner/a.txt").write_text("text" * 1000)
    (sandbox.workspace / "b").write_text("b")

    made = await ask(sandbox, "archive", action="create", path=f"a.{ending}", files=["src", "b"])
    listed = await ask(sandbox, "archive", action="list", path=f"a.{ending}")
    out = await ask(sandbox, "archive", action="extract", path=f"a.{ending}", into="out")

    assert made.ok, made.text
    assert [entry["path"] for entry in listed.data["entries"]] == ["src/inner/a.txt", "b"]
    assert out.data["files"] == 2, out.text
    assert (sandbox.workspace / "out/src/inner/a.txt").read_text() == "text" * 1000


async def test_an_archive_goes_into_a_folder_of_its_own_name(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "data.tar.gz").write_bytes(tar(("x", b"1")))

    assert (await ask(sandbox, "archive", action="extract", path="data.tar.gz")).data["into"] == "data"
    assert (sandbox.workspace / "data/x").read_bytes() == b"1"


async def test_nothing_is_replaced_and_nothing_is_left_half_extracted(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.zip").write_bytes(zipped(("a", b"new"), ("b", b"new"), ("c", b"new")))
    (sandbox.workspace / "b").write_text("mine")

    outcome = await ask(sandbox, "archive", action="extract", path="a.zip", into=".")

    assert outcome.error == "already_exists"
    assert sorted(path.name for path in sandbox.workspace.iterdir()) == ["a.zip", "b"]
    assert (sandbox.workspace / "b").read_text() == "mine"


def tar(*entries: tuple[str, bytes] | tarfile.TarInfo, mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
            else:
                info = tarfile.TarInfo(entry[0])
                info.size = len(entry[1])
                archive.addfile(info, io.BytesIO(entry[1]))
    return buffer.getvalue()


def special(kind: bytes, name: str = "evil", target: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


def zip_link() -> bytes:
    info = zipfile.ZipInfo("evil")
    info.external_attr = 0o120777 << 16
    return zipped((info, b"/etc/passwd"))


def locked_zip() -> bytes:
    data = bytearray(zipped(("a", b"x")))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def overlapping_zip() -> bytes:
    """Two entries that share one body, as in the bombs that unpack to petabytes."""
    data = zipped(("a", b"x" * 1000), ("b", b"x" * 1000))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    return data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]


GOOD = ("good", b"good")
ZEROS = bytes(60_000_000)
HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "tar with ..": ("refused", lambda: tar(GOOD, ("../evil", b"x"))),
    "tar with absolute name": ("refused", lambda: tar(GOOD, ("/tmp/evil", b"x"))),
    "tar with link": ("refused", lambda: tar(GOOD, special(tarfile.SYMTYPE))),
    "tar with link, then file below": ("refused", lambda: tar(special(tarfile.SYMTYPE, "d", "/tmp"), ("d/evil", b"x"))),
    "tar with hard link": ("refused", lambda: tar(GOOD, special(tarfile.LNKTYPE))),
    "tar with device": ("refused", lambda: tar(GOOD, special(tarfile.CHRTYPE))),
    "tar with fifo": ("refused", lambda: tar(GOOD, special(tarfile.FIFOTYPE))),
    "tar with newline": ("refused", lambda: tar(GOOD, ("a\nb", b"x"))),
    "tar with long name": ("refused", lambda: tar(GOOD, ("x" * 300, b"x"))),
    "tar with a name twice": ("refused", lambda: tar(GOOD, GOOD)),
    "tar with a file as folder": ("refused", lambda: tar(GOOD, ("good/evil", b"x"))),
    "tar bomb": ("too_large", lambda: tar(GOOD, ("zeros", ZEROS), mode="w:bz2")),
    "tar of many": ("too_large", lambda: tar(*((str(number), b"") for number in range(20_001)))),
    "tar cut off": ("damaged", lambda: tar(GOOD, ("zeros", ZEROS[:100_000]), mode="w")[:50_000]),
    "zip with ..": ("refused", lambda: zipped(GOOD, ("../evil", b"x"))),
    "zip with absolute name": ("refused", lambda: zipped(GOOD, ("/tmp/evil", b"x"))),
    "zip with backslash": ("refused", lambda: zipped(GOOD, ("..\\evil", b"x"))),
    "zip with link": ("refused", zip_link),
    "zip with password": ("encrypted", locked_zip),
    "zip bomb": ("too_large", lambda: zipped(GOOD, ("zeros", ZEROS))),
    "zip of many": ("too_large", lambda: zipped(*((str(number), b"") for number in range(20_001)))),
    "zip with overlap": ("damaged", overlapping_zip),
    "no archive": ("unknown_format", lambda: b"hello" * 1000),
}


@pytest.mark.parametrize("kind", list(HOSTILE))
async def test_hostile_archives_are_refused_and_leave_nothing(sandbox: InProcessSandbox, kind: str) -> None:
    error, content = HOSTILE[kind]
    (sandbox.workspace / "archive").write_bytes(content())

    outcome = await ask(sandbox, "archive", action="extract", path="archive", into="out")

    assert (outcome.ok, outcome.error) == (False, error), outcome.text
    assert [path.name for path in sandbox.workspace.iterdir()] == ["archive"]
    assert list((sandbox.workspace.parent / "state" / "outputs").iterdir()) == []


async def test_an_archive_inside_stays_packed(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "a.zip").write_bytes(zipped(("inner.zip", zipped(GOOD))))

    await ask(sandbox, "archive", action="extract", path="a.zip", into="out")

    assert [path.name for path in (sandbox.workspace / "out").iterdir()] == ["inner.zip"]


async def test_links_are_not_packed(sandbox: InProcessSandbox) -> None:
    (sandbox.workspace / "d").mkdir()
    (sandbox.workspace / "d/link").symlink_to("/etc/passwd")
    (sandbox.workspace / "d/file").write_text("x")

    outcome = await ask(sandbox, "archive", action="create", path="a.zip", files=["d"])

    assert outcome.data["files"] == 1
    assert zipfile.ZipFile(io.BytesIO((sandbox.workspace / "a.zip").read_bytes())).namelist() == ["d/file"]


async def test_archives_are_unpacked_inside_the_namespaces(local: Sandbox) -> None:
    await local.upload("a.tar.gz", tar(GOOD))

    assert (await ask(local, "archive", action="extract", path="a.tar.gz")).ok
    assert await local.download("a/good", max_bytes=100) == b"good"
