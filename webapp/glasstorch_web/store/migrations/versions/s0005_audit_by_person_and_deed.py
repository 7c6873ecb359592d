"""The record of changes is looked through by person and by deed."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("audit_who", "audit", ["who", "number"])
    op.create_index("audit_what", "audit", ["what", "number"])
