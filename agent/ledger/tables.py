"""Tables of the ledger. The migrations in ``migrations/versions`` make them; a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0003"
"""The migration this code works with."""

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("goal", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("parent", String(64)),
    Column("forked_at", BigInteger),
    Column("created_at", Double, nullable=False, index=True),
    Column("updated_at", Double, nullable=False),
    Column("active_seconds", Double, nullable=False, server_default="0"),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    Column("lease_owner", Text),
    Column("lease_expires_at", Double, nullable=False, server_default="0"),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("schema_version", Integer, nullable=False),
    Column("owner", String(200)),
    Column("title", Text, nullable=False, server_default=""),
    Column("outcome", String(16)),
    Index("runs_of_owners", "owner", "created_at"),
)

events = Table(
    "events",
    metadata,
    Column("run_id", String(64), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", Text),
    Column("phase", String(8), nullable=False),
    Column("payload", Text, nullable=False),
    UniqueConstraint("run_id", "key", "phase", name="one_event_per_key_and_phase"),
)

_COMMANDS = events.c.kind == "command"
# each process asks twice a second whether commands have come for its runs
Index("commands", events.c.run_id, events.c.seq, sqlite_where=_COMMANDS, postgresql_where=_COMMANDS)

run_tags = Table(
    "run_tags",
    metadata,
    Column("run_id", String(64), ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", String(64), primary_key=True, index=True),
)

# which run each key of a submission gave, so that the same submission sent twice is one run
submissions = Table(
    "submissions",
    metadata,
    Column("owner", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("run_id", String(64), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
)

shares = Table(
    "shares",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("run_id", String(64), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("made_by", String(200), nullable=False),
    Column("made_at", Double, nullable=False),
)

# names of runs stay here when the runs are gone
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False, index=True),
    Column("who", String(200), nullable=False),
    Column("what", String(64), nullable=False),
    Column("run_id", String(64), index=True),
    Column("detail", Text, nullable=False, server_default=""),
)

# contents lie in one store under their hashes, which tell nothing of whose they are
uploads = Table(
    "uploads",
    metadata,
    Column("who", String(200), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("expires_at", Double, nullable=False, index=True),
)


def column_text(text: str) -> str:
    """Return a text as a column takes it in every database: PostgreSQL stores no NUL, and nothing stores surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
