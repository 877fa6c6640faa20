"""The memory of corrections: a SQLite file from which the few that bear on a situation are found by their rarest words.

Keys, values and deferral radii are those of GRACE (Hartvigsen et al., "Aging with GRACE: lifelong model editing with
discrete key-value adaptors", 2023), with words in place of a model's hidden states. Other than there, every key near by
is looked at, not the nearest alone.
"""

import contextlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Self

from agent.domain.errors import ConfigurationError, MemoryUnavailable, UsageError
from agent.memory.corrections.facts import LONGEST_SITUATION, LONGEST_VALUE, Added, Applied, Correction, Situation
from agent.memory.corrections.nearness import (
    INITIAL_RADIUS,
    MARGIN,
    WIDEST_RADIUS,
    Reader,
    Reading,
    distance,
    least_shared,
    of_something_else,
)

APPLICATION_ID = 0x504C4343
SCHEMA_VERSION = 1
"""Raised whenever tables or the reading of situations change."""

_SCHEMA = """
CREATE TABLE corrections (
    number INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL, features TEXT NOT NULL, value TEXT NOT NULL,
    radius REAL NOT NULL, also TEXT NOT NULL, added_at REAL NOT NULL, reading TEXT NOT NULL, weight REAL NOT NULL
);
CREATE INDEX corrections_by_radius ON corrections (radius);
CREATE TABLE terms (term TEXT PRIMARY KEY, uses INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE postings (
    term TEXT NOT NULL, correction INTEGER NOT NULL, weight REAL NOT NULL, whole REAL NOT NULL,
    PRIMARY KEY (term, correction)
) WITHOUT ROWID;
"""
_SELECT = "SELECT number, text, features, value, radius, also, added_at, reading, weight FROM corrections "
_OF_NUMBERS = "WHERE number IN (SELECT value FROM json_each(?))"


class _Kept(NamedTuple):
    correction: Correction
    reading: Reading
    distance: float


