"""Attacks by what lies in the workspace, and by what is sent to the tools."""

import asyncio
import io
import tarfile
import zipfile

from evals.attacks.arena import Arena, Attack, Finding
from toolserver.client import ToolOutcome, TransferRefused

_ODD_NAMES = (
    "nul\0byte",
    "../outside",
    "/etc/plumbline-attack",
    "a/../../outside",
    "n" * 300,
    "line\nbreak",
    "\u202etxt.exe",
    "con",
    "-rf",
    "~",
    " ",
    "\ud800",
)

_SWAP = r"""
import os, time
open("mine", "w").write("mine")
until = time.monotonic() + 20
while time.monotonic() < until:
    for target in ("/etc/passwd", "mine"):
        try:
            os.symlink(target, "next")
        except FileExistsError:
            pass
        os.replace("next", "swapped")
        try:
            os.link("mine", "next2")
        except FileExistsError:
            pass
        os.replace("next2", "swapped")
"""


async def _odd_names(arena: Arena) -> Finding:
    outcomes: list[ToolOutcome] = [
        await arena.call("write_file", path=name, content="attack") for name in _ODD_NAMES if name.isprintable()
    ]
    refused = 0
    for name in _ODD_NAMES:
        try:
            await arena.sandbox.upload(name, b"attack")
        except (TransferRefused, ValueError):
            refused += 1
    outside = await arena.shell("ls ../outside /etc/plumbline-attack 2>/dev/null; ls -A | wc -l")
    paths = [entry.path for entry in await arena.sandbox.manifest()]
    stopped = "outside\n" not in outside["stdout"] and "/etc/" not in outside["stdout"]
    failed = sum(not outcome.ok for outcome in outcomes) + refused
    return Finding(stopped, f"{failed} refused, {len(paths)} kept as they are named, none outside")


async def _link_out(arena: Arena) -> Finding:
    await arena.shell("ln -s /etc/passwd link; ln -s / root; mkdir -p d; ln -s ../.. d/up")
    seen = []
    for path in ("link", "root/etc/passwd", "d/up/etc/passwd"):
        try:
            seen.append((await arena.sandbox.download(path, max_bytes=100_000)).decode())
        except TransferRefused:
            continue
        # what is readable inside is the sandbox's own; through the tools it must not be had at all
    read = [await arena.call("read_file", path=path) for path in ("link", "root/etc/passwd")]
    written = await arena.call("write_file", path="root/tmp/through-a-link", content="x")
    stopped = not seen and not any(outcome.ok for outcome in read) and not written.ok
    return Finding(stopped, "refused" if stopped else "followed")


async def _swapped_link(arena: Arena) -> Finding:
    await arena.call("shell", command=f"python3 - <<'END'\n{_SWAP}\nEND", background=True)
    await asyncio.sleep(0.5)
    contents, refused = set(), 0
    for _ in range(200):
        try:
            contents.add(await arena.sandbox.download("swapped", max_bytes=100_000))
        except TransferRefused:
            refused += 1
    await arena.shell("true")
    leaked = [data for data in contents if b"root:" in data]
    return Finding(not leaked, f"200 downloads: {refused} refused, {len(leaked)} leaked")


async def _special_files(arena: Arena) -> Finding:
    await arena.shell(
        "mkfifo pipe; mknod device c 1 3 2>/dev/null; "
        "python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('sock')\"; mkdir d; ln -s . d/loop"
    )
    async with asyncio.timeout(20):
        listed = await arena.call("list_files", depth=4)
        searched = await arena.call("grep", pattern="x")
        read = [await arena.call("read_file", path=name) for name in ("pipe", "sock", "device")]
        kinds = {entry.path: entry.kind for entry in await arena.sandbox.manifest()}
    refused = not any(outcome.ok for outcome in read)
    return Finding(listed.ok and searched.ok and refused, f"listed as {kinds}; reading refused without a hang")


async def _large_arguments(arena: Arena) -> Finding:
    outcome = await arena.call("write_file", path="large", content="x" * 10_000_000)
    long_command = await arena.call("shell", command="true #" + "x" * 10_000_000)
    deep: object = "x"
    for _ in range(5_000):
        deep = [deep]
    nested = await arena.call("write_file", path="deep", content=deep)
    command = "run" if long_command.ok else long_command.error
    seen = f"10 MB written; a command of 10 MB: {command}; nested: {nested.error}"
    return Finding(outcome.ok and not nested.ok, seen)


def _tar(*entries: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for entry, data in entries:
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.mode = kind, target, 0o644
    return entry


_TARS = {
    "parent": _tar((_entry("../outside"), b"attack")),
    "absolute": _tar((_entry("/tmp/outside"), b"attack")),  # noqa: S108
    "link": _tar((_entry("up", tarfile.SYMTYPE, "../.."), b""), (_entry("up/outside"), b"attack")),
    "hardlink": _tar((_entry("hard", tarfile.LNKTYPE, "/etc/passwd"), b"")),
    "device": _tar((_entry("dev", tarfile.CHRTYPE), b"")),
    "fifo": _tar((_entry("pipe", tarfile.FIFOTYPE), b"")),
}


async def _hostile_tars(arena: Arena) -> Finding:
    if not await arena.offers("archive"):
        return Finding(None, "this sandbox has no archive tool")
    kinds = {}
    for name, data in _TARS.items():
        await arena.sandbox.upload(f"{name}.tar", data)
        outcome = await arena.call("archive", action="extract", path=f"{name}.tar", into=f"out-{name}")
        kinds[name] = outcome.error or "extracted"
    left = (await arena.shell("ls -d ../outside /tmp/outside out-* 2>/dev/null"))["stdout"].split()
    refused = all(kind == "refused" for kind in kinds.values())
    seen = "all refused, nothing left" if refused and not left else f"{kinds}, left: {left}"
    return Finding(refused and not left, seen)


async def _zip_bomb(arena: Arena) -> Finding:
    if not await arena.offers("archive"):
        return Finding(None, "this sandbox has no archive tool")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as file:
        for _ in range(1024):
            file.write(bytes(1024 * 1024))
    await arena.sandbox.upload("bomb.zip", buffer.getvalue())
    outcome = await arena.call("archive", action="extract", path="bomb.zip", into="out")
    left = (await arena.shell("du -sm . | cut -f1"))["stdout"].strip()
    refused = outcome.error in ("too_large", "refused")
    return Finding(refused and int(left) < 64, f"{outcome.error}; {left} MB in the workspace")


ATTACKS = (
    Attack("23", "tar with links, devices, absolute and .. names", "refused, nothing left", _hostile_tars),
    Attack("24", "zip bomb of 1 GB in 1 MB", "refused by its size and ratio", _zip_bomb),
    Attack("25", "names with NUL, newline, .., 300 characters, bidi", "refused or kept as named", _odd_names),
    Attack("26", "read and write through links out of the workspace", "refused", _link_out),
    Attack("27", "link swapped during the download", "never another file", _swapped_link),
    Attack("28", "FIFO, socket, device, looping link", "listed; reading refuses without a hang", _special_files),
    Attack("39", "arguments of 10 MB, deeply nested", "taken or a typed error", _large_arguments),
)
