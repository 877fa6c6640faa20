"""A disk of its own for a sandbox: a file with a file system in it, so that space and files end at the quota.

The file is sparse, so that it takes only what is written. It is shown to the engine through a loop device, which goes
away by itself once the container that uses it is gone. The names of loop devices are used again: a volume that names
one is good for a single start.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from toolserver.errors import SandboxUnavailable

IMAGE: Final = "files.img"
"""Name of the file in the sandbox's folder."""

PROGRAMS: Final = ("mkfs.ext4", "e2fsck", "losetup")
SEARCHED: Final = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"

RELEASE_SECONDS: Final = 10.0
"""How long the device of an earlier container may take to go away."""

PROGRAM_SECONDS: Final = 120
REPAIRED: Final = 1
MB: Final = 1024 * 1024


def obstacle() -> str | None:
    """Return why sandboxes cannot have a disk of their own on this machine; None where they can. Blocks."""
    if os.getuid() != 0:
        return "it needs root"
    missing = [program for program in PROGRAMS if _found(program) is None]
    if missing:
        return f"{', '.join(missing)} is not installed"
    try:
        _run("losetup", "--find")
    except SandboxUnavailable:
        return "there are no loop devices"
    return None


def attach(image: Path, *, disk_mb: int, files: int, uid: int, gid: int) -> str:
    """Return a loop device on a sandbox's image, which is made unless it is there. Blocks.

    An image that is there keeps the size it was made with.

    Args:
        image: path of the image.
        disk_mb: size in MiB.
        files: number of files and folders that it can hold.
        uid: user that owns its root.
        gid: group of its root.

    Raises:
        SandboxUnavailable: it cannot be made, is damaged, or is still in use.
    """
    if image.exists():
        _await_release(image)
        _run("e2fsck", "-p", str(image), good=(0, REPAIRED))
    else:
        _make(image, disk_mb=disk_mb, files=files, uid=uid, gid=gid)
    return _run("losetup", "--find", "--show", str(image)).strip()


def detach(device: str) -> None:
    """Let go of a loop device; it goes once nothing uses it any more. Blocks."""
    try:
        _run("losetup", "--detach", device)
    except SandboxUnavailable:
        if any(name == device for name, _ in devices()):
            raise


def devices() -> list[tuple[str, str]]:
    """Return all loop devices of this machine with the paths of their files. Blocks."""
    if _found("losetup") is None:
        return []
    listed = _run("losetup", "--list", "--json", "--output", "NAME,BACK-FILE").strip()
    found = json.loads(listed)["loopdevices"] if listed else []
    return [(device["name"], device["back-file"]) for device in found if device["back-file"]]


def devices_of(image: Path) -> list[str]:
    """Return the loop devices on an image. Blocks."""
    # the path of a file that was deleted meanwhile has a note behind it
    wanted = str(image.resolve())
    return [name for name, file in devices() if file.removesuffix(" (deleted)") == wanted]


def _make(image: Path, *, disk_mb: int, files: int, uid: int, gid: int) -> None:
    made = image.with_suffix(".new")
    made.unlink(missing_ok=True)
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(descriptor, disk_mb * MB)
    finally:
        os.close(descriptor)
    extended = f"lazy_itable_init=1,nodiscard,root_owner={uid}:{gid}"
    _run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-E", extended, "-m", "0", "-N", str(files), str(made))
    made.rename(image)


def _await_release(image: Path) -> None:
    """Wait until no device is on the image: a file system that is mounted twice is destroyed."""
    deadline = time.monotonic() + RELEASE_SECONDS
    while left := devices_of(image):
        if time.monotonic() > deadline:
            raise SandboxUnavailable(f"the disk of this sandbox is still in use by {', '.join(left)}; end what uses it")
        for device in left:
            # of a manager that died between making the device and starting its container
            detach(device)
        time.sleep(0.05)


def _found(program: str) -> str | None:
    return shutil.which(program, path=SEARCHED)


def _run(program: str, *arguments: str, good: Sequence[int] = (0,)) -> str:
    command = [_found(program) or program, *arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxUnavailable(f"{program} failed: {error}") from error
    if done.returncode not in good:
        said = " ".join((done.stderr or done.stdout).split())[:200]
        raise SandboxUnavailable(f"{program} failed: {said or f'exit code {done.returncode}'}")
    return done.stdout
