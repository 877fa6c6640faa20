"""The tools a user has added, on disk."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from toolserver.errors import ToolServerError
from toolserver.own.api import ApiTool
from toolserver.own.tools import OwnTool

UserTool = Annotated[OwnTool | ApiTool, Field(discriminator="kind")]
"""A tool that a user has added."""

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
        """Keep a tool, in place of another of its name.

        Raises:
            ToolServerError: it cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = self._folder / f"{tool.name}.new"
            fresh.write_text(tool.model_dump_json(indent=1), encoding="utf-8")
            fresh.replace(self._folder / f"{tool.name}.json")
        except OSError as error:
            raise ToolServerError(f"cannot write into {self._folder}: {error.strerror}") from error

    def remove(self, name: str) -> bool:
        """Delete a tool, or all tools of an API by their prefix; return whether there was one.

        Raises:
            ToolServerError: it cannot be deleted.
        """
        names = [tool.name for tool in self.tools() if tool.name == name or tool.name.startswith(f"{name}__")]
        for found in names:
            try:
                (self._folder / f"{found}.json").unlink()
            except OSError as error:
                raise ToolServerError(f"cannot delete {self._folder / found}.json: {error.strerror}") from error
        return bool(names)

    def _loaded(self, file: Path) -> OwnTool | ApiTool:
        try:
            return _TOOL.validate_json(file.read_bytes())
        except (OSError, ValidationError) as error:
            raise ToolServerError(f"cannot read {file}; delete it and add the tool again") from error
