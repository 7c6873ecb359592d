"""Accounts: passwords, sessions, invitations, failed log-ins, and who somebody is elsewhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from glasstorch_web.store.tables import Real

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("users", sa.Column("section", sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("users", sa.Column("language", sa.Text))
    _one_account_an_email()
    op.create_table(
        "passwords",
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("changed_at", Real, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "sessions",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("browser", sa.Text, nullable=False),
        sa.Column("created_at", Real, nullable=False),
        sa.Column("seen_at", Real, nullable=False),
        sa.UniqueConstraint("id", name="sessions_id"),
        sqlite_strict=True,
    )
    op.create_index("sessions_user", "sessions", ["user"])
    op.create_index("sessions_seen", "sessions", ["seen_at"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id")),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("section", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("max_uses", sa.Integer, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", Real, nullable=False),
        sa.Column("expires_at", Real, nullable=False),
        sa.Column("revoked_at", Real),
        sa.UniqueConstraint("sha256", name="invitations_sha256"),
        sa.CheckConstraint(
            "role IN ('learner', 'assistant', 'instructor', 'admin')", name="invitations_role"
        ),
        sa.CheckConstraint("uses <= max_uses", name="invitations_uses"),
        sqlite_strict=True,
    )
    op.create_index("invitations_made", "invitations", ["created_at"])
    op.create_table(
        "attempts",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", Real, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("attempts_since", "attempts", ["since"])
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("created_at", Real, nullable=False),
        sqlite_strict=True,
    )
    op.create_index("identities_user", "identities", ["user"])


def _one_account_an_email() -> None:
    """Emails become comparable; of several accounts with the same one, the earliest keeps it."""
    users = sa.table("users", sa.column("id"), sa.column("email"), sa.column("created_at"))
    query = sa.select(users.c.id, users.c.email).where(users.c.email.is_not(None))
    db = op.get_bind()
    taken: set[str] = set()
    for user, email in db.execute(query.order_by(users.c.created_at, users.c.id)).all():
        folded = email.strip().casefold()
        kept = folded if folded and folded not in taken else None
        taken.add(folded)
        if kept != email:
            db.execute(sa.update(users).where(users.c.id == user).values(email=kept))
    op.create_index("users_email", "users", ["email"], unique=True)
