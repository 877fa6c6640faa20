"""Files of triples and of names, read as streams. A line that cannot be read is told and stops nothing."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import orjson
from pydantic import Field, ValidationError

from agent.domain.base import Form
from agent.domain.errors import UsageError

LONGEST_LINE = 1 << 20
"""In bytes; a longer one is left out without being held in memory."""
LONGEST_NAME = 4096
"""In characters."""
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_OWL = "http://www.w3.org/2002/07/owl#"
_LABELS = {
    "http://www.w3.org/2000/01/rdf-schema#label",
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://xmlns.com/foaf/0.1/name",
}
_OTHER_NAME = "http://www.w3.org/2004/02/skos/core#altLabel"
_IRI = r"<((?:[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})+)>"
_BLANK = r"(_:[\w][\w.\-]*)"
_LITERAL = r"\"((?:[^\"\\\n\r]|\\.)*)\"(?:@[a-zA-Z]+(?:-[a-zA-Z0-9]+)*|\^\^<[^>\s]+>)?"
_TRIPLE = re.compile(
    rf"[ \t]*(?:{_IRI}|{_BLANK})[ \t]*{_IRI}[ \t]*(?:{_IRI}|{_BLANK}|{_LITERAL})[ \t]*\.[ \t]*(?:#.*)?"
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_ESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


class TripleRow(NamedTuple):
    """A triple of a file: what things are called in the base, and labels to show and find them by."""

    subject: str
    relation: str
    object: str
    qualifiers: dict[str, str] = {}  # noqa: RUF012 - never changed
    labels: tuple[str, str, str] | None = None


class NameRow(NamedTuple):
    """Names and types of a thing or relation; the label, where there is one, is the name to show."""

    id: str
    label: str
    names: tuple[str, ...]
    types: tuple[str, ...] = ()


class RelationRow(NamedTuple):
    """A declaration about a relation."""

    relation: str
    what: Literal["functional", "symmetric", "inverse"]
    other: str = ""


class Bad(NamedTuple):
    """Why a line was left out."""

    reason: str


Row = TripleRow | NameRow | RelationRow | Bad
Reader = Callable[[str], Row]


class _Ids(Form):
    subject: str
    relation: str
    object: str


class _TripleLine(Form):
    """A line of JSONL. ``ids`` tell homonyms apart; a triple labelled FALSE is no knowledge."""

    subject: str
    relation: str
    object: str
    qualifiers: dict[str, str] = Field(default_factory=dict)
    label: Literal["TRUE", "FALSE"] = "TRUE"
    ids: _Ids | None = None


class _NameLine(Form):
    id: str
    label: str = ""
    aliases: list[str] = Field(default_factory=list)
    types: list[str] = Field(default_factory=list)
    description: str = ""


class Lines:
    """The lines of a file, numbered from 1, as text or as what is wrong with them; ``sha256`` is complete at the end.

    Raises:
        UsageError: from iteration, when the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Hash of the bytes read so far."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[tuple[int, str | Bad]]:
        number = 0
        try:
            with self._path.open("rb") as file:
                while raw := file.readline(LONGEST_LINE):
                    self._digest.update(raw)
                    number += 1
                    cut = len(raw) == LONGEST_LINE and not raw.endswith(b"\n")
                    while cut and (rest := file.readline(LONGEST_LINE)):
                        self._digest.update(rest)
                        if rest.endswith(b"\n"):
                            break
                    yield number, Bad(f"longer than {LONGEST_LINE:,} bytes") if cut else _decoded(raw, number)
        except OSError as error:
            raise UsageError(f"{self._path} cannot be read: {error.strerror or error}") from error


def triple_rows(lines: Lines, suffix: str) -> Iterator[tuple[int, Row]]:
    """Read the triples of a file.

    Args:
        lines: the file.
        suffix: ``.tsv`` (subject, relation, object, then ``key=value`` qualifiers; a first line with these names is
            left out), ``.jsonl`` or ``.nt``.

    Raises:
        UsageError: the suffix is another one.
    """
    readers = {".tsv": _tsv_triple, ".jsonl": _json_triple, ".nt": _n_triple}
    if suffix not in readers:
        raise UsageError(
            f"triples are read from .tsv, .jsonl and .nt files, not from {suffix or 'one without a suffix'}"
        )
    rows = _rows(lines, readers[suffix], comments=suffix == ".nt")
    return (row for row in rows if not (suffix == ".tsv" and _is_header(*row)))


def _is_header(number: int, row: Row) -> bool:
    """Whether the first line of a table only names its columns."""
    if number != 1 or not isinstance(row, TripleRow):
        return False
    return [name.casefold() for name in (row.subject, row.relation, row.object)] == ["subject", "relation", "object"]


