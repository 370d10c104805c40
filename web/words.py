"""The languages of the pages: translations, refusals in words, and what templates may call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, request, url_for
from flask_babel import Babel, Domain, get_locale, ngettext
from flask_babel import gettext as _

from engine.errors import PercorsoError, StepFailed, filled
from engine.findings import Finding, Phrase
from engine.troubles import Trouble
from web import auth, text
from web.door import door

FOLDER = Path(__file__).parent / "translations"


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel is untyped.
    """Reads the .po files themselves, so that no compiled copy can be out of date."""

    def __init__(self) -> None:
        super().__init__([str(FOLDER)])
        self.translations = {
            path.parent.parent.name: _read(path) for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))
        }

    def get_translations(self) -> NullTranslations:
        return self.translations.get(str(get_locale()), NullTranslations())


def install(app: Flask) -> None:
    """Set the languages up and give templates their functions."""
    babel = Babel(app, locale_selector=auth.language)
    babel.domain_instance = Catalogues()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_for_templates)


def explain(error: PercorsoError) -> dict[str, str | None]:
    """`{"message", "remedy"}` in the reader's language; names go in after translating."""
    remedy = error.remedy_template
    if isinstance(error, StepFailed):
        reason = _filled(error.reason_template, error.details)
        return {
            "message": _(error.template).format(name=error.element_name, reason=reason),
            "remedy": _filled(remedy, error.details) if remedy else None,
        }
    return {
        "message": _(error.template).format(**error.params),
        "remedy": _(remedy).format(**error.params) if remedy else None,
    }


def trouble(one: Trouble) -> dict[str, str]:
    """Why something does not go on, and what helps, in the reader's language."""
    return {
        "reason": _sentence(_filled(one.template, one.details)),
        "remedy": _filled(one.remedy, one.details) if one.remedy else "",
    }


def _filled(template: str, details: Mapping[str, Any]) -> str:
    """A template translated, with its details, which never pass through a catalogue."""
    return filled(str(_(template)), details)


def _sentence(text: str) -> str:
    ended = text.endswith((".", "!", "?", "…"))
    return text[:1].upper() + text[1:] + ("" if ended else ".")


def finding(found: Finding) -> dict[str, str | None]:
    """The same for a finding of a check."""
    remedy = found.remedy_template
    params = {key: _phrase(value) for key, value in found.params.items()}
    return {
        "message": _(found.template).format(**params),
        "remedy": _(remedy).format(**params) if remedy else None,
    }


def _phrase(value: object) -> object:
    """Words of ours inside a sentence, translated; anything else as it is."""
    if not isinstance(value, Phrase):
        return value
    return _(value.template).format(**{key: _phrase(one) for key, one in value.params.items()})


def length(iso: str) -> str:
    """`P2DT4H` in words: `2 days and 4 hours`; empty for what is no length of time."""
    said: dict[str, Callable[[int], str]] = {
        "year": lambda number: ngettext("%(num)s year", "%(num)s years", number),
        "month": lambda number: ngettext("%(num)s month", "%(num)s months", number),
        "week": lambda number: ngettext("%(num)s week", "%(num)s weeks", number),
        "day": lambda number: ngettext("%(num)s day", "%(num)s days", number),
        "hour": lambda number: ngettext("%(num)s hour", "%(num)s hours", number),
        "minute": lambda number: ngettext("%(num)s minute", "%(num)s minutes", number),
        "second": lambda number: ngettext("%(num)s second", "%(num)s seconds", number),
    }
    parts = [said[unit](number) for unit, number in text.length(iso).items()]
    return text.listed(parts, str(get_locale())) if parts else ""


def title(status: int) -> str:
    """What an error page is headed with."""
    titles: dict[int, str] = {
        403: _("Not for you"),
        404: _("Not found"),
        409: _("Not any more"),
        413: _("Too large"),
        422: _("Not possible this way"),
        500: _("Something went wrong"),
    }
    return titles.get(status) or str(_("That did not work"))


def role(key: str | None) -> str:
    """A role's label in the reader's language; an unknown one is shown by its key."""
    known = door().settings.roles.get(key or "")
    return known.label(str(get_locale())) if known else key or ""


def http(status: int) -> tuple[str, str]:
    """Message and remedy for a refusal of the web server itself."""
    return {
        404: (_("There is no such page."), _("Check the address, or start from your tasks.")),
        405: (_("This address is not meant to be opened like that."), _("Start from your tasks.")),
        413: (_("What you sent is larger than %(size)s MB.", size=_most_megabytes()), _("Send less.")),
    }.get(status, (_("The request could not be understood."), _("Go back and try again.")))


def _most_megabytes() -> int:
    """How much this page takes at a time."""
    return (request.max_content_length or 0) // (1024 * 1024)


def _read(path: Path) -> Translations:
    with path.open("rb") as file:
        catalogue = read_po(file)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def _for_templates() -> dict[str, Any]:
    here = door()
    language, zone, now = str(get_locale()), here.settings.timezone, here.clock()

    def here_again() -> str:
        """This page's address for coming back to it; a refused form's page is the form's, or its task's."""
        task_id = (request.view_args or {}).get("task_id")
        message_id = (request.view_args or {}).get("message_id")
        if request.endpoint in {"leads.create", "auth.change_password", "deploying.upload"}:
            return request.path
        draft_id = (request.view_args or {}).get("draft_id")
        if request.method != "GET" and draft_id is not None:
            return url_for("deploying.draft", draft_id=draft_id)
        if request.method != "GET" and task_id is not None:
            return url_for("inbox.task", task_id=task_id)
        if (
            request.method != "GET"
            and request.blueprint == "repairs"
            and "case_no" in (request.view_args or {})
        ):
            return url_for("repairs.case", **(request.view_args or {}))
        if request.method != "GET" and message_id is not None:
            return url_for("messages.message", message_id=message_id)
        if request.method != "GET":
            return url_for("inbox.index")
        return request.full_path if request.query_string else request.path

    def repairs() -> bool:
        person = auth.someone()
        return person is not None and bool(person.roles & auth.REPAIR_ROLES)

    def sees_board() -> bool:
        person = auth.someone()
        return person is not None and bool(person.roles & auth.BOARD_ROLES)

    def sees_messages() -> bool:
        person = auth.someone()
        return person is not None and bool(person.roles & auth.MESSAGE_ROLES)

    def may_deploy() -> bool:
        person = auth.someone()
        return person is not None and bool(person.roles & auth.DEPLOY_ROLES)

    return {
        "language": language,
        "languages": text.LANGUAGES,
        "someone": auth.someone,
        "asset_tags": here.assets.tags,
        "icon": here.assets.icon,
        "initials": text.initials,
        "role": role,
        "here_again": here_again,
        "sees_board": sees_board,
        "repairs": repairs,
        "sees_messages": sees_messages,
        "may_deploy": may_deploy,
        "moment": lambda at: text.moment(at, language, zone),
        "clock": lambda at: text.clock(at, now, language, zone),
        "day": lambda at: text.day(at, language, zone),
        "ago": lambda at: text.ago(at, now, language),
        "due": lambda at: text.due(at, now, language, zone),
        "duration": lambda value: text.duration(value, language),
        "length_of": length,
        "money": lambda amount, currency=None: text.money(amount, currency, language),
        "percent": lambda share, digits=1: text.percent(share, language, digits),
        "number": lambda value: text.number(value, language),
    }
