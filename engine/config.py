"""Reads config.toml: every setting, its default and its check in one place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import isodate

from engine.errors import SetupError


@dataclass(frozen=True)
class Role:
    """A role that lanes are matched to: by its key, its label in any language, or an alias."""

    key: str
    labels: Mapping[str, str]
    aliases: tuple[str, ...] = ()

    def label(self, language: str) -> str:
        return self.labels.get(language) or self.labels.get("en") or self.key


@dataclass(frozen=True)
class Mail:
    """How mails leave; without a host they stay in the outbox and say so."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    sender: str = "percorso@localhost"
    max_attempts: int = 8


@dataclass(frozen=True)
class Settings:
    """All settings of an installation."""

    database: str = "sqlite:///percorso.db"
    synchronous: str = "NORMAL"
    zone: str = "Europe/Rome"
    language: str = "it"
    currency: str = "EUR"
    host: str = "127.0.0.1"
    port: int = 8000
    threads: int = 8
    secret: str = ""
    tick_seconds: int = 10
    step_budget: int = 1000
    message_days: int = 30
    retry_after: str = "PT1M PT5M PT30M PT2H PT12H P1D"
    sign_in_attempts: int = 8
    roles: Mapping[str, Role] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    mail: Mail = field(default_factory=Mail)
    file: str | None = None

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def retry_pauses(self) -> list[timedelta]:
        """After how long a failed step is tried again: the first, second, ... time."""
        return [isodate.parse_duration(text) for text in self.retry_after.split()]

    def role_of_lane(self, lane: str) -> str | None:
        """The role a lane's name stands for: a key, a label in any language, or an alias."""
        wanted = lane.strip().casefold()
        for role in self.roles.values():
            names = (role.key, *role.labels.values(), *role.aliases)
            if any(name.casefold() == wanted for name in names):
                return role.key
        return None


# Section and key in config.toml of every plain setting.
PLACES: Mapping[str, tuple[str, str]] = {
    "database": ("database", "url"),
    "synchronous": ("database", "synchronous"),
    "zone": ("company", "zone"),
    "language": ("company", "language"),
    "currency": ("company", "currency"),
    "host": ("server", "host"),
    "port": ("server", "port"),
    "threads": ("server", "threads"),
    "secret": ("server", "secret"),
    "sign_in_attempts": ("server", "sign_in_attempts"),
    "tick_seconds": ("worker", "tick_seconds"),
    "step_budget": ("engine", "step_budget"),
    "message_days": ("engine", "message_days"),
    "retry_after": ("engine", "retry_after"),
}


def load(path: Path | None = None, database: str | None = None) -> Settings:
    """The settings of a file (default: config.toml of the working folder, else the shipped one).

    Raises SetupError naming the file, the setting, the reason and the remedy.
    """
    file = path or _default()
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise _wrong(str(file), f"it cannot be read ({error.strerror})", "Check --config.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _wrong(str(file), f"it is not valid TOML ({error})", "Correct that line.") from None
    shipped = tomllib.loads(shipped_file().read_text(encoding="utf-8"))
    settings = _read(_merged(shipped, given), str(file))
    if database:
        settings = replace(settings, database=database)
    return settings


def shipped_file() -> Path:
    """config.toml as it comes with the product; it holds every default."""
    return Path(__file__).resolve().parent.parent / "config.toml"


def _default() -> Path:
    here = Path("config.toml")
    return here if here.is_file() else shipped_file()


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict) and key != "roles"
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _read(given: Mapping[str, Any], file: str) -> Settings:
    known = {section for section, _ in PLACES.values()} | {"roles", "parameters", "mail"}
    for section, content in given.items():
        if section not in known or not isinstance(content, dict):
            raise _wrong(f"{file} [{section}]", "there is no such section", "Remove it or check its name.")
    values: dict[str, Any] = {}
    defaults = Settings()
    for name, (section, key) in PLACES.items():
        if key in given.get(section, {}):
            values[name] = _typed(given[section][key], getattr(defaults, name), f"{file} [{section}] {key}")
    for section in {section for section, _ in PLACES.values()}:
        for key in given.get(section, {}):
            if (section, key) not in PLACES.values():
                raise _wrong(f"{file} [{section}] {key}", "there is no such setting", "Check its name.")
    settings = Settings(
        **values,
        roles=_roles(given.get("roles", {}), file),
        parameters=_parameters(given.get("parameters", {}), file),
        mail=_mail(given.get("mail", {}), file),
        file=file,
    )
    try:
        ZoneInfo(settings.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise _wrong(
            f"{file} [company] zone", f"“{settings.zone}” is no time zone", "Use Europe/Rome."
        ) from None
    _check_pauses(settings.retry_after, f"{file} [engine] retry_after")
    return settings


def _check_pauses(text: str, where: str) -> None:
    for one in text.split():
        try:
            pause = isodate.parse_duration(one)
        except isodate.ISO8601Error:
            pause = None
        if not isinstance(pause, timedelta) or pause <= timedelta(0):
            raise _wrong(
                where, f"“{one}” is no pause between two tries", "Write durations such as PT1M PT30M P1D."
            )


def _typed(value: Any, default: Any, where: str) -> Any:
    if type(value) is not type(default):
        kinds = {str: "a text", int: "a whole number", bool: "true or false", float: "a number"}
        raise _wrong(where, f"it must be {kinds[type(default)]}", "Correct the value.")
    return value


def _roles(given: Mapping[str, Any], file: str) -> dict[str, Role]:
    roles = {}
    for key, content in given.items():
        if not isinstance(content, dict):
            raise _wrong(f"{file} [roles] {key}", "it must be a table", 'Write { it = "...", en = "..." }.')
        labels = {name: str(text) for name, text in content.items() if name != "aliases"}
        roles[key] = Role(key, labels, tuple(content.get("aliases", ())))
    return roles


def _parameters(given: Mapping[str, Any], file: str) -> dict[str, str]:
    for key, value in given.items():
        try:
            isodate.parse_duration(value)
        except (isodate.ISO8601Error, TypeError):
            raise _wrong(
                f"{file} [parameters] {key}", f"“{value}” is no ISO 8601 duration", "Write P2D or PT4H."
            ) from None
    return dict(given)


def _mail(given: Mapping[str, Any], file: str) -> Mail:
    defaults = Mail()
    for key, value in given.items():
        if not hasattr(defaults, key):
            raise _wrong(f"{file} [mail] {key}", "there is no such setting", "Check its name.")
        _typed(value, getattr(defaults, key), f"{file} [mail] {key}")
    return Mail(**given)


def _wrong(where: str, reason: str, remedy: str) -> SetupError:
    return SetupError(
        "settings_wrong", "{place}: {reason}.", where=where, remedy=remedy, place=where, reason=reason
    )
