"""Runs the migrations inside the transaction that `store/schema.py` holds open."""

from __future__ import annotations

from alembic import context
from glasstorch_web.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
