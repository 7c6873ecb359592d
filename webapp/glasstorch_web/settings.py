"""The service's settings: environment variables GLASSTORCH_*, or arguments of `glasstorch serve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from .places import lessons_folder, state_folder
from .sandbox.limits import SOURCE_BYTES


def hosts_by_default() -> frozenset[str]:
    """Under JupyterHub (so on Binder) the hub's proxy stands in front, under a name known only to it."""
    return frozenset({"*"}) if "JUPYTERHUB_SERVICE_PREFIX" in os.environ else frozenset()


class Settings(BaseSettings):
    """What one running service needs to know. Sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(env_prefix="GLASSTORCH_", frozen=True)

    state: Path = Field(default_factory=state_folder)
    lessons: Path = Field(default_factory=lessons_folder)
    workers: int = Field(default=2, ge=0, le=64)
    root_path: str = ""
    # Names under which pages may be asked for besides this machine's own; "*" is any.
    allowed_hosts: Annotated[frozenset[str], NoDecode] = Field(default_factory=hosts_by_default)
    queue_limit: int = Field(default=200, ge=1)
    lease: float = Field(default=15.0, gt=0)
    source_limit: int = Field(default=SOURCE_BYTES, ge=1)

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        return frozenset(value.replace(",", " ").lower().split()) if isinstance(value, str) else value

    @field_validator("lessons")
    @classmethod
    def _must_exist(cls, value: Path) -> Path:
        return lessons_folder(value)

    @field_validator("root_path")
    @classmethod
    def _one_leading_slash(cls, value: str) -> str:
        trimmed = value.strip("/")
        return f"/{trimmed}" if trimmed else ""

    @property
    def database(self) -> Path:
        return self.state / "grades.sqlite3"
