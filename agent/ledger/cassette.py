"""A cassette: one run with everything it refers to, as a file of JSON lines that another ledger can take in.

The first line is the header, then follow the events in order, then the blobs. Binary blobs are in Base64. The last line
counts and hashes all lines before it, so that a cassette that was cut or changed is told from a whole one.
"""

import base64
import gzip
import hashlib
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from agent.domain.base import Fact
from agent.domain.errors import LedgerUnavailable, UsageError
from agent.domain.events import TERMINAL, EventKind, Phase, RunStatus
from agent.domain.report import ReportOutcome
from agent.domain.task import Task
from agent.ledger.blobs import references
from agent.ledger.store import SCHEMA_VERSION, Ledger, new_run

_SIZE_LIMIT = 4 << 30


class Header(Fact):
    """First line: which run this is and in which version of the schema it is written."""

    line: Literal["run"] = "run"
    format: Literal["plumbline-cassette"] = "plumbline-cassette"
    schema_version: int = SCHEMA_VERSION
    run_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,62}$")
    goal: str
    status: RunStatus
    created_at: float


class EventLine(Fact):
    """One event with its payload as stored."""

    line: Literal["event"] = "event"
    seq: int
    at: float
    kind: EventKind
    key: str | None
    phase: Phase
    payload: dict[str, Any]


class BlobLine(Fact):
    """One blob: as text where it is UTF-8, else as Base64."""

    line: Literal["blob"] = "blob"
    sha256: str
    text: str | None = None
    base64: str | None = None

    @classmethod
    def of(cls, sha256: str, data: bytes) -> "BlobLine":
        """Return the line for some bytes."""
        try:
            return cls(sha256=sha256, text=data.decode())
        except UnicodeDecodeError:
            return cls(sha256=sha256, base64=base64.b64encode(data).decode())

    def data(self) -> bytes:
        """Return the bytes."""
        return base64.b64decode(self.base64) if self.base64 is not None else (self.text or "").encode()


class EndLine(Fact):
    """Last line: how many lines come before it, and the SHA-256 over all their bytes."""

    line: Literal["end"] = "end"
    lines: int
    sha256: str


_LINE: TypeAdapter[Header | EventLine | BlobLine | EndLine] = TypeAdapter(
    Annotated[Header | EventLine | BlobLine | EndLine, Field(discriminator="line")]
)


class Import(Fact):
    """What an import gave: the run's id and how many events it has."""

    run_id: str
    events: int


async def export_run(ledger: Ledger, run_id: str) -> AsyncIterator[bytes]:
    """Yield a run's cassette line by line.

    Raises:
        UnknownRun: there is no such run.
        LedgerUnavailable: a blob is missing.
    """
    digest, count = hashlib.sha256(), 0
    async for line in _content(ledger, run_id):
        digest.update(line)
        count += 1
        yield line
    yield _line(EndLine(lines=count, sha256=digest.hexdigest()))


async def not_carried(ledger: Ledger, run_id: str) -> dict[str, str]:
    """Return what a run's cassette lacks of its pages: addresses by the hash of the bytes that were too large to keep.

    Raises:
        UnknownRun: there is no such run.
    """
    found: dict[str, str] = {}
    run = await ledger.find(run_id)
    async for event in ledger.events(run.id):
        _raw_of_pages(event.payload, found)
    return {sha256: url for sha256, url in found.items() if not await ledger.blobs.has(sha256)}


def _raw_of_pages(value: Any, found: dict[str, str]) -> None:
    if isinstance(value, dict):
        sha256, url = value.get("raw_sha256"), value.get("final_url")
        if isinstance(sha256, str) and isinstance(url, str):
            found[sha256] = url
        for item in value.values():
            _raw_of_pages(item, found)
    elif isinstance(value, list):
        for item in value:
            _raw_of_pages(item, found)


async def _content(ledger: Ledger, run_id: str) -> AsyncIterator[bytes]:
    """Yield all lines but the last one."""
    run = await ledger.find(run_id)
    header = Header(run_id=run.id, goal=run.goal, status=run.status, created_at=run.created_at.timestamp())
    yield _line(header)
    blobs: dict[str, None] = {}
    after = 0
    while page := await ledger.raw_events(run.id, after=after, limit=1_000):
        for row in page:
            payload = orjson.loads(row.payload)
            references(payload, lambda sha256: blobs.setdefault(sha256))
            yield _line(EventLine(seq=row.seq, at=row.at, kind=row.kind, key=row.key, phase=row.phase, payload=payload))
        after = page[-1].seq
    for sha256 in blobs:
        # a tool's output may name hashes of its own
        if await ledger.blobs.has(sha256):
            yield _line(BlobLine.of(sha256, await ledger.blobs.get(sha256)))


