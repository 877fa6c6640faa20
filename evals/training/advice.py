"""The advice of a batch, kept beside its order: each is asked for once, however often the batch is killed."""

import asyncio
import os
from pathlib import Path

from pydantic import ValidationError

from agent.domain.errors import LedgerUnavailable
from agent.ledger.redaction import Redactor
from evals.batch.order import batches_folder
from evals.training.reflector import Advice


class AdviceBook:
    """The advice of one batch that corrects others, one JSON object a line; secrets are replaced before it is written.

    Args:
        home: the data folder.
        batch: id of the batch, whose folder this process holds if it writes.
        redactor: knows the secrets.

    Raises:
        LedgerUnavailable: it cannot be read.
    """

    def __init__(self, home: Path, batch: str, redactor: Redactor) -> None:
        self._place = batches_folder(home) / batch / "advice.jsonl"
        self._redactor = redactor
        self._turn = asyncio.Lock()
        self._known = {one.run_id: one for one in self._read()}

    def find(self, run_id: str) -> Advice | None:
        """Return the advice for a run; None where there is none yet."""
        return self._known.get(run_id)

    async def keep(self, advice: Advice) -> Advice:
        """Keep advice and return it as it is kept.

        Raises:
            LedgerUnavailable: it cannot be written.
        """
        line = self._redactor.scrub(advice.model_dump_json().encode())
        async with self._turn:
            await asyncio.to_thread(self._append, line)
        kept = Advice.model_validate_json(line)
        self._known[kept.run_id] = kept
        return kept

    def _append(self, line: bytes) -> None:
        try:
            with self._place.open("ab+") as file:
                # a line that a killed process left without its end would swallow this one
                if file.tell() and not _ends(self._place):
                    line = b"\n" + line
                file.write(line + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise LedgerUnavailable(
                f"cannot write {self._place}: {error.strerror or error}; free some space"
            ) from error

    def _read(self) -> list[Advice]:
        try:
            lines = self._place.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LedgerUnavailable(f"cannot read {self._place}: {error.strerror or error}") from error
        found = []
        for line in lines:
            try:
                found.append(Advice.model_validate_json(line))
            except ValidationError:
                # half a line of a process that was killed while it wrote; its advice is asked for again
                continue
        return found


def guide_key(run_id: str) -> str:
    """Return the key under which a run was told the advice that it goes by."""
    return f"advice/{run_id}"


def _ends(place: Path) -> bool:
    with place.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
