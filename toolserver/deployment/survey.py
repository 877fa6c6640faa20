"""What a Docker engine has to offer, read back from it: for people who wonder how good their sandboxes are."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any, Final

from toolserver.deployment import disk
from toolserver.deployment.reports import EngineSurvey
from toolserver.engine import Engine
from toolserver.images.context import browsing_tag, cad_tag, image_tag

ENGINE_FLOOR: Final = (25, 0, 5)
"""Older engines let names of hosts leak out of internal networks (CVE-2024-29018)."""

RUNC_FLOORS: Final = ((1, 2, 8), (1, 3, 3))
"""Older runtimes can be made to write to the host's /proc (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881)."""


async def survey_engine(seconds: float = 5.0) -> EngineSurvey:
    """Ask the engine that the environment names.

    Raises:
        SandboxUnavailable: none answers.
    """
    async with Engine.connect(seconds) as engine:
        version = await engine.version()
        tag = await asyncio.to_thread(image_tag)
        image = await engine.image(tag)
        obstacle = engine.foreign or await asyncio.to_thread(disk.obstacle)
        runc = runc_version(version)
        options = engine.info.get("SecurityOptions") or ()
        return EngineSurvey(
            engine=str(version.get("Version", "")),
            runc=runc,
            image=tag,
            digest=None if image is None else image.id,
            browsing=(await engine.image(await asyncio.to_thread(browsing_tag))) is not None,
            cad=(await engine.image(await asyncio.to_thread(cad_tag))) is not None,
            apparmor="name=apparmor" in options,
            gvisor="runsc" in (engine.info.get("Runtimes") or ()),
            control="a shared socket" if engine.foreign is None else f"docker exec, for {engine.foreign}",
            disk="a disk for each sandbox" if obstacle is None else f"watched only: {obstacle}",
            warnings=tuple(outdated(str(version.get("Version", "")), runc)),
        )


def outdated(engine: str, runc: str) -> list[str]:
    """Return what is older than it should be, one line each; of an unknown version nothing is said."""
    found = []
    if (numbers := _numbers(engine)) and numbers < ENGINE_FLOOR:
        found.append(f"Docker {engine} is older than {_dotted(ENGINE_FLOOR)}, which closes known holes")
    if (numbers := _numbers(runc)) and not _has_fixes(numbers):
        floors = " or ".join(_dotted(floor) for floor in RUNC_FLOORS)
        found.append(f"runc {runc} is older than {floors}, which close known ways out of containers")
    return found


def runc_version(version: Mapping[str, Any]) -> str:
    """Return the version of runc from what an engine says of its parts; empty where it does not say."""
    for part in version.get("Components") or ():
        if part.get("Name") == "runc":
            return str(part.get("Version", ""))
    return ""


def _has_fixes(numbers: tuple[int, ...]) -> bool:
    """Return whether a version has the fixes: each line of versions got them at another."""
    for floor in RUNC_FLOORS:
        if numbers[:2] == floor[:2]:
            return numbers >= floor
    return numbers > RUNC_FLOORS[-1]


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in match.groups()) if match else ()


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
