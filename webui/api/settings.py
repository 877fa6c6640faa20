"""Settings and the doctor: what this server works with, and whether it is in order. For admins."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from pydantic import Field
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from agent.cli.config import change_setting
from agent.cli.findings import Finding, checks_of
from agent.domain.base import Fact, Form
from agent.domain.errors import NotAllowed, UsageError
from agent.runtime.settings import Settings, config_file, load_settings
from webui.api.cards import Here
from webui.guard.audited import audit_as
from webui.guard.runs import TheAdmin

router = APIRouter(prefix="/api", tags=["settings"])

CLOSED: Final = frozenset({"secrets", "mcp_servers", "models", "ledger", "web", "embedding"})
"""Groups that are changed at the machine alone: they name programs, addresses, files and who may enter."""


class SettingsPage(Fact):
    """All settings with their values, in groups as in the file.

    Attributes:
        file: where they are kept.
        closed: groups that cannot be changed here.
        restart: the file says something else than what this server was started with.
    """

    file: str
    values: dict[str, Any]
    closed: tuple[str, ...]
    restart: bool


class NewValue(Form):
    """A value for a setting, as in TOML; plain words are taken as text."""

    value: Annotated[str, Field(max_length=10_000)]


@router.get("/settings", operation_id="show_settings")
async def show_settings(here: Here, _admin: TheAdmin) -> SettingsPage:
    """Return all settings. Of secrets and attached servers only the names are told."""
    return await asyncio.to_thread(_page, here.home, here.settings)


@router.put("/settings/{name}", operation_id="change_setting")
async def put_setting(
    name: Annotated[str, InPath(pattern=r"^[a-z0-9_.-]{1,200}$")],
    new: NewValue,
    here: Here,
    _admin: TheAdmin,
    request: Request,
) -> SettingsPage:
    """Change one setting by its dotted name, such as ``sandbox.kind``. It holds from the next start of the server."""
    if name.partition(".")[0] in CLOSED:
        raise NotAllowed(f"{name} is changed at the machine of the server: plumbline config set {name} VALUE")
    await asyncio.to_thread(change_setting, config_file(here.home), name, new.value)
    audit_as(request, name)
    return await asyncio.to_thread(_page, here.home, here.settings)


@router.get("/doctor", operation_id="list_doctor_parts")
async def list_doctor_parts(here: Here, _admin: TheAdmin) -> tuple[str, ...]:
    """Return the names of the parts that the doctor looks at."""
    return tuple(await asyncio.to_thread(checks_of, here.home))


@router.get("/doctor/{part}", operation_id="check_part")
async def check_part(part: Annotated[str, InPath(max_length=100)], here: Here, _admin: TheAdmin) -> Finding:
    """Look at one part of this machine, and return what was found. It may take half a minute."""
    checks = await asyncio.to_thread(checks_of, here.home)
    if part not in checks:
        raise UsageError(f"the doctor knows no part {part!r}; it looks at {', '.join(checks)}")
    return await checks[part]()


def _page(home: Path, running: Settings) -> SettingsPage:
    settings = load_settings(home)
    return SettingsPage(
        file=str(config_file(home)), values=_shown(settings), closed=tuple(sorted(CLOSED)), restart=settings != running
    )


def _shown(settings: Settings) -> Mapping[str, Any]:
    """Return settings as they may be shown: without passwords, and without how attached servers are started."""
    values = settings.model_dump(mode="json")
    values["secrets"] = sorted(settings.secrets)
    values["mcp_servers"] = sorted(settings.mcp_servers)
    if settings.ledger.database_url is not None:
        try:
            url = make_url(settings.ledger.database_url).render_as_string(hide_password=True)
        except ArgumentError:
            url = "***"
        values["ledger"]["database_url"] = url
    return values
