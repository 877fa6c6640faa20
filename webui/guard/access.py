"""Who may use the web application: users, their tokens, one-time links and sessions, in a file only its owner reads.

Tokens, links and sessions are 32 random bytes. Of those of users only hashes are stored, so that who reads the file can
enter as nobody. A server's own token stands in a file of its own, for programs of the same user.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import TypeAdapter, ValidationError

from agent.domain.base import Fact
from agent.domain.errors import ConfigurationError, UsageError
from webui.guard.principals import LOCAL, Name, Principal, Role

APPLICATION_ID: Final = 0x504C4143
SCHEMA_VERSION: Final = 1

_SCHEMA: Final = """
CREATE TABLE users (
    name TEXT PRIMARY KEY COLLATE NOCASE, role TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, added_at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE links (
    hash TEXT PRIMARY KEY, name TEXT NOT NULL, expires_at REAL NOT NULL, used_at REAL
) WITHOUT ROWID;
CREATE TABLE sessions (hash TEXT PRIMARY KEY, name TEXT NOT NULL, expires_at REAL NOT NULL) WITHOUT ROWID;
"""

_NAME: Final = TypeAdapter(Name)
_FORGET_AFTER: Final = 30 * 86_400.0

Refusal = Literal["unknown", "used", "expired"]
"""Why a link or a session is refused."""


class User(Fact):
    """Somebody with a name of their own.

    Attributes:
        added_at: seconds since 1970.
    """

    name: str
    role: Role
    added_at: float


class Access:
    """The file of users, links and sessions. Blocking; to be called in a thread where an event loop must not wait.

    Processes may share the file: what the command line changes holds for a running server with its next request.

    Args:
        home: the user's data folder.
        clock: the time in seconds since 1970.
    """

    def __init__(self, home: Path, *, clock: Callable[[], float] = time.time) -> None:
        self.path = home / "access.sqlite3"
        self.token_path = home / "web.token"
        self._clock = clock

    def own_token(self) -> str:
        """Return the token of whoever started the server; the first time it is made.

        Raises:
            ConfigurationError: its file cannot be read or written, or others may read it.
        """
        try:
            self.token_path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                _write_new(self.token_path, secrets.token_urlsafe(32))
            if self.token_path.stat().st_mode & 0o077:
                raise ConfigurationError(f"others may read {self.token_path}; delete it, and a new token is made")
            token = self.token_path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"cannot keep a token in {self.token_path}: {error}; set PLUMBLINE_HOME"
            ) from error
        if len(token) < 43:
            raise ConfigurationError(f"{self.token_path} holds no token; delete it, and a new one is made")
        return token

    def users(self) -> tuple[User, ...]:
        """Return all users by name."""
        with self._database(reads=True) as database:
            rows = database.execute("SELECT name, role, added_at FROM users ORDER BY name").fetchall()
        return tuple(User(name=name, role=role, added_at=added_at) for name, role, added_at in rows)

    def add_user(self, name: str, role: str) -> str:
        """Add a user and return the token, which is shown this once.

        Raises:
            UsageError: the name is taken or cannot be one, or there is no such role.
        """
        name, role, token = _checked_name(name), _checked_role(role), secrets.token_urlsafe(32)
        try:
            with self._database() as database:
                values = (name, role, _hash(token), self._clock())
                database.execute("INSERT INTO users VALUES (?, ?, ?, ?)", values)
        except sqlite3.IntegrityError:
            raise UsageError(f"there is a user {name} already; list them with: plumbline serve user list") from None
        return token

    def set_role(self, name: str, role: str) -> None:
        """Change what a user may do; it holds for open sessions too."""
        with self._database() as database:
            changed = database.execute("UPDATE users SET role = ? WHERE name = ?", (_checked_role(role), name)).rowcount
        _refuse_unknown(name, changed)

    def renew_token(self, name: str) -> str:
        """Give a user another token and return it; the old one, links and sessions end."""
        token = secrets.token_urlsafe(32)
        with self._database() as database:
            changed = database.execute("UPDATE users SET token_hash = ? WHERE name = ?", (_hash(token), name)).rowcount
            _end_all(database, name)
        _refuse_unknown(name, changed)
        return token

    def remove_user(self, name: str) -> None:
        """Remove a user with all links and sessions. Runs keep the name of their owner."""
        with self._database() as database:
            changed = database.execute("DELETE FROM users WHERE name = ?", (name,)).rowcount
            _end_all(database, name)
        _refuse_unknown(name, changed)

    def new_link(self, name: str, *, seconds: float) -> str:
        """Return the secret of a link that lets somebody in once, within so many seconds."""
        secret = secrets.token_urlsafe(32)
        with self._database() as database:
            if name != LOCAL:
                _refuse_unknown(name, int(_user(database, name) is not None))
            database.execute("DELETE FROM links WHERE expires_at < ?", (self._clock() - _FORGET_AFTER,))
            values = (_hash(secret), name, self._clock() + seconds)
            database.execute("INSERT INTO links VALUES (?, ?, ?, NULL)", values)
        return secret

    def take_link(self, secret: str) -> Principal | Refusal:
        """Use a link up; says whom it lets in, or why it does not."""
        now = self._clock()
        with self._database() as database:
            query = "SELECT name, expires_at, used_at FROM links WHERE hash = ?"
            row = database.execute(query, (_hash(secret),)).fetchone()
            if row is None:
                return "unknown"
            if row[2] is not None:
                return "used"
            if row[1] < now:
                return "expired"
            database.execute("UPDATE links SET used_at = ? WHERE hash = ?", (now, _hash(secret)))
            role = self._role(database, row[0])
        return "unknown" if role is None else Principal(name=row[0], role=role, via="session")

    def let_in(self, secret: str) -> Principal | Refusal:
        """Return whom the secret of a link, which is used up by that, or a token lets in, or why it does not."""
        found = self.take_link(secret)
        return (self.of_token(secret) or found) if found == "unknown" else found

    def of_token(self, token: str) -> Principal | None:
        """Return whose token this is."""
        # bytes, since what a request brings need not be ASCII
        if hmac.compare_digest(token.encode(), self.own_token().encode()):
            return Principal(name=LOCAL, role="admin", via="token")
        with self._database(reads=True) as database:
            query = "SELECT name, role, token_hash FROM users WHERE token_hash = ?"
            row = database.execute(query, (_hash(token),)).fetchone()
        if row is None or not hmac.compare_digest(row[2], _hash(token)):
            return None
        return Principal(name=row[0], role=row[1], via="token")

    def of_name(self, name: str) -> Principal | None:
        """Return the user of a name that a trusted proxy has made sure of."""
        with self._database(reads=True) as database:
            row = _user(database, name)
        return None if row is None else Principal(name=row[0], role=row[1], via="proxy")

    def open_session(self, name: str, *, seconds: float) -> str:
        """Return the secret of a new session."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        with self._database() as database:
            database.execute("DELETE FROM sessions WHERE expires_at < ?", (now - _FORGET_AFTER,))
            database.execute("INSERT INTO sessions VALUES (?, ?, ?)", (_hash(secret), name, now + seconds))
        return secret

    def of_session(self, secret: str) -> Principal | Refusal:
        """Return whose session this is, or why it is none."""
        with self._database(reads=True) as database:
            query = "SELECT name, expires_at FROM sessions WHERE hash = ?"
            row = database.execute(query, (_hash(secret),)).fetchone()
            role = self._role(database, row[0]) if row is not None else None
        if row is None or role is None:
            return "unknown"
        return Principal(name=row[0], role=role, via="session") if row[1] >= self._clock() else "expired"

    def close_session(self, secret: str) -> None:
        """End a session, if it is one."""
        with self._database() as database:
            database.execute("DELETE FROM sessions WHERE hash = ?", (_hash(secret),))

    def _role(self, database: sqlite3.Connection, name: str) -> Role | None:
        if name == LOCAL:
            return "admin"
        row = _user(database, name)
        return None if row is None else row[1]

    @contextlib.contextmanager
    def _database(self, *, reads: bool = False) -> Iterator[sqlite3.Connection]:
        """Yield a connection whose changes are kept when the block ends, and none of them when it fails.

        Those who only read do not wait for each other: each request asks who makes it.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                _write_new(self.path, "")
            with contextlib.closing(sqlite3.connect(self.path, timeout=5.0, isolation_level=None)) as database:
                self._prepare(database)
                database.execute("BEGIN" if reads else "BEGIN IMMEDIATE")
                with database:
                    yield database
        except sqlite3.IntegrityError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise ConfigurationError(f"cannot keep users and sessions in {self.path}: {error}") from error

    def _prepare(self, database: sqlite3.Connection) -> None:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == SCHEMA_VERSION and database.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID:
            return
        if version > SCHEMA_VERSION:
            raise ConfigurationError(f"{self.path} is of a newer version of Plumbline; install that version")
        database.execute("BEGIN IMMEDIATE")
        with database:
            # another process may have made the tables since
            if database.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in _SCHEMA.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _write_new(path: Path, text: str) -> None:
    """Make a file that only its owner reads."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _hash(secret: str) -> str:
    """Return the hash of a secret of 32 random bytes; such a one needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def _user(database: sqlite3.Connection, name: str) -> tuple[str, Role] | None:
    row: tuple[str, Role] | None = database.execute("SELECT name, role FROM users WHERE name = ?", (name,)).fetchone()
    return row


def _end_all(database: sqlite3.Connection, name: str) -> None:
    database.execute("DELETE FROM sessions WHERE name = ? COLLATE NOCASE", (name,))
    database.execute("DELETE FROM links WHERE name = ? COLLATE NOCASE", (name,))


def _refuse_unknown(name: str, found: int) -> None:
    if not found:
        raise UsageError(f"there is no user {name!r}; list them with: plumbline serve user list")


def _checked_name(name: str) -> str:
    try:
        _NAME.validate_python(name)
    except ValidationError:
        raise UsageError(f"{name!r} cannot be a user's name; use up to 64 letters, digits and . _ @ + -") from None
    if name.casefold() == LOCAL:
        raise UsageError(f"{LOCAL} is the name of whoever starts the server; choose another one")
    return name


def _checked_role(role: str) -> Role:
    roles: tuple[Role, ...] = get_args(Role)
    found = next((known for known in roles if known == role), None)
    if found is None:
        raise UsageError(f"there is no role {role!r}; the roles are {', '.join(roles)}")
    return found
