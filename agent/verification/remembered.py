"""The corrections of a person's data folder, opened with the reading of situations that belongs to them."""

import os
from collections.abc import Mapping
from pathlib import Path

from agent.ledger.redaction import Redactor, secrets_of
from agent.memory.corrections.store import Corrections
from agent.verification.situations import read_situation

FILE_NAME = "corrections.db"


def open_corrections(home: Path, environment: Mapping[str, str] = os.environ) -> Corrections:
    """Return the corrections under a data folder; secrets of the environment are not written to them.

    Nothing is read or made before it is used.
    """
    return Corrections(home / FILE_NAME, read_situation, redact=Redactor(secrets_of(environment)).scrub_text)