async def import_run(ledger: Ledger, path: Path, *, run_id: str | None = None) -> Import:
    """Take a cassette into the ledger, if it is whole and as it was exported.

    Raises:
        UsageError: the file is no cassette, was cut or changed, or its run is already here.
    """
    header: Header | None = None
    events: list[dict[str, Any]] = []
    digest, ended = hashlib.sha256(), False
    for number, line in _lines(path):
        parsed = _parse(line, number, path)
        if ended:
            raise _changed(path)
        if header is None and not isinstance(parsed, Header):
            raise UsageError(f"{path} does not begin with a cassette's header; export a run with: plumbline export")
        match parsed:
            case Header():
                header = _checked_header(parsed, path)
            case EventLine():
                if parsed.seq != len(events) + 1:
                    raise UsageError(f"{path}, line {number}: event {parsed.seq} comes after {len(events)}")
                events.append({**parsed.model_dump(exclude={"line", "payload"}), "payload": _stored(parsed.payload)})
            case BlobLine():
                _check_blob(parsed, number, path)
                await ledger.blobs.put(parsed.data())
            case EndLine():
                ended = (parsed.lines, parsed.sha256) == (number - 1, digest.hexdigest())
                if not ended:
                    raise _changed(path)
        digest.update(line)
    if header is None:
        raise UsageError(f"{path} holds no run; export one with: plumbline export RUN -o FILE")
    if not ended:
        raise _changed(path)
    if not events:
        raise UsageError(f"{path} holds a run without events; export the run again")
    await _check_task(ledger, events[0], path)
    standing = {"status": header.status, "outcome": _outcome(events, header.status), "last_seq": len(events)}
    row = new_run(run_id or header.run_id, header.goal, header.created_at, **standing)
    await ledger.restore(row, events)
    return Import(run_id=row["id"], events=len(events))


def check_cassette(path: Path) -> str:
    """Read a cassette through, and return the id of its run.

    Raises:
        UsageError: the file is no cassette, was cut or changed.
    """
    header: Header | None = None
    digest, ended = hashlib.sha256(), False
    for number, line in _lines(path):
        parsed = _parse(line, number, path)
        if ended:
            raise _changed(path)
        match parsed:
            case Header():
                header = _checked_header(parsed, path)
            case BlobLine():
                _check_blob(parsed, number, path)
            case EndLine():
                ended = (parsed.lines, parsed.sha256) == (number - 1, digest.hexdigest())
        digest.update(line)
    if header is None or not ended:
        raise _changed(path)
    return header.run_id


def _check_blob(line: BlobLine, number: int, path: Path) -> None:
    if hashlib.sha256(line.data()).hexdigest() != line.sha256:
        raise UsageError(f"{path}, line {number}: the blob does not match its hash; the file was altered")


def _outcome(events: list[dict[str, Any]], status: RunStatus) -> str | None:
    """Return the outcome of a run that has ended, as its last report tells."""
    reports = [event["payload"] for event in events if event["kind"] == "report"]
    if not reports or status not in TERMINAL:
        return None
    report = orjson.loads(reports[-1]).get("report")
    told = report.get("outcome") if isinstance(report, dict) else None
    return told if told in get_args(ReportOutcome) else None


async def _check_task(ledger: Ledger, first: dict[str, Any], path: Path) -> None:
    """Raise if a run could not be shown, since its first event does not tell its task."""
    try:
        Task.model_validate((await ledger.decode(first["payload"]))["task"])
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise UsageError(f"{path} holds a task that is not allowed: {where}: {problem['msg']}") from error
    except (KeyError, UnicodeDecodeError, LedgerUnavailable) as error:
        raise UsageError(f"{path} does not hold the task of its run; export the run again") from error


def _line(item: Fact) -> bytes:
    return orjson.dumps(item.model_dump(mode="json", exclude_none=not isinstance(item, EventLine))) + b"\n"


def _stored(payload: dict[str, Any]) -> str:
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode()


def _changed(path: Path) -> UsageError:
    return UsageError(f"{path}: the cassette is cut or was changed; export it again")


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each line."""
    try:
        with path.open("rb") as probe:
            packed = probe.read(2) == b"\x1f\x8b"
        read = 0
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                read += len(line)
                if read > _SIZE_LIMIT:
                    raise UsageError(f"{path} is larger than 4 GiB; that is no cassette")
                yield number, line
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"cannot read {path}: {error}") from error


def _parse(line: bytes, number: int, path: Path) -> Header | EventLine | BlobLine | EndLine:
    try:
        return _LINE.validate_json(line)
    except ValidationError as error:
        if number > 1 and not line.endswith(b"\n"):
            raise _changed(path) from error
        problem = error.errors(include_url=False)[0]
        raise UsageError(f"{path}, line {number} is not a cassette's line: {problem['msg']}") from error


def _checked_header(header: Header, path: Path) -> Header:
    if header.schema_version > SCHEMA_VERSION:
        raise UsageError(
            f"{path} has schema version {header.schema_version}, this Plumbline knows {SCHEMA_VERSION}; upgrade it"
        )
    return header
