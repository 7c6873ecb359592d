"""The service's settings: options of `glasstorch serve`, environment variables GLASSTORCH_*, one TOML file.

The file is `glasstorch.toml` in the state folder, or what GLASSTORCH_CONFIG names; its keys are the fields of
`Settings`. Options win over the environment, the environment over the file, the file over the defaults.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from .places import lessons_folder, state_folder
from .sandbox.limits import SOURCE_BYTES

PREFIX = "GLASSTORCH_"
FILE = "glasstorch.toml"
RATE_AMONG_MANY = 10  # submissions a minute for one learner, unless the setting says otherwise

Level = Literal["L0", "L1", "L2", "L3", "L4"]


class SettingsError(ValueError):
    """A setting that cannot be; the message names where it stands and says what would do."""


def hosts_by_default() -> frozenset[str]:
    """Under JupyterHub (so on Binder) the hub's proxy stands in front, under a name known only to it."""
    return frozenset({"*"}) if "JUPYTERHUB_SERVICE_PREFIX" in os.environ else frozenset()


class Settings(BaseSettings):
    """What one running service needs to know. Sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, env_ignore_empty=True, extra="forbid", validate_default=True
    )

    state: Path = Field(default_factory=state_folder, description="the folder for grades, logs and this file")
    lessons: Path = Field(default_factory=lessons_folder, description="the folder of the lessons")
    database_url: str = Field(
        default="", description="where submissions are kept; empty: grades.sqlite3 in the state folder"
    )
    workers: int = Field(default=2, ge=0, le=64, description="processes that grade on this machine")
    lease: float = Field(default=15.0, gt=0, description="seconds until a silent worker's job is given on")
    root_path: str = Field(default="", description="the prefix under which a proxy shows the site")
    lab_url: str = Field(
        default="",
        description="where JupyterLab shows the folder of the lessons, as http://127.0.0.1:8888/lab/tree",
    )
    allowed_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default_factory=hosts_by_default,
        description='names under which pages may be asked for besides this machine\'s own; "*" is any',
    )
    source_limit: int = Field(default=SOURCE_BYTES, ge=1, description="bytes of code in one submission")
    queue_limit: int = Field(default=200, ge=1, description="submissions that may wait, of all learners")
    rate_per_minute: int | None = Field(
        default=None,
        ge=0,
        description=f"submissions a minute for one learner; 0: any; unset: {RATE_AMONG_MANY} with accounts, else 0",
    )
    pending_per_exercise: int = Field(
        default=2, ge=0, description="one learner's unfinished submissions to one exercise; 0: no limit"
    )
    multi_user: bool = Field(default=False, description="whether callers sign in with tokens")
    minimum_level: Level = Field(
        default="L2", description="the isolation level below which a service with accounts does not start"
    )
    accept_weak_isolation: bool = Field(
        default=False, description="start below minimum_level all the same, and say so everywhere"
    )
    course_name: str = Field(default="", max_length=80, description="what the pages call the course")
    public_url: str = Field(
        default="", description="the address by which people reach the site, https://... behind a proxy"
    )
    insecure_http: bool = Field(
        default=False, description="let a service with accounts run without https, on a private network"
    )
    trusted_proxies: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset({"127.0.0.1"}),
        description="addresses of the proxies that say in X-Forwarded-For who asks",
    )
    hub_url: str = Field(default="", description="JupyterHub's address, .../hub, to log in with its accounts")
    hub_api_url: str = Field(
        default="", description="the hub's API as this machine reaches it; empty: hub_url/api"
    )
    hub_client_id: str = Field(default="", description="the service's oauth_client_id at the hub")
    hub_client_secret: SecretStr | None = Field(default=None, description="its api_token at the hub")
    hub_emails: bool = Field(
        default=False, description="the hub's user names are email addresses that the hub has verified"
    )
    hub_name: str = Field(default="JupyterHub", description="what the login page calls the hub")
    lti_issuer: str = Field(
        default="", description="the learning platform (LTI 1.3) whose people may come in, by its issuer"
    )
    lti_client_id: str = Field(default="", description="this tool's client id at the platform")
    lti_deployments: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(), description="the deployment ids at the platform"
    )
    lti_login_url: str = Field(default="", description="the platform's authentication request address")
    lti_token_url: str = Field(default="", description="the platform's access token address")
    lti_keys_url: str = Field(default="", description="the platform's public keyset address")
    metrics_token: SecretStr | None = Field(
        default=None, description="the bearer token for /metrics; unset: only this machine may ask"
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="how the log is written: for people or for programs"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSource(settings_cls)

    @field_validator("allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            value = value.replace(",", " ").split()
        return (
            frozenset(str(name).lower() for name in value) if isinstance(value, (list, frozenset)) else value
        )

    @field_validator("lti_deployments", mode="before")
    @classmethod
    def _split_deployments(cls, value: object) -> object:
        return frozenset(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("lessons")
    @classmethod
    def _must_exist(cls, value: Path) -> Path:
        return lessons_folder(value)

    @field_validator("root_path")
    @classmethod
    def _one_leading_slash(cls, value: str) -> str:
        trimmed = value.strip("/")
        return f"/{trimmed}" if trimmed else ""

    @field_validator("public_url", "hub_url", "hub_api_url", "lti_login_url", "lti_token_url", "lti_keys_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        plain = not (parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain:
            raise ValueError("is no address such as https://course.example.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value:
            return value
        try:
            backend = make_url(value).get_backend_name()
        except ArgumentError:  # its own message would repeat the address, with the password in it
            raise ValueError("is no database address such as postgresql://user:password@host/name") from None
        if backend not in ("sqlite", "postgresql"):
            raise ValueError(f"names {backend}; submissions are kept in sqlite or postgresql")
        return value

    @field_validator("metrics_token")
    @classmethod
    def _hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("is too easy to guess; take at least 16 characters")
        return value

    @property
    def is_https(self) -> bool:
        """Whether people reach the site by https."""
        return self.public_url.startswith("https://")

    @property
    def has_hub(self) -> bool:
        """Whether people may log in with a JupyterHub's accounts."""
        return self.multi_user and bool(self.hub_url)

    @property
    def has_platform(self) -> bool:
        """Whether people may come in from a learning platform."""
        return self.multi_user and bool(self.lti_issuer)

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which pages may be asked for besides this machine's own."""
        public = urlsplit(self.public_url).hostname
        return self.allowed_hosts | {public} if public else self.allowed_hosts

    @property
    def database(self) -> str | Path:
        """The store: the address in `database_url`, else the file in the state folder."""
        return self.database_url or self.state / "grades.sqlite3"

    @property
    def rate(self) -> int:
        """Submissions a minute for one learner; 0: no limit."""
        if self.rate_per_minute is not None:
            return self.rate_per_minute
        return RATE_AMONG_MANY if self.multi_user else 0


