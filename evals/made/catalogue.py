"""The artefacts as they lie in ``artefacts``, each with the wish it fulfils and the defects that can be planted in it.

They were written before any check of web pages, and before the criteria by which they are tried.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import Field

from agent.domain.artefacts import ArtefactKind
from agent.domain.base import Form

FOLDER: Final = Path(__file__).parent / "artefacts"
"""One folder for each kind, with one for each artefact: its files, and ``made.toml``."""

KINDS: Final[tuple[ArtefactKind, ...]] = ("program", "web_page", "data_file")

_ABOUT: Final = "made.toml"


class Defect(Form):
    """A defect as an edit of one file.

    Attributes:
        about: what is wrong then, as a person would say it.
        search: stands in the file exactly once.
    """

    id: str
    about: str
    file: str
    search: str = Field(min_length=1)
    replace: str


class _About(Form):
    wish: str
    defects: tuple[Defect, ...]


@dataclass(frozen=True)
class Artefact:
    """An artefact that fulfils its wish.

    Attributes:
        files: bytes by name.
    """

    kind: ArtefactKind
    name: str
    wish: str
    files: Mapping[str, bytes]
    defects: tuple[Defect, ...]

    def spoilt(self, defect: Defect) -> Mapping[str, bytes]:
        """Return the files with one defect in them.

        Raises:
            ValueError: what is to be replaced does not stand there once.
        """
        text = self.files[defect.file].decode()
        if text.count(defect.search) != 1:
            raise ValueError(f"{self.name}: {defect.id}: what is to be replaced has to stand in {defect.file} once")
        return {**self.files, defect.file: text.replace(defect.search, defect.replace).encode()}


@cache
def artefacts() -> tuple[Artefact, ...]:
    """Return all artefacts, kind by kind, in the order of their names."""
    return tuple(_read(kind, folder) for kind in KINDS for folder in sorted((FOLDER / kind).iterdir()))


def _read(kind: ArtefactKind, folder: Path) -> Artefact:
    about = _About.model_validate(tomllib.loads((folder / _ABOUT).read_text(encoding="utf-8")))
    files = {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.name != _ABOUT}
    return Artefact(kind, folder.name, " ".join(about.wish.split()), files, about.defects)
