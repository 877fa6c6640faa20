"""Runs and their events."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("goal", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("parent", sa.String(64)),
        sa.Column("forked_at", sa.BigInteger),
        sa.Column("created_at", sa.Double, nullable=False, index=True),
        sa.Column("updated_at", sa.Double, nullable=False),
        sa.Column("active_seconds", sa.Double, nullable=False, server_default="0"),
        sa.Column("last_seq", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("lease_owner", sa.Text),
        sa.Column("lease_expires_at", sa.Double, nullable=False, server_default="0"),
        sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("schema_version", sa.Integer, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.UniqueConstraint("run_id", "key", "phase", name="one_event_per_key_and_phase"),
    )
    commands = sa.text("kind = 'command'")
    op.create_index("commands", "events", ["run_id", "seq"], sqlite_where=commands, postgresql_where=commands)
