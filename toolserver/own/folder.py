"""The tools a user has added, on disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from toolserver.errors import ToolServerError
from toolserver.own.api import ApiTool
from toolserver.own.tools import OwnTool

UserTool = Annotated[OwnTool | ApiTool, Field(discriminator="kind")]
"""A tool that a user has added."""

# after the prefix in the names of an API's tools
_SEPARATOR: Final = "__"
_TOOL: Final[TypeAdapter[OwnTool | ApiTool]] = TypeAdapter(UserTool)


class ToolFolder:
    """Own tools on disk, a file for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tools(self) -> tuple[OwnTool | ApiTool, ...]:
        """Return all tools by name.

        Raises:
            ToolServerError: a file cannot be read.
        """
        return tuple(self._loaded(file) for file in sorted(self._folder.glob("*.json")))

    def functions(self) -> tuple[OwnTool, ...]:
        """Return those that are functions.

        Raises:
            ToolServerError: a file cannot be read.
        """
        return tuple(tool for tool in self.tools() if isinstance(tool, OwnTool))

    def operations(self) -> tuple[ApiTool, ...]:
        """Return those that are operations of APIs.

        Raises:
            ToolServerError: a file cannot be read.
        """
        return tuple(tool for tool in self.tools() if isinstance(tool, ApiTool))

    def add(self, tool: OwnTool | ApiTool) -> None:
        """Keep a tool, in place of another of its name and kind.

        Raises:
            ToolServerError: its name is that of another kind of tool, or the prefix of one, or it cannot be written.
        """
        self._require_free(tool)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = self._folder / f"{tool.name}.new"
            fresh.write_text(tool.model_dump_json(indent=1), encoding="utf-8")
            fresh.replace(self._folder / f"{tool.name}.json")
        except OSError as error:
            raise ToolServerError(f"cannot write into {self._folder}: {error.strerror}") from error

    def replace(self, prefix: str, tools: Sequence[ApiTool]) -> None:
        """Keep the tools of an API and, once they are written, delete others of its prefix.

        Raises:
            ToolServerError: a function has the prefix for its name, or something cannot be written or deleted.
        """
        for tool in tools:
            self._require_free(tool)
        for tool in tools:
            self.add(tool)
        kept = {tool.name for tool in tools}
        for name, found in self._found().items():
            if isinstance(found, ApiTool) and name not in kept and _prefix(name) == prefix:
                self._delete(name)

    def remove(self, name: str) -> tuple[str, ...]:
        """Delete a tool, or all tools of an API by their prefix; return the names of those deleted.

        A file that cannot be read is deleted by its name, too.

        Raises:
            ToolServerError: one cannot be deleted.
        """
        found = self._found()
        names = (
            [name]
            if name in found
            else [other for other, tool in found.items() if _prefix(other) == name and not isinstance(tool, OwnTool)]
        )
        for one in names:
            self._delete(one)
        return tuple(names)

    def _found(self) -> dict[str, OwnTool | ApiTool | None]:
        """Return all tools by name; None for files that cannot be read."""
        found: dict[str, OwnTool | ApiTool | None] = {}
        for file in sorted(self._folder.glob("*.json")):
            try:
                found[file.stem] = self._loaded(file)
            except ToolServerError:
                found[file.stem] = None
        return found

    def _require_free(self, tool: OwnTool | ApiTool) -> None:
        """Refuse a tool that could not be told from one of the other kind when it is removed."""
        for name, other in self._found().items():
            if isinstance(tool, OwnTool) and isinstance(other, ApiTool) and tool.name in (name, _prefix(name)):
                raise ToolServerError(f"{tool.name} is taken by the tools of an API; give the function another name")
            if isinstance(tool, ApiTool) and isinstance(other, OwnTool) and name in (tool.name, _prefix(tool.name)):
                raise ToolServerError(f"{name} is a function of yours; give the API another --prefix")

    def _delete(self, name: str) -> None:
        try:
            (self._folder / f"{name}.json").unlink()
        except OSError as error:
            raise ToolServerError(f"cannot delete {self._folder / name}.json: {error.strerror}") from error

    def _loaded(self, file: Path) -> OwnTool | ApiTool:
        try:
            return _TOOL.validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise ToolServerError(f"cannot read {file}; delete it and add the tool again") from error


def _prefix(name: str) -> str:
    """Return the prefix of an API's tool."""
    return name.partition(_SEPARATOR)[0]
