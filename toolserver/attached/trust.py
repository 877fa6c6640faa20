"""Which servers' descriptions a person has seen and accepted, in a file of the user."""

from datetime import UTC, datetime
from pathlib import Path

from pydantic import Field, TypeAdapter, ValidationError

from toolserver.errors import ToolServerError
from toolserver.forms import Form


class Accepted(Form):
    """One acceptance. ``digest`` is that of what was shown."""

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    at: datetime


_FILE = TypeAdapter(dict[str, Accepted])


class TrustFile:
    """The acceptances, by name of the server."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def accepted(self, name: str, digest: str) -> bool:
        """Return whether a person accepted exactly this.

        Raises:
            ToolServerError: the file cannot be read.
        """
        found = self._read().get(name)
        return found is not None and found.digest == digest

    def known(self, name: str) -> bool:
        """Return whether a person accepted anything under this name.

        Raises:
            ToolServerError: the file cannot be read.
        """
        return name in self._read()

    def accept(self, name: str, digest: str) -> None:
        """Note that a person accepted this.

        Raises:
            ToolServerError: the file cannot be read or written.
        """
        self._write({**self._read(), name: Accepted(digest=digest, at=datetime.now(UTC))})

    def forget(self, name: str) -> None:
        """Take an acceptance back.

        Raises:
            ToolServerError: the file cannot be read or written.
        """
        self._write({other: accepted for other, accepted in self._read().items() if other != name})

    def _read(self) -> dict[str, Accepted]:
        try:
            return _FILE.validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise ToolServerError(f"cannot read {self._path}: {error.strerror}") from error
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(str(part) for part in problem["loc"])
            reason = " ".join(f"{field}: {problem['msg']}".removeprefix(": ").split())
            raise ToolServerError(f"cannot read {self._path}; mend or delete it: {reason}") from error

    def _write(self, accepted: dict[str, Accepted]) -> None:
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(_FILE.dump_json(accepted, indent=1))
            fresh.replace(self._path)
        except OSError as error:
            raise ToolServerError(f"cannot write {self._path}: {error.strerror}") from error
