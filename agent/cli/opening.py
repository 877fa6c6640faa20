"""Opening the user's ledger for a command."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from agent.ledger.redaction import Redactor, secrets_of
from agent.ledger.store import Ledger
from agent.runtime.settings import Settings, home_folder, keys_of, load_settings
from toolserver.client import values_to_hide


@contextlib.asynccontextmanager
async def open_ledger() -> AsyncIterator[tuple[Ledger, Settings, Path]]:
    """Open the user's ledger."""
    home = home_folder()
    settings = load_settings(home)
    ledger = await Ledger.open(
        home,
        url=settings.ledger.database_url,
        durability=settings.ledger.durability,
        redactor=redactor_of(settings),
    )
    try:
        yield ledger, settings, home
    finally:
        await ledger.close()


def redactor_of(settings: Settings) -> Redactor:
    """Return what removes the secrets of the settings and of the environment from all that is stored."""
    return Redactor(
        [*secrets_of(os.environ), *keys_of(settings, os.environ), *values_to_hide(settings.secrets.values())]
    )
