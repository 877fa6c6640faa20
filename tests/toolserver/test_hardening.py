"""What a container must be is compared with what the engine says it is."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from toolserver.deployment.config import Limits
from toolserver.deployment.control import SocketControl
from toolserver.deployment.hardening import container_config, differences, host_config, shortcomings
from toolserver.protocol import NodeHealth

HEALTH = NodeHealth(
    protocol=1, version="1", python="3", pid=7, uid=10001, running=(), capabilities=0, no_new_privileges=True, seccomp=2
)


def wanted() -> dict[str, Any]:
    host = host_config(Limits(), "volume", SocketControl(Path("/run/sockets")).host_config("10001:10001"))
    return container_config(host, image="image", user="10001:10001", command=["--stdio"], labels={})


def inspected() -> dict[str, Any]:
    """Return what an engine says of a container that is just as wanted."""
    config = wanted()
    host = {**config["HostConfig"], "MaskedPaths": ["/proc/kcore"], "ReadonlyPaths": ["/proc/sys"], "CapAdd": None}
    return {
        "HostConfig": {**host, "Ulimits": list(reversed(host["Ulimits"]))},
        "Config": {"User": "10001:10001", "Cmd": ["--stdio"], "Image": "image"},
        "Mounts": [
            {"Type": "volume", "Name": "volume", "Source": "/var/volumes/volume", "Destination": "/sandbox"},
            {"Type": "bind", "Source": "/run/sockets", "Destination": "/run/plumbline"},
        ],
    }


def test_a_container_as_wanted_has_no_differences() -> None:
    assert differences(wanted(), inspected()) == []


@pytest.mark.parametrize("setting", sorted(set(wanted()["HostConfig"]) - {"Mounts"}))
def test_each_setting_that_was_dropped_is_found(setting: str) -> None:
    found = inspected()
    del found["HostConfig"][setting]

    # what is off by default may as well be missing
    assert differences(wanted(), found) or wanted()["HostConfig"][setting] is False


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("CapAdd", ["SYS_ADMIN"]),
        ("Devices", [{"PathOnHost": "/dev/kvm"}]),
        ("Privileged", True),
        ("PidMode", "host"),
        ("UsernsMode", "host"),
        ("Binds", ["/:/host"]),
        ("MaskedPaths", []),
        ("SecurityOpt", ["no-new-privileges", "seccomp=unconfined"]),
    ],
)
def test_each_setting_that_opens_a_container_is_found(setting: str, value: object) -> None:
    found = inspected()
    found["HostConfig"][setting] = value

    assert any(setting in line for line in differences(wanted(), found))


def test_a_further_mount_is_found() -> None:
    found = inspected()
    found["Mounts"].append({"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/var/run/docker.sock"})

    assert "docker.sock" in differences(wanted(), found)[0]


def test_a_mount_that_spreads_to_the_host_is_found() -> None:
    found = inspected()
    found["Mounts"][1]["Propagation"] = "rshared"

    assert "rshared" in differences(wanted(), found)[0]


@pytest.mark.parametrize("profile", ["", "unconfined", None])
def test_an_apparmor_profile_that_was_not_applied_is_found(profile: str | None) -> None:
    control = SocketControl(Path("/run/sockets")).host_config("10001:10001")
    asked = {**wanted(), "HostConfig": host_config(Limits(), "volume", control, apparmor=True)}
    found = inspected()
    found["HostConfig"]["SecurityOpt"] = asked["HostConfig"]["SecurityOpt"]

    assert differences(asked, {**found, "AppArmorProfile": "docker-default"}) == []
    assert "AppArmor" in differences(asked, {**found, "AppArmorProfile": profile})[0]


def test_a_kernel_of_its_own_needs_no_filter() -> None:
    assert shortcomings(replace(HEALTH, seccomp=0), 10001, own_kernel=True) == []


def test_another_user_is_found() -> None:
    found = inspected()
    found["Config"]["User"] = "0"

    assert "User is '0'" in differences(wanted(), found)[0]


@pytest.mark.parametrize(
    "change", [{"uid": 0}, {"capabilities": 1}, {"capabilities": None}, {"no_new_privileges": False}, {"seccomp": 0}]
)
def test_what_the_node_sees_must_be_hardened_too(change: dict[str, object]) -> None:
    assert shortcomings(HEALTH, 10001) == []
    assert len(shortcomings(replace(HEALTH, **change), 10001)) == 1
