"""A learning platform: our signing keys, log-ins under way, and grades to send."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from glasstorch_web.store.tables import Real

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", sa.Text, primary_key=True),
        sa.Column("private_key", sa.Text, nullable=False),
        sa.Column("created_at", Real, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "nonces",
        sa.Column("nonce", sa.Text, primary_key=True),
        sa.Column("expires_at", Real, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("nonces_expiry", "nonces", ["expires_at"])
    op.create_table(
        "platform_grades",
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("line_item", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("sent_score", Real),
        sa.Column("sent_at", Real, nullable=False, server_default=sa.text("0")),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("try_at", Real, nullable=False, server_default=sa.text("0")),
        sqlite_strict=True,
    )
