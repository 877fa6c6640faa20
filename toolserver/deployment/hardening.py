"""What a container must be: asked of the engine in its own words, and compared with what it made of it."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from toolserver.deployment.config import Limits
from toolserver.protocol import NodeHealth

FILES: Final = "/sandbox"
MB: Final = 1024 * 1024

SYSTEM_CALLS: Final = Path(__file__).parent.parent / "images" / "seccomp.json"

LONGEST_SHOWN: Final = 120
"""Characters of a setting in a message; the list of system calls has thousands."""

MUST_BE_EMPTY: Final = (
    "Binds",
    "CapAdd",
    "DeviceCgroupRules",
    "DeviceRequests",
    "Devices",
    "ExtraHosts",
    "GroupAdd",
    "Links",
    "PidMode",
    "PortBindings",
    "Sysctls",
    "UTSMode",
    "UsernsMode",
    "VolumesFrom",
)
"""Settings of the engine that would open the container up."""

MUST_BE_SET: Final = ("MaskedPaths", "ReadonlyPaths")
"""The engine's own protection of /proc and /sys."""


@functools.cache
def system_calls() -> str:
    """Return the list of allowed system calls in the form that engines take."""
    return json.dumps(json.loads(SYSTEM_CALLS.read_text()), separators=(",", ":"))


APPARMOR: Final = "docker-default"
"""The engine's own AppArmor profile, which it uses where the system has AppArmor."""


def host_config(
    limits: Limits, volume: str, control: Mapping[str, Any], *, runtime: str | None = None, apparmor: bool = False
) -> dict[str, Any]:
    """Return the engine's ``HostConfig`` of a sandbox: no network, no rights, limits on everything, one volume.

    Args:
        limits: what the sandbox may use.
        volume: name of the volume with its files.
        control: what the way to its node needs of ``Mounts`` and ``Tmpfs``.
        runtime: another than the engine's default.
        apparmor: ask for the engine's profile; an engine without AppArmor accepts that and does nothing.
    """
    options = ["no-new-privileges", f"seccomp={system_calls()}", *([f"apparmor={APPARMOR}"] if apparmor else [])]
    return {
        **({"Runtime": runtime} if runtime is not None else {}),
        "NetworkMode": "none",
        "CapDrop": ["ALL"],
        "SecurityOpt": options,
        "Privileged": False,
        "ReadonlyRootfs": True,
        "Tmpfs": {
            # programs that are built or unpacked there shall run
            "/tmp": f"rw,exec,nosuid,nodev,size={limits.tmp_mb}m,nr_inodes={limits.tmp_inodes},mode=1777",  # noqa: S108
            **control.get("Tmpfs", {}),
        },
        "PidsLimit": limits.pids,
        "Memory": limits.memory_mb * MB,
        "MemorySwap": limits.memory_mb * MB,
        "NanoCpus": int(limits.cpus * 1e9),
        "Ulimits": [
            {"Name": "core", "Soft": 0, "Hard": 0},
            {"Name": "fsize", "Soft": limits.file_mb * MB, "Hard": limits.file_mb * MB},
            {"Name": "nofile", "Soft": limits.open_files, "Hard": limits.open_files},
        ],
        "ShmSize": 64 * MB,
        "Init": True,
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "PublishAllPorts": False,
        "AutoRemove": False,
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m", "max-file": "1"}},
        "Mounts": [
            {"Type": "volume", "Source": volume, "Target": FILES},
            *control.get("Mounts", ()),
        ],
    }


def container_config(
    host: Mapping[str, Any], *, image: str, user: str, command: list[str], labels: Mapping[str, str]
) -> dict[str, Any]:
    """Return the engine's whole configuration of a sandbox's container."""
    return {
        "Image": image,
        "User": user,
        "Cmd": command,
        "Labels": dict(labels),
        "NetworkDisabled": True,
        "HostConfig": dict(host),
    }


def differences(wanted: Mapping[str, Any], inspected: Mapping[str, Any]) -> list[str]:
    """Return in what a container differs from its wanted configuration, one line for each setting."""
    actual = inspected["HostConfig"]
    found = [
        f"{name} is {_short(actual.get(name))} instead of {_short(value)}"
        for name, value in wanted["HostConfig"].items()
        if name != "Mounts" and _sorted(actual.get(name)) != _sorted(value)
    ]
    found += [f"{name} is {actual[name]!r} instead of nothing" for name in MUST_BE_EMPTY if actual.get(name)]
    found += [f"{name} is empty" for name in MUST_BE_SET if not actual.get(name)]
    found += [
        f"{name} is {inspected['Config'].get(name)!r} instead of {wanted[name]!r}"
        for name in ("User", "Cmd", "Image")
        if inspected["Config"].get(name) != wanted[name]
    ]
    asked_for = any(option.startswith("apparmor=") for option in wanted["HostConfig"]["SecurityOpt"])
    if asked_for and inspected.get("AppArmorProfile") != APPARMOR:
        found.append(f"the AppArmor profile is {inspected.get('AppArmorProfile')!r} instead of {APPARMOR!r}")
    mounts = {
        (mount["Type"], mount.get("Name") or mount["Source"], mount["Destination"], _spread(mount))
        for mount in inspected["Mounts"]
    }
    expected = {
        (mount["Type"], mount["Source"], mount["Target"], "private") for mount in wanted["HostConfig"]["Mounts"]
    }
    if mounts != expected:
        found.append(f"mounts are {sorted(mounts)} instead of {sorted(expected)}")
    return found


def volume_differences(options: Mapping[str, str] | None, inspected: Mapping[str, Any]) -> list[str]:
    """Return in what a volume differs from the wanted one."""
    actual = inspected.get("Options") or {}
    wanted = dict(options or {})
    return [] if actual == wanted else [f"the volume is {actual} instead of {wanted}"]


def shortcomings(health: NodeHealth, user_id: int, *, own_kernel: bool = False) -> list[str]:
    """Return in what the node itself finds its container weaker than it must be.

    Args:
        health: what the node said.
        user_id: under which it must run.
        own_kernel: the runtime has a kernel of its own, which filters system calls by being one.
    """
    found = []
    if health.uid != user_id:
        found.append(f"it runs as user {health.uid} instead of {user_id}")
    if health.capabilities != 0:
        found.append(f"its capabilities are {health.capabilities} instead of none")
    if not health.no_new_privileges:
        found.append("programs can gain privileges")
    if health.seccomp != 2 and not own_kernel:
        found.append("system calls are not filtered")
    return found


def _spread(mount: Mapping[str, Any]) -> str:
    """Return whether what is mounted later below a mount on either side is seen on the other; volumes have no say."""
    return "private" if mount.get("Propagation") in (None, "", "private", "rprivate") else str(mount["Propagation"])


def _short(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = [item if len(item) <= LONGEST_SHOWN else f"{item[:LONGEST_SHOWN]}..." for item in value]
    return repr(_sorted(value))


def _sorted(value: Any) -> Any:
    """Return lists of named settings in the order of names; the engine keeps no order."""
    if isinstance(value, list) and value and all(isinstance(item, dict) and "Name" in item for item in value):
        return sorted(value, key=lambda item: str(item["Name"]))
    return value