def name_rows(lines: Lines, suffix: str) -> Iterator[tuple[int, Row]]:
    """Read names: ``.tsv`` (id, then names), or ``.jsonl`` with id, label, aliases and types.

    Raises:
        UsageError: the suffix is another one.
    """
    readers = {".tsv": _tsv_names, ".jsonl": _json_names}
    if suffix not in readers:
        raise UsageError(f"aliases are read from .tsv and .jsonl files, not from {suffix or 'one without a suffix'}")
    return _rows(lines, readers[suffix], comments=False)


def _rows(lines: Lines, read: Reader, *, comments: bool) -> Iterator[tuple[int, Row]]:
    for number, line in lines:
        if isinstance(line, Bad):
            yield number, line
        elif line.strip() and not (comments and line.lstrip().startswith("#")):
            yield number, _checked(read(line))


def _decoded(raw: bytes, number: int) -> str | Bad:
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        return Bad(f"not UTF-8: byte {error.start + 1} cannot be read")


def _checked(row: Row) -> Row:
    match row:
        case TripleRow():
            limits = (*row.qualifiers.keys(), *row.qualifiers.values())
            texts = (row.subject, row.relation, row.object, *(row.labels or ()), *limits)
        case NameRow():
            texts = (row.id, *row.names, *row.types)
        case _:
            return row
    if any(not text.strip() for text in texts):
        return Bad("a field is empty")
    if any(len(text) > LONGEST_NAME for text in texts):
        return Bad(f"a field is longer than {LONGEST_NAME} characters")
    if any("\0" in text or (not text.isprintable() and _lone_surrogate(text)) for text in texts):
        return Bad("a field has characters that are no text")
    return row


def _lone_surrogate(text: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in text)


def _tsv_triple(line: str) -> Row:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) < 3:
        return Bad(f"{len(fields)} fields instead of subject, relation and object")
    pairs = [field.partition("=") for field in fields[3:]]
    if any(not (key.strip() and value.strip()) for key, _, value in pairs):
        return Bad("after the object come qualifiers such as time=1990")
    subject, relation, value = fields[:3]
    return TripleRow(subject, relation, value, {key.strip(): text.strip() for key, _, text in pairs})


def _json_triple(line: str) -> Row:
    try:
        row = _TripleLine.model_validate(orjson.loads(line))
    except ValueError as error:
        return Bad(_why(error))
    if row.label == "FALSE":
        return Bad("labelled FALSE")
    names = row.subject, row.relation, row.object
    if row.ids is None:
        return TripleRow(*names, row.qualifiers)
    return TripleRow(row.ids.subject, row.ids.relation, row.ids.object, row.qualifiers, names)


def _n_triple(line: str) -> Row:
    match = _TRIPLE.fullmatch(line)
    if match is None:
        return Bad("no N-Triples statement")
    try:
        subject, subject_blank, relation, iri, blank, literal = (part and _unescaped(part) for part in match.groups())
    except ValueError as error:
        return Bad(str(error))
    about, value = subject or subject_blank, iri or blank or literal or ""
    if relation in _LABELS and literal is not None:
        return NameRow(about, literal, (literal,))
    if relation == _OTHER_NAME and literal is not None:
        return NameRow(about, "", (literal,))
    if relation == f"{_OWL}inverseOf" and iri:
        return RelationRow(about, "inverse", iri)
    if relation == f"{_RDF}type" and iri == f"{_OWL}FunctionalProperty":
        return RelationRow(about, "functional")
    if relation == f"{_RDF}type" and iri == f"{_OWL}SymmetricProperty":
        return RelationRow(about, "symmetric")
    return TripleRow(about, relation, value)


def is_type(relation: str) -> bool:
    """Return whether a relation says what kind of thing its subject is."""
    return relation == f"{_RDF}type"


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_sign, text) if "\\" in text else text


def _sign(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code is None:
        if match[3] not in _ESCAPED:
            raise ValueError(f"\\{match[3]} is no escape")
        return _ESCAPED[match[3]]
    number = int(code, 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise ValueError(f"\\{'u' if match[1] else 'U'}{code} is no character")
    return chr(number)


def _tsv_names(line: str) -> Row:
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) < 2:
        return Bad("an id without names")
    return NameRow(fields[0], fields[1], tuple(fields[1:]))


def _json_names(line: str) -> Row:
    try:
        row = _NameLine.model_validate(orjson.loads(line))
    except ValueError as error:
        return Bad(_why(error))
    names = tuple(name for name in (row.label, *row.aliases) if name.strip())
    return NameRow(row.id, row.label.strip(), names, tuple(row.types))


def _why(error: ValueError) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg']}"
    return f"no JSON: {error}"
