"""Secrets that are shown once, and what the store keeps of them."""

from __future__ import annotations

import hashlib
import secrets


def new_secret() -> str:
    """43 characters that nobody can guess and an address can hold."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, so a fast hash hides it as well as a slow one."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