class FileSource(PydanticBaseSettingsSource):
    """The keys of the settings file that no option and no environment variable names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        raise NotImplementedError("read as a whole, by __call__")

    def __call__(self) -> dict[str, Any]:
        return read_file(settings_file(self.current_state))


def settings_file(given: Mapping[str, Any]) -> Path:
    """Where the settings file lies, for what options and the environment say; it need not exist."""
    named = os.environ.get(f"{PREFIX}CONFIG")
    return Path(named) if named else Path(given.get("state") or state_folder()) / FILE


def read_file(path: Path) -> dict[str, Any]:
    """The file's keys and values; none when there is no file and none was asked for.

    Raises:
        SettingsError: it cannot be read, or holds a key that is no setting.
    """
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        if os.environ.get(f"{PREFIX}CONFIG"):
            raise SettingsError(f"{PREFIX}CONFIG names {path}, and there is no such file.") from None
        return {}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from None
    for key in values:
        if key == "state":
            raise SettingsError(f"{path}: state cannot be set in this file, which is looked for there.")
        if key not in Settings.model_fields:
            raise SettingsError(f"{path}: there is no setting {key!r}.{_near(key)}")
    return values


def load(**options: Any) -> Settings:
    """The settings in force; `options` are those of the command line.

    Raises:
        SettingsError: the message names the option, the variable or the file and key.
        NoLessons: there is no lessons folder.
    """
    _refuse_misspelt_variables()
    try:
        return Settings(**options)
    except ValidationError as error:
        faults = []
        for fault in error.errors(include_input=False, include_url=False):
            key = str(fault["loc"][0])
            message = fault["msg"].removeprefix("Value error, ")
            faults.append(f"{_origin(key, options)}: {message[0].lower()}{message[1:]}")
        raise SettingsError("; ".join(faults)) from None


def origin(key: str, options: Mapping[str, Any]) -> str:
    """Where a setting's value comes from, in words."""
    return _origin(key, options) if _is_given(key, options) else "default"


def _is_given(key: str, options: Mapping[str, Any]) -> bool:
    variable = os.environ.get(f"{PREFIX}{key.upper()}")
    return key in options or bool(variable) or key in read_file(settings_file(_with_state(options)))


def _origin(key: str, options: Mapping[str, Any]) -> str:
    if key in options:
        return f"--{key.replace('_', '-')}"
    if os.environ.get(f"{PREFIX}{key.upper()}"):
        return f"{PREFIX}{key.upper()}"
    return f"{settings_file(_with_state(options))}: {key}"


def _with_state(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"state": options.get("state") or os.environ.get(f"{PREFIX}STATE")}


def _refuse_misspelt_variables() -> None:
    """A misspelt variable would be a protection that is believed to be on. Other programs' names pass."""
    known = {key.upper() for key in Settings.model_fields} | {"CONFIG"}
    for variable in os.environ:
        name = variable.removeprefix(PREFIX)
        if name != variable and name not in known:
            near = difflib.get_close_matches(name, known, 1, cutoff=0.8)
            if near:
                raise SettingsError(f"{variable} is no setting. Did you mean {PREFIX}{near[0]}?")


def _near(key: str) -> str:
    near = difflib.get_close_matches(key, Settings.model_fields, 1)
    return (
        f" Did you mean {near[0]!r}?" if near else " The settings: " + ", ".join(Settings.model_fields) + "."
    )


def effective(settings: Settings, options: Mapping[str, Any]) -> list[str]:
    """Each setting with its value and where that comes from, secrets hidden, one a line."""
    lines = []
    for key in Settings.model_fields:
        value = getattr(settings, key)
        if key == "database_url":
            value = make_url(value).render_as_string(hide_password=True) if value else settings.database
        elif isinstance(value, frozenset):
            value = " ".join(sorted(value))
        elif key == "rate_per_minute":
            value = settings.rate
        elif isinstance(value, SecretStr):
            value = "(hidden)"
        lines.append(f"{key} = {'' if value is None else value}  ({origin(key, options)})")
    return lines
