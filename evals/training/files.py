"""Files of training data: written, read back, and the lists of what is held out."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from agent.domain.errors import UsageError
from agent.ledger.redaction import Redactor
from evals.suite.reading import suite_named
from evals.training.contamination import HeldOut, answers_of
from evals.training.forms import PreferenceExample, SftExample

LineT = TypeVar("LineT", bound=BaseModel)


class HeldOutLine(BaseModel):
    """A line of a list of what is held out: a goal or question, and its right answers."""

    model_config = ConfigDict(extra="forbid")

    id: str = ""
    goal: str = Field(min_length=1)
    gold: tuple[str, ...] = ()

    @field_validator("gold", mode="before")
    @classmethod
    def _several(cls, gold: object) -> object:
        several = gold if isinstance(gold, list | tuple) else [gold]
        return [str(one) if isinstance(one, int | float) and not isinstance(one, bool) else one for one in several]


def read_sft(place: Path) -> Iterator[SftExample]:
    """Yield the examples of an SFT file.

    Raises:
        UsageError: the file cannot be read, or a line is none; it is named with its number.
    """
    return _lines(place, SftExample)


def read_preference(place: Path) -> Iterator[PreferenceExample]:
    """Yield the examples of a preference file.

    Raises:
        UsageError: the file cannot be read, or a line is none; it is named with its number.
    """
    return _lines(place, PreferenceExample)


def write_lines(place: Path, lines: Iterable[BaseModel], redactor: Redactor) -> None:
    """Write models as JSON, one a line; secrets that are known now are replaced. A file is there whole or not at all.

    Raises:
        UsageError: it cannot be written.
    """
    draft = place.with_name(f".{place.name}.new")
    try:
        with draft.open("wb") as file:
            for line in lines:
                file.write(redactor.scrub(line.model_dump_json(exclude_none=True).encode()) + b"\n")
        draft.replace(place)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageError(f"cannot write {str(place)!r}: {error.strerror}; choose another file") from error


def dropped_place(place: Path) -> Path:
    """Return where it is told what was left out of a file of examples."""
    return place.with_name(f"{place.stem}.dropped.jsonl")


def held_out(named: Iterable[str]) -> HeldOut:
    """Return what is held out: files with a goal a line, as JSON objects or as text, and suites.

    Raises:
        UsageError: a file or a suite is none.
    """
    found: list[tuple[str, tuple[str, ...]]] = []
    for one in named:
        place = Path(one)
        if place.suffix == ".jsonl" and place.is_file():
            found += [(line.goal, line.gold) for line in _lines(place, HeldOutLine)]
        elif place.is_file():
            found += [(line, ()) for line in _text(place).splitlines() if line.strip()]
        else:
            found += [(sample.goal, answers_of(sample)) for sample in suite_named(one).samples]
    return HeldOut.of(found)


def _lines(place: Path, kind: type[LineT]) -> Iterator[LineT]:
    for number, line in enumerate(_text(place).split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield kind.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise UsageError(f"{place}, line {number}: {where}: {first['msg']}".replace(": : ", ": ")) from error


def _text(place: Path) -> str:
    try:
        return place.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{place} is no text in UTF-8") from error
    except OSError as error:
        raise UsageError(f"{place} cannot be read: {error.strerror}") from error
