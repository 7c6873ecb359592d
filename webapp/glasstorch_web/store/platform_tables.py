"""The tables for a learning platform (LTI 1.3): our signing keys, log-ins under way, grades to send."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from .tables import Real, metadata

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("private_key", Text, nullable=False),  # PEM
    Column("created_at", Real, nullable=False),
    sqlite_strict=True,
)

# What the platform has to repeat, each once.
nonces = Table(
    "nonces",
    metadata,
    Column("nonce", Text, primary_key=True),
    Column("expires_at", Real, nullable=False),
    Index("nonces_expiry", "expires_at"),
    sqlite_strict=True,
)

# Columns of the platform's gradebook that somebody's points belong in.
platform_grades = Table(
    "platform_grades",
    metadata,
    Column("user", Text, ForeignKey("users.id"), primary_key=True),
    Column("line_item", Text, primary_key=True),  # its address
    Column("subject", Text, nullable=False),  # who the user is at the platform
    Column("target", Text, nullable=False),  # an exercise's id, a lesson's slug, or empty for the course
    Column("sent_score", Real),
    Column("sent_at", Real, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("try_at", Real, nullable=False, server_default=text("0")),
    sqlite_strict=True,
)
