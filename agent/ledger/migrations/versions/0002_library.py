"""How runs are filed: whose they are, titles, tags, links that show them, submissions, and who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("runs", sa.Column("owner", sa.String(200)))
    op.add_column("runs", sa.Column("title", sa.Text, nullable=False, server_default=""))
    op.add_column("runs", sa.Column("outcome", sa.String(16)))
    # a run that has ended told its outcome as its reason
    op.execute(
        "UPDATE runs SET outcome = reason WHERE status IN ('finished', 'failed') "
        "AND reason IN ('verified', 'unverified', 'failed', 'budget_exhausted', 'cancelled')"
    )
    op.create_index("runs_of_owners", "runs", ["owner", "created_at"])
    op.create_table(
        "run_tags",
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tag", sa.String(64), primary_key=True, index=True),
    )
    op.create_table(
        "submissions",
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    )
    op.create_table(
        "shares",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("run_id", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("made_by", sa.String(200), nullable=False),
        sa.Column("made_at", sa.Double, nullable=False),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Double, nullable=False, index=True),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), index=True),
        sa.Column("detail", sa.Text, nullable=False, server_default=""),
    )