class Corrections:
    """A memory of corrections. Blocking; to be called in a thread where an event loop must not wait.

    Processes and threads may share a file: a correction is added in one transaction, and readers do not wait for it.

    Args:
        path: the file; it and its folder are made when something is added.
        read: how the texts of situations are read; always the same one for a file.
        redact: takes secrets out of what is stored.
        clock: the time in seconds since 1970.
        busy_seconds: how long to wait for another process that is writing.
    """

    def __init__(
        self,
        path: Path,
        read: Reader,
        *,
        redact: Callable[[str], str] = str,
        clock: Callable[[], float] = time.time,
        busy_seconds: float = 5.0,
    ) -> None:
        self.path = path
        self._read = read
        self._redact = redact
        self._clock = clock
        self._busy_seconds = busy_seconds
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def applicable(self, situation: Situation) -> tuple[Applied, ...]:
        """Return the corrections within whose radius a situation lies, nearest first.

        Of two at the same distance the one with more features comes first, then the newer one. That a correction
        applies means that it is about the same thing; what is to be done with it is for the caller to say, and to show.

        Raises:
            MemoryUnavailable: the file cannot be read.
        """
        if not self.path.exists():
            return ()
        # what is looked up is read as it would have been kept
        reading = self._read(self._redact(situation.text[: 2 * LONGEST_SITUATION]))
        features = {name: self._redact(feature) for name, feature in situation.features.items()}
        with self._lock, self._reading() as database:
            near = _near(database, reading, beyond=0.0)
        applied = [
            Applied(correction=kept.correction, distance=kept.distance)
            for kept in near
            if kept.correction.situation.features.items() <= features.items()
            and not of_something_else(kept.reading, reading)
        ]
        return tuple(
            sorted(
                applied,
                key=lambda one: (one.distance, -len(one.correction.situation.features), -one.correction.number),
            )
        )

    def add(self, situation: Situation, value: str) -> Added:
        """Keep a correction; the situation and all within the radius get it from now on.

        Corrections near by that say something else, for the same features, are narrowed until no situation lies within
        the radius of both; one of the very same situation is replaced. Where the same was said of a situation near by,
        that one is widened instead, as far as others leave room.

        Raises:
            UsageError: the situation or the value is empty or too long, or has no words to know it by.
            MemoryUnavailable: the file cannot be written.
        """
        situation, value = self._checked(situation, value)
        reading = self._read(situation.text)
        if not reading.weights:
            raise UsageError("the situation has no words by which it could be known again; describe it in a sentence")
        with self._lock, self._writing() as database:
            near = [
                kept
                for kept in _near(database, reading, beyond=INITIAL_RADIUS)
                if kept.correction.situation.features == situation.features
            ]
            others = [kept for kept in near if _folded(kept.correction.value) != _folded(value)]
            replaced = [kept for kept in others if kept.distance == 0]
            for kept in replaced:
                _delete(database, kept.correction.number)
            narrowed = []
            for kept in others:
                if kept.distance > 0 and kept.correction.radius > (half := max(0.0, kept.distance / 2 - MARGIN)):
                    _set_radius(database, kept.correction.number, half)
                    narrowed.append(kept.correction.number)
            radius = min([INITIAL_RADIUS, *(kept.distance / 2 for kept in others if kept.distance > 0)])
            number = _widened(database, reading, situation.text, radius, [kept for kept in near if kept not in others])
            widened = number is not None
            if number is None:
                number = _insert(database, situation, value, reading, radius, self._clock())
            return Added(
                correction=_get(database, number),
                widened=widened,
                replaced=tuple(sorted(kept.correction.number for kept in replaced)),
                narrowed=tuple(sorted(narrowed)),
            )

    def all(self) -> tuple[Correction, ...]:
        """Return all corrections, oldest first.

        Raises:
            MemoryUnavailable: the file cannot be read.
        """
        if not self.path.exists():
            return ()
        with self._lock, self._reading() as database:
            rows = database.execute(_SELECT + "ORDER BY number").fetchall()
        return tuple(_correction(row) for row in rows)

    def holds_any(self) -> bool:
        """Return whether there is any correction.

        Raises:
            MemoryUnavailable: the file cannot be read.
        """
        if not self.path.exists():
            return False
        with self._lock, self._reading() as database:
            return database.execute("SELECT 1 FROM corrections LIMIT 1").fetchone() is not None

    def remove(self, number: int) -> Correction:
        """Remove a correction and return it. Others keep their radius; saying one of them again widens it.

        Raises:
            UsageError: there is none of that id.
            MemoryUnavailable: the file cannot be written.
        """
        if not self.path.exists():
            raise _unknown(number)
        with self._lock, self._writing() as database:
            removed = _get(database, number)
            _delete(database, number)
            return removed

    def _checked(self, situation: Situation, value: str) -> tuple[Situation, str]:
        given_texts = (situation.text, value, *situation.features, *situation.features.values())
        if any("\ud800" <= sign <= "\udfff" for text in given_texts for sign in text):
            raise UsageError("the situation or the correction has broken characters; give it as plain text")
        text, value = self._redact(situation.text.strip()), self._redact(value.strip())
        for what, given, most in (("situation", text, LONGEST_SITUATION), ("correction", value, LONGEST_VALUE)):
            if not given:
                raise UsageError(f"the {what} is empty; say it in a sentence")
            if len(given) > most:
                raise UsageError(f"the {what} has {len(given):,} characters; say it in at most {most:,}")
        features = {name: self._redact(feature) for name, feature in situation.features.items()}
        return Situation(text=text, features=features), value

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._connection is None:
                self._connection = self._opened()
            # one transaction, so that all queries of a look-up see the same state
            self._connection.execute("BEGIN")
            with self._connection:
                yield self._connection
        except (sqlite3.Error, OSError) as error:
            raise MemoryUnavailable(f"the corrections in {self.path} cannot be used: {error}") from error

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._connection is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = self._opened()
            self._connection.execute("BEGIN IMMEDIATE")
            with self._connection:
                yield self._connection
        except (sqlite3.Error, OSError) as error:
            raise MemoryUnavailable(f"the corrections in {self.path} cannot be written: {error}") from error

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            self._wait_for_journal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            with connection:
                _prepare(connection, self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _wait_for_journal(self, connection: sqlite3.Connection) -> None:
        """Set the kind of journal; SQLite does not wait by itself while another process is setting it."""
        deadline = time.monotonic() + self._busy_seconds
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables in a new file; refuse a file that is something else or from another version."""
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if not (tables or version or application):
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    elif (application, version) != (APPLICATION_ID, SCHEMA_VERSION):
        raise ConfigurationError(f"{path} is of another version of Plumbline, or of something else; move it away")


def _near(database: sqlite3.Connection, reading: Reading, *, beyond: float) -> list[_Kept]:
    """Return the corrections whose key is within their radius, and ``beyond`` that, of a situation.

    Whatever is that near shares a certain weight with the situation, so it must have one of the situation's rarest
    terms, which leave too little weight in all others together; only those are looked up.
    """
    (widest,) = database.execute("SELECT max(radius) FROM corrections").fetchone()
    if widest is None or not reading.weights:
        return []
    reach = min(widest + beyond, 1 - MARGIN)
    uses: dict[str, int] = dict(
        database.execute(
            "SELECT term, uses FROM terms WHERE term IN (SELECT value FROM json_each(?))", (_list(reading.weights),)
        )
    )
    rarest = sorted(reading.weights, key=lambda term: (uses.get(term, 0), term))
    left, least, asked = reading.weight, (1 - reach) * reading.weight - MARGIN, []
    while rarest and left >= least:
        term = rarest.pop(0)
        left -= reading.weights[term]
        asked.append(term)
    shared: dict[int, float] = dict(
        database.execute(
            "SELECT correction, sum(weight) FROM postings WHERE term IN (SELECT value FROM json_each(?))"
            " GROUP BY correction HAVING sum(weight) + ? >= max(?, (? + whole) * ?)",
            (_list(asked), left + MARGIN, least, reading.weight, least_shared(1.0, reach)),
        )
    )
    found = []
    for row in database.execute(_SELECT + _OF_NUMBERS, (_list(shared),)):
        radius = min(row[4] + beyond, 1.0)
        if shared[row[0]] + left < least_shared(reading.weight + row[8], radius) - MARGIN:
            continue
        key = Reading.load(row[7])
        if (far := distance(key, reading)) <= radius and far < 1:
            found.append(_Kept(_correction(row), key, far))
    return found


def _widened(database: sqlite3.Connection, reading: Reading, text: str, radius: float, same: list[_Kept]) -> int | None:
    """Widen the nearest correction that says the same until it reaches a situation; None where none can.

    ``radius`` is what a new correction of the situation would get, ``same`` are those near by that say the same.
    """
    for kept in sorted(same, key=lambda one: (one.distance, one.correction.number)):
        if kept.distance > WIDEST_RADIUS or of_something_else(kept.reading, reading):
            continue
        wanted = max(kept.correction.radius, kept.distance, radius if kept.distance == 0 else 0.0)
        rivals = (
            other
            for other in _near(database, kept.reading, beyond=wanted)
            if other.correction.situation.features == kept.correction.situation.features
            and _folded(other.correction.value) != _folded(kept.correction.value)
        )
        if any(other.correction.radius + wanted >= other.distance for other in rivals):
            continue
        also = kept.correction.also
        if kept.distance > 0 and text not in also:
            also = (*also, text)
        database.execute(
            "UPDATE corrections SET radius = ?, also = ? WHERE number = ?",
            (wanted, json.dumps(also, ensure_ascii=False), kept.correction.number),
        )
        return kept.correction.number
    return None


def _insert(
    database: sqlite3.Connection, situation: Situation, value: str, reading: Reading, radius: float, now: float
) -> int:
    features = json.dumps(situation.features, ensure_ascii=False, sort_keys=True)
    (number,) = database.execute(
        "INSERT INTO corrections (text, features, value, radius, also, added_at, reading, weight)"
        " VALUES (?, ?, ?, ?, '[]', ?, ?, ?) RETURNING number",
        (situation.text, features, value, radius, now, reading.dump(), reading.weight),
    ).fetchone()
    database.executemany(
        "INSERT INTO postings (term, correction, weight, whole) VALUES (?, ?, ?, ?)",
        [(term, number, weight, reading.weight) for term, weight in reading.weights.items()],
    )
    database.executemany(
        "INSERT INTO terms (term, uses) VALUES (?, 1) ON CONFLICT (term) DO UPDATE SET uses = uses + 1",
        [(term,) for term in reading.weights],
    )
    return int(number)


def _delete(database: sqlite3.Connection, number: int) -> None:
    (text,) = database.execute("SELECT reading FROM corrections WHERE number = ?", (number,)).fetchone()
    terms = list(Reading.load(text).weights)
    database.executemany("DELETE FROM postings WHERE term = ? AND correction = ?", [(term, number) for term in terms])
    database.executemany("UPDATE terms SET uses = uses - 1 WHERE term = ?", [(term,) for term in terms])
    database.executemany("DELETE FROM terms WHERE term = ? AND uses <= 0", [(term,) for term in terms])
    database.execute("DELETE FROM corrections WHERE number = ?", (number,))


def _set_radius(database: sqlite3.Connection, number: int, radius: float) -> None:
    database.execute("UPDATE corrections SET radius = ? WHERE number = ?", (radius, number))


def _get(database: sqlite3.Connection, number: int) -> Correction:
    # ids beyond 64 bits cannot be asked for
    known = abs(number) < 2**63
    row = known and database.execute(_SELECT + "WHERE number = ?", (number,)).fetchone()
    if not row:
        raise _unknown(number)
    return _correction(row)


def _correction(row: tuple[int, str, str, str, float, str, float]) -> Correction:
    number, text, features, value, radius, also, added_at = row[:7]
    situation = Situation(text=text, features=json.loads(features))
    return Correction(
        number=number, situation=situation, value=value, radius=radius, also=json.loads(also), added_at=added_at
    )


def _unknown(number: int) -> UsageError:
    return UsageError(f"there is no correction {number}; plumbline corrections list shows them")


def _folded(value: str) -> str:
    return " ".join(value.split()).casefold()


def _list(values: Iterable[str | int]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
