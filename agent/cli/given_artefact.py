"""An artefact named on the command line: what kind it is, and the program of its world that stands for it."""

import ast
import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_args

from agent.cli.inputs import read_input
from agent.domain.artefacts import ArtefactKind
from agent.domain.errors import UsageError
from agent.domain.task import workspace_path

KINDS: Final[tuple[ArtefactKind, ...]] = get_args(ArtefactKind)

_BY_SUFFIX: Final[Mapping[str, ArtefactKind]] = {
    ".csv": "data_file",
    ".tsv": "data_file",
    ".jsonl": "data_file",
    ".voxel": "voxel",
    ".step": "cad",
    ".stp": "cad",
    ".stl": "cad",
    ".glb": "cad",
    ".3mf": "cad",
    ".brep": "cad",
    ".html": "web_page",
    ".htm": "web_page",
    ".md": "document",
    ".txt": "document",
    ".docx": "document",
    ".pdf": "document",
}
_CAD_LIBRARY: Final = "build123d"


@dataclass(frozen=True)
class Given:
    """An artefact as the user named it.

    Attributes:
        name: of the file or folder, without where it lies.
        data: of the file; empty for a folder.
        others: further files, by name.
    """

    path: Path
    kind: ArtefactKind
    name: str
    data: bytes = b""
    others: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The file as text.

        Raises:
            UsageError: it is not UTF-8.
        """
        return text_of(self.data, str(self.path))


def text_of(data: bytes, name: str) -> str:
    """Return the text of a file.

    Raises:
        UsageError: it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name!r} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def given_kind(name: str) -> ArtefactKind:
    """Return a kind by its name, with ``-`` or ``_``.

    Raises:
        UsageError: there is no such kind.
    """
    wanted = name.replace("-", "_")
    for kind in KINDS:
        if kind == wanted:
            return kind
    raise UsageError(f"there is no kind {name!r}; there are {', '.join(KINDS)}")


async def given_artefact(path: Path, kind: str | None, others: Sequence[Path] = ()) -> Given:
    """Read an artefact, and find out its kind where none is named.

    Raises:
        UsageError: a file cannot be read, the kind cannot be told, or two files have the same name.
    """
    chosen = None if kind is None else given_kind(kind)
    return await asyncio.to_thread(_given, path, chosen, others)


def _given(path: Path, chosen: ArtefactKind | None, others: Sequence[Path]) -> Given:
    data = b"" if path.is_dir() else read_input(path)
    more: dict[str, bytes] = {}
    for other in others:
        name = _plain_name(other)
        if name in more or name == path.name:
            raise UsageError(f"two files are called {name!r}; rename one")
        more[name] = read_input(other)
    return Given(path=path, kind=chosen or kind_of(path, data), name=_plain_name(path), data=data, others=more)


def kind_of(path: Path, data: bytes) -> ArtefactKind:
    """Return the kind of an artefact by its file name, and where that is open by its content; nothing of it is run.

    Python that imports build123d, or sets ``parts`` at its top level, is a CAD program; any other is a program. JSON
    with ``actions`` is a building program, with ``files`` a program, and else data.

    Raises:
        UsageError: it cannot be told.
    """
    if path.is_dir():
        if (path / "index.html").exists():
            return "web_page"
        if (path / "main.py").exists():
            return "program"
        raise _open(path, "the folder has neither index.html nor main.py")
    suffix = path.suffix.lower()
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix]
    if suffix == ".py":
        return _python_kind(path, data)
    if suffix == ".json":
        return _json_kind(data)
    raise _open(path, f"the name ends in {suffix!r}" if suffix else "the name has no ending")


def _python_kind(path: Path, data: bytes) -> ArtefactKind:
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _open(path, "it is no Python that can be read") from None
    return "cad" if any(_is_cad(statement) for statement in tree.body) else "program"


def _is_cad(statement: ast.stmt) -> bool:
    match statement:
        case ast.ImportFrom(module=str(module)):
            return module.split(".")[0] == _CAD_LIBRARY
        case ast.Import(names=names):
            return any(name.name.split(".")[0] == _CAD_LIBRARY for name in names)
        case ast.Assign(targets=targets):
            return any(isinstance(target, ast.Name) and target.id == "parts" for target in targets)
        case ast.AnnAssign(target=ast.Name(id="parts")):
            return True
    return False


def _json_kind(data: bytes) -> ArtefactKind:
    try:
        value: Any = json.loads(data)
    except (ValueError, RecursionError):
        return "data_file"  # whose reader says what is wrong with it
    if isinstance(value, dict) and isinstance(value.get("actions"), list):
        return "voxel"
    if isinstance(value, dict) and isinstance(value.get("files"), dict):
        return "program"
    return "data_file"


def _open(path: Path, why: str) -> UsageError:
    return UsageError(f"what kind {str(path)!r} is cannot be told, since {why}; say it with --kind {'|'.join(KINDS)}")


def _plain_name(path: Path) -> str:
    try:
        return workspace_path(path.resolve().name if path.name in ("", ".", "..") else path.name)
    except ValueError as error:
        raise UsageError(str(error)) from error
